#include "experiments/multinormal.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_matrix.h>

#include "core/gsl_errors.h"
#include "kernels/random.h"

/* Rounding in a matrix computed by its maker; anything larger is a mistake in it. */
static const double rounding = 1e-12;

static icl_status check_correlation(size_t d, const double *R, struct icl_error *err)
{
    if (d > ICL_MULTINORMAL_MAX)
        return icl_fail(err, ICL_ERR_USAGE, "correlation matrix: %zu components, at most %d", d, ICL_MULTINORMAL_MAX);
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j <= i; j++) {
            const double here = R[i * d + j], there = R[j * d + i];
            if (!isfinite(here) || !isfinite(there))
                return icl_fail(err, ICL_ERR_INPUT, "correlation matrix: not finite at (%zu,%zu)", i, j);
            if (i == j && fabs(here - 1) > rounding)
                return icl_fail(err, ICL_ERR_INPUT, "correlation matrix: diagonal %zu is %g, not 1", i, here);
            if (fabs(here - there) > rounding)
                return icl_fail(err, ICL_ERR_INPUT, "correlation matrix: not symmetric at (%zu,%zu)", i, j);
        }
    return ICL_OK;
}

/* Puts the Cholesky factor L, R_S = L L^T, of the `count` >= 1 components `members` into the lower triangle of `factor`
 * (room for count x count). */
static icl_status factorise(size_t d, const double *R, const size_t *members, size_t count, double *factor,
                            struct icl_error *err)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            factor[i * count + j] = R[members[i] * d + members[j]];
    gsl_matrix_view view = gsl_matrix_view_array(factor, count, count);
    const int code = gsl_linalg_cholesky_decomp1(&view.matrix);
    if (code == GSL_SUCCESS) return ICL_OK;
    return icl_fail(err, code == GSL_EDOM ? ICL_ERR_INPUT : ICL_ERR_NUMERIC,
                    "correlation matrix: no Cholesky factor (%s); it must be positive definite", gsl_strerror(code));
}

/* Memory for factorise(): a factor of up to d components and the list of all of them. */
struct workspace {
    double *factor;
    size_t *members;
};

static void workspace_free(struct workspace *workspace)
{
    free(workspace->factor);
    free(workspace->members);
}

/* Checks R and makes room. On success workspace_free is due. */
static icl_status workspace_alloc(struct workspace *workspace, size_t d, const double *R, struct icl_error *err)
{
    icl_gsl_errors_as_codes();
    ICL_TRY(check_correlation(d, R, err));
    /* One more than needed, so that d = 0 is no special case. */
    workspace->factor = malloc((d * d + 1) * sizeof *workspace->factor);
    workspace->members = malloc((d + 1) * sizeof *workspace->members);
    if (workspace->factor == NULL || workspace->members == NULL) {
        workspace_free(workspace);
        return icl_fail_memory(err, "a Cholesky factor");
    }
    for (size_t i = 0; i < d; i++)
        workspace->members[i] = i;
    return ICL_OK;
}

/* TC of the components `members`. ln det = 2 sum ln L_ii. */
static icl_status total_correlation(size_t d, const double *R, const size_t *members, size_t count, double *factor,
                                    double *tc, struct icl_error *err)
{
    double sum = 0;
    if (count > 1) {
        ICL_TRY(factorise(d, R, members, count, factor, err));
        for (size_t i = 0; i < count; i++)
            sum -= log(factor[i * count + i]);
    }
    *tc = sum;
    return ICL_OK;
}

/* x = L z in place: component i needs z_0 .. z_i, so the last one goes first. */
static void correlate(size_t d, const double *factor, size_t n, double *columns)
{
    for (size_t i = d; i-- > 0;) {
        double *x = columns + i * n;
        for (size_t k = 0; k < n; k++)
            x[k] *= factor[i * d + i];
        for (size_t j = 0; j < i; j++) {
            const double *z = columns + j * n;
            for (size_t k = 0; k < n; k++)
                x[k] += factor[i * d + j] * z[k];
        }
    }
}

icl_status icl_law_multinormal(size_t d, const double *R, uint64_t seed, uint32_t step, size_t n, double *columns,
                               struct icl_error *err)
{
    struct workspace workspace;
    ICL_TRY(workspace_alloc(&workspace, d, R, err));
    const icl_status status = d > 0 ? factorise(d, R, workspace.members, d, workspace.factor, err) : ICL_OK;
    if (status == ICL_OK) {
        for (size_t j = 0; j < d; j++) {
            const struct icl_stream stream = {
                .seed = seed, .purpose = ICL_PURPOSE_LAW, .layer = ICL_MULTINORMAL_LAYER + (uint32_t)j, .step = step};
            icl_random_normal(&stream, 0, n, columns + j * n);
        }
        correlate(d, workspace.factor, n, columns);
    }
    workspace_free(&workspace);
    return status;
}

icl_status icl_total_correlation_normal(size_t d, const double *R, double *tc, struct icl_error *err)
{
    struct workspace workspace;
    ICL_TRY(workspace_alloc(&workspace, d, R, err));
    const icl_status status = total_correlation(d, R, workspace.members, d, workspace.factor, tc, err);
    workspace_free(&workspace);
    return status;
}

icl_status icl_total_correlation_after_gates(size_t d, const double *R, double keep, double *tc, struct icl_error *err)
{
    if (d > ICL_TOTAL_CORRELATION_SUBSETS_MAX)
        return icl_fail(err, ICL_ERR_USAGE, "total correlation after gates: %zu components, at most %d", d,
                        ICL_TOTAL_CORRELATION_SUBSETS_MAX);
    if (!(keep >= 0 && keep <= 1)) return icl_fail(err, ICL_ERR_USAGE, "keep %g is not in [0,1]", keep);
    struct workspace workspace;
    ICL_TRY(workspace_alloc(&workspace, d, R, err));
    icl_status status = ICL_OK;
    double sum = 0;
    for (uint32_t subset = 0; subset < UINT32_C(1) << d && status == ICL_OK; subset++) {
        size_t count = 0;
        double probability = 1, of_subset = 0;
        for (size_t i = 0; i < d; i++) {
            const bool open = subset >> i & 1;
            probability *= open ? keep : 1 - keep;
            if (open) workspace.members[count++] = i;
        }
        status = total_correlation(d, R, workspace.members, count, workspace.factor, &of_subset, err);
        sum += probability * of_subset;
    }
    workspace_free(&workspace);
    if (status == ICL_OK) *tc = sum;
    return status;
}
