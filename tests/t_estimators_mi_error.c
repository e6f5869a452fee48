/* Standard errors, intervals and drift of estimates: recomputed from their definitions, and against what they promise.
 */
#include "tests/estimators_support.h"

#include <stdlib.h>

#include "estimators/mi_error.h"

static struct icl_stream subsample_stream(uint64_t seed)
{
    return (struct icl_stream){seed, ICL_PURPOSE_SUBSAMPLE, 3, 99};
}

static double standard_error_of(const double *x, const double *y, size_t n, const struct icl_mi_options *options,
                                uint64_t seed)
{
    const struct icl_stream stream = subsample_stream(seed);
    struct icl_column cx = column_of(x, n), cy = column_of(y, n);
    double se;
    assert_int_equal(icl_mi_standard_error(&cx, &cy, options, &stream, scratch(), &se, NULL), ICL_OK);
    icl_column_free(&cx);
    icl_column_free(&cy);
    return se;
}

/* ---- standard error ------------------------------------------------------------------------------------------- */

/* Holmes and Nemenman's formula over splits made by hand: part p holds the samples perm[i] with i s / n = p. */
static double plain_standard_error(const double *x, const double *y, size_t n, const struct icl_mi_options *options,
                                   unsigned most_parts, uint64_t seed)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    uint32_t *permutation = take_words(n);
    double *px = take_doubles(n), *py = take_doubles(n);
    long double sum = 0, weight = 0;
    for (unsigned s = 2; s <= most_parts; s++) {
        struct icl_stream stream = subsample_stream(seed);
        stream.step = s;
        icl_random_permutation(&stream, n, permutation);
        double value[10];
        long double mean = 0, variance = 0;
        for (unsigned p = 0; p < s; p++) {
            size_t m = 0;
            for (size_t i = 0; i < n; i++) {
                if (i * s / n != p) continue;
                px[m] = x[permutation[i]];
                py[m++] = y[permutation[i]];
            }
            value[p] = result_of(px, py, m, options).mi;
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

/* The Gaussian copula sees ranks only, so that a subset and a fresh column are the same to it. */
static void standard_error_by_its_formula(void **state)
{
    (void)state;
    enum { N = 503 };
    double x[N], y[N];
    const struct icl_mi_options options = {.estimator = ICL_MI_GAUSSIAN};
    for (uint64_t seed = 1; seed <= 4; seed++) {
        draw_pair(&(struct pair_law){0.5, false, ICL_GATE_INDEPENDENT, 0.8}, seed, N, x, y);
        assert_near(standard_error_of(x, y, N, &options, seed), plain_standard_error(x, y, N, &options, 10, seed),
                    1e-13);
    }
    /* 100 samples, k = 5: parts of at least 24 samples, so two to four of them */
    draw_pair(&(struct pair_law){0.5, false, ICL_GATE_INDEPENDENT, 1}, 8, N, x, y);
    assert_near(standard_error_of(x, y, 100, &options, 8), plain_standard_error(x, y, 100, &options, 4, 8), 1e-13);
    assert_near(standard_error_of(x, y, 48, &options, 8), plain_standard_error(x, y, 48, &options, 2, 8), 1e-13);
    assert_true(isnan(standard_error_of(x, y, 47, &options, 8)));
    const struct icl_mi_options many = {.estimator = ICL_MI_KSG1, .k = 11};
    assert_true(isnan(standard_error_of(x, y, 95, &many, 8)));
    assert_true(isfinite(standard_error_of(x, y, 96, &many, 8)));
}

/* The true sd of the estimate over seeds, against the mean of the error bars. */
static void check_ratio(const char *name, const struct pair_law *law, size_t n, const struct icl_mi_options *options)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    double *x = take_doubles(n), *y = take_doubles(n);
    struct summary estimates = {0}, errors = {0};
    const unsigned seeds = 200;
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        draw_pair(law, seed, n, x, y);
        summary_add(&estimates, result_of(x, y, n, options).mi);
        summary_add(&errors, standard_error_of(x, y, n, options, seed));
    }
    const double ratio = errors.mean / summary_sd(&estimates);
    print_message("# %s, seeds 1..%u: error bar / true sd = %.3f\n", name, seeds, ratio);
    assert_near(ratio, 1, 0.2);
    icl_workspace_release(scratch(), mark);
}

