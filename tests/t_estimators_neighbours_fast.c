/* The strips of the plane and the counts in its margins against loops over all pairs, to the last bit, by every variant
 * the processor has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "estimators/cpu/knn.h"
#include "estimators/mutual_information.h"
#include "estimators/total_correlation.h"
#include "kernels/random.h"

enum { MOST_POINTS = 2000, CASES = 1200, LARGE_CASES = 30, SEED = 17 };

static struct icl_workspace *scratch;

/* Calls `test` once for each variant; says which were left out. */
static void with_each_variant(void (*test)(const void *), const void *given)
{
    for (size_t v = 0; icl_knn_variants[v] != NULL; v++) {
        if (!icl_knn_variants[v]->supported()) continue;
        icl_knn_use(icl_knn_variants[v]);
        test(given);
    }
    icl_knn_use(NULL);
}

/* ---- samples -------------------------------------------------------------------------------------------------- */

/* One value of a law from a normal and a uniform number; i of n. */
typedef double law(double normal, double uniform, size_t i, size_t n);

static double plain(double z, double u, size_t i, size_t n)
{
    (void)u, (void)i, (void)n;
    return z;
}
static double half_silent(double z, double u, size_t i, size_t n)
{
    (void)i, (void)n;
    return u < .5 ? 0 : z;
}
static double rectified(double z, double u, size_t i, size_t n)
{
    (void)u, (void)i, (void)n;
    return z > 0 ? z : 0;
}
static double mostly_silent(double z, double u, size_t i, size_t n)
{
    (void)i, (void)n;
    return u < .93 ? 0 : z;
}
static double clipped(double z, double u, size_t i, size_t n)
{
    (void)u, (void)i, (void)n;
    return z < -.3 ? -.3 : z > .8 ? .8 : z;
}
static double whole_numbers(double z, double u, size_t i, size_t n)
{
    (void)u, (void)i, (void)n;
    return rint(2 * z);
}
/* 0.1 is no double: equal steps differ in the last bit. */
static double tenths(double z, double u, size_t i, size_t n)
{
    (void)u, (void)i, (void)n;
    return .1 * rint(10 * z);
}
static double wide_lattice(double z, double u, size_t i, size_t n)
{
    (void)u, (void)i, (void)n;
    return 10 * rint(z);
}
static double fine_lattice(double z, double u, size_t i, size_t n)
{
    (void)u, (void)i, (void)n;
    return 1e-3 * rint(200 * z);
}
static double silent_lattice(double z, double u, size_t i, size_t n)
{
    (void)i, (void)n;
    return u < .5 ? 0 : .1 * rint(20 * z);
}
static double two_values(double z, double u, size_t i, size_t n)
{
    (void)z, (void)i, (void)n;
    return u < .02 ? 1 : 0;
}
static double constant(double z, double u, size_t i, size_t n)
{
    (void)z, (void)u, (void)i, (void)n;
    return .1;
}
static double clusters(double z, double u, size_t i, size_t n)
{
    (void)u, (void)n;
    return 1e3 * (double)(i % 5) + 1e-7 * z;
}
static double heavy_tails(double z, double u, size_t i, size_t n)
{
    (void)z, (void)i, (void)n;
    return pow(fabs(u - .5), -20) * (u < .5 ? -1 : 1);
}
static double cauchy(double z, double u, size_t i, size_t n)
{
    (void)u, (void)i, (void)n;
    return tan(1.5 * erf(z));
}
static double organ_pipe(double z, double u, size_t i, size_t n)
{
    (void)z, (void)u;
    return (double)(i < n / 2 ? i : n - i);
}
static double tiny(double z, double u, size_t i, size_t n)
{
    (void)u, (void)i, (void)n;
    return z * DBL_MIN;
}
static double offset(double z, double u, size_t i, size_t n)
{
    (void)u, (void)i, (void)n;
    return 1e15 + z * 4;
}

