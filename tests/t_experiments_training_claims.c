/* Claims on trained networks, on runs made up here: each quantity against a value worked out by hand, orders decided
 * together, what a run's folder says, which runs a claim asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "experiments/claims_internal.h"
#include "experiments/training_internal.h"
#include "kernels/random.h"
#include "tests/core_support.h"
#include "tests/near.h"

static const uint64_t seed = 20190515;

/* ---- made-up runs --------------------------------------------------------------------------------------------- */

enum { MOST_RUNS = 512, EPOCHS = 3 };

struct stage_set {
    struct run run;
    struct icl_verify_options options;
    struct training_member member[MOST_RUNS];
    struct icl_run list[MOST_RUNS];
};

static void begin(struct stage_set *set)
{
    memset(set, 0, sizeof *set);
    set->options.seed = seed;
    set->run.options = &set->options;
    set->run.training = (struct training){
        .run = set->list, .member = set->member, .train_images = 60000, .valid_images = 10000, .done = true};
}

static const struct training_condition *condition_of(const char *law, const char *word)
{
    for (size_t c = 0; c < training_condition_count; c++)
        if (strcmp(training_conditions[c].law, law) == 0 && strcmp(training_conditions[c].word, word) == 0)
            return &training_conditions[c];
    fail_msg("no condition %s %s", law, word);
    return NULL;
}

static struct training_curves *add(struct stage_set *set, const char *law, const char *word, size_t place,
                                   double accuracy)
{
    struct training_member *m = &set->member[set->run.training.count++];
    *m = (struct training_member){.condition = condition_of(law, word), .seed = place};
    m->curves = (struct training_curves){
        .epochs = EPOCHS, .valid = {.7, .8, accuracy}, .train = .9, .open = .95, .mean_size = 1, .sd_size = 1};
    return &m->curves;
}

static void add_all(struct stage_set *set, const char *law, const char *word, const double *accuracy, size_t n)
{
    for (size_t s = 0; s < n; s++)
        add(set, law, word, s, accuracy[s]);
}

/* The evidence of a row. */
static struct finding found(const struct stage_set *set, const char *id, const char *law, const char *quantity,
                            enum icl_rule rule, double target)
{
    const struct icl_claim claim = {.id = id, .law = law, .quantity = quantity, .rule = rule, .target = target};
    struct finding finding = {.selected = true};
    struct icl_error err = {0};
    if (judge_claim(&set->run, &claim, &finding, &err) != ICL_OK) fail_msg("%s: %s", id, err.message);
    assert_int_equal(finding.count, 1);
    return finding;
}

static struct stage_set set;

/* ---- c12 to c16, c20, c21 ------------------------------------------------------------------------------------- */

static const double ic[] = {.871, .883, .869, .8755, .8902, .8641, .8777};
static const double base[] = {.8633, .8791, .8712, .8601, .8805, .8577, .8744};

