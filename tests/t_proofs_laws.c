/* Finite laws and their information: known answers, and what random laws have to be. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proofs/interval/formulas.h"
#include "proofs/interval/keep_series.h"
#include "proofs/interval/random_law.h"
#include "proofs/interval/spectrum.h"

enum { BITS = 128, X = 1, Y = 2 };

/* A law from words "x y mass", or "x mass". */
static void law_from(struct law *law, slong neurons, const char *text)
{
    law_init(law, neurons);
    char *words = strdup(text), *rest = words;
    fmpq *values = _fmpq_vec_init(neurons + 1);
    for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL;) {
        assert_int_equal(fmpq_set_str(values, word, 10), 0);
        for (slong k = 1; k <= neurons; k++)
            assert_int_equal(fmpq_set_str(values + k, strtok_r(rest, " ", &rest), 10), 0);
        law_add(law, values, values + neurons);
    }
    _fmpq_vec_clear(values, neurons + 1);
    free(words);
}

static void assert_law(const struct law *law, const char *text)
{
    char *shown = NULL;
    size_t size;
    FILE *stream = open_memstream(&shown, &size);
    law_print(stream, law);
    fclose(stream);
    assert_string_equal(shown, text);
    free(shown);
}

static void assert_rational(const fmpq_t value, const char *text)
{
    char *shown = fmpq_get_str(NULL, 10, value);
    assert_string_equal(shown, text);
    flint_free(shown);
}

/* Within a few units of the last of the digits. */
static void assert_near(const arb_t value, double wanted, double error)
{
    const double middle = arf_get_d(arb_midref(value), ARF_RND_NEAR);
    assert_true(arb_rel_accuracy_bits(value) > 60);
    if (!(fabs(middle - wanted) <= error)) fail_msg("%.17g is not %.17g", middle, wanted);
}

/* P(0,0) = P(1,1) = .35, P(0,1) = P(1,0) = .15: the example of docs/theory.md. */
static const char binary[] = "0 0 7/20 1 1 7/20 0 1 3/20 1 0 3/20";

static void put_behind(struct law *behind, const struct law *law, slong numerator, ulong denominator)
{
    struct law gates;
    law_init(&gates, 0);
    law_init(behind, 0);
    fmpq *keep = _fmpq_vec_init(law->neurons);
    for (slong k = 0; k < law->neurons; k++)
        fmpq_set_si(keep + k, numerator, denominator);
    independent_gates(&gates, keep, law->neurons);
    law_behind(behind, law, &gates);
    _fmpq_vec_clear(keep, law->neurons);
    law_clear(&gates);
}

static void laws_merge_and_sort(void **state)
{
    (void)state;
    struct law law, out, other;
    law_from(&law, 2, "3 1 1/4 -1/2 5 1/8 3 1 1/8 0 0 0 0 2 1/2");
    law_init(&out, 0);
    assert_law(&law, " (-1/2, 5) 1/8 (0, 2) 1/2 (3, 1) 3/8");
    law_margin(&out, &law, Y);
    assert_law(&out, " (1) 3/8 (2) 1/2 (5) 1/8");
    law_margin(&out, &law, 0);
    assert_law(&out, " () 1");
    law_relu(&out, &law);
    assert_law(&out, " (0, 2) 1/2 (0, 5) 1/8 (3, 1) 3/8");
    law_activity(&out, &law, X);
    assert_law(&out, " (0, 2) 1/2 (1, 1) 3/8 (1, 5) 1/8");
    assert_true(law_given_nonzero(&out, &law, X));
    assert_law(&out, " (-1/2, 5) 1/4 (3, 1) 3/4");
    assert_true(law_given_zero(&out, &law, 0));
    assert_law(&out, " (0, 2) 1");
    assert_false(law_given_zero(&out, &law, 1));
    assert_int_equal(out.count, 0);
    law_from(&other, 1, "7 1/3 8 2/3");
    law_product(&out, &other, &other);
    assert_law(&out, " (7, 7) 1/9 (7, 8) 2/9 (8, 7) 2/9 (8, 8) 4/9");
    assert_true(law_has_atom(&law, 0));
    assert_false(law_has_atom(&law, 1));
    fmpq_t mass;
    fmpq_init(mass);
    law_nonzero(mass, &law, X | Y);
    assert_rational(mass, "1/2");
    law_total(mass, &law);
    assert_rational(mass, "1");
    fmpq_clear(mass);
    law_clear(&law);
    law_clear(&out);
    law_clear(&other);
}

