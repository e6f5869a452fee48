#include "estimators/entropy.h"

#include <math.h>

#include "estimators/neighbours.h"

static icl_status discrete_entropy(const struct icl_column *c, enum icl_count_correction correction,
                                   struct icl_workspace *ws, double *h, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(ws);
    uint64_t *count = ICL_TAKE(ws, c->atom_count + 1, uint64_t);
    if (count == NULL) return icl_fail_memory(err, "an entropy");
    size_t cells = 0;
    if (c->continuous > 0) count[cells++] = c->continuous;
    for (size_t a = 0; a < c->atom_count; a++)
        if (c->atom[a].count > 0) count[cells++] = c->atom[a].count;
    struct icl_count_entropy found;
    const icl_status status = icl_entropy_counts(count, cells, correction, ws, &found, err);
    *h = found.entropy;
    icl_workspace_release(ws, mark);
    return status;
}

static icl_status continuous_entropy(const struct icl_column *c, unsigned k, struct icl_workspace *ws, double *h,
                                     struct icl_error *err)
{
    const size_t m = c->continuous;
    if (m <= k)
        return icl_fail(err, ICL_ERR_INPUT, "%zu samples of the continuous part are too few for k = %u neighbours", m,
                        k);
    const struct icl_mark mark = icl_workspace_mark(ws);
    double *ascending = ICL_TAKE(ws, m, double);
    const double *psi = icl_workspace_digamma(ws, m);
    if (ascending == NULL || psi == NULL) return icl_fail_memory(err, "an entropy");
    size_t filled = 0;
    for (size_t r = 0; r < c->n; r++)
        if (c->group[c->order[r]] == 0) ascending[filled++] = c->value[c->order[r]];
    double sum = 0;
    for (size_t p = 0; p < m; p++)
        sum += log(icl_kth_distance(ascending, m, p, k));
    *h = psi[m] - psi[k] + log(2.0) + sum / (double)m;
    icl_workspace_release(ws, mark);
    return ICL_OK;
}

icl_status icl_entropy_estimate(const struct icl_column *column, unsigned k, struct icl_workspace *workspace,
                                struct icl_entropy *entropy, struct icl_error *err)
{
    return icl_entropy_corrected(column, k, ICL_CORRECTION_MILLER_MADOW, workspace, entropy, err);
}

icl_status icl_entropy_corrected(const struct icl_column *column, unsigned k, enum icl_count_correction correction,
                                 struct icl_workspace *workspace, struct icl_entropy *entropy, struct icl_error *err)
{
    const double empty = column->state == ICL_COLUMN_NONFINITE ? NAN : 0;
    *entropy = (struct icl_entropy){empty, empty, empty, empty};
    if (column->state != ICL_COLUMN_REGULAR) return ICL_OK;
    ICL_TRY(discrete_entropy(column, correction, workspace, &entropy->discrete, err));
    entropy->continuous_share = (double)column->continuous / (double)column->n;
    if (column->continuous > 0)
        ICL_TRY(continuous_entropy(column, k != 0 ? k : ICL_ENTROPY_DEFAULT_K, workspace, &entropy->continuous, err));
    entropy->mixed = entropy->discrete + entropy->continuous_share * entropy->continuous;
    return ICL_OK;
}