/* t.test(x, y, paired = TRUE) of R. */
static void differences_within_seeds(void **state)
{
    (void)state;
    begin(&set);
    add_all(&set, "thread07", "baseline", base, 7);
    add_all(&set, "thread07", "ic", ic, 7);
    const struct finding f = found(&set, "c12.a.b", "thread07", "accuracy ic - baseline", ICL_RULE_ORDER, 0);
    const struct icl_evidence *e = f.evidence;
    assert_near(e->interval.estimate, .0442 / 7, 1e-12);
    assert_near(e->interval.lo, 0.00120179603354858, 1e-12);
    assert_near(e->interval.hi, 0.01142677539502289, 1e-12);
    assert_near(e->p, 0.02333366551074413, 1e-12);
    assert_near(e->effect, 1.14224979632242229, 1e-12);
    assert_int_equal(e->n, 7);
    assert_int_equal(f.judgement.verdict, ICL_HOLDS); /* alone */
    const struct finding back = found(&set, "c12.a.b", "thread07", "accuracy baseline - ic", ICL_RULE_ORDER, 0);
    assert_int_equal(back.judgement.verdict, ICL_FAILS);
    const struct finding mean = found(&set, "c12.a.b", "thread07", "accuracy ic", ICL_RULE_MEASURE, NAN);
    assert_near(mean.evidence[0].interval.estimate, 6.1305 / 7, 1e-12);
    assert_true(isnan(mean.evidence[0].p) && isnan(mean.evidence[0].effect));
    assert_int_equal(mean.judgement.verdict, ICL_MEASURED);
    const struct finding ratio = found(&set, "c14.a.b", "thread07", "variance-ratio", ICL_RULE_ORDER, 1);
    assert_near(ratio.evidence[0].interval.estimate, 1 / 0.926840283854508, 1e-12); /* baseline over IC */
    assert_near(ratio.evidence[0].p, 0.889800705577469, 1e-12);
    assert_int_equal(ratio.judgement.verdict, ICL_UNDECIDED);
}

static void epochs_to_a_level(void **state)
{
    (void)state;
    struct training_curves c = {.epochs = 3, .valid = {.7, .8, .9}};
    assert_near(training_epochs_to_level(&c), 2.5, 1e-12);
    assert_near(training_mean_accuracy(&c), .8, 1e-12);
    assert_near(training_accuracy(&c), .9, 0);
    c = (struct training_curves){.epochs = 2, .valid = {.9, .95}};
    assert_near(training_epochs_to_level(&c), .75 / .8, 1e-12); /* from guessing, .1 */
    c = (struct training_curves){.epochs = 2, .valid = {.7, .8499}};
    assert_near(training_epochs_to_level(&c), 3, 0);
    begin(&set);
    for (size_t s = 0; s < 4; s++) {
        add(&set, "thread07", "baseline", s, .86 + .01 * (double)s); /* 2 + 5 / 6, 7, 8, 9 */
        add(&set, "thread07", "ic", s, .9);
    }
    const struct finding f = found(&set, "c13.a.b", "thread07", "epochs baseline - ic", ICL_RULE_ORDER, 0);
    assert_near(f.evidence[0].interval.estimate, (5. / 6 + 5. / 7 + 5. / 8 + 5. / 9) / 4 - .5, 1e-12);
    const struct finding m = found(&set, "c13.a.b", "thread07", "mean-accuracy ic - baseline", ICL_RULE_ORDER, 0);
    assert_near(m.evidence[0].interval.estimate, (.9 - .875) / 3, 1e-12);
}

static void synergy_is_the_interaction(void **state)
{
    (void)state;
    static const double none[] = {.80, .81, .79}, bn[] = {.84, .86, .85}, drop[] = {.83, .82, .84},
                        both[] = {.90, .89, .88};
    begin(&set);
    add_all(&set, "thread07-constant", "none", none, 3);
    add_all(&set, "thread07-constant", "bn", bn, 3);
    add_all(&set, "thread07-constant", "drop", drop, 3);
    add_all(&set, "thread07-constant", "both", both, 3);
    const struct finding f = found(&set, "c15.a.b", "thread07-constant", "synergy", ICL_RULE_ORDER, 0);
    /* .03, .02, -.02: mean .01, sd sqrt(.0007) */
    assert_near(f.evidence[0].interval.estimate, .01, 1e-12);
    assert_near(f.evidence[0].interval.se, sqrt(.0007 / 3), 1e-12);
    assert_near(f.evidence[0].effect, .01 / sqrt(.0007), 1e-9);
    const struct finding d = found(&set, "c15.a.b", "thread07-constant", "accuracy drop - none", ICL_RULE_ORDER, 0);
    assert_near(d.evidence[0].interval.estimate, .03, 1e-12);
}

