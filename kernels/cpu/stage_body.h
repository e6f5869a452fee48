/* The fast stage: part of kernels/cpu/body.h, written with its tiles, factors and patterns. A tile is whole rows of one
 * sample or of several whole ones (a piece of one row where it is longer than a tile), so that it begins at the first
 * channel and, but for odd widths, on a whole byte of gates. The roundings are those of kernels/reference/stage_body.h.
 *
 * Loops over a tile are written once and compiled for the forms of stages by constant arguments. What is rare (taps,
 * adding to gradients) is put together from several such loops through buffers that stay in the first-level cache. */

#define ICL_ALWAYS static inline __attribute__((always_inline)) ICL_TARGET

enum act_kind { ACT_NONE, ACT_RELU, ACT_GENERAL };

static enum act_kind act_kind(const struct icl_nonlinearity *act)
{
    if (!act->on) return ACT_NONE;
    const bool plain = act->leak == 0.0F && act->sub == 0.0F && !signbit(act->sub) && isinf(act->most) && act->most > 0;
    return plain ? ACT_RELU : ACT_GENERAL;
}

/* What a loop over a tile reads and writes: x, or x and dy; NULL: not there. */
enum run_input { RUN_X, RUN_ADD, RUN_FACTOR, RUN_DY, RUN_SCALE, RUN_SHIFT, RUN_K1, RUN_K2, RUN_K3, RUN_INPUTS };
struct run {
    const struct icl_nonlinearity *act;
    size_t count;
    const float *in[RUN_INPUTS];
    const uint8_t *bits; /* the gates instead of the factors: `open` or 0 */
    float open;
    float *out;
};

/* Vectors of floats, and the masks that comparing them gives. The loops are written in them, for left to the compiler
 * the conditions become masked loads. */
typedef float icl_vr __attribute__((vector_size(8 * ICL_LANES)));
typedef int32_t icl_vm __attribute__((vector_size(8 * ICL_LANES)));
enum { WIDTH = 2 * ICL_LANES };

ICL_ALWAYS icl_vr load(const struct run *run, enum run_input which, size_t i)
{
    icl_vr v;
    memcpy(&v, run->in[which] + i, sizeof v);
    return v;
}

ICL_ALWAYS icl_vr splat(float value)
{
    icl_vr v = {0.0F};
    for (size_t i = 0; i < WIDTH; i++)
        v[i] = value;
    return v;
}

ICL_ALWAYS icl_vr pick(icl_vm mask, icl_vr yes, icl_vr no)
{
    return (icl_vr)(((icl_vm)yes & mask) | ((icl_vm)no & ~mask));
}

/* 0 where the mask is on. */
ICL_ALWAYS icl_vr without(icl_vm mask, icl_vr v)
{
    return (icl_vr)((icl_vm)v & ~mask);
}

/* act of `kind` without the minimum. */
ICL_ALWAYS icl_vr rectified(enum act_kind kind, const struct icl_nonlinearity *act, icl_vr v)
{
    const icl_vr zero = {0.0F};
    if (kind == ACT_NONE) return v;
    if (kind == ACT_RELU) return without(v < zero, v);
    return pick(v < zero, act->leak == 0.0F ? zero : splat(act->leak) * v, v) - splat(act->sub);
}

ICL_ALWAYS icl_vr activated(enum act_kind kind, const struct icl_nonlinearity *act, icl_vr v)
{
    const icl_vr z = rectified(kind, act, v);
    return kind == ACT_GENERAL ? pick(z > splat(act->most), splat(act->most), z) : z;
}

/* The gradient of act's argument v. */
ICL_ALWAYS icl_vr act_gradient(enum act_kind kind, const struct icl_nonlinearity *act, icl_vr v, icl_vr gradient)
{
    const icl_vr zero = {0.0F};
    if (kind == ACT_NONE) return gradient;
    if (kind == ACT_RELU) return without(v <= zero, gradient);
    const icl_vr below = act->leak == 0.0F ? zero : splat(act->leak) * gradient;
    return without(rectified(kind, act, v) > splat(act->most), pick(v <= zero, below, gradient));
}

