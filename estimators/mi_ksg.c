#include "estimators/knn_sums_internal.h"
#include "estimators/mutual_information.h"
#include "estimators/neighbour_counts.h"
#include "estimators/total_correlation.h"

icl_status icl_mi_ksg1(const struct icl_plane *plane, unsigned k, struct icl_workspace *workspace, double *mi,
                       struct icl_error *err)
{
    const struct icl_points points = {plane->n, 2, {plane->x, plane->y}};
    const double *const sorted[2] = {plane->xs, plane->ys};
    return icl_tc_ksg1(&points, sorted, k, workspace, mi, err);
}

icl_status icl_mi_ksg2(const struct icl_plane *plane, unsigned k, struct icl_workspace *workspace, double *mi,
                       struct icl_error *err)
{
    const struct icl_sorted_points points = {{plane->n, 2, {plane->x, plane->y}}, {plane->xs, plane->ys}, {NULL, NULL}};
    return icl_mi_ksg2_sorted(&points, k, workspace, mi, err);
}

icl_status icl_mi_ksg2_sorted(const struct icl_sorted_points *plane, unsigned k, struct icl_workspace *workspace,
                              double *mi, struct icl_error *err)
{
    const size_t n = plane->points.n;
    const struct icl_mark mark = icl_workspace_mark(workspace);
    uint32_t *counts = ICL_TAKE(workspace, 2 * n, uint32_t);
    const double *psi = icl_workspace_digamma(workspace, n);
    if (counts == NULL || psi == NULL) return icl_fail_memory(err, "KSG2");
    ICL_TRY(icl_neighbour_counts(plane, k, ICL_COUNT_IN_EXTENT, NULL, counts, workspace, err));
    *mi = icl_ksg2_of(counts, n, 2, k, psi);
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}
