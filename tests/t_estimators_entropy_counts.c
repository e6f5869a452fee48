/* Entropies of counts: stored answers, plain second ways, closed forms, what a posterior has to fulfil. */
#include "tests/estimators_support.h"

#include <gsl/gsl_integration.h>
#include <gsl/gsl_sf_expint.h>
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_psi.h>
#include <stdio.h>
#include <stdlib.h>

#include "estimators/entropy_counts.h"

enum { MOST_CELLS = 1000 };

static struct icl_count_entropy result_of_counts(const uint64_t *count, size_t cells, enum icl_count_correction c)
{
    struct icl_count_entropy found;
    struct icl_error err;
    const struct icl_mark before = icl_workspace_mark(scratch());
    if (icl_entropy_counts(count, cells, c, scratch(), &found, &err) != ICL_OK)
        fail_msg("%s: %s", icl_correction_names[c], err.message);
    const struct icl_mark after = icl_workspace_mark(scratch());
    assert_true(before.block == after.block && before.used == after.used);
    return found;
}

static double entropy_of(const uint64_t *count, size_t cells, enum icl_count_correction c)
{
    return result_of_counts(count, cells, c).entropy;
}

/* ---- stored answers ------------------------------------------------------------------------------------------- */

static size_t read_counts(char *text, uint64_t *count)
{
    size_t cells = 0;
    char *rest;
    for (char *at = strtok_r(text, ",\n", &rest); at != NULL; at = strtok_r(NULL, ",\n", &rest))
        count[cells++] = strtoull(at, NULL, 10);
    return cells;
}

static void agrees_with_stored_answers(void **state)
{
    (void)state;
    FILE *file = fopen("tests/vectors/counts.tsv", "r");
    if (file == NULL) fail_msg("tests/vectors/counts.tsv: not there (tests run from the top of the tree)");
    char line[1024];
    unsigned seen[ICL_CORRECTION_COUNT] = {0};
    while (fgets(line, sizeof line, file) != NULL) {
        char name[32], value[32], sd[32], tool[32], list[800];
        size_t cells;
        uint64_t count[MOST_CELLS] = {0};
        if (sscanf(line, "%31[^\t] %zu %31[^\t] %31[^\t] %31[^\t] %799[^\t\n]", name, &cells, value, sd, tool, list) !=
            6)
            continue;
        int c = 0;
        while (c < ICL_CORRECTION_COUNT && strcmp(name, icl_correction_names[c]) != 0)
            c++;
        assert_true(c < ICL_CORRECTION_COUNT && cells <= MOST_CELLS);
        assert_true(read_counts(list, count) <= cells);
        const struct icl_count_entropy found = result_of_counts(count, cells, (enum icl_count_correction)c);
        /* ndd's integral is good to about .005 of the sd */
        const double spread = strtod(sd, NULL), tolerance = strcmp(tool, "ndd") == 0 ? .01 * spread : 2e-12;
        if (!is_near(found.entropy, strtod(value, NULL), tolerance) || !is_near(found.sd, spread, tolerance))
            fail_msg("%s of %s, %s: %.17g, sd %.17g", name, line, tool, found.entropy, found.sd);
        seen[c]++;
    }
    fclose(file);
    for (int c = 0; c < ICL_CORRECTION_COUNT; c++)
        assert_true(seen[c] >= 7);
}

/* ---- the formulas as they are written ------------------------------------------------------------------------- */

static double total_of(const uint64_t *count, size_t cells)
{
    double total = 0;
    for (size_t i = 0; i < cells; i++)
        total += (double)count[i];
    return total;
}

static double plain_none(const uint64_t *count, size_t cells)
{
    const double n = total_of(count, cells);
    double sum = 0;
    for (size_t i = 0; i < cells; i++)
        if (count[i] > 0) sum += (double)count[i] / n * log(n / (double)count[i]);
    return sum;
}

static double plain_miller_madow(const uint64_t *count, size_t cells)
{
    size_t occupied = 0;
    for (size_t i = 0; i < cells; i++)
        occupied += count[i] != 0;
    return plain_none(count, cells) + ((double)occupied - 1) / 2 / total_of(count, cells);
}

