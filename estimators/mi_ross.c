#include "estimators/mutual_information.h"

#include <math.h>
#include <string.h>

#include "estimators/cpu/knn.h"
#include "estimators/local_internal.h"
#include "estimators/margins_internal.h"

/* Positions that are worked on together, so that what is found stays in the first-level cache. */
enum { CHUNK = 256 };

/* The sum over one class: its values ascending, and the margin of all classes; `term` gets what is summed. */
static double class_sum(const double *list, size_t size, const struct icl_margin *all, unsigned k, const double *psi,
                        double sum, double *term)
{
    double radius[CHUNK];
    uint32_t same[CHUNK], any[CHUNK];
    for (size_t begin = 0; begin < size; begin += CHUNK) {
        const size_t points = size - begin < CHUNK ? size - begin : CHUNK;
        icl_knn()->line(list, size, k, begin, points, radius, same);
        icl_margin_count(all, list + begin, radius, points, false, any);
        for (size_t i = 0; i < points; i++) {
            const double point = psi[same[i]] - psi[size] - psi[any[i] - 1];
            sum += point;
            if (term != NULL) term[begin + i] = point;
        }
    }
    return sum;
}

icl_status icl_mi_ross(const double *x, const uint32_t *order, const uint32_t *label, size_t n, size_t classes,
                       unsigned k, struct icl_workspace *workspace, double *mi, struct icl_error *err)
{
    return icl_mi_ross_local(x, order, label, n, classes, k, workspace, mi, NULL, err);
}

/* Puts the terms, which lie class by class and ascending in each, where their samples are. */
static icl_status scatter_terms(const double *term, const size_t *start, const uint32_t *order, const uint32_t *label,
                                size_t n, size_t classes, double constant, struct icl_workspace *ws, double *local,
                                struct icl_error *err)
{
    size_t *next = ICL_TAKE(ws, classes, size_t);
    if (next == NULL) return icl_fail_memory(err, "a Ross term");
    memcpy(next, start, classes * sizeof *next);
    for (size_t r = 0; r < n; r++) {
        const uint32_t i = order[r], c = label[i];
        local[i] = start[c + 1] - start[c] < 2 ? 0 : constant + term[next[c]++];
    }
    return ICL_OK;
}

icl_status icl_mi_ross_local(const double *x, const uint32_t *order, const uint32_t *label, size_t n, size_t classes,
                             unsigned k, struct icl_workspace *workspace, double *mi, double *local,
                             struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(workspace);
    size_t *start = ICL_TAKE(workspace, classes + 1, size_t);
    size_t *next = ICL_TAKE(workspace, classes, size_t);
    double *all = ICL_TAKE(workspace, n, double);
    double *by_class = ICL_TAKE(workspace, n, double);
    double *term = local != NULL ? ICL_TAKE(workspace, n, double) : NULL;
    const double *psi = icl_workspace_digamma(workspace, n + 1);
    if (local != NULL && term == NULL) return icl_fail_memory(err, "a Ross term");
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
    struct icl_margin margin;
    if (kept > 0) ICL_TRY(icl_margin_build(all, kept, workspace, &margin, err));
    double sum = 0;
    for (size_t c = 0; c < classes; c++) {
        const size_t size = start[c + 1] - start[c];
        if (size >= 2)
            sum = class_sum(by_class + start[c], size, &margin, size - 1 < k ? (unsigned)(size - 1) : k, psi, sum,
                            term != NULL ? term + start[c] : NULL);
    }
    if (local != NULL) ICL_TRY(scatter_terms(term, start, order, label, n, classes, psi[kept], workspace, local, err));
    *mi = kept > k ? psi[kept] + sum / (double)kept : NAN;
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}
