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
struct run {
    const struct icl_nonlinearity *act;
    size_t count;
    const float *x, *add, *factor, *dy;
    const float *scale, *shift, *k1, *k2, *k3;
    float *out;
};

/* act of `kind` without the minimum. */
ICL_ALWAYS float rectified(enum act_kind kind, float v, float leak, float sub)
{
    if (kind == ACT_NONE) return v;
    if (kind == ACT_RELU) return v < 0.0F ? 0.0F : v;
    const float below = leak == 0.0F ? 0.0F : leak * v;
    return (v < 0.0F ? below : v) - sub;
}

ICL_ALWAYS float clamped(enum act_kind kind, float z, float most)
{
    return kind == ACT_GENERAL && z > most ? most : z;
}

/* The gradient of act's argument v. */
ICL_ALWAYS float act_gradient(enum act_kind kind, float v, float gradient, float leak, float sub, float most)
{
    if (kind == ACT_NONE) return gradient;
    if (kind == ACT_RELU) return v <= 0.0F ? 0.0F : gradient;
    const float below = leak == 0.0F ? 0.0F : leak * gradient;
    const float inner = v <= 0.0F ? below : gradient;
    return rectified(kind, v, leak, sub) > most ? 0.0F : inner;
}

/* ---- loops ---- */

ICL_ALWAYS void forward_loop(enum icl_norm_place norm, enum act_kind kind, bool added, bool gated,
                             const struct run *run)
{
    const float *x = run->x, *add = run->add, *factor = run->factor, *scale = run->scale, *shift = run->shift;
    const float leak = run->act->leak, sub = run->act->sub, most = run->act->most;
    float *out = run->out;
    const size_t count = run->count;
    ICL_INDEPENDENT
    for (size_t i = 0; i < count; i++) {
        float v = x[i];
        if (norm == ICL_NORM_BEFORE) v = scale[i] * v + shift[i];
        if (added) v += add[i];
        v = clamped(kind, rectified(kind, v, leak, sub), most);
        if (norm == ICL_NORM_AFTER) v = scale[i] * v + shift[i];
        out[i] = gated ? v * factor[i] : v;
    }
}

ICL_ALWAYS void forward_kind(enum icl_norm_place norm, enum act_kind kind, const struct run *run)
{
    if (norm != ICL_NORM_AFTER && run->add != NULL) {
        if (run->factor != NULL)
            forward_loop(norm, kind, true, true, run);
        else
            forward_loop(norm, kind, true, false, run);
    } else if (run->factor != NULL) {
        forward_loop(norm, kind, false, true, run);
    } else {
        forward_loop(norm, kind, false, false, run);
    }
}

ICL_ALWAYS void forward_norm(enum icl_norm_place norm, enum act_kind kind, const struct run *run)
{
    if (kind == ACT_NONE)
        forward_kind(norm, ACT_NONE, run);
    else if (kind == ACT_RELU)
        forward_kind(norm, ACT_RELU, run);
    else
        forward_kind(norm, ACT_GENERAL, run);
}

/* out = what the stage gives for x, add, factor. */
static ICL_TARGET void forward_run(enum icl_norm_place norm, enum act_kind kind, const struct run *run)
{
    if (norm == ICL_NORM_AFTER)
        forward_norm(ICL_NORM_AFTER, kind, run);
    else if (norm == ICL_NORM_BEFORE)
        forward_norm(ICL_NORM_BEFORE, kind, run);
    else
        forward_norm(ICL_NORM_ABSENT, kind, run);
}

/* out = act'(argument) dy factor, the argument being x, or its affine map, + add. */
ICL_ALWAYS void gradient_loop(bool normed, enum act_kind kind, bool added, bool gated, const struct run *run)
{
    const float *x = run->x, *add = run->add, *factor = run->factor, *scale = run->scale, *shift = run->shift;
    const float *dy = run->dy, leak = run->act->leak, sub = run->act->sub, most = run->act->most;
    float *out = run->out;
    const size_t count = run->count;
    ICL_INDEPENDENT
    for (size_t i = 0; i < count; i++) {
        float v = x[i];
        if (normed) v = scale[i] * v + shift[i];
        if (added) v += add[i];
        const float gradient = gated ? dy[i] * factor[i] : dy[i];
        out[i] = act_gradient(kind, v, gradient, leak, sub, most);
    }
}

ICL_ALWAYS void gradient_kind(bool normed, enum act_kind kind, const struct run *run)
{
    if (run->add != NULL) {
        if (run->factor != NULL)
            gradient_loop(normed, kind, true, true, run);
        else
            gradient_loop(normed, kind, true, false, run);
    } else if (run->factor != NULL) {
        gradient_loop(normed, kind, false, true, run);
    } else {
        gradient_loop(normed, kind, false, false, run);
    }
}

ICL_ALWAYS void gradient_norm(bool normed, enum act_kind kind, const struct run *run)
{
    if (kind == ACT_NONE)
        gradient_kind(normed, ACT_NONE, run);
    else if (kind == ACT_RELU)
        gradient_kind(normed, ACT_RELU, run);
    else
        gradient_kind(normed, ACT_GENERAL, run);
}

static ICL_TARGET void gradient_run(bool normed, enum act_kind kind, const struct run *run)
{
    if (normed)
        gradient_norm(true, kind, run);
    else
        gradient_norm(false, kind, run);
}