static const struct {
    const char *name;
    law *value;
} laws[] = {
    {"plain", plain},
    {"half silent", half_silent},
    {"rectified", rectified},
    {"mostly silent", mostly_silent},
    {"clipped", clipped},
    {"whole numbers", whole_numbers},
    {"tenths", tenths},
    {"fine lattice", fine_lattice},
    {"silent lattice", silent_lattice},
    {"two values", two_values},
    {"constant", constant},
    {"clusters", clusters},
    {"heavy tails", heavy_tails},
    {"Cauchy", cauchy},
    {"organ pipe", organ_pipe},
    {"tiny", tiny},
    {"offset", offset},
    {"wide lattice", wide_lattice},
};
enum { LAWS = sizeof laws / sizeof *laws };

/* A pair of columns with its margins. */
struct sample {
    size_t n;
    unsigned k;
    const char *law[2];
    double value[2][MOST_POINTS], ascending[2][MOST_POINTS];
    uint32_t order[2][MOST_POINTS];
    struct icl_sorted_points points;
};

static const double *sorting;

static int compare_samples(const void *a, const void *b)
{
    const uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    if (sorting[i] != sorting[j]) return sorting[i] < sorting[j] ? -1 : 1;
    return (i > j) - (i < j);
}

static void draw(struct sample *s, const unsigned *which, double rho, uint32_t number)
{
    double z[2][MOST_POINTS], u[MOST_POINTS];
    for (uint32_t a = 0; a < 2; a++)
        icl_random_normal(&(struct icl_stream){SEED, ICL_PURPOSE_LAW, number, a}, 0, s->n, z[a]);
    for (uint32_t a = 0; a < 2; a++) {
        icl_random_uniform(&(struct icl_stream){SEED, ICL_PURPOSE_LAW, number, 2 + a}, 0, s->n, u);
        s->law[a] = laws[which[a]].name;
        for (size_t i = 0; i < s->n; i++) {
            const double normal = a == 0 ? z[0][i] : rho * z[0][i] + sqrt(1 - rho * rho) * z[1][i];
            s->value[a][i] = laws[which[a]].value(normal, u[i], i, s->n) + 0.0;
            s->order[a][i] = (uint32_t)i;
        }
        sorting = s->value[a];
        qsort(s->order[a], s->n, sizeof *s->order[a], compare_samples);
        for (size_t r = 0; r < s->n; r++)
            s->ascending[a][r] = s->value[a][s->order[a][r]];
    }
    s->points = (struct icl_sorted_points){
        {s->n, 2, {s->value[0], s->value[1]}}, {s->ascending[0], s->ascending[1]}, {s->order[0], s->order[1]}};
}

/* Case `number` of a series: laws in all combinations first, then at random. */
static struct sample *make_case(uint32_t number, size_t most)
{
    static struct sample s;
    const struct icl_stream stream = {SEED, ICL_PURPOSE_LAW, number, 9};
    const unsigned which[2] = {number % LAWS, number / LAWS % LAWS};
    static const double rhos[] = {0, .6, -.95, .9999, 1};
    s.k = 1 + (unsigned)icl_random_below(&stream, 0, number % 7 == 0 ? ICL_STRIPS_MOST_NEIGHBOURS : 12);
    s.n = s.k + 1 + icl_random_below(&stream, 1, (uint32_t)most - s.k);
    if (number % 11 == 0) s.n = s.k + 1 + number % 3;
    draw(&s, which, rhos[icl_random_below(&stream, 2, 5)], number);
    return &s;
}

/* ---- the plain way -------------------------------------------------------------------------------------------- */

static struct {
    double radius[MOST_POINTS], extent[2][MOST_POINTS];
    uint32_t within[MOST_POINTS];
    uint32_t counts[3][2 * MOST_POINTS]; /* by enum icl_count_rule */
    double ksg1, ksg2, mesner_shalizi;
} oracle;

