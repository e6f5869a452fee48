/* Kernel density: stored answers, whole sums in the test, the grid against its own plain sums, truths, atoms. */
#include "tests/estimators_support.h"

enum { FEW = 500, MOST = 10000 };
static double sample_x[MOST], sample_y[MOST];

/* What the header promises between the grid and plain sums. */
static const double grid_bound = 3e-8;

static double points(const double *x, const double *y, size_t n)
{
    double mi;
    const struct icl_mark before = icl_workspace_mark(scratch());
    assert_int_equal(icl_mi_kde_points(x, y, n, scratch(), &mi, NULL), ICL_OK);
    const struct icl_mark after = icl_workspace_mark(scratch());
    assert_true(before.block == after.block && before.used == after.used);
    return mi;
}

static double plain(const double *x, const double *y, size_t n)
{
    double mi;
    assert_int_equal(icl_mi_kde_plain(x, y, n, scratch(), &mi, NULL), ICL_OK);
    return mi;
}

/* Densities with their constants, the kernel by the inverse of its covariance. */
static double plain_densities(const double *x, const double *y, size_t n)
{
    double mx = 0, my = 0, xx = 0, yy = 0, xy = 0, sum = 0;
    const double h2 = pow((double)n, -1.0 / 3), others = (double)n - 1;
    for (size_t i = 0; i < n; i++) {
        mx += x[i] / (double)n;
        my += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += h2 * (x[i] - mx) * (x[i] - mx) / (double)n;
        yy += h2 * (y[i] - my) * (y[i] - my) / (double)n;
        xy += h2 * (x[i] - mx) * (y[i] - my) / (double)n;
    }
    const double det = xx * yy - xy * xy;
    if (det / (xx * yy) < 1 / ((double)n * (double)n)) return NAN; /* beyond the cap on the correlation */
    for (size_t i = 0; i < n; i++) {
        double f = 0, fx = 0, fy = 0;
        for (size_t j = 0; j < n; j++) {
            if (j == i) continue;
            const double dx = x[j] - x[i], dy = y[j] - y[i];
            f += exp(-(yy * dx * dx - 2 * xy * dx * dy + xx * dy * dy) / det / 2);
            fx += exp(-dx * dx / xx / 2);
            fy += exp(-dy * dy / yy / 2);
        }
        sum += log(f / others / (2 * M_PI * sqrt(det))) - log(fx / others / sqrt(2 * M_PI * xx)) -
               log(fy / others / sqrt(2 * M_PI * yy));
    }
    return sum / (double)n;
}

static void check_answer(const struct answer *a)
{
    const double *x = stored_sample(a->x), *y = stored_sample(a->y);
    struct icl_column cx = column_of(x, SAMPLES), cy = column_of(y, SAMPLES);
    assert_near(plain(cx.score, cy.score, SAMPLES), a->value, 1e-12);
    assert_near(mi_of(x, y, SAMPLES, ICL_MI_KDE, a->k), a->value, grid_bound);
    icl_column_free(&cx);
    icl_column_free(&cy);
}

static void agrees_with_stored_answers(void **state)
{
    (void)state;
    for_each_answer("kde", check_answer);
}

/* Samples far from all others among them: those sums are made directly. */
static void fill(int sort, uint64_t seed, size_t n, double *x, double *y)
{
    draw_pair(&(struct pair_law){sort % 2 ? 0.95 : -0.4, false, ICL_GATE_INDEPENDENT, 1}, seed, n, x, y);
    for (size_t i = 0; i < n; i++) {
        if (sort == 2) y[i] = cos(3 * x[i]) + 0.05 * y[i]; /* no correlation */
        if (sort == 3) y[i] = i % 50 == 0 ? -x[i] : x[i];  /* a ridge, and some off it */
        if (sort == 4) {
            x[i] = pow(x[i], 3);
            y[i] = pow(y[i], 5);
        }
        if (sort == 5) x[i] = rint(8 * x[i]) / 8; /* values that repeat */
        if (sort == 6) y[i] = 1e6 + 1e-3 * y[i];
        if (sort == 7) y[i] = i == n / 2 ? 1e3 : y[i];
    }
}

static void agrees_with_whole_sums(void **state)
{
    (void)state;
    static const size_t sizes[] = {4, 5, 11, 60, FEW};
    double worst = 0;
    for (int sort = 0; sort < 8; sort++)
        for (size_t s = 0; s < COUNT_OF(sizes); s++) {
            const size_t n = sizes[s];
            fill(sort, 10 + s, n, sample_x, sample_y);
            const double slow = plain(sample_x, sample_y, n), fast = points(sample_x, sample_y, n);
            const double own = plain_densities(sample_x, sample_y, n);
            worst = fmax(worst, fabs(fast - slow));
            /* own sums that underflow say nothing */
            if (isfinite(own)) assert_near(slow, own, 1e-9);
            assert_true(isfinite(slow));
            if (!is_near(fast, slow, grid_bound)) fail_msg("sort %d, n %zu: %.12g for %.12g", sort, n, fast, slow);
        }
    print_message("# worst difference between grid and plain sums: %.1e\n", worst);
}