/* ---- loops ---- */

/* A form of a loop: constants where it is compiled. */
enum gating { UNGATED, BY_FACTOR, BY_BITS };
struct loop {
    enum icl_norm_place norm;
    enum act_kind kind;
    bool added;
    enum gating gating;
};
typedef icl_vr loop_step(struct loop loop, const struct run *run, size_t i);

ICL_ALWAYS icl_vr gated(struct loop loop, const struct run *run, size_t i, icl_vr v)
{
    if (loop.gating == BY_FACTOR) return v * load(run, RUN_FACTOR, i);
    if (loop.gating == BY_BITS) return v * (icl_vr)gate_vector(run->bits, i, run->open);
    return v;
}

/* What the stage gives for x, add and factor. */
ICL_ALWAYS icl_vr forward_step(struct loop loop, const struct run *run, size_t i)
{
    icl_vr v = load(run, RUN_X, i);
    if (loop.norm == ICL_NORM_BEFORE) v = load(run, RUN_SCALE, i) * v + load(run, RUN_SHIFT, i);
    if (loop.added) v += load(run, RUN_ADD, i);
    v = activated(loop.kind, run->act, v);
    if (loop.norm == ICL_NORM_AFTER) v = load(run, RUN_SCALE, i) * v + load(run, RUN_SHIFT, i);
    return gated(loop, run, i, v);
}

ICL_ALWAYS icl_vr gated_gradient(struct loop loop, const struct run *run, size_t i)
{
    return gated(loop, run, i, load(run, RUN_DY, i));
}

/* act'(argument) dy factor, the argument being x, or its affine map, + add. */
ICL_ALWAYS icl_vr gradient_step(struct loop loop, const struct run *run, size_t i)
{
    icl_vr v = load(run, RUN_X, i);
    if (loop.norm == ICL_NORM_BEFORE) v = load(run, RUN_SCALE, i) * v + load(run, RUN_SHIFT, i);
    if (loop.added) v += load(run, RUN_ADD, i);
    return act_gradient(loop.kind, run->act, v, gated_gradient(loop, run, i));
}

ICL_ALWAYS icl_vr sloped(const struct run *run, size_t i, icl_vr dz, icl_vr n)
{
    return load(run, RUN_K1, i) * dz + (load(run, RUN_K2, i) * n + load(run, RUN_K3, i));
}

/* k1 dy + (k2 x + k3). */
ICL_ALWAYS icl_vr slope_step(struct loop loop, const struct run *run, size_t i)
{
    (void)loop;
    return sloped(run, i, load(run, RUN_DY, i), load(run, RUN_X, i));
}

/* Back through an IC layer: act'(x) (k1 dy factor + (k2 act(x) + k3)). */
ICL_ALWAYS icl_vr after_step(struct loop loop, const struct run *run, size_t i)
{
    const icl_vr v = load(run, RUN_X, i), n = activated(loop.kind, run->act, v);
    return act_gradient(loop.kind, run->act, v, sloped(run, i, gated_gradient(loop, run, i), n));
}

ICL_ALWAYS void run_loop(loop_step *step, struct loop loop, const struct run *given)
{
    const struct run run = *given; /* which `out` cannot overlap */
    const struct icl_nonlinearity act = *run.act;
    struct run own = run;
    own.act = &act;
    size_t i = 0;
    for (; i + WIDTH <= run.count; i += WIDTH) {
        const icl_vr v = step(loop, &own, i);
        memcpy(run.out + i, &v, sizeof v);
    }
    if (i == run.count) return;
    /* The rest in vectors filled up with zeros. */
    float rest[RUN_INPUTS][WIDTH] = {{0.0F}};
    const size_t left = run.count - i;
    for (size_t k = 0; k < RUN_INPUTS; k++) {
        if (run.in[k] == NULL) continue;
        memcpy(rest[k], run.in[k] + i, left * sizeof **rest);
        own.in[k] = rest[k];
    }
    uint8_t bits[WIDTH / 8 + 1] = {0};
    for (size_t k = 0; run.bits != NULL && 8 * k < left; k++)
        bits[k] = (uint8_t)(run.bits[i / 8 + k] >> i % 8);
    own.bits = bits;
    const icl_vr v = step(loop, &own, 0);
    memcpy(run.out + i, &v, left * sizeof *run.out);
}

