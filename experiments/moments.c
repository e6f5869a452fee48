#include "experiments/moments.h"

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_sort_vector.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/gsl_errors.h"
#include "kernels/kernels.h"

void icl_moments_fill(const double *columns, size_t rows, size_t d, double *out)
{
    for (size_t j = 0; j < d; j++) {
        double sum = 0;
        for (size_t i = 0; i < rows; i++)
            sum += columns[j * rows + i];
        out[j] = sum / (double)rows;
    }
    icl_kernels()->gram(columns, rows, d, rows, out + d);
    for (size_t c = 0; c < d * d; c++)
        out[d + c] /= (double)rows;
}

/* A variance below this share of the mean square is the rounding of the two (sums of a million values are good to about
 * 1e-13): the column is constant. */
static const double ROUNDING = 1e-12;

void icl_moments_correlation(const double *moments, size_t d, double *corr, double *mean_over_sd)
{
    const double *mean = moments, *product = moments + d;
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++)
            corr[i * d + j] = product[i * d + j] - mean[i] * mean[j];
    for (size_t i = 0; i < d; i++) {
        if (!(corr[i * d + i] > ROUNDING * product[i * d + i])) corr[i * d + i] = NAN;
        const double deviation = sqrt(corr[i * d + i]);
        if (mean_over_sd != NULL) mean_over_sd[i] = mean[i] / deviation;
    }
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < d; j++) {
            if (i == j) continue;
            corr[i * d + j] /= sqrt(corr[i * d + i] * corr[j * d + j]);
        }
    }
    for (size_t i = 0; i < d; i++)
        corr[i * d + i] = corr[i * d + i] > 0 ? 1 : NAN;
}

icl_status icl_eigenvalues(const double *matrix, size_t d, double *value, struct icl_error *err)
{
    icl_gsl_errors_as_codes();
    for (size_t c = 0; c < d * d; c++)
        if (!isfinite(matrix[c])) return icl_fail(err, ICL_ERR_NUMERIC, "eigenvalues of a matrix that is not finite");
    gsl_matrix *copy = gsl_matrix_alloc(d, d);
    gsl_eigen_symm_workspace *w = gsl_eigen_symm_alloc(d);
    icl_status status = copy && w ? ICL_OK : icl_fail_memory(err, "eigenvalues");
    if (status == ICL_OK) {
        memcpy(copy->data, matrix, d * d * sizeof *matrix);
        gsl_vector_view out = gsl_vector_view_array(value, d);
        if (gsl_eigen_symm(copy, &out.vector, w) != GSL_SUCCESS)
            status = icl_fail(err, ICL_ERR_NUMERIC, "eigenvalues of a %zu x %zu matrix did not converge", d, d);
        else
            gsl_sort_vector(&out.vector);
    }
    gsl_eigen_symm_free(w);
    gsl_matrix_free(copy);
    return status;
}
