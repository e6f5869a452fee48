/* The streaming kernels, written once and compiled by each variant for its instruction set. The file that includes this
 * one defines ICL_TARGET (function attribute), ICL_LANES (doubles in a vector), whole_blocks, pack_gates8,
 * unpack_gates8 and supported.
 *
 * Work goes in tiles small enough for the first-level cache: the factors of a tile are made from the counters, used and
 * forgotten. Every element goes through the same roundings as in the reference, so the bits agree. */
#include <math.h>

#include "kernels/layers_reference_internal.h"
#include "kernels/shared/normal_quantile.h"
#include "kernels/table_internal.h"
#include "kernels/cpu/variants.h"

#if defined(__clang__)
#define ICL_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define ICL_INDEPENDENT _Pragma("GCC ivdep")
#endif

enum {
    TILE = 1024,      /* elements of a tile */
    WHOLE = 32,       /* blocks that every variant makes without a scalar rest */
    PERIOD = TILE,    /* longest repeated channel pattern */
    NARROW = TILE / 2 /* channels up to which patterns are repeated */
};

/* Words of draws first .. first+count-1, count <= TILE, somewhere in buffer. */
static ICL_TARGET const uint32_t *tile_words(const struct icl_philox_base *base, uint64_t first, size_t count,
                                             uint32_t buffer[TILE + 8 * WHOLE])
{
    const size_t skip = first % 4;
    size_t blocks = (skip + count + 3) / 4;
    /* Blocks that nobody asked for cost less than blocks made one by one, unless there are one or two. */
    if (blocks > 2) blocks = (blocks + WHOLE - 1) / WHOLE * WHOLE;
    whole_blocks(base, first / 4, blocks, buffer);
    return buffer + skip;
}

/* Elements until the next multiple of `size` in the numbering, at most `left`: tiles after the first start aligned. */
static inline size_t tile_length(uint64_t element, size_t left, size_t size)
{
    const size_t whole = size - (size_t)(element % size);
    return left < whole ? left : whole;
}

static ICL_TARGET void uniforms(const struct icl_philox_base *base, uint64_t first, size_t count, double *u)
{
    uint32_t buffer[TILE + 8 * WHOLE];
    const size_t skip = first % 2;
    const uint32_t *words = tile_words(base, 2 * (first - skip), 2 * (count + skip), buffer) + 2 * skip;
    for (size_t i = 0; i < count; i++)
        u[i] = icl_uniform_from_bits(icl_pair_bits(words + 2 * i));
}

static ICL_TARGET void normals(const struct icl_philox_base *base, uint64_t first, size_t count, double *z)
{
    double u[ICL_DRAW_BATCH];
    uniforms(base, first, count, u);
    icl_quantile_batch(u, count, z);
}

/* factor[i] = 1 + sd * normal of draw first + i, count <= ICL_DRAW_BATCH. */
static ICL_TARGET void noise_factors(const struct icl_philox_base *base, double sd, uint64_t first, size_t count,
                                     double *factor)
{
    normals(base, first, count, factor);
    for (size_t i = 0; i < count; i++)
        factor[i] = 1.0 + sd * factor[i];
}

/* A mask on its way through the tiles. `row` is the repeated row of shared gates of sample `row_sample`. */
struct factor_source {
    const struct icl_mask *mask;
    struct icl_shape shape;
    struct icl_philox_base base;
    uint64_t threshold;
    float open;
    double sd;
    bool row_made;
    uint64_t row_sample;
    size_t row_length;
    float row[PERIOD];
};

static void open_source(struct factor_source *source, const struct icl_mask *mask, const struct icl_shape *shape)
{
    const struct icl_gate_rule rule = icl_gate_rule_of(mask);
    source->mask = mask;
    source->shape = *shape;
    source->base = icl_philox_base_of(&mask->stream);
    source->threshold = rule.threshold;
    source->open = (float)rule.open;
    source->sd = icl_gaussian_gate_sd(mask->keep);
    source->row_made = false;
}

/* Gates of draws first .., count <= TILE. */
static ICL_TARGET void gate_factors(const struct factor_source *source, uint64_t first, size_t count, float *factor)
{
    if (source->threshold == 0 || source->threshold > UINT32_MAX) {
        const float all = source->threshold == 0 ? 0.0F : source->open;
        for (size_t i = 0; i < count; i++)
            factor[i] = all;
        return;
    }
    uint32_t buffer[TILE + 8 * WHOLE];
    const uint32_t *words = tile_words(&source->base, first, count, buffer);
    const uint32_t threshold = (uint32_t)source->threshold;
    const float open = source->open;
    for (size_t i = 0; i < count; i++)
        factor[i] = words[i] < threshold ? open : 0.0F;
}