static void gates_are_multiplied_in(void **state)
{
    (void)state;
    struct law law, behind, gates, seen;
    law_from(&law, 2, "1 2 1/3 5 2 2/3");
    put_behind(&behind, &law, 1, 2);
    assert_law(&behind, " (0, 0) 1/4 (0, 2) 1/4 (1, 0) 1/12 (1, 2) 1/12 (5, 0) 1/6 (5, 2) 1/6");
    law_init(&gates, 0);
    law_init(&seen, 0);
    fmpq_t keep;
    fmpq_init(keep);
    fmpq_set_si(keep, 3, 4);
    shared_gate(&gates, keep, 2);
    assert_law(&gates, " (0, 0) 1/4 (1, 1) 3/4");
    law_behind(&behind, &law, &gates);
    assert_law(&behind, " (0, 0) 1/4 (1, 2) 1/4 (5, 2) 1/2");
    law_behind_seen(&seen, &law, &gates);
    assert_law(&seen, " (0, 0, 0, 0) 1/4 (1, 1, 1, 2) 1/4 (1, 1, 5, 2) 1/2");
    fmpq_clear(keep);
    law_clear(&law);
    law_clear(&behind);
    law_clear(&gates);
    law_clear(&seen);
}

static void moments_are_exact(void **state)
{
    (void)state;
    struct law law;
    fmpq_t value;
    fmpq_init(value);
    law_from(&law, 2, "1 2 1/2 3 -1 1/4 -2 0 1/4");
    law_mean(value, &law, 0);
    assert_rational(value, "3/4");
    law_covariance(value, &law, 0, 0);
    assert_rational(value, "51/16");
    law_covariance(value, &law, 0, 1);
    assert_rational(value, "-5/16");
    law_centre(&law, X);
    law_mean(value, &law, 0);
    assert_rational(value, "0");
    law_mean(value, &law, 1);
    assert_rational(value, "3/4");
    law_covariance(value, &law, 0, 1);
    assert_rational(value, "-5/16");
    fmpq_clear(value);
    law_clear(&law);
}

static void independence_is_decided(void **state)
{
    (void)state;
    struct law law;
    law_from(&law, 2, "0 0 1/6 0 1 1/3 1 0 1/6 1 1 1/3");
    assert_true(law_independent_given(&law, X, Y, 0));
    law_clear(&law);
    law_from(&law, 2, "0 0 1/6 0 1 1/3 1 0 167/1000 1 1 333/1000");
    assert_false(law_independent_given(&law, X, Y, 0));
    law_clear(&law);
    law_from(&law, 2, "0 0 1/2 1 1 1/2");
    assert_false(law_independent_given(&law, X, Y, 0));
    law_clear(&law);
    /* given z, x and y are independent; alone they are not */
    law_from(&law, 3, "0 0 0 1/2 1 1 1 1/8 1 2 1 1/8 2 1 1 1/8 2 2 1 1/8");
    assert_false(law_independent_given(&law, 1, 2, 0));
    assert_true(law_independent_given(&law, 1, 2, 4));
    assert_false(law_independent_given(&law, 1, 4, 0));
    assert_true(law_independent_given(&law, 1, 4, 2));
    law_clear(&law);
}

