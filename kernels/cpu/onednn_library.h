/* oneDNN as loaded at run time: 40 MB that only convolutions need. Not part of the interface. */
#ifndef ICLAB_KERNELS_CPU_ONEDNN_LIBRARY_H
#define ICLAB_KERNELS_CPU_ONEDNN_LIBRARY_H

#include <oneapi/dnnl/dnnl.h>

#if DNNL_VERSION_MAJOR == 2

#define ICL_ONEDNN_FUNCTIONS(X)                                                                                        \
    X(version)                                                                                                         \
    X(set_max_cpu_isa)                                                                                                 \
    X(engine_create)                                                                                                   \
    X(engine_destroy)                                                                                                  \
    X(stream_create)                                                                                                   \
    X(stream_wait)                                                                                                     \
    X(stream_destroy)                                                                                                  \
    X(memory_desc_init_by_tag)                                                                                         \
    X(memory_desc_get_size)                                                                                            \
    X(memory_create)                                                                                                   \
    X(memory_set_data_handle)                                                                                          \
    X(memory_destroy)                                                                                                  \
    X(convolution_forward_desc_init)                                                                                   \
    X(convolution_backward_data_desc_init)                                                                             \
    X(convolution_backward_weights_desc_init)                                                                          \
    X(reorder_primitive_desc_create)                                                                                   \
    X(primitive_attr_create)                                                                                           \
    X(primitive_attr_set_scratchpad_mode)                                                                              \
    X(primitive_attr_destroy)                                                                                          \
    X(primitive_desc_iterator_create)                                                                                  \
    X(primitive_desc_iterator_next)                                                                                    \
    X(primitive_desc_iterator_fetch)                                                                                   \
    X(primitive_desc_iterator_destroy)                                                                                 \
    X(primitive_desc_query)                                                                                            \
    X(primitive_desc_query_md)                                                                                         \
    X(primitive_desc_destroy)                                                                                          \
    X(primitive_create)                                                                                                \
    X(primitive_execute)                                                                                               \
    X(primitive_destroy)

/* The functions, without their dnnl_. */
struct icl_onednn {
#define ICL_ONEDNN_MEMBER(name) __typeof__(dnnl_##name) *name;
    ICL_ONEDNN_FUNCTIONS(ICL_ONEDNN_MEMBER)
#undef ICL_ONEDNN_MEMBER
    dnnl_engine_t engine;
    char text[32];                          /* "onednn 2.6.3" */
    int (*omp_get_max_threads)(void);       /* NULL where the library has no threads */
    void (*omp_set_num_threads)(int count); /* of the calling thread */
};

/* The library, loaded by the first call, thread-safe; NULL where it cannot be used. ICLAB_KERNELS limits its
 * instruction sets as it does ours. */
const struct icl_onednn *icl_onednn(void);

/* oneDNN's work on this thread between these two calls is done by this thread alone. */
static inline int icl_onednn_enter(const struct icl_onednn *dnn)
{
    const int threads = dnn->omp_get_max_threads == NULL ? 1 : dnn->omp_get_max_threads();
    if (threads != 1) dnn->omp_set_num_threads(1);
    return threads;
}

static inline void icl_onednn_leave(const struct icl_onednn *dnn, int threads)
{
    if (threads != 1) dnn->omp_set_num_threads(threads);
}

#endif

#endif