static double plain_chao_shen(const uint64_t *count, size_t cells)
{
    const double n = total_of(count, cells);
    double f1 = 0, sum = 0;
    for (size_t i = 0; i < cells; i++)
        f1 += count[i] == 1 ? 1 : 0;
    if (f1 == n) f1 = n - 1;
    for (size_t i = 0; i < cells; i++) {
        const double p = (1 - f1 / n) * (double)count[i] / n;
        if (p > 0) sum -= p * log(p) / (1 - pow(1 - p, n));
    }
    return sum;
}

/* psi(n) + (-1)^n [psi((n+1)/2) - psi(n/2)] / 2. */
static double plain_g(double n)
{
    const double sign = fmod(n, 2) == 0 ? 1 : -1;
    return gsl_sf_psi(n) + sign / 2 * (gsl_sf_psi((n + 1) / 2) - gsl_sf_psi(n / 2));
}

static double plain_grassberger(const uint64_t *count, size_t cells)
{
    const double n = total_of(count, cells);
    double sum = log(n);
    for (size_t i = 0; i < cells; i++)
        if (count[i] > 0) sum -= (double)count[i] / n * plain_g((double)count[i]);
    return sum;
}

static double plain_james_stein(const uint64_t *count, size_t cells)
{
    const double n = total_of(count, cells), k = (double)cells;
    double squares = 0, distance = 0, sum = 0;
    for (size_t i = 0; i < cells; i++) {
        squares += pow((double)count[i] / n, 2);
        distance += pow(1 / k - (double)count[i] / n, 2);
    }
    double weight = (1 - squares) / ((n - 1) * distance);
    if (!(weight < 1)) weight = 1;
    for (size_t i = 0; i < cells; i++) {
        const double p = weight / k + (1 - weight) * (double)count[i] / n;
        if (p > 0) sum -= p * log(p);
    }
    return sum;
}

/* The posterior by adaptive quadrature over u = b / (1 + b), cell by cell. */
struct posterior {
    const uint64_t *count;
    size_t cells;
    double top;
    int power; /* of the entropy given b */
};

static double log_posterior(const struct posterior *p, double b)
{
    const double n = total_of(p->count, p->cells), k = (double)p->cells;
    double sum = gsl_sf_lngamma(k * b) - gsl_sf_lngamma(n + k * b);
    for (size_t i = 0; i < p->cells; i++)
        sum += gsl_sf_lngamma((double)p->count[i] + b) - gsl_sf_lngamma(b);
    return sum + log(k * gsl_sf_psi_1(k * b + 1) - gsl_sf_psi_1(b + 1));
}

/* E[H | b] and E[H^2 | b]. */
static double plain_moment(const struct posterior *p, double b)
{
    const double whole = total_of(p->count, p->cells) + (double)p->cells * b;
    double mean = 0, square = 0;
    for (size_t i = 0; i < p->cells; i++) {
        const double x = (double)p->count[i] + b;
        mean += x / whole * (gsl_sf_psi(whole + 1) - gsl_sf_psi(x + 1));
        const double d = gsl_sf_psi(x + 2) - gsl_sf_psi(whole + 2);
        square += x * (x + 1) * (d * d + gsl_sf_psi_1(x + 2) - gsl_sf_psi_1(whole + 2));
        for (size_t j = 0; j < p->cells && p->power == 2; j++) {
            if (j == i) continue;
            const double y = (double)p->count[j] + b;
            square += x * y *
                      ((gsl_sf_psi(x + 1) - gsl_sf_psi(whole + 2)) * (gsl_sf_psi(y + 1) - gsl_sf_psi(whole + 2)) -
                       gsl_sf_psi_1(whole + 2));
        }
    }
    return p->power == 1 ? mean : square / (whole * (whole + 1));
}

