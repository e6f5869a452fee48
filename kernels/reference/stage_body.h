/* The plain stage, once for each ICL_REAL; no include guard on purpose. One element at a time. Every rounding stands
 * here, and the fast versions go through the same ones:
 *   act(v) = min((v < 0 ? leak v : v) - sub, most), where leak 0 makes 0 of -infinity too, and NaN stays NaN
 *   drop(t) = t factor, the factor (0, 1, 1/keep, 1 + e) rounded to ICL_REAL first
 *   dn = k1 dz + (k2 n + k3) */

/* act without the minimum. */
static ICL_REAL ICL_TYPED(rectify)(const struct icl_nonlinearity *act, ICL_REAL v)
{
    const ICL_REAL leak = (ICL_REAL)act->leak, below = leak == 0 ? 0 : leak * v;
    return (v < 0 ? below : v) - (ICL_REAL)act->sub;
}

static ICL_REAL ICL_TYPED(act)(const struct icl_nonlinearity *act, ICL_REAL v)
{
    if (!act->on) return v;
    const ICL_REAL z = ICL_TYPED(rectify)(act, v), most = (ICL_REAL)act->most;
    return z > most ? most : z;
}

/* The gradient of act's argument v from that of its value. */
static ICL_REAL ICL_TYPED(act_backward)(const struct icl_nonlinearity *act, ICL_REAL v, ICL_REAL gradient)
{
    if (!act->on) return gradient;
    if (ICL_TYPED(rectify)(act, v) > (ICL_REAL)act->most) return 0;
    const ICL_REAL leak = (ICL_REAL)act->leak, below = leak == 0 ? 0 : leak * gradient;
    return v <= 0 ? below : gradient;
}

/* An element of the arrays of a call: sample (from 0), place in the sample, channel. */
struct ICL_TYPED(place) {
    size_t sample, inside, channel, at;
};

static struct ICL_TYPED(place) ICL_TYPED(place_of)(const struct icl_shape *shape, size_t at)
{
    const size_t plane = shape->positions * shape->channels;
    return (struct ICL_TYPED(place)){at / plane, at % plane, at % shape->channels, at};
}

static size_t ICL_TYPED(element_count)(const struct icl_stage *stage, const struct ICL_TYPED(icl_stage_data) * data)
{
    return data->samples * stage->shape.positions * stage->shape.channels;
}

/* n: what is normalised. Reads x alone. */
static ICL_REAL ICL_TYPED(normed_input)(const struct icl_stage *stage, const struct ICL_TYPED(icl_stage_data) * data,
                                        const struct ICL_TYPED(place) * place)
{
    const ICL_REAL x = data->x[place->at];
    return stage->norm == ICL_NORM_AFTER ? ICL_TYPED(act)(&stage->act, x) : x;
}

/* What stands at the places of an element on the way forward. */
struct ICL_TYPED(values) {
    ICL_REAL argument; /* of act */
    ICL_REAL active;   /* act of it */
    ICL_REAL normed;   /* n: what is normalised; 0 without a norm */
    ICL_REAL kept;     /* right before the dropout */
};

static struct ICL_TYPED(values)
    ICL_TYPED(values_of)(const struct icl_stage *stage, const struct ICL_TYPED(icl_stage_data) * data,
                         const struct ICL_TYPED(place) * place)
{
    struct ICL_TYPED(values) v = {.argument = data->x[place->at]};
    if (stage->norm == ICL_NORM_BEFORE) {
        v.normed = v.argument;
        v.argument = data->scale[place->channel] * v.normed + data->shift[place->channel];
    }
    if (stage->norm != ICL_NORM_AFTER && data->add != NULL) v.argument += data->add[place->at];
    v.active = v.kept = ICL_TYPED(act)(&stage->act, v.argument);
    if (stage->norm == ICL_NORM_AFTER) {
        v.normed = v.active;
        v.kept = data->scale[place->channel] * v.normed + data->shift[place->channel];
    }
    return v;
}

