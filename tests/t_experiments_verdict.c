/* The verdict engine: every edge of every rule, what several estimators come to, promised sample sizes, error rates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <gsl/gsl_cdf.h>

#include "experiments/verdict.h"
#include "kernels/random.h"
#include "tests/near.h"

static const uint64_t seed = 20190515;

static struct icl_interval interval_of(double estimate, double se, double df)
{
    struct icl_interval interval = {.estimate = estimate, .se = se, .df = df};
    icl_interval_set(&interval, .95);
    return interval;
}

/* An interval with these ends: for the rule of equality, which reads nothing else. */
static struct icl_interval between(double lo, double hi)
{
    return (struct icl_interval){.estimate = 2, .se = NAN, .df = NAN, .lo = lo, .hi = hi};
}

static struct icl_evidence evidence_of(enum icl_evidence_kind kind, struct icl_interval interval)
{
    return (struct icl_evidence){.estimator = "test", .kind = kind, .interval = interval, .n = 1000};
}

/* ---- one interval --------------------------------------------------------------------------------------------- */

static void equality_on_every_edge(void **state)
{
    (void)state;
    static const struct {
        double lo, hi;
        enum icl_verdict verdict;
    } cases[] = {
        {1.9, 2.1, ICL_HOLDS},       {1.75, 2.25, ICL_HOLDS},
        {1.75, 1.75, ICL_HOLDS},     {2.25, 2.25, ICL_HOLDS},
        {1.74, 2.1, ICL_UNDECIDED},  {1.9, 2.26, ICL_UNDECIDED},
        {1, 3, ICL_UNDECIDED},       {2.25, 2.5, ICL_UNDECIDED},
        {1.5, 1.75, ICL_UNDECIDED},  {2.2500001, 2.5, ICL_FAILS},
        {1.5, 1.7499999, ICL_FAILS}, {3, INFINITY, ICL_FAILS},
        {-INFINITY, 1, ICL_FAILS},   {-INFINITY, INFINITY, ICL_UNDECIDED},
        {NAN, 2, ICL_UNDECIDED},     {2, NAN, ICL_UNDECIDED},
        {NAN, 1, ICL_UNDECIDED},     {3, NAN, ICL_UNDECIDED},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const struct icl_interval interval = between(cases[c].lo, cases[c].hi);
        if (icl_judge_interval(ICL_RULE_EQUAL, 2, .25, &interval) != cases[c].verdict)
            fail_msg("[%g, %g]: not %s", cases[c].lo, cases[c].hi, icl_verdict_names[cases[c].verdict]);
        assert_int_equal(icl_judge_interval(ICL_RULE_MEASURE, NAN, 0, &interval), ICL_MEASURED);
    }
    /* a tolerance of 0 leaves one point */
    const struct icl_interval point = between(2, 2), wider = between(2, 2.0000001);
    assert_int_equal(icl_judge_interval(ICL_RULE_EQUAL, 2, 0, &point), ICL_HOLDS);
    assert_int_equal(icl_judge_interval(ICL_RULE_EQUAL, 2, 0, &wider), ICL_UNDECIDED);
}

static void nan_decides_nothing(void **state)
{
    (void)state;
    for (int rule = ICL_RULE_EQUAL; rule <= ICL_RULE_AT_LEAST; rule++) {
        const struct icl_interval no_estimate = {NAN, .01, 19, 1.99, 2.01}, no_error = interval_of(2, NAN, 19),
                                  nothing = interval_of(NAN, NAN, 19);
        assert_int_equal(icl_judge_interval((enum icl_rule)rule, 2, .25, &no_estimate), ICL_UNDECIDED);
        assert_int_equal(icl_judge_interval((enum icl_rule)rule, 2, .25, &no_error), ICL_UNDECIDED);
        assert_int_equal(icl_judge_interval((enum icl_rule)rule, 2, .25, &nothing), ICL_UNDECIDED);
    }
}