static void the_best_drop_rate(void **state)
{
    (void)state;
    static const char *const words[] = {"drop00", "drop01", "drop03", "ic", "drop10", "drop20"};
    static const double clear[6][3] = {{.80, .81, .82}, {.81, .82, .83}, {.88, .89, .90},
                                       {.84, .83, .85}, {.80, .80, .80}, {.7, .7, .7}};
    begin(&set);
    for (size_t w = 0; w < 6; w++)
        add_all(&set, "thread07", words[w], clear[w], 3);
    struct finding f = found(&set, "c16.a.b", "thread07", "best-drop", ICL_RULE_MEASURE, NAN);
    assert_near(f.evidence[0].interval.estimate, .03, 0);
    assert_near(f.evidence[0].interval.lo, .03, 0); /* it is best in every seed */
    assert_near(f.evidence[0].interval.hi, .03, 0);
    /* .20 is best in two seeds of three, by far: only the draws without them, 1 of 27, choose .03 */
    static const double mixed[6][3] = {{.80, .80, .80}, {.81, .81, .81}, {.88, .88, .88},
                                       {.84, .84, .84}, {.80, .80, .80}, {.84, .97, .97}};
    begin(&set);
    for (size_t w = 0; w < 6; w++)
        add_all(&set, "thread07", words[w], mixed[w], 3);
    f = found(&set, "c16.a.b", "thread07", "best-drop", ICL_RULE_MEASURE, NAN);
    assert_near(f.evidence[0].interval.estimate, .20, 0);
    assert_near(f.evidence[0].interval.lo, .03, 0);
    assert_near(f.evidence[0].interval.hi, .20, 0);
}

/* ---- c17 to c19 ----------------------------------------------------------------------------------------------- */

static void validation_less_training(void **state)
{
    (void)state;
    begin(&set);
    add(&set, "thread07-short", "ic", 0, .88);
    struct finding f = found(&set, "c17.a.b", "thread07-short", "gap-learnt ic", ICL_RULE_MEASURE, NAN);
    assert_near(f.evidence[0].interval.estimate, -.02, 1e-12);
    assert_near(f.evidence[0].interval.se, sqrt(.88 * .12 / 10000 + .9 * .1 / 60000), 1e-12);
    f = found(&set, "c17.a.b", "thread07-short", "gap-open ic", ICL_RULE_MEASURE, NAN);
    assert_near(f.evidence[0].interval.estimate, -.07, 1e-12);
    assert_near(f.evidence[0].interval.hi, -.07 + 1.959963984540054 * sqrt((.88 * .12 + .95 * .05) / 10000), 1e-9);
    add(&set, "thread07-short", "ic", 1, .90);
    f = found(&set, "c17.a.b", "thread07-short", "gap-learnt ic", ICL_RULE_MEASURE, NAN);
    assert_near(f.evidence[0].interval.estimate, -.01, 1e-12); /* -.02, 0 */
    assert_near(f.evidence[0].interval.df, 1, 0);
}

/* Two conditions that differ in both, and are opposed within. */
static void correlation_of_summaries(void **state)
{
    (void)state;
    static const double accuracy[2][4] = {{.5, .5625, .625, .6875}, {.75, .8125, .875, .9375}};
    static const char *const words[2] = {"ic", "baseline"};
    begin(&set);
    for (size_t w = 0; w < 2; w++)
        for (size_t s = 0; s < 4; s++) {
            struct training_curves *c = add(&set, "thread07", words[w], s, accuracy[w][s]);
            c->sd_spread = 10 * (double)w - (double)s;
            c->sd_size = (double)(w + s % 2);
        }
    const struct finding all = found(&set, "c18.a.b", "thread07", "rank-correlation spread all", ICL_RULE_MEASURE, NAN);
    /* ranks 4 3 2 1 8 7 6 5 against 1 .. 8: 1 - 6 (2 (9 + 1 + 1 + 9)) / (8 63) */
    assert_near(all.evidence[0].interval.estimate, 1 - 6. * 40 / (8 * 63), 1e-12);
    const struct finding within =
        found(&set, "c18.a.b", "thread07", "rank-correlation spread within", ICL_RULE_MEASURE, NAN);
    assert_near(within.evidence[0].interval.estimate, -1, 1e-12);
    assert_int_equal(within.evidence[0].n, 8);
    const struct finding mean = found(&set, "c18.a.b", "thread07", "rank-correlation mean all", ICL_RULE_MEASURE, NAN);
    assert_true(isnan(mean.evidence[0].interval.estimate)); /* constant */
}

