#include "estimators/column.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/random.h"

/* ---- sorting -------------------------------------------------------------------------------------------------- */

enum { RADIX_BITS = 11, RADIX_SIZE = 1 << RADIX_BITS, RADIX_PASSES = 6 };

struct keyed {
    uint64_t key;
    uint32_t index;
};

/* Maps a finite double to an unsigned key of the same order. */
static uint64_t sort_key(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits >> 63 ? ~bits : bits | (UINT64_C(1) << 63);
}

/* order = indices by ascending value, stable. Least-significant-digit radix sort; digits that do not vary are skipped.
 */
static icl_status sort_values(const double *value, size_t n, uint32_t *order, struct icl_workspace *ws,
                              struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(ws);
    struct keyed *from = ICL_TAKE(ws, n, struct keyed);
    struct keyed *to = ICL_TAKE(ws, n, struct keyed);
    uint32_t(*histogram)[RADIX_SIZE] = icl_workspace_take(ws, RADIX_PASSES, sizeof *histogram);
    if (from == NULL || to == NULL || histogram == NULL) {
        icl_workspace_release(ws, mark);
        return icl_fail_memory(err, "sorting a column");
    }
    memset(histogram, 0, RADIX_PASSES * sizeof *histogram);
    for (size_t i = 0; i < n; i++) {
        const uint64_t key = sort_key(value[i]);
        from[i] = (struct keyed){key, (uint32_t)i};
        for (unsigned p = 0; p < RADIX_PASSES; p++)
            histogram[p][key >> (p * RADIX_BITS) & (RADIX_SIZE - 1)]++;
    }
    for (unsigned p = 0; p < RADIX_PASSES; p++) {
        uint32_t *count = histogram[p];
        const unsigned shift = p * RADIX_BITS;
        if (count[from[0].key >> shift & (RADIX_SIZE - 1)] == n) continue;
        uint32_t sum = 0;
        for (unsigned d = 0; d < RADIX_SIZE; d++) {
            const uint32_t here = count[d];
            count[d] = sum;
            sum += here;
        }
        for (size_t i = 0; i < n; i++)
            to[count[from[i].key >> shift & (RADIX_SIZE - 1)]++] = from[i];
        struct keyed *swap = from;
        from = to;
        to = swap;
    }
    for (size_t i = 0; i < n; i++)
        order[i] = from[i].index;
    icl_workspace_release(ws, mark);
    return ICL_OK;
}

/* ---- moments -------------------------------------------------------------------------------------------------- */

/* Mean and sd in two passes on values scaled to [-1,1], so that neither 1e-200 nor 1e200 under- or overflows and an
 * offset of 1e7 costs nothing. */
static void moments(struct icl_column *c)
{
    const double low = c->value[c->order[0]], high = c->value[c->order[c->n - 1]];
    const double middle = low / 2 + high / 2, half = high / 2 - low / 2;
    const double count = (double)c->n;
    if (!(half > 0)) { /* no spread, or one below the smallest double */
        memset(c->z, 0, c->n * sizeof *c->z);
        c->mean = low;
        c->sd = 0;
        return;
    }
    double sum = 0, squares = 0, correction = 0;
    for (size_t i = 0; i < c->n; i++)
        sum += (c->value[i] - middle) / half;
    const double shift = sum / count;
    for (size_t i = 0; i < c->n; i++) {
        const double d = (c->value[i] - middle) / half - shift;
        squares += d * d;
        correction += d;
    }
    const double deviation = sqrt(squares / count);
    const double centre = shift + correction / count;
    c->from_top = centre < 0; /* of -1 .. 1 */
    c->mean = middle + half * centre;
    c->sd = half * deviation;
    for (size_t i = 0; i < c->n; i++)
        c->z[i] = ((c->value[i] - middle) / half - centre) / deviation;
}

/* ---- lattices ------------------------------------------------------------------------------------------------- */

/* Whole numbers, or quantised activations: values of the form low + m step. Equal differences of such values must stay
 * equal as differences of z, or rounding would break the ties of a neighbour search one way at one scale of the data
 * and another way at the next. */
enum { LATTICE_BITS = 30, STEP_BITS = 22, STEP_OVER_NOISE = 1024 };