/* A bound looks at the same interval: 2.093024 standard errors at 19 degrees of freedom, 1.959964 at infinity. */
static void bounds_use_the_interval(void **state)
{
    (void)state;
    assert_near(gsl_cdf_tdist_Pinv(.975, 19), 2.093024054408263, 1e-9); /* tables of Student's t */
    static const double degrees[] = {1, 3, 19, 200, INFINITY};
    const double target = -3.5, tolerance = .125, se = .4, step = 1e-9;
    for (size_t d = 0; d < sizeof degrees / sizeof degrees[0]; d++) {
        const double df = degrees[d];
        const double reach = se * (isinf(df) ? gsl_cdf_ugaussian_Pinv(.975) : gsl_cdf_tdist_Pinv(.975, df));
        for (int sign = -1; sign <= 1; sign += 2) {
            const enum icl_rule rule = sign > 0 ? ICL_RULE_AT_MOST : ICL_RULE_AT_LEAST;
            const double edge = target + sign * tolerance;
            static const enum icl_verdict expected[] = {ICL_HOLDS, ICL_UNDECIDED, ICL_UNDECIDED, ICL_UNDECIDED,
                                                        ICL_FAILS};
            const double beyond[] = {-reach - step, -reach + step, 0, reach - step, reach + step};
            for (size_t c = 0; c < sizeof expected / sizeof expected[0]; c++) {
                const struct icl_interval interval = interval_of(edge + sign * beyond[c], se, df);
                assert_int_equal(icl_judge_interval(rule, target, tolerance, &interval), expected[c]);
            }
            /* without error: exactly at the edge the bound holds */
            const struct icl_interval exact = interval_of(edge, 0, df), over = interval_of(edge + sign * step, 0, df);
            assert_int_equal(icl_judge_interval(rule, target, tolerance, &exact), ICL_HOLDS);
            assert_int_equal(icl_judge_interval(rule, target, tolerance, &over), ICL_FAILS);
        }
    }
}

/* ---- several estimators --------------------------------------------------------------------------------------- */

static void two_kinds_must_agree(void **state)
{
    (void)state;
    const struct icl_interval good = interval_of(2, .01, INFINITY), rough = interval_of(2, .02, INFINITY),
                              vague = interval_of(2, 1, INFINITY), high = interval_of(3, .01, INFINITY),
                              higher = interval_of(4, .02, INFINITY), low = interval_of(1, .01, INFINITY),
                              nothing = interval_of(NAN, NAN, INFINITY), below = interval_of(1.9, .01, INFINITY),
                              above = interval_of(2.1, .01, INFINITY);
    const enum icl_evidence_kind D = ICL_KIND_DECOMPOSITION, B = ICL_KIND_BINS, N = ICL_KIND_NEIGHBOURS;
    const struct {
        struct icl_evidence evidence[3];
        size_t count;
        enum icl_verdict verdict;
        size_t leading;
        bool disagreement;
    } cases[] = {
        {{evidence_of(D, good), evidence_of(B, good)}, 2, ICL_HOLDS, 0, false},
        {{evidence_of(D, good), evidence_of(D, good)}, 2, ICL_UNDECIDED, 0, false}, /* one kind is one voice */
        {{evidence_of(D, good)}, 1, ICL_UNDECIDED, 0, false},
        /* the leading one has to be among the two */
        {{evidence_of(D, good), evidence_of(B, vague)}, 2, ICL_UNDECIDED, 0, false},
        {{evidence_of(D, vague), evidence_of(B, good), evidence_of(N, good)}, 3, ICL_UNDECIDED, 0, false},
        {{evidence_of(D, good), evidence_of(B, vague), evidence_of(N, good)}, 3, ICL_HOLDS, 0, false},
        {{evidence_of(D, rough), evidence_of(B, good), evidence_of(N, rough)},
         3,
         ICL_HOLDS,
         0,
         false}, /* the first, not the most precise */
        {{evidence_of(D, good), evidence_of(B, high), evidence_of(N, good)}, 3, ICL_HOLDS, 0, true},
        {{evidence_of(D, high), evidence_of(B, good), evidence_of(N, good)}, 3, ICL_UNDECIDED, 0, true},
        {{evidence_of(D, good), evidence_of(B, high)}, 2, ICL_UNDECIDED, 0, true},
        /* inside the tolerance but apart: no one value */
        {{evidence_of(D, below), evidence_of(B, above)}, 2, ICL_UNDECIDED, 0, true},
        /* two that contradict the claim on one side, however far; on two sides they contradict each other */
        {{evidence_of(D, high), evidence_of(B, higher)}, 2, ICL_FAILS, 0, true},
        {{evidence_of(D, high), evidence_of(B, low)}, 2, ICL_UNDECIDED, 0, true},
        {{evidence_of(D, low), evidence_of(B, high), evidence_of(N, higher)}, 3, ICL_UNDECIDED, 0, true},
        /* an estimate that is not there agrees with nothing, and contradicts nothing */
        {{evidence_of(D, nothing), evidence_of(B, good), evidence_of(N, good)}, 3, ICL_HOLDS, 1, false},
        {{evidence_of(D, nothing), evidence_of(B, nothing)}, 2, ICL_UNDECIDED, 0, false},
        {{evidence_of(D, good)}, 0, ICL_UNDECIDED, 0, false},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct icl_evidence evidence[3] = {cases[c].evidence[0], cases[c].evidence[1], cases[c].evidence[2]};
        const struct icl_judgement j = icl_judge(ICL_RULE_EQUAL, 2, .25, evidence, cases[c].count);
        if (j.verdict != cases[c].verdict || j.leading != cases[c].leading || j.disagreement != cases[c].disagreement)
            fail_msg("case %zu: %s, leading %zu, disagreement %d", c, icl_verdict_names[j.verdict], j.leading,
                     j.disagreement);
        for (size_t e = 0; e < cases[c].count; e++)
            assert_int_equal(evidence[e].verdict,
                             icl_judge_interval(ICL_RULE_EQUAL, 2, .25, &cases[c].evidence[e].interval));
    }
}