static void standard_error_is_near_the_true_sd(void **state)
{
    (void)state;
    check_ratio("ksg1", &(struct pair_law){0.75, false, ICL_GATE_INDEPENDENT, 1}, 1500,
                &(struct icl_mi_options){.estimator = ICL_MI_KSG1, .k = 5});
    check_ratio("auto, independent gates", &(struct pair_law){0.75, false, ICL_GATE_INDEPENDENT, 0.6}, 1500,
                &(struct icl_mi_options){.estimator = ICL_MI_AUTO});
    check_ratio("auto, shared gate", &(struct pair_law){0.75, false, ICL_GATE_SHARED, 0.6}, 1500,
                &(struct icl_mi_options){.estimator = ICL_MI_AUTO});
    check_ratio("plug-in", &(struct pair_law){0.85, true, ICL_GATE_INDEPENDENT, 0.8}, 1500,
                &(struct icl_mi_options){.estimator = ICL_MI_PLUGIN, .bins = 5});
}

/* Blocks of L samples go to a part as a whole: block perm[b] to part b s / blocks. */
static void block_error_by_its_formula(void **state)
{
    (void)state;
    enum { N = 1003, L = 20, BLOCKS = 51, MOST_PARTS = 10 };
    double x[N], y[N], px[N], py[N];
    const struct icl_mi_options options = {.estimator = ICL_MI_GAUSSIAN};
    draw_pair(&(struct pair_law){0.5, false, ICL_GATE_INDEPENDENT, 1}, 9, N, x, y);
    long double sum = 0, weight = 0;
    for (unsigned s = 2; s <= MOST_PARTS; s++) { /* 51 blocks: at least 5 a part */
        uint32_t permutation[BLOCKS];
        struct icl_stream stream = subsample_stream(6);
        stream.step = s;
        icl_random_permutation(&stream, BLOCKS, permutation);
        long double value[MOST_PARTS], mean = 0, variance = 0;
        for (unsigned p = 0; p < s; p++) {
            size_t m = 0;
            for (size_t b = 0; b < BLOCKS; b++)
                for (size_t i = permutation[b] * (size_t)L; i < N && i < (permutation[b] + 1) * (size_t)L; i++) {
                    if (b * s / BLOCKS != p) continue;
                    px[m] = x[i];
                    py[m++] = y[i];
                }
            value[p] = result_of(px, py, m, &options).mi;
            mean += value[p] / s;
        }
        for (unsigned p = 0; p < s; p++)
            variance += (value[p] - mean) * (value[p] - mean) / (s - 1);
        sum += (long double)(s - 1) / s * variance;
        weight += s - 1;
    }
    struct icl_column cx = column_of(x, N), cy = column_of(y, N);
    struct icl_sampling sampling = {subsample_stream(6), L};
    double se;
    assert_int_equal(icl_mi_block_error(&cx, &cy, &options, &sampling, scratch(), &se, NULL), ICL_OK);
    assert_near(se, (double)sqrtl(sum / weight), 1e-13);
    sampling.block = 300; /* four blocks: not even two parts */
    assert_int_equal(icl_mi_block_error(&cx, &cy, &options, &sampling, scratch(), &se, NULL), ICL_OK);
    assert_true(isnan(se));
    icl_column_free(&cx);
    icl_column_free(&cy);
}

/* ---- intervals, recomputed ------------------------------------------------------------------------------------ */

static struct icl_interval interval_of(const double *x, const double *y, size_t n, const struct icl_mi_options *options,
                                       size_t block)
{
    const struct icl_sampling sampling = {subsample_stream(1), block};
    struct icl_column cx = column_of(x, n), cy = column_of(y, n);
    struct icl_interval interval;
    struct icl_error err = {0};
    if (icl_mi_interval(&cx, &cy, options, &sampling, scratch(), &interval, &err) != ICL_OK)
        fail_msg("interval: %s", err.message);
    icl_column_free(&cx);
    icl_column_free(&cy);
    return interval;
}

