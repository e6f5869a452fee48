#include "estimators/entropy.h"

#include <math.h>
#include <string.h>

#include "estimators/neighbours.h"
#include "estimators/subsample.h"

static icl_status discrete_entropy(const struct icl_column *c, enum icl_count_correction correction,
                                   struct icl_workspace *ws, double *h, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(ws);
    uint64_t *count = ICL_TAKE(ws, c->atom_count + 1, uint64_t);
    if (count == NULL) return icl_fail_memory(err, "an entropy");
    memset(count, 0, (c->atom_count + 1) * sizeof *count);
    for (size_t i = 0; i < c->n; i++) /* a subset has the atoms of its parent, with the counts there */
        count[c->group[i]]++;
    size_t cells = 0;
    for (size_t g = 0; g <= c->atom_count; g++)
        if (count[g] > 0) count[cells++] = count[g];
    struct icl_count_entropy found;
    const icl_status status = icl_entropy_counts(count, cells, correction, ws, &found, err);
    *h = c->atom_count > 0 ? found.entropy : 0; /* one identity; Grassberger's formula is not 0 there */
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

struct cut {
    const struct icl_column *column;
    unsigned k;
    enum icl_count_correction correction;
};

static icl_status estimate_part(void *context, const uint32_t *chosen, size_t m, struct icl_workspace *ws,
                                double *entropy, struct icl_error *err)
{
    const struct cut *cut = context;
    struct icl_column part;
    struct icl_entropy found;
    ICL_TRY(icl_column_subset(cut->column, chosen, m, ws, &part, err));
    *entropy = NAN;
    if (part.continuous > 0 && part.continuous <= cut->k) return ICL_OK; /* nan for the whole */
    ICL_TRY(icl_entropy_corrected(&part, cut->k, cut->correction, ws, &found, err));
    *entropy = found.mixed;
    return ICL_OK;
}

icl_status icl_entropy_standard_error(const struct icl_column *column, unsigned k, enum icl_count_correction correction,
                                      const struct icl_stream *stream, struct icl_workspace *workspace, double *se,
                                      struct icl_error *err)
{
    struct cut cut = {column, k != 0 ? k : ICL_ENTROPY_DEFAULT_K, correction};
    *se = column->state == ICL_COLUMN_CONSTANT ? 0 : NAN;
    if (column->state != ICL_COLUMN_REGULAR) return ICL_OK;
    const double share = column->continuous > 0 ? (double)column->continuous / (double)column->n : 1;
    const double least = ceil(ICL_SUBSAMPLE_ROWS_PER_NEIGHBOUR * (cut.k + 1) / share);
    const struct icl_sampling sampling = {*stream, 1};
    const struct icl_cut parts = icl_cut_of(column->n, (size_t)least, &sampling);
    return icl_subsample_error(&parts, estimate_part, &cut, workspace, se, err);
}