static void spread_and_divergence(void **state)
{
    (void)state;
    static const double spread[2][4] = {{1, 2, 3, 4}, {1, 5, 2, 3}};
    static const bool diverged[2][4] = {{false, false, true, true}, {false, true, false, true}};
    begin(&set);
    for (size_t s = 0; s < 2; s++)
        for (size_t r = 0; r < 4; r++) {
            struct training_curves *c = add(&set, "thread07-rates", r % 2 == 0 ? "none" : "ic", s, .5);
            c->early_spread = spread[s][r];
            c->diverged = diverged[s][r];
        }
    add(&set, "thread07-rates", "none", 0, .1)->early_spread = NAN; /* gone before the first record */
    const struct finding f = found(&set, "c19.a.b", "thread07-rates", "spread-exceedance", ICL_RULE_MEASURE, NAN);
    /* {3,4,5,3} over {1,2,1,2}: all but none; with a tie in neither: 16 of 16 */
    assert_near(f.evidence[0].interval.estimate, 1, 1e-12);
    set.member[2].curves.early_spread = 1.5; /* {1.5,4,5,3}: 1.5 exceeds the two 1s, not the two 2s */
    const struct finding g = found(&set, "c19.a.b", "thread07-rates", "spread-exceedance", ICL_RULE_MEASURE, NAN);
    assert_near(g.evidence[0].interval.estimate, 14. / 16, 1e-12);
    /* without seed 0: {5,3} over {1,2} = 1; without seed 1: {1.5,4} over {1,2} = 3/4 */
    assert_near(g.evidence[0].interval.se, .125, 1e-12);
    const struct finding share = found(&set, "c19.a.b", "thread07-rates", "diverged ic", ICL_RULE_MEASURE, NAN);
    assert_near(share.evidence[0].interval.estimate, .75, 1e-12);
}

/* ---- orders of a run ------------------------------------------------------------------------------------------ */

static void orders_are_decided_together(void **state)
{
    (void)state;
    static const double p[] = {.01, .04, .03, .005, .2, NAN}, estimate[] = {1, 1, -1, -1, 1, NAN},
                        adjusted[] = {.04, .09, .09, .025, .2, NAN};
    static const enum icl_verdict verdict[] = {ICL_HOLDS, ICL_UNDECIDED, ICL_UNDECIDED,
                                               ICL_FAILS, ICL_UNDECIDED, ICL_UNDECIDED};
    struct icl_evidence evidence[6];
    struct icl_judgement judgement[6];
    struct icl_order_claim order[6];
    for (size_t i = 0; i < 6; i++) {
        evidence[i] = (struct icl_evidence){
            .interval = {estimate[i], .25, 9, estimate[i] - .5, estimate[i] + .5}, .n = 10, .p = p[i]};
        order[i] = (struct icl_order_claim){&evidence[i], 0, &judgement[i]};
        judgement[i] = (struct icl_judgement){ICL_HOLDS, 0, false, 1, NAN};
    }
    assert_int_equal(icl_judge_orders(order, 6, NULL), ICL_OK);
    for (size_t i = 0; i < 6; i++) {
        assert_near(judgement[i].p_adjusted, adjusted[i], 1e-15);
        assert_int_equal(judgement[i].verdict, verdict[i]);
    }
    /* half-width .5 widened from 1.96 to the quantile of .01 / 2, 2.5758, must fit into 1: 10 (.5 2.5758 / 1.96)^2 */
    assert_near(judgement[1].samples_needed, floor(10 * pow(.5 * 2.5758293035489 / 1.9599639845401, 2)) + 1, 0);
    assert_true(isnan(judgement[0].samples_needed) && isnan(judgement[5].samples_needed));
    assert_int_equal(icl_judge_orders(NULL, 0, NULL), ICL_OK);
}