static double posterior_at(double u, void *context)
{
    const struct posterior *p = context;
    const double b = u / (1 - u), weight = exp(log_posterior(p, b) - p->top) / ((1 - u) * (1 - u));
    return weight * (p->power == 0 ? 1 : plain_moment(p, b));
}

static void plain_nsb(const uint64_t *count, size_t cells, double *mean, double *sd)
{
    struct posterior p = {count, cells, -INFINITY, 0};
    for (double u = 1e-4; u < 1; u += 1e-3)
        p.top = fmax(p.top, log_posterior(&p, u / (1 - u)));
    gsl_integration_workspace *ws = gsl_integration_workspace_alloc(2000);
    double part[3], error;
    for (p.power = 0; p.power <= 2; p.power++) {
        const gsl_function f = {posterior_at, &p};
        part[p.power] = 0;
        const double edges[] = {1e-10, 1e-3, .05, .5, .95, .9999}; /* beyond the last the trigammas cancel */
        for (size_t e = 0; e + 1 < COUNT_OF(edges); e++) {
            double value;
            gsl_integration_qag(&f, edges[e], edges[e + 1], 0, 1e-9, 2000, GSL_INTEG_GAUSS31, ws, &value, &error);
            part[p.power] += value;
        }
    }
    gsl_integration_workspace_free(ws);
    *mean = part[1] / part[0];
    *sd = sqrt(part[2] / part[0] - *mean * *mean);
}

/* Counts of a law that falls off, some of them 0. */
static void draw_counts(uint64_t seed, size_t cells, size_t samples, uint64_t *count)
{
    const struct icl_stream stream = test_stream(seed, 3);
    memset(count, 0, cells * sizeof *count);
    for (size_t e = 0; e < samples; e++) {
        const size_t first = icl_random_below(&stream, 2 * e, cells);
        count[icl_random_below(&stream, 2 * e + 1, first + 1)]++;
    }
}

static void agrees_with_the_plain_ways(void **state)
{
    (void)state;
    static double (*const plain[ICL_CORRECTION_COUNT])(const uint64_t *, size_t) = {
        [ICL_CORRECTION_MILLER_MADOW] = plain_miller_madow, [ICL_CORRECTION_NONE] = plain_none,
        [ICL_CORRECTION_CHAO_SHEN] = plain_chao_shen,       [ICL_CORRECTION_GRASSBERGER] = plain_grassberger,
        [ICL_CORRECTION_JAMES_STEIN] = plain_james_stein,
    };
    uint64_t count[64];
    for (uint64_t seed = 1; seed <= 40; seed++) {
        const size_t cells = 1 + (size_t)(seed * 7 % 41), samples = 1 + (size_t)(seed * seed % 211);
        draw_counts(seed, cells, samples, count);
        for (int c = 0; c < ICL_CORRECTION_COUNT; c++) {
            if (plain[c] == NULL) continue;
            const struct icl_count_entropy found = result_of_counts(count, cells, (enum icl_count_correction)c);
            assert_near(found.entropy, plain[c](count, cells), 1e-12);
            assert_near(found.sd, NAN, 0);
        }
    }
}

static void nsb_agrees_with_another_quadrature(void **state)
{
    (void)state;
    uint64_t count[64];
    for (uint64_t seed = 1; seed <= 6; seed++) {
        const size_t cells = 2 + (size_t)(seed * 5 % 17), samples = 12 + (size_t)(seed * seed * 3 % 97);
        draw_counts(seed + 100, cells, samples, count);
        double mean, sd;
        plain_nsb(count, cells, &mean, &sd);
        const struct icl_count_entropy found = result_of_counts(count, cells, ICL_CORRECTION_NSB);
        /* the other one leaves out b > 10^4, where some 1e-5 of the posterior may be, at nearly the same entropy */
        assert_near(found.entropy, mean, 1e-5);
        assert_near(found.sd, sd, 1e-4 * sd + 1e-6);
    }
}

/* ---- closed forms --------------------------------------------------------------------------------------------- */