/* The terms of KSG1 among the chosen samples. */
static void plain_ksg1_terms(const double *x, const double *y, size_t m, unsigned k, double *term)
{
    const double *const at[] = {x, y};
    for (size_t i = 0; i < m; i++) {
        const double r = plain_radius(at, 2, m, i, k);
        term[i] = psi_of(k) + psi_of(m) - psi_of(plain_count(x, m, i, r, true) + 1) -
                  psi_of(plain_count(y, m, i, r, true) + 1);
    }
}

static double plain_variance(const double *value, size_t n)
{
    struct summary s = {0};
    for (size_t i = 0; i < n; i++)
        summary_add(&s, value[i]);
    return summary_sd(&s) * summary_sd(&s);
}

/* What neighbours have in common, and what smoothing takes away; trigamma by its series. */
static double plain_excess(const double *term, size_t m, unsigned k)
{
    double trigamma = M_PI * M_PI / 6;
    for (unsigned j = 1; j < k; j++)
        trigamma -= 1.0 / (j * j);
    const double share = sqrt((double)k / (double)m), common = 2.4 / sqrt((double)k * (double)m);
    const double variance = plain_variance(term, m) * (double)(m - 1) / (double)m;
    return 0.53 / k + common + fmax(0, 3 * share * (variance - trigamma + common));
}

/* Local terms of the decomposition where 0 is the only atom of both columns; returns the excess. */
static double plain_terms(const double *x, const double *y, size_t n, unsigned k, double *value)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    const double *const column[2] = {x, y};
    double *score[2] = {take_doubles(n), take_doubles(n)}, *part[2] = {take_doubles(n), take_doubles(n)};
    double *term = take_doubles(n), count[2][2] = {{0}}, excess = 0;
    for (size_t i = 0; i < n; i++)
        count[x[i] != 0][y[i] != 0]++;
    for (size_t i = 0; i < n; i++) {
        const bool a = x[i] != 0, b = y[i] != 0;
        value[i] = log(count[a][b] * (double)n / (count[a][0] + count[a][1]) / (count[0][b] + count[1][b]));
    }
    for (int side = 0; side < 2; side++) { /* Ross: own amplitude, the other's gate */
        struct icl_column c = column_of(column[side], n);
        double size[2] = {0};
        size_t m = 0;
        memcpy(score[side], c.score, n * sizeof *c.score);
        icl_column_free(&c);
        for (size_t i = 0; i < n; i++)
            if (column[side][i] != 0) {
                part[0][m++] = score[side][i];
                size[column[1 - side][i] != 0]++;
            }
        for (size_t i = 0, own = 0; i < n; i++) {
            if (column[side][i] == 0) continue;
            const bool label = column[1 - side][i] != 0;
            size_t same = 0, here = 0;
            for (size_t j = 0; j < n; j++)
                if (column[side][j] != 0 && (column[1 - side][j] != 0) == label) {
                    if (j == i) here = same;
                    part[1][same++] = score[side][j];
                }
            const double *const at[] = {part[1]};
            const double r = plain_radius(at, 1, same, here, k);
            value[i] += psi_of(m) + psi_of(plain_count(part[1], same, here, r, false)) - psi_of(same) -
                        psi_of(plain_count(part[0], m, own++, r, false));
        }
        const double p = size[0] / (double)m, q = size[1] / (double)m;
        excess += (double)m / (double)n * 4 * p * p * q * q / k;
    }
    size_t m = 0;
    for (size_t i = 0; i < n; i++)
        if (x[i] != 0 && y[i] != 0) {
            part[0][m] = score[0][i];
            part[1][m++] = score[1][i];
        }
    plain_ksg1_terms(part[0], part[1], m, k, term);
    excess += (double)m / (double)n * plain_excess(term, m, k);
    for (size_t i = 0, j = 0; i < n; i++)
        if (x[i] != 0 && y[i] != 0) value[i] += term[j++];
    icl_workspace_release(scratch(), mark);
    return excess;
}

