/* Mutual information brought to a scale from 0 to 1. */
#ifndef ICLAB_ESTIMATORS_MI_NORMALISED_H
#define ICLAB_ESTIMATORS_MI_NORMALISED_H

#include "estimators/column.h"
#include "estimators/entropy_counts.h"

#ifdef __cplusplus
extern "C" {
#endif

enum icl_mi_normalisation {
    ICL_MI_NORMALISE_NONE,
    ICL_MI_NORMALISE_CORRELATION,
    ICL_MI_NORMALISE_ENTROPY_MIN,
    ICL_MI_NORMALISE_ENTROPY_GEOMETRIC,
    ICL_MI_NORMALISE_ENTROPY_ARITHMETIC,
    ICL_MI_NORMALISE_ENTROPY_MAX,
    ICL_MI_NORMALISATION_COUNT
};

/* The names of the command line: "none", "correlation", "entropy-min", ... in the order of the enum; NULL ends them. */
extern const char *const icl_mi_normalisation_names[ICL_MI_NORMALISATION_COUNT + 1];

/* Informational correlation sqrt(1 - exp(-2 I)) (Linfoot 1957), I in nats: |r| of the Gaussian pair that has as much
 * information. In [0, 1] for every pair; a negative estimate gives 0, inf gives 1, nan nan. */
double icl_informational_correlation(double mi);

/* I / m(hx, hy), m the min, geometric mean, arithmetic mean or max of the two entropies; only for the
 * ICL_MI_NORMALISE_ENTROPY_... . I(x;y) <= min(H(x), H(y)), so the truth lies in [0, 1]: 1 where x and y tell all of
 * each other (for min: one of the other). An estimate may lie outside, as it does not where I, hx and hy are of one
 * table without correction or by James-Stein. nan where an entropy is not finite (a density), or where m = 0. */
double icl_mi_over_entropy(double mi, double hx, double hy, enum icl_mi_normalisation kind);

/* I(x;x): the entropy H(x), by `correction`, of a column whose every value is an atom; inf of one with a continuous
 * part, which tells infinitely much of itself; 0 of a constant one, nan of a non-finite one. */
icl_status icl_mi_self(const struct icl_column *column, enum icl_count_correction correction,
                       struct icl_workspace *workspace, double *mi, struct icl_error *err);

/* `mi` of the pair on the scale of `kind`, entropies by icl_mi_self: nan for `none`, and for the entropy-... wherever a
 * column has a continuous part or both (min: one) are constant. O(n) for the entropies. */
icl_status icl_mi_normalise(double mi, const struct icl_column *x, const struct icl_column *y,
                            enum icl_mi_normalisation kind, enum icl_count_correction correction,
                            struct icl_workspace *workspace, double *normalised, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