/* The loop with every argument a constant. */
ICL_ALWAYS void run_gating(loop_step *step, enum icl_norm_place norm, enum act_kind kind, bool added,
                           const struct run *run)
{
    if (run->bits != NULL)
        run_loop(step, (struct loop){norm, kind, added, BY_BITS}, run);
    else if (run->in[RUN_FACTOR] != NULL)
        run_loop(step, (struct loop){norm, kind, added, BY_FACTOR}, run);
    else
        run_loop(step, (struct loop){norm, kind, added, UNGATED}, run);
}

ICL_ALWAYS void run_kind(loop_step *step, enum icl_norm_place norm, enum act_kind kind, const struct run *run)
{
    const bool added = norm != ICL_NORM_AFTER && run->in[RUN_ADD] != NULL;
    if (added)
        run_gating(step, norm, kind, true, run);
    else
        run_gating(step, norm, kind, false, run);
}

ICL_ALWAYS void run_norm(loop_step *step, enum icl_norm_place norm, enum act_kind kind, const struct run *run)
{
    if (kind == ACT_NONE)
        run_kind(step, norm, ACT_NONE, run);
    else if (kind == ACT_RELU)
        run_kind(step, norm, ACT_RELU, run);
    else
        run_kind(step, norm, ACT_GENERAL, run);
}

static ICL_TARGET void forward_run(enum icl_norm_place norm, enum act_kind kind, const struct run *run)
{
    if (norm == ICL_NORM_AFTER)
        run_norm(forward_step, ICL_NORM_AFTER, kind, run);
    else if (norm == ICL_NORM_BEFORE)
        run_norm(forward_step, ICL_NORM_BEFORE, kind, run);
    else
        run_norm(forward_step, ICL_NORM_ABSENT, kind, run);
}

static ICL_TARGET void gradient_run(bool normed, enum act_kind kind, const struct run *run)
{
    if (normed)
        run_norm(gradient_step, ICL_NORM_BEFORE, kind, run);
    else
        run_norm(gradient_step, ICL_NORM_ABSENT, kind, run);
}

static ICL_TARGET void slope_run(const struct run *run)
{
    run_loop(slope_step, (struct loop){ICL_NORM_AFTER, ACT_NONE, false, UNGATED}, run);
}

static ICL_TARGET void after_run(enum act_kind kind, const struct run *run)
{
    run_norm(after_step, ICL_NORM_AFTER, kind, run);
}

/* ---- tiles ---- */

/* A call on its way through the tiles: tile after tile by next_tile. */
struct stage_walk {
    const struct icl_stage *stage;
    const struct icl_stage_data_f32 *data;
    enum act_kind kind;
    size_t plane, channels, length, chains;         /* length: of a full tile */
    size_t sample, samples, inside, channel, count; /* the tile: samples, place in the first, first channel, elements */
    size_t at;                                      /* of the tile in the arrays */
    bool drops, patterned;
    float open;
    struct factor_source source;
    const float *scale, *shift, *k1, *k2, *k3; /* of the tile's elements */
    float patterns[5][TILE], factor[TILE];
    uint8_t bits[TILE / 8];
};

/* Rows of which gates begin on a byte and chains at the first one. */
static size_t unit_rows(size_t chains)
{
    size_t rows = 8;
    while (rows % chains != 0)
        rows += 8;
    return rows;
}

static size_t tile_elements(size_t channels, size_t chains)
{
    if (channels > TILE) return TILE;
    const size_t unit = unit_rows(chains) * channels;
    return unit <= TILE ? TILE / unit * unit : TILE / channels * channels;
}