/* For a bound the verdict is the side: where in the allowed half the estimates are does not matter. */
static void bounds_agree_by_their_verdict(void **state)
{
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        const enum icl_rule rule = sign > 0 ? ICL_RULE_AT_MOST : ICL_RULE_AT_LEAST;
        struct icl_evidence inside[2] = {evidence_of(ICL_KIND_BINS, interval_of(1 + sign * .02, .01, INFINITY)),
                                         evidence_of(ICL_KIND_NEIGHBOURS, interval_of(1 - sign * .5, .01, INFINITY))};
        assert_int_equal(icl_judge(rule, 1, .06, inside, 2).verdict, ICL_HOLDS);
        struct icl_evidence outside[2] = {evidence_of(ICL_KIND_BINS, interval_of(1 + sign * .2, .01, INFINITY)),
                                          evidence_of(ICL_KIND_NEIGHBOURS, interval_of(1 + sign * .5, .01, INFINITY))};
        assert_int_equal(icl_judge(rule, 1, .06, outside, 2).verdict, ICL_FAILS);
        struct icl_evidence both[2] = {inside[0], outside[1]};
        assert_int_equal(icl_judge(rule, 1, .06, both, 2).verdict, ICL_UNDECIDED);
    }
}

static void direct_evidence_decides_alone(void **state)
{
    (void)state;
    const struct icl_interval good = interval_of(2, .01, 19), high = interval_of(3, .01, 19);
    struct icl_evidence one[1] = {evidence_of(ICL_KIND_DIRECT, good)};
    assert_int_equal(icl_judge(ICL_RULE_EQUAL, 2, .25, one, 1).verdict, ICL_HOLDS);
    one[0].interval = high;
    assert_int_equal(icl_judge(ICL_RULE_EQUAL, 2, .25, one, 1).verdict, ICL_FAILS);
    /* wherever it stands, and against two that agree */
    for (size_t place = 0; place < 3; place++) {
        struct icl_evidence three[3] = {evidence_of(ICL_KIND_BINS, good), evidence_of(ICL_KIND_DECOMPOSITION, good),
                                        evidence_of(ICL_KIND_NEIGHBOURS, good)};
        three[place] = evidence_of(ICL_KIND_DIRECT, high);
        const struct icl_judgement j = icl_judge(ICL_RULE_EQUAL, 2, .25, three, 3);
        assert_int_equal(j.verdict, ICL_FAILS);
        assert_int_equal(j.leading, place);
        assert_true(j.disagreement);
    }
}

