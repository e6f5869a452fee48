/* Softmax cross-entropy with label smoothing s: the target of class k is (1 - s) [k = label] + s / classes. Logits are
 * taken relative to the largest, so that nothing overflows and huge ones cancel before they are summed. */
#ifndef ICLAB_KERNELS_SHARED_LOSS_H
#define ICLAB_KERNELS_SHARED_LOSS_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "kernels/host_device.h"

/* Of a sample in nats: `sum` that of exp(logit - largest), `label` the label's logit - largest, `offsets` the sum of
 * logit - largest. A class of probability 0 counts only where it has a share of the target. */
ICL_HD double icl_loss_of_sample(double sum, double label, double offsets, double smoothing, size_t classes)
{
    double expected = (1.0 - smoothing) * label;
    if (smoothing != 0.0) expected += smoothing / (double)classes * offsets;
    return log(sum) - expected;
}

/* The gradient of a logit, `exponential` = exp(logit - largest). */
ICL_HD double icl_loss_gradient(double exponential, double sum, bool is_label, double smoothing, size_t classes,
                                double weight)
{
    const double target = (is_label ? 1.0 - smoothing : 0.0) + smoothing / (double)classes;
    return (exponential / sum - target) * weight;
}

#endif