static const float *pattern_of(struct stage_walk *walk, size_t which, const float *values, size_t length)
{
    if (!walk->patterned || values == NULL) return values;
    repeat(values, walk->channels, length, walk->patterns[which]);
    return walk->patterns[which];
}

static void open_walk(struct stage_walk *walk, const struct icl_stage *stage, const struct icl_stage_data_f32 *data)
{
    const size_t channels = stage->shape.channels, plane = stage->shape.positions * channels;
    walk->stage = stage;
    walk->data = data;
    walk->kind = act_kind(&stage->act);
    walk->plane = plane;
    walk->channels = channels;
    walk->chains = icl_stage_chains(channels);
    walk->length = tile_elements(channels, walk->chains);
    walk->sample = walk->samples = walk->inside = walk->channel = walk->count = walk->at = 0;
    walk->drops = stage->mask != NULL;
    if (walk->drops) {
        open_source(&walk->source, stage->mask, &stage->shape);
        walk->open = walk->source.open;
    }
    walk->patterned = channels <= TILE / 2;
    walk->scale = walk->shift = walk->k1 = walk->k2 = walk->k3 = NULL;
    const size_t whole = data->samples * plane, length = whole < walk->length ? whole : walk->length;
    if (stage->norm == ICL_NORM_ABSENT || length == 0) return;
    walk->scale = pattern_of(walk, 0, data->scale, length);
    walk->shift = pattern_of(walk, 1, data->shift, length);
    if (data->slope == NULL) return;
    walk->k1 = pattern_of(walk, 2, data->slope, length);
    walk->k2 = pattern_of(walk, 3, data->slope + channels, length);
    walk->k3 = pattern_of(walk, 4, data->slope + 2 * channels, length);
}

static bool next_tile(struct stage_walk *walk)
{
    walk->at += walk->count;
    walk->inside += walk->count;
    if (walk->samples > 1 || walk->inside == walk->plane) {
        walk->sample += walk->samples;
        walk->inside = 0;
    }
    if (walk->count == 0) walk->sample = walk->inside = 0;
    if (walk->sample >= walk->data->samples || walk->plane == 0) return false;

    walk->samples = 1;
    walk->channel = 0;
    if (walk->plane <= walk->length) {
        const size_t fit = walk->length / walk->plane, left = walk->data->samples - walk->sample;
        walk->samples = fit < left ? fit : left;
        walk->count = walk->samples * walk->plane;
    } else if (walk->channels > TILE) {
        walk->channel = walk->inside % walk->channels;
        walk->count = tile_length(walk->channel, walk->channels - walk->channel, TILE);
    } else {
        const size_t left = walk->plane - walk->inside;
        walk->count = walk->length < left ? walk->length : left;
    }
    return true;
}

/* bits[from ..] = which of factor[0 .. count-1] are open. */
static ICL_TARGET void pack_gates(const float *factor, size_t count, size_t from, uint8_t *bits)
{
    size_t i = 0;
    if (from % 8 == 0)
        for (; i + 8 <= count; i += 8)
            bits[(from + i) / 8] = pack_gates8(factor + i);
    for (; i < count; i++) {
        uint8_t *byte = bits + (from + i) / 8;
        const unsigned bit = 1U << (from + i) % 8, open = factor[i] != 0.0F ? bit : 0;
        *byte = (uint8_t)((*byte & (bit - 1)) | open); /* bits from here on are not written yet */
    }
}

static ICL_TARGET void unpack_gates(const uint8_t *bits, size_t from, size_t count, float open, float *factor)
{
    size_t i = 0;
    if (from % 8 == 0)
        for (; i + 8 <= count; i += 8)
            unpack_gates8(bits[(from + i) / 8], open, factor + i);
    for (; i < count; i++)
        factor[i] = bits[(from + i) / 8] >> (from + i) % 8 & 1 ? open : 0.0F;
}