/* se and df from the terms: n values, or sums over whole blocks. */
static void check_spread(const struct icl_interval *found, const double *value, size_t n, size_t block, double excess)
{
    const size_t blocks = n / block;
    double *sum = take_doubles(blocks), fourth = 0;
    struct summary s = {0};
    for (size_t b = 0; b < blocks; b++) {
        sum[b] = 0;
        for (size_t i = 0; i < block; i++)
            sum[b] += value[b * block + i];
        summary_add(&s, sum[b]);
    }
    const double variance = summary_sd(&s) * summary_sd(&s);
    for (size_t b = 0; b < blocks; b++)
        fourth += pow(sum[b] - s.mean, 4) / (double)blocks;
    const double biased = variance * (double)(blocks - 1) / (double)blocks;
    const double df =
        block > 1 ? (double)blocks - 1 : fmin(2 * (double)n / (fourth / (biased * biased) - 1), (double)n - 1);
    assert_near(found->se, sqrt((variance / (double)block + excess) / (double)n), 1e-12);
    assert_near(found->df, df, 1e-9 * df);
    struct icl_interval again = {.estimate = found->estimate, .se = found->se, .df = found->df};
    icl_interval_set(&again, 0.95);
    assert_near(found->lo, again.lo, 0);
    assert_near(found->hi, again.hi, 0);
}

static void intervals_by_their_formulas(void **state)
{
    (void)state;
    enum { N = 400 };
    double x[N], y[N], value[N], z[2][N];
    static const size_t blocks[] = {1, 7, 50};
    static const struct pair_law laws[] = {{0.8, false, ICL_GATE_INDEPENDENT, 0.7}, {-0.5, true, ICL_GATE_SHARED, 0.8}};
    for (size_t b = 0; b < COUNT_OF(blocks); b++)
        for (unsigned k = 3; k <= 9; k += 3) {
            struct icl_mi_options options = {.estimator = ICL_MI_DECOMPOSITION, .k = k};
            for (size_t l = 0; l < COUNT_OF(laws); l++) {
                draw_pair(&laws[l], 40 + k, N, x, y);
                const double excess = plain_terms(x, y, N, k, value);
                const struct icl_interval found = interval_of(x, y, N, &options, blocks[b]);
                assert_near(found.estimate, result_of(x, y, N, &options).mi, 0);
                check_spread(&found, value, N, blocks[b], excess);
            }
            options.estimator = ICL_MI_KSG1;
            draw_pair(&(struct pair_law){0.7, false, ICL_GATE_INDEPENDENT, 1}, 50 + k, N, x, y);
            plain_standardise(x, N, z[0]);
            plain_standardise(y, N, z[1]);
            plain_ksg1_terms(z[0], z[1], N, k, value);
            const struct icl_interval found = interval_of(x, y, N, &options, blocks[b]);
            assert_near(found.estimate, result_of(x, y, N, &options).mi, 0);
            check_spread(&found, value, N, blocks[b], plain_excess(value, N, k));
        }
}

/* Plug-in: the textbook error of a table, and subsampling where there are no local terms. */
static void intervals_of_other_estimators(void **state)
{
    (void)state;
    enum { N = 600 };
    double x[N], y[N], value[N], count[4][3] = {{0}}, row[4] = {0}, col[3] = {0};
    draw_normal(1, 0, N, x);
    draw_normal(1, 1, N, y);
    for (size_t i = 0; i < N; i++) {
        const double u = x[i];
        x[i] = u < -1 ? 0 : u < 0 ? 1 : u < 1 ? 2 : 3;
        y[i] = u + y[i] < -0.7 ? 0 : u + y[i] < 0.5 ? 1 : 2;
        count[(int)x[i]][(int)y[i]]++;
        row[(int)x[i]]++;
        col[(int)y[i]]++;
    }
    for (size_t i = 0; i < N; i++)
        value[i] = log(count[(int)x[i]][(int)y[i]] * N / row[(int)x[i]] / col[(int)y[i]]);
    struct icl_interval found = interval_of(x, y, N, &(struct icl_mi_options){.estimator = ICL_MI_PLUGIN}, 1);
    check_spread(&found, value, N, 1, 0);
    found = interval_of(x, y, N, &(struct icl_mi_options){.estimator = ICL_MI_AUTO}, 1); /* the same table */
    check_spread(&found, value, N, 1, 0);

    draw_pair(&(struct pair_law){0.6, false, ICL_GATE_INDEPENDENT, 1}, 3, N, x, y);
    static const enum icl_mi_estimator others[] = {ICL_MI_GAUSSIAN, ICL_MI_KSG2, ICL_MI_MESNER_SHALIZI};
    for (size_t e = 0; e < COUNT_OF(others); e++) {
        const struct icl_mi_options options = {.estimator = others[e]};
        found = interval_of(x, y, N, &options, 1);
        assert_near(found.estimate, result_of(x, y, N, &options).mi, 0);
        assert_near(found.se, standard_error_of(x, y, N, &options, 1), 0);
        assert_near(found.df, 35, 0);
    }
}