/* out = k1 dy + (k2 x + k3). */
static ICL_TARGET void slope_run(const struct run *run)
{
    const float *x = run->x, *dy = run->dy, *k1 = run->k1, *k2 = run->k2, *k3 = run->k3;
    float *out = run->out;
    const size_t count = run->count;
    ICL_INDEPENDENT
    for (size_t i = 0; i < count; i++)
        out[i] = k1[i] * dy[i] + (k2[i] * x[i] + k3[i]);
}

/* out = act'(x) (k1 dy factor + (k2 act(x) + k3)): back through nonlinearity, norm and dropout. */
ICL_ALWAYS void after_loop(enum act_kind kind, bool gated, const struct run *run)
{
    const float *x = run->x, *dy = run->dy, *factor = run->factor, *k1 = run->k1, *k2 = run->k2, *k3 = run->k3;
    const float leak = run->act->leak, sub = run->act->sub, most = run->act->most;
    float *out = run->out;
    const size_t count = run->count;
    ICL_INDEPENDENT
    for (size_t i = 0; i < count; i++) {
        const float dz = gated ? dy[i] * factor[i] : dy[i];
        const float n = clamped(kind, rectified(kind, x[i], leak, sub), most);
        out[i] = act_gradient(kind, x[i], k1[i] * dz + (k2[i] * n + k3[i]), leak, sub, most);
    }
}

ICL_ALWAYS void after_kind(enum act_kind kind, const struct run *run)
{
    if (run->factor != NULL)
        after_loop(kind, true, run);
    else
        after_loop(kind, false, run);
}

static ICL_TARGET void after_run(enum act_kind kind, const struct run *run)
{
    if (kind == ACT_NONE)
        after_kind(ACT_NONE, run);
    else if (kind == ACT_RELU)
        after_kind(ACT_RELU, run);
    else
        after_kind(ACT_GENERAL, run);
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
        .x = data->x + at,
        .add = walk->stage->norm == ICL_NORM_AFTER ? NULL : moved(data->add, at),
        .scale = moved(walk->scale, c),
        .shift = moved(walk->shift, c),
        .k1 = moved(walk->k1, c),
        .k2 = moved(walk->k2, c),
        .k3 = moved(walk->k3, c),
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
            run.x = run.out;
            run.add = NULL;
            norm = early ? norm : ICL_NORM_ABSENT;
            kind = ACT_NONE;
        }
        run.factor = walk_factors(&walk, true);
        run.out = data->y + walk.at;
        forward_run(norm, kind, &run);
    }
}

/* dy of the tile behind dropout and a tap before it: run->dy with run->factor, in `room` where there is a tap. */
static ICL_TARGET void kept_gradient(struct stage_walk *walk, struct run *run, float room[TILE])
{
    const struct icl_stage_data_f32 *data = walk->data;
    run->dy = data->dy + walk->at;
    run->factor = walk_factors(walk, false);
    if (data->dtap == NULL || (walk->stage->norm == ICL_NORM_AFTER && walk->stage->tap != ICL_TAP_NORM)) return;
    struct run part = {.act = run->act, .count = run->count, .x = run->dy, .factor = run->factor, .out = room};
    forward_run(ICL_NORM_ABSENT, ACT_NONE, &part);
    part.x = room;
    part.factor = NULL;
    part.add = data->dtap + walk->at;
    forward_run(ICL_NORM_ABSENT, ACT_NONE, &part);
    run->dy = room;
    run->factor = NULL;
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
    struct run part = {.act = run.act, .count = run.count, .x = run.dy, .factor = run.factor, .out = dz};
    forward_run(ICL_NORM_ABSENT, ACT_NONE, &part);
    part = (struct run){.act = run.act, .count = run.count, .x = run.x, .out = n};
    forward_run(ICL_NORM_ABSENT, walk->kind, &part);
    part = run;
    part.x = n;
    part.dy = part.out = dz;
    slope_run(&part);
    put(walk->data->dtap + walk->at, run.count, true, dz);
    run.dy = dz;
    run.factor = NULL;
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
                run.dy = dz;
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
        for (size_t k = 0; k < width; k++) {
            sum[k % channels] += chains->sum[k];
            product[k % channels] += chains->product[k];
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
    open_walk(&walk, stage, data);
    while (next_tile(&walk)) {
        struct run run = walk_run(&walk);
        const float *values = run.x;
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
        const float *normed = run.x;
        kept_gradient(&walk, &run, room);
        run.out = dz;
        if (stage->norm == ICL_NORM_AFTER) {
            struct run part = {.act = run.act, .count = run.count, .x = run.x, .out = n};
            if (walk.kind != ACT_NONE) {
                forward_run(ICL_NORM_ABSENT, walk.kind, &part);
                normed = n;
            }
            part.x = run.dy;
            part.factor = run.factor;
            part.out = dz;
            if (run.factor != NULL) forward_run(ICL_NORM_ABSENT, ACT_NONE, &part);
            add_tile(&walk, run.factor != NULL ? dz : run.dy, normed, &chains, sum, product);
        } else {
            gradient_run(stage->norm == ICL_NORM_BEFORE, walk.kind, &run);
            add_tile(&walk, dz, normed, &chains, sum, product);
        }
    }
}
