/* Local non-uniformity correction: stored answers, a plain second way, strong dependence, odd columns. */
#include "tests/estimators_support.h"

enum { N = 2000 };

static void check_answer(const struct answer *a)
{
    assert_near(mi_of(stored_sample(a->x), stored_sample(a->y), SAMPLES, ICL_MI_LNC, a->k), a->value, 1e-11);
}

static void agrees_with_stored_answers(void **state)
{
    (void)state;
    for_each_answer_in("tests/vectors/group_estimates.tsv", "lnc", check_answer);
}

/* The correction by another way: the axes by Jacobi's rotation of the angle, the neighbours by their radius. */
static double plain_correction(const double *zx, const double *zy, size_t n, unsigned k, double alpha)
{
    const double *const at[] = {zx, zy};
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const double r = plain_radius(at, 2, n, i, k);
        double xx = 0, yy = 0, xy = 0, w = 0, h = 0, u = 0, v = 0;
        for (int pass = 0; pass < 2; pass++) {
            const double angle = 0.5 * atan2(2 * xy, xx - yy);
            for (size_t j = 0; j < n; j++) {
                const double dx = zx[j] - zx[i], dy = zy[j] - zy[i];
                if (j == i || fmax(fabs(dx), fabs(dy)) > r) continue;
                if (pass == 0) {
                    xx += dx * dx;
                    yy += dy * dy;
                    xy += dx * dy;
                    w = fmax(w, fabs(dx));
                    h = fmax(h, fabs(dy));
                } else {
                    u = fmax(u, fabs(cos(angle) * dx + sin(angle) * dy));
                    v = fmax(v, fabs(cos(angle) * dy - sin(angle) * dx));
                }
            }
        }
        if (u * v < alpha * w * h) sum += log(w * h / (u * v));
    }
    return sum / (double)n;
}

static void agrees_with_the_plain_way(void **state)
{
    (void)state;
    enum { FEW = 200 };
    double x[FEW], y[FEW];
    static const double rhos[] = {-0.999, 0, 0.6, 0.9999};
    for (size_t r = 0; r < COUNT_OF(rhos); r++)
        for (unsigned k = 3; k <= 13; k += 2) {
            draw_pair(&(struct pair_law){rhos[r], false, ICL_GATE_INDEPENDENT, 1}, 20 + k, FEW, x, y);
            struct icl_column cx = column_of(x, FEW), cy = column_of(y, FEW);
            assert_near(mi_of(x, y, FEW, ICL_MI_LNC, k) - mi_of(x, y, FEW, ICL_MI_KSG2, k),
                        plain_correction(cx.z, cy.z, FEW, k, icl_mi_lnc_alpha(k)), 1e-10);
            icl_column_free(&cx);
            icl_column_free(&cy);
        }
}

/* alpha by its definition, with another random stream: 40 000 squares know it to about .01. */
static void alpha_by_its_definition(void **state)
{
    (void)state;
    enum { SQUARES = 40000, MOST = 20 };
    static double x[SQUARES * MOST], y[SQUARES * MOST];
    static const unsigned ks[] = {3, 5, 8, 20};
    for (size_t c = 0; c < COUNT_OF(ks); c++) {
        const unsigned k = ks[c];
        const double alpha = icl_mi_lnc_alpha(k);
        draw_uniform(k, 1, (size_t)SQUARES * k, x);
        draw_uniform(k, 2, (size_t)SQUARES * k, y);
        size_t below = 0;
        for (size_t s = 0; s < SQUARES; s++) {
            double xx = 0, yy = 0, xy = 0, w = 0, h = 0, u = 0, v = 0;
            for (int pass = 0; pass < 2; pass++) {
                const double angle = 0.5 * atan2(2 * xy, xx - yy);
                for (size_t j = s * k; j < (s + 1) * k; j++) {
                    const double dx = 2 * x[j] - 1, dy = 2 * y[j] - 1;
                    if (pass == 0) {
                        xx += dx * dx;
                        yy += dy * dy;
                        xy += dx * dy;
                        w = fmax(w, fabs(dx));
                        h = fmax(h, fabs(dy));
                    } else {
                        u = fmax(u, fabs(cos(angle) * dx + sin(angle) * dy));
                        v = fmax(v, fabs(cos(angle) * dy - sin(angle) * dx));
                    }
                }
            }
            below += u * v < alpha * w * h;
        }
        /* a count of 200 has sd 14 */
        assert_near((double)below, 0.005 * SQUARES, 5 * 14);
    }
    assert_near(icl_mi_lnc_alpha(22),
                icl_mi_lnc_alpha(20) +
                    (log(22) - log(20)) / (log(25) - log(20)) * (icl_mi_lnc_alpha(25) - icl_mi_lnc_alpha(20)),
                1e-15);
    assert_near(icl_mi_lnc_alpha(1000), icl_mi_lnc_alpha(200), 0);
    for (unsigned k = 4; k < 300; k++)
        assert_true(icl_mi_lnc_alpha(k) >= icl_mi_lnc_alpha(k - 1) && icl_mi_lnc_alpha(k) <= 1);
}