static void a_measurement_is_only_reported(void **state)
{
    (void)state;
    struct icl_evidence two[2] = {evidence_of(ICL_KIND_BINS, interval_of(5, .1, 19)),
                                  evidence_of(ICL_KIND_NEIGHBOURS, interval_of(5.1, .1, 19))};
    struct icl_judgement j = icl_judge(ICL_RULE_MEASURE, NAN, 0, two, 2);
    assert_int_equal(j.verdict, ICL_MEASURED);
    assert_false(j.disagreement);
    assert_near(j.samples_needed, NAN, 0);
    two[1].interval = interval_of(7, .1, 19);
    j = icl_judge(ICL_RULE_MEASURE, NAN, 0, two, 2);
    assert_int_equal(j.verdict, ICL_MEASURED);
    assert_true(j.disagreement);
    assert_int_equal(icl_judge(ICL_RULE_MEASURE, NAN, 0, two, 1).verdict, ICL_MEASURED);
}

/* ---- the promised number of samples --------------------------------------------------------------------------- */

/* The same evidence with `times` as many samples. */
static void grow(struct icl_evidence *evidence, size_t count, double times)
{
    for (size_t e = 0; e < count; e++)
        evidence[e].interval =
            interval_of(evidence[e].interval.estimate, evidence[e].interval.se / sqrt(times), evidence[e].interval.df);
}

static void check_promise(enum icl_rule rule, const struct icl_evidence *evidence, size_t count, size_t *promises)
{
    struct icl_evidence now[2] = {evidence[0], evidence[count - 1]}, then[2];
    const struct icl_judgement j = icl_judge(rule, 1, .06, now, count);
    if (j.verdict != ICL_UNDECIDED) {
        assert_near(j.samples_needed, NAN, 0);
        return;
    }
    if (isnan(j.samples_needed)) { /* no number of samples makes these agree */
        then[0] = now[0];
        then[1] = now[1];
        grow(then, count, 1e12);
        assert_int_equal(icl_judge(rule, 1, .06, then, count).verdict, ICL_UNDECIDED);
        return;
    }
    (*promises)++;
    const double times = j.samples_needed / (double)now[0].n;
    assert_true(times > 1);
    static const double shares[] = {1, .98};
    for (size_t s = 0; s < sizeof shares / sizeof shares[0]; s++) {
        then[0] = now[0];
        then[1] = now[1];
        grow(then, count, times * shares[s]);
        const bool decided = icl_judge(rule, 1, .06, then, count).verdict != ICL_UNDECIDED;
        if (decided != (s == 0))
            fail_msg("rule %d, %zu estimates: %s with %g times the promised samples", rule, count,
                     decided ? "decided" : "not decided", shares[s]);
    }
}

static void promised_samples_decide_and_fewer_do_not(void **state)
{
    (void)state;
    enum { TRIALS = 1000 };
    const struct icl_stream stream = {seed, ICL_PURPOSE_CHOICE, 1, 0};
    double normal[2 * TRIALS];
    icl_random_normal(&stream, 0, 2 * TRIALS, normal);
    size_t promises[2] = {0, 0};
    for (size_t t = 0; t < TRIALS; t++) {
        const enum icl_rule rule = (enum icl_rule)(t % 3);
        const struct icl_evidence one = evidence_of(ICL_KIND_DIRECT, interval_of(1 + .1 * normal[2 * t], .05, 19));
        check_promise(rule, &one, 1, &promises[0]);
        const struct icl_evidence two[2] = {
            evidence_of(ICL_KIND_BINS, interval_of(1 + .1 * normal[2 * t], .05, 19)),
            evidence_of(ICL_KIND_NEIGHBOURS, interval_of(1 + .1 * normal[2 * t] + .02 * normal[2 * t + 1], .03, 19))};
        check_promise(rule, two, 2, &promises[1]);
    }
    assert_true(promises[0] > TRIALS / 4 && promises[1] > TRIALS / 4);
}

