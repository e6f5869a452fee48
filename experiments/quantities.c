#include "experiments/quantities.h"

#include <math.h>

#include "estimators/dropout_law.h"

double icl_quadratic_ratio(const double *level, size_t levels, const void *context)
{
    (void)levels;
    const struct icl_quantity_context *c = context;
    const double q = c->keep[c->at];
    return level[c->at] / (q * q * level[0]);
}

double icl_theory_ratio(const double *level, size_t levels, const void *context)
{
    (void)levels;
    const struct icl_quantity_context *c = context;
    return level[c->at] / level[0] / c->expected;
}

double icl_local_exponent(const double *level, size_t levels, const void *context)
{
    (void)levels;
    const struct icl_quantity_context *c = context;
    return log(level[c->at] / level[0]) / log(c->keep[c->at]);
}

double icl_gate_excess(const double *level, size_t levels, const void *context)
{
    const struct icl_quantity_context *c = context;
    double sum = 0;
    for (size_t l = 1; l < levels; l++)
        sum += level[l] - (icl_binary_entropy(c->keep[l]) + c->keep[l] * level[0]);
    return sum / (double)(levels - 1);
}

double icl_rise(const double *level, size_t levels, const void *context)
{
    (void)levels;
    const struct icl_quantity_context *c = context;
    return level[c->at] - level[0];
}

double icl_slope(const double *level, size_t levels, const void *context)
{
    const struct icl_quantity_context *c = context;
    double cross = 0, square = 0;
    for (size_t l = 1; l < levels; l++) {
        cross += level[l] * c->factor[l];
        square += c->factor[l] * c->factor[l];
    }
    return cross / (square * level[0]);
}

double icl_level_itself(const double *level, size_t levels, const void *context)
{
    (void)levels;
    return level[((const struct icl_quantity_context *)context)->at];
}

/* The eigenvalue of rank r (0: smallest) behind the dropout, measured or by the law. */
static double eigenvalue(const double *level, const struct icl_quantity_context *c, size_t r)
{
    return level[c->at * c->d + r];
}

static double eigenvalue_of_law(const double *level, const struct icl_quantity_context *c, size_t r)
{
    const double q = c->keep[c->at];
    return q * level[r] + 1 - q;
}

double icl_largest_eigenvalue_ratio(const double *level, size_t levels, const void *context)
{
    (void)levels;
    const struct icl_quantity_context *c = context;
    return eigenvalue(level, c, c->d - 1) / eigenvalue_of_law(level, c, c->d - 1);
}

double icl_smallest_eigenvalue_ratio(const double *level, size_t levels, const void *context)
{
    (void)levels;
    const struct icl_quantity_context *c = context;
    return eigenvalue(level, c, 0) / eigenvalue_of_law(level, c, 0);
}

double icl_condition_ratio(const double *level, size_t levels, const void *context)
{
    return icl_largest_eigenvalue_ratio(level, levels, context) / icl_smallest_eigenvalue_ratio(level, levels, context);
}
