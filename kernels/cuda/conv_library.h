/* Convolutions as a library does them (cuDNN, or the plain loops where the processor plays the device): only what
 * differs between the two. Choosing the way, biases, sums over rows and conversions are of conv.cu. */
#ifndef ICLAB_KERNELS_CUDA_CONV_LIBRARY_H
#define ICLAB_KERNELS_CUDA_CONV_LIBRARY_H

#include "kernels/cuda/cuda_internal.h"

enum cuda_conv_way { CUDA_CONV_FORWARD, CUDA_CONV_DATA, CUDA_CONV_WEIGHTS, CUDA_CONV_WAYS };

/* Most scratch that a library may ask for, bytes. */
constexpr std::size_t cuda_conv_most_scratch = std::size_t{256} << 20;

struct cuda_conv_library;

/* Plans the ways with wanted[way]. *library stays NULL, with ICL_OK, where there is no library; can[way]: the library
 * does that way and needs scratch[way] bytes. Nothing is tried or timed, so that the same choice is made each time.
 * Owned: cuda_conv_library_release (NULL is allowed). */
icl_status cuda_conv_library_plan(cuda_device *device, const icl_device_conv_form *form,
                                  const bool wanted[CUDA_CONV_WAYS], cuda_conv_library **library,
                                  bool can[CUDA_CONV_WAYS], std::size_t scratch[CUDA_CONV_WAYS], icl_error *err);
void cuda_conv_library_release(cuda_conv_library *library);

/* FORWARD: result y from x and weights; DATA: dx from dy and weights; WEIGHTS: dweights from x and dy, in the storage
 * of the form. add: to what is there (DATA only). false: the library turns out not to do it, and nothing was done;
 * every other failure is noted in the device. */
bool cuda_conv_library_run(cuda_device *device, const cuda_conv_library *library, enum cuda_conv_way way,
                           const void *first, const void *second, void *result, bool add, void *scratch);

#endif
