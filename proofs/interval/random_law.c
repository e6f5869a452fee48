#include "proofs/interval/random_law.h"

enum { MOST_VALUES = 8, MOST_NOISE_VALUES = 4 };

void random_rational(fmpq_t value, struct random *random)
{
    const long sign = random_between(random, 0, 1) ? 1 : -1;
    const long numerator = random_between(random, 1, 24);
    fmpq_set_si(value, sign * numerator, (ulong)random_between(random, 1, 6));
}

/* Different values, the first 0 if there is to be an atom, and no other. */
static void random_alphabet(fmpq *values, struct random *random, long size, bool atom)
{
    for (long i = 0; i < size; i++) {
        bool again = true;
        while (again) {
            random_rational(values + i, random);
            if (atom && i == 0) fmpq_zero(values);
            again = false;
            for (long j = 0; j < i; j++)
                again |= fmpq_equal(values + i, values + j);
        }
    }
}

/* The weight of one cell; index[k] is the place of its value in the alphabet of neuron k. */
typedef long cell_weight(struct random *random, const long *index, const long *size, slong neurons);

static long weight_any(struct random *random, const long *index, const long *size, slong neurons)
{
    (void)index;
    (void)size;
    (void)neurons;
    return random_between(random, 1, 100);
}

static long weight_holes(struct random *random, const long *index, const long *size, slong neurons)
{
    (void)index;
    (void)size;
    (void)neurons;
    return random_between(random, 0, 2) == 0 ? 0 : random_between(random, 1, 20);
}

static long weight_skewed(struct random *random, const long *index, const long *size, slong neurons)
{
    (void)index;
    (void)size;
    (void)neurons;
    return 1l << random_between(random, 0, 20);
}

/* Margins that fall off differently in each neuron. */
static long weight_independent(struct random *random, const long *index, const long *size, slong neurons)
{
    (void)random;
    long weight = 1;
    for (slong k = 0; k < neurons; k++)
        weight *= 1 + (index[k] * (k + 2) + size[k]) % 7;
    return weight;
}

static long weight_nearly_independent(struct random *random, const long *index, const long *size, slong neurons)
{
    return 100000 * weight_independent(random, index, size, neurons) + random_between(random, 0, 9);
}

static long weight_nearly_deterministic(struct random *random, const long *index, const long *size, slong neurons)
{
    for (slong k = 1; k < neurons; k++)
        if (index[k] != index[0] % size[k]) return random_between(random, 0, 1);
    return random_between(random, 100000, 900000);
}

static cell_weight *const kinds[] = {weight_any,
                                     weight_holes,
                                     weight_skewed,
                                     weight_independent,
                                     weight_nearly_independent,
                                     weight_nearly_deterministic};

static void fill_cells(struct law *law, struct random *random, fmpq *const *alphabets, const long *size,
                       cell_weight *weight)
{
    long index[MOST_NEURONS] = {0};
    fmpq *values = _fmpq_vec_init(law->neurons);
    fmpq_t mass;
    fmpq_init(mass);
    for (slong k = 0; k < law->neurons;) {
        for (k = 0; k < law->neurons; k++)
            fmpq_set(values + k, alphabets[k] + index[k]);
        fmpq_set_si(mass, weight(random, index, size, law->neurons), 1);
        law_add(law, values, mass);
        for (k = 0; k < law->neurons && ++index[k] == size[k]; k++)
            index[k] = 0;
    }
    fmpq_clear(mass);
    _fmpq_vec_clear(values, law->neurons);
}

/* Cells of probability 0 may have taken an atom or all values but one. */
static bool is_as_wanted(const struct law *law, neuron_set atoms)
{
    bool wanted = true;
    for (slong k = 0; k < law->neurons && wanted; k++)
        wanted = law_has_spread(law, k) && (!(atoms >> k & 1) || law_has_atom(law, k));
    return wanted;
}

void random_law(struct law *law, struct random *random, slong neurons, neuron_set atoms, long most_values)
{
    long size[MOST_NEURONS];
    fmpq *alphabets[MOST_NEURONS];
    for (slong k = 0; k < neurons; k++)
        alphabets[k] = _fmpq_vec_init(MOST_VALUES);
    do {
        law_reset(law, neurons);
        for (slong k = 0; k < neurons; k++) {
            size[k] = random_between(random, 2, most_values);
            random_alphabet(alphabets[k], random, size[k], atoms >> k & 1);
        }
        fill_cells(law, random, alphabets, size, kinds[random_between(random, 0, sizeof kinds / sizeof kinds[0] - 1)]);
    } while (!is_as_wanted(law, atoms));
    law_normalise(law);
    for (slong k = 0; k < neurons; k++)
        _fmpq_vec_clear(alphabets[k], MOST_VALUES);
}