/* By hand: half-width .1, .02 to the nearest edge: 25 times the samples, and one to be past the edge. */
static void promised_samples_by_hand(void **state)
{
    (void)state;
    const double z = gsl_cdf_ugaussian_Pinv(.975);
    struct icl_evidence one[1] = {evidence_of(ICL_KIND_DIRECT, interval_of(1.04, .1 / z, INFINITY))};
    assert_near(icl_judge(ICL_RULE_EQUAL, 1, .06, one, 1).samples_needed, 25001, 1);
    one[0].interval = interval_of(1.08, .1 / z, INFINITY);
    assert_near(icl_judge(ICL_RULE_EQUAL, 1, .06, one, 1).samples_needed, 25001, 1);
    /* exactly at the edge none would do; nor is there any without an error bar */
    one[0].interval = interval_of(1.0625, .1, INFINITY);
    assert_near(icl_judge(ICL_RULE_EQUAL, 1, .0625, one, 1).samples_needed, NAN, 0);
    one[0].interval = interval_of(1, INFINITY, INFINITY);
    assert_near(icl_judge(ICL_RULE_EQUAL, 1, .06, one, 1).samples_needed, NAN, 0);
    /* a bound looks at its own edge only */
    one[0].interval = interval_of(.95, .33 / z, INFINITY);
    assert_near(icl_judge(ICL_RULE_AT_MOST, 1, .06, one, 1).samples_needed, 9001, 1);
    /* a decided estimate waits for the other */
    struct icl_evidence two[2] = {evidence_of(ICL_KIND_BINS, interval_of(1, .001, INFINITY)),
                                  evidence_of(ICL_KIND_NEIGHBOURS, interval_of(1.04, .1 / z, INFINITY))};
    const struct icl_judgement j = icl_judge(ICL_RULE_EQUAL, 1, .06, two, 2);
    assert_int_equal(j.verdict, ICL_UNDECIDED);
    assert_near(j.samples_needed, NAN, 0); /* with 25001 samples each they would be apart */
    two[1].interval = interval_of(1, .3 / z, INFINITY);
    assert_near(icl_judge(ICL_RULE_EQUAL, 1, .06, two, 2).samples_needed, 25001, 1);
}

/* ---- error rates ---------------------------------------------------------------------------------------------- */

enum { TRIALS = 8000, BLOCKS = 20 };

static double first_of(const double *mean, size_t size, const void *context)
{
    (void)size;
    (void)context;
    return mean[0];
}

/* How often the jackknife of 20 normal blocks, whose mean has a standard error of 1, comes to a verdict if the quantity
 * is `truth` and the claim says 0 within `tolerance`. Two kinds of estimator share three quarters of their variance. */
static void rates(enum icl_rule rule, double truth, double tolerance, size_t kinds, uint32_t layer,
                  size_t count[ICL_VERDICT_COUNT])
{
    for (int v = 0; v < ICL_VERDICT_COUNT; v++)
        count[v] = 0;
    for (uint32_t t = 0; t < TRIALS; t++) {
        const struct icl_stream stream = {seed, ICL_PURPOSE_LAW, layer, t};
        double normal[3 * BLOCKS], block[BLOCKS];
        icl_random_normal(&stream, 0, 3 * BLOCKS, normal);
        struct icl_evidence evidence[2];
        for (size_t e = 0; e < kinds; e++) {
            for (size_t b = 0; b < BLOCKS; b++)
                block[b] = truth + sqrt(BLOCKS) * (sqrt(.75) * normal[b] + .5 * normal[(e + 1) * BLOCKS + b]);
            const enum icl_evidence_kind kind = kinds == 1 ? ICL_KIND_DIRECT
                                                : e == 0   ? ICL_KIND_BINS
                                                           : ICL_KIND_NEIGHBOURS;
            evidence[e] = evidence_of(kind, (struct icl_interval){0});
            assert_int_equal(icl_jackknife(block, BLOCKS, 1, first_of, NULL, &evidence[e].interval, NULL), ICL_OK);
        }
        count[icl_judge(rule, 0, tolerance, evidence, kinds).verdict]++;
    }
}

