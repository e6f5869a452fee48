#include "estimators/total_correlation.h"

#include <math.h>
#include <string.h>

#include "estimators/knn_sums_internal.h"
#include "estimators/local_internal.h"
#include "estimators/mi_counts.h"

/* Points whose orders are not known. */
static struct icl_sorted_points without_orders(const struct icl_points *points, const double *const *sorted)
{
    struct icl_sorted_points result = {*points, {NULL}, {NULL}};
    for (unsigned a = 0; a < points->dimensions; a++)
        result.sorted[a] = sorted[a];
    return result;
}

icl_status icl_tc_mesner_shalizi(const struct icl_points *points, const double *const *sorted, unsigned k,
                                 struct icl_workspace *workspace, double *tc, struct icl_error *err)
{
    const struct icl_sorted_points all = without_orders(points, sorted);
    return icl_tc_mesner_shalizi_sorted(&all, k, workspace, tc, err);
}

icl_status icl_tc_ksg1(const struct icl_points *points, const double *const *sorted, unsigned k,
                       struct icl_workspace *workspace, double *tc, struct icl_error *err)
{
    const struct icl_sorted_points all = without_orders(points, sorted);
    return icl_tc_ksg1_sorted(&all, k, workspace, tc, err);
}

icl_status icl_tc_mesner_shalizi_sorted(const struct icl_sorted_points *points, unsigned k,
                                        struct icl_workspace *workspace, double *tc, struct icl_error *err)
{
    return icl_tc_mesner_shalizi_local(points, k, workspace, tc, NULL, err);
}

icl_status icl_tc_mesner_shalizi_local(const struct icl_sorted_points *points, unsigned k,
                                       struct icl_workspace *workspace, double *tc, double *local,
                                       struct icl_error *err)
{
    const size_t n = points->points.n;
    const unsigned d = points->points.dimensions;
    const struct icl_mark mark = icl_workspace_mark(workspace);
    uint32_t *within = ICL_TAKE(workspace, n, uint32_t), *counts = ICL_TAKE(workspace, n * d, uint32_t);
    const double *psi = icl_workspace_digamma(workspace, n);
    if (!within || !counts || !psi) return icl_fail_memory(err, "a kNN estimate");
    ICL_TRY(icl_neighbour_counts(points, k, ICL_COUNT_WITHIN, within, counts, workspace, err));
    *tc = icl_mesner_shalizi_of(within, counts, n, d, psi);
    for (size_t i = 0; i < n && local != NULL; i++) {
        local[i] = psi[within[i]] + (d - 1) * psi[n];
        for (unsigned a = 0; a < d; a++)
            local[i] -= psi[counts[i * d + a] - 1];
    }
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}

icl_status icl_tc_ksg1_sorted(const struct icl_sorted_points *points, unsigned k, struct icl_workspace *workspace,
                              double *tc, struct icl_error *err)
{
    return icl_tc_ksg1_local(points, k, workspace, tc, NULL, err);
}

icl_status icl_tc_ksg1_local(const struct icl_sorted_points *points, unsigned k, struct icl_workspace *workspace,
                             double *tc, double *local, struct icl_error *err)
{
    const size_t n = points->points.n;
    const unsigned d = points->points.dimensions;
    const struct icl_mark mark = icl_workspace_mark(workspace);
    uint32_t *counts = ICL_TAKE(workspace, n * d, uint32_t);
    const double *psi = icl_workspace_digamma(workspace, n + 1);
    if (counts == NULL || psi == NULL) return icl_fail_memory(err, "a KSG estimate");
    ICL_TRY(icl_neighbour_counts(points, k, ICL_COUNT_INSIDE, NULL, counts, workspace, err));
    *tc = icl_ksg1_of(counts, n, d, k, psi);
    for (size_t i = 0; i < n && local != NULL; i++) {
        local[i] = psi[k] + (d - 1) * psi[n];
        for (unsigned a = 0; a < d; a++)
            local[i] -= psi[counts[i * d + a] > 0 ? counts[i * d + a] : 1];
    }
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}

