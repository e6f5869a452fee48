/* Ross's I(x;label): stored answers, a plain second way, a known truth. */
#include "tests/estimators_support.h"

enum { MOST = 3000 };

static icl_status ross(const double *x, const uint32_t *label, size_t n, size_t classes, unsigned k, double *mi,
                       struct icl_error *err)
{
    struct icl_column c = column_of(x, n);
    const icl_status status = icl_mi_ross(x, c.order, label, n, classes, k, scratch(), mi, err);
    icl_column_free(&c);
    return status;
}

static double ross_of(const double *x, const uint32_t *label, size_t n, size_t classes, unsigned k)
{
    double mi;
    assert_int_equal(ross(x, label, n, classes, k, &mi, NULL), ICL_OK);
    return mi;
}

static void check_answer(const struct answer *a)
{
    uint32_t label[SAMPLES];
    const double *y = stored_sample(a->y);
    for (size_t i = 0; i < SAMPLES; i++)
        label[i] = (uint32_t)y[i];
    assert_near(ross_of(stored_sample(a->x), label, SAMPLES, 5, a->k), a->value, 1e-12);
}

static void agrees_with_stored_answers(void **state)
{
    (void)state;
    for_each_answer("ross", check_answer);
}

/* Labels of a noisy threshold on x, `classes` of them, the last ones rare. */
static void draw_labelled(uint64_t seed, size_t n, uint32_t classes, double *x, uint32_t *label)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    double *noise = take_doubles(n);
    draw_normal(seed, 0, n, x);
    draw_normal(seed, 1, n, noise);
    for (size_t i = 0; i < n; i++) {
        const double level = exp(0.7 * x[i] + 0.4 * noise[i]);
        label[i] = level < classes - 1 ? (uint32_t)level : classes - 1;
    }
    icl_workspace_release(scratch(), mark);
}

static void agrees_with_the_plain_way(void **state)
{
    (void)state;
    double x[300];
    uint32_t label[300];
    static const size_t sizes[] = {25, 90, 300};
    for (size_t s = 0; s < COUNT_OF(sizes); s++)
        for (uint32_t classes = 1; classes <= 9; classes += 2)
            for (unsigned k = 1; k <= 21; k += 4) {
                draw_labelled(500 + k, sizes[s], classes, x, label);
                assert_near(ross_of(x, label, sizes[s], classes, k), plain_ross(x, label, sizes[s], k), 1e-12);
            }
}

/* Two classes of two far from each other, k = 1: m = 1 everywhere but for the class that lies between. */
static void four_points_by_hand(void **state)
{
    (void)state;
    const double x[] = {0, 10, 4, 5};
    const uint32_t label[] = {0, 0, 1, 1};
    /* N_b = 2; radii 10, 10, 1, 1; strictly inside, itself included: 3, 3, 1, 1 */
    const double psi4 = 1 + 1 / 2.0 + 1 / 3.0, psi3 = 1.5, psi2 = 1;
    assert_near(ross_of(x, label, 4, 2, 1), psi4 - psi2 - (2 * psi3 + 0) / 4, 1e-15);
}

/* A class of one is dropped, wherever it lies: the same as without that sample. */
static void a_class_of_one_changes_nothing(void **state)
{
    (void)state;
    double x[101];
    uint32_t label[101];
    draw_labelled(9, 100, 3, x, label);
    x[100] = 0.01;
    label[100] = 3;
    assert_near(ross_of(x, label, 101, 4, 3), ross_of(x, label, 100, 3, 3), 0);
    /* a class number that nobody has is nothing either */
    assert_near(ross_of(x, label, 100, 7, 3), ross_of(x, label, 100, 3, 3), 0);
}

/* Ties in x count in full on both sides: a class within one value gets psi(its others) and psi(all others there). */
static void ties_are_counted_in_full(void **state)
{
    (void)state;
    const double x[] = {1, 1, 1, 1, 1, 1, 2, 2, 2, 2};
    const uint32_t label[] = {0, 0, 0, 0, 1, 1, 1, 1, 1, 1};
    /* k = 1: label 0: 3 others at distance 0 among 5; label 1 at value 1: 1 among 5; at value 2: 3 among 3 */
    const double expected =
        psi_of(10) + (4 * (psi_of(3) - psi_of(4) - psi_of(5)) + 2 * (psi_of(1) - psi_of(6) - psi_of(5)) +
                      4 * (psi_of(3) - psi_of(6) - psi_of(3))) /
                         10;
    assert_near(ross_of(x, label, 10, 2, 1), expected, 1e-14);
}

static void too_few_samples_give_nan(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 4, 5, 6};
    const uint32_t each[] = {0, 1, 2, 3, 4, 5}, pairs[] = {0, 0, 1, 1, 2, 3};
    assert_true(isnan(ross_of(x, each, 6, 6, 1)));
    assert_true(isnan(ross_of(x, pairs, 6, 4, 4)));
    assert_true(isfinite(ross_of(x, pairs, 6, 4, 3)));
}

/* x normal, label = sign of a normal correlated with it: I = H_b(1/2) - <H_b(Phi(a x))>, by the rectangle rule. */
static double truth_of_sign(double rho)
{
    const double slope = rho / sqrt(1 - rho * rho), step = 1e-3;
    double rest = 0;
    for (double t = -9; t < 9; t += step) {
        const double p = erfc(-slope * t / M_SQRT2) / 2, q = erfc(slope * t / M_SQRT2) / 2;
        const double entropy = (p > 0 ? -p * log(p) : 0) + (q > 0 ? -q * log(q) : 0);
        rest += step * exp(-t * t / 2) / sqrt(2 * M_PI) * entropy;
    }
    return M_LN2 - rest;
}

static void known_truths(void **state)
{
    (void)state;
    static double x[MOST], y[MOST];
    static uint32_t label[MOST];
    static const double rhos[] = {0, 0.5, -0.9};
    const unsigned seeds = 10;
    print_message("# seeds 1..%u\n", seeds);
    for (size_t r = 0; r < COUNT_OF(rhos); r++) {
        struct summary found = {0};
        for (uint64_t seed = 1; seed <= seeds; seed++) {
            draw_pair(&(struct pair_law){rhos[r], false, ICL_GATE_INDEPENDENT, 1}, seed, MOST, x, y);
            for (size_t i = 0; i < MOST; i++)
                label[i] = y[i] > 0;
            summary_add(&found, ross_of(x, label, MOST, 2, 5));
        }
        assert_near(found.mean, truth_of_sign(rhos[r]), 0.004 + 4 * summary_error(&found));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_stored_answers),
        cmocka_unit_test(agrees_with_the_plain_way),
        cmocka_unit_test(four_points_by_hand),
        cmocka_unit_test(a_class_of_one_changes_nothing),
        cmocka_unit_test(ties_are_counted_in_full),
        cmocka_unit_test(too_few_samples_give_nan),
        cmocka_unit_test(known_truths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