/* Runs of 10 seeds with 8 orders, c12 to c21 of no difference at all, or with one of them planted: through the very
 * code of the claims. 1500 runs: .05 has a standard error of .0056, so that .05 +- .02 is 3.5 of them. */
static void level_and_power(void **state)
{
    (void)state;
    enum { RUNS = 1500, SEEDS = 10, PAIRS = 6 };
    static const struct {
        const char *law, *one, *other, *quantity;
    } pairs[PAIRS] = {{"thread07", "ic", "baseline", "accuracy ic - baseline"},
                      {"thread07-constant", "bn", "none", "accuracy bn - none"},
                      {"thread07", "drop03", "drop10", "accuracy drop03 - drop10"},
                      {"resnet20", "relu", "conv", "accuracy relu - conv"},
                      {"resnet20", "ic", "between", "accuracy ic - between"},
                      {"xresnet18", "full", "naive", "accuracy full - naive"}};
    size_t wrong = 0, power = 0;
    for (uint32_t r = 0; r < RUNS; r++) {
        const struct icl_stream stream = {seed, ICL_PURPOSE_LAW, 12, r};
        double z[3 * PAIRS * SEEDS];
        icl_random_normal(&stream, 0, 3 * PAIRS * SEEDS, z);
        struct finding finding[PAIRS];
        struct icl_order_claim order[PAIRS];
        begin(&set);
        for (size_t k = 0; k < PAIRS; k++)
            for (size_t s = 0; s < SEEDS;
                 s++) { /* a seed has a luck of its own, of sd .01, and so has each run, .005 */
                const double *at = z + 3 * (k * SEEDS + s);
                const double planted = k == 0 ? .0125 : 0; /* 1.77 sd of a difference */
                add(&set, pairs[k].law, pairs[k].one, s, .85 + .01 * at[0] + .005 * at[1] + planted);
                add(&set, pairs[k].law, pairs[k].other, s, .85 + .01 * at[0] + .005 * at[2]);
            }
        for (size_t k = 0; k < PAIRS; k++) {
            finding[k] = found(&set, "c12.a.b", pairs[k].law, pairs[k].quantity, ICL_RULE_ORDER, 0);
            order[k] = (struct icl_order_claim){&finding[k].evidence[0], 0, &finding[k].judgement};
        }
        assert_int_equal(icl_judge_orders(order, PAIRS, NULL), ICL_OK);
        size_t here = 0;
        for (size_t k = 1; k < PAIRS; k++)
            here += finding[k].judgement.verdict != ICL_UNDECIDED;
        wrong += here > 0;
        power += finding[0].judgement.verdict == ICL_HOLDS;
    }
    assert_true((double)wrong / RUNS < .05 + .02 && (double)wrong / RUNS > .02);
    assert_true((double)power / RUNS > .95);
}

/* ---- lists and folders ---------------------------------------------------------------------------------------- */