/* Splits into 2 .. s parts have 1 + .. + (s-1) degrees of freedom together, 45 for s = 10, were they independent; 35
 * were measured for those. Of Gaussian pairs of 60 the interval is then as wide as one split allows, and holds its own
 * mean in 95 % of the samples: with 35 degrees of freedom it would in 71 %. */
static void few_splits_have_few_degrees(void **state)
{
    (void)state;
    static const struct {
        size_t n, block;
        double sum; /* of s - 1 */
    } cases[] = {{59, 1, 1},   {60, 1, 1},    {72, 1, 3},     {96, 1, 6},     {239, 1, 36},
                 {240, 1, 45}, {5000, 1, 45}, {1000, 125, 1}, {1000, 50, 10}, {1000, 25, 45}};
    for (size_t c = 0; c < COUNT_OF(cases); c++) {
        const struct icl_sampling sampling = {subsample_stream(1), cases[c].block};
        const struct icl_cut cut = icl_cut_of(cases[c].n, 24, &sampling);
        assert_near(icl_subsample_df(&cut), fmax(1, 35 * cases[c].sum / 45), 1e-12);
    }
    enum { ROWS = 60, SEEDS = 1000 };
    double x[ROWS], y[ROWS], estimate[SEEDS], half[SEEDS];
    const struct icl_mi_options options = {.estimator = ICL_MI_GAUSSIAN};
    struct summary found = {0}, held = {0};
    print_message("# seeds 1..%d\n", SEEDS);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        const struct icl_sampling sampling = {subsample_stream(seed), 1};
        struct icl_interval interval;
        draw_pair(&(struct pair_law){0.75, false, ICL_GATE_INDEPENDENT, 1}, seed, ROWS, x, y);
        struct icl_column cx = column_of(x, ROWS), cy = column_of(y, ROWS);
        assert_int_equal(icl_mi_interval(&cx, &cy, &options, &sampling, scratch(), &interval, NULL), ICL_OK);
        icl_column_free(&cx);
        icl_column_free(&cy);
        assert_near(interval.df, 1, 0);
        estimate[seed - 1] = interval.estimate;
        half[seed - 1] = interval.hi - interval.estimate;
        summary_add(&found, interval.estimate);
    }
    for (size_t s = 0; s < SEEDS; s++)
        summary_add(&held, fabs(estimate[s] - found.mean) <= half[s]);
    print_message("# held: %.3f\n", held.mean);
    assert_near(held.mean, 0.95, 3 * sqrt(0.95 * 0.05 / SEEDS));
}