static uint32_t count_plainly(const double *x, size_t n, size_t i, double r, bool strict)
{
    uint32_t count = 0;
    for (size_t j = 0; j < n; j++)
        count += strict ? fabs(x[j] - x[i]) < r : fabs(x[j] - x[i]) <= r;
    return count;
}

static void ask_oracle(const struct sample *s)
{
    double *const extent[2] = {oracle.extent[0], oracle.extent[1]};
    const size_t n = s->n;
    const unsigned k = s->k;
    assert_int_equal(
        icl_neighbours_reference(&s->points.points, k, oracle.radius, oracle.within, extent, scratch, NULL), ICL_OK);
    const double *psi = icl_workspace_digamma(scratch, n + 1);
    assert_non_null(psi);
    double ksg1 = 0, ksg2 = 0, mesner_shalizi = 0;
    for (size_t i = 0; i < n; i++) {
        double psi_of[3][2];
        for (size_t a = 0; a < 2; a++) {
            uint32_t count[3];
            count[ICL_COUNT_INSIDE] = count_plainly(s->value[a], n, i, oracle.radius[i], true);
            count[ICL_COUNT_WITHIN] = count_plainly(s->value[a], n, i, oracle.radius[i], false);
            count[ICL_COUNT_IN_EXTENT] = count_plainly(s->value[a], n, i, extent[a][i], false);
            for (int rule = 0; rule < 3; rule++) {
                oracle.counts[rule][2 * i + a] = count[rule];
                psi_of[rule][a] = psi[rule != ICL_COUNT_INSIDE ? count[rule] - 1 : count[rule] > 0 ? count[rule] : 1];
            }
        }
        ksg1 += psi_of[ICL_COUNT_INSIDE][0];
        ksg1 += psi_of[ICL_COUNT_INSIDE][1];
        ksg2 += psi_of[ICL_COUNT_IN_EXTENT][0] + psi_of[ICL_COUNT_IN_EXTENT][1];
        mesner_shalizi += psi[oracle.within[i]] - psi_of[ICL_COUNT_WITHIN][0] - psi_of[ICL_COUNT_WITHIN][1];
    }
    oracle.ksg1 = psi[k] + psi[n] - ksg1 / (double)n;
    oracle.ksg2 = psi[k] - 1.0 / k + psi[n] - ksg2 / (double)n;
    oracle.mesner_shalizi = mesner_shalizi / (double)n + psi[n];
}

/* ---- comparison ----------------------------------------------------------------------------------------------- */

#define SAY(s, what, i)                                                                                                \
    fail_msg("%s: %s x %s, n = %zu, k = %u: %s of sample %zu", icl_knn()->name, (s)->law[0], (s)->law[1], (s)->n,      \
             (s)->k, what, (size_t)(i))

static void compare_neighbours(const struct sample *s, const struct icl_sorted_points *points)
{
    static double radius[MOST_POINTS], extent[2][MOST_POINTS];
    static uint32_t within[MOST_POINTS];
    memset(radius, 0xa5, sizeof radius);
    memset(extent, 0xa5, sizeof extent);
    memset(within, 0xa5, sizeof within);
    double *const axes[2] = {extent[0], extent[1]};
    assert_int_equal(icl_neighbours_sorted(points, s->k, radius, within, axes, scratch, NULL), ICL_OK);
    for (size_t i = 0; i < s->n; i++) {
        if (!(radius[i] == oracle.radius[i])) SAY(s, "radius", i);
        if (within[i] != oracle.within[i]) SAY(s, "within", i);
        for (unsigned a = 0; a < 2; a++)
            if (!(extent[a][i] == oracle.extent[a][i])) SAY(s, "extent", i);
    }
}