/* E n G(n) = l ln l + l E1(2l) for Poisson counts of mean l: what makes G the right logarithm. */
static void grassberger_is_nearly_unbiased_for_poisson_counts(void **state)
{
    (void)state;
    for (double mean = .125; mean <= 32; mean *= 1.7) {
        double expected = 0;
        for (uint64_t n = 1; n < 250; n++) {
            const uint64_t one[] = {n};
            const double g = log((double)n) - entropy_of(one, 1, ICL_CORRECTION_GRASSBERGER);
            expected += exp((double)n * log(mean) - mean - gsl_sf_lngamma((double)n + 1)) * (double)n * g;
        }
        assert_near(expected, mean * log(mean) + mean * gsl_sf_expint_E1(2 * mean), 1e-11 * (1 + mean));
    }
}

/* With one sample all cells are alike: the posterior mean is that of the prior, ln(K) / 2, and the law of H too. */
static void one_sample_leaves_the_prior(void **state)
{
    (void)state;
    uint64_t *count = calloc(100000, sizeof *count);
    assert_non_null(count);
    count[0] = 1;
    static const size_t cells[] = {2, 3, 10, 1000, 100000};
    for (size_t c = 0; c < COUNT_OF(cells); c++) {
        const struct icl_count_entropy found = result_of_counts(count, cells[c], ICL_CORRECTION_NSB);
        const double most = log((double)cells[c]);
        assert_near(found.entropy, most / 2, 1e-11);
        assert_true(found.sd > most / sqrt(12)); /* H about a mean that is uniform */
        assert_true(found.sd < most / sqrt(12) + .1);
    }
    free(count);
}

static void large_and_odd_tables(void **state)
{
    (void)state;
    const double inf = (double)(UINT64_C(1) << 52);
    /* many samples: all corrections vanish */
    const uint64_t large[] = {UINT64_C(1) << 51, UINT64_C(1) << 50, UINT64_C(1) << 50, 0};
    for (int c = 0; c < ICL_CORRECTION_COUNT; c++) {
        const struct icl_count_entropy found = result_of_counts(large, 4, (enum icl_count_correction)c);
        assert_near(found.entropy, 1.5 * M_LN2, 1e-13);
        if (c == ICL_CORRECTION_NSB) assert_true(found.sd > 0 && found.sd < 10 / sqrt(inf));
    }
    /* one cell; no cell that is occupied; a first sample */
    const uint64_t one[] = {17}, none[] = {0, 0, 0}, first[] = {0, 1};
    for (int c = 0; c < ICL_CORRECTION_COUNT; c++) {
        const enum icl_count_correction correction = (enum icl_count_correction)c;
        if (c != ICL_CORRECTION_GRASSBERGER) assert_near(entropy_of(one, 1, correction), 0, 1e-15);
        assert_near(entropy_of(none, 3, correction), 0, 0);
        assert_near(result_of_counts(none, 3, correction).sd, NAN, 0);
        assert_near(entropy_of(none, 0, correction), 0, 0);
        assert_true(isfinite(entropy_of(first, 2, correction)));
    }
    assert_near(result_of_counts(one, 1, ICL_CORRECTION_NSB).sd, 0, 0);
    /* singletons only, a support far beyond them, and a posterior far from ln b = 0 on either side */
    static uint64_t many[200000];
    for (size_t i = 0; i < 1000; i++)
        many[i] = 1;
    const struct icl_count_entropy unseen = result_of_counts(many, COUNT_OF(many), ICL_CORRECTION_NSB);
    assert_true(unseen.entropy > log(1000) + 3 && unseen.entropy < log((double)COUNT_OF(many)));
    many[0] = 1000000000;
    for (size_t i = 1; i < 1000; i++)
        many[i] = 0;
    const struct icl_count_entropy sure = result_of_counts(many, COUNT_OF(many), ICL_CORRECTION_NSB);
    assert_true(sure.entropy > 0 && sure.entropy < 1e-7 && sure.sd > 0 && sure.sd < 1e-6);
    for (size_t i = 0; i < 1000; i++)
        many[i] = 1000;
    const struct icl_count_entropy flat = result_of_counts(many, 1000, ICL_CORRECTION_NSB);
    assert_near(flat.entropy, log(1000), 1e-3);
}

