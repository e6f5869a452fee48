/* What the tests of estimators/ share: scratch memory, columns, samples of pairs, plain counting, stored answers. */
#ifndef ICLAB_TESTS_ESTIMATORS_SUPPORT_H
#define ICLAB_TESTS_ESTIMATORS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "estimators/mutual_information.h"
#include "estimators/neighbours.h"
#include "kernels/kernels.h"
#include "tests/near.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* One workspace for the whole program, freed at its end. */
struct icl_workspace *scratch(void);

/* Memory from the scratch workspace; never NULL. Lives until the release of a mark, or the end. */
double *take_doubles(size_t n);
uint32_t *take_words(size_t n);

/* A prepared column; the test fails if that is refused. icl_column_free. */
struct icl_column column_of(const double *value, size_t n);

/* The whole result for a pair of samples, and its value; the test fails on an error. */
struct icl_mi_result result_of(const double *x, const double *y, size_t n, const struct icl_mi_options *options);
double mi_of(const double *x, const double *y, size_t n, enum icl_mi_estimator estimator, unsigned k);

/* ---- seeds ---- */

/* Mean, sd and standard error of the mean of the values added. */
struct summary {
    unsigned count;
    double mean, squares;
};
void summary_add(struct summary *summary, double value);
double summary_sd(const struct summary *summary);
double summary_error(const struct summary *summary);

/* ---- samples ---- */

/* The streams of the tests: `role` keeps several draws of one seed apart. */
struct icl_stream test_stream(uint64_t seed, uint32_t role);
void draw_normal(uint64_t seed, uint32_t role, size_t n, double *out);
void draw_uniform(uint64_t seed, uint32_t role, size_t n, double *out);

/* A Gaussian pair of correlation rho, if `relu` cut off at 0, then behind gates of `keep` (1: no dropout). */
struct pair_law {
    double rho;
    bool relu;
    enum icl_gate gate;
    double keep;
};
void draw_pair(const struct pair_law *law, uint64_t seed, size_t n, double *x, double *y);

/* Its exact mutual information: as enclosed in tests/vectors/enclosures.tsv, or by the law where that has no such row.
 */
double true_mi(const struct pair_law *law);

/* ---- the plain way: loops over all samples, digamma of GSL ---- */

/* psi(n), n >= 1. */
double psi_of(size_t n);

/* Distance of point i to its k-th neighbour in the maximum norm of the d coordinates at[a], itself excluded. */
double plain_radius(const double *const *at, unsigned d, size_t n, size_t i, unsigned k);

/* #{j != i: |x_j - x_i| < r} or <= r. */
size_t plain_count(const double *x, size_t n, size_t i, double r, bool strict);

/* The values of x ascending (qsort). */
void plain_sort(const double *x, size_t n, double *sorted);

/* (x - mean) / sd with sums in long double. */
void plain_standardise(const double *x, size_t n, double *z);

/* How far the sample x_i is from the longer tail: #{j: x_j nearer to it}, of those with member[j] (NULL: of all). */
size_t plain_depth(const double *x, const bool *member, size_t n, size_t i);

/* The estimators as their formulas are written, in loops of O(n^2).
 * table: sum n_ij/N ln(n_ij N / (n_i n_j)) - (K_xy - K_x - K_y + 1) / (2N).
 * ross: psi of the counts within the radius, in the class and in all, the point itself not counted; classes of one drop
 * out. Without ties psi(k_i) and psi(m_i), m_i the points strictly inside and the point itself. */
double plain_table(const uint64_t *count, size_t rows, size_t cols);
double plain_ksg1(const double *x, const double *y, size_t n, unsigned k);
double plain_tc_ksg1(const double *const *at, unsigned d, size_t n, unsigned k);
double plain_total_correlation(const double *const *at, unsigned d, size_t n, unsigned k);
double plain_ross(const double *x, const uint32_t *label, size_t n, unsigned k);

/* ---- answers of outside tools: tests/vectors/samples.tsv, estimates.tsv, dependence.tsv ---- */

enum { SAMPLES = 600, NAME_SIZE = 32 };

/* The stored samples of that name; the test fails if there are none. */
const double *stored_sample(const char *name);

/* One line of estimates.tsv. */
struct answer {
    char estimator[NAME_SIZE], x[NAME_SIZE], y[NAME_SIZE];
    unsigned k;
    double value;
};

/* Calls `check` with every answer for `estimator`; the test fails if there are none. */
void for_each_answer(const char *estimator, void (*check)(const struct answer *answer));

/* The same with another file of that form. In dependence.tsv k is the number of samples, from the first. */
void for_each_answer_in(const char *path, const char *estimator, void (*check)(const struct answer *answer));

#endif