/* The factors of the tile; NULL without a dropout. `forward`: the gates are written, else read. */
static ICL_TARGET const float *walk_factors(struct stage_walk *walk, bool forward)
{
    if (!walk->drops) return NULL;
    const struct icl_stage_data_f32 *data = walk->data;
    if (forward || data->gates == NULL)
        tile_factors(&walk->source, (uint64_t)data->first * walk->plane + walk->at, walk->count, walk->factor);
    if (data->gates == NULL) return walk->factor;
    const size_t bytes = icl_gate_bytes(&walk->stage->shape), piece = walk->count / walk->samples;
    for (size_t s = 0; s < walk->samples; s++) {
        uint8_t *bits = data->gates + (walk->sample + s) * bytes;
        float *factor = walk->factor + s * piece;
        if (!forward) {
            unpack_gates(bits, walk->inside, piece, walk->open, factor);
            continue;
        }
        pack_gates(factor, piece, walk->inside, bits);
        const size_t end = walk->inside + piece;
        if (end == walk->plane) memset(bits + (end + 7) / 8, 0, bytes - (end + 7) / 8);
    }
    return walk->factor;
}

/* Asks for the elements of the next tile: where both x and dy come from memory, the processor does not fetch them ahead
 * in time. Measured: it halves the time of stage_backward_sums on arrays of 32 MiB each, and costs 0 to a third of the
 * time on arrays that are in the cache already. */
static ICL_TARGET void fetch_next(const struct stage_walk *walk, const float *values)
{
    enum { LINE = 64 / sizeof(float) };
    const size_t end = walk->data->samples * walk->plane, next = walk->at + walk->count;
    const size_t count = end - next < walk->length ? end - next : walk->length;
    for (size_t i = 0; i < count; i += LINE)
        __builtin_prefetch(values + next + i);
}

/* bits = gates of draws first .. first+count-1 of independent gates; zeros up to the end of the last byte. */
static ICL_TARGET void draw_gates(const struct factor_source *source, uint64_t first, size_t count, uint8_t *bits)
{
    uint32_t buffer[TILE + 8 * WHOLE];
    const uint32_t *words = tile_words(&source->base, first, count, buffer);
    const uint32_t threshold = (uint32_t)source->threshold;
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        bits[i / 8] = draw_gates8(words + i, threshold);
    unsigned last = 0;
    for (size_t k = i; k < count; k++)
        last |= (words[k] < threshold ? 1U : 0U) << (k - i);
    if (i < count) bits[i / 8] = (uint8_t)last;
}

/* The gates of the tile, as bits where they lie in one piece on whole bytes, as factors elsewhere. `forward`: the kept
 * gates are written, else read. */
static ICL_TARGET void walk_gates(struct stage_walk *walk, bool forward, struct run *run)
{
    if (!walk->drops) return;
    const struct icl_stage_data_f32 *data = walk->data;
    const size_t bytes = icl_gate_bytes(&walk->stage->shape);
    const bool keeps = data->gates != NULL, draws = forward || !keeps;
    const bool in_line = walk->inside % 8 == 0 && (walk->samples == 1 || walk->plane % 64 == 0);
    const bool plain = walk->stage->mask->gate == ICL_GATE_INDEPENDENT && walk->source.threshold > 0 &&
                       walk->source.threshold <= UINT32_MAX;
    if ((keeps && !in_line) || (draws && !plain)) {
        run->in[RUN_FACTOR] = walk_factors(walk, forward);
        return;
    }
    uint8_t *bits = keeps ? data->gates + walk->sample * bytes + walk->inside / 8 : walk->bits;
    run->bits = bits;
    run->open = walk->open;
    if (!draws) return;
    draw_gates(&walk->source, (uint64_t)data->first * walk->plane + walk->at, walk->count, bits);
    const size_t used = (walk->plane + 7) / 8;
    if (keeps && walk->inside + walk->count == walk->plane)
        memset(data->gates + walk->sample * bytes + used, 0, bytes - used);
}