/* The multiplier of the dropout from the counters. */
static ICL_REAL ICL_TYPED(drawn_factor)(const struct icl_stage *stage, const struct ICL_TYPED(icl_stage_data) * data,
                                        const struct ICL_TYPED(place) * place)
{
    const size_t plane = stage->shape.positions * stage->shape.channels;
    ICL_REAL factor;
    icl_kernels_reference()->ICL_TYPED(mask)(stage->mask, &stage->shape, data->first * plane + place->at, 1, &factor);
    return factor;
}

/* The byte that keeps the gate of an element. */
static uint8_t *ICL_TYPED(gate_byte)(const struct icl_stage *stage, const struct ICL_TYPED(icl_stage_data) * data,
                                     const struct ICL_TYPED(place) * place)
{
    return data->gates + place->sample * icl_gate_bytes(&stage->shape) + place->inside / 8;
}

/* The gradient right before the dropout. */
static ICL_REAL ICL_TYPED(kept_gradient)(const struct icl_stage *stage, const struct ICL_TYPED(icl_stage_data) * data,
                                         const struct ICL_TYPED(place) * place)
{
    ICL_REAL gradient = data->dy[place->at];
    if (stage->mask != NULL) {
        if (data->gates == NULL) {
            gradient *= ICL_TYPED(drawn_factor)(stage, data, place);
        } else {
            const bool open = (*ICL_TYPED(gate_byte)(stage, data, place) >> place->inside % 8 & 1) != 0;
            gradient *= open ? (ICL_REAL)icl_gate_rule(stage->mask).open : 0;
        }
    }
    /* Without a norm behind the nonlinearity both taps are here. */
    if (data->dtap != NULL && (stage->tap == ICL_TAP_NORM || stage->norm != ICL_NORM_AFTER))
        gradient += data->dtap[place->at];
    return gradient;
}

/* dz: the gradient of the norm's output, or of act's argument without a norm. */
static ICL_REAL ICL_TYPED(output_gradient)(const struct icl_stage *stage, const struct ICL_TYPED(icl_stage_data) * data,
                                           const struct ICL_TYPED(place) * place,
                                           const struct ICL_TYPED(values) * values)
{
    const ICL_REAL gradient = ICL_TYPED(kept_gradient)(stage, data, place);
    if (stage->norm == ICL_NORM_AFTER) return gradient;
    return ICL_TYPED(act_backward)(&stage->act, values->argument, gradient);
}

/* The sums of a channel: the rows of a sample go to chains in turn, which are added in order. */
struct ICL_TYPED(chains) {
    double sum[ICL_STAGE_CHAINS], product[ICL_STAGE_CHAINS];
};

/* sum[c] += sum of a, product[c] += sum of a b; `backward`: a = dz, b = n; else a = b = n. */
static void ICL_TYPED(stage_totals)(const struct icl_stage *stage, const struct ICL_TYPED(icl_stage_data) * data,
                                    bool backward, double *sum, double *product)
{
    const struct icl_shape *shape = &stage->shape;
    const size_t chains = icl_stage_chains(shape->channels);
    for (size_t s = 0; s < data->samples; s++)
        for (size_t c = 0; c < shape->channels; c++) {
            struct ICL_TYPED(chains) total = {0};
            if (chains == 1) {
                total.sum[0] = sum[c];
                total.product[0] = product[c];
            }
            for (size_t p = 0; p < shape->positions; p++) {
                const struct ICL_TYPED(place) place =
                    ICL_TYPED(place_of)(shape, (s * shape->positions + p) * shape->channels + c);
                const ICL_REAL n = ICL_TYPED(normed_input)(stage, data, &place);
                ICL_REAL a = n;
                if (backward) {
                    const struct ICL_TYPED(values) v = ICL_TYPED(values_of)(stage, data, &place);
                    a = ICL_TYPED(output_gradient)(stage, data, &place, &v);
                }
                total.sum[p % chains] += (double)a;
                total.product[p % chains] += (double)a * (double)n;
            }
            if (chains == 1) {
                sum[c] = total.sum[0];
                product[c] = total.product[0];
                continue;
            }
            for (size_t k = 0; k < chains; k++) {
                sum[c] += total.sum[k];
                product[c] += total.product[k];
            }
        }
}

