/* Internal to the laws: the finite tables and the truths that the registry in laws.c points to. */
#ifndef ICLAB_EXPERIMENTS_LAWS_TRUTH_H
#define ICLAB_EXPERIMENTS_LAWS_TRUTH_H

#include "experiments/laws.h"

enum { ICL_STUDENT_NU = 5, ICL_FINITE_MAX = 4 };

/* Where the two humps of `bimodal` stand: at -ICL_BIMODAL_SHIFT and +ICL_BIMODAL_SHIFT. */
#define ICL_BIMODAL_SHIFT 1.5

/* relu's exact mean 1/sqrt(2 pi) and sd sqrt(1/2 - 1/(2 pi)): what relubn is standardised by. */
#define ICL_RELU_MEAN 0.39894228040143267794
#define ICL_RELU_SD   0.58381937010354894870

/* A law on value[0..size-1]^2 with P(value[i], value[j]) = percent[i][j] / 100. */
struct icl_finite_law {
    size_t size;
    double value[ICL_FINITE_MAX];
    unsigned percent[ICL_FINITE_MAX][ICL_FINITE_MAX];
};

/* The table of `law`, which must be a discrete one. */
const struct icl_finite_law *icl_finite_law_of(const struct icl_law *law);

/* The entropy in nats of the d-dimensional Student t of nu > 0 degrees of freedom with identity dispersion
 * (Kotz & Nadarajah 2004, section 1.5). */
double icl_student_vector_entropy(double nu, double d);

typedef icl_status icl_law_value(const struct icl_law *law, double *value, struct icl_error *err);
typedef icl_status icl_law_mi_after(const struct icl_law *law, enum icl_gate gate, double keep, double *mi,
                                    struct icl_error *err);
typedef icl_status icl_law_entropy_after(const struct icl_law *law, double keep, double *entropy,
                                         struct icl_error *err);

icl_law_value icl_gauss_mi, icl_gauss_entropy;
icl_law_value icl_student_mi, icl_student_entropy;
icl_law_value icl_bimodal_mi, icl_bimodal_entropy;
icl_law_value icl_finite_mi, icl_finite_entropy;
icl_law_value icl_relu_mi, icl_relu_entropy, icl_relubn_entropy;

/* For laws without an atom at zero: the theory of c01, c06 and c03. */
icl_law_mi_after icl_atomless_mi_after;
icl_law_entropy_after icl_atomless_entropy_after;

icl_law_mi_after icl_finite_mi_after, icl_relu_mi_after;
icl_law_entropy_after icl_finite_entropy_after, icl_relu_entropy_after;

#endif