static const float *moved(const float *values, size_t by)
{
    return values == NULL ? NULL : values + by;
}

/* The arrays of the tile. */
static struct run walk_run(const struct stage_walk *walk)
{
    const struct icl_stage_data_f32 *data = walk->data;
    const size_t at = walk->at, c = walk->channel;
    return (struct run){
        .act = &walk->stage->act,
        .count = walk->count,
        .in[RUN_X] = data->x + at,
        .in[RUN_ADD] = walk->stage->norm == ICL_NORM_AFTER ? NULL : moved(data->add, at),
        .in[RUN_SCALE] = moved(walk->scale, c),
        .in[RUN_SHIFT] = moved(walk->shift, c),
        .in[RUN_K1] = moved(walk->k1, c),
        .in[RUN_K2] = moved(walk->k2, c),
        .in[RUN_K3] = moved(walk->k3, c),
    };
}

static ICL_TARGET void stage_forward(const struct icl_stage *stage, const struct icl_stage_data_f32 *data)
{
    struct stage_walk walk;
    open_walk(&walk, stage, data);
    while (next_tile(&walk)) {
        struct run run = walk_run(&walk);
        enum icl_norm_place norm = stage->norm;
        enum act_kind kind = walk.kind;
        if (data->tap != NULL) {
            /* As far as the tap, then on from there. */
            const bool early = norm == ICL_NORM_AFTER && stage->tap == ICL_TAP_RELU;
            run.out = data->tap + walk.at;
            forward_run(early ? ICL_NORM_ABSENT : norm, kind, &run);
            run.in[RUN_X] = run.out;
            run.in[RUN_ADD] = NULL;
            norm = early ? norm : ICL_NORM_ABSENT;
            kind = ACT_NONE;
        }
        walk_gates(&walk, true, &run);
        run.out = data->y + walk.at;
        forward_run(norm, kind, &run);
    }
}

/* out = dy behind the dropout. */
static ICL_TARGET void gate_run(const struct run *run, float *out)
{
    struct run part = *run;
    part.in[RUN_X] = run->in[RUN_DY];
    part.in[RUN_ADD] = NULL;
    part.out = out;
    forward_run(ICL_NORM_ABSENT, ACT_NONE, &part);
}

/* dy of the tile behind dropout and a tap before it: DY and the gates of `run`, in `room` where there is a tap. */
static ICL_TARGET void kept_gradient(struct stage_walk *walk, struct run *run, float room[TILE])
{
    const struct icl_stage_data_f32 *data = walk->data;
    fetch_next(walk, data->x);
    fetch_next(walk, data->dy);
    run->in[RUN_DY] = data->dy + walk->at;
    walk_gates(walk, false, run);
    if (data->dtap == NULL || (walk->stage->norm == ICL_NORM_AFTER && walk->stage->tap != ICL_TAP_NORM)) return;
    gate_run(run, room);
    struct run part = {.act = run->act, .count = run->count, .in[RUN_X] = room, .out = room};
    part.in[RUN_ADD] = data->dtap + walk->at;
    forward_run(ICL_NORM_ABSENT, ACT_NONE, &part);
    run->in[RUN_DY] = room;
    run->in[RUN_FACTOR] = NULL;
    run->bits = NULL;
}

/* to[i] = from[i], added to what is there if `add`. */
static ICL_TARGET void put(const float *from, size_t count, bool add, float *to)
{
    if (!add) {
        memcpy(to, from, count * sizeof *to);
        return;
    }
    ICL_INDEPENDENT
    for (size_t i = 0; i < count; i++)
        to[i] += from[i];
}

