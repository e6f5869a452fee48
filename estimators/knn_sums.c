#include "estimators/knn_sums_internal.h"

double icl_ksg1_of(const uint32_t *counts, size_t n, size_t d, unsigned k, const double *psi)
{
    double sum = 0;
    /* a count holds the point itself: it is n_a + 1 already; at radius 0 (ties) it is empty and n_a is 0 */
    for (size_t c = 0; c < n * d; c++)
        sum += psi[counts[c] > 0 ? counts[c] : 1];
    return psi[k] + (double)(d - 1) * psi[n] - sum / (double)n;
}

double icl_ksg2_of(const uint32_t *counts, size_t n, size_t d, unsigned k, const double *psi)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double point = 0;
        for (size_t a = 0; a < d; a++)
            point += psi[counts[i * d + a] - 1];
        sum += point;
    }
    return psi[k] - (double)(d - 1) / k + (double)(d - 1) * psi[n] - sum / (double)n;
}

double icl_mesner_shalizi_of(const uint32_t *within, const uint32_t *counts, size_t n, size_t d, const double *psi)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double point = psi[within[i]];
        for (size_t a = 0; a < d; a++)
            point -= psi[counts[i * d + a] - 1];
        sum += point;
    }
    return sum / (double)n + (double)(d - 1) * psi[n];
}

icl_status icl_grouped_estimate(const struct icl_grouped_points *points, enum icl_mi_estimator estimator, unsigned k,
                                uint32_t *within, uint32_t *counts, struct icl_workspace *workspace, double *value,
                                struct icl_error *err)
{
    const size_t n = points->n, d = points->groups;
    const double *psi = icl_workspace_digamma(workspace, n + 1);
    if (psi == NULL) return icl_fail_memory(err, "a kNN estimate");
    switch (estimator) {
    case ICL_MI_KSG1:
        ICL_TRY(icl_grouped_counts(points, k, ICL_COUNT_INSIDE, NULL, counts, workspace, err));
        *value = icl_ksg1_of(counts, n, d, k, psi);
        return ICL_OK;
    case ICL_MI_KSG2:
        ICL_TRY(icl_grouped_counts(points, k, ICL_COUNT_IN_EXTENT, NULL, counts, workspace, err));
        *value = icl_ksg2_of(counts, n, d, k, psi);
        return ICL_OK;
    default:
        ICL_TRY(icl_grouped_counts(points, k, ICL_COUNT_WITHIN, within, counts, workspace, err));
        *value = icl_mesner_shalizi_of(within, counts, n, d, psi);
        return ICL_OK;
    }
}
