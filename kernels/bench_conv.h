/* What convolutions alone cost in a step of training: no network with them can be faster. */
#ifndef ICLAB_KERNELS_BENCH_CONV_H
#define ICLAB_KERNELS_BENCH_CONV_H

#include <stddef.h>

#include "core/status.h"
#include "kernels/conv.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Seconds of one step, of several steps the median and the least, and the multiplications and additions in it, those
 * with the padding counted. */
struct icl_bench_conv_times {
    double median, least, operations;
};

/* Times forward, backward to the input and backward to the weights of convolutions of shapes[0 .. count-1], the first
 * without the way back to its input, for a batch of `images` in tiles of `tile` images that `threads` threads (0: all
 * processors) take in turn. No thread waits for another within a step. Weights are packed and their gradients unpacked
 * once a step, by one thread. `repetitions` (1 or more) steps after one that is not counted. Memory: the inputs of all
 * shapes, `images` each. */
icl_status icl_bench_conv(const struct icl_conv_kernels *kernels, const struct icl_conv_shape *shapes, size_t count,
                          size_t images, size_t tile, unsigned threads, unsigned repetitions,
                          struct icl_bench_conv_times *times, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
