/* Covariance in two passes: column means, then the Gram matrix of what is left when they are taken away, so that an
 * offset common to a column costs no digits. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/threads.h"
#include "kernels/kernels.h"

enum {
    SHARD_ROWS = 1024,    /* rows of one Gram product; part of the result's definition */
    SUM_LANES = 8,        /* partial sums of a column; part of the result's definition */
    WAVE_BYTES = 16 << 20 /* memory for products that wait to be added; no part of it */
};

struct job {
    const struct kernels *kernels;
    const double *x;
    size_t rows, cols;
    double *mean;
    double *centred; /* of each slot: SHARD_ROWS x cols */
    double *product; /* of each slot: cols x cols */
    size_t first_shard;
};

/* The mean of x - centre over rows. */
static double mean_beyond(const double *x, size_t rows, double centre)
{
    double lane[SUM_LANES] = {0.0};
    size_t r = 0;
    for (; r + SUM_LANES <= rows; r += SUM_LANES)
        for (size_t i = 0; i < SUM_LANES; i++)
            lane[i] += x[r + i] - centre;
    for (size_t i = 0; r + i < rows; i++)
        lane[i] += x[r + i] - centre;
    double sum = 0.0;
    for (size_t i = 0; i < SUM_LANES; i++)
        sum += lane[i];
    return sum / (double)rows;
}

static icl_status find_mean(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    (void)worker;
    (void)err;
    const struct job *job = context;
    const double *x = job->x + item * job->rows;
    /* The second sum takes away the rounding of the first: a constant column gets its constant to the last bit. */
    const double rough = mean_beyond(x, job->rows, 0.0);
    job->mean[item] = rough + mean_beyond(x, job->rows, rough);
    return ICL_OK;
}

/* The product of shard first_shard + slot, into that slot. */
static icl_status multiply_shard(void *context, size_t slot, unsigned worker, struct icl_error *err)
{
    (void)worker;
    (void)err;
    const struct job *job = context;
    const size_t start = (job->first_shard + slot) * SHARD_ROWS;
    const size_t rows = job->rows - start < SHARD_ROWS ? job->rows - start : SHARD_ROWS;
    double *centred = job->centred + slot * SHARD_ROWS * job->cols;
    for (size_t c = 0; c < job->cols; c++) {
        const double *from = job->x + c * job->rows + start;
        double *to = centred + c * SHARD_ROWS;
        for (size_t r = 0; r < rows; r++)
            to[r] = from[r] - job->mean[c];
    }
    job->kernels->gram(centred, rows, job->cols, SHARD_ROWS, job->product + slot * job->cols * job->cols);
    return ICL_OK;
}

/* Slots filled at a time: as many as fit in WAVE_BYTES, but one for each thread. Does not change the result. */
static size_t slots_for(size_t shards, size_t slot_bytes, unsigned threads)
{
    size_t slots = WAVE_BYTES / slot_bytes;
    if (slots < threads) slots = threads;
    return slots < shards ? slots : shards;
}

static icl_status add_shards(struct job *job, unsigned threads, double *cov, struct icl_error *err)
{
    const size_t shards = (job->rows - 1) / SHARD_ROWS + 1;
    const size_t area = job->cols * job->cols;
    const size_t slot_doubles = area + SHARD_ROWS * job->cols;
    const size_t slots = slots_for(shards, slot_doubles * sizeof(double), threads);
    if (slots > SIZE_MAX / sizeof(double) / slot_doubles) return icl_fail_memory(err, "the covariance");
    double *memory = malloc(slots * slot_doubles * sizeof(double));
    if (memory == NULL) return icl_fail_memory(err, "the covariance");
    job->product = memory;
    job->centred = memory + slots * area;

    icl_status status = ICL_OK;
    memset(cov, 0, area * sizeof *cov);
    for (job->first_shard = 0; job->first_shard < shards && status == ICL_OK; job->first_shard += slots) {
        const size_t left = shards - job->first_shard;
        const size_t filled = left < slots ? left : slots;
        status = icl_parallel_for(threads, filled, multiply_shard, job, err);
        for (size_t slot = 0; slot < filled && status == ICL_OK; slot++)
            for (size_t i = 0; i < area; i++)
                cov[i] += job->product[slot * area + i];
    }
    free(memory);
    for (size_t i = 0; i < area; i++)
        cov[i] /= (double)job->rows;
    return status;
}

icl_status icl_covariance(const struct kernels *kernels, const double *x, size_t rows, size_t cols, unsigned threads,
                          double *mean, double *cov, struct icl_error *err)
{
    if (rows == 0) return icl_fail(err, ICL_ERR_INPUT, "covariance: no samples");
    if (cols == 0) return ICL_OK;
    /* cov itself holds cols^2 doubles, so cols is below 2^30 and the products below do not overflow. */
    if (threads == 0) threads = icl_processor_count();
    struct job job = {.kernels = kernels, .x = x, .rows = rows, .cols = cols, .mean = mean};
    ICL_TRY(icl_parallel_for(threads, cols, find_mean, &job, err));
    return add_shards(&job, threads, cov, err);
}
