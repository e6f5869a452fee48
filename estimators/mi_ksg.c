#include "estimators/mutual_information.h"
#include "estimators/neighbours.h"
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
    const size_t n = plane->n;
    const struct icl_mark mark = icl_workspace_mark(workspace);
    double *radius = ICL_TAKE(workspace, n, double);
    double *extent[2] = {ICL_TAKE(workspace, n, double), ICL_TAKE(workspace, n, double)};
    const double *psi = icl_workspace_digamma(workspace, n);
    if (!radius || !extent[0] || !extent[1] || !psi) return icl_fail_memory(err, "KSG2");
    const struct icl_points points = {n, 2, {plane->x, plane->y}};
    ICL_TRY(icl_neighbours(&points, k, radius, NULL, extent, workspace, err));
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += psi[icl_count_within(plane->xs, n, plane->x[i], extent[0][i], false) - 1] +
               psi[icl_count_within(plane->ys, n, plane->y[i], extent[1][i], false) - 1];
    *mi = psi[k] - 1.0 / k + psi[n] - sum / (double)n;
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}