static void compare_counts(const struct sample *s, enum icl_count_rule rule)
{
    static uint32_t counts[2 * MOST_POINTS], within[MOST_POINTS];
    memset(counts, 0xa5, sizeof counts);
    memset(within, 0xa5, sizeof within);
    assert_int_equal(icl_neighbour_counts(&s->points, s->k, rule, within, counts, scratch, NULL), ICL_OK);
    for (size_t i = 0; i < s->n; i++) {
        if (within[i] != oracle.within[i]) SAY(s, "within beside the counts", i);
        for (size_t a = 0; a < 2; a++)
            if (counts[2 * i + a] != oracle.counts[rule][2 * i + a]) SAY(s, "count", i);
    }
}

/* To the last bit; a nan agrees with a nan. */
static void compare_value(const struct sample *s, const char *what, double value, double expected)
{
    if (memcmp(&value, &expected, sizeof value) != 0 && !(isnan(value) && isnan(expected)))
        fail_msg("%s: %s x %s, n = %zu, k = %u: %s %a for %a", icl_knn()->name, s->law[0], s->law[1], s->n, s->k, what,
                 value, expected);
}

static void compare_estimates(const struct sample *s)
{
    double value;
    assert_int_equal(icl_tc_ksg1_sorted(&s->points, s->k, scratch, &value, NULL), ICL_OK);
    compare_value(s, "KSG1", value, oracle.ksg1);
    assert_int_equal(icl_mi_ksg2_sorted(&s->points, s->k, scratch, &value, NULL), ICL_OK);
    compare_value(s, "KSG2", value, oracle.ksg2);
    assert_int_equal(icl_tc_mesner_shalizi_sorted(&s->points, s->k, scratch, &value, NULL), ICL_OK);
    compare_value(s, "Mesner-Shalizi", value, oracle.mesner_shalizi);
    const struct icl_plane plane = {s->n, s->value[0], s->value[1], s->ascending[0], s->ascending[1]};
    assert_int_equal(icl_mi_ksg1(&plane, s->k, scratch, &value, NULL), ICL_OK);
    compare_value(s, "KSG1 of a plane", value, oracle.ksg1);
    assert_int_equal(icl_mi_ksg2(&plane, s->k, scratch, &value, NULL), ICL_OK);
    compare_value(s, "KSG2 of a plane", value, oracle.ksg2);
    assert_int_equal(icl_mi_mesner_shalizi(&plane, s->k, scratch, &value, NULL), ICL_OK);
    compare_value(s, "Mesner-Shalizi of a plane", value, oracle.mesner_shalizi);
}

static void compare_all(const void *given)
{
    const struct sample *s = given;
    compare_neighbours(s, &s->points);
    struct icl_sorted_points without_order = s->points;
    without_order.order[0] = without_order.order[1] = NULL;
    compare_neighbours(s, &without_order);
    for (int rule = 0; rule < 3; rule++)
        compare_counts(s, (enum icl_count_rule)rule);
    compare_estimates(s);
}

/* ---- tests ---------------------------------------------------------------------------------------------------- */

static void variants_are_counted(void **state)
{
    (void)state;
    unsigned left_out = 0;
    for (size_t v = 0; icl_knn_variants[v] != NULL; v++) {
        if (icl_knn_variants[v]->supported()) continue;
        print_message("left out: the processor lacks %s\n", icl_knn_variants[v]->name);
        left_out++;
    }
    assert_true(icl_knn_variants[0]->supported());
    if (left_out > 0) skip();
}

static void small_cases_are_the_brute_force(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < CASES; c++) {
        const struct sample *s = make_case(c, 160);
        ask_oracle(s);
        with_each_variant(compare_all, s);
    }
}

