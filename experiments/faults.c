#include "experiments/faults.h"

#include <math.h>

/* Words drawn at a time, on the stack. */
enum { CHUNK = 1024 };

/* ---- the law of the gates ------------------------------------------------------------------------------------- */

/* Both gates open with probability q, both at once with probability `both`. */
static struct icl_gate_table of_margin(double q, double both)
{
    return (struct icl_gate_table){both, q - both, q - both, 1 - 2 * q + both};
}

static struct icl_gate_table table_of(const struct icl_fault *fault, double q)
{
    const double size = fault->size;
    switch (fault->kind) {
    case ICL_FAULT_CORRELATED:
    case ICL_FAULT_ONE_IN: /* the share of one gate is the correlation */
    case ICL_FAULT_ONE_MASK:
        return of_margin(q, q * q + size * q * (1 - q));
    case ICL_FAULT_KEEP:
        return of_margin(size * q, size * q * size * q);
    case ICL_FAULT_EXPONENT:
        return of_margin(pow(q, size / 2), pow(q, size));
    case ICL_FAULT_POWER:
        return of_margin(q, pow(q, size));
    case ICL_FAULT_BOTH:
        return of_margin(q, size * q * q);
    case ICL_FAULT_NONE:
    case ICL_FAULT_COUNT:
        break;
    }
    return of_margin(q, q * q);
}

struct icl_gate_table icl_fault_table(const struct icl_fault *fault, double keep)
{
    static const double ROUNDING = 1e-15; /* 1 - 2 q + q^2 at q = 1 may come out below 0 */
    const struct icl_gate_table t = table_of(fault, keep);
    const bool possible = keep > 0 && keep <= 1 && t.both >= 0 && t.x_only >= -ROUNDING && t.neither >= -ROUNDING;
    return possible ? t : (struct icl_gate_table){NAN, NAN, NAN, NAN};
}

double icl_gate_information(const struct icl_gate_table *gates)
{
    const double x = gates->both + gates->x_only, y = gates->both + gates->y_only;
    const double joint[4] = {gates->both, gates->x_only, gates->y_only, gates->neither};
    const double product[4] = {x * y, x * (1 - y), (1 - x) * y, (1 - x) * (1 - y)};
    double sum = 0;
    for (int c = 0; c < 4; c++) {
        if (isnan(joint[c])) return NAN;
        if (joint[c] > 0) sum += joint[c] * log(joint[c] / product[c]);
    }
    return sum;
}

double icl_gate_mi_after(const struct icl_gate_table *gates, double mi)
{
    return icl_gate_information(gates) + gates->both * mi;
}

double icl_gate_corr_factor(const struct icl_gate_table *gates)
{
    return gates->both / sqrt((gates->both + gates->x_only) * (gates->both + gates->y_only));
}

/* ---- drawing -------------------------------------------------------------------------------------------------- */

/* Two words a sample; y's threshold depends on x's gate, so that the four cases have the probabilities of the table. */
static void draw_table(const struct icl_gate_table *t, const struct icl_stream *stream, size_t rows, double *factor)
{
    const double x_open = t->both + t->x_only, x_shut = t->y_only + t->neither;
    const uint64_t open = icl_keep_threshold(x_open);
    const uint64_t if_open = icl_keep_threshold(x_open > 0 ? t->both / x_open : 0);
    const uint64_t if_shut = icl_keep_threshold(x_shut > 0 ? t->y_only / x_shut : 0);
    uint32_t words[2 * CHUNK];
    for (size_t start = 0; start < rows; start += CHUNK) {
        const size_t count = rows - start < CHUNK ? rows - start : CHUNK;
        icl_random_words(stream, 2 * start, 2 * count, words);
        for (size_t i = 0; i < count; i++) {
            const bool x = words[2 * i] < open;
            factor[2 * (start + i)] = x;
            factor[2 * (start + i) + 1] = words[2 * i + 1] < (x ? if_open : if_shut);
        }
    }
}

/* In the samples whose third word is below the threshold of `share` the gate of x serves both. */
static void share_gates(double share, const struct icl_stream *stream, size_t rows, double *factor)
{
    const uint64_t shared = icl_keep_threshold(share);
    uint32_t words[CHUNK];
    for (size_t start = 0; start < rows; start += CHUNK) {
        const size_t count = rows - start < CHUNK ? rows - start : CHUNK;
        icl_random_words(stream, 2 * rows + start, count, words);
        for (size_t i = 0; i < count; i++)
            if (words[i] < shared) factor[2 * (start + i) + 1] = factor[2 * (start + i)];
    }
}

/* One unit of a layer: sample i has word i. */
static void draw_unit(const struct icl_stream *stream, double keep, size_t rows, double *factor)
{
    const uint64_t open = icl_keep_threshold(keep);
    uint32_t words[CHUNK];
    for (size_t start = 0; start < rows; start += CHUNK) {
        const size_t count = rows - start < CHUNK ? rows - start : CHUNK;
        icl_random_words(stream, start, count, words);
        for (size_t i = 0; i < count; i++)
            factor[2 * (start + i)] = words[i] < open;
    }
}

void icl_fault_draw(const void *fault, const struct icl_stream *stream, double keep, size_t rows, double *factor)
{
    const struct icl_fault *f = fault;
    if (f->kind == ICL_FAULT_ONE_MASK) {
        struct icl_stream second = *stream;
        if (f->size == 0) second.layer += ICL_SWEEP_LAYERS;
        draw_unit(stream, keep, rows, factor);
        draw_unit(&second, keep, rows, factor + 1);
        return;
    }
    const struct icl_fault independent = {ICL_FAULT_NONE, 0};
    const struct icl_gate_table table = icl_fault_table(f->kind == ICL_FAULT_ONE_IN ? &independent : f, keep);
    draw_table(&table, stream, rows, factor);
    if (f->kind == ICL_FAULT_ONE_IN) share_gates(f->size, stream, rows, factor);
}
