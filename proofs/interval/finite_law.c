#include <stdlib.h>
#include <string.h>

#include "proofs/interval/finite_law.h"

void law_init(struct law *law, slong neurons)
{
    *law = (struct law){.neurons = neurons};
}

void law_reset(struct law *law, slong neurons)
{
    for (slong i = 0; i < law->count; i++) {
        _fmpq_vec_clear(law->outcomes[i].values, law->neurons);
        fmpq_clear(&law->outcomes[i].mass);
    }
    law->count = 0;
    law->neurons = neurons;
}

void law_clear(struct law *law)
{
    law_reset(law, 0);
    flint_free(law->outcomes);
    *law = (struct law){0};
}

/* Where the point is, or where it belongs. */
static slong place(const struct law *law, const fmpq *values, bool *found)
{
    slong low = 0, high = law->count;
    *found = false;
    while (low < high && !*found) {
        const slong middle = low + (high - low) / 2;
        int order = 0;
        for (slong k = 0; k < law->neurons && order == 0; k++)
            order = fmpq_cmp(values + k, law->outcomes[middle].values + k);
        if (order == 0) {
            *found = true;
            low = middle;
        } else if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

void law_add(struct law *law, const fmpq *values, const fmpq_t mass)
{
    if (fmpq_is_zero(mass)) return;
    bool found;
    const slong at = place(law, values, &found);
    struct outcome *outcome = law->outcomes + at;
    if (!found) {
        if (law->count == law->room) {
            law->room = 2 * law->room + 8;
            law->outcomes = flint_realloc(law->outcomes, (size_t)law->room * sizeof *law->outcomes);
            outcome = law->outcomes + at;
        }
        memmove(outcome + 1, outcome, (size_t)(law->count - at) * sizeof *outcome);
        outcome->values = _fmpq_vec_init(law->neurons);
        for (slong k = 0; k < law->neurons; k++)
            fmpq_set(outcome->values + k, values + k);
        fmpq_init(&outcome->mass);
        law->count++;
    }
    fmpq_add(&outcome->mass, &outcome->mass, mass);
}

const fmpq *law_mass(const struct law *law, const fmpq *values)
{
    bool found;
    const slong at = place(law, values, &found);
    return found ? &law->outcomes[at].mass : NULL;
}

void law_total(fmpq_t total, const struct law *law)
{
    law_nonzero(total, law, 0);
}

void law_normalise(struct law *law)
{
    fmpq_t total;
    fmpq_init(total);
    law_total(total, law);
    for (slong i = 0; i < law->count; i++)
        fmpq_div(&law->outcomes[i].mass, &law->outcomes[i].mass, total);
    fmpq_clear(total);
}

void law_copy(struct law *copy, const struct law *law)
{
    law_reset(copy, law->neurons);
    for (slong i = 0; i < law->count; i++)
        law_add(copy, law->outcomes[i].values, &law->outcomes[i].mass);
}

void rational_print(FILE *stream, const fmpq *value)
{
    char *text = fmpq_get_str(NULL, 10, value);
    fputs(text, stream);
    flint_free(text);
}

void law_print(FILE *stream, const struct law *law)
{
    for (slong i = 0; i < law->count; i++) {
        fputs(" (", stream);
        for (slong k = 0; k < law->neurons; k++) {
            if (k > 0) fputs(", ", stream);
            rational_print(stream, law->outcomes[i].values + k);
        }
        fputs(") ", stream);
        rational_print(stream, &law->outcomes[i].mass);
    }
}

void law_push(struct law *out, slong out_neurons, const struct law *law, point_map *map, const void *context)
{
    law_reset(out, out_neurons);
    fmpq *image = _fmpq_vec_init(out_neurons);
    for (slong i = 0; i < law->count; i++) {
        map(image, law->outcomes[i].values, context);
        law_add(out, image, &law->outcomes[i].mass);
    }
    _fmpq_vec_clear(image, out_neurons);
}

static slong set_size(neuron_set set)
{
    slong size = 0;
    for (; set != 0; set &= set - 1)
        size++;
    return size;
}

/* The values of the neurons of the set `context`. */
static void keep_some(fmpq *image, const fmpq *values, const void *context)
{
    for (neuron_set rest = *(const neuron_set *)context; rest != 0; rest >>= 1, values++)
        if (rest & 1) fmpq_set(image++, values);
}

void law_margin(struct law *out, const struct law *law, neuron_set kept)
{
    law_push(out, set_size(kept), law, keep_some, &kept);
}

void law_product(struct law *out, const struct law *first, const struct law *second)
{
    const slong neurons = first->neurons + second->neurons;
    law_reset(out, neurons);
    fmpq *values = _fmpq_vec_init(neurons);
    fmpq_t mass;
    fmpq_init(mass);
    for (slong i = 0; i < first->count; i++)
        for (slong j = 0; j < second->count; j++) {
            const struct outcome *a = first->outcomes + i, *b = second->outcomes + j;
            for (slong k = 0; k < neurons; k++)
                fmpq_set(values + k, k < first->neurons ? a->values + k : b->values + k - first->neurons);
            fmpq_mul(mass, &a->mass, &b->mass);
            law_add(out, values, mass);
        }
    fmpq_clear(mass);
    _fmpq_vec_clear(values, neurons);
}

/* (f, x) -> (f_i x_i) */
static void multiply(fmpq *image, const fmpq *values, const void *context)
{
    const slong neurons = *(const slong *)context;
    for (slong k = 0; k < neurons; k++)
        fmpq_mul(image + k, values + k, values + neurons + k);
}

/* (f, x) -> (f, f_i x_i) */
static void multiply_seen(fmpq *image, const fmpq *values, const void *context)
{
    const slong neurons = *(const slong *)context;
    for (slong k = 0; k < neurons; k++)
        fmpq_set(image + k, values + k);
    multiply(image + neurons, values, context);
}

static void push_product(struct law *out, slong out_neurons, const struct law *law, const struct law *factors,
                         point_map *map)
{
    struct law both;
    law_init(&both, 0);
    law_product(&both, factors, law);
    law_push(out, out_neurons, &both, map, &law->neurons);
    law_clear(&both);
}

void law_behind(struct law *out, const struct law *law, const struct law *factors)
{
    push_product(out, law->neurons, law, factors, multiply);
}

void law_behind_seen(struct law *out, const struct law *law, const struct law *factors)
{
    push_product(out, 2 * law->neurons, law, factors, multiply_seen);
}

struct affine {
    const fmpq *scale, *shift;
    slong neurons;
};

static void scale_and_shift(fmpq *image, const fmpq *values, const void *context)
{
    const struct affine *affine = context;
    for (slong k = 0; k < affine->neurons; k++) {
        fmpq_mul(image + k, values + k, affine->scale + k);
        fmpq_add(image + k, image + k, affine->shift + k);
    }
}

void law_affine(struct law *out, const struct law *law, const fmpq *scale, const fmpq *shift)
{
    const struct affine affine = {scale, shift, law->neurons};
    law_push(out, law->neurons, law, scale_and_shift, &affine);
}

static void rectify(fmpq *image, const fmpq *values, const void *context)
{
    const slong neurons = *(const slong *)context;
    for (slong k = 0; k < neurons; k++) {
        if (fmpq_sgn(values + k) > 0)
            fmpq_set(image + k, values + k);
        else
            fmpq_zero(image + k);
    }
}

void law_relu(struct law *out, const struct law *law)
{
    law_push(out, law->neurons, law, rectify, &law->neurons);
}

struct activity {
    neuron_set set;
    slong neurons;
};

static void indicate(fmpq *image, const fmpq *values, const void *context)
{
    const struct activity *activity = context;
    for (slong k = 0; k < activity->neurons; k++) {
        if (activity->set >> k & 1)
            fmpq_set_si(image + k, !fmpq_is_zero(values + k), 1);
        else
            fmpq_set(image + k, values + k);
    }
}

void law_activity(struct law *out, const struct law *law, neuron_set set)
{
    const struct activity activity = {set, law->neurons};
    law_push(out, law->neurons, law, indicate, &activity);
}

static bool is_nonzero(const struct law *law, slong outcome, neuron_set nonzero)
{
    for (slong k = 0; k < law->neurons; k++)
        if ((nonzero >> k & 1) && fmpq_is_zero(law->outcomes[outcome].values + k)) return false;
    return true;
}

/* The outcomes in which all neurons of a set are not 0, or (zero) the others. */
static bool condition(struct law *out, const struct law *law, neuron_set nonzero, bool zero)
{
    law_reset(out, law->neurons);
    for (slong i = 0; i < law->count; i++)
        if (is_nonzero(law, i, nonzero) != zero) law_add(out, law->outcomes[i].values, &law->outcomes[i].mass);
    if (out->count > 0) law_normalise(out);
    return out->count > 0;
}

bool law_given_nonzero(struct law *out, const struct law *law, neuron_set nonzero)
{
    return condition(out, law, nonzero, false);
}

bool law_given_zero(struct law *out, const struct law *law, slong neuron)
{
    return condition(out, law, 1u << neuron, true);
}

void law_nonzero(fmpq_t mass, const struct law *law, neuron_set nonzero)
{
    fmpq_zero(mass);
    for (slong i = 0; i < law->count; i++)
        if (is_nonzero(law, i, nonzero)) fmpq_add(mass, mass, &law->outcomes[i].mass);
}

bool law_has_atom(const struct law *law, slong neuron)
{
    for (slong i = 0; i < law->count; i++)
        if (fmpq_is_zero(law->outcomes[i].values + neuron)) return true;
    return false;
}

bool law_has_spread(const struct law *law, slong neuron)
{
    for (slong i = 1; i < law->count; i++)
        if (!fmpq_equal(law->outcomes[i].values + neuron, law->outcomes[0].values + neuron)) return true;
    return false;
}

/* p(a,b,c) p(c) = p(a,c) p(b,c) for all a, b, c. Where p(a,b,c) = 0 it is enough to compare totals: for each c the
 * products p(a,c) p(b,c) sum to p(c)^2, so that equality at the points of mass leaves nothing for the others. */
bool law_independent_given(const struct law *law, neuron_set a, neuron_set b, neuron_set given)
{
    const neuron_set sets[4] = {a | b | given, a | given, b | given, given};
    struct law margin[4];
    for (int s = 0; s < 4; s++) {
        law_init(margin + s, 0);
        law_margin(margin + s, law, sets[s]);
    }
    fmpq *points[4];
    for (int s = 0; s < 4; s++)
        points[s] = _fmpq_vec_init(law->neurons);
    fmpq_t left, right;
    fmpq_init(left);
    fmpq_init(right);
    bool independent = true;
    for (slong i = 0; i < law->count && independent; i++) {
        const fmpq *mass[4];
        for (int s = 0; s < 4; s++) {
            keep_some(points[s], law->outcomes[i].values, sets + s);
            mass[s] = law_mass(margin + s, points[s]);
        }
        fmpq_mul(left, mass[0], mass[3]);
        fmpq_mul(right, mass[1], mass[2]);
        independent = fmpq_equal(left, right);
    }
    fmpq_clear(left);
    fmpq_clear(right);
    for (int s = 0; s < 4; s++) {
        _fmpq_vec_clear(points[s], law->neurons);
        law_clear(margin + s);
    }
    return independent;
}

void law_mean(fmpq_t mean, const struct law *law, slong neuron)
{
    fmpq_zero(mean);
    for (slong i = 0; i < law->count; i++)
        fmpq_addmul(mean, law->outcomes[i].values + neuron, &law->outcomes[i].mass);
}

void law_covariance(fmpq_t covariance, const struct law *law, slong neuron, slong other)
{
    fmpq_t product, mean, other_mean;
    fmpq_init(product);
    fmpq_init(mean);
    fmpq_init(other_mean);
    fmpq_zero(covariance);
    for (slong i = 0; i < law->count; i++) {
        const struct outcome *outcome = law->outcomes + i;
        fmpq_mul(product, outcome->values + neuron, outcome->values + other);
        fmpq_addmul(covariance, product, &outcome->mass);
    }
    law_mean(mean, law, neuron);
    law_mean(other_mean, law, other);
    fmpq_submul(covariance, mean, other_mean);
    fmpq_clear(product);
    fmpq_clear(mean);
    fmpq_clear(other_mean);
}

bool law_is_uncorrelated(const struct law *law, slong neuron, slong other)
{
    fmpq_t covariance;
    fmpq_init(covariance);
    law_covariance(covariance, law, neuron, other);
    const bool uncorrelated = fmpq_is_zero(covariance);
    fmpq_clear(covariance);
    return uncorrelated;
}