/* Larger: another width, more nodes. */
static void the_grid_agrees_at_a_larger_size(void **state)
{
    (void)state;
    enum { N = 3000 };
    for (int sort = 0; sort < 4; sort++) {
        fill(sort, 30, N, sample_x, sample_y);
        assert_near(points(sample_x, sample_y, N), plain(sample_x, sample_y, N), grid_bound);
    }
}

/* A column with itself: what the cap on the correlation leaves, which grows with n. */
static void a_column_with_itself(void **state)
{
    (void)state;
    for (size_t n = 30; n <= 3000; n *= 10) {
        draw_normal(3, 0, n, sample_x);
        const double same = mi_of(sample_x, sample_x, n, ICL_MI_KDE, 0);
        for (size_t i = 0; i < n; i++)
            sample_y[i] = -exp(sample_x[i]); /* one rank order, the other way round */
        assert_near(mi_of(sample_x, sample_y, n, ICL_MI_KDE, 0), same, 1e-9);
        assert_near(same, 7 * log((double)n) / 6 + 0.5, 0.3); /* ln n for the cap, -ln h, <-ln f> - ln(2 pi) / 2 */
    }
}

/* All equal on one side: nothing to tell. Ties below an atom are no atoms. */
static void a_flat_side_tells_nothing(void **state)
{
    (void)state;
    const double x[] = {2, 2, 2, 2, 2}, y[] = {1, 5, 2, 4, 3};
    assert_near(points(x, y, 5), 0, 0);
    assert_near(points(y, x, 5), 0, 0);
    assert_near(plain(y, x, 5), 0, 0);
}

/* Smoothing takes nothing from a Gaussian; leave-one-out leaves -.01 at n = 1000, -.005 at 10000. */
static void truths_of_gaussians(void **state)
{
    (void)state;
    static const double rhos[] = {0, 0.3, -0.75, 0.9};
    const unsigned seeds = 10;
    print_message("# seeds 1..%u\n", seeds);
    for (size_t r = 0; r < COUNT_OF(rhos); r++)
        for (size_t n = 1000; n <= MOST; n *= 10) {
            struct summary found = {0};
            for (uint64_t seed = 1; seed <= seeds; seed++) {
                draw_pair(&(struct pair_law){rhos[r], false, ICL_GATE_INDEPENDENT, 1}, seed, n, sample_x, sample_y);
                summary_add(&found, mi_of(sample_x, sample_y, n, ICL_MI_KDE, 0));
            }
            const double error = found.mean + log1p(-rhos[r] * rhos[r]) / 2;
            print_message("# rho %g, n %zu: error %+.4f, sd %.4f\n", rhos[r], n, error, summary_sd(&found));
            assert_near(error, n == 1000 ? -0.010 : -0.004, 0.003 + 3 * summary_error(&found));
        }
}