/* Back through an IC layer with a tap behind the nonlinearity: dx in `out`. */
static ICL_TARGET void after_with_tap(const struct stage_walk *walk, struct run run, float *out)
{
    float dz[TILE], n[TILE];
    gate_run(&run, dz);
    struct run part = {.act = run.act, .count = run.count, .in[RUN_X] = run.in[RUN_X], .out = n};
    forward_run(ICL_NORM_ABSENT, walk->kind, &part);
    part = run;
    part.in[RUN_X] = n;
    part.in[RUN_DY] = part.out = dz;
    slope_run(&part);
    put(walk->data->dtap + walk->at, run.count, true, dz);
    run.in[RUN_DY] = dz;
    run.in[RUN_FACTOR] = NULL;
    run.bits = NULL;
    run.out = out;
    gradient_run(false, walk->kind, &run);
}

static ICL_TARGET void stage_backward(const struct icl_stage *stage, const struct icl_stage_data_f32 *data)
{
    struct stage_walk walk;
    float room[TILE], dz[TILE], sum[TILE];
    open_walk(&walk, stage, data);
    while (next_tile(&walk)) {
        struct run run = walk_run(&walk);
        kept_gradient(&walk, &run, room);
        float *dx = data->dx + walk.at, *to = data->add_dx ? sum : dx;
        const float *result = to;
        if (stage->norm == ICL_NORM_AFTER) {
            run.out = to;
            if (data->dtap != NULL && stage->tap == ICL_TAP_RELU)
                after_with_tap(&walk, run, to);
            else
                after_run(walk.kind, &run);
        } else {
            const bool normed = stage->norm == ICL_NORM_BEFORE;
            run.out = normed || data->dadd != NULL ? dz : to;
            gradient_run(normed, walk.kind, &run);
            result = run.out;
            if (normed) {
                run.in[RUN_DY] = dz;
                run.out = to;
                slope_run(&run);
                result = to;
            }
        }
        if (result != dx) put(result, walk.count, data->add_dx, dx);
        if (data->dadd != NULL) put(dz, walk.count, data->add_dadd, data->dadd + walk.at);
    }
}

/* ---- sums ---- */

/* sum[v] += a, product[v] += a b over `rows` rows `stride` apart, `vectors` vectors of neighbouring columns. `same`: b
 * is a. */
ICL_ALWAYS void column_vectors(const float *a, const float *b, bool same, size_t rows, size_t stride, size_t vectors,
                               double *sum, double *product)
{
    icl_vd total[ABREAST], mixed[ABREAST];
    memcpy(total, sum, vectors * sizeof *total);
    memcpy(mixed, product, vectors * sizeof *mixed);
    for (size_t r = 0; r < rows; r++) {
        for (size_t v = 0; v < vectors; v++) {
            icl_vf narrow;
            memcpy(&narrow, a + r * stride + v * ICL_LANES, sizeof narrow);
            const icl_vd left = __builtin_convertvector(narrow, icl_vd);
            icl_vd right = left;
            if (!same) {
                memcpy(&narrow, b + r * stride + v * ICL_LANES, sizeof narrow);
                right = __builtin_convertvector(narrow, icl_vd);
            }
            total[v] += left;
            mixed[v] += left * right;
        }
    }
    memcpy(sum, total, vectors * sizeof *total);
    memcpy(product, mixed, vectors * sizeof *mixed);
}

/* The same for `columns` columns side by side. */
ICL_ALWAYS void add_columns(const float *a, const float *b, bool same, size_t rows, size_t stride, size_t columns,
                            double *sum, double *product)
{
    size_t c = 0;
    for (; c + ABREAST * ICL_LANES <= columns; c += ABREAST * ICL_LANES)
        column_vectors(a + c, b + c, same, rows, stride, ABREAST, sum + c, product + c);
    for (; c + ICL_LANES <= columns; c += ICL_LANES)
        column_vectors(a + c, b + c, same, rows, stride, 1, sum + c, product + c);
    for (; c < columns; c++) {
        double total = sum[c], mixed = product[c];
        for (size_t r = 0; r < rows; r++) {
            const double left = (double)a[r * stride + c], right = (double)b[r * stride + c];
            total += left;
            mixed += left * right;
        }
        sum[c] = total;
        product[c] = mixed;
    }
}