void random_keep_inside(fmpq_t keep, struct random *random)
{
    static const struct {
        slong numerator;
        ulong denominator;
    } common[] = {{1, 1000}, {999, 1000}, {1, 2}, {19, 20}};
    const long which = random_between(random, 0, 7);
    if (which < 4) {
        fmpq_set_si(keep, common[which].numerator, common[which].denominator);
    } else {
        const long denominator = random_between(random, 2, 30);
        fmpq_set_si(keep, random_between(random, 1, denominator - 1), (ulong)denominator);
    }
}

void random_keep(fmpq_t keep, struct random *random)
{
    const long which = random_between(random, 0, 11);
    if (which < 2)
        fmpq_set_si(keep, which, 1);
    else
        random_keep_inside(keep, random);
}

/* Makes `factors` the law of independent factors, one more at each call with a law of one neuron. */
static void append_independent(struct law *factors, const struct law *one)
{
    struct law both;
    law_init(&both, 0);
    law_product(&both, factors, one);
    law_copy(factors, &both);
    law_clear(&both);
}

/* The law of no factors: all mass at the point of no coordinates. */
static void no_factors(struct law *factors)
{
    fmpq_t one;
    fmpq_init(one);
    fmpq_one(one);
    law_reset(factors, 0);
    law_add(factors, NULL, one);
    fmpq_clear(one);
}

/* Mass `share` at a, the rest at b. */
static void two_points(struct law *law, const fmpq_t a, const fmpq_t b, const fmpq_t share)
{
    fmpq_t rest;
    fmpq_init(rest);
    fmpq_one(rest);
    fmpq_sub(rest, rest, share);
    law_reset(law, 1);
    law_add(law, a, share);
    law_add(law, b, rest);
    fmpq_clear(rest);
}

static void one_gate(struct law *gate, const fmpq_t keep)
{
    fmpq_t open, closed;
    fmpq_init(open);
    fmpq_init(closed);
    fmpq_one(open);
    two_points(gate, open, closed, keep);
    fmpq_clear(open);
    fmpq_clear(closed);
}

void independent_gates(struct law *gates, const fmpq *keep, slong neurons)
{
    struct law gate;
    law_init(&gate, 1);
    no_factors(gates);
    for (slong k = 0; k < neurons; k++) {
        one_gate(&gate, keep + k);
        append_independent(gates, &gate);
    }
    law_clear(&gate);
}

static void repeat(fmpq *image, const fmpq *values, const void *context)
{
    for (slong k = 0; k < *(const slong *)context; k++)
        fmpq_set(image + k, values);
}

void shared_gate(struct law *gates, const fmpq_t keep, slong neurons)
{
    struct law gate;
    law_init(&gate, 1);
    one_gate(&gate, keep);
    law_push(gates, neurons, &gate, repeat, &neurons);
    law_clear(&gate);
}

void random_gates(struct law *gates, struct random *random, slong neurons)
{
    fmpq *values = _fmpq_vec_init(neurons);
    fmpq_t mass;
    fmpq_init(mass);
    do {
        law_reset(gates, neurons);
        for (long state = 0; state < 1l << neurons; state++) {
            for (slong k = 0; k < neurons; k++)
                fmpq_set_si(values + k, state >> k & 1, 1);
            fmpq_set_si(mass, random_between(random, 0, 4) == 0 ? 0 : random_between(random, 1, 50), 1);
            law_add(gates, values, mass);
        }
    } while (gates->count == 0);
    law_normalise(gates);
    fmpq_clear(mass);
    _fmpq_vec_clear(values, neurons);
}

void law_centre(struct law *law, neuron_set set)
{
    struct law centred;
    law_init(&centred, 0);
    fmpq *scale = _fmpq_vec_init(law->neurons), *shift = _fmpq_vec_init(law->neurons);
    for (slong k = 0; k < law->neurons; k++) {
        fmpq_one(scale + k);
        if (!(set >> k & 1)) continue;
        law_mean(shift + k, law, k);
        fmpq_neg(shift + k, shift + k);
    }
    law_affine(&centred, law, scale, shift);
    law_copy(law, &centred);
    _fmpq_vec_clear(scale, law->neurons);
    _fmpq_vec_clear(shift, law->neurons);
    law_clear(&centred);
}

