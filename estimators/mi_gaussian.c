#include <gsl/gsl_sf_psi.h>
#include <math.h>

#include "estimators/mutual_information.h"
#include "kernels/random.h"

/* The smallest sample for which the bias term psi((n-2)/2) is finite and r is not +-1 by force. */
enum { LEAST_SAMPLES = 4 };

void icl_mi_gaussian_scores(const struct icl_column *column, double *score)
{
    icl_column_average_ranks(column, score);
    for (size_t i = 0; i < column->n; i++)
        score[i] = icl_normal_quantile(score[i] / ((double)column->n + 1));
}

icl_status icl_mi_gaussian_of_scores(const double *sx, const double *sy, size_t n, double *mi, struct icl_error *err)
{
    if (n < LEAST_SAMPLES)
        return icl_fail(err, ICL_ERR_INPUT, "%zu samples are too few for the Gaussian copula (at least %d)", n,
                        LEAST_SAMPLES);
    double mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        mean_x += sx[i];
        mean_y += sy[i];
    }
    mean_x /= (double)n;
    mean_y /= (double)n;
    for (size_t i = 0; i < n; i++) {
        const double dx = sx[i] - mean_x, dy = sy[i] - mean_y;
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    const double bias = (gsl_sf_psi(((double)n - 1) / 2) - gsl_sf_psi(((double)n - 2) / 2)) / 2;
    const double r_squared =
        fmin(xy / xx * (xy / yy), 1); /* rounding may lift it above 1, where there is no logarithm */
    *mi = -0.5 * log1p(-r_squared) - bias;
    return ICL_OK;
}

icl_status icl_mi_gaussian(const struct icl_column *x, const struct icl_column *y, struct icl_workspace *workspace,
                           double *mi, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(workspace);
    double *sx = ICL_TAKE(workspace, x->n, double), *sy = ICL_TAKE(workspace, x->n, double);
    if (sx == NULL || sy == NULL) return icl_fail_memory(err, "normal scores");
    icl_mi_gaussian_scores(x, sx);
    icl_mi_gaussian_scores(y, sy);
    const icl_status status = icl_mi_gaussian_of_scores(sx, sy, x->n, mi, err);
    icl_workspace_release(workspace, mark);
    return status;
}
