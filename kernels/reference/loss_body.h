/* Softmax cross-entropy, once for each ICL_REAL; no include guard on purpose. Everything in double behind the logits.
 */
#include "kernels/shared/loss.h"

void ICL_TYPED(icl_cross_entropy)(const ICL_REAL *logits, const uint32_t *labels, size_t samples, size_t classes,
                                  double smoothing, double weight, ICL_REAL *dlogits, double *loss, size_t *correct)
{
    for (size_t n = 0; n < samples; n++, logits += classes) {
        const size_t label = labels[n];
        size_t largest = 0;
        bool ordered = true;
        for (size_t k = 0; k < classes; k++) {
            if (logits[k] > logits[largest]) largest = k;
            ordered &= logits[k] == logits[k];
        }
        if (ordered && largest == label) *correct += 1;

        const double top = (double)logits[largest];
        double sum = 0.0, offsets = 0.0;
        for (size_t k = 0; k < classes; k++) {
            sum += exp((double)logits[k] - top);
            offsets += (double)logits[k] - top;
        }
        *loss += icl_loss_of_sample(sum, (double)logits[label] - top, offsets, smoothing, classes);

        if (dlogits == NULL) continue;
        for (size_t k = 0; k < classes; k++)
            *dlogits++ =
                (ICL_REAL)icl_loss_gradient(exp((double)logits[k] - top), sum, k == label, smoothing, classes, weight);
    }
}