/* Enough points for many strips, strips without width and lines. */
static void large_cases_are_the_brute_force(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < LARGE_CASES; c++) {
        static struct sample s;
        const uint32_t number = CASES + c;
        const struct icl_stream stream = {SEED, ICL_PURPOSE_LAW, number, 9};
        static const unsigned by_hand[][2] = {{0, 0}, {0, 1}, {1, 0}, {1, 1}, {2, 2}, {1, 4}, {8, 8}, {3, 1}, {0, 13}};
        const unsigned random[2] = {(unsigned)icl_random_below(&stream, 0, LAWS),
                                    (unsigned)icl_random_below(&stream, 1, LAWS)};
        const bool given = c < sizeof by_hand / sizeof *by_hand;
        s.n = MOST_POINTS - icl_random_below(&stream, 2, 20);
        s.k = 1 + (unsigned)icl_random_below(&stream, 3, 20);
        draw(&s, given ? by_hand[c] : random, .6, number);
        ask_oracle(&s);
        with_each_variant(compare_all, &s);
    }
}

/* Data of half zeros has strips without width and lines, and both hold many samples: else the cases above show less
 * than they say. */
static void atoms_make_lines(void **state)
{
    (void)state;
    static struct sample s;
    static const unsigned which[2] = {1, 1};
    s.n = MOST_POINTS;
    draw(&s, which, .5, 0);
    const struct icl_mark mark = icl_workspace_mark(scratch);
    struct icl_strip_index index;
    assert_int_equal(icl_strips_build(&s.points.points, s.points.sorted, s.points.order, scratch, &index, NULL),
                     ICL_OK);
    assert_int_equal(index.family[1].count, 1);
    const struct icl_strip *line = index.family[1].strip;
    assert_true(line->end - line->begin > MOST_POINTS / 3);
    bool without_width = false;
    for (size_t strip = 0; strip < index.family[0].count; strip++) {
        const struct icl_strip *one = &index.family[0].strip[strip];
        without_width |= one->low == 0 && one->high == 0 && one->end - one->begin > MOST_POINTS / 6;
    }
    assert_true(without_width);
    assert_true(index.family[0].count > 8);
    /* values that follow each other, each for many samples, are a line each */
    static const unsigned beside_lattice[2] = {0, LAWS - 1};
    draw(&s, beside_lattice, .5, 1);
    assert_int_equal(icl_strips_build(&s.points.points, s.points.sorted, s.points.order, scratch, &index, NULL),
                     ICL_OK);
    assert_int_equal(index.family[1].count, 5);
    for (unsigned l = 0; l < 5; l++)
        assert_true(index.family[1].strip[l].low == 10 * ((double)l - 2));
    icl_workspace_release(scratch, mark);
}

static void count_everywhere(const void *given)
{
    const struct sample *s = given;
    static const double radii[] = {0, 5e-324, 1e-9, .1, .30000000000000004, 1, 7, 1e300, INFINITY};
    for (size_t n = 1; n <= s->n; n = n < 80 ? n + 1 : 2 * n + 1) {
        /* the first n of the ascending values; points at them and beside them */
        const struct icl_mark mark = icl_workspace_mark(scratch);
        struct icl_margin margin;
        double *list = malloc(n * sizeof *list); /* of exactly this size: a step outside shows */
        assert_non_null(list);
        memcpy(list, s->ascending[0], n * sizeof *list);
        assert_int_equal(icl_margin_build(list, n, scratch, &margin, NULL), ICL_OK);
        for (size_t c = 0; c < sizeof radii / sizeof *radii; c++) {
            double x[24], r[24];
            uint32_t count[24];
            for (size_t i = 0; i < 24; i++) {
                const double at = s->ascending[0][i * n / 24];
                x[i] = i % 3 == 0 ? at : i % 3 == 1 ? nextafter(at, 1e300) : at - radii[c < 6 ? c : 5];
                r[i] = radii[c];
            }
            for (int strict = 0; strict < 2; strict++) {
                icl_margin_count(&margin, x, r, 24, strict != 0, count);
                for (size_t i = 0; i < 24; i++) {
                    uint32_t expected = 0;
                    for (size_t j = 0; j < n; j++)
                        expected +=
                            strict ? fabs(s->ascending[0][j] - x[i]) < r[i] : fabs(s->ascending[0][j] - x[i]) <= r[i];
                    if (count[i] != expected || count[i] != icl_count_within(s->ascending[0], n, x[i], r[i], strict))
                        SAY(s, "count in a margin", i);
                }
            }
        }
        free(list);
        icl_workspace_release(scratch, mark);
    }
}

