#include "estimators/mi_analytic_null.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_psi.h>
#include <math.h>
#include <string.h>

/* Sums over one margin of a table: occupied entries, and N sum 1/n_i. */
struct margin {
    double occupied, reciprocals;
};

static struct margin margin_of(const double *sum, size_t entries, double total)
{
    struct margin margin = {0, 0};
    for (size_t i = 0; i < entries; i++) {
        if (sum[i] == 0) continue;
        margin.occupied += 1;
        margin.reciprocals += total / sum[i];
    }
    return margin;
}

icl_status icl_g_test(const uint64_t *count, size_t rows, size_t cols, struct icl_workspace *workspace,
                      struct icl_g_test *test, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(workspace);
    double *row = ICL_TAKE(workspace, rows, double), *col = ICL_TAKE(workspace, cols, double);
    if (row == NULL || col == NULL) return icl_fail_memory(err, "the margins of a table");
    memset(row, 0, rows * sizeof *row);
    memset(col, 0, cols * sizeof *col);
    double total = 0;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++) {
            const double here = (double)count[i * cols + j];
            row[i] += here;
            col[j] += here;
            total += here;
        }
    double g = 0;
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++) {
            const double here = (double)count[i * cols + j];
            if (here > 0) g += 2 * here * log(here * total / (row[i] * col[j]));
        }
    const struct margin r = margin_of(row, rows, total), c = margin_of(col, cols, total);
    *test = (struct icl_g_test){g, fmax(r.occupied - 1, 0) * fmax(c.occupied - 1, 0), 1, 1};
    if (test->df > 0) {
        test->williams = 1 + (r.reciprocals - 1) * (c.reciprocals - 1) / (6 * total * test->df);
        test->p = gsl_cdf_chisq_Q(fmax(g, 0) / test->williams, test->df);
    }
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}

double icl_gaussian_null_p(double mi, size_t n)
{
    if (isnan(mi)) return NAN;
    const double df = (double)n - 2;
    const double bias = (gsl_sf_psi((df + 1) / 2) - gsl_sf_psi(df / 2)) / 2;
    const double ratio = fmax(expm1(2 * (mi + bias)), 0); /* r^2 / (1 - r^2); rounding may take 0 below 0 */
    return 2 * gsl_cdf_tdist_Q(sqrt(df * ratio), df);
}

bool icl_mi_has_analytic_null(enum icl_mi_estimator estimator)
{
    return estimator == ICL_MI_PLUGIN || estimator == ICL_MI_GAUSSIAN;
}

static icl_status plugin_p(const struct icl_column *x, const struct icl_column *y, unsigned bins,
                           struct icl_workspace *ws, double *p, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(ws);
    struct icl_pair_bins bin;
    uint64_t *count;
    struct icl_g_test test;
    ICL_TRY(icl_pair_bins_make(x, y, bins, ws, &bin, err));
    ICL_TRY(icl_pair_bins_count(&bin, NULL, ws, &count, err));
    ICL_TRY(icl_g_test(count, bin.rows, bin.cols, ws, &test, err));
    *p = test.p;
    icl_workspace_release(ws, mark);
    return ICL_OK;
}

icl_status icl_mi_analytic_p(const struct icl_column *x, const struct icl_column *y,
                             const struct icl_mi_options *options, double mi, struct icl_workspace *workspace,
                             double *p, struct icl_error *err)
{
    *p = NAN;
    if (!icl_mi_has_analytic_null(options->estimator))
        return icl_fail(err, ICL_ERR_USAGE, "there is no formula for the null distribution of %s",
                        (unsigned)options->estimator < ICL_MI_COUNT ? icl_mi_names[options->estimator] : "this number");
    if (x->n != y->n) return icl_fail(err, ICL_ERR_INPUT, "columns of %zu and %zu rows", x->n, y->n);
    if (x->state == ICL_COLUMN_NONFINITE || y->state == ICL_COLUMN_NONFINITE) return ICL_OK;
    if (x->state == ICL_COLUMN_CONSTANT || y->state == ICL_COLUMN_CONSTANT) {
        *p = 1;
        return ICL_OK;
    }
    if (options->estimator == ICL_MI_PLUGIN) return plugin_p(x, y, options->bins, workspace, p, err);
    *p = icl_gaussian_null_p(mi, x->n);
    return ICL_OK;
}
