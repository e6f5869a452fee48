#include "estimators/column.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "estimators/workspace.h"

/* ---- sorting -------------------------------------------------------------------------------------------------- */

enum { RADIX_BITS = 11, SMALL_RADIX_BITS = 8, RADIX_SIZE = 1 << RADIX_BITS, MOST_PASSES = 6 };
enum { SMALL = 4096, HALF_KEY = 32, STEPS_A_SAMPLE = 4 };

struct keyed {
    uint64_t key;
    uint32_t index;
};

/* Maps a finite double to an unsigned key of the same order, and back. */
static uint64_t sort_key(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits >> 63 ? ~bits : bits | (UINT64_C(1) << 63);
}

/* Counts how often each digit occurs: from counts to the place where its first key goes. */
static void places_of(uint32_t *count, size_t digits)
{
    uint32_t sum = 0;
    for (size_t d = 0; d < digits; d++) {
        const uint32_t here = count[d];
        count[d] = sum;
        sum += here;
    }
}

/* Sorts packed records, the upper 32 bits being the key and the lower ones the index: least-significant-digit radix
 * sort, stable; digits that do not vary are skipped. Returns the one of both arrays that holds the result. */
static uint64_t *sort_packed(uint64_t *from, uint64_t *to, size_t n, uint32_t (*histogram)[RADIX_SIZE])
{
    const unsigned bits = n < SMALL ? SMALL_RADIX_BITS : RADIX_BITS, passes = (HALF_KEY + bits - 1) / bits;
    const uint64_t mask = (UINT64_C(1) << bits) - 1;
    for (unsigned p = 0; p < passes; p++)
        memset(histogram[p], 0, sizeof(uint32_t) << bits);
    for (size_t i = 0; i < n; i++)
        for (unsigned p = 0; p < passes; p++)
            histogram[p][from[i] >> (HALF_KEY + p * bits) & mask]++;
    for (unsigned p = 0; p < passes; p++) {
        uint32_t *place = histogram[p];
        const unsigned shift = HALF_KEY + p * bits;
        if (place[from[0] >> shift & mask] == n) continue;
        places_of(place, (size_t)1 << bits);
        for (size_t i = 0; i < n; i++)
            to[place[from[i] >> shift & mask]++] = from[i];
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    return from;
}

/* The same with whole keys: for columns whose values crowd closer than half a key can tell. */
static icl_status sort_whole(const double *value, size_t n, uint32_t *order, struct icl_workspace *ws,
                             struct icl_error *err)
{
    struct keyed *from = ICL_TAKE(ws, n, struct keyed), *to = ICL_TAKE(ws, n, struct keyed);
    uint32_t *place = ICL_TAKE(ws, RADIX_SIZE, uint32_t);
    if (from == NULL || to == NULL || place == NULL) return icl_fail_memory(err, "sorting a column");
    for (size_t i = 0; i < n; i++)
        from[i] = (struct keyed){sort_key(value[i]), (uint32_t)i};
    for (unsigned p = 0; p < MOST_PASSES; p++) {
        const unsigned shift = p * RADIX_BITS;
        memset(place, 0, RADIX_SIZE * sizeof *place);
        for (size_t i = 0; i < n; i++)
            place[from[i].key >> shift & (RADIX_SIZE - 1)]++;
        places_of(place, RADIX_SIZE);
        for (size_t i = 0; i < n; i++)
            to[place[from[i].key >> shift & (RADIX_SIZE - 1)]++] = from[i];
        struct keyed *swap = from;
        from = to;
        to = swap;
    }
    for (size_t i = 0; i < n; i++)
        order[i] = from[i].index;
    return ICL_OK;
}

/* Finishes a list sorted by half keys: insertion by value within what half keys left equal. False where that is too
 * much work: more than a few steps a sample. */
static bool insert_rest(double *ascending, uint32_t *order, size_t n)
{
    size_t steps = STEPS_A_SAMPLE * n;
    for (size_t i = 1; i < n; i++) {
        const double value = ascending[i];
        if (!(ascending[i - 1] > value)) continue;
        const uint32_t index = order[i];
        size_t j = i;
        for (; j > 0 && ascending[j - 1] > value; j--) {
            ascending[j] = ascending[j - 1];
            order[j] = order[j - 1];
        }
        ascending[j] = value;
        order[j] = index;
        if (i - j > steps) return false;
        steps -= i - j;
    }
    return true;
}

/* order = indices by ascending value, stable; ascending = the values in that order. Sorts by the upper half of the
 * keys' range and then by what that leaves. */
static icl_status sort_values(const double *value, size_t n, uint32_t *order, double *ascending,
                              struct icl_workspace *ws, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(ws);
    uint64_t *packed = ICL_TAKE(ws, n, uint64_t), *other = ICL_TAKE(ws, n, uint64_t);
    uint32_t(*histogram)[RADIX_SIZE] = icl_workspace_take(ws, MOST_PASSES, sizeof *histogram);
    if (packed == NULL || other == NULL || histogram == NULL) return icl_fail_memory(err, "sorting a column");
    double low = value[0], high = value[0];
    for (size_t i = 1; i < n; i++) {
        low = value[i] < low ? value[i] : low;
        high = value[i] > high ? value[i] : high;
    }
    const uint64_t least = sort_key(low), range = sort_key(high) - least;
    unsigned shift = 0;
    while (shift < HALF_KEY && range >> shift >> HALF_KEY != 0)
        shift++;
    for (size_t i = 0; i < n; i++)
        packed[i] = (sort_key(value[i]) - least) >> shift << HALF_KEY | i;
    const uint64_t *sorted = sort_packed(packed, other, n, histogram);
    for (size_t r = 0; r < n; r++) {
        order[r] = (uint32_t)sorted[r];
        ascending[r] = value[order[r]];
    }
    icl_status status = ICL_OK;
    if (!insert_rest(ascending, order, n)) {
        status = sort_whole(value, n, order, ws, err);
        for (size_t r = 0; r < n && status == ICL_OK; r++)
            ascending[r] = value[order[r]];
    }
    icl_workspace_release(ws, mark);
    return status;
}

/* ---- moments -------------------------------------------------------------------------------------------------- */

/* Sums over samples go by this many lanes: the order of the additions is fixed, and lanes can be added at once. */
enum { LANES = 8 };

static double sum_of_lanes(const double lane[LANES])
{
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

/* Mean and sd in two passes on values scaled to [-1,1], so that neither 1e-200 nor 1e200 under- or overflows and an
 * offset of 1e7 costs nothing. z holds the scaled values in between. */
static void moments(struct icl_column *c, double low, double high)
{
    const double middle = low / 2 + high / 2, half = high / 2 - low / 2;
    const double count = (double)c->n;
    const size_t whole = c->n / LANES * LANES;
    if (!(half > 0)) { /* no spread, or one below the smallest double */
        memset(c->z, 0, c->n * sizeof *c->z);
        c->mean = low;
        c->sd = 0;
        return;
    }
    double sum[LANES] = {0}, squares[LANES] = {0}, correction[LANES] = {0};
    for (size_t i = 0; i < c->n; i++)
        c->z[i] = (c->value[i] - middle) / half;
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t l = 0; l < LANES; l++)
            sum[l] += c->z[i + l];
    for (size_t i = whole; i < c->n; i++)
        sum[i - whole] += c->z[i];
    const double shift = sum_of_lanes(sum) / count;
    for (size_t i = 0; i < whole; i += LANES)
        for (size_t l = 0; l < LANES; l++) {
            const double d = c->z[i + l] - shift;
            squares[l] += d * d;
            correction[l] += d;
        }
    for (size_t i = whole; i < c->n; i++) {
        const double d = c->z[i] - shift;
        squares[i - whole] += d * d;
        correction[i - whole] += d;
    }
    const double deviation = sqrt(sum_of_lanes(squares) / count);
    const double centre = shift + sum_of_lanes(correction) / count;
    c->from_top = centre < 0; /* of -1 .. 1 */
    c->mean = middle + half * centre;
    c->sd = half * deviation;
    for (size_t i = 0; i < c->n; i++)
        c->z[i] = (c->z[i] - centre) / deviation;
}

/* ---- lattices ------------------------------------------------------------------------------------------------- */

/* Whole numbers, or quantised activations: values of the form low + m step. Equal differences of such values must stay
 * equal as differences of z, or rounding would break the ties of a neighbour search one way at one scale of the data
 * and another way at the next. */
enum { LATTICE_BITS = 30, STEP_BITS = 22, STEP_OVER_NOISE = 1024 };

/* Counts steps from the least value up; false if some value is not within `tolerance` of a whole number of steps. */
static bool on_lattice(const double *ascending, size_t n, double step, double tolerance, double *steps)
{
    const double low = ascending[0];
    double last = low, m = 0;
    bool on = true;
    for (size_t r = 1; r < n && on; r++) {
        const double value = ascending[r];
        m += rint((value - last) / step);
        on = fabs(value - low - m * step) <= tolerance;
        last = value;
    }
    *steps = m;
    return on;
}

/* The step of the lattice that the values lie on to within `noise`, 0 if there is none: Euclid's algorithm on the gaps
 * between neighbouring values. A step must stand out from the noise. */
static double lattice_step(const double *ascending, size_t n, double noise)
{
    const double low = ascending[0], range = ascending[n - 1] - low;
    const double least = fmax(STEP_OVER_NOISE * noise, ldexp(range, -LATTICE_BITS));
    double step = range, steps;
    for (size_t r = 1; r < n; r++) {
        const double gap = ascending[r] - ascending[r - 1];
        if (gap > 0 && gap < step) step = gap;
    }
    double error = 2 * noise; /* of the step; a gap of many steps measures it better */
    for (size_t r = 1; r < n && step >= least; r++) {
        const double gap = ascending[r] - ascending[r - 1];
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
    on_lattice(ascending, n, step, INFINITY, &steps);
    step = range / steps; /* the whole range measures it best */
    return on_lattice(ascending, n, step, 4 * noise, &steps) ? step : 0;
}

static bool all_single(const struct icl_column *c)
{
    for (size_t i = 0; i < c->n; i++)
        if ((double)(float)c->value[i] != c->value[i]) return false;
    return true;
}

/* The noise is the rounding of the values to float where they have been floats, or to double. Floats come first: as
 * doubles they lie exactly on the fine lattice of their own last bits. */
static double lattice_step_of(const struct icl_column *c, const double *ascending)
{
    const double top = fmax(fabs(ascending[0]), fabs(ascending[c->n - 1]));
    const double step = all_single(c) ? lattice_step(ascending, c->n, FLT_EPSILON * top) : 0;
    return step > 0 ? step : lattice_step(ascending, c->n, DBL_EPSILON * top);
}

/* On a lattice z becomes a whole number of steps, counted from near the mean, times a step of so few bits that products
 * and differences are exact. */
static void align_lattice(struct icl_column *c, const double *ascending)
{
    const double step = lattice_step_of(c, ascending);
    if (!(step > 0)) return;
    int exponent;
    const double mantissa = frexp(step / c->sd, &exponent);
    const double unit = ldexp(rint(ldexp(mantissa, STEP_BITS)), exponent - STEP_BITS);
    const double low = ascending[0], centre = rint((c->mean - low) / step);
    for (size_t i = 0; i < c->n; i++)
        c->z[i] = (rint((c->value[i] - low) / step) - centre) * unit;
}

/* ---- atoms and scores ----------------------------------------------------------------------------------------- */

/* The end of the run of equal values that starts at rank r. */
static size_t run_end(const double *ascending, size_t n, size_t r)
{
    size_t end = r + 1;
    while (end < n && ascending[end] == ascending[r])
        end++;
    return end;
}

/* The least count that makes an atom: 1 if the column is discrete; else ICL_ATOM_MIN_COUNT, or the share of n that
 * single-precision values of a density reach by chance only beyond n = 10^8. */
static size_t atom_threshold(const double *ascending, size_t n)
{
    size_t once = 0, repeated = 0;
    for (size_t r = 0, end; r < n; r = end) {
        end = run_end(ascending, n, r);
        if (end - r == 1)
            once++;
        else
            repeated++;
    }
    const size_t share = n / ICL_ATOM_MIN_SHARE;
    if (once <= repeated) return 1;
    return share > ICL_ATOM_MIN_COUNT ? share : ICL_ATOM_MIN_COUNT;
}

static size_t count_atoms(const double *ascending, size_t n, size_t threshold)
{
    size_t atoms = 0;
    for (size_t r = 0, end; r < n; r = end) {
        end = run_end(ascending, n, r);
        if (end - r >= threshold) atoms++;
    }
    return atoms;
}

static void mark_atoms(struct icl_column *c, const double *ascending, size_t threshold)
{
    c->atom_count = 0;
    c->continuous = 0;
    size_t tied = 0;
    memset(c->group, 0, c->n * sizeof *c->group);
    for (size_t r = 0, end; r < c->n; r = end) {
        end = run_end(ascending, c->n, r);
        if (end - r >= threshold) {
            c->atom[c->atom_count++] = (struct icl_atom){ascending[r], end - r};
            for (size_t s = r; s < end; s++)
                c->group[c->order[s]] = (uint32_t)c->atom_count;
        } else {
            c->continuous += end - r;
            if (end - r > 1) tied += end - r;
        }
    }
    c->tied = tied > c->continuous / ICL_TIED_SHARE;
}

/* Normal scores of the continuous part: Phi^-1((rank - 1/2) / m), ties on their average rank. `score_of_rank`: those of
 * m ranks without ties. */
static void mark_scores(struct icl_column *c, const double *ascending, const double *score_of_rank)
{
    const double m = (double)c->continuous;
    size_t before = 0;
    for (size_t r = 0, end; r < c->n; r = end) {
        end = run_end(ascending, c->n, r);
        const bool atom = c->group[c->order[r]] != 0;
        const double score = atom           ? 0.0
                             : end - r == 1 ? score_of_rank[before]
                                            : icl_normal_score((double)before + (double)(end - r) / 2, m);
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

/* All that follows from the finite values: order, atoms, moments, z, scores. */
static icl_status analyse(struct icl_column *c, struct icl_workspace *ws, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(ws);
    double *ascending = ICL_TAKE(ws, c->n, double);
    if (ascending == NULL) return icl_fail_memory(err, "sorting a column");
    ICL_TRY(sort_values(c->value, c->n, c->order, ascending, ws, err));
    const size_t threshold = atom_threshold(ascending, c->n);
    c->atom = malloc((count_atoms(ascending, c->n, threshold) + 1) * sizeof *c->atom);
    if (c->atom == NULL) return icl_fail_memory(err, "the atoms of a column");
    mark_atoms(c, ascending, threshold);
    const double *score_of_rank = icl_workspace_normal_scores(ws, c->continuous);
    if (score_of_rank == NULL) return icl_fail_memory(err, "normal scores");
    moments(c, ascending[0], ascending[c->n - 1]);
    if (c->sd > 0)
        align_lattice(c, ascending);
    else
        c->state = ICL_COLUMN_CONSTANT;
    mark_scores(c, ascending, score_of_rank);
    icl_workspace_release(ws, mark);
    return ICL_OK;
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
    const icl_status status = analyse(column, workspace, err);
    if (status != ICL_OK) icl_column_free(column);
    return status;
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
        const double value = column->value[column->order[r]];
        for (end = r + 1; end < column->n && column->value[column->order[end]] == value;)
            end++;
        const double average = ((double)r + 1 + (double)end) / 2;
        for (size_t s = r; s < end; s++)
            rank[column->order[s]] = average;
    }
}