/* Counts steps from the least value up; false if some value is not within `tolerance` of a whole number of steps. */
static bool on_lattice(const struct icl_column *c, double step, double tolerance, double *steps)
{
    const double low = c->value[c->order[0]];
    double last = low, m = 0;
    bool on = true;
    for (size_t r = 1; r < c->n && on; r++) {
        const double value = c->value[c->order[r]];
        m += rint((value - last) / step);
        on = fabs(value - low - m * step) <= tolerance;
        last = value;
    }
    *steps = m;
    return on;
}

/* The step of the lattice that the values lie on to within `noise`, 0 if there is none: Euclid's algorithm on the gaps
 * between neighbouring values. A step must stand out from the noise. */
static double lattice_step(const struct icl_column *c, double noise)
{
    const double low = c->value[c->order[0]], range = c->value[c->order[c->n - 1]] - low;
    const double least = fmax(STEP_OVER_NOISE * noise, ldexp(range, -LATTICE_BITS));
    double step = range, steps;
    for (size_t r = 1; r < c->n; r++) {
        const double gap = c->value[c->order[r]] - c->value[c->order[r - 1]];
        if (gap > 0 && gap < step) step = gap;
    }
    double error = 2 * noise; /* of the step; a gap of many steps measures it better */
    for (size_t r = 1; r < c->n && step >= least; r++) {
        const double gap = c->value[c->order[r]] - c->value[c->order[r - 1]];
        const double times = rint(gap / step), rest = fabs(gap - times * step), slack = 2 * noise + times * error;
        if (slack > step / 4) return 0;
        if (rest > slack) {
            step = rest; /* at most half of what it was */
            error = slack;
            r = 0;
        } else if (2 * noise < times * error) {
            step = gap / times;
            error = 2 * noise / times;
        }
    }
    if (!(step >= least) || !isfinite(range)) return 0;
    on_lattice(c, step, INFINITY, &steps);
    step = range / steps; /* the whole range measures it best */
    return on_lattice(c, step, 4 * noise, &steps) ? step : 0;
}

static bool all_single(const struct icl_column *c)
{
    for (size_t i = 0; i < c->n; i++)
        if ((double)(float)c->value[i] != c->value[i]) return false;
    return true;
}

/* The noise is the rounding of the values to float where they have been floats, or to double. Floats come first: as
 * doubles they lie exactly on the fine lattice of their own last bits. */
static double lattice_step_of(const struct icl_column *c)
{
    const double top = fmax(fabs(c->value[c->order[0]]), fabs(c->value[c->order[c->n - 1]]));
    const double step = all_single(c) ? lattice_step(c, FLT_EPSILON * top) : 0;
    return step > 0 ? step : lattice_step(c, DBL_EPSILON * top);
}

/* On a lattice z becomes a whole number of steps, counted from near the mean, times a step of so few bits that products
 * and differences are exact. */
static void align_lattice(struct icl_column *c)
{
    const double step = lattice_step_of(c);
    if (!(step > 0)) return;
    int exponent;
    const double mantissa = frexp(step / c->sd, &exponent);
    const double unit = ldexp(rint(ldexp(mantissa, STEP_BITS)), exponent - STEP_BITS);
    const double low = c->value[c->order[0]], centre = rint((c->mean - low) / step);
    for (size_t i = 0; i < c->n; i++)
        c->z[i] = (rint((c->value[i] - low) / step) - centre) * unit;
}

/* ---- atoms and scores ----------------------------------------------------------------------------------------- */

/* The end of the run of equal values that starts at rank r. */
static size_t run_end(const struct icl_column *c, size_t r)
{
    const double value = c->value[c->order[r]];
    size_t end = r + 1;
    while (end < c->n && c->value[c->order[end]] == value)
        end++;
    return end;
}

/* The least count that makes an atom: 1 if the column is discrete; else ICL_ATOM_MIN_COUNT, or the share of n that
 * single-precision values of a density reach by chance only beyond n = 10^8. */
static size_t atom_threshold(const struct icl_column *c)
{
    size_t once = 0, repeated = 0;
    for (size_t r = 0, end; r < c->n; r = end) {
        end = run_end(c, r);
        if (end - r == 1)
            once++;
        else
            repeated++;
    }
    const size_t share = c->n / ICL_ATOM_MIN_SHARE;
    if (once <= repeated) return 1;
    return share > ICL_ATOM_MIN_COUNT ? share : ICL_ATOM_MIN_COUNT;
}