static void the_lists(void **state)
{
    (void)state;
    assert_int_equal(training_runs_of("c12", false), 10);
    assert_int_equal(training_runs_of("c15", false), 20);
    assert_int_equal(training_runs_of("c16", false), 30);
    assert_int_equal(training_runs_of("c16", true), 60);
    assert_int_equal(training_runs_of("c11", false), 1);
    assert_int_equal(training_runs_of("c01", false), 0);
    struct icl_registry registry;
    assert_int_equal(icl_registry_load(&registry, NULL), ICL_OK);
    struct finding *finding = calloc(registry.count, sizeof *finding);
    size_t heavy = 0, light = 0;
    for (size_t i = 0; i < registry.count; i++) {
        const struct icl_claim *claim = &registry.claim[i];
        finding[i].selected = strncmp(claim->id, "c12", 3) == 0 || strncmp(claim->id, "c15", 3) == 0;
        heavy += training_is_heavy(claim);
        light += training_is_needed(claim) && !training_is_heavy(claim);
        const bool trained = strcmp(claim->id, "c10") > 0; /* c10.x sorts behind */
        assert_int_equal(training_is_needed(claim), trained);
    }
    assert_true(heavy > 40 && light > 40);
    struct training training;
    assert_int_equal(training_plan(&training, &registry, finding, 7, false, NULL), ICL_OK);
    assert_int_equal(training.count, 30);
    for (size_t r = 0; r < training.count; r++) {
        const struct training_condition *c = training.member[r].condition;
        assert_int_equal(training.run[r].spec.seed, 7 + training.member[r].seed);
        assert_int_equal(training.run[r].spec.order, c->order);
        assert_near(training.run[r].spec.drop, c->drop, 0);
        assert_int_equal(training.run[r].spec.schedule == ICL_SCHEDULE_CONSTANT, strcmp(c->law, "thread07") != 0);
        for (size_t s = 0; s < r; s++) { /* no run twice */
            char a[ICL_RUN_NAME], b[ICL_RUN_NAME];
            icl_run_name(&training.run[r], a);
            icl_run_name(&training.run[s], b);
            assert_string_not_equal(a, b);
        }
    }
    training_free(&training);
    for (size_t i = 0; i < registry.count; i++)
        finding[i].set_aside = true;
    assert_int_equal(training_plan(&training, &registry, finding, 7, false, NULL), ICL_OK);
    assert_int_equal(training.count, 0);
    training_free(&training);
    free(finding);
    icl_registry_free(&registry);
}