static void information_of_known_laws(void **state)
{
    (void)state;
    struct law law, other;
    arb_t value;
    fmpq_t p;
    arb_init(value);
    fmpq_init(p);
    law_from(&law, 1, "1 1/5 2 1/5 3 1/5 4 1/5 5 1/5");
    enclose_entropy(value, &law, 1, BITS);
    assert_near(value, 1.6094379124341003, 1e-15); /* ln 5 */
    law_from(&other, 1, "1 1/2 2 1/2");
    enclose_divergence(value, &other, &law, BITS);
    assert_near(value, 0.91629073187415507, 1e-15); /* ln 5/2 */
    enclose_divergence(value, &law, &other, BITS);
    assert_false(arb_is_finite(value));
    law_clear(&law);
    law_clear(&other);
    fmpq_set_si(p, 11, 100);
    enclose_binary_entropy(value, p, BITS);
    assert_near(value, 0.34651533691866615, 1e-15);
    fmpq_one(p);
    enclose_binary_entropy(value, p, BITS);
    assert_true(arb_is_zero(value));
    /* Binary symmetric channel of error .11: ln 2 - H_b(.11). */
    law_from(&law, 2, "0 0 89/200 0 1 11/200 1 0 11/200 1 1 89/200");
    enclose_information(value, &law, BITS);
    assert_near(value, 0.34663184364127914, 1e-15);
    enclose_information_by_entropies(value, &law, BITS);
    assert_near(value, 0.34663184364127914, 1e-15);
    enclose_conditional_information(value, &law, X, Y, 0, BITS);
    assert_near(value, 0.34663184364127914, 1e-15);
    enclose_correlation(value, &law, 0, 1, BITS);
    assert_near(value, .78, 1e-15);
    law_clear(&law);
    /* Three equal fair coins: TC = 2 ln 2; the parity of two has I(x; y | z) = ln 2. */
    const neuron_set each[] = {1, 2, 4};
    law_from(&law, 3, "0 0 0 1/2 1 1 1 1/2");
    enclose_dependence(value, &law, each, 3, BITS);
    assert_near(value, 1.3862943611198906, 1e-15);
    law_clear(&law);
    law_from(&law, 3, "0 0 0 1/4 0 1 1 1/4 1 0 1 1/4 1 1 0 1/4");
    enclose_conditional_information(value, &law, 1, 2, 4, BITS);
    assert_near(value, 0.69314718055994531, 1e-15);
    enclose_dependence_by_entropies(value, &law, each, 3, BITS);
    assert_near(value, 0.69314718055994531, 1e-15);
    law_clear(&law);
    arb_clear(value);
    fmpq_clear(p);
}

/* The table of docs/theory.md. */
static void binary_law_behind_gates(void **state)
{
    (void)state;
    static const struct {
        slong numerator;
        ulong denominator;
        double ratio;
    } table[] = {{19, 20, .901}, {9, 10, .816}, {4, 5, .676}, {1, 2, .412}, {1, 10, .242}};
    struct law law, behind;
    arb_t before, value;
    arb_init(before);
    arb_init(value);
    law_from(&law, 2, binary);
    enclose_information(before, &law, BITS);
    assert_near(before, .08228, 5e-6);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const double keep = (double)table[i].numerator / (double)table[i].denominator;
        put_behind(&behind, &law, table[i].numerator, table[i].denominator);
        enclose_information(value, &behind, BITS);
        arb_div(value, value, before, BITS);
        assert_near(value, table[i].ratio * keep * keep, .0005 * keep * keep);
        law_clear(&behind);
    }
    arb_poly_t series;
    arb_poly_init(series);
    enclose_keep_series(series, &law, AT_OPEN, 3, BITS);
    arb_poly_get_coeff_arb(value, series, 0);
    assert_true(arb_overlaps(value, before));
    arb_poly_get_coeff_arb(value, series, 1);
    arb_div(value, value, before, BITS);
    assert_near(value, -4.12, .005);
    enclose_keep_series(series, &law, AT_CLOSED, 3, BITS);
    arb_poly_get_coeff_arb(value, series, 1);
    assert_true(arb_contains_zero(value));
    arb_poly_get_coeff_arb(value, series, 2);
    arb_div(value, value, before, BITS);
    assert_near(value, .216, .0005);
    arb_poly_clear(series);
    arb_clear(before);
    arb_clear(value);
    law_clear(&law);
}