static void margins_count_as_loops_do(void **state)
{
    (void)state;
    static struct sample s;
    for (unsigned one = 0; one < LAWS; one++) {
        const unsigned which[2] = {one, 0};
        s.n = 700;
        s.k = 1;
        draw(&s, which, 0, 5000 + one);
        with_each_variant(count_everywhere, &s);
    }
}

/* ---- one coordinate ---- */

static void walk_lines(const void *given)
{
    const struct sample *s = given;
    static double radius[MOST_POINTS];
    static uint32_t within[MOST_POINTS];
    static const unsigned ks[] = {1, 2, 3, 5, 8, 20, 40};
    for (size_t n = 2; n <= s->n; n = n < 60 ? n + 1 : 2 * n + 1) {
        double *list = malloc(n * sizeof *list); /* of exactly this size: a step outside shows */
        assert_non_null(list);
        memcpy(list, s->ascending[0], n * sizeof *list);
        for (size_t c = 0; c < sizeof ks / sizeof *ks && ks[c] < n; c++) {
            const unsigned k = ks[c];
            memset(radius, 0xa5, sizeof radius);
            memset(within, 0xa5, sizeof within);
            const size_t begin = n % 7 < n ? n % 7 : 0; /* in two pieces, as callers do */
            icl_knn()->line(list, n, k, 0, begin, radius, within);
            icl_knn()->line(list, n, k, begin, n - begin, radius + begin, within + begin);
            for (size_t p = 0; p < n; p++) {
                if (!(radius[p] == icl_kth_distance(list, n, p, k))) SAY(s, "k-th distance on a line", p);
                if (within[p] + 1 != count_plainly(list, n, p, radius[p], false)) SAY(s, "within on a line", p);
            }
        }
        free(list);
    }
}

static void lines_are_the_brute_force(void **state)
{
    (void)state;
    static struct sample s;
    for (unsigned one = 0; one < LAWS; one++) {
        const unsigned which[2] = {one, 0};
        s.n = 500;
        s.k = 1;
        draw(&s, which, 0, 8000 + one);
        with_each_variant(walk_lines, &s);
    }
}

/* Ross's estimate by loops, in the order of the library's sum. */
static double plain_ross(const double *ascending, const uint32_t *label, size_t n, uint32_t classes, unsigned k)
{
    static double all[MOST_POINTS], list[MOST_POINTS];
    size_t size[16] = {0}, kept = 0;
    for (size_t r = 0; r < n; r++)
        size[label[r]]++;
    for (size_t r = 0; r < n; r++)
        if (size[label[r]] >= 2) all[kept++] = ascending[r];
    const double *psi = icl_workspace_digamma(scratch, n + 1);
    double sum = 0;
    for (uint32_t c = 0; c < classes; c++) {
        if (size[c] < 2) continue;
        size_t m = 0;
        for (size_t r = 0; r < n; r++)
            if (label[r] == c) list[m++] = ascending[r];
        const unsigned kc = m - 1 < k ? (unsigned)(m - 1) : k;
        for (size_t p = 0; p < m; p++) {
            const double radius = icl_kth_distance(list, m, p, kc);
            uint32_t any = 0;
            for (size_t r = 0; r < kept; r++)
                any += fabs(all[r] - list[p]) <= radius;
            sum += psi[count_plainly(list, m, p, radius, false) - 1] - psi[m] - psi[any - 1];
        }
    }
    return kept > k ? psi[kept] + sum / (double)kept : NAN;
}

