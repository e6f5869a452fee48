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
