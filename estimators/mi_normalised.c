#include "estimators/mi_normalised.h"

#include <math.h>

#include "estimators/entropy.h"

const char *const icl_mi_normalisation_names[ICL_MI_NORMALISATION_COUNT + 1] = {
    [ICL_MI_NORMALISE_NONE] = "none",
    [ICL_MI_NORMALISE_CORRELATION] = "correlation",
    [ICL_MI_NORMALISE_ENTROPY_MIN] = "entropy-min",
    [ICL_MI_NORMALISE_ENTROPY_GEOMETRIC] = "entropy-geometric",
    [ICL_MI_NORMALISE_ENTROPY_ARITHMETIC] = "entropy-arithmetic",
    [ICL_MI_NORMALISE_ENTROPY_MAX] = "entropy-max",
};

double icl_informational_correlation(double mi)
{
    return mi <= 0 ? 0 : sqrt(-expm1(-2 * mi));
}

static double geometric(double a, double b)
{
    return sqrt(a) * sqrt(b); /* the entropies of a table are not negative, but a correction can make them so: nan */
}

static double arithmetic(double a, double b)
{
    return (a + b) / 2;
}

static double (*const means[ICL_MI_NORMALISATION_COUNT])(double, double) = {
    [ICL_MI_NORMALISE_ENTROPY_MIN] = fmin,
    [ICL_MI_NORMALISE_ENTROPY_GEOMETRIC] = geometric,
    [ICL_MI_NORMALISE_ENTROPY_ARITHMETIC] = arithmetic,
    [ICL_MI_NORMALISE_ENTROPY_MAX] = fmax,
};

double icl_mi_over_entropy(double mi, double hx, double hy, enum icl_mi_normalisation kind)
{
    if ((unsigned)kind >= ICL_MI_NORMALISATION_COUNT || means[kind] == NULL || !isfinite(hx) || !isfinite(hy))
        return NAN;
    const double mean = means[kind](hx, hy);
    return mean > 0 ? mi / mean : NAN;
}

icl_status icl_mi_self(const struct icl_column *column, enum icl_count_correction correction,
                       struct icl_workspace *workspace, double *mi, struct icl_error *err)
{
    struct icl_entropy entropy;
    *mi = INFINITY;
    if (column->state == ICL_COLUMN_REGULAR && column->continuous > 0) return ICL_OK;
    ICL_TRY(icl_entropy_corrected(column, 0, correction, workspace, &entropy, err));
    *mi = entropy.discrete;
    return ICL_OK;
}

icl_status icl_mi_normalise(double mi, const struct icl_column *x, const struct icl_column *y,
                            enum icl_mi_normalisation kind, enum icl_count_correction correction,
                            struct icl_workspace *workspace, double *normalised, struct icl_error *err)
{
    *normalised = NAN;
    if ((unsigned)kind >= ICL_MI_NORMALISATION_COUNT)
        return icl_fail(err, ICL_ERR_USAGE, "no normalisation has the number %u", (unsigned)kind);
    if (kind == ICL_MI_NORMALISE_NONE) return ICL_OK;
    if (kind == ICL_MI_NORMALISE_CORRELATION) {
        *normalised = icl_informational_correlation(mi);
        return ICL_OK;
    }
    double hx, hy;
    ICL_TRY(icl_mi_self(x, correction, workspace, &hx, err));
    ICL_TRY(icl_mi_self(y, correction, workspace, &hy, err));
    *normalised = icl_mi_over_entropy(mi, hx, hy, kind);
    return ICL_OK;
}
