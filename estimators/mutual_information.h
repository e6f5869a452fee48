/* Mutual information of two neurons from samples, in nats. Values are raw: noise can make them negative. */
#ifndef ICLAB_ESTIMATORS_MUTUAL_INFORMATION_H
#define ICLAB_ESTIMATORS_MUTUAL_INFORMATION_H

#include "core/status.h"
#include "estimators/column.h"
#include "estimators/entropy_counts.h"
#include "estimators/neighbour_counts.h"
#include "estimators/workspace.h"

#ifdef __cplusplus
extern "C" {
#endif

enum icl_mi_estimator {
    ICL_MI_AUTO,
    ICL_MI_DECOMPOSITION,
    ICL_MI_KSG1,
    ICL_MI_KSG2,
    ICL_MI_MESNER_SHALIZI,
    ICL_MI_PLUGIN,
    ICL_MI_GAUSSIAN,
    ICL_MI_LNC,
    ICL_MI_KDE,
    ICL_MI_COUNT
};

/* The names of the command line: "auto", "decomposition", "ksg1", ... in the order of the enum; NULL ends the list. */
extern const char *const icl_mi_names[ICL_MI_COUNT + 1];
/* What each of them is, one line for headers and reports. */
extern const char *const icl_mi_texts[ICL_MI_COUNT + 1];

/* Does it use `k` of the options? */
bool icl_mi_takes_neighbours(enum icl_mi_estimator estimator);

/* k: neighbours of the kNN estimators; 0: ICL_MI_DEFAULT_K, but in the decomposition k follows from a pilot estimate.
 * bins: quantile bins of the plug-in for the continuous part of a column, 0 for floor((n/4)^(1/3)) within 2 .. 64.
 * correction: of the plug-in's table, and of the table of atom identities in the decomposition and the kernel
 * estimator; 0 is Miller-Madow. */
struct icl_mi_options {
    enum icl_mi_estimator estimator;
    unsigned k;
    unsigned bins;
    enum icl_count_correction correction;
};

enum { ICL_MI_DEFAULT_K = 5 };

/* What the caller should know about a value. */
enum icl_mi_note {
    ICL_MI_NOTE_CONSTANT = 1,     /* a column is constant: MI is 0 */
    ICL_MI_NOTE_NONFINITE = 2,    /* a column holds NaN or inf: MI is nan */
    ICL_MI_NOTE_TERM_SKIPPED = 4, /* decomposition, kde: a term had too few samples and was taken as 0 */
    ICL_MI_NOTE_EDGES = 8, /* decomposition: the joint density has edges, two numbers of neighbours were combined */
    /* a column has atoms, where there is no density: kde decomposes (icl_mi_kde), ksg1, ksg2 and lnc are meaningless */
    ICL_MI_NOTE_ATOMS = 16
};

struct icl_mi_result {
    double mi;                       /* nats */
    enum icl_mi_estimator estimator; /* the one that was used: never AUTO */
    unsigned notes;                  /* of enum icl_mi_note */
    /* The terms of the decomposition and of kde (nan for other estimators), which add up to mi:
     * atom identities; x's amplitude about y's identity; y's about x's; amplitude about amplitude. */
    double atoms, x_amplitude, y_amplitude, amplitudes;
};

/* I(x;y) by the estimator of `options`. x and y must have the same n; n <= k is ICL_ERR_INPUT. A constant column gives
 * 0, a column with NaN or inf gives nan, with a note each. See docs/estimators.md for which to use when. */
icl_status icl_mi_pair(const struct icl_column *x, const struct icl_column *y, const struct icl_mi_options *options,
                       struct icl_workspace *workspace, struct icl_mi_result *result, struct icl_error *err);

/* The estimator that AUTO stands for on this pair: the decomposition (which is KSG1 on normal scores where there are no
 * atoms); Mesner-Shalizi on lattices: where a column has more than sqrt(n) atoms, or both have more than ICL_MI_COARSE
 * and their table fewer than 10 samples a cell. */
enum { ICL_MI_COARSE = 4 };
enum icl_mi_estimator icl_mi_choose(const struct icl_column *x, const struct icl_column *y);

/* Does it hold for densities only, so that a column with atoms makes it meaningless? ksg1, ksg2, lnc. */
bool icl_mi_wants_densities(enum icl_mi_estimator estimator);

/* ---- the estimators, one file each ---- */

/* The pair as points of the plane: x, y by sample, xs, ys the same values ascending. */
struct icl_plane {
    size_t n;
    const double *x, *y, *xs, *ys;
};

/* Kraskov, Stoegbauer, Grassberger (2004), first algorithm: psi(k) + psi(n) - <psi(nx+1) + psi(ny+1)>, nx the points
 * strictly nearer in x than the k-th neighbour in the plane. For densities; meaningless on atoms. O(n log n). */
icl_status icl_mi_ksg1(const struct icl_plane *plane, unsigned k, struct icl_workspace *workspace, double *mi,
                       struct icl_error *err);

/* Their second algorithm: psi(k) - 1/k + psi(n) - <psi(nx) + psi(ny)>, nx within the k neighbours' extent in x. */
icl_status icl_mi_ksg2(const struct icl_plane *plane, unsigned k, struct icl_workspace *workspace, double *mi,
                       struct icl_error *err);

/* The same where the orders of the margins are known as well; the sorted forms of the other two kNN estimators are
 * those of estimators/total_correlation.h. */
icl_status icl_mi_ksg2_sorted(const struct icl_sorted_points *plane, unsigned k, struct icl_workspace *workspace,
                              double *mi, struct icl_error *err);

/* Local non-uniformity correction (Gao, Ver Steeg & Galstyan 2015) for strong dependence: KSG2 plus (1/n) sum over the
 * samples with V_pca < alpha(k) V_box of ln(V_box / V_pca). V_box = w h: half the sides of the rectangle of the k
 * neighbours around the sample; V_pca: the same for the rectangle along the principal axes of the neighbours about the
 * sample. For densities; k < 3 is ICL_ERR_INPUT. Reads high on weak dependence and worse where k is small; neighbours
 * on one line count as V_pca / V_box = 2^-30, so a function without noise reads 21 more. Samples whose k-th neighbour
 * is tied are not corrected. O(n (log n + k)), memory O(n k). */
icl_status icl_mi_lnc(const struct icl_sorted_points *plane, unsigned k, struct icl_workspace *workspace, double *mi,
                      struct icl_error *err);

/* alpha(k): the .005 quantile of V_pca / V_box for k points uniform in a square around the sample, from a table made by
 * tools/make_lnc_alpha.py, interpolated in ln k. */
double icl_mi_lnc_alpha(unsigned k);

/* Mesner & Shalizi (2019): <psi(kt) + psi(n) - psi(nx) - psi(ny)>, every count with ties and without the point itself.
 * Consistent on any mixture; about +.01 on densities at n = 5000, k = 5. O(n log n). */
icl_status icl_mi_mesner_shalizi(const struct icl_plane *plane, unsigned k, struct icl_workspace *workspace, double *mi,
                                 struct icl_error *err);

/* Ross (2014), I(x;label) of a continuous x and a label 0 .. classes-1, nats; `xs` are the n values ascending and
 * `order` the samples in that order. Classes of one sample are dropped. Fewer than k+1 samples left: *mi = nan.
 * Ties in x are counted as Mesner and Shalizi do. O(n (k + log n)). */
icl_status icl_mi_ross(const double *x, const uint32_t *order, const uint32_t *label, size_t n, size_t classes,
                       unsigned k, struct icl_workspace *workspace, double *mi, struct icl_error *err);

/* Plug-in of a table of counts (rows x cols, row-major): sum n_ij/N ln(n_ij N / (n_i n_j)), minus the Miller-Madow bias
 * (K_xy - K_x - K_y + 1) / (2N) over occupied cells. An empty table: 0. O(rows cols). */
double icl_mi_table(const uint64_t *count, size_t rows, size_t cols, struct icl_workspace *workspace);

/* The same with any correction of estimators/entropy_counts.h: H(x) + H(y) - H(x,y), each corrected for itself. Rows
 * and columns without a sample do not count: the cells that can occur are the occupied rows times the occupied columns.
 * James-Stein shrinks the joint table once and takes its information (as Hausser & Strimmer 2009): never negative.
 * One row or one column: 0.
 * Miller-Madow gives the bytes of icl_mi_table. */
icl_status icl_mi_table_corrected(const uint64_t *count, size_t rows, size_t cols, enum icl_count_correction correction,
                                  struct icl_workspace *workspace, double *mi, struct icl_error *err);

/* Atom decomposition: with A, B the atom identities (0 = continuous part),
 * I(x;y) = I(A;B) + P(A=0) I(x;B|A=0) + P(B=0) I(A;y|B=0) + P(A=B=0) I(x;y|A=B=0):
 * a table, two Ross terms, one kNN term on the co-continuous samples (KSG1; Mesner-Shalizi if values repeat there), all
 * on normal scores of the continuous parts: rising maps of either column give the same bits, and of two independent
 * columns without ties the law depends on n and the counts of the atoms only.
 * k = 0: each term takes 3 to 20 neighbours, more for a weaker pilot estimate; where the joint density is seen to jump
 * the last term is 2 I_k - I_4k, k = 3 to 7, at two to five times the cost. Fills all of `result`. */
icl_status icl_mi_decomposition(const struct icl_column *x, const struct icl_column *y, unsigned k,
                                struct icl_workspace *workspace, struct icl_mi_result *result, struct icl_error *err);

/* The same with another correction of the table of atom identities. The pilots that choose k keep theirs. */
icl_status icl_mi_decomposition_corrected(const struct icl_column *x, const struct icl_column *y, unsigned k,
                                          enum icl_count_correction correction, struct icl_workspace *workspace,
                                          struct icl_mi_result *result, struct icl_error *err);

/* Quantile plug-in: equal-count bins of the continuous part, a bin for each atom, then icl_mi_table, or
 * icl_mi_table_corrected. */
icl_status icl_mi_plugin(const struct icl_column *x, const struct icl_column *y, unsigned bins,
                         struct icl_workspace *workspace, double *mi, struct icl_error *err);
icl_status icl_mi_plugin_corrected(const struct icl_column *x, const struct icl_column *y, unsigned bins,
                                   enum icl_count_correction correction, struct icl_workspace *workspace, double *mi,
                                   struct icl_error *err);

/* Gaussian copula: -1/2 ln(1 - r^2) of normal scores of average ranks, minus its bias
 * [psi((n-1)/2) - psi((n-2)/2)] / 2. A lower bound for large n; blind to symmetric dependence. n > 3. */
icl_status icl_mi_gaussian(const struct icl_column *x, const struct icl_column *y, struct icl_workspace *workspace,
                           double *mi, struct icl_error *err);

/* Its two steps: the scores of a column (n values), and the estimate from the scores of both. O(n). */
void icl_mi_gaussian_scores(const struct icl_column *column, double *score);
icl_status icl_mi_gaussian_of_scores(const double *score_x, const double *score_y, size_t n, double *mi,
                                     struct icl_error *err);

/* Kernel density, after Moon, Rajagopalan & Lall (1995), of n samples of two densities (give normal scores):
 * <ln f(x_i,y_i) - ln f(x_i) - ln f(y_i)>, Gaussian kernels of the covariance of the samples times h^2, h = n^(-1/6),
 * and leave-one-out: a sample is no neighbour of itself. The margins of such a joint density are the marginal densities
 * of the same h, and smoothing leaves the correlation as it is: for Gaussian samples the two errors of smoothing
 * cancel. Sharper features than h are lost: the estimate reads low there. A correlation beyond sqrt(1 - 1/n^2) counts
 * as that, so that y = x gives about 7/6 ln n. All values equal on one side: 0. n < ICL_MI_KDE_LEAST: ICL_ERR_INPUT.
 * plain: O(n^2). points: sums over a grid, O(n 25^2), memory O(range^2 n^(1/3)); within 3e-8 of plain. */
enum { ICL_MI_KDE_LEAST = 4 };
icl_status icl_mi_kde_points(const double *x, const double *y, size_t n, struct icl_workspace *workspace, double *mi,
                             struct icl_error *err);
icl_status icl_mi_kde_plain(const double *x, const double *y, size_t n, struct icl_workspace *workspace, double *mi,
                            struct icl_error *err);

/* icl_mi_kde_points on the normal scores of two columns. A column with atoms has no density: then it is the atom
 * decomposition (its table, its Ross terms with `k`) with this as the last term, among the samples in which both are
 * continuous; ICL_MI_NOTE_ATOMS is set, and fewer than ICL_MI_KDE_LEAST such samples count as 0 with
 * ICL_MI_NOTE_TERM_SKIPPED. Fills all of `result`. */
icl_status icl_mi_kde(const struct icl_column *x, const struct icl_column *y, unsigned k,
                      enum icl_count_correction correction, struct icl_workspace *workspace,
                      struct icl_mi_result *result, struct icl_error *err);

/* Bin numbers of a column for the plug-in: `bin` (n values below *bins_used). bins = 0: icl_default_bins for a pair. */
icl_status icl_quantile_bins(const struct icl_column *column, unsigned bins, uint32_t *bin, size_t *bins_used);

/* floor((n/4)^(1/(columns + 1))), 2 to 64: bins of each of `columns` columns in one table. O(64 columns). */
unsigned icl_default_bins(size_t n, size_t columns);

/* The bins of both columns of a pair, sample by sample; x is NULL where nothing was binned. */
struct icl_pair_bins {
    uint32_t *x, *y; /* n values below rows, and below cols */
    size_t n, rows, cols;
};

/* icl_quantile_bins of both; arrays in the workspace. Columns must be regular and of one length. O(n). */
icl_status icl_pair_bins_make(const struct icl_column *x, const struct icl_column *y, unsigned bins,
                              struct icl_workspace *workspace, struct icl_pair_bins *made, struct icl_error *err);

/* Their joint counts (rows x cols, row-major), in the workspace; x's sample i goes with y's order[i], NULL: with y's i.
 * O(n + rows cols). */
icl_status icl_pair_bins_count(const struct icl_pair_bins *bins, const uint32_t *order, struct icl_workspace *workspace,
                               uint64_t **count, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
