/* Correlation in two steps: every column centred on its mean, so that an offset costs no digits; then
 * the products of all columns, tile by tile. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/threads.h"
#include "kernels/kernels.h"

/* The first four are part of the result's definition: sums run over fixed pieces in a fixed order. */
enum {
    SUM_LANES = 8,     /* partial sums of a column */
    TILE = 512,        /* columns of a tile, both ways: smaller ones spend more on packing than they gain in balance */
    STRIP_ROWS = 4096, /* least rows of a strip, and ... */
    LEAST_PIECES = 8,  /* pieces of work that strips are cut for: tiles x strips */
    LINE = 64,         /* bytes; columns start on a cache line */
    LARGE_PAGE = 2 << 20,
    MIRROR_ROWS = 8
};

struct job {
    const struct kernels *kernels;
    icl_column_values values;
    const void *context;
    size_t rows, cols;
    size_t stride; /* values between the centred columns */
    double *centred;
    double *factor;              /* what makes each column's length 1 */
    size_t edges, tiles, strips; /* tiles in a row of tiles, and in all; strips of rows */
    size_t area;                 /* values in the largest tile */
    double *sum;                 /* a tile for each worker, or for each strip of each tile if there are several */
    double *out;                 /* cols^2 */
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

/* to = x - centre; returns the sum of its squares. */
static double centre_column(const double *x, size_t rows, double centre, double *to)
{
    double lane[SUM_LANES] = {0.0};
    size_t r = 0;
    for (; r + SUM_LANES <= rows; r += SUM_LANES) {
        double d[SUM_LANES]; /* all read before any is written: `to` may be x */
        for (size_t i = 0; i < SUM_LANES; i++)
            d[i] = x[r + i] - centre;
        for (size_t i = 0; i < SUM_LANES; i++) {
            to[r + i] = d[i];
            lane[i] += d[i] * d[i];
        }
    }
    for (size_t i = 0; r + i < rows; i++) {
        to[r + i] = x[r + i] - centre;
        lane[i] += to[r + i] * to[r + i];
    }
    double sum = 0.0;
    for (size_t i = 0; i < SUM_LANES; i++)
        sum += lane[i];
    return sum;
}

static icl_status prepare_column(void *context, size_t c, unsigned worker, struct icl_error *err)
{
    (void)worker;
    (void)err;
    const struct job *job = context;
    double *to = job->centred + c * job->stride;
    const double *x = job->values(job->context, c, to);
    /* Beyond the first value: an offset costs no digits, and a constant column gets its constant to the last bit. */
    const double mean = x[0] + mean_beyond(x, job->rows, x[0]);
    const double squares = centre_column(x, job->rows, mean, to);
    job->factor[c] = squares > 0.0 ? 1.0 / sqrt(squares) : NAN;
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
static void multiply_tile(const struct job *job, const struct tile *tile, size_t start, size_t count, double *sum)
{
    const double *a = job->centred + tile->row * TILE * job->stride + start;
    const double *b = job->centred + tile->col * TILE * job->stride + start;
    if (tile->row == tile->col)
        job->kernels->gram(a, count, tile->rows, job->stride, sum);
    else
        job->kernels->product(a, b, count, tile->rows, tile->cols, job->stride, sum);
}

/* An element of the result from its sum of products. */
static double finished(const struct job *job, size_t row, size_t col, double sum)
{
    const double value = sum * (job->factor[row] * job->factor[col]);
    return value > 1.0 ? 1.0 : value < -1.0 ? -1.0 : value;
}

/* Puts a tile where it belongs, and its mirror image; both row by row of the result. */
static void store_tile(const struct job *job, const struct tile *tile, const double *sum)
{
    const size_t row = tile->row * TILE, col = tile->col * TILE;
    for (size_t i = 0; i < tile->rows; i++)
        for (size_t j = 0; j < tile->cols; j++)
            job->out[(row + i) * job->cols + col + j] = finished(job, row + i, col + j, sum[i * tile->cols + j]);
    if (row == col) return;
    for (size_t from = 0; from < tile->rows; from += MIRROR_ROWS)
        for (size_t j = 0; j < tile->cols; j++)
            for (size_t i = from; i < tile->rows && i < from + MIRROR_ROWS; i++)
                job->out[(col + j) * job->cols + row + i] = job->out[(row + i) * job->cols + col + j];
}

/* One strip of one tile. */
static icl_status multiply(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    (void)err;
    const struct job *job = context;
    const struct tile tile = tile_at(job, item / job->strips);
    const size_t strip = item % job->strips, start = job->rows * strip / job->strips;
    const size_t count = job->rows * (strip + 1) / job->strips - start;
    double *sum = job->sum + (job->strips > 1 ? item : worker) * job->area;
    multiply_tile(job, &tile, start, count, sum);
    if (job->strips == 1) store_tile(job, &tile, sum);
    return ICL_OK;
}

static icl_status add_strips(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    (void)worker;
    (void)err;
    const struct job *job = context;
    const struct tile tile = tile_at(job, item);
    double *sum = job->sum + item * job->strips * job->area;
    for (size_t strip = 1; strip < job->strips; strip++)
        for (size_t i = 0; i < tile.rows * tile.cols; i++)
            sum[i] += sum[strip * job->area + i];
    store_tile(job, &tile, sum);
    return ICL_OK;
}

/* ---- all of it ------------------------------------------------------------------------------------------------ */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* `count` times `other` values on cache lines; NULL where that is more than can be. */
static double *take(size_t count, size_t other)
{
    if (count > SIZE_MAX / 4 / sizeof(double) / other) return NULL;
    const size_t bytes = count * other * sizeof(double);
    /* Large pages, where the system gives them on demand: fresh small ones cost half as much time as a product. */
    const size_t unit = bytes < 4 * (size_t)LARGE_PAGE ? LINE : LARGE_PAGE;
    void *memory = aligned_alloc(unit, (bytes + unit) / unit * unit);
    if (memory != NULL && unit == LARGE_PAGE) madvise(memory, bytes / unit * unit, MADV_HUGEPAGE);
    return memory;
}

static icl_status run(struct job *job, unsigned threads, struct icl_error *err)
{
    if (threads == 0) threads = icl_processor_count();
    job->edges = (job->cols - 1) / TILE + 1;
    job->tiles = job->edges * (job->edges + 1) / 2;
    /* A power of two is shared evenly by as many threads. */
    for (job->strips = 1; 2 * job->strips <= least(job->rows / STRIP_ROWS, LEAST_PIECES / job->tiles);)
        job->strips *= 2;
    job->area = least(job->cols, TILE) * least(job->cols, TILE);
    const size_t pieces = job->tiles * job->strips, values = LINE / sizeof(double);
    /* Columns a large power of two apart would share a few lines of a cache. */
    job->stride = (job->rows + values - 1) / values * values;
    if (job->stride % TILE == 0) job->stride += values;
    job->centred = take(job->cols, job->stride);
    job->sum = malloc((job->strips > 1 ? pieces : least(threads, pieces)) * job->area * sizeof *job->sum);
    icl_status status = ICL_OK;
    if (job->centred == NULL || job->sum == NULL) status = icl_fail_memory(err, "the products of all columns");
    if (status == ICL_OK) status = icl_parallel_for(threads, job->cols, prepare_column, job, err);
    if (status == ICL_OK) status = icl_parallel_for(threads, pieces, multiply, job, err);
    if (status == ICL_OK && job->strips > 1) status = icl_parallel_for(threads, job->tiles, add_strips, job, err);
    free(job->centred);
    free(job->sum);
    return status;
}

icl_status icl_correlation(const struct kernels *kernels, icl_column_values values, const void *context, size_t rows,
                           size_t cols, unsigned threads, double *correlation, struct icl_error *err)
{
    if (rows == 0) return icl_fail(err, ICL_ERR_INPUT, "correlation: no samples");
    if (cols == 0) return ICL_OK;
    double *factor = malloc(cols * sizeof *factor);
    if (factor == NULL) return icl_fail_memory(err, "the correlation of all pairs");
    struct job job = {.kernels = kernels,
                      .values = values,
                      .context = context,
                      .rows = rows,
                      .cols = cols,
                      .factor = factor,
                      .out = correlation};
    const icl_status status = run(&job, threads, err);
    for (size_t c = 0; c < cols && status == ICL_OK; c++)
        if (!isnan(correlation[c * cols + c])) correlation[c * cols + c] = 1.0;
    free(factor);
    return status;
}
