#include "experiments/series.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "estimators/total_correlation.h"

void icl_series_name(struct icl_series *series, size_t by)
{
    static const struct {
        const char *name;
        enum icl_evidence_kind kind;
    } estimators[ICL_MI_SERIES] = {
        [ICL_BY_DECOMPOSITION] = {"decomposition", ICL_KIND_DECOMPOSITION},
        [ICL_BY_PLUGIN] = {"plugin", ICL_KIND_BINS},
        [ICL_BY_NEIGHBOURS] = {"mesner-shalizi", ICL_KIND_NEIGHBOURS},
    };
    series->estimator = estimators[by].name;
    series->kind = estimators[by].kind;
}

icl_status icl_series_alloc(struct icl_series *series, struct icl_error *err)
{
    series->block = calloc(series->blocks * series->size, sizeof *series->block);
    return series->block != NULL ? ICL_OK : icl_fail_memory(err, "the blocks of a series");
}

void icl_series_free(struct icl_series *series)
{
    free(series->block);
    free(series->pooled);
    series->block = series->pooled = NULL;
}

void icl_levels_of_tables(const struct icl_series *series, const double *mean, double *level)
{
    const size_t shape[2] = {series->rows, series->cols}, cells = series->rows * series->cols;
    struct icl_workspace *ws = NULL;
    const bool ready = icl_workspace_create(&ws, NULL) == ICL_OK;
    for (size_t l = 0; l < series->levels; l++) {
        double sum = 0;
        for (size_t t = 0; t < series->tables; t++) {
            double mi = NAN;
            const double *table = mean + (l * series->tables + t) * cells;
            if (ready) icl_tc_weighted(table, shape, 2, (double)series->n, ws, &mi, NULL);
            sum += mi;
        }
        level[l] = sum / (double)series->tables;
    }
    icl_workspace_free(ws);
}

/* The levels of a series: those of the mean, moved from the mean over blocks to the pooled estimates. */
struct shifted {
    const struct icl_series *series;
    double shift[ICL_MOST_LEVELS];
};

static void levels_of(const double *mean, size_t size, double *level, const void *context)
{
    (void)size;
    const struct shifted *shifted = context;
    const struct icl_series *series = shifted->series;
    if (series->to_levels != NULL)
        series->to_levels(series, mean, level);
    else
        memcpy(level, mean, series->levels * sizeof *level);
    for (size_t l = 0; l < series->levels; l++)
        level[l] += shifted->shift[l];
}

/* A quantity of the levels. */
struct composed {
    struct shifted shifted;
    icl_quantity quantity;
    const void *context;
};

static double compose(const double *mean, size_t size, const void *context)
{
    const struct composed *c = context;
    double level[ICL_MOST_LEVELS];
    levels_of(mean, size, level, &c->shifted);
    return c->quantity(level, c->shifted.series->levels, c->context);
}

/* shift = pooled - mean over blocks; 0 without pooled estimates. */
static void find_shift(const struct icl_series *series, double *shift)
{
    for (size_t l = 0; l < series->levels; l++) {
        shift[l] = 0;
        if (series->pooled == NULL) continue;
        double sum = 0;
        for (size_t b = 0; b < series->blocks; b++)
            sum += series->block[b * series->size + l];
        shift[l] = series->pooled[l] - sum / (double)series->blocks;
    }
}

icl_status icl_series_interval(const struct icl_series *series, icl_quantity quantity, const void *context,
                               struct icl_interval *interval, struct icl_error *err)
{
    struct composed composed = {.shifted.series = series, .quantity = quantity, .context = context};
    find_shift(series, composed.shifted.shift);
    return icl_jackknife(series->block, series->blocks, series->size, compose, &composed, interval, err);
}

icl_status icl_series_leave_one_out(const struct icl_series *series, double *level, double *without,
                                    struct icl_error *err)
{
    struct shifted shifted = {.series = series};
    find_shift(series, shifted.shift);
    return icl_leave_one_out(series->block, series->blocks, series->size, levels_of, &shifted, series->levels, level,
                             without, err);
}

void icl_jackknife_covariance(const double *without, size_t blocks, size_t m, size_t skipped, double *covariance)
{
    const double used = (double)blocks - (skipped < blocks ? 1 : 0);
    double centre[ICL_MOST_LEVELS] = {0};
    for (size_t b = 0; b < blocks; b++)
        for (size_t l = 0; l < m && b != skipped; l++)
            centre[l] += without[b * m + l] / used;
    for (size_t k = 0; k < m; k++) {
        for (size_t l = 0; l < m; l++) {
            double cross = 0;
            for (size_t b = 0; b < blocks; b++)
                if (b != skipped) cross += (without[b * m + k] - centre[k]) * (without[b * m + l] - centre[l]);
            covariance[k * m + l] = cross * (double)(blocks - 1) / used;
        }
    }
}

icl_status icl_series_covariance(const struct icl_series *series, double *level, double *covariance,
                                 struct icl_error *err)
{
    double *without = malloc(series->blocks * series->levels * sizeof *without);
    if (without == NULL) return icl_fail_memory(err, "the covariance of a series");
    const icl_status status = icl_series_leave_one_out(series, level, without, err);
    if (status == ICL_OK) icl_jackknife_covariance(without, series->blocks, series->levels, series->blocks, covariance);
    free(without);
    return status;
}
