#include "estimators/mutual_information.h"

#include <math.h>
#include <string.h>

#include "estimators/neighbours.h"

icl_status icl_mi_ross(const double *x, const uint32_t *order, const uint32_t *label, size_t n, size_t classes,
                       unsigned k, struct icl_workspace *workspace, double *mi, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(workspace);
    size_t *start = ICL_TAKE(workspace, classes + 1, size_t);
    size_t *next = ICL_TAKE(workspace, classes, size_t);
    double *all = ICL_TAKE(workspace, n, double);
    double *by_class = ICL_TAKE(workspace, n, double);
    const double *psi = icl_workspace_digamma(workspace, n + 1);
    if (!start || !next || !all || !by_class || !psi) return icl_fail_memory(err, "a Ross term");

    memset(start, 0, (classes + 1) * sizeof *start);
    for (size_t i = 0; i < n; i++)
        start[label[i] + 1]++;
    for (size_t c = 0; c < classes; c++)
        start[c + 1] += start[c];
    memcpy(next, start, classes * sizeof *next);
    size_t kept = 0;
    for (size_t r = 0; r < n; r++) { /* ascending, so every class list is ascending too */
        const uint32_t i = order[r], c = label[i];
        if (start[c + 1] - start[c] < 2) continue;
        by_class[next[c]++] = x[i];
        all[kept++] = x[i];
    }
    double sum = 0;
    for (size_t c = 0; c < classes; c++) {
        const size_t size = start[c + 1] - start[c];
        if (size < 2) continue;
        const double *list = by_class + start[c];
        const unsigned kc = size - 1 < k ? (unsigned)(size - 1) : k;
        for (size_t p = 0; p < size; p++) {
            const double radius = icl_kth_distance(list, size, p, kc);
            const size_t same = icl_count_within(list, size, list[p], radius, false) - 1;
            const size_t any = icl_count_within(all, kept, list[p], radius, false) - 1;
            sum += psi[same] - psi[size] - psi[any];
        }
    }
    *mi = kept > k ? psi[kept] + sum / (double)kept : NAN;
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}
