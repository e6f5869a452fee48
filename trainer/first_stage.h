/* The first stage of the thread's network: conv 5x5, stride 2, padding 2, no bias, Kaiming weights, then ReLU. */
#ifndef ICLAB_TRAINER_FIRST_STAGE_H
#define ICLAB_TRAINER_FIRST_STAGE_H

#include "core/status.h"
#include "trainer/images.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { ICL_FIRST_STAGE_KERNEL = 5, ICL_FIRST_STAGE_STRIDE = 2, ICL_FIRST_STAGE_CHANNELS = 8 };

/* Output activations as float32 NHWC: samples x height x width x channels, channel fastest. */
struct icl_activation {
    size_t samples, height, width, channels;
    float *data;
};

/* Normalises pixels by the mean and sd of all of `images` (value/255 scale), convolves with weights drawn from N(0, 2 /
 * fan_in) (He et al. 2015; stream purpose WEIGHT, layer 0, step 0, key `seed`), applies ReLU. Samples are shared among
 * `threads` (0: all processors); the bytes do not depend on it. The weight of kernel row ky, column kx and channel
 * c is element (ky * 5 + kx) * 8 + c of that stream; padding stands for pixels of the mean. Pixels that are all equal,
 * or none: ICL_ERR_INPUT. `out` is owned by the caller, untouched on failure. Work: samples * 14 * 14 * 8 * 25
 * multiply-adds for 28x28 images. */
icl_status icl_first_stage_forward(const struct icl_images *images, uint64_t seed, unsigned threads,
                                   struct icl_activation *out, struct icl_error *err);
void icl_activation_free(struct icl_activation *activation);

#ifdef __cplusplus
}
#endif

#endif