static void estimate_ross(const void *given)
{
    const struct sample *s = given;
    static uint32_t label[MOST_POINTS], order[MOST_POINTS];
    for (uint32_t classes = 1; classes <= 9; classes += 4) {
        const struct icl_stream stream = {SEED, ICL_PURPOSE_LAW, classes, 10};
        for (size_t r = 0; r < s->n; r++) {
            order[r] = (uint32_t)r;
            label[r] =
                icl_random_below(&stream, r, 3) == 0 ? 0 : (uint32_t)icl_random_below(&stream, 9000 + r, classes);
        }
        double value;
        assert_int_equal(icl_mi_ross(s->ascending[0], order, label, s->n, classes, s->k, scratch, &value, NULL),
                         ICL_OK);
        compare_value(s, "Ross", value, plain_ross(s->ascending[0], label, s->n, classes, s->k));
    }
}

static void ross_is_the_brute_force(void **state)
{
    (void)state;
    for (uint32_t c = 0; c < 5 * LAWS; c++)
        with_each_variant(estimate_ross, make_case(c, 600));
}

/* More neighbours than a list of the strips holds, one coordinate and three: the tree does it, with the same results.
 */
static void the_rest_is_left_to_the_tree(void **state)
{
    (void)state;
    static struct sample s;
    static const unsigned which[2] = {0, 1};
    s.n = 300;
    s.k = ICL_STRIPS_MOST_NEIGHBOURS + 1;
    draw(&s, which, .5, 6000);
    ask_oracle(&s);
    static uint32_t within[MOST_POINTS], counts[3 * MOST_POINTS];
    static double radius[MOST_POINTS];
    assert_int_equal(icl_neighbours_sorted(&s.points, s.k, radius, within, NULL, scratch, NULL), ICL_OK);
    assert_memory_equal(radius, oracle.radius, s.n * sizeof *radius);
    assert_memory_equal(within, oracle.within, s.n * sizeof *within);
    for (int rule = 0; rule < 2; rule++) {
        assert_int_equal(icl_neighbour_counts(&s.points, s.k, (enum icl_count_rule)rule, NULL, counts, scratch, NULL),
                         ICL_OK);
        assert_memory_equal(counts, oracle.counts[rule], 2 * s.n * sizeof *counts);
    }
    const unsigned last[2] = {2, 4};
    static struct sample third;
    third.n = s.n;
    draw(&third, last, 0, 6001);
    struct icl_sorted_points space = s.points;
    space.points.dimensions = 3;
    space.points.at[2] = third.value[0];
    space.sorted[2] = third.ascending[0];
    assert_int_equal(icl_neighbours_reference(&space.points, 4, oracle.radius, oracle.within, NULL, scratch, NULL),
                     ICL_OK);
    assert_int_equal(icl_neighbour_counts(&space, 4, ICL_COUNT_WITHIN, within, counts, scratch, NULL), ICL_OK);
    for (size_t i = 0; i < s.n; i++) {
        assert_int_equal(within[i], oracle.within[i]);
        for (unsigned a = 0; a < 3; a++)
            assert_int_equal(counts[3 * i + a], count_plainly(space.points.at[a], s.n, i, oracle.radius[i], false));
    }
}

static void too_few_points_are_refused(void **state)
{
    (void)state;
    static struct sample s;
    static const unsigned which[2] = {0, 0};
    s.n = 5;
    draw(&s, which, 0, 7000);
    double radius[5];
    uint32_t counts[10];
    struct icl_error err;
    assert_int_equal(icl_neighbours_sorted(&s.points, 5, radius, NULL, NULL, scratch, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "5 samples are too few for k = 5"));
    assert_int_equal(icl_neighbour_counts(&s.points, 0, ICL_COUNT_INSIDE, NULL, counts, scratch, &err), ICL_ERR_INPUT);
}

/* So many samples that margins are counted in bands: against the tree and bisection, which other tests hold against
 * loops. */