/* to[0..length-1] = from[0..count-1] over and over, count <= length. */
static void repeat(const float *from, size_t count, size_t length, float *to)
{
    memcpy(to, from, count * sizeof *to);
    for (size_t made = count, more; made < length; made += more) {
        more = length - made < made ? length - made : made;
        memcpy(to + made, to, more * sizeof *to);
    }
}

static ICL_TARGET void shared_factors(struct factor_source *source, uint64_t first, size_t count, float *factor)
{
    const size_t channels = source->shape.channels, plane = source->shape.positions * channels;
    for (size_t done = 0, run; done < count; done += run) {
        const uint64_t element = first + done, sample = element / plane;
        if (channels > NARROW) {
            const size_t channel = (size_t)(element % channels);
            run = tile_length(channel, count - done, channels);
            gate_factors(source, sample * channels + channel, run, factor + done);
            continue;
        }
        if (!source->row_made || source->row_sample != sample) {
            float gates[NARROW];
            gate_factors(source, sample * channels, channels, gates);
            source->row_length = (plane < PERIOD ? plane : PERIOD) / channels * channels;
            repeat(gates, channels, source->row_length, source->row);
            source->row_sample = sample;
            source->row_made = true;
        }
        const size_t place = (size_t)(element % plane);
        const size_t phase = place % source->row_length;
        run = count - done;
        if (run > plane - place) run = plane - place;
        if (run > source->row_length - phase) run = source->row_length - phase;
        memcpy(factor + done, source->row + phase, run * sizeof *factor);
    }
}

/* factor[i] of element first + i, count <= TILE. */
static ICL_TARGET void tile_factors(struct factor_source *source, uint64_t first, size_t count, float *factor)
{
    if (source->mask->gate == ICL_GATE_SHARED) {
        shared_factors(source, first, count, factor);
    } else if (source->mask->gate == ICL_GATE_GAUSSIAN) {
        double wide[ICL_DRAW_BATCH];
        for (size_t done = 0, batch; done < count; done += batch) {
            batch = tile_length(first + done, count - done, ICL_DRAW_BATCH);
            noise_factors(&source->base, source->sd, first + done, batch, wide);
            for (size_t i = 0; i < batch; i++)
                factor[done + i] = (float)wide[i];
        }
    } else {
        gate_factors(source, first, count, factor);
    }
}

static ICL_TARGET void mask_f32(const struct icl_mask *mask, const struct icl_shape *shape, size_t first, size_t count,
                                float *factor)
{
    struct factor_source source;
    open_source(&source, mask, shape);
    for (size_t done = 0, tile; done < count; done += tile) {
        tile = tile_length(first + done, count - done, TILE);
        tile_factors(&source, first + done, tile, factor + done);
    }
}

static ICL_TARGET void mask_f64(const struct icl_mask *mask, const struct icl_shape *shape, size_t first, size_t count,
                                double *factor)
{
    struct factor_source source;
    open_source(&source, mask, shape);
    if (mask->gate == ICL_GATE_GAUSSIAN) {
        for (size_t done = 0, batch; done < count; done += batch) {
            batch = tile_length(first + done, count - done, ICL_DRAW_BATCH);
            noise_factors(&source.base, source.sd, first + done, batch, factor + done);
        }
        return;
    }
    /* Gates 0 and 1 are exact in float; the open value is put on in double. */
    const double open = icl_gate_rule_of(mask).open;
    float gates[TILE];
    source.open = 1.0F;
    for (size_t done = 0, tile; done < count; done += tile) {
        tile = tile_length(first + done, count - done, TILE);
        tile_factors(&source, first + done, tile, gates);
        for (size_t i = 0; i < tile; i++)
            factor[done + i] = gates[i] != 0.0F ? open : 0.0;
    }
}

/* Scale and shift of the channels, repeated where there are few so that loops over them are long. */
struct pattern {
    const float *scale, *shift;
    size_t length;
    float scale_room[PERIOD], shift_room[PERIOD];
};

