/* Covariance and correlation in two steps: every column centred on its mean, so that an offset costs no digits; then
 * the products of all columns, tile by tile. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/threads.h"
#include "kernels/kernels.h"

/* All but the last are part of the result's definition: sums run over fixed pieces in a fixed order. */
enum {
    SUM_LANES = 8,      /* partial sums of a column */
    TILE = 256,         /* columns of a tile, both ways */
    STRIP_ROWS = 1024,  /* least rows of a strip, and ... */
    LEAST_PIECES = 16,  /* pieces of work that strips are cut for: tiles x strips */
    SINGLE_ROWS = 4096, /* rows that are added up in single precision */
    LINE = 64           /* bytes; columns start on a cache line */
};

struct job {
    const struct kernels *kernels;
    icl_column_values values;
    const void *context;
    size_t rows, cols, stride; /* `stride` values between the centred columns */
    double *mean;
    double *centred;      /* cols columns; or, in single precision, ... */
    float *single;        /* ... these, of length 1 */
    double *wide;         /* single precision: a column for each worker */
    double *factor;       /* NULL: covariance; or what makes each column's length 1 */
    size_t edges, strips; /* tiles in a row of tiles; strips of rows */
    double *sum;          /* TILE^2 for each worker, or for each strip of each tile if there are several */
    float *product;       /* single precision: TILE^2 for each worker */
    double *out;          /* cols^2 */
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

/* x - centre in place of x; returns its sum of squares. */
static double centre_column(double *x, size_t rows, double centre)
{
    double lane[SUM_LANES] = {0.0};
    size_t r = 0;
    for (; r + SUM_LANES <= rows; r += SUM_LANES)
        for (size_t i = 0; i < SUM_LANES; i++) {
            x[r + i] -= centre;
            lane[i] += x[r + i] * x[r + i];
        }
    for (size_t i = 0; r + i < rows; i++) {
        x[r + i] -= centre;
        lane[i] += x[r + i] * x[r + i];
    }
    double sum = 0.0;
    for (size_t i = 0; i < SUM_LANES; i++)
        sum += lane[i];
    return sum;
}

static icl_status prepare_column(void *context, size_t c, unsigned worker, struct icl_error *err)
{
    (void)err;
    const struct job *job = context;
    double *x = job->single != NULL ? job->wide + worker * job->stride : job->centred + c * job->stride;
    job->values(job->context, c, x);
    /* The second sum takes away the rounding of the first: a constant column gets its constant to the last bit. */
    const double rough = mean_beyond(x, job->rows, 0.0);
    job->mean[c] = rough + mean_beyond(x, job->rows, rough);
    const double squares = centre_column(x, job->rows, job->mean[c]);
    if (job->factor == NULL) return ICL_OK;
    const double factor = squares > 0.0 ? 1.0 / sqrt(squares) : NAN;
    job->factor[c] = factor;
    if (job->single == NULL) return ICL_OK;
    float *to = job->single + c * job->stride;
    for (size_t r = 0; r < job->rows; r++)
        to[r] = (float)(x[r] * factor);
    return ICL_OK;
}

/* ---- tiles ---------------------------------------------------------------------------------------------------- */

struct tile {
    size_t row, col; /* in tiles, row <= col */
    size_t rows, cols;
};

static size_t edge_of(const struct job *job, size_t at)
{
    return at + 1 < job->edges ? TILE : job->cols - at * TILE;
}

/* Tile number `index`: those off the diagonal first, which are twice the work of those on it. */
static struct tile tile_at(const struct job *job, size_t index)
{
    const size_t off = job->edges * (job->edges - 1) / 2;
    size_t row = 0, col = 0;
    if (index >= off) {
        row = col = index - off;
    } else {
        size_t left = index;
        for (; left >= job->edges - 1 - row; row++)
            left -= job->edges - 1 - row;
        col = row + 1 + left;
    }
    return (struct tile){row, col, edge_of(job, row), edge_of(job, col)};
}

/* sum (tile rows x tile cols) = products of the columns over `count` samples from `start`. */
static void multiply_double(const struct job *job, const struct tile *tile, size_t start, size_t count, double *sum)
{
    const double *a = job->centred + tile->row * TILE * job->stride + start;
    const double *b = job->centred + tile->col * TILE * job->stride + start;
    if (tile->row == tile->col)
        job->kernels->gram(a, count, tile->rows, job->stride, sum);
    else
        job->kernels->product(a, b, count, tile->rows, tile->cols, job->stride, sum);
}

static void multiply_single(const struct job *job, const struct tile *tile, size_t start, size_t count, float *product,
                            double *sum)
{
    const size_t area = tile->rows * tile->cols;
    memset(sum, 0, area * sizeof *sum);
    for (size_t end = start + count; start < end; start += SINGLE_ROWS) {
        const float *a = job->single + tile->row * TILE * job->stride + start;
        const float *b = job->single + tile->col * TILE * job->stride + start;
        const size_t rows = end - start < SINGLE_ROWS ? end - start : SINGLE_ROWS;
        job->kernels->product_f32(a, b, rows, tile->rows, tile->cols, job->stride, product);
        for (size_t i = 0; i < area; i++)
            sum[i] += (double)product[i];
    }
}

/* Puts a tile where it belongs, and its mirror image. */
static void store_tile(const struct job *job, const struct tile *tile, const double *sum)
{
    for (size_t i = 0; i < tile->rows; i++) {
        const size_t row = tile->row * TILE + i;
        for (size_t j = tile->row == tile->col ? i : 0; j < tile->cols; j++) {
            const size_t col = tile->col * TILE + j;
            double value = sum[i * tile->cols + j];
            if (job->factor == NULL)
                value /= (double)job->rows;
            else if (job->single == NULL)
                value *= job->factor[row] * job->factor[col];
            if (job->factor != NULL) value = value > 1.0 ? 1.0 : value < -1.0 ? -1.0 : value;
            job->out[row * job->cols + col] = value;
            job->out[col * job->cols + row] = value;
        }
    }
}

/* One strip of one tile. */
static icl_status multiply(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    (void)err;
    const struct job *job = context;
    const struct tile tile = tile_at(job, item / job->strips);
    const size_t strip = item % job->strips, start = job->rows * strip / job->strips;
    const size_t count = job->rows * (strip + 1) / job->strips - start;
    double *sum = job->sum + (job->strips > 1 ? item : worker) * TILE * TILE;
    if (job->single != NULL)
        multiply_single(job, &tile, start, count, job->product + (size_t)worker * TILE * TILE, sum);
    else
        multiply_double(job, &tile, start, count, sum);
    if (job->strips == 1) store_tile(job, &tile, sum);
    return ICL_OK;
}

static icl_status add_strips(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    (void)worker;
    (void)err;
    const struct job *job = context;
    const struct tile tile = tile_at(job, item);
    double *sum = job->sum + item * job->strips * TILE * TILE;
    for (size_t strip = 1; strip < job->strips; strip++)
        for (size_t i = 0; i < tile.rows * tile.cols; i++)
            sum[i] += sum[strip * TILE * TILE + i];
    store_tile(job, &tile, sum);
    return ICL_OK;
}

/* ---- all of it ------------------------------------------------------------------------------------------------ */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* `count` values on cache lines; NULL where that is more than can be. */
static void *take(size_t count, size_t other, size_t size)
{
    if (other != 0 && count > SIZE_MAX / 2 / size / other) return NULL;
    return aligned_alloc(LINE, (count * other * size + LINE) / LINE * LINE);
}

static icl_status run(struct job *job, bool single, unsigned threads, struct icl_error *err)
{
    if (threads == 0) threads = icl_processor_count();
    job->edges = (job->cols - 1) / TILE + 1;
    const size_t tiles = job->edges * (job->edges + 1) / 2, pieces = LEAST_PIECES / tiles;
    job->strips = least((job->rows - 1) / STRIP_ROWS + 1, pieces > 1 ? pieces : 1);
    threads =
        (unsigned)least(threads, least(job->cols > tiles * job->strips ? job->cols : tiles * job->strips, UINT32_MAX));
    /* A stride that is a large power of two would put all columns into the same few lines of a cache. */
    job->stride = (job->rows + LINE / sizeof(float)) / (LINE / sizeof(float)) * (LINE / sizeof(float));
    if (job->stride % 512 == 0) job->stride += LINE / sizeof(float);
    void *columns = take(job->cols, job->stride, single ? sizeof(float) : sizeof(double));
    job->sum = take(job->strips > 1 ? tiles * job->strips : threads, TILE * TILE, sizeof(double));
    job->wide = single ? take(threads, job->stride, sizeof(double)) : NULL;
    job->product = single ? take(threads, TILE * TILE, sizeof(float)) : NULL;
    icl_status status = ICL_OK;
    if (columns == NULL || job->sum == NULL || (single && (job->wide == NULL || job->product == NULL)))
        status = icl_fail_memory(err, "the products of all columns");
    if (single)
        job->single = columns;
    else
        job->centred = columns;
    if (status == ICL_OK) status = icl_parallel_for(threads, job->cols, prepare_column, job, err);
    if (status == ICL_OK) status = icl_parallel_for(threads, tiles * job->strips, multiply, job, err);
    if (status == ICL_OK && job->strips > 1) status = icl_parallel_for(threads, tiles, add_strips, job, err);
    free(columns);
    free(job->sum);
    free(job->wide);
    free(job->product);
    return status;
}

struct table {
    const double *x;
    size_t rows;
};

static void copy_column(const void *context, size_t c, double *out)
{
    const struct table *table = context;
    memcpy(out, table->x + c * table->rows, table->rows * sizeof *out);
}

icl_status icl_covariance(const struct kernels *kernels, const double *x, size_t rows, size_t cols, unsigned threads,
                          double *mean, double *cov, struct icl_error *err)
{
    if (rows == 0) return icl_fail(err, ICL_ERR_INPUT, "covariance: no samples");
    if (cols == 0) return ICL_OK;
    const struct table table = {x, rows};
    struct job job = {.kernels = kernels,
                      .values = copy_column,
                      .context = &table,
                      .rows = rows,
                      .cols = cols,
                      .mean = mean,
                      .out = cov};
    return run(&job, false, threads, err);
}

icl_status icl_correlation(const struct kernels *kernels, icl_column_values values, const void *context, size_t rows,
                           size_t cols, enum icl_precision precision, unsigned threads, double *correlation,
                           struct icl_error *err)
{
    if (rows == 0) return icl_fail(err, ICL_ERR_INPUT, "correlation: no samples");
    if (cols == 0) return ICL_OK;
    double *moments = malloc(2 * cols * sizeof *moments);
    if (moments == NULL) return icl_fail_memory(err, "the correlation of all pairs");
    struct job job = {.kernels = kernels,
                      .values = values,
                      .context = context,
                      .rows = rows,
                      .cols = cols,
                      .mean = moments,
                      .factor = moments + cols,
                      .out = correlation};
    const icl_status status = run(&job, precision == ICL_SINGLE, threads, err);
    for (size_t c = 0; c < cols && status == ICL_OK; c++)
        if (!isnan(correlation[c * cols + c])) correlation[c * cols + c] = 1.0;
    free(moments);
    return status;
}
