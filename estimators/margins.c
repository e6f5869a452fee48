#include "estimators/margins_internal.h"

#include <math.h>
#include <string.h>

#include "estimators/cpu/knn.h"

icl_status icl_margin_build(const double *ascending, size_t n, struct icl_workspace *workspace,
                            struct icl_margin *margin, struct icl_error *err)
{
    margin->n = n;
    margin->levels = 0;
    const double *level = ascending;
    for (size_t size = n;;) {
        const unsigned l = margin->levels++;
        const size_t full = size / ICL_MARGIN_FAN;
        margin->level[l] = level;
        margin->full[l] = full;
        for (size_t i = 0; i < ICL_MARGIN_FAN; i++) {
            const size_t at = full * ICL_MARGIN_FAN + i;
            margin->rest[l][i] = at < size ? level[at] : INFINITY;
        }
        if (full == 0) return ICL_OK;
        double *above = ICL_TAKE(workspace, full, double);
        if (above == NULL) return icl_fail_memory(err, "the counts of a margin");
        for (size_t i = 0; i < full; i++)
            above[i] = level[i * ICL_MARGIN_FAN + ICL_MARGIN_FAN - 1];
        level = above;
        size = full;
    }
}

void icl_margin_count(const struct icl_margin *margin, const double *x, const double *r, size_t points, bool strict,
                      uint32_t *count)
{
    icl_knn()->count(margin, x, r, points, strict, count);
}

icl_status icl_margin_order(const double *ascending, const double *value, size_t n, uint32_t *order,
                            struct icl_workspace *workspace, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(workspace);
    struct icl_margin margin;
    uint32_t *below = ICL_TAKE(workspace, n, uint32_t), *equal = ICL_TAKE(workspace, n, uint32_t);
    if (below == NULL || equal == NULL) return icl_fail_memory(err, "the order of a margin");
    ICL_TRY(icl_margin_build(ascending, n, workspace, &margin, err));
    icl_knn()->rank(&margin, value, n, below);
    memset(equal, 0, n * sizeof *equal);
    for (size_t i = 0; i < n; i++)
        order[below[i] + equal[below[i]]++] = (uint32_t)i;
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}
