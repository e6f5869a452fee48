/* Both algorithms of Kraskov, Stoegbauer and Grassberger: stored answers, a plain second way, known truths. */
#include "tests/estimators_support.h"

/* ---- the plain way -------------------------------------------------------------------------------------------- */

/* Without ties the k neighbours are the points within the radius. */
static double plain_ksg2(const double *x, const double *y, size_t n, unsigned k)
{
    const double *const at[2] = {x, y};
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const double r = plain_radius(at, 2, n, i, k);
        double ex = 0, ey = 0;
        for (size_t j = 0; j < n; j++) {
            const double dx = fabs(x[j] - x[i]), dy = fabs(y[j] - y[i]);
            if (fmax(dx, dy) > r) continue;
            ex = fmax(ex, dx);
            ey = fmax(ey, dy);
        }
        sum += psi_of(plain_count(x, n, i, ex, false)) + psi_of(plain_count(y, n, i, ey, false));
    }
    return psi_of(k) - 1.0 / k + psi_of(n) - sum / (double)n;
}

static icl_status on_plane(bool second, const double *x, const double *y, size_t n, unsigned k, double *mi,
                           struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    double *xs = take_doubles(n), *ys = take_doubles(n);
    plain_sort(x, n, xs);
    plain_sort(y, n, ys);
    const struct icl_plane plane = {n, x, y, xs, ys};
    const icl_status status = (second ? icl_mi_ksg2 : icl_mi_ksg1)(&plane, k, scratch(), mi, err);
    icl_workspace_release(scratch(), mark);
    return status;
}

/* ---- tests ---------------------------------------------------------------------------------------------------- */

static void check_ksg1(const struct answer *a)
{
    assert_near(mi_of(stored_sample(a->x), stored_sample(a->y), SAMPLES, ICL_MI_KSG1, a->k), a->value, 1e-12);
}

static void check_ksg2(const struct answer *a)
{
    assert_near(mi_of(stored_sample(a->x), stored_sample(a->y), SAMPLES, ICL_MI_KSG2, a->k), a->value, 1e-12);
}

static void agree_with_stored_answers(void **state)
{
    (void)state;
    for_each_answer("ksg1", check_ksg1);
    for_each_answer("ksg2", check_ksg2);
}

static void agree_with_the_plain_way(void **state)
{
    (void)state;
    enum { MOST = 300 };
    static const size_t sizes[] = {2, 3, 7, 21, 64, MOST};
    static const unsigned ks[] = {1, 2, 3, 5, 20};
    static const double rhos[] = {-0.999, -0.4, 0, 0.75};
    double x[MOST], y[MOST], mi;
    uint64_t seed = 31;
    for (size_t s = 0; s < COUNT_OF(sizes); s++)
        for (size_t c = 0; c < COUNT_OF(ks); c++)
            for (size_t r = 0; r < COUNT_OF(rhos); r++) {
                const size_t n = sizes[s];
                const unsigned k = ks[c];
                if (k >= n) continue;
                draw_pair(&(struct pair_law){rhos[r], false, ICL_GATE_INDEPENDENT, 1}, seed++, n, x, y);
                assert_int_equal(on_plane(false, x, y, n, k, &mi, NULL), ICL_OK);
                assert_near(mi, plain_ksg1(x, y, n, k), 1e-12);
                assert_int_equal(on_plane(true, x, y, n, k, &mi, NULL), ICL_OK);
                assert_near(mi, plain_ksg2(x, y, n, k), 1e-12);
            }
}

/* Four points by hand, k = 1. Points (0,0) (1,3) (3,4) (7,5): radii 3, 2, 2, 4; strictly nearer in x: 1, 1, 0, 0 and
 * in y: 0, 1, 2, 2. */