/* One factor: 1 plus a centred variable of two to four values, halved as long as 0 is among the factors. */
static void one_noise(struct law *factor, struct random *random)
{
    struct law noise;
    fmpq_t one, scale;
    law_init(&noise, 0);
    fmpq_init(one);
    fmpq_init(scale);
    fmpq_one(one);
    fmpq_set_si(scale, 1, (ulong)random_between(random, 1, 8));
    random_law(&noise, random, 1, 0, MOST_NOISE_VALUES);
    law_centre(&noise, 1);
    do {
        law_affine(factor, &noise, scale, one);
        fmpq_div_2exp(scale, scale, 1);
    } while (law_has_atom(factor, 0));
    law_clear(&noise);
    fmpq_clear(one);
    fmpq_clear(scale);
}

void random_noise(struct law *factors, struct random *random, slong neurons)
{
    struct law factor;
    law_init(&factor, 0);
    no_factors(factors);
    for (slong k = 0; k < neurons; k++) {
        one_noise(&factor, random);
        append_independent(factors, &factor);
    }
    law_clear(&factor);
}

/* 1 - a with probability b / (a + b) and 1 + b with a / (a + b) has mean 1 and variance ab. */
static void one_noise_like_gate(struct law *factor, struct random *random, const fmpq_t keep)
{
    fmpq_t one, low, high, share;
    fmpq_init(one);
    fmpq_init(low);
    fmpq_init(high);
    fmpq_init(share);
    fmpq_one(one);
    do {
        random_rational(low, random);
        fmpq_abs(low, low);
    } while (fmpq_is_one(low));
    fmpq_sub(high, one, keep);
    fmpq_div(high, high, keep);
    fmpq_div(high, high, low);
    fmpq_add(share, low, high);
    fmpq_div(share, high, share);
    fmpq_sub(low, one, low);
    fmpq_add(high, one, high);
    two_points(factor, low, high, share);
    fmpq_clear(one);
    fmpq_clear(low);
    fmpq_clear(high);
    fmpq_clear(share);
}

void noise_like_gates(struct law *factors, struct random *random, const fmpq_t keep, slong neurons)
{
    struct law factor;
    law_init(&factor, 1);
    no_factors(factors);
    for (slong k = 0; k < neurons; k++) {
        one_noise_like_gate(&factor, random, keep);
        append_independent(factors, &factor);
    }
    law_clear(&factor);
}

/* Two values of a neuron other than 0 and of each other, if it has them, one over the other; or any number. */
static void ratio_of_values(fmpq_t ratio, struct random *random, const struct law *law, slong neuron)
{
    const struct outcome *first = law->outcomes + random_between(random, 0, law->count - 1);
    const struct outcome *second = law->outcomes + random_between(random, 0, law->count - 1);
    if (fmpq_is_zero(first->values + neuron) || fmpq_is_zero(second->values + neuron))
        random_rational(ratio, random);
    else
        fmpq_div(ratio, first->values + neuron, second->values + neuron);
}

/* a with probability w and a ratio with 1 - w, a = 1 / (w + (1-w) ratio) */
static void one_noise_of_ratio(struct law *factor, struct random *random, const fmpq_t ratio)
{
    fmpq_t share, value, other;
    fmpq_init(share);
    fmpq_init(value);
    fmpq_init(other);
    do {
        random_keep_inside(share, random);
        fmpq_one(other);
        fmpq_sub(other, other, share);
        fmpq_mul(value, other, ratio);
        fmpq_add(value, value, share);
    } while (fmpq_is_zero(value));
    fmpq_inv(value, value);
    fmpq_mul(other, value, ratio);
    two_points(factor, value, other, share);
    fmpq_clear(share);
    fmpq_clear(value);
    fmpq_clear(other);
}

void noise_that_hides(struct law *factors, struct random *random, const struct law *law)
{
    struct law factor;
    fmpq_t ratio;
    law_init(&factor, 1);
    fmpq_init(ratio);
    no_factors(factors);
    for (slong k = 0; k < law->neurons; k++) {
        ratio_of_values(ratio, random, law, k);
        one_noise_of_ratio(&factor, random, ratio);
        append_independent(factors, &factor);
    }
    law_clear(&factor);
    fmpq_clear(ratio);
}
