#include <string.h>

#include "estimators/local_internal.h"
#include "kernels/shared/pilot.h"

/* There are four times as many squares as fit side by side: each counts a quarter. */
static double differences(const uint32_t *sum, unsigned cells)
{
    double total = 0;
    for (unsigned i = 0; i + 1 < cells; i++)
        for (unsigned j = 0; j + 1 < cells; j++)
            icl_edge_square(sum, cells, i, j, &total);
    return total / 4;
}

icl_status icl_find_edges(const double *x, const double *y, size_t m, struct icl_workspace *workspace, bool *edges,
                          struct icl_error *err)
{
    *edges = false;
    if (m < ICL_EDGE_LEAST_SAMPLES) return ICL_OK;
    unsigned cells = icl_edge_cells((double)m);
    const double scale = icl_edge_scale(cells);
    const struct icl_mark mark = icl_workspace_mark(workspace);
    uint32_t *sum = ICL_TAKE(workspace, (size_t)cells * cells, uint32_t);
    if (sum == NULL) return icl_fail_memory(err, "the cells of a plane");
    memset(sum, 0, (size_t)cells * cells * sizeof *sum);
    for (size_t i = 0; i < m; i++) {
        unsigned a, b;
        if (icl_edge_cell(x[i], scale, cells / 2, &a) && icl_edge_cell(y[i], scale, cells / 2, &b))
            sum[(size_t)a * cells + b]++;
    }
    double found[ICL_EDGE_SCALES];
    for (unsigned s = 0; s < ICL_EDGE_SCALES; s++) {
        found[s] = differences(sum, cells);
        cells /= 2;
        for (unsigned i = 0; i < cells; i++) /* in place: what is read lies ahead of what is written */
            for (unsigned j = 0; j < cells; j++)
                sum[(size_t)i * cells + j] = icl_edge_four(sum + (size_t)2 * i * 2 * cells + 2 * j, 2 * cells);
    }
    icl_workspace_release(workspace, mark);
    *edges = icl_edge_verdict(found, 0);
    return ICL_OK;
}