static void open_pattern(struct pattern *pattern, const float *scale, const float *shift, size_t channels, size_t count)
{
    pattern->scale = scale;
    pattern->shift = shift;
    pattern->length = channels;
    const size_t repeats = PERIOD / channels;
    if (repeats < 2 || count <= channels) return;
    const size_t useful = count / channels + 1;
    pattern->length = channels * (useful < repeats ? useful : repeats);
    repeat(scale, channels, pattern->length, pattern->scale_room);
    repeat(shift, channels, pattern->length, pattern->shift_room);
    pattern->scale = pattern->scale_room;
    pattern->shift = pattern->shift_room;
}

/* y = (scale x + shift) factor for elements of which the first stands at `phase` of the pattern. */
static ICL_TARGET void apply_gated(const float *x, size_t count, const struct pattern *pattern, size_t phase,
                                   const float *factor, float *y)
{
    for (size_t done = 0, run; done < count; done += run, phase = 0) {
        run = tile_length(phase, count - done, pattern->length);
        const float *scale = pattern->scale + phase, *shift = pattern->shift + phase;
        ICL_INDEPENDENT
        for (size_t i = 0; i < run; i++)
            y[done + i] = (scale[i] * x[done + i] + shift[i]) * factor[done + i];
    }
}

static ICL_TARGET void bn_apply(const float *x, size_t rows, size_t channels, const float *scale, const float *shift,
                                float *y)
{
    struct pattern pattern;
    const size_t count = rows * channels;
    if (count == 0) return;
    open_pattern(&pattern, scale, shift, channels, count);
    for (size_t done = 0, run; done < count; done += run) {
        run = count - done < pattern.length ? count - done : pattern.length;
        ICL_INDEPENDENT
        for (size_t i = 0; i < run; i++)
            y[done + i] = pattern.scale[i] * x[done + i] + pattern.shift[i];
    }
}

static ICL_TARGET void ic_forward(const float *x, const struct icl_shape *shape, size_t first, size_t count,
                                  const float *scale, const float *shift, const struct icl_mask *mask, float *y)
{
    struct factor_source source;
    struct pattern pattern;
    float factor[TILE];
    if (count == 0) return;
    open_source(&source, mask, shape);
    open_pattern(&pattern, scale, shift, shape->channels, count);
    for (size_t done = 0, tile; done < count; done += tile) {
        tile = tile_length(first + done, count - done, TILE);
        tile_factors(&source, first + done, tile, factor);
        /* The pattern is whole rows long and `first` may stand anywhere in one. */
        const size_t phase = (size_t)((first + done) % pattern.length);
        apply_gated(x + done, tile, &pattern, phase, factor, y + done);
    }
}

/* Column sums. A vector holds neighbouring channels; additions of one channel stay in row order, and what runs side by
 * side to hide their latency are other channels or other shards, which are separate sums anyway. */
typedef double icl_vd __attribute__((vector_size(8 * ICL_LANES)));
typedef float icl_vf __attribute__((vector_size(4 * ICL_LANES)));

enum { ABREAST = 4 };

/* sums[s][v] of `shards` shards of `rows` rows and `vectors` vectors of channels from x on; shards * vectors <=
 * ABREAST. power 1: x - centre; 2: its square. */
static inline __attribute__((always_inline)) ICL_TARGET void sum_vectors(const float *x, size_t rows, size_t channels,
                                                                         size_t shards, size_t vectors,
                                                                         const double *centre, int power, double *sums)
{
    icl_vd total[ABREAST] = {{0.0}}, middle[ABREAST];
    for (size_t v = 0; v < vectors; v++)
        memcpy(&middle[v], centre + v * ICL_LANES, sizeof middle[v]);
    for (size_t r = 0; r < rows; r++) {
        for (size_t s = 0; s < shards; s++) {
            for (size_t v = 0; v < vectors; v++) {
                icl_vf narrow;
                memcpy(&narrow, x + (s * ICL_BN_SHARD_ROWS + r) * channels + v * ICL_LANES, sizeof narrow);
                const icl_vd d = __builtin_convertvector(narrow, icl_vd) - middle[v];
                total[s * vectors + v] += power == 2 ? d * d : d;
            }
        }
    }
    memcpy(sums, total, shards * vectors * sizeof *total);
}