/* Atoms: the terms of the decomposition but for the last. */
static void atoms_are_taken_apart(void **state)
{
    (void)state;
    enum { N = 1500 };
    static const struct pair_law laws[] = {{0.75, true, ICL_GATE_INDEPENDENT, 0.8},
                                           {0.75, false, ICL_GATE_SHARED, 0.5},
                                           {-0.5, false, ICL_GATE_INDEPENDENT, 0.9}};
    for (size_t l = 0; l < COUNT_OF(laws); l++)
        for (unsigned k = 0; k <= 4; k += 4) {
            draw_pair(&laws[l], 8, N, sample_x, sample_y);
            struct icl_column cx = column_of(sample_x, N), cy = column_of(sample_y, N);
            double *sx = take_doubles(N), *sy = take_doubles(N);
            size_t both = 0;
            for (size_t i = 0; i < N; i++) {
                if (sample_x[i] == 0 || sample_y[i] == 0) continue;
                sx[both] = cx.score[i];
                sy[both++] = cy.score[i];
            }
            struct icl_mi_options options = {.estimator = ICL_MI_KDE, .k = k, .correction = ICL_CORRECTION_GRASSBERGER};
            const struct icl_mi_result found = result_of(sample_x, sample_y, N, &options);
            options.estimator = ICL_MI_DECOMPOSITION;
            const struct icl_mi_result other = result_of(sample_x, sample_y, N, &options);
            assert_near(found.atoms, other.atoms, 0);
            assert_near(found.x_amplitude, other.x_amplitude, 0);
            assert_near(found.y_amplitude, other.y_amplitude, 0);
            assert_near(found.amplitudes, (double)both / N * plain_densities(sx, sy, both), grid_bound);
            assert_near(found.mi, found.atoms + found.x_amplitude + found.y_amplitude + found.amplitudes, 1e-15);
            assert_int_equal(found.notes, ICL_MI_NOTE_ATOMS);
            assert_int_equal(found.estimator, ICL_MI_KDE);
            icl_column_free(&cx);
            icl_column_free(&cy);
        }
    draw_pair(&(struct pair_law){0.75, false, ICL_GATE_INDEPENDENT, 1}, 8, N, sample_x, sample_y);
    assert_int_equal(result_of(sample_x, sample_y, N, &(struct icl_mi_options){.estimator = ICL_MI_KDE}).notes, 0);
    /* whole numbers: nothing but the table */
    for (size_t i = 0; i < N; i++) {
        sample_x[i] = rint(sample_x[i]);
        sample_y[i] = rint(sample_y[i]);
    }
    assert_near(mi_of(sample_x, sample_y, N, ICL_MI_KDE, 0), mi_of(sample_x, sample_y, N, ICL_MI_PLUGIN, 0), 1e-12);
}

static void truths_of_dropout(void **state)
{
    (void)state;
    enum { N = 5000 };
    static const struct pair_law laws[] = {{0.75, true, ICL_GATE_INDEPENDENT, 0.8},
                                           {0.75, false, ICL_GATE_INDEPENDENT, 0.5},
                                           {0.75, false, ICL_GATE_SHARED, 0.5}};
    const unsigned seeds = 10;
    print_message("# seeds 1..%u\n", seeds);
    for (size_t l = 0; l < COUNT_OF(laws); l++) {
        struct summary found = {0};
        for (uint64_t seed = 1; seed <= seeds; seed++) {
            draw_pair(&laws[l], seed, N, sample_x, sample_y);
            summary_add(&found, mi_of(sample_x, sample_y, N, ICL_MI_KDE, 0));
        }
        print_message("# law %zu: error %+.4f, sd %.4f\n", l, found.mean - true_mi(&laws[l]), summary_sd(&found));
        assert_near(found.mean, true_mi(&laws[l]), 0.015);
    }
}

static void few_samples(void **state)
{
    (void)state;
    enum { N = 40 };
    const double x[] = {1, 2, 4, 3}, y[] = {1, 3, 2, 5};
    double mi;
    struct icl_error err;
    assert_int_equal(icl_mi_kde_points(x, y, 3, scratch(), &mi, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "3 samples are too few"));
    assert_int_equal(icl_mi_kde_plain(x, y, 3, scratch(), &mi, &err), ICL_ERR_INPUT);
    assert_true(isfinite(points(x, y, 4)));
    struct icl_column cx = column_of(x, 3), cy = column_of(y, 3);
    struct icl_mi_result result;
    assert_int_equal(icl_mi_pair(&cx, &cy, &(struct icl_mi_options){.estimator = ICL_MI_KDE}, scratch(), &result, &err),
                     ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "3 rows are too few"));
    icl_column_free(&cx);
    icl_column_free(&cy);
    /* three samples in which both are continuous are too few for the last term, four are not */
    for (size_t together = 3; together <= 4; together++) {
        draw_normal(6, 0, N, sample_x);
        draw_normal(6, 1, N, sample_y);
        for (size_t i = 0; i < N; i++) {
            if (i < 18) sample_x[i] = 0;
            if (i >= 18 + together) sample_y[i] = 0;
        }
        const struct icl_mi_options options = {.estimator = ICL_MI_KDE, .k = 3};
        const struct icl_mi_result found = result_of(sample_x, sample_y, N, &options);
        assert_int_equal(found.notes, ICL_MI_NOTE_ATOMS | (together < 4 ? ICL_MI_NOTE_TERM_SKIPPED : 0));
        assert_true(together < 4 ? found.amplitudes == 0 : found.amplitudes != 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_stored_answers),
        cmocka_unit_test(agrees_with_whole_sums),
        cmocka_unit_test(the_grid_agrees_at_a_larger_size),
        cmocka_unit_test(a_column_with_itself),
        cmocka_unit_test(a_flat_side_tells_nothing),
        cmocka_unit_test(truths_of_gaussians),
        cmocka_unit_test(atoms_are_taken_apart),
        cmocka_unit_test(truths_of_dropout),
        cmocka_unit_test(few_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
