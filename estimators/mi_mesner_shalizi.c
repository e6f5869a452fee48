#include "estimators/mutual_information.h"
#include "estimators/total_correlation.h"

icl_status icl_mi_mesner_shalizi(const struct icl_plane *plane, unsigned k, struct icl_workspace *workspace, double *mi,
                                 struct icl_error *err)
{
    const struct icl_points points = {plane->n, 2, {plane->x, plane->y}};
    const double *const sorted[2] = {plane->xs, plane->ys};
    return icl_tc_mesner_shalizi(&points, sorted, k, workspace, mi, err);
}