static ICL_TARGET void add_rows(const float *a, const float *b, size_t rows, size_t stride, size_t columns, double *sum,
                                double *product)
{
    if (a == b)
        add_columns(a, b, true, rows, stride, columns, sum, product);
    else
        add_columns(a, b, false, rows, stride, columns, sum, product);
}

/* The chains of a sample with few channels. */
struct stage_chains {
    double sum[ICL_STAGE_CHAINS], product[ICL_STAGE_CHAINS];
};

/* Adds `count` elements of one sample, whole rows from a multiple of `chains` on. */
static ICL_TARGET void add_chained(const float *a, const float *b, size_t count, size_t width,
                                   struct stage_chains *chains)
{
    const size_t rows = count / width, rest = count % width, done = rows * width;
    add_rows(a, b, rows, width, width, chains->sum, chains->product);
    if (rest > 0) add_rows(a + done, a == b ? a + done : b + done, 1, width, rest, chains->sum, chains->product);
}

/* Adds the tile, a and b holding its elements. */
static ICL_TARGET void add_tile(const struct stage_walk *walk, const float *a, const float *b,
                                struct stage_chains *chains, double *sum, double *product)
{
    const size_t channels = walk->channels;
    if (walk->chains == 1) {
        const size_t columns = walk->count < channels ? walk->count : channels, c = walk->channel;
        add_rows(a, b, walk->count / columns, channels, columns, sum + c, product + c);
        return;
    }
    const size_t piece = walk->count / walk->samples, width = walk->chains * channels;
    for (size_t s = 0; s < walk->samples; s++) {
        add_chained(a + s * piece, b + s * piece, piece, width, chains);
        if (walk->inside + piece < walk->plane) continue;
        for (size_t k = 0; k < width; k += channels)
            for (size_t c = 0; c < channels; c++) {
                sum[c] += chains->sum[k + c];
                product[c] += chains->product[k + c];
            }
        memset(chains, 0, sizeof *chains);
    }
}

static ICL_TARGET void stage_sums(const struct icl_stage *stage, const struct icl_stage_data_f32 *data, double *sum,
                                  double *square)
{
    struct stage_walk walk;
    struct stage_chains chains = {0};
    float n[TILE];
    const struct icl_stage_data_f32 only_x = {.first = data->first, .samples = data->samples, .x = data->x};
    open_walk(&walk, stage, &only_x);
    while (next_tile(&walk)) {
        struct run run = walk_run(&walk);
        const float *values = run.in[RUN_X];
        if (stage->norm == ICL_NORM_AFTER && walk.kind != ACT_NONE) {
            run.out = n;
            forward_run(ICL_NORM_ABSENT, walk.kind, &run);
            values = n;
        }
        add_tile(&walk, values, values, &chains, sum, square);
    }
}

static ICL_TARGET void stage_backward_sums(const struct icl_stage *stage, const struct icl_stage_data_f32 *data,
                                           double *sum, double *product)
{
    struct stage_walk walk;
    struct stage_chains chains = {0};
    float room[TILE], dz[TILE], n[TILE];
    open_walk(&walk, stage, data);
    while (next_tile(&walk)) {
        struct run run = walk_run(&walk);
        const float *normed = run.in[RUN_X];
        kept_gradient(&walk, &run, room);
        run.out = dz;
        if (stage->norm == ICL_NORM_AFTER) {
            if (walk.kind != ACT_NONE) {
                struct run part = {.act = run.act, .count = run.count, .in[RUN_X] = run.in[RUN_X], .out = n};
                forward_run(ICL_NORM_ABSENT, walk.kind, &part);
                normed = n;
            }
            const bool drops = run.in[RUN_FACTOR] != NULL || run.bits != NULL;
            if (drops) gate_run(&run, dz);
            add_tile(&walk, drops ? dz : run.in[RUN_DY], normed, &chains, sum, product);
        } else {
            gradient_run(stage->norm == ICL_NORM_BEFORE, walk.kind, &run);
            add_tile(&walk, dz, normed, &chains, sum, product);
        }
    }
}
