/* Entropy of a neuron: stored answers, a plain second way, the exact entropies of the laws. */
#include "tests/estimators_support.h"

#include "estimators/entropy.h"
#include "experiments/laws.h"

static struct icl_entropy entropy_of(const double *x, size_t n, unsigned k)
{
    struct icl_entropy entropy;
    struct icl_column c = column_of(x, n);
    assert_int_equal(icl_entropy_estimate(&c, k, scratch(), &entropy, NULL), ICL_OK);
    icl_column_free(&c);
    return entropy;
}

static double plain_kozachenko_leonenko(const double *x, size_t n, unsigned k)
{
    const double *const at[] = {x};
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += log(2 * plain_radius(at, 1, n, i, k));
    return psi_of(n) - psi_of(k) + sum / (double)n;
}

static void check_continuous(const struct answer *a)
{
    const struct icl_entropy found = entropy_of(stored_sample(a->x), SAMPLES, a->k);
    assert_near(found.continuous, a->value, 1e-12);
    assert_near(found.mixed, a->value, 1e-12);
    assert_near(found.discrete, 0, 0);
    assert_near(found.continuous_share, 1, 0);
}

static void check_discrete(const struct answer *a)
{
    const struct icl_entropy found = entropy_of(stored_sample(a->x), SAMPLES, a->k);
    assert_near(found.discrete, a->value, 1e-13);
    assert_near(found.mixed, a->value, 1e-13);
    assert_near(found.continuous, 0, 0);
    assert_near(found.continuous_share, 0, 0);
}

static void agrees_with_stored_answers(void **state)
{
    (void)state;
    for_each_answer("entropy", check_continuous);
    for_each_answer("entropy-discrete", check_discrete);
}

/* Two atoms and a density between them. */
static void a_mixture_is_put_together(void **state)
{
    (void)state;
    enum { N = 400 };
    double x[N], inside[N];
    draw_normal(21, 0, N, x);
    size_t low = 0, high = 0, m = 0;
    for (size_t i = 0; i < N; i++) {
        x[i] = fmin(6, fmax(0, 2 + 3 * x[i]));
        if (x[i] == 0)
            low++;
        else if (x[i] == 6)
            high++;
        else
            inside[m++] = x[i];
    }
    assert_true(low > 20 && high > 20);
    for (unsigned k = 1; k <= 9; k++) {
        const struct icl_entropy found = entropy_of(x, N, k);
        const double p = (double)low / N, q = (double)high / N, r = (double)m / N;
        const double identities = -p * log(p) - q * log(q) - r * log(r) + 2.0 / (2 * N);
        const double density = plain_kozachenko_leonenko(inside, m, k);
        assert_near(found.discrete, identities, 1e-14);
        assert_near(found.continuous, density, 1e-12);
        assert_near(found.continuous_share, r, 0);
        assert_near(found.mixed, identities + r * density, 1e-12);
    }
    /* k = 0 is the default */
    assert_near(entropy_of(x, N, 0).mixed, entropy_of(x, N, ICL_ENTROPY_DEFAULT_K).mixed, 0);
}

/* H(a x + b) = H(x) + ln|a| for a density; nothing changes for atoms. */
static void scale_adds_its_logarithm(void **state)
{
    (void)state;
    enum { N = 300 };
    static const double scales[] = {1e-9, 1e7, -3};
    double x[N], y[N];
    draw_normal(22, 0, N, x);
    for (size_t s = 0; s < COUNT_OF(scales); s++) {
        for (size_t i = 0; i < N; i++)
            y[i] = scales[s] * x[i] + 4 * scales[s];
        assert_near(entropy_of(y, N, 3).continuous, entropy_of(x, N, 3).continuous + log(fabs(scales[s])), 1e-10);
    }
    for (size_t i = 0; i < N; i++) {
        x[i] = rint(x[i]);
        y[i] = 1e7 - 1e-3 * x[i];
    }
    assert_near(entropy_of(y, N, 3).mixed, entropy_of(x, N, 3).mixed, 1e-14);
}

static void odd_columns(void **state)
{
    (void)state;
    double x[20] = {0};
    struct icl_entropy found = entropy_of(x, 20, 4);
    assert_near(found.discrete, 0, 0);
    assert_near(found.continuous, 0, 0);
    assert_near(found.mixed, 0, 0);
    assert_near(found.continuous_share, 0, 0);
    x[3] = NAN;
    found = entropy_of(x, 20, 4);
    assert_true(isnan(found.discrete) && isnan(found.continuous) && isnan(found.mixed) &&
                isnan(found.continuous_share));
    /* more than k equal values that are too few for an atom: no density */
    for (int i = 0; i < 20; i++)
        x[i] = i < 5 ? 0.5 : i * i;
    found = entropy_of(x, 20, 4);
    assert_near(found.continuous, -INFINITY, 0);
    assert_near(found.mixed, -INFINITY, 0);
    assert_true(isfinite(entropy_of(x, 20, 5).mixed));
}