static size_t count_atoms(const struct icl_column *c, size_t threshold)
{
    size_t atoms = 0;
    for (size_t r = 0, end; r < c->n; r = end) {
        end = run_end(c, r);
        if (end - r >= threshold) atoms++;
    }
    return atoms;
}

static void mark_atoms(struct icl_column *c, size_t threshold)
{
    c->atom_count = 0;
    c->continuous = 0;
    size_t tied = 0;
    for (size_t r = 0, end; r < c->n; r = end) {
        end = run_end(c, r);
        uint32_t group = 0;
        if (end - r >= threshold) {
            c->atom[c->atom_count++] = (struct icl_atom){c->value[c->order[r]], end - r};
            group = (uint32_t)c->atom_count;
        } else {
            c->continuous += end - r;
            if (end - r > 1) tied += end - r;
        }
        for (size_t s = r; s < end; s++)
            c->group[c->order[s]] = group;
    }
    c->tied = tied > c->continuous / ICL_TIED_SHARE;
}

/* Phi^-1(part / whole). The upper half mirrors the lower one to the last bit, so that turning a column round keeps
 * every distance: the scores of two columns are the same numbers, and distances between them tie. */
static double normal_score(double part, double whole)
{
    return part > whole / 2 ? -icl_normal_quantile((whole - part) / whole) : icl_normal_quantile(part / whole);
}

/* Normal scores of the continuous part: Phi^-1((rank - 1/2) / m), ties on their average rank. */
static void mark_scores(struct icl_column *c)
{
    const double m = (double)c->continuous;
    size_t before = 0;
    for (size_t r = 0, end; r < c->n; r = end) {
        end = run_end(c, r);
        const bool atom = c->group[c->order[r]] != 0;
        const double score = atom ? 0.0 : normal_score((double)before + (double)(end - r) / 2, m);
        for (size_t s = r; s < end; s++)
            c->score[c->order[s]] = score;
        if (!atom) before += end - r;
    }
}

/* ---- public --------------------------------------------------------------------------------------------------- */

static size_t aligned_bytes(size_t bytes)
{
    return (bytes + 63) / 64 * 64;
}

icl_status icl_column_prepare(struct icl_column *column, const double *value, size_t n, size_t stride,
                              struct icl_workspace *workspace, struct icl_error *err)
{
    *column = (struct icl_column){.n = n};
    if (n < 2) return icl_fail(err, ICL_ERR_INPUT, "a column of %zu rows: at least 2 are needed", n);
    if (n > INT32_MAX) return icl_fail(err, ICL_ERR_INPUT, "a column of %zu rows: at most 2^31 - 1 can be used", n);
    const size_t doubles = aligned_bytes(n * sizeof(double)), words = aligned_bytes(n * sizeof(uint32_t));
    unsigned char *memory = aligned_alloc(64, 3 * doubles + 2 * words);
    if (memory == NULL) return icl_fail_memory(err, "a column");
    column->memory = memory;
    column->value = (double *)(void *)memory;
    column->z = (double *)(void *)(memory + doubles);
    column->score = (double *)(void *)(memory + 2 * doubles);
    column->order = (uint32_t *)(void *)(memory + 3 * doubles);
    column->group = (uint32_t *)(void *)(memory + 3 * doubles + words);
    for (size_t i = 0; i < n; i++) {
        column->value[i] = value[i * stride] + 0.0; /* -0.0 becomes 0.0: a closed gate on a negative value is still 0 */
        if (!isfinite(column->value[i])) column->state = ICL_COLUMN_NONFINITE;
    }
    column->mean = column->sd = NAN;
    if (column->state == ICL_COLUMN_NONFINITE) return ICL_OK;
    icl_status status = sort_values(column->value, n, column->order, workspace, err);
    if (status == ICL_OK) {
        const size_t threshold = atom_threshold(column);
        const size_t atoms = count_atoms(column, threshold);
        column->atom = malloc((atoms + 1) * sizeof *column->atom);
        if (column->atom == NULL)
            status = icl_fail_memory(err, "the atoms of a column");
        else
            mark_atoms(column, threshold);
    }
    if (status != ICL_OK) {
        icl_column_free(column);
        return status;
    }
    moments(column);
    if (column->sd > 0)
        align_lattice(column);
    else
        column->state = ICL_COLUMN_CONSTANT;
    mark_scores(column);
    return ICL_OK;
}

