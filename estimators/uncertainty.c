#include "estimators/uncertainty.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

icl_status icl_leave_one_out(const double *block, size_t blocks, size_t size, icl_statistics statistics,
                             const void *context, size_t count, double *all, double *without, struct icl_error *err)
{
    if (blocks < 2) return icl_fail(err, ICL_ERR_INPUT, "a jackknife over %zu blocks: at least 2 are needed", blocks);
    double *memory = calloc(2 * size, sizeof *memory);
    if (memory == NULL) return icl_fail_memory(err, "a jackknife");
    double *sum = memory, *mean = memory + size;
    for (size_t b = 0; b < blocks; b++)
        for (size_t i = 0; i < size; i++)
            sum[i] += block[b * size + i];
    for (size_t i = 0; i < size; i++)
        mean[i] = sum[i] / (double)blocks;
    statistics(mean, size, all, context);
    for (size_t b = 0; without != NULL && b < blocks; b++) {
        for (size_t i = 0; i < size; i++)
            mean[i] = (sum[i] - block[b * size + i]) / (double)(blocks - 1);
        statistics(mean, size, without + b * count, context);
    }
    free(memory);
    return ICL_OK;
}

struct single {
    icl_statistic statistic;
    const void *context;
};

static void run_single(const double *mean, size_t size, double *value, const void *context)
{
    const struct single *single = context;
    *value = single->statistic(mean, size, single->context);
}

icl_status icl_jackknife(const double *block, size_t blocks, size_t size, icl_statistic statistic, const void *context,
                         struct icl_interval *interval, struct icl_error *err)
{
    const struct single single = {statistic, context};
    double *without = malloc((blocks + 1) * sizeof *without);
    if (without == NULL) return icl_fail_memory(err, "a jackknife");
    const icl_status status =
        icl_leave_one_out(block, blocks, size, run_single, &single, 1, &interval->estimate, without, err);
    if (status == ICL_OK) icl_jackknife_interval(without, blocks, interval);
    free(without);
    return status;
}

void icl_jackknife_interval(const double *without, size_t blocks, struct icl_interval *interval)
{
    double centre = 0, squares = 0;
    for (size_t b = 0; b < blocks; b++)
        centre += without[b] / (double)blocks;
    for (size_t b = 0; b < blocks; b++)
        squares += (without[b] - centre) * (without[b] - centre);
    interval->df = (double)blocks - 1;
    interval->se = sqrt(interval->df / (double)blocks * squares);
    icl_interval_set(interval, .95);
}

static double quantile(const struct icl_interval *interval, double probability)
{
    return isinf(interval->df) ? gsl_cdf_ugaussian_Pinv(probability) : gsl_cdf_tdist_Pinv(probability, interval->df);
}

void icl_interval_set(struct icl_interval *interval, double level)
{
    interval->lo = icl_interval_lower(interval, (1 + level) / 2);
    interval->hi = icl_interval_upper(interval, (1 + level) / 2);
}

double icl_interval_lower(const struct icl_interval *interval, double level)
{
    return interval->estimate - quantile(interval, level) * interval->se;
}

double icl_interval_upper(const struct icl_interval *interval, double level)
{
    return interval->estimate + quantile(interval, level) * interval->se;
}