static void odd_columns_have_plain_errors(void **state)
{
    (void)state;
    enum { N = 100 };
    double x[N], y[N];
    draw_pair(&(struct pair_law){0.5, false, ICL_GATE_INDEPENDENT, 1}, 3, N, x, y);
    const struct icl_mi_options options = {.estimator = ICL_MI_AUTO};
    const struct icl_sampling sampling = {subsample_stream(1), 1};
    for (int kind = 0; kind < 2; kind++) {
        for (size_t i = 0; i < N; i++)
            x[i] = kind == 0 ? 4 : i == 50 ? INFINITY : (double)i;
        const double se = standard_error_of(x, y, N, &options, 1);
        assert_true(kind == 0 ? se == 0 : isnan(se));
        const struct icl_interval interval = interval_of(x, y, N, &options, 1);
        const double every[] = {interval.estimate, interval.se, interval.lo, interval.hi};
        for (size_t v = 0; v < COUNT_OF(every); v++)
            assert_near(every[v], kind == 0 ? 0 : NAN, 0);
        struct icl_column cx = column_of(x, N), cy = column_of(y, N);
        struct icl_mi_drift drift;
        assert_int_equal(icl_mi_find_drift(&cx, &cy, &options, &sampling, scratch(), &drift, NULL), ICL_OK);
        assert_true(isnan(drift.over_n) && isnan(drift.over_k));
        icl_column_free(&cx);
        icl_column_free(&cy);
    }
}

static void errors_come_through(void **state)
{
    (void)state;
    enum { N = 100 };
    double x[N], y[N];
    draw_pair(&(struct pair_law){0.5, false, ICL_GATE_INDEPENDENT, 1}, 4, N, x, y);
    struct icl_column cx = column_of(x, N), cy = column_of(y, N), cz = column_of(y, N - 1);
    struct icl_interval interval;
    struct icl_mi_drift drift;
    struct icl_error err;
    struct icl_sampling sampling = {subsample_stream(1), 13};
    struct icl_mi_options options = {.estimator = ICL_MI_AUTO};
    assert_int_equal(icl_mi_interval(&cx, &cy, &options, &sampling, scratch(), &interval, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "fewer than 8 blocks of 13"));
    assert_int_equal(icl_mi_find_drift(&cx, &cy, &options, &sampling, scratch(), &drift, &err), ICL_ERR_INPUT);
    sampling.block = 12;
    assert_int_equal(icl_mi_interval(&cx, &cy, &options, &sampling, scratch(), &interval, &err), ICL_OK);
    assert_near(interval.df, 7, 0);
    assert_int_equal(icl_mi_interval(&cx, &cz, &options, &sampling, scratch(), &interval, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "100 and 99 rows"));
    for (options.estimator = ICL_MI_AUTO; options.estimator <= ICL_MI_KSG2; options.estimator++) {
        options.k = N;
        assert_int_equal(icl_mi_interval(&cx, &cy, &options, &sampling, scratch(), &interval, &err), ICL_ERR_INPUT);
        assert_non_null(strstr(err.message, "k = 100"));
    }
    icl_column_free(&cx);
    icl_column_free(&cy);
    icl_column_free(&cz);
}

/* ---- intervals, against what they promise --------------------------------------------------------------------- */

/* Additive uniform noise: x uniform, y = x + u of -.75 .. .75, I = 1/3: a joint density with edges. */
static double draw_additive(uint64_t seed, size_t n, double *x, double *y)
{
    draw_uniform(seed, 0, n, x);
    draw_uniform(seed, 1, n, y);
    for (size_t i = 0; i < n; i++)
        y[i] = x[i] + 1.5 * (y[i] - 0.5);
    return 1.0 / 3;
}

/* Mean error bar over true sd, and how often the interval holds the truth. The ratio is known to 1 / sqrt(2 R), the
 * share to sqrt(.05 * .95 / R): an error bar 10 % wrong is seen. */
static void check_promise(const char *name, const struct pair_law *law, size_t n, unsigned seeds)
{
    const struct icl_mark mark = icl_workspace_mark(scratch());
    double *x = take_doubles(n), *y = take_doubles(n);
    struct summary estimates = {0}, squares = {0}, held = {0};
    for (uint64_t seed = 2001; seed <= 2000 + seeds; seed++) {
        double truth;
        if (law != NULL) {
            draw_pair(law, seed, n, x, y);
            truth = true_mi(law);
        } else {
            truth = draw_additive(seed, n, x, y);
        }
        const struct icl_interval found = interval_of(x, y, n, &(struct icl_mi_options){.estimator = ICL_MI_AUTO}, 1);
        summary_add(&estimates, found.estimate);
        summary_add(&squares, found.se * found.se);
        summary_add(&held, found.lo <= truth && truth <= found.hi);
    }
    const double ratio = sqrt(squares.mean) / summary_sd(&estimates);
    print_message("# %s, n = %zu, seeds 2001..2000+%u: error bar / true sd = %.3f, coverage %.3f\n", name, n, seeds,
                  ratio, held.mean);
    assert_near(ratio, 1, 0.055);
    assert_near(held.mean, 0.95, 0.02 + 2 * sqrt(0.0475 / seeds));
    icl_workspace_release(scratch(), mark);
}