/* The series are those of the function: at q = 1/1000 and 999/1000 they meet it up to the terms left out. */
static void series_meet_the_function(void **state)
{
    (void)state;
    enum { TERMS = 12 };
    struct law law, behind;
    arb_t value, sum, at;
    arb_poly_t series;
    arb_init(value);
    arb_init(sum);
    arb_init(at);
    arb_poly_init(series);
    law_from(&law, 2, "0 3 1/10 0 4 1/5 1 3 3/10 2 4 1/4 -1 4 3/20");
    const struct {
        enum keep_series_at at;
        slong numerator;
    } ends[] = {{AT_OPEN, 999}, {AT_CLOSED, 1}};
    for (int i = 0; i < 2; i++) {
        put_behind(&behind, &law, ends[i].numerator, 1000);
        enclose_information(value, &behind, BITS);
        enclose_keep_series(series, &law, ends[i].at, TERMS, BITS);
        arb_set_ui(at, 1000);
        arb_inv(at, at, BITS);
        arb_poly_evaluate(sum, series, at, BITS);
        arb_sub(sum, sum, value, BITS);
        assert_true(fabs(arf_get_d(arb_midref(sum), ARF_RND_NEAR)) < 1e-28);
        law_clear(&behind);
    }
    law_clear(&law);
    /* x = 0 rules y = 4 out, until a closed gate brings it in: no series. */
    law_from(&law, 2, "0 3 1/2 1 3 1/4 1 4 1/4");
    enclose_keep_series(series, &law, AT_OPEN, 2, BITS);
    arb_poly_get_coeff_arb(value, series, 1);
    assert_false(arb_is_finite(value));
    law_clear(&law);
    arb_clear(value);
    arb_clear(sum);
    arb_clear(at);
    arb_poly_clear(series);
}

static void spectrum_of_known_laws(void **state)
{
    (void)state;
    struct law law;
    arb_t smallest, largest;
    arb_init(smallest);
    arb_init(largest);
    law_from(&law, 2, binary); /* corr .4 */
    enclose_spectrum(smallest, largest, &law, BITS);
    assert_near(smallest, .6, 1e-15);
    assert_near(largest, 1.4, 1e-15);
    assert_false(correlation_is_singular(&law));
    law_clear(&law);
    law_from(&law, 2, "0 0 1/2 1 -3 1/2");
    enclose_spectrum(smallest, largest, &law, BITS);
    assert_true(arb_contains_zero(smallest));
    assert_near(largest, 2, 1e-15);
    assert_true(correlation_is_singular(&law));
    law_clear(&law);
    law_from(&law, 3, "0 0 0 1/8 0 0 1 1/8 0 1 0 1/8 0 1 1 1/8 1 0 0 1/8 1 0 1 1/8 1 1 0 1/8 1 1 1 1/8");
    enclose_spectrum(smallest, largest, &law, BITS); /* the identity: one eigenvalue three times */
    assert_near(smallest, 1, 1e-15);
    assert_near(largest, 1, 1e-15);
    law_clear(&law);
    arb_clear(smallest);
    arb_clear(largest);
}

static void random_laws_are_laws(void **state)
{
    (void)state;
    struct random random = random_start(5, "laws");
    struct law law;
    fmpq_t total;
    law_init(&law, 0);
    fmpq_init(total);
    long independent = 0, holes = 0, full = 0;
    for (int i = 0; i < 400; i++) {
        const neuron_set atoms = (neuron_set)(i % 8);
        random_law(&law, &random, 3, atoms, 4);
        law_total(total, &law);
        assert_true(fmpq_is_one(total));
        slong cells = 1;
        for (slong k = 0; k < 3; k++) {
            struct law margin;
            law_init(&margin, 0);
            law_margin(&margin, &law, 1u << k);
            assert_in_range(margin.count, 2, 4);
            assert_int_equal(law_has_atom(&law, k), atoms >> k & 1);
            cells *= margin.count;
            law_clear(&margin);
        }
        independent += law_independent_given(&law, 1, 6, 0);
        holes += law.count < cells;
        full += law.count == cells;
    }
    assert_true(independent > 20 && independent < 200);
    assert_true(holes > 110 && full > 110);
    law_clear(&law);
    fmpq_clear(total);
}