void icl_column_free(struct icl_column *column)
{
    if (column == NULL || column->memory == NULL) return;
    free(column->memory);
    free(column->atom);
    *column = (struct icl_column){0};
}

/* Takes the arrays of a derived column of m samples; the atoms stay the parent's. */
static icl_status derive(const struct icl_column *parent, size_t m, struct icl_workspace *ws, struct icl_column *out,
                         struct icl_error *err)
{
    *out = *parent;
    out->n = m;
    out->memory = NULL;
    out->value = ICL_TAKE(ws, m, double);
    out->z = ICL_TAKE(ws, m, double);
    out->score = ICL_TAKE(ws, m, double);
    out->order = ICL_TAKE(ws, m, uint32_t);
    out->group = ICL_TAKE(ws, m, uint32_t);
    if (!out->value || !out->z || !out->score || !out->order || !out->group)
        return icl_fail_memory(err, "a derived column");
    return ICL_OK;
}

static void copy_sample(const struct icl_column *from, size_t i, struct icl_column *to, size_t j)
{
    to->value[j] = from->value[i];
    to->z[j] = from->z[i];
    to->score[j] = from->score[i];
    to->group[j] = from->group[i];
}

icl_status icl_column_subset(const struct icl_column *parent, const uint32_t *chosen, size_t m,
                             struct icl_workspace *workspace, struct icl_column *out, struct icl_error *err)
{
    if (m < 2) return icl_fail(err, ICL_ERR_INPUT, "a subset of %zu rows: at least 2 are needed", m);
    ICL_TRY(derive(parent, m, workspace, out, err));
    if (parent->state == ICL_COLUMN_NONFINITE) return ICL_OK;
    const struct icl_mark mark = icl_workspace_mark(workspace);
    uint32_t *place = ICL_TAKE(workspace, parent->n, uint32_t);
    if (place == NULL) return icl_fail_memory(err, "a subset");
    memset(place, 0xff, parent->n * sizeof *place);
    out->continuous = 0;
    for (size_t j = 0; j < m; j++) {
        place[chosen[j]] = (uint32_t)j;
        copy_sample(parent, chosen[j], out, j);
        if (out->group[j] == 0) out->continuous++;
    }
    size_t rank = 0;
    for (size_t r = 0; r < parent->n; r++) {
        const uint32_t j = place[parent->order[r]];
        if (j != UINT32_MAX) out->order[rank++] = j;
    }
    icl_workspace_release(workspace, mark);
    const bool same = out->value[out->order[0]] == out->value[out->order[m - 1]];
    out->state = same || parent->state == ICL_COLUMN_CONSTANT ? ICL_COLUMN_CONSTANT : ICL_COLUMN_REGULAR;
    return ICL_OK;
}

icl_status icl_column_permute(const struct icl_column *parent, const uint32_t *permutation,
                              struct icl_workspace *workspace, struct icl_column *out, struct icl_error *err)
{
    ICL_TRY(derive(parent, parent->n, workspace, out, err));
    if (parent->state == ICL_COLUMN_NONFINITE) return ICL_OK;
    const struct icl_mark mark = icl_workspace_mark(workspace);
    uint32_t *place = ICL_TAKE(workspace, parent->n, uint32_t);
    if (place == NULL) return icl_fail_memory(err, "a permutation");
    for (size_t i = 0; i < parent->n; i++) {
        place[permutation[i]] = (uint32_t)i;
        copy_sample(parent, permutation[i], out, i);
    }
    for (size_t r = 0; r < parent->n; r++)
        out->order[r] = place[parent->order[r]];
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}

void icl_column_average_ranks(const struct icl_column *column, double *rank)
{
    for (size_t r = 0, end; r < column->n; r = end) {
        end = run_end(column, r);
        const double average = ((double)r + 1 + (double)end) / 2;
        for (size_t s = r; s < end; s++)
            rank[column->order[s]] = average;
    }
}