/* ---- what must not matter ------------------------------------------------------------------------------------- */

static void empty_cells_and_order(void **state)
{
    (void)state;
    enum { CELLS = 30 };
    uint64_t count[CELLS], turned[CELLS], packed[CELLS];
    for (uint64_t seed = 1; seed <= 10; seed++) {
        draw_counts(seed + 50, CELLS, 70, count);
        size_t kept = 0;
        for (size_t i = 0; i < CELLS; i++) {
            turned[CELLS - 1 - i] = count[i];
            if (count[i] > 0) packed[kept++] = count[i];
        }
        assert_true(kept < CELLS);
        for (int c = 0; c < ICL_CORRECTION_COUNT; c++) {
            const enum icl_count_correction correction = (enum icl_count_correction)c;
            const double plain = entropy_of(count, CELLS, correction);
            const bool support = c == ICL_CORRECTION_JAMES_STEIN || c == ICL_CORRECTION_NSB;
            assert_near(entropy_of(turned, CELLS, correction), plain, c == ICL_CORRECTION_NSB ? 0 : 1e-14);
            if (support) /* more cells, more entropy */
                assert_true(entropy_of(packed, kept, correction) < plain);
            else
                assert_near(entropy_of(packed, kept, correction), plain, 0);
        }
    }
}

/* ---- truths --------------------------------------------------------------------------------------------------- */

/* As many samples as cells: bounds on the mean errors, by which the corrections are told apart. */
static void errors_on_known_laws(void **state)
{
    (void)state;
    enum { CELLS = 100, SAMPLES_DRAWN = 100, SEEDS = 200 };
    static const struct {
        const char *name;
        double power; /* p ~ 1 / rank^power */
        double most[ICL_CORRECTION_COUNT];
    } laws[] = {
        /* miller-madow, none, chao-shen, grassberger, james-stein, nsb */
        {"flat", 0, {.27, .60, .10, .06, .01, .09}},
        {"Zipf", 1, {.30, .50, .09, .13, .06, .10}},
    };
    print_message("# seeds 1..%d\n", SEEDS);
    for (size_t l = 0; l < COUNT_OF(laws); l++) {
        double weight[CELLS], sum = 0, truth = 0;
        for (size_t i = 0; i < CELLS; i++)
            sum += weight[i] = pow((double)i + 1, -laws[l].power);
        for (size_t i = 0; i < CELLS; i++)
            truth -= weight[i] / sum * log(weight[i] / sum);
        struct summary found[ICL_CORRECTION_COUNT] = {0};
        for (uint64_t seed = 1; seed <= SEEDS; seed++) {
            double u[SAMPLES_DRAWN];
            uint64_t count[CELLS] = {0};
            draw_uniform(seed, 5, SAMPLES_DRAWN, u);
            for (size_t e = 0; e < SAMPLES_DRAWN; e++) {
                size_t cell = 0;
                for (double rest = u[e] * sum - weight[0]; rest > 0 && cell + 1 < CELLS; rest -= weight[cell])
                    cell++;
                count[cell]++;
            }
            for (int c = 0; c < ICL_CORRECTION_COUNT; c++) {
                const struct icl_count_entropy h = result_of_counts(count, CELLS, (enum icl_count_correction)c);
                summary_add(&found[c], h.entropy - truth);
            }
        }
        for (int c = 0; c < ICL_CORRECTION_COUNT; c++)
            print_message("# %s, %s: error %+.3f, sd %.3f\n", laws[l].name, icl_correction_names[c], found[c].mean,
                          summary_sd(&found[c]));
        for (int c = 0; c < ICL_CORRECTION_COUNT; c++)
            if (!(fabs(found[c].mean) <= laws[l].most[c]))
                fail_msg("%s, %s: mean error %g", laws[l].name, icl_correction_names[c], found[c].mean);
        assert_true(found[ICL_CORRECTION_NONE].mean < found[ICL_CORRECTION_MILLER_MADOW].mean);
    }
}

