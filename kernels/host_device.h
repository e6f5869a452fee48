/* Functions that run on the host and on a device: plain arithmetic, in C and in C++. */
#ifndef ICLAB_KERNELS_HOST_DEVICE_H
#define ICLAB_KERNELS_HOST_DEVICE_H

#ifdef __CUDACC__
#define ICL_HD static __forceinline__ __host__ __device__
#else
#define ICL_HD static inline
#endif

#endif
