/* Softmax cross-entropy, once for each ICL_REAL; no include guard on purpose. Everything in double behind the logits.
 */

void ICL_TYPED(icl_cross_entropy)(const ICL_REAL *logits, const uint32_t *labels, size_t samples, size_t classes,
                                  double smoothing, double weight, ICL_REAL *dlogits, double *loss, size_t *correct)
{
    const double others = smoothing / (double)classes;
    for (size_t n = 0; n < samples; n++, logits += classes) {
        const size_t label = labels[n];
        size_t largest = 0;
        bool ordered = true;
        for (size_t k = 0; k < classes; k++) {
            if (logits[k] > logits[largest]) largest = k;
            ordered &= logits[k] == logits[k];
        }
        if (ordered && largest == label) *correct += 1;

        /* Relative to the largest, so that nothing overflows and huge logits cancel before they are summed. */
        const double top = (double)logits[largest];
        double sum = 0.0, mean = 0.0;
        for (size_t k = 0; k < classes; k++)
            sum += exp((double)logits[k] - top);
        double expected = (1.0 - smoothing) * ((double)logits[label] - top);
        if (smoothing != 0.0) { /* a class of probability 0 counts only where it has a share of the target */
            for (size_t k = 0; k < classes; k++)
                mean += (double)logits[k] - top;
            expected += others * mean;
        }
        *loss += log(sum) - expected;

        if (dlogits == NULL) continue;
        for (size_t k = 0; k < classes; k++) {
            const double target = (k == label ? 1.0 - smoothing : 0.0) + others;
            *dlogits++ = (ICL_REAL)((exp((double)logits[k] - top) / sum - target) * weight);
        }
    }
}
