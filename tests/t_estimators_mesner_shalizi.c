/* Mesner and Shalizi's estimator: stored answers, a plain second way, mixtures with known truths. */
#include "tests/estimators_support.h"

static double plain_mesner_shalizi(const double *x, const double *y, size_t n, unsigned k)
{
    return plain_total_correlation((const double *const[]){x, y}, 2, n, k);
}

static icl_status on_plane(const double *x, const double *y, size_t n, unsigned k, double *mi, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    double *xs = take_doubles(n), *ys = take_doubles(n);
    plain_sort(x, n, xs);
    plain_sort(y, n, ys);
    const struct icl_plane plane = {n, x, y, xs, ys};
    const icl_status status = icl_mi_mesner_shalizi(&plane, k, scratch(), mi, err);
    icl_workspace_release(scratch(), mark);
    return status;
}

static void check_answer(const struct answer *a)
{
    assert_near(mi_of(stored_sample(a->x), stored_sample(a->y), SAMPLES, ICL_MI_MESNER_SHALIZI, a->k), a->value, 1e-12);
}

static void agrees_with_stored_answers(void **state)
{
    (void)state;
    for_each_answer("mesner-shalizi", check_answer);
}

/* Densities, atoms, lattices of whole numbers; every k. */
static void agrees_with_the_plain_way(void **state)
{
    (void)state;
    enum { N = 250 };
    double x[N], y[N], mi;
    for (unsigned k = 1; k <= 20; k++) {
        for (unsigned steps = 0; steps <= 8; steps += 2) {
            draw_pair(&(struct pair_law){0.6, false, ICL_GATE_INDEPENDENT, steps == 2 ? 0.5 : 1}, 7 + k, N, x, y);
            for (size_t i = 0; i < N && steps > 2; i++) {
                x[i] = rint(steps * x[i]);
                y[i] = rint(steps * y[i]);
            }
            assert_int_equal(on_plane(x, y, N, k, &mi, NULL), ICL_OK);
            assert_near(mi, plain_mesner_shalizi(x, y, N, k), 1e-12);
        }
    }
}

/* Two fair bits, equal: each point has n/2 - 1 others at distance 0, so that the value is psi(n) - psi(n/2 - 1). */
static void equal_bits_by_hand(void **state)
{
    (void)state;
    enum { N = 40 };
    double x[N];
    for (size_t i = 0; i < N; i++)
        x[i] = i % 2 == 0 ? -3 : 8;
    assert_near(mi_of(x, x, N, ICL_MI_MESNER_SHALIZI, 4), psi_of(N) - psi_of(N / 2 - 1), 1e-13);
}

/* Gates on a Gaussian pair, and a ReLU before them. The bias on densities is about +.01 at 5000 samples. */
static void mixture_truths(void **state)
{
    (void)state;
    enum { N = 3000 };
    static double x[N], y[N];
    static const struct {
        struct pair_law law;
        double bias;
    } cases[] = {
        {{0, false, ICL_GATE_INDEPENDENT, 0.5}, 0.015},
        {{0.75, false, ICL_GATE_INDEPENDENT, 0.5}, 0.015},
        {{0.75, true, ICL_GATE_INDEPENDENT, 0.8}, 0.015},
        {{0.75, false, ICL_GATE_INDEPENDENT, 1}, 0.02},
        /* a shared gate is what it finds hardest: .776 against .900 was measured at 5000 samples */
        {{0.75, false, ICL_GATE_SHARED, 0.5}, 0.18},
    };
    const unsigned seeds = 6;
    print_message("# seeds 1..%u\n", seeds);
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        struct summary found = {0};
        for (uint64_t seed = 1; seed <= seeds; seed++) {
            draw_pair(&cases[c].law, seed, N, x, y);
            summary_add(&found, mi_of(x, y, N, ICL_MI_MESNER_SHALIZI, 5));
        }
        assert_near(found.mean, true_mi(&cases[c].law), cases[c].bias + 4 * summary_error(&found));
    }
}

static void too_few_samples_are_refused(void **state)
{
    (void)state;
    const double x[] = {0, 0, 3, 7}, y[] = {0, 3, 4, 5};
    struct icl_error err;
    double mi;
    assert_int_equal(on_plane(x, y, 4, 4, &mi, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "4 samples are too few for k = 4"));
    assert_int_equal(on_plane(x, y, 4, 3, &mi, &err), ICL_OK);
    assert_near(mi, plain_mesner_shalizi(x, y, 4, 3), 1e-15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_stored_answers),  cmocka_unit_test(agrees_with_the_plain_way),
        cmocka_unit_test(equal_bits_by_hand),          cmocka_unit_test(mixture_truths),
        cmocka_unit_test(too_few_samples_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