/* No more than `rate` of the trials, at a one-sided 99 % bound of the binomial. */
static void assert_at_most(size_t count, double rate, const char *what)
{
    const double most = TRIALS * rate + gsl_cdf_ugaussian_Pinv(.99) * sqrt(TRIALS * rate * (1 - rate));
    if (!((double)count <= most)) fail_msg("%s: %zu of %d, at most %.0f", what, count, TRIALS, most);
}

static void wrong_verdicts_are_rare(void **state)
{
    (void)state;
    size_t count[ICL_VERDICT_COUNT];
    for (size_t kinds = 1; kinds <= 2; kinds++) {
        /* a true claim, with room and with none */
        rates(ICL_RULE_EQUAL, 0, 4, kinds, 1, count);
        assert_at_most(count[ICL_FAILS], .05, "true equality called wrong");
        assert_true(count[ICL_HOLDS] > TRIALS * 8 / 10);
        rates(ICL_RULE_EQUAL, 0, 0, kinds, 2, count);
        assert_at_most(count[ICL_FAILS], .05, "true equality without tolerance called wrong");
        /* a deviation of the size of the tolerance */
        for (int sign = -1; sign <= 1; sign += 2) {
            rates(ICL_RULE_EQUAL, sign * 4, 4, kinds, 3, count);
            assert_at_most(count[ICL_HOLDS], .05, "deviation of the tolerance called true");
            const enum icl_rule rule = sign > 0 ? ICL_RULE_AT_MOST : ICL_RULE_AT_LEAST;
            rates(rule, sign * 4, 4, kinds, 4, count);
            assert_at_most(count[ICL_HOLDS], .05, "bound at its edge called true");
            assert_at_most(count[ICL_FAILS], .05, "bound at its edge called wrong");
            /* one estimate is at its nominal rate, neither above nor below: the ends are limits of 97.5 % each */
            if (kinds == 1) {
                assert_at_most(count[ICL_HOLDS], .025, "bound at its edge called true, nominal rate");
                assert_at_most(TRIALS - count[ICL_HOLDS], .975, "bound at its edge not called true");
            }
        }
    }
}

static void planted_deviations_are_found(void **state)
{
    (void)state;
    size_t count[ICL_VERDICT_COUNT];
    for (size_t kinds = 1; kinds <= 2; kinds++) {
        for (int sign = -1; sign <= 1; sign += 2) {
            rates(ICL_RULE_EQUAL, sign * (4 + 4.5), 4, kinds, 5, count);
            assert_at_most(TRIALS - count[ICL_FAILS], .05, "planted deviation not found");
            assert_int_equal(count[ICL_HOLDS], 0);
            rates(sign > 0 ? ICL_RULE_AT_MOST : ICL_RULE_AT_LEAST, sign * 4.5, 0, kinds, 6, count);
            assert_at_most(TRIALS - count[ICL_FAILS], .05, "planted crossing of a bound not found");
            assert_int_equal(count[ICL_HOLDS], 0);
        }
    }
}

int main(void)
{
    print_message("# seed %llu\n", (unsigned long long)seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality_on_every_edge),         cmocka_unit_test(nan_decides_nothing),
        cmocka_unit_test(bounds_use_the_interval),        cmocka_unit_test(two_kinds_must_agree),
        cmocka_unit_test(bounds_agree_by_their_verdict),  cmocka_unit_test(direct_evidence_decides_alone),
        cmocka_unit_test(a_measurement_is_only_reported), cmocka_unit_test(promised_samples_decide_and_fewer_do_not),
        cmocka_unit_test(promised_samples_by_hand),       cmocka_unit_test(wrong_verdicts_are_rare),
        cmocka_unit_test(planted_deviations_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
