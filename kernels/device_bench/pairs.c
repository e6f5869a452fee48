/* Correlation and permutations: what needs no estimator to be checked. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernels/device_bench/trial_internal.h"

/* ---- correlation ------------------------------------------------------------------------------------------------ */

static const struct {
    size_t rows, cols;
    double mean;
} correlation_checked[] = {{257, 9, 0}, {64, 33, 5}, {1000, 2, 1e3}, {333, 70, 0}},
  correlation_measured[] = {{10000, 512, 0}, {10000, 4096, 0}};

struct correlation_trial {
    size_t rows, cols;
    double *values;
    struct trial_area *value, *centred, *correlation;
};

static void correlation_make(struct trial *t)
{
    struct correlation_trial *c = t->state = trial_host(t, sizeof *c);
    if (c == NULL) return;
    c->rows = t->measuring ? correlation_measured[t->form].rows : correlation_checked[t->form].rows;
    c->cols = t->measuring ? correlation_measured[t->form].cols : correlation_checked[t->form].cols;
    if (t->tiny) c->rows = 32, c->cols = 4;
    const size_t drawn = t->measuring && c->cols > 64 ? 64 : c->cols; /* columns */
    const double mean = t->measuring ? 0 : correlation_checked[t->form].mean;
    c->values = trial_host(t, drawn * c->rows * sizeof *c->values);
    if (c->values == NULL) return;
    icl_random_normal(&t->stream, 0, drawn * c->rows, c->values);
    for (size_t j = 0; j < drawn; j++) /* correlated by their neighbours */
        for (size_t i = 0; i < c->rows; i++) {
            const size_t at = j * c->rows + i;
            c->values[at] = mean + .7 * c->values[at] + (j > 0 ? .5 * (c->values[at - c->rows] - mean) : 0);
        }
    c->value = trial_upload(t, c->values, drawn * c->rows * 8, c->cols * c->rows * 8);
    c->centred = trial_area(t, c->cols * c->rows * 8);
    c->correlation = trial_area(t, c->cols * c->cols * 8);
    snprintf(t->label, sizeof t->label, "f64, %zu columns of %zu", c->cols, c->rows);
    t->peak = TRIAL_F64;
    t->amount = (double)c->rows * (double)c->cols * (double)(c->cols + 1);
}

static void correlation_work(struct trial *t)
{
    const struct correlation_trial *c = t->state;
    t->call->pairs.correlation(t->device, trial_at(t, c->value), c->rows, c->cols, trial_at(t, c->centred),
                               trial_at(t, c->correlation));
}

/* Pearson's formula in long double. */
static double correlation_of(const double *x, const double *y, size_t n)
{
    long double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        mx += (long double)x[i] / (long double)n;
        my += (long double)y[i] / (long double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return (double)(xy / sqrtl(xx * yy));
}

static void correlation_check(struct trial *t)
{
    const struct correlation_trial *c = t->state;
    double *want = trial_host(t, c->cols * c->cols * sizeof *want);
    if (want == NULL) return;
    for (size_t i = 0; i < c->cols; i++)
        for (size_t j = 0; j < c->cols; j++)
            want[i * c->cols + j] =
                i == j ? 1.0 : correlation_of(c->values + i * c->rows, c->values + j * c->rows, c->rows);
    trial_near_f64(t, "correlation", trial_read(t, c->correlation), want, c->cols * c->cols, 0, 1e-12);
}

/* ---- permutations ----------------------------------------------------------------------------------------------- */

static const struct permutation_form {
    size_t count, n, block;
} permutation_checked[] = {{5, 100, 1}, {3, 1, 1}, {4, 1027, 0}, {6, 103, 10}, {2, 64, 64}},
  permutation_measured[] = {{1024, 10000, 1}, {1024, 10000, 100}};

struct permutation_trial {
    struct permutation_form form;
    struct icl_stream stream;
    struct trial_area *out, *inverse;
};

enum { FIRST_PERMUTATION = 11 };

static void permutation_make(struct trial *t)
{
    struct permutation_trial *p = t->state = trial_host(t, sizeof *p);
    if (p == NULL) return;
    p->form = t->measuring ? permutation_measured[t->form] : permutation_checked[t->form];
    if (t->tiny) p->form.count = 2, p->form.n = 200;
    p->stream = (struct icl_stream){t->stream.seed, ICL_PURPOSE_PERMUTE, 4, 77};
    p->out = trial_area(t, p->form.count * p->form.n * 4);
    p->inverse = trial_area(t, p->form.count * p->form.n * 4);
    snprintf(t->label, sizeof t->label, "%zu of %zu, blocks of %zu", p->form.count, p->form.n, p->form.block);
    t->peak = TRIAL_COPY;
    t->amount = 8.0 * (double)(p->form.count * p->form.n);
}

static void permutation_work(struct trial *t)
{
    const struct permutation_trial *p = t->state;
    t->call->pairs.permutations(t->device, &p->stream, FIRST_PERMUTATION, p->form.count, p->form.n, p->form.block,
                                trial_at(t, p->out), trial_at(t, p->inverse));
}

/* Blocks in a random order, the last one shorter. */
static void permute(const struct icl_stream *stream, size_t n, size_t block, uint32_t *order, uint32_t *out)
{
    const size_t length = block > 1 ? block : 1, blocks = (n + length - 1) / length;
    icl_random_permutation(stream, blocks, order);
    for (size_t b = 0, to = 0; b < blocks; b++)
        for (size_t i = order[b] * length; i < n && i < (order[b] + 1) * length; i++)
            out[to++] = (uint32_t)i;
}

static void permutation_check(struct trial *t)
{
    const struct permutation_trial *p = t->state;
    const size_t n = p->form.n, count = p->form.count;
    uint32_t *want = trial_host(t, count * n * sizeof *want), *order = trial_host(t, n * sizeof *order);
    uint32_t *inverse = trial_host(t, count * n * sizeof *inverse);
    if (t->status != ICL_OK) return;
    for (size_t m = 0; m < count; m++) {
        struct icl_stream stream = p->stream;
        stream.step = FIRST_PERMUTATION + (uint32_t)m;
        permute(&stream, n, p->form.block, order, want + m * n);
        for (size_t i = 0; i < n; i++)
            inverse[m * n + want[m * n + i]] = (uint32_t)i;
    }
    trial_same_bytes(t, "where each sample went", trial_read(t, p->inverse), inverse, count * n * sizeof *inverse);
    trial_same_bytes(t, "permutations", trial_read(t, p->out), want, count * n * sizeof *want);
}

const struct trial_row trial_rows_pairs[] = {
    {"correlation", {TRIAL_PAIRS(correlation)}, 4, 2, correlation_make, correlation_work, correlation_check, NULL},
    {"permutations", {TRIAL_PAIRS(permutations)}, 5, 2, permutation_make, permutation_work, permutation_check, NULL},
    {0},
};