void ICL_TYPED(icl_stage_sums)(const struct icl_stage *stage, const struct ICL_TYPED(icl_stage_data) * data,
                               double *sum, double *square)
{
    ICL_TYPED(stage_totals)(stage, data, false, sum, square);
}

void ICL_TYPED(icl_stage_backward_sums)(const struct icl_stage *stage, const struct ICL_TYPED(icl_stage_data) * data,
                                        double *sum, double *product)
{
    ICL_TYPED(stage_totals)(stage, data, true, sum, product);
}

void ICL_TYPED(icl_stage_forward)(const struct icl_stage *stage, const struct ICL_TYPED(icl_stage_data) * data)
{
    const size_t count = ICL_TYPED(element_count)(stage, data);
    const bool drops = stage->mask != NULL;
    if (drops && data->gates != NULL) memset(data->gates, 0, data->samples * icl_gate_bytes(&stage->shape));
    for (size_t i = 0; i < count; i++) {
        const struct ICL_TYPED(place) place = ICL_TYPED(place_of)(&stage->shape, i);
        const struct ICL_TYPED(values) v = ICL_TYPED(values_of)(stage, data, &place);
        const ICL_REAL factor = drops ? ICL_TYPED(drawn_factor)(stage, data, &place) : 1;
        if (data->tap != NULL) data->tap[i] = stage->tap == ICL_TAP_RELU ? v.active : v.kept;
        data->y[i] = v.kept * factor;
        if (drops && data->gates != NULL && factor != 0)
            *ICL_TYPED(gate_byte)(stage, data, &place) |= (uint8_t)(1U << place.inside % 8);
    }
}

void ICL_TYPED(icl_stage_backward)(const struct icl_stage *stage, const struct ICL_TYPED(icl_stage_data) * data)
{
    const size_t count = ICL_TYPED(element_count)(stage, data), channels = stage->shape.channels;
    for (size_t i = 0; i < count; i++) {
        const struct ICL_TYPED(place) place = ICL_TYPED(place_of)(&stage->shape, i);
        const struct ICL_TYPED(values) v = ICL_TYPED(values_of)(stage, data, &place);
        const ICL_REAL dz = ICL_TYPED(output_gradient)(stage, data, &place, &v);
        ICL_REAL gradient = dz;
        if (stage->norm != ICL_NORM_ABSENT) {
            const ICL_REAL *slope = data->slope + place.channel;
            gradient = slope[0] * dz + (slope[channels] * v.normed + slope[2 * channels]);
        }
        if (stage->norm == ICL_NORM_AFTER) {
            if (data->dtap != NULL && stage->tap == ICL_TAP_RELU) gradient += data->dtap[i];
            gradient = ICL_TYPED(act_backward)(&stage->act, v.argument, gradient);
        }
        data->dx[i] = data->add_dx ? data->dx[i] + gradient : gradient;
        if (data->dadd != NULL) data->dadd[i] = data->add_dadd ? data->dadd[i] + dz : dz;
    }
}

void ICL_TYPED(icl_summarise)(const struct icl_nonlinearity *act, const ICL_REAL *x, size_t count, double low,
                              double high, size_t bins, double near_low, double near_high, double *sum, double *square,
                              uint64_t *histogram, uint64_t *near)
{
    for (size_t i = 0; i < count; i++) {
        const double z = (double)ICL_TYPED(act)(act, x[i]);
        *sum += z;
        *square += z * z;
        if (z >= near_low && z < near_high) ++*near;
        if (!(z >= low && z <= high)) continue;
        const size_t bin = (size_t)((z - low) / (high - low) * (double)bins);
        histogram[bin < bins ? bin : bins - 1]++;
    }
}