static void many_points_agree_with_the_tree(void **state)
{
    (void)state;
    enum { MANY = 70000, NEIGHBOURS = 4 };
    struct icl_column column[2];
    double *memory = malloc(5 * MANY * sizeof *memory);
    uint32_t *words = malloc(4 * MANY * sizeof *words);
    assert_true(memory != NULL && words != NULL);
    double *sorted[2] = {memory, memory + MANY}, *value = memory + 2 * MANY, *radius = memory + 3 * MANY,
           *found = memory + 4 * MANY;
    uint32_t *within = words, *expected = words + MANY, *counts = words + 2 * MANY;
    for (int silent = 0; silent < 2; silent++) {
        for (uint32_t a = 0; a < 2; a++) {
            const struct icl_stream stream = {SEED, ICL_PURPOSE_LAW, 9000, a}, gate = {SEED, ICL_PURPOSE_LAW, 9001, a};
            icl_random_normal(&stream, 0, MANY, value);
            for (size_t i = 0; i < MANY && silent != 0; i++)
                if (icl_random_below(&gate, i, 2) == 0) value[i] = 0;
            assert_int_equal(icl_column_prepare(&column[a], value, MANY, 1, scratch, NULL), ICL_OK);
            for (size_t r = 0; r < MANY; r++)
                sorted[a][r] = column[a].value[column[a].order[r]];
        }
        const struct icl_sorted_points points = {
            {MANY, 2, {column[0].value, column[1].value}}, {sorted[0], sorted[1]}, {column[0].order, column[1].order}};
        assert_int_equal(icl_neighbours(&points.points, NEIGHBOURS, radius, expected, NULL, scratch, NULL), ICL_OK);
        for (size_t v = 0; icl_knn_variants[v] != NULL; v++) {
            if (!icl_knn_variants[v]->supported()) continue;
            icl_knn_use(icl_knn_variants[v]);
            memset(words + 2 * MANY, 0xa5, 2 * MANY * sizeof *words);
            assert_int_equal(icl_neighbours_sorted(&points, NEIGHBOURS, found, within, NULL, scratch, NULL), ICL_OK);
            assert_memory_equal(found, radius, MANY * sizeof *radius);
            assert_memory_equal(within, expected, MANY * sizeof *within);
            assert_int_equal(icl_neighbour_counts(&points, NEIGHBOURS, ICL_COUNT_WITHIN, within, counts, scratch, NULL),
                             ICL_OK);
            assert_memory_equal(within, expected, MANY * sizeof *within);
            for (size_t i = 0; i < MANY; i++)
                for (size_t a = 0; a < 2; a++)
                    assert_int_equal(counts[2 * i + a],
                                     icl_count_within(sorted[a], MANY, points.points.at[a][i], radius[i], false));
        }
        icl_knn_use(NULL);
        icl_column_free(&column[0]);
        icl_column_free(&column[1]);
    }
    free(memory);
    free(words);
}

static int make_scratch(void **state)
{
    (void)state;
    return icl_workspace_create(&scratch, NULL) == ICL_OK ? 0 : 1;
}

static int free_scratch(void **state)
{
    (void)state;
    icl_workspace_free(scratch);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(variants_are_counted),
        cmocka_unit_test(small_cases_are_the_brute_force),
        cmocka_unit_test(large_cases_are_the_brute_force),
        cmocka_unit_test(atoms_make_lines),
        cmocka_unit_test(margins_count_as_loops_do),
        cmocka_unit_test(lines_are_the_brute_force),
        cmocka_unit_test(ross_is_the_brute_force),
        cmocka_unit_test(the_rest_is_left_to_the_tree),
        cmocka_unit_test(many_points_agree_with_the_tree),
        cmocka_unit_test(too_few_points_are_refused),
    };
    return cmocka_run_group_tests_name("fast neighbours", tests, make_scratch, free_scratch);
}