static void random_laws_repeat(void **state)
{
    (void)state;
    char *shown[4] = {NULL};
    static const struct {
        uint64_t seed;
        const char *name;
    } starts[4] = {{1, "a"}, {1, "a"}, {2, "a"}, {1, "b"}};
    for (int i = 0; i < 4; i++) {
        struct random random = random_start(starts[i].seed, starts[i].name);
        struct law law;
        size_t size;
        law_init(&law, 0);
        random_law(&law, &random, 2, 1, 8);
        FILE *stream = open_memstream(&shown[i], &size);
        law_print(stream, &law);
        fclose(stream);
        law_clear(&law);
    }
    assert_string_equal(shown[0], shown[1]);
    assert_string_not_equal(shown[0], shown[2]);
    assert_string_not_equal(shown[0], shown[3]);
    for (int i = 0; i < 4; i++)
        free(shown[i]);
}

static void noise_is_as_wanted(void **state)
{
    (void)state;
    struct random random = random_start(5, "noise");
    struct law law, noise, behind, values, products;
    fmpq_t value, keep, wanted;
    law_init(&law, 0);
    law_init(&noise, 0);
    law_init(&behind, 0);
    law_init(&values, 0);
    law_init(&products, 0);
    fmpq_init(value);
    fmpq_init(keep);
    fmpq_init(wanted);
    long hidden = 0;
    for (int i = 0; i < 90; i++) {
        random_law(&law, &random, 2, 0, 4);
        random_keep_inside(keep, &random);
        assert_true(fmpq_sgn(keep) > 0 && fmpq_cmp_ui(keep, 1) < 0);
        if (i % 3 == 0)
            random_noise(&noise, &random, 2);
        else if (i % 3 == 1)
            noise_like_gates(&noise, &random, keep, 2);
        else
            noise_that_hides(&noise, &random, &law);
        assert_int_equal(noise.neurons, 2);
        assert_true(law_independent_given(&noise, 1, 2, 0));
        for (slong k = 0; k < 2; k++) {
            law_mean(value, &noise, k);
            assert_true(fmpq_is_one(value));
            assert_false(law_has_atom(&noise, k));
            law_covariance(value, &noise, k, k);
            fmpq_inv(wanted, keep);
            fmpq_sub_si(wanted, wanted, 1);
            if (i % 3 == 1) assert_true(fmpq_equal(value, wanted));
        }
        law_behind(&behind, &law, &noise);
        law_margin(&values, &law, X);
        law_margin(&products, &behind, X);
        if (i % 3 == 2) hidden += products.count < 2 * values.count;
    }
    assert_true(hidden > 10);
    law_clear(&law);
    law_clear(&noise);
    law_clear(&behind);
    law_clear(&values);
    law_clear(&products);
    fmpq_clear(value);
    fmpq_clear(keep);
    fmpq_clear(wanted);
}

static int free_caches(void **state)
{
    (void)state;
    flint_cleanup();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(laws_merge_and_sort),       cmocka_unit_test(gates_are_multiplied_in),
        cmocka_unit_test(moments_are_exact),         cmocka_unit_test(independence_is_decided),
        cmocka_unit_test(information_of_known_laws), cmocka_unit_test(binary_law_behind_gates),
        cmocka_unit_test(series_meet_the_function),  cmocka_unit_test(spectrum_of_known_laws),
        cmocka_unit_test(random_laws_are_laws),      cmocka_unit_test(random_laws_repeat),
        cmocka_unit_test(noise_is_as_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, free_caches);
}