/* The same for one channel. */
static inline __attribute__((always_inline)) ICL_TARGET void sum_channel(const float *x, size_t rows, size_t channels,
                                                                         size_t shards, double centre, int power,
                                                                         double *sums)
{
    double total[ABREAST] = {0.0};
    for (size_t r = 0; r < rows; r++) {
        for (size_t s = 0; s < shards; s++) {
            const double d = (double)x[(s * ICL_BN_SHARD_ROWS + r) * channels] - centre;
            total[s] += power == 2 ? d * d : d;
        }
    }
    memcpy(sums, total, shards * sizeof *total);
}

/* total[0..width-1] += sums of a group of `shards` shards, in order; only the last `fresh` channels count. */
static inline void add_sums(const double *sums, size_t shards, size_t width, size_t fresh, double *total)
{
    for (size_t s = 0; s < shards; s++)
        for (size_t i = width - fresh; i < width; i++)
            total[i] += sums[s * width + i];
}

/* Adds to total[0..channels-1] the sums of `shards` shards (1 or ABREAST) of `rows` rows each. */
static inline __attribute__((always_inline)) ICL_TARGET void add_group(const float *x, size_t rows, size_t channels,
                                                                       size_t shards, const double *centre, int power,
                                                                       double *total)
{
    double sums[ABREAST * ICL_LANES];
    size_t c = 0;
    for (; c + 4 * ICL_LANES <= channels; c += 4 * ICL_LANES)
        for (size_t s = 0; s < shards; s++) {
            sum_vectors(x + s * ICL_BN_SHARD_ROWS * channels + c, rows, channels, 1, 4, centre + c, power, sums);
            add_sums(sums, 1, 4 * ICL_LANES, 4 * ICL_LANES, total + c);
        }
    for (; c < channels && channels >= ICL_LANES; c += ICL_LANES) {
        /* The last vector is moved back to end with the row; channels it meets twice are added once. */
        const size_t fresh = channels - c < ICL_LANES ? channels - c : ICL_LANES;
        const size_t at = c + fresh - ICL_LANES;
        sum_vectors(x + at, rows, channels, shards, 1, centre + at, power, sums);
        add_sums(sums, shards, ICL_LANES, fresh, total + at);
    }
    for (; c < channels; c++) {
        sum_channel(x + c, rows, channels, shards, centre[c], power, sums);
        add_sums(sums, shards, 1, 1, total + c);
    }
}

static ICL_TARGET void column_sums(const float *x, size_t rows, size_t channels, const double *centre, int power,
                                   double *total)
{
    size_t r = 0;
    for (; r + ABREAST * ICL_BN_SHARD_ROWS <= rows; r += ABREAST * ICL_BN_SHARD_ROWS) {
        const float *group = x + r * channels;
        if (power == 2)
            add_group(group, ICL_BN_SHARD_ROWS, channels, ABREAST, centre, 2, total);
        else
            add_group(group, ICL_BN_SHARD_ROWS, channels, ABREAST, centre, 1, total);
    }
    for (size_t run; r < rows; r += run) {
        run = rows - r < ICL_BN_SHARD_ROWS ? rows - r : ICL_BN_SHARD_ROWS;
        add_group(x + r * channels, run, channels, 1, centre, power, total);
    }
}

static ICL_TARGET void bn_statistics(const float *x, size_t rows, size_t channels, double *mean, double *var)
{
    /* var holds the centre 0 of the first pass, then the sums of the second. */
    for (size_t c = 0; c < channels; c++)
        mean[c] = var[c] = 0.0;
    column_sums(x, rows, channels, var, 1, mean);
    for (size_t c = 0; c < channels; c++)
        mean[c] /= (double)rows;
    column_sums(x, rows, channels, mean, 2, var);
    for (size_t c = 0; c < channels; c++)
        var[c] /= (double)rows;
}

#include "kernels/cpu/loops_body.h"
#include "kernels/cpu/stage_body.h"

static void override_table(struct kernels *table)
{
    table->mask_f32 = mask_f32;
    table->mask_f64 = mask_f64;
    table->bn_statistics = bn_statistics;
    table->bn_apply = bn_apply;
    table->ic_forward = ic_forward;
    override_loops(&table->layers);
    table->layers.stage_sums = stage_sums;
    table->layers.stage_forward = stage_forward;
    table->layers.stage_backward_sums = stage_backward_sums;
    table->layers.stage_backward = stage_backward;
}

#define ICL_BODY_VARIANT(variant_name)                                                                                 \
    {                                                                                                                  \
        .name = (variant_name), .supported = supported, .blocks = whole_blocks, .uniforms = uniforms,                  \
        .normals = normals, .override = override_table,                                                                \
    }