static void intervals_hold_the_truth(void **state)
{
    (void)state;
    check_promise("gauss", &(struct pair_law){0.75, false, ICL_GATE_INDEPENDENT, 1}, 1500, 800);
    check_promise("independent gates", &(struct pair_law){0.75, false, ICL_GATE_INDEPENDENT, 0.5}, 2000, 800);
    check_promise("shared gate", &(struct pair_law){0.75, false, ICL_GATE_SHARED, 0.5}, 1500, 800);
    check_promise("relu, gates", &(struct pair_law){0.75, true, ICL_GATE_INDEPENDENT, 0.8}, 1500, 800);
    check_promise("additive noise", NULL, 3000, 400);
}

/* Two Gaussian series with x_t = .8 x_t-1 + noise, noises correlated by rho: terms at a lag of h correlate by .8^(2h),
 * so that n var(I) grows from rho^2 to rho^2 (1 + .64) / (1 - .64), 4.56 times. */
static void draw_series(uint64_t seed, size_t n, double rho, double *x, double *y)
{
    draw_normal(seed, 0, n, x);
    draw_normal(seed, 1, n, y);
    for (size_t i = 0; i < n; i++) {
        const double fresh = sqrt(1 - 0.64);
        y[i] = rho * x[i] + sqrt(1 - rho * rho) * y[i];
        if (i == 0) continue;
        /* x[i-1] is the series already, x[i] still noise: the correlation is formed before either is scaled */
        x[i] = 0.8 * x[i - 1] + fresh * x[i];
        y[i] = 0.8 * y[i - 1] + fresh * y[i];
    }
}

static void blocks_see_dependent_samples(void **state)
{
    (void)state;
    enum { N = 4000, BLOCK = 80 };
    static double x[N], y[N];
    const double rho = 0.75, known = rho * sqrt(1.64 / 0.36 / N);
    static const enum icl_mi_estimator ways[] = {ICL_MI_GAUSSIAN, ICL_MI_AUTO};
    for (size_t w = 0; w < COUNT_OF(ways); w++) {
        struct summary estimates = {0}, blocks = {0}, single = {0};
        const struct icl_mi_options options = {.estimator = ways[w]};
        const unsigned seeds = 150;
        for (uint64_t seed = 1; seed <= seeds; seed++) {
            draw_series(seed, N, rho, x, y);
            const struct icl_interval found = interval_of(x, y, N, &options, BLOCK);
            summary_add(&estimates, found.estimate);
            summary_add(&blocks, found.se * found.se);
            summary_add(&single, interval_of(x, y, N, &options, 1).se);
        }
        print_message("# %s, seeds 1..%u: sd %.4f, known %.4f, by blocks %.4f, as if independent %.4f\n",
                      icl_mi_names[ways[w]], seeds, summary_sd(&estimates), known, sqrt(blocks.mean), single.mean);
        assert_near(sqrt(blocks.mean), known, 0.1 * known); /* neighbours add 5 % */
        assert_near(sqrt(blocks.mean), summary_sd(&estimates), 0.15 * known);
        assert_true(single.mean < 0.65 * known);
    }
}

/* ---- drift ---------------------------------------------------------------------------------------------------- */

static struct icl_mi_drift drift_of(const double *x, const double *y, size_t n, const struct icl_mi_options *options)
{
    const struct icl_sampling sampling = {subsample_stream(2), 1};
    struct icl_column cx = column_of(x, n), cy = column_of(y, n);
    struct icl_mi_drift drift;
    assert_int_equal(icl_mi_find_drift(&cx, &cy, options, &sampling, scratch(), &drift, NULL), ICL_OK);
    icl_column_free(&cx);
    icl_column_free(&cy);
    return drift;
}

