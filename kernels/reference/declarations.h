/* Declarations of the plain layers, once for each ICL_REAL; no include guard on purpose. The contracts stand in
 * kernels/layers_template.h. */

/* ---- stage: stage_body.h ---- */

void ICL_TYPED(icl_stage_sums)(const struct icl_stage *stage, const struct ICL_TYPED(icl_stage_data) * data,
                               double *sum, double *square);
void ICL_TYPED(icl_stage_forward)(const struct icl_stage *stage, const struct ICL_TYPED(icl_stage_data) * data);
void ICL_TYPED(icl_stage_backward_sums)(const struct icl_stage *stage, const struct ICL_TYPED(icl_stage_data) * data,
                                        double *sum, double *product);
void ICL_TYPED(icl_stage_backward)(const struct icl_stage *stage, const struct ICL_TYPED(icl_stage_data) * data);
void ICL_TYPED(icl_summarise)(const struct icl_nonlinearity *act, const ICL_REAL *x, size_t count, double low,
                              double high, size_t bins, double near_low, double near_high, double *sum, double *square,
                              uint64_t *histogram, uint64_t *near);

/* ---- convolution: conv_body.h ---- */

void ICL_TYPED(icl_conv_forward)(const struct icl_conv_shape *shape, size_t images, const ICL_REAL *x,
                                 const ICL_REAL *weights, const ICL_REAL *bias, ICL_REAL *y);
void ICL_TYPED(icl_conv_backward_data)(const struct icl_conv_shape *shape, size_t images, const ICL_REAL *dy,
                                       const ICL_REAL *weights, ICL_REAL *dx);
void ICL_TYPED(icl_conv_backward_weights)(const struct icl_conv_shape *shape, size_t images, const ICL_REAL *x,
                                          const ICL_REAL *dy, ICL_REAL *dweights, ICL_REAL *dbias);

/* ---- pooling and addition: pool_body.h ---- */

void ICL_TYPED(icl_max_pool_forward)(const struct icl_pool_shape *shape, size_t images, const ICL_REAL *x, ICL_REAL *y,
                                     uint8_t *where);
void ICL_TYPED(icl_max_pool_backward)(const struct icl_pool_shape *shape, size_t images, const ICL_REAL *dy,
                                      const uint8_t *where, ICL_REAL *dx);
void ICL_TYPED(icl_average_pool_forward)(const struct icl_pool_shape *shape, size_t images, const ICL_REAL *x,
                                         ICL_REAL *y);
void ICL_TYPED(icl_average_pool_backward)(const struct icl_pool_shape *shape, size_t images, const ICL_REAL *dy,
                                          ICL_REAL *dx);
void ICL_TYPED(icl_add)(const ICL_REAL *a, const ICL_REAL *b, size_t count, ICL_REAL *y);

/* ---- loss: loss_body.h ---- */

void ICL_TYPED(icl_cross_entropy)(const ICL_REAL *logits, const uint32_t *labels, size_t samples, size_t classes,
                                  double smoothing, double weight, ICL_REAL *dlogits, double *loss, size_t *correct);

/* ---- optimisers: optimiser_body.h ---- */

void ICL_TYPED(icl_sgd)(const struct ICL_TYPED(icl_update) * update, const ICL_REAL *gradient, size_t count,
                        ICL_REAL *velocity, ICL_REAL *w);
void ICL_TYPED(icl_adam)(const struct ICL_TYPED(icl_update) * update, const ICL_REAL *gradient, size_t count,
                         ICL_REAL *m, ICL_REAL *v, ICL_REAL *w);
