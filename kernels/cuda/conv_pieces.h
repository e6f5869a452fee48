/* Pieces of convolutions that are kernels of our own: windows as rows of a matrix, biases, sums over rows. A matrix of
 * activations is (rows x channels), one row a position of an image. */
#ifndef ICLAB_KERNELS_CUDA_CONV_PIECES_H
#define ICLAB_KERNELS_CUDA_CONV_PIECES_H

#include "kernels/cuda/cuda_internal.h"

/* columns (images * out_height * out_width x window * window * in) in `storage`: every window of x as a row, zeros
 * where it lies outside the image. Both arrays have less than 2^31 numbers. */
void cuda_conv_gather(cuda_device *device, const icl_conv_shape *shape, std::size_t images, icl_storage storage,
                      const void *x, void *columns);

/* The way back: every number of dx, in `storage`, is the sum of those of `columns` that were copied from it (float32,
 * in the order of the window), and of what stood there if `add`. */
void cuda_conv_scatter(cuda_device *device, const icl_conv_shape *shape, std::size_t images, icl_storage storage,
                       const float *columns, void *dx, bool add);

/* y (rows x channels) += bias, in float32. */
void cuda_add_bias(cuda_device *device, icl_storage storage, const float *bias, std::size_t rows, std::size_t channels,
                   void *y);

/* sums[c] = the sum of column c over all rows, in double and in an order that depends on the sizes alone. `room` is
 * cuda_row_sums_room bytes of device memory. */
std::size_t cuda_row_sums_room(std::size_t rows, std::size_t channels);
void cuda_row_sums(cuda_device *device, icl_storage storage, const void *matrix, std::size_t rows, std::size_t channels,
                   void *room, float *sums);

#endif