/* Y = X + U(-e,e): I = e - ln(2 e) for e <= 1/2. KSG saturates at about ln n; LNC follows. */
static void strong_dependence(void **state)
{
    (void)state;
    static double x[N], y[N];
    static const struct {
        double e, tolerance;
    } cases[] = {{0.1, 0.05}, {1e-4, 0.3}, {1e-6, 0.25}, {1e-9, 0.25}};
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        const double e = cases[c].e, truth = e - log(2 * e);
        draw_uniform(5, 1, N, x);
        draw_uniform(5, 2, N, y);
        for (size_t i = 0; i < N; i++)
            y[i] = x[i] + e * (2 * y[i] - 1);
        const double lnc = mi_of(x, y, N, ICL_MI_LNC, 0), ksg = mi_of(x, y, N, ICL_MI_KSG1, 0);
        print_message("# e %g: truth %.3f, lnc %.3f, ksg1 %.3f\n", e, truth, lnc, ksg);
        assert_near(lnc, truth, cases[c].tolerance);
        if (e < 0.01) assert_true(ksg < truth - 1.5);
    }
}

/* Where nothing is to be corrected it adds little: one sample in 200 by chance. */
static void weak_dependence(void **state)
{
    (void)state;
    static double x[N], y[N];
    struct summary added = {0};
    for (uint64_t seed = 1; seed <= 6; seed++) {
        draw_pair(&(struct pair_law){0, false, ICL_GATE_INDEPENDENT, 1}, seed, N, x, y);
        summary_add(&added, mi_of(x, y, N, ICL_MI_LNC, 0) - mi_of(x, y, N, ICL_MI_KSG2, 0));
    }
    assert_near(added.mean, 0.007, 0.006);
}

static void scale_and_offset_do_not_matter(void **state)
{
    (void)state;
    static double x[N], y[N];
    draw_pair(&(struct pair_law){0.99, false, ICL_GATE_INDEPENDENT, 1}, 4, N, x, y);
    const double mi = mi_of(x, y, N, ICL_MI_LNC, 4);
    for (size_t i = 0; i < N; i++) {
        x[i] *= 0x1p20;
        y[i] *= -0x1p-30;
    }
    assert_near(mi_of(x, y, N, ICL_MI_LNC, 4), mi, 1e-12);
}

/* Points on a line: the ratio is rounding, and bounded; ties and lattices stay finite. */
static void degenerate_neighbours(void **state)
{
    (void)state;
    static double x[N], y[N];
    draw_normal(6, 1, N, x);
    const double added = mi_of(x, x, N, ICL_MI_LNC, 5) - mi_of(x, x, N, ICL_MI_KSG2, 5);
    assert_near(added, 30 * log(2), 0.1);
    draw_pair(&(struct pair_law){0.5, false, ICL_GATE_INDEPENDENT, 0.3}, 5, N, x, y);
    assert_true(isfinite(mi_of(x, y, N, ICL_MI_LNC, 5)));
    for (size_t i = 0; i < N; i++) {
        x[i] = rint(3 * x[i]);
        y[i] = rint(3 * y[i]);
    }
    assert_true(isfinite(mi_of(x, y, N, ICL_MI_LNC, 5)));
}

static void too_few_neighbours_are_refused(void **state)
{
    (void)state;
    double x[20], y[20];
    draw_pair(&(struct pair_law){0.5, false, ICL_GATE_INDEPENDENT, 1}, 5, 20, x, y);
    struct icl_column cx = column_of(x, 20), cy = column_of(y, 20);
    struct icl_mi_result result;
    struct icl_error err = {0};
    for (unsigned k = 1; k < 3; k++) {
        const struct icl_mi_options options = {.estimator = ICL_MI_LNC, .k = k};
        assert_int_equal(icl_mi_pair(&cx, &cy, &options, scratch(), &result, &err), ICL_ERR_INPUT);
        assert_non_null(strstr(err.message, "at least 3"));
    }
    const struct icl_mi_options options = {.estimator = ICL_MI_LNC, .k = 20};
    assert_int_equal(icl_mi_pair(&cx, &cy, &options, scratch(), &result, &err), ICL_ERR_INPUT);
    icl_column_free(&cx);
    icl_column_free(&cy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_stored_answers),
        cmocka_unit_test(agrees_with_the_plain_way),
        cmocka_unit_test(alpha_by_its_definition),
        cmocka_unit_test(strong_dependence),
        cmocka_unit_test(weak_dependence),
        cmocka_unit_test(scale_and_offset_do_not_matter),
        cmocka_unit_test(degenerate_neighbours),
        cmocka_unit_test(too_few_neighbours_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
