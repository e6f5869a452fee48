/* Estimators on a device: all pairs of columns from one upload. Counts are whole numbers and the same as the
 * processor's; sums of digammas differ by rounding alone. */
#ifndef ICLAB_KERNELS_DEVICE_PAIRS_H
#define ICLAB_KERNELS_DEVICE_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "kernels/random.h"

#ifdef __cplusplus
extern "C" {
#endif

struct icl_device;

/* A pair of columns; column y is read through permutation `permutation` of the list, or as it is. */
enum { ICL_DEVICE_AS_IT_IS = -1 };
struct icl_device_pair {
    uint32_t x, y;
    int32_t permutation;
};

/* Every function puts its work into the device's queue (kernels/device.h) and fails there. */
struct icl_device_pairs {
    /* correlation (cols x cols) of `values` (cols columns of rows numbers, one behind the other), as icl_correlation of
     * kernels/kernels.h; `centred` is room for as many. */
    void (*correlation)(struct icl_device *device, const double *values, size_t rows, size_t cols, double *centred,
                        double *correlation);

    /* permutation m of out (count x n): icl_block_permutation of the stream with step first + m. */
    void (*permutations)(struct icl_device *device, const struct icl_stream *stream, uint32_t first, size_t count,
                         size_t n, size_t block, uint32_t *out);
};

#ifdef __cplusplus
}
#endif

#endif