static void too_few_samples_are_refused(void **state)
{
    (void)state;
    const double x[] = {0, 0, 0, 0, 0, 0, 0, 1, 2, 4};
    struct icl_entropy entropy;
    struct icl_error err;
    struct icl_column c = column_of(x, COUNT_OF(x));
    assert_int_equal(c.continuous, 3);
    assert_int_equal(icl_entropy_estimate(&c, 3, scratch(), &entropy, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "3 samples of the continuous part are too few for k = 3"));
    assert_near(entropy.discrete, -0.3 * log(0.3) - 0.7 * log(0.7) + 1. / 20, 1e-15); /* as they are */
    assert_near(entropy.continuous_share, 0.3, 1e-15);
    assert_int_equal(icl_entropy_estimate(&c, 0, scratch(), &entropy, &err), ICL_ERR_INPUT);
    assert_int_equal(icl_entropy_estimate(&c, 2, scratch(), &entropy, &err), ICL_OK);
    icl_column_free(&c);
}

/* The laws of the registry, as they are and behind gates. */
static void truths_of_the_laws(void **state)
{
    (void)state;
    enum { N = 4000 };
    static double x[N], y[N], gate[N];
    const unsigned seeds = 8;
    print_message("# seeds 1..%u\n", seeds);
    const struct icl_law *law;
    for (size_t l = 0; (law = icl_law_at(l)) != NULL; l++)
        for (int gated = 0; gated < 2; gated++) {
            struct summary found = {0};
            double truth;
            assert_int_equal(gated ? law->entropy_after(law, 0.7, &truth, NULL) : law->entropy(law, &truth, NULL),
                             ICL_OK);
            for (uint64_t seed = 1; seed <= seeds; seed++) {
                law->sample(law, seed, 0, N, x, y);
                draw_uniform(seed, 0, N, gate);
                for (size_t i = 0; i < N && gated; i++)
                    x[i] *= gate[i] < 0.7;
                summary_add(&found, entropy_of(x, N, 4).mixed);
            }
            if (!is_near(found.mean, truth, 0.004 + 4 * summary_error(&found)))
                fail_msg("%s, gated %d: %g for %g", law->name, gated, found.mean, truth);
        }
}

/* The discrete part takes the correction, of the values that occur; the rest stays. */
static void the_discrete_part_is_corrected(void **state)
{
    (void)state;
    enum { N = 400 };
    double x[N];
    draw_normal(23, 0, N, x);
    uint64_t count[3] = {0};
    for (size_t i = 0; i < N; i++) {
        x[i] = fmin(6, fmax(0, 2 + 3 * x[i]));
        count[x[i] == 0 ? 0 : x[i] == 6 ? 1 : 2]++;
    }
    struct icl_column c = column_of(x, N);
    const struct icl_entropy plain = entropy_of(x, N, 4);
    for (int k = 0; k < ICL_CORRECTION_COUNT; k++) {
        struct icl_entropy found;
        struct icl_count_entropy wanted;
        const enum icl_count_correction correction = (enum icl_count_correction)k;
        assert_int_equal(icl_entropy_corrected(&c, 4, correction, scratch(), &found, NULL), ICL_OK);
        assert_int_equal(icl_entropy_counts(count, 3, correction, scratch(), &wanted, NULL), ICL_OK);
        assert_near(found.discrete, wanted.entropy, 1e-14);
        assert_near(found.continuous, plain.continuous, 0);
        assert_near(found.mixed, found.discrete + found.continuous_share * found.continuous, 1e-14);
    }
    struct icl_entropy found;
    assert_int_equal(icl_entropy_corrected(&c, 4, ICL_CORRECTION_COUNT, scratch(), &found, NULL), ICL_ERR_USAGE);
    icl_column_free(&c);
}

/* ---- standard error ------------------------------------------------------------------------------------------- */

static double standard_error_of(const double *x, size_t n, unsigned k, uint64_t seed)
{
    double se;
    struct icl_column c = column_of(x, n);
    const struct icl_stream stream = {seed, ICL_PURPOSE_SUBSAMPLE, 0, 0};
    assert_int_equal(icl_entropy_standard_error(&c, k, ICL_CORRECTION_NONE, &stream, scratch(), &se, NULL), ICL_OK);
    icl_column_free(&c);
    return se;
}