static void four_points_by_hand(void **state)
{
    (void)state;
    const double x[] = {0, 1, 3, 7}, y[] = {0, 3, 4, 5};
    const double gamma = 0.57721566490153286, psi[] = {0, -gamma, 1 - gamma, 1.5 - gamma, 11.0 / 6 - gamma};
    double mi;
    assert_int_equal(on_plane(false, x, y, 4, 1, &mi, NULL), ICL_OK);
    assert_near(mi, psi[1] + psi[4] - (psi[2] + psi[1] + psi[2] + psi[2] + psi[1] + psi[3] + psi[1] + psi[3]) / 4,
                1e-15);
    /* neighbours: 1, 2, 1, 2; extents in x: 1, 2, 2, 4 and in y: 3, 1, 1, 1; within them, the edge included, in x:
     * 1, 2, 1, 1 and in y: 1, 1, 2, 1 */
    assert_int_equal(on_plane(true, x, y, 4, 1, &mi, NULL), ICL_OK);
    assert_near(mi, psi[1] - 1 + psi[4] - (psi[1] + psi[1] + psi[2] + psi[1] + psi[1] + psi[2] + psi[1] + psi[1]) / 4,
                1e-15);
}

/* Ties make the radius 0: the estimate means nothing, but it is finite and no count is read before the table. */
static void atoms_leave_it_finite(void **state)
{
    (void)state;
    enum { N = 200 };
    double x[N], y[N], mi;
    draw_pair(&(struct pair_law){0.5, false, ICL_GATE_INDEPENDENT, 0.3}, 5, N, x, y);
    for (unsigned k = 1; k <= 20; k++)
        for (int second = 0; second < 2; second++) {
            assert_int_equal(on_plane(second != 0, x, y, N, k, &mi, NULL), ICL_OK);
            assert_true(isfinite(mi));
        }
}

static void too_few_samples_are_refused(void **state)
{
    (void)state;
    const double x[] = {0, 1, 3, 7}, y[] = {0, 3, 4, 5};
    for (int second = 0; second < 2; second++) {
        struct icl_error err;
        double mi;
        assert_int_equal(on_plane(second != 0, x, y, 4, 4, &mi, &err), ICL_ERR_INPUT);
        assert_non_null(strstr(err.message, "4 samples are too few for k = 4"));
        assert_int_equal(on_plane(second != 0, x, y, 4, 0, &mi, &err), ICL_ERR_INPUT);
        assert_int_equal(on_plane(second != 0, x, y, 4, ICL_MAX_NEIGHBOURS + 1, &mi, &err), ICL_ERR_INPUT);
        assert_non_null(strstr(err.message, "1001"));
    }
}

/* Known truths: Gaussian pairs; additive uniform noise (Czyz et al. 2023). */
static void gaussian_truths(void **state)
{
    (void)state;
    enum { N = 3000 };
    static double x[N], y[N];
    static const double rhos[] = {0, 0.4, -0.75, 0.9};
    const unsigned seeds = 8;
    print_message("# seeds 1..%u\n", seeds);
    for (size_t r = 0; r < COUNT_OF(rhos); r++) {
        const struct pair_law law = {rhos[r], false, ICL_GATE_INDEPENDENT, 1};
        struct summary first = {0}, second = {0};
        for (uint64_t seed = 1; seed <= seeds; seed++) {
            draw_pair(&law, seed, N, x, y);
            summary_add(&first, mi_of(x, y, N, ICL_MI_KSG1, 0));
            summary_add(&second, mi_of(x, y, N, ICL_MI_KSG2, 0));
        }
        assert_near(first.mean, true_mi(&law), 0.006 + 4 * summary_error(&first));
        assert_near(second.mean, true_mi(&law), 0.006 + 4 * summary_error(&second));
    }
}

static void additive_noise_truth(void **state)
{
    (void)state;
    enum { N = 3000 };
    static double x[N], y[N];
    const unsigned seeds = 8;
    struct summary first = {0};
    print_message("# seeds 1..%u\n", seeds);
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        draw_uniform(seed, 1, N, x);
        draw_uniform(seed, 2, N, y);
        for (size_t i = 0; i < N; i++)
            y[i] = x[i] + 0.75 * (2 * y[i] - 1);
        summary_add(&first, mi_of(x, y, N, ICL_MI_KSG1, 5));
    }
    /* -.008 is what a reference KSG1 was measured to be off */
    assert_near(first.mean, 1.0 / 3, 0.012 + 4 * summary_error(&first));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agree_with_stored_answers),   cmocka_unit_test(agree_with_the_plain_way),
        cmocka_unit_test(four_points_by_hand),         cmocka_unit_test(atoms_leave_it_finite),
        cmocka_unit_test(too_few_samples_are_refused), cmocka_unit_test(gaussian_truths),
        cmocka_unit_test(additive_noise_truth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
