/* The plain stage, once for each ICL_REAL; no include guard on purpose. One element at a time; the arithmetic of an
 * element is that of kernels/shared/activation_body.h, and the fast versions go through the same roundings. */
#include "kernels/shared/activation_body.h"
#include "kernels/shared/histogram.h"

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
    return ICL_TYPED(icl_normed)(stage->norm, &stage->act, data->x[place->at]);
}

static struct ICL_TYPED(icl_stage_values)
    ICL_TYPED(values_of)(const struct icl_stage *stage, const struct ICL_TYPED(icl_stage_data) * data,
                         const struct ICL_TYPED(place) * place)
{
    const bool norm = stage->norm != ICL_NORM_ABSENT;
    return ICL_TYPED(icl_stage_values_of)(
        stage->norm, &stage->act, data->x[place->at], data->add != NULL, data->add != NULL ? data->add[place->at] : 0,
        norm ? data->scale[place->channel] : 0, norm ? data->shift[place->channel] : 0);
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

/* dz: the gradient of the norm's output, or of act's argument without a norm. */
static ICL_REAL ICL_TYPED(output_gradient)(const struct icl_stage *stage, const struct ICL_TYPED(icl_stage_data) * data,
                                           const struct ICL_TYPED(place) * place,
                                           const struct ICL_TYPED(icl_stage_values) * values)
{
    ICL_REAL factor = 1;
    if (stage->mask != NULL && data->gates == NULL) {
        factor = ICL_TYPED(drawn_factor)(stage, data, place);
    } else if (stage->mask != NULL) {
        const bool open = (*ICL_TYPED(gate_byte)(stage, data, place) >> place->inside % 8 & 1) != 0;
        factor = open ? (ICL_REAL)icl_gate_rule_of(stage->mask).open : 0;
    }
    return ICL_TYPED(icl_stage_dz)(stage->norm, &stage->act, stage->tap, values->argument, data->dy[place->at],
                                   stage->mask != NULL, factor, data->dtap != NULL,
                                   data->dtap != NULL ? data->dtap[place->at] : 0);
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
                    const struct ICL_TYPED(icl_stage_values) v = ICL_TYPED(values_of)(stage, data, &place);
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
        const struct ICL_TYPED(icl_stage_values) v = ICL_TYPED(values_of)(stage, data, &place);
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
        const struct ICL_TYPED(icl_stage_values) v = ICL_TYPED(values_of)(stage, data, &place);
        const ICL_REAL dz = ICL_TYPED(output_gradient)(stage, data, &place, &v);
        const bool norm = stage->norm != ICL_NORM_ABSENT;
        const ICL_REAL *k = norm ? data->slope + place.channel : NULL;
        const ICL_REAL gradient = ICL_TYPED(icl_stage_dx)(
            stage->norm, &stage->act, stage->tap, &v, dz, data->dtap != NULL, data->dtap != NULL ? data->dtap[i] : 0,
            norm ? k[0] : 0, norm ? k[channels] : 0, norm ? k[2 * channels] : 0);
        data->dx[i] = data->add_dx ? data->dx[i] + gradient : gradient;
        if (data->dadd != NULL) data->dadd[i] = data->add_dadd ? data->dadd[i] + dz : dz;
    }
}

void ICL_TYPED(icl_summarise)(const struct icl_nonlinearity *act, const ICL_REAL *x, size_t count, double low,
                              double high, size_t bins, double near_low, double near_high, double *sum, double *square,
                              uint64_t *histogram, uint64_t *near)
{
    for (size_t i = 0; i < count; i++) {
        const double z = (double)ICL_TYPED(icl_act)(act, x[i]);
        *sum += z;
        *square += z * z;
        if (z >= near_low && z < near_high) ++*near;
        if (!(z >= low && z <= high)) continue;
        histogram[icl_histogram_bin(z, low, high, bins)]++;
    }
}