/* -sum p ln p of whether a sample is 0, and the density of the others. */
static double plain_mixed(const double *x, size_t n, unsigned k)
{
    double *inside = take_doubles(n);
    size_t m = 0;
    for (size_t i = 0; i < n; i++)
        if (x[i] != 0) inside[m++] = x[i];
    const double p = (double)m / (double)n;
    const double identity = p < 1 ? -p * log(p) - (1 - p) * log1p(-p) : 0;
    return identity + p * plain_kozachenko_leonenko(inside, m, k);
}

/* Holmes and Nemenman's formula over splits made by hand. */
static double plain_standard_error(const double *x, size_t n, unsigned k, unsigned most_parts, uint64_t seed)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    uint32_t *permutation = take_words(n);
    double *part = take_doubles(n);
    long double sum = 0, weight = 0;
    for (unsigned s = 2; s <= most_parts; s++) {
        const struct icl_stream stream = {seed, ICL_PURPOSE_SUBSAMPLE, 0, s};
        struct icl_stream split = stream;
        split.step = s;
        icl_random_permutation(&split, n, permutation);
        double value[10];
        long double mean = 0, variance = 0;
        for (unsigned p = 0; p < s; p++) {
            size_t m = 0;
            for (size_t i = 0; i < n; i++)
                if (i * s / n == p) part[m++] = x[permutation[i]];
            value[p] = plain_mixed(part, m, k);
            mean += (long double)value[p] / s;
        }
        for (unsigned p = 0; p < s; p++)
            variance += (value[p] - mean) * (value[p] - mean) / (s - 1);
        sum += (long double)(s - 1) / s * variance;
        weight += s - 1;
    }
    icl_workspace_release(scratch(), mark);
    return (double)sqrtl(sum / weight);
}

static void standard_error_by_its_formula(void **state)
{
    (void)state;
    enum { N = 600 };
    double x[N];
    for (uint64_t seed = 1; seed <= 3; seed++) {
        draw_normal(seed, 0, N, x);
        assert_near(standard_error_of(x, N, 3, seed), plain_standard_error(x, N, 3, 10, seed), 1e-12);
        for (size_t i = 0; i < N; i++)
            x[i] = fmax(x[i] + 0.5, 0);
        assert_near(standard_error_of(x, N, 3, seed), plain_standard_error(x, N, 3, 10, seed), 1e-12);
    }
    /* k = 4: 20 samples beside the atoms in a part; half of the samples are atoms */
    for (size_t i = 0; i < 160; i++)
        x[i] = i % 2 == 0 ? 0 : (double)i;
    assert_near(standard_error_of(x, 160, 0, 5), plain_standard_error(x, 160, 4, 4, 5), 1e-12);
    assert_near(standard_error_of(x, 79, 4, 5), NAN, 0);
    /* k = 1, 16 of 200 samples: in parts of 100 eight are to be expected, and now and then one is there: nan, no error
     */
    for (size_t i = 0; i < 200; i++)
        x[i] = i < 16 ? 1 + (double)(i * i) : 0;
    uint64_t seed = 1;
    while (seed < 40000 && !isnan(standard_error_of(x, 200, 1, seed)))
        seed++;
    assert_true(seed > 100 && seed < 40000); /* one in 2000 of them */
}

/* Odd columns, and the size of it: sd over seeds. */
static void standard_error_is_the_spread(void **state)
{
    (void)state;
    enum { N = 1000 };
    double x[N];
    struct summary value = {0}, error = {0};
    const unsigned seeds = 60;
    print_message("# seeds 1..%u\n", seeds);
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        draw_normal(seed, 0, N, x);
        for (size_t i = 0; i < N; i++)
            x[i] = fmax(x[i], -0.3);
        summary_add(&value, entropy_of(x, N, 4).mixed);
        summary_add(&error, standard_error_of(x, N, 4, 1));
    }
    /* the sd of 60 values is known to a tenth, and the mean of se is biased by some per cent */
    assert_near(error.mean / summary_sd(&value), 1, 0.3);
    for (size_t i = 0; i < N; i++)
        x[i] = 3;
    assert_near(standard_error_of(x, N, 4, 1), 0, 0);
    x[5] = INFINITY;
    assert_near(standard_error_of(x, N, 4, 1), NAN, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_stored_answers),     cmocka_unit_test(a_mixture_is_put_together),
        cmocka_unit_test(scale_adds_its_logarithm),       cmocka_unit_test(odd_columns),
        cmocka_unit_test(too_few_samples_are_refused),    cmocka_unit_test(truths_of_the_laws),
        cmocka_unit_test(the_discrete_part_is_corrected), cmocka_unit_test(standard_error_by_its_formula),
        cmocka_unit_test(standard_error_is_the_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