static void put(const char *name, const char *text)
{
    FILE *file = fopen(in_folder(name), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void a_folder_is_read(void **state)
{
    (void)state;
    put("epochs.tsv", "# note\nepoch\ttrain_accuracy\topen_accuracy\tvalid_accuracy\n1\t.5\t.6\t.7\n2\t.8\t.85\t.75\n");
    put("layers.tsv", "# note\nstep\tepoch\tstage\tplace\tmean\tsd\n"
                      "0\t1\tstage1\trelu\t1\t5\n0\t1\tstage2\trelu\t1\t1\n9\t1\tstage1\tinput\t9\t9\n9\t1\tstage1\trel"
                      "u\t1\t2\n9\t1\tstage2\trelu\t-3\t.5\n"
                      "19\t2\tstage1\trelu\t-2\t3\n19\t2\tstage1\toutput\t7\t7\n19\t2\tstage2\trelu\t1\t1.5\n");
    struct icl_train_result result = {.outcome = ICL_OUTCOME_FINISHED};
    struct training_curves c;
    assert_int_equal(training_read(folder, &result, true, &c, NULL), ICL_OK);
    assert_int_equal(c.epochs, 2);
    assert_near(c.valid[0], .7, 0);
    assert_near(c.valid[1], .75, 0);
    assert_near(c.train, .8, 0);
    assert_near(c.open, .85, 0);
    assert_near(c.early_spread, log(4), 1e-12);
    assert_near(c.sd_spread, log(2), 1e-12);
    assert_near(c.mean_size, 1.5, 1e-12);
    assert_near(c.sd_size, 2.25, 1e-12);
    assert_false(c.diverged);
    result.outcome = ICL_OUTCOME_DIVERGED; /* what it did not live to see counts as guessing */
    assert_int_equal(training_read(folder, &result, true, &c, NULL), ICL_OK);
    assert_true(c.diverged);
    assert_int_equal(c.epochs, 3);
    assert_near(training_accuracy(&c), .1, 0);
    put("epochs.tsv", "epoch\ttrain_accuracy\topen_accuracy\tvalid_accuracy\n");
    assert_int_equal(training_read(folder, &result, false, &c, NULL), ICL_OK);
    assert_near(training_accuracy(&c), .1, 0);
    struct icl_error err = {0};
    result.outcome = ICL_OUTCOME_FINISHED;
    assert_int_equal(training_read(folder, &result, false, &c, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "has no row"));
    put("epochs.tsv", "epoch\tvalid\n1\t.5\n");
    assert_int_equal(training_read(folder, &result, false, &c, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "valid_accuracy"));
}

static void unknown_words_are_refused(void **state)
{
    (void)state;
    static const char *const cases[][3] = {{"c12.a.b", "thread07", "accuracy nobody"},
                                           {"c12.a.b", "thread07", "accuracy ic - nobody"},
                                           {"c12.a.b", "thread07", "height ic"},
                                           {"c12.a.b", "thread07", "accuracy"},
                                           {"c14.a.b", "thread07", "variance"},
                                           {"c15.a.b", "thread07-constant", "synergy"},
                                           {"c16.a.b", "thread07", "best-drop"},
                                           {"c17.a.b", "thread07-short", "gap-closed ic"},
                                           {"c18.a.b", "thread07", "rank-correlation x y"},
                                           {"c19.a.b", "thread07-rates", "diverged nobody"},
                                           {"c22.a.b", "thread07-short", "variance-ratio stage9"}};
    begin(&set);
    add_all(&set, "thread07", "ic", ic, 7);
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        const struct icl_claim claim = {.id = cases[k][0], .law = cases[k][1], .quantity = cases[k][2]};
        struct finding finding = {.selected = true};
        struct icl_error err = {0};
        assert_int_equal(judge_claim(&set.run, &claim, &finding, &err), ICL_ERR_INPUT);
        assert_non_null(strstr(err.message, cases[k][2]));
    }
}

/* ---- gradients ------------------------------------------------------------------------------------------------ */

static void signs_and_shifts(void **state)
{
    (void)state;
    static const float all[] = {1, 2, 3, 4}, half[] = {1, -2, 3, -4}, most[] = {1, 2, 3, -4, 0}, one[] = {0, 0, 1};
    assert_near(sign_agreement(all, 4), 1, 0);
    assert_near(sign_agreement(half, 4), 1. / 3, 1e-12); /* 2 of 6 pairs */
    assert_near(sign_agreement(most, 5), .5, 1e-12);     /* 3 of 6; what is 0 has no sign */
    assert_true(isnan(sign_agreement(one, 3)));
    /* channels: 1 3 (mean 2, sd 1), -1 -1 (constant), -4 0 (mean -2, sd 2) */
    static const float input[] = {1, -1, -4, 3, -1, 0};
    assert_near(input_shift(input, 2, 3), 1.5, 1e-12);
    static const float flat[] = {2, 2};
    assert_true(isnan(input_shift(flat, 2, 1)));
}

int main(void)
{
    print_message("# seed %llu\n", (unsigned long long)seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(differences_within_seeds),
        cmocka_unit_test(epochs_to_a_level),
        cmocka_unit_test(synergy_is_the_interaction),
        cmocka_unit_test(the_best_drop_rate),
        cmocka_unit_test(validation_less_training),
        cmocka_unit_test(correlation_of_summaries),
        cmocka_unit_test(spread_and_divergence),
        cmocka_unit_test(orders_are_decided_together),
        cmocka_unit_test(level_and_power),
        cmocka_unit_test(the_lists),
        cmocka_unit_test(a_folder_is_read),
        cmocka_unit_test(unknown_words_are_refused),
        cmocka_unit_test(signs_and_shifts),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
