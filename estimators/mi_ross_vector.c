#include <math.h>
#include <string.h>

#include "estimators/grouped_neighbours.h"
#include "estimators/mi_groups.h"

/* Samples sorted by class: class c has start[c] .. start[c + 1] - 1. Those of classes of one are left out. */
struct classes {
    size_t kept, count;
    size_t *start;
    double **at; /* dimensions */
};

static icl_status sort_classes(const double *const *at, size_t dimensions, const uint32_t *label, size_t n,
                               size_t classes, struct icl_workspace *ws, struct classes *sorted, struct icl_error *err)
{
    size_t *start = ICL_TAKE(ws, classes + 1, size_t), *next = ICL_TAKE(ws, classes, size_t);
    sorted->at = ICL_TAKE(ws, dimensions, double *);
    if (start == NULL || next == NULL || sorted->at == NULL) return icl_fail_memory(err, "a Ross term");
    memset(next, 0, classes * sizeof *next);
    for (size_t i = 0; i < n; i++)
        next[label[i]]++;
    start[0] = 0;
    for (size_t c = 0; c < classes; c++) {
        start[c + 1] = start[c] + (next[c] >= 2 ? next[c] : 0);
        next[c] = start[c];
    }
    *sorted = (struct classes){start[classes], classes, start, sorted->at};
    for (size_t a = 0; a < dimensions; a++) {
        sorted->at[a] = ICL_TAKE(ws, sorted->kept, double);
        if (sorted->at[a] == NULL) return icl_fail_memory(err, "a Ross term");
    }
    for (size_t i = 0; i < n; i++) {
        const uint32_t c = label[i];
        if (start[c + 1] == start[c]) continue;
        for (size_t a = 0; a < dimensions; a++)
            sorted->at[a][next[c]] = at[a][i];
        next[c]++;
    }
    return ICL_OK;
}

static icl_status ross_sum(const struct classes *sorted, size_t dimensions, unsigned k, struct icl_workspace *ws,
                           double *mi, struct icl_error *err)
{
    const size_t n = sorted->kept;
    const double **part = ICL_TAKE(ws, dimensions, const double *), *psi = icl_workspace_digamma(ws, n + 1);
    double *radius = ICL_TAKE(ws, n, double);
    uint32_t *same = ICL_TAKE(ws, n, uint32_t), *any = ICL_TAKE(ws, n, uint32_t);
    if (!part || !psi || !radius || !same || !any) return icl_fail_memory(err, "a Ross term");
    for (size_t c = 0; c < sorted->count; c++) {
        const size_t begin = sorted->start[c], size = sorted->start[c + 1] - begin;
        if (size == 0) continue;
        for (size_t a = 0; a < dimensions; a++)
            part[a] = sorted->at[a] + begin;
        const struct icl_grouped_points own = {size, 1, &dimensions, part};
        ICL_TRY(icl_grouped_neighbours(&own, size - 1 < k ? (unsigned)(size - 1) : k, radius + begin, same + begin, ws,
                                       err));
    }
    const struct icl_grouped_points all = {n, 1, &dimensions, (const double *const *)sorted->at};
    ICL_TRY(icl_grouped_within(&all, radius, any, ws, err));
    double sum = 0;
    for (size_t c = 0; c < sorted->count; c++)
        for (size_t i = sorted->start[c]; i < sorted->start[c + 1]; i++)
            sum += psi[same[i]] - psi[sorted->start[c + 1] - sorted->start[c]] - psi[any[i] - 1];
    *mi = psi[n] + sum / (double)n;
    return ICL_OK;
}

icl_status icl_mi_ross_vector(const double *const *at, size_t dimensions, const uint32_t *label, size_t n,
                              size_t classes, unsigned k, struct icl_workspace *workspace, double *mi,
                              struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(workspace);
    struct classes sorted = {0};
    ICL_TRY(sort_classes(at, dimensions, label, n, classes, workspace, &sorted, err));
    *mi = NAN;
    const icl_status status = sorted.kept > k ? ross_sum(&sorted, dimensions, k, workspace, mi, err) : ICL_OK;
    icl_workspace_release(workspace, mark);
    return status;
}