static void drift_is_seen(void **state)
{
    (void)state;
    enum { N = 2000 };
    static double x[N], y[N], noise[N];
    const struct icl_mi_options options = {.estimator = ICL_MI_AUTO};
    for (uint64_t seed = 1; seed <= 10; seed++) {
        draw_pair(&(struct pair_law){0.75, false, ICL_GATE_INDEPENDENT, 1}, seed, N, x, y);
        struct icl_mi_drift drift = drift_of(x, y, N, &options);
        assert_true(fabs(drift.over_n) < ICL_MI_DRIFT_LIMIT && fabs(drift.over_k) < ICL_MI_DRIFT_LIMIT);
        /* more information than the samples resolve: it grows with ln n, and with ln 1/k */
        draw_normal(seed, 9, N, noise);
        for (size_t i = 0; i < N; i++)
            y[i] = x[i] + 1e-5 * noise[i];
        drift = drift_of(x, y, N, &options);
        assert_true(drift.over_n < -10 && drift.over_k < -10);
    }
}

/* over_k is the difference of two estimates over the larger error; over_n that of the mean of four random quarters. */
static void drift_by_its_formula(void **state)
{
    (void)state;
    enum { N = 400, M = N / 4 };
    double x[N], y[N], px[M], py[M];
    uint32_t permutation[N];
    draw_pair(&(struct pair_law){0.9, false, ICL_GATE_INDEPENDENT, 1}, 5, N, x, y);
    const struct icl_mi_options options = {.estimator = ICL_MI_KSG1, .k = 3},
                                wide = {.estimator = ICL_MI_KSG1, .k = 12};
    const struct icl_mi_drift drift = drift_of(x, y, N, &options);
    const struct icl_interval one = interval_of(x, y, N, &options, 1), other = interval_of(x, y, N, &wide, 1);
    assert_near(drift.over_k, (other.estimate - one.estimate) / fmax(one.se, other.se), 1e-12);
    const struct icl_mi_options table = {.estimator = ICL_MI_PLUGIN, .bins = 3};
    assert_true(isnan(drift_of(x, y, N, &table).over_k));

    /* of a table, which sees no neighbours: discrete values, so that a part is as good as a column of its own */
    for (size_t i = 0; i < N; i++) {
        x[i] = rint(fmax(-1, fmin(1, x[i])));
        y[i] = rint(fmax(-1, fmin(1, y[i])));
    }
    struct icl_stream stream = subsample_stream(2);
    stream.step = 4;
    icl_random_permutation(&stream, N, permutation);
    double mean = 0, squares = 0;
    for (size_t p = 0; p < 4; p++) {
        for (size_t i = 0; i < M; i++) {
            px[i] = x[permutation[p * M + i]];
            py[i] = y[permutation[p * M + i]];
        }
        const struct icl_interval part = interval_of(px, py, M, &table, 1);
        mean += part.estimate / 4;
        squares += part.se * part.se;
    }
    const struct icl_interval whole = interval_of(x, y, N, &table, 1);
    assert_near(drift_of(x, y, N, &table).over_n, (mean - whole.estimate) / fmax(whole.se, sqrt(squares) / 4), 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(standard_error_by_its_formula), cmocka_unit_test(standard_error_is_near_the_true_sd),
        cmocka_unit_test(block_error_by_its_formula),    cmocka_unit_test(intervals_by_their_formulas),
        cmocka_unit_test(intervals_of_other_estimators), cmocka_unit_test(odd_columns_have_plain_errors),
        cmocka_unit_test(errors_come_through),           cmocka_unit_test(intervals_hold_the_truth),
        cmocka_unit_test(blocks_see_dependent_samples),  cmocka_unit_test(drift_is_seen),
        cmocka_unit_test(drift_by_its_formula),          cmocka_unit_test(few_splits_have_few_degrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
