/* The files that fill the part of struct icl_device_layers that belongs to networks as wholes. */
#ifndef ICLAB_KERNELS_CUDA_NETWORK_H
#define ICLAB_KERNELS_CUDA_NETWORK_H

#include "kernels/cuda/cuda_internal.h"

void cuda_table_step(icl_device_layers *layers);     /* step.cu */
void cuda_table_pool(icl_device_layers *layers);     /* pool.cu */
void cuda_table_add(icl_device_layers *layers);      /* add.cu */
void cuda_table_loss(icl_device_layers *layers);     /* loss.cu */
void cuda_table_optimise(icl_device_layers *layers); /* optimise.cu */
void cuda_table_batch(icl_device_layers *layers);    /* batch.cu */
void cuda_table_summary(icl_device_layers *layers);  /* summary.cu */

#endif
