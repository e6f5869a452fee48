/* A series: one observed quantity over the keeps of a sweep, in independent blocks, by one estimator.
 * What claims judge are statistics of the levels of a series; the jackknife over blocks gives their intervals. */
#ifndef ICLAB_EXPERIMENTS_SERIES_H
#define ICLAB_EXPERIMENTS_SERIES_H

#include "estimators/uncertainty.h"
#include "experiments/verdict.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { ICL_MOST_LEVELS = 160 };

/* The mutual-information series of a source of data, in this order: three kinds that fail in different ways. */
enum { ICL_BY_DECOMPOSITION, ICL_BY_PLUGIN, ICL_BY_NEIGHBOURS, ICL_MI_SERIES };

/* Turns the mean block vector into the levels of a series. */
struct icl_series;
typedef void (*icl_levels)(const struct icl_series *series, const double *mean, double *level);

struct icl_series {
    const char *estimator; /* a constant name: "decomposition", "plugin", "pearson", ... */
    enum icl_evidence_kind kind;
    size_t blocks, size;  /* block b holds the vector block[b * size .. b * size + size - 1] */
    double *block;        /* owned by the series */
    size_t n;             /* samples in all blocks */
    size_t levels;        /* at most ICL_MOST_LEVELS */
    icl_levels to_levels; /* NULL: the mean vector itself (size = levels) */
    /* for tables of counts: a pair's table has rows * cols cells, `tables` pairs a level are added up */
    size_t rows, cols, tables;
    const void *context; /* for to_levels; borrowed */
    double *pooled;      /* NULL, or owned: estimates from all samples at once. They replace the mean over blocks in the
                            levels, and the blocks then tell the error only: for estimators whose bias falls with n */
};

/* Gives a series the name and kind of the estimator `by` (ICL_BY_DECOMPOSITION, ...). */
void icl_series_name(struct icl_series *series, size_t by);

/* Allocates blocks * size zeros. */
icl_status icl_series_alloc(struct icl_series *series, struct icl_error *err);
void icl_series_free(struct icl_series *series);

/* to_levels of tables of counts: level l is the mean over `tables` of the plug-in MI (Miller-Madow, n samples) of
 * tables l * tables + t. */
void icl_levels_of_tables(const struct icl_series *series, const double *mean, double *level);

/* A number computed from the levels. */
typedef double (*icl_quantity)(const double *level, size_t levels, const void *context);

/* Estimate and 95 % interval of a quantity: the delete-one jackknife over blocks of quantity(to_levels(mean)). */
icl_status icl_series_interval(const struct icl_series *series, icl_quantity quantity, const void *context,
                               struct icl_interval *interval, struct icl_error *err);

/* level: the levels of all blocks; without (blocks x levels, may be NULL): the levels without block b. */
icl_status icl_series_leave_one_out(const struct icl_series *series, double *level, double *without,
                                    struct icl_error *err);

/* covariance (levels x levels) of the levels, by the same jackknife. */
icl_status icl_series_covariance(const struct icl_series *series, double *level, double *covariance,
                                 struct icl_error *err);

/* The jackknife covariance from `blocks` leave-one-out vectors of m levels, passing over vector `skipped` (blocks:
 * none), scaled as for all blocks. */
void icl_jackknife_covariance(const double *without, size_t blocks, size_t m, size_t skipped, double *covariance);

#ifdef __cplusplus
}
#endif

#endif