/* b from the prior, a table of counts from b by Polya's urn: over such tables the posterior means average to the prior
 * mean ln(K)/2, and their variance and the mean posterior variance add up to the prior variance, which one sample
 * leaves as it is. */
static void nsb_is_a_posterior(void **state)
{
    (void)state;
    enum { CELLS = 12, DRAWS = 3000, URN = 20 };
    print_message("# draws 1..%d\n", DRAWS);
    const uint64_t single[CELLS] = {1};
    const struct icl_count_entropy prior = result_of_counts(single, CELLS, ICL_CORRECTION_NSB);
    struct summary mean = {0}, variance = {0};
    for (uint64_t draw = 1; draw <= DRAWS; draw++) {
        double u[2 * URN + 1];
        draw_uniform(draw, 9, COUNT_OF(u), u);
        double low = -40, high = 40; /* psi(K b + 1) - psi(b + 1) = u ln K by bisection in ln b */
        for (int i = 0; i < 60; i++) {
            const double middle = (low + high) / 2, b = exp(middle);
            const double slope =
                b < 1e6 ? gsl_sf_psi(CELLS * b + 1) - gsl_sf_psi(b + 1) : log(CELLS) - (1 - 1. / CELLS) / (2 * b);
            if (slope < u[0] * log(CELLS))
                low = middle;
            else
                high = middle;
        }
        const double b = exp(low);
        uint64_t count[CELLS] = {0};
        for (size_t e = 0; e < URN; e++) {
            /* an old ball's cell with probability e / (e + K b), a new cell otherwise */
            size_t cell = (size_t)(u[2 * e + 2] * CELLS);
            const double at = u[2 * e + 1] * ((double)e + CELLS * b);
            if (at < (double)e) {
                double left = at;
                for (cell = 0; left >= (double)count[cell]; cell++)
                    left -= (double)count[cell];
            }
            count[cell]++;
        }
        const struct icl_count_entropy found = result_of_counts(count, CELLS, ICL_CORRECTION_NSB);
        summary_add(&mean, found.entropy);
        summary_add(&variance, found.sd * found.sd + pow(found.entropy - log(CELLS) / 2, 2));
    }
    assert_near(mean.mean, log(CELLS) / 2, 4 * summary_error(&mean));
    assert_near(variance.mean, prior.sd * prior.sd, 4 * summary_error(&variance));
}

/* ---- the rest ------------------------------------------------------------------------------------------------- */

static void names_and_refusals(void **state)
{
    (void)state;
    static const char *const names[] = {"miller-madow", "none", "chao-shen", "grassberger", "james-stein", "nsb"};
    assert_int_equal(COUNT_OF(names), ICL_CORRECTION_COUNT);
    for (size_t c = 0; c < COUNT_OF(names); c++) {
        assert_string_equal(icl_correction_names[c], names[c]);
        assert_non_null(icl_correction_texts[c]);
    }
    assert_null(icl_correction_names[ICL_CORRECTION_COUNT]);
    assert_int_equal(ICL_CORRECTION_MILLER_MADOW, 0);
    const uint64_t count[] = {1, 2};
    struct icl_count_entropy found;
    struct icl_error err;
    assert_int_equal(icl_entropy_counts(count, 2, ICL_CORRECTION_COUNT, scratch(), &found, &err), ICL_ERR_USAGE);
    assert_non_null(strstr(err.message, "number 6"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_stored_answers),
        cmocka_unit_test(agrees_with_the_plain_ways),
        cmocka_unit_test(nsb_agrees_with_another_quadrature),
        cmocka_unit_test(grassberger_is_nearly_unbiased_for_poisson_counts),
        cmocka_unit_test(one_sample_leaves_the_prior),
        cmocka_unit_test(large_and_odd_tables),
        cmocka_unit_test(empty_cells_and_order),
        cmocka_unit_test(errors_on_known_laws),
        cmocka_unit_test(nsb_is_a_posterior),
        cmocka_unit_test(names_and_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