/* The number of cells, and where the margin of each variable begins in a list of all. */
static icl_status lay_out(const size_t *shape, unsigned dimensions, size_t offset[ICL_MAX_COORDINATES + 1],
                          size_t *cells, struct icl_error *err)
{
    if (dimensions < 1 || dimensions > ICL_MAX_COORDINATES)
        return icl_fail(err, ICL_ERR_INPUT, "a table of %u variables: must be 1 to %d", dimensions,
                        ICL_MAX_COORDINATES);
    *cells = 1;
    offset[0] = 0;
    for (unsigned a = 0; a < dimensions; a++) {
        *cells *= shape[a];
        offset[a + 1] = offset[a] + shape[a];
    }
    return ICL_OK;
}

icl_status icl_tc_weighted(const double *weight, const size_t *shape, unsigned dimensions, double samples,
                           struct icl_workspace *workspace, double *tc, struct icl_error *err)
{
    size_t cells = 0, offset[ICL_MAX_COORDINATES + 1] = {0};
    ICL_TRY(lay_out(shape, dimensions, offset, &cells, err));
    const struct icl_mark mark = icl_workspace_mark(workspace);
    double *margin = ICL_TAKE(workspace, offset[dimensions], double);
    if (margin == NULL) return icl_fail_memory(err, "the margins of a table");
    memset(margin, 0, offset[dimensions] * sizeof *margin);
    double total = 0;
    for (size_t c = 0; c < cells; c++) {
        if (weight[c] == 0) continue;
        total += weight[c];
        for (size_t a = dimensions, rest = c; a-- > 0; rest /= shape[a])
            margin[offset[a] + rest % shape[a]] += weight[c];
    }
    double sum = 0, parameters = (double)dimensions - 1; /* K_joint - sum K_a + d - 1 */
    for (size_t m = 0; m < offset[dimensions]; m++) {
        if (margin[m] == 0) continue;
        parameters -= 1;
        margin[m] = log(margin[m] / total);
    }
    for (size_t c = 0; c < cells; c++) {
        if (weight[c] == 0) continue;
        double ratio = log(weight[c] / total);
        for (size_t a = dimensions, rest = c; a-- > 0; rest /= shape[a])
            ratio -= margin[offset[a] + rest % shape[a]];
        sum += weight[c] / total * ratio;
        parameters += 1;
    }
    *tc = total > 0 ? sum - parameters / (2 * samples) : 0;
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}

icl_status icl_tc_table(const uint64_t *count, const size_t *shape, unsigned dimensions,
                        struct icl_workspace *workspace, double *tc, struct icl_error *err)
{
    size_t cells = 0, offset[ICL_MAX_COORDINATES + 1] = {0};
    ICL_TRY(lay_out(shape, dimensions, offset, &cells, err));
    const struct icl_mark mark = icl_workspace_mark(workspace);
    uint64_t *margin = ICL_TAKE(workspace, offset[dimensions], uint64_t);
    if (margin == NULL) return icl_fail_memory(err, "the margins of a table");
    memset(margin, 0, offset[dimensions] * sizeof *margin);
    uint64_t total = 0;
    for (size_t c = 0; c < cells; c++) {
        if (count[c] == 0) continue;
        total += count[c];
        for (size_t a = dimensions, rest = c; a-- > 0; rest /= shape[a])
            margin[offset[a] + rest % shape[a]] += count[c];
    }
    const int shift = icl_counts_shift(total);
    int64_t joint = 0, margins = 0;
    size_t occupied = 0, levels = 0;
    for (size_t c = 0; c < cells; c++) {
        joint += icl_counts_term(count[c], shift);
        occupied += count[c] != 0;
    }
    for (size_t m = 0; m < offset[dimensions]; m++) {
        margins += icl_counts_term(margin[m], shift);
        levels += margin[m] != 0;
    }
    *tc = icl_counts_information(joint, margins, dimensions, total) -
          icl_counts_miller_madow(occupied, levels, dimensions, total);
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}
