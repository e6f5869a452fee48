#include "estimators/correlation.h"

#include <math.h>
#include <stdlib.h>

#include "core/threads.h"
#include "kernels/device_correlation.h"
#include "kernels/kernels.h"

static bool both_regular(const struct icl_column *x, const struct icl_column *y)
{
    return x->state == ICL_COLUMN_REGULAR && y->state == ICL_COLUMN_REGULAR;
}

/* r of two lists of n values whose means are known. */
static double correlate(const double *x, double mean_x, const double *y, double mean_y, size_t n)
{
    double xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        const double dx = x[i] - mean_x, dy = y[i] - mean_y;
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    return xy / sqrt(xx * yy);
}

static double mean_of(const double *x, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i];
    return sum / (double)n;
}

double icl_pearson(const struct icl_column *x, const struct icl_column *y)
{
    if (!both_regular(x, y)) return NAN;
    return correlate(x->z, mean_of(x->z, x->n), y->z, mean_of(y->z, y->n), x->n);
}

icl_status icl_spearman(const struct icl_column *x, const struct icl_column *y, struct icl_workspace *workspace,
                        double *rho, struct icl_error *err)
{
    *rho = NAN;
    if (!both_regular(x, y)) return ICL_OK;
    const struct icl_mark mark = icl_workspace_mark(workspace);
    double *rx = ICL_TAKE(workspace, x->n, double), *ry = ICL_TAKE(workspace, x->n, double);
    if (rx == NULL || ry == NULL) return icl_fail_memory(err, "ranks");
    icl_column_average_ranks(x, rx);
    icl_column_average_ranks(y, ry);
    const double middle = ((double)x->n + 1) / 2; /* average ranks keep the mean rank exactly */
    *rho = correlate(rx, middle, ry, middle, x->n);
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}

/* ---- all columns ---------------------------------------------------------------------------------------------- */

struct preparation {
    const struct icl_columns *columns;
    struct icl_column *prepared;
    struct icl_workspace **workspaces;
};

static icl_status prepare_one(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    struct preparation *p = context;
    return icl_column_prepare(&p->prepared[item], icl_column(p->columns, item), p->columns->rows, 1,
                              p->workspaces[worker], err);
}

icl_status icl_columns_prepare(const struct icl_columns *columns, unsigned threads, struct icl_column **prepared,
                               struct icl_error *err)
{
    if (threads == 0) threads = icl_processor_count();
    struct preparation p = {columns, calloc(columns->cols + 1, sizeof *p.prepared), NULL};
    if (p.prepared == NULL) return icl_fail_memory(err, "columns");
    icl_status status = icl_workspaces_create(&p.workspaces, threads, err);
    if (status == ICL_OK) status = icl_parallel_for(threads, columns->cols, prepare_one, &p, err);
    icl_workspaces_free(p.workspaces, threads);
    if (status == ICL_OK)
        *prepared = p.prepared;
    else
        icl_prepared_free(p.prepared, columns->cols);
    return status;
}

void icl_prepared_free(struct icl_column *prepared, size_t cols)
{
    if (prepared == NULL) return;
    for (size_t j = 0; j < cols; j++)
        icl_column_free(&prepared[j]);
    free(prepared);
}

/* A column for the product; one without correlations is filled with nan, which reaches no other. */
static const double *values_of(const void *context, size_t column, double *room)
{
    const struct icl_column *c = (const struct icl_column *)context + column;
    if (c->state == ICL_COLUMN_REGULAR) return c->z;
    for (size_t i = 0; i < c->n; i++)
        room[i] = NAN;
    return room;
}

static const double *ranks_of(const void *context, size_t column, double *room)
{
    const struct icl_column *c = (const struct icl_column *)context + column;
    if (c->state != ICL_COLUMN_REGULAR) return values_of(context, column, room);
    icl_column_average_ranks(c, room);
    return room;
}

static icl_status one_matrix(struct icl_device *device, icl_column_values values, const struct icl_column *prepared,
                             size_t cols, unsigned threads, double *out, struct icl_error *err)
{
    const size_t n = prepared[0].n;
    if (out == NULL) return ICL_OK;
    if (device != NULL) return icl_device_correlation(device, values, prepared, n, cols, out, err);
    return icl_correlation(icl_kernels(), values, prepared, n, cols, threads, out, err);
}

icl_status icl_correlation_matrices(struct icl_device *device, const struct icl_column *prepared, size_t cols,
                                    unsigned threads, double *pearson, double *spearman, struct icl_error *err)
{
    if (cols == 0) return ICL_OK;
    ICL_TRY(one_matrix(device, values_of, prepared, cols, threads, pearson, err));
    return one_matrix(device, ranks_of, prepared, cols, threads, spearman, err);
}
