#include "experiments/verdict_power.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/gsl_errors.h"
#include "core/progress.h"
#include "core/table.h"
#include "core/threads.h"
#include "experiments/run_internal.h"

const char *const icl_power_kind_names[ICL_POWER_KIND_COUNT] = {"true", "tolerance", "fault", "short"};

/* ---- rates ---------------------------------------------------------------------------------------------------- */

double icl_rate_upper(size_t count, size_t runs, double level)
{
    if (count >= runs) return 1;
    double lo = 0,
           hi = 1; /* P(at most `count`) falls with the probability; GSL's own inverse does not always converge */
    for (int step = 0; step < 60; step++) {
        const double middle = (lo + hi) / 2;
        if (gsl_cdf_binomial_P((unsigned)count, middle, (unsigned)runs) > 1 - level)
            lo = middle;
        else
            hi = middle;
    }
    return hi;
}

double icl_rate_lower(size_t count, size_t runs, double level)
{
    return 1 - icl_rate_upper(runs - count, runs, level);
}

struct icl_power_rate icl_power_rate(const struct icl_power_result *result)
{
    static const double MOST_ERRORS = .05, LEAST_POWER = .95, LEVEL = .99;
    const enum icl_power_kind kind = result->row->kind;
    const bool power = kind == ICL_POWER_FAULT || kind == ICL_POWER_SHORT;
    const size_t count = result->count[kind == ICL_POWER_TOLERANCE ? ICL_HOLDS : ICL_FAILS], runs = result->runs;
    const double rate = (double)count / (double)runs;
    if (power) {
        const double bound = icl_rate_lower(count, runs, LEVEL);
        if (kind == ICL_POWER_SHORT) return (struct icl_power_rate){rate, bound, NAN, "-"};
        return (struct icl_power_rate){rate, bound, LEAST_POWER,
                                       bound >= LEAST_POWER  ? "yes"
                                       : rate >= LEAST_POWER ? "few"
                                                             : "no"};
    }
    const double bound = icl_rate_upper(count, runs, LEVEL);
    return (struct icl_power_rate){rate, bound, MOST_ERRORS,
                                   bound <= MOST_ERRORS  ? "yes"
                                   : rate <= MOST_ERRORS ? "few"
                                                         : "no"};
}

double icl_power_truth(const char *quantity, const struct icl_gate_table *gates, double keep, double mi)
{
    const struct icl_claim claim = {.quantity = quantity};
    const double level[2] = {mi, icl_gate_mi_after(gates, mi)}, keeps[2] = {1, keep};
    const struct icl_quantity_context context = {.keep = keeps, .at = 1};
    if (quantity_is(&claim, "ratio")) return icl_quadratic_ratio(level, 2, &context);
    if (quantity_is(&claim, "local-exponent") || quantity_is(&claim, "exponent"))
        return icl_local_exponent(level, 2, &context);
    if (quantity_is(&claim, "slope")) return icl_gate_corr_factor(gates) / keep;
    if (quantity_is(&claim, "coactive")) return gates->both / (keep * keep);
    return NAN;
}

/* ---- runs ----------------------------------------------------------------------------------------------------- */

/* What one run came to in one row. */
struct outcome {
    enum icl_verdict verdict;
    double estimate, se;
    const char *leading;
};

struct trials {
    const struct icl_power_design *design;
    bool quick;
    uint64_t seed;
    size_t *first;           /* the number of the first run of each plant; first[plants]: of all */
    struct outcome *outcome; /* run by run, one a row */
    struct icl_workspace **workspaces;
    struct icl_progress progress;
};

static size_t runs_of(const struct icl_plant *plant, bool quick)
{
    return quick ? plant->quick : plant->runs;
}

/* Seeds of different plants and runs differ, and so do those of seeds below 65536. */
static uint64_t seed_of(uint64_t seed, size_t plant, size_t run)
{
    return seed + ((uint64_t)(plant + 1) << 40) + ((uint64_t)run << 16);
}

static icl_status fill_sweep(struct icl_sweep *sweep, struct icl_workspace *ws, struct icl_error *err)
{
    for (size_t b = 0; b < sweep->blocks; b++)
        ICL_TRY(icl_sweep_block(sweep, b, ws, err));
    for (size_t keep = 0; keep < sweep->levels && (sweep->measured & ICL_SWEEP_MI) != 0; keep++)
        ICL_TRY(icl_sweep_pooled(sweep, keep, ws, err));
    return ICL_OK;
}

static struct icl_claim claim_of(const struct icl_power_row *row, const char *law)
{
    return (struct icl_claim){.id = row->id,
                              .law = law,
                              .quantity = row->quantity,
                              .rule = row->rule,
                              .target = row->target,
                              .tolerance = row->tolerance};
}

static icl_status judge_rows(const struct trials *t, size_t plant, const struct run *run, struct outcome *outcome,
                             struct icl_error *err)
{
    for (size_t r = 0; r < t->design->rows; r++) {
        const struct icl_power_row *row = &t->design->row[r];
        if (row->plant != plant) continue;
        const struct icl_claim claim = claim_of(row, t->design->plant[plant].law);
        struct finding finding = {0};
        ICL_TRY(judge_claim(run, &claim, &finding, err));
        const struct icl_evidence *leading = &finding.evidence[finding.judgement.leading];
        outcome[r] = (struct outcome){finding.judgement.verdict, leading->interval.estimate, leading->interval.se,
                                      leading->estimator};
    }
    return ICL_OK;
}

/* A run of the main job with one sweep. */
static icl_status one_run(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    struct trials *t = context;
    size_t p = 0;
    while (item >= t->first[p + 1])
        p++;
    const struct icl_plant *plant = &t->design->plant[p];
    const struct icl_sweep_plan plan = {.law = icl_law_by_name(plant->law),
                                        .seed = seed_of(t->seed, p, item - t->first[p]),
                                        .blocks = plant->blocks,
                                        .rows = plant->rows,
                                        .levels = plant->keep != 0 ? 2 : 0,
                                        .keep = {1, plant->keep},
                                        .series = plant->series,
                                        .source = icl_fault_draw,
                                        .context = &plant->fault};
    struct run *run = calloc(1, sizeof *run);
    if (run == NULL) return icl_fail_memory(err, "a run");
    icl_status status = icl_sweep_create_planned(&run->sweep[0], &plan, err);
    if (status == ICL_OK) {
        run->sweeps = 1;
        status = fill_sweep(&run->sweep[0], t->workspaces[worker], err);
        if (status == ICL_OK) status = judge_rows(t, p, run, t->outcome + item * t->design->rows, err);
        icl_sweep_free(&run->sweep[0]);
    }
    free(run);
    icl_progress_step(&t->progress, 1);
    return status;
}

/* ---- results -------------------------------------------------------------------------------------------------- */

static icl_status check_plant(const struct icl_plant *plant, struct icl_error *err)
{
    const struct icl_law *law = icl_law_by_name(plant->law);
    if (law == NULL || law->atom_at_zero || !law->centred)
        return icl_fail(err, ICL_ERR_INPUT, "no centred law without an atom at 0 is called '%s'", plant->law);
    for (size_t l = 1; l < ICL_KEEPS; l++) {
        const double keep = plant->keep != 0 ? plant->keep : icl_keeps[l];
        if (isnan(icl_fault_table(&plant->fault, keep).both))
            return icl_fail(err, ICL_ERR_INPUT, "no gates are as '%s' says at keep %g", plant->gates, keep);
    }
    return ICL_OK;
}

static icl_status check_design(const struct icl_power_design *design, struct icl_error *err)
{
    for (size_t p = 0; p < design->plants; p++)
        ICL_TRY(check_plant(&design->plant[p], err));
    for (size_t r = 0; r < design->rows; r++) {
        const struct icl_claim claim = claim_of(&design->row[r], "");
        if (design->row[r].plant >= design->plants || claim_code_of(&claim) == NULL)
            return icl_fail(err, ICL_ERR_INPUT, "%s: no plant or no code for this row", design->row[r].id);
    }
    return ICL_OK;
}

/* Where theory is asked for what is the same at all keeps. */
static const double ANY_KEEP = .5;

/* The estimator that led most often, the first of equals. */
static const char *most_frequent(const struct outcome *outcome, size_t runs, size_t stride)
{
    const char *best = "-";
    size_t most = 0;
    for (size_t i = 0; i < runs; i++) {
        size_t count = 0;
        for (size_t j = 0; j < runs && outcome[i * stride].leading != best; j++)
            count += outcome[j * stride].leading == outcome[i * stride].leading;
        if (count <= most) continue;
        most = count;
        best = outcome[i * stride].leading;
    }
    return best;
}

static icl_status sum_up(const struct trials *t, size_t r, struct icl_power_result *result, struct icl_error *err)
{
    const size_t stride = t->design->rows;
    const struct icl_power_row *row = &t->design->row[r];
    const struct icl_plant *plant = &t->design->plant[row->plant];
    const struct outcome *outcome = t->outcome + t->first[row->plant] * stride + r;
    *result = (struct icl_power_result){.row = row, .plant = plant, .runs = runs_of(plant, t->quick)};
    const double n = (double)result->runs;
    for (size_t i = 0; i < result->runs; i++) {
        result->count[outcome[i * stride].verdict]++;
        result->estimate += outcome[i * stride].estimate / n;
        result->se += outcome[i * stride].se / n;
    }
    for (size_t i = 0; i < result->runs; i++)
        result->sd += pow(outcome[i * stride].estimate - result->estimate, 2) / (n - 1);
    result->sd = sqrt(result->sd);
    result->leading = most_frequent(outcome, result->runs, stride);
    double mi;
    const struct icl_law *law = icl_law_by_name(plant->law);
    ICL_TRY(law->mi(law, &mi, err));
    const double keep = plant->keep != 0 ? plant->keep : ANY_KEEP;
    const struct icl_gate_table gates = icl_fault_table(&plant->fault, keep);
    result->deviation = icl_power_truth(row->quantity, &gates, keep, mi) - row->target;
    return ICL_OK;
}

icl_status icl_power_measure(const struct icl_power_design *design, bool quick, uint64_t seed, unsigned threads,
                             bool quiet, struct icl_power_result *results, struct icl_error *err)
{
    icl_gsl_errors_as_codes();
    ICL_TRY(check_design(design, err));
    if (threads == 0) threads = icl_processor_count();
    struct trials t = {.design = design, .quick = quick, .seed = seed};
    t.first = calloc(design->plants + 1, sizeof *t.first);
    icl_status status = t.first != NULL ? ICL_OK : icl_fail_memory(err, "a list of runs");
    for (size_t p = 0; status == ICL_OK && p < design->plants; p++)
        t.first[p + 1] = t.first[p] + runs_of(&design->plant[p], quick);
    const size_t runs = status == ICL_OK ? t.first[design->plants] : 0;
    t.outcome = calloc(runs * design->rows + 1, sizeof *t.outcome);
    if (status == ICL_OK && t.outcome == NULL) status = icl_fail_memory(err, "the outcomes of runs");
    if (status == ICL_OK) status = icl_workspaces_create(&t.workspaces, threads, err);
    if (status == ICL_OK) {
        icl_progress_begin(&t.progress, "judging", runs, quiet);
        status = icl_parallel_for(threads, runs, one_run, &t, err);
        icl_progress_end(&t.progress);
    }
    for (size_t r = 0; status == ICL_OK && r < design->rows; r++)
        status = sum_up(&t, r, &results[r], err);
    icl_workspaces_free(t.workspaces, threads);
    free(t.outcome);
    free(t.first);
    return status;
}

/* ---- the table ------------------------------------------------------------------------------------------------ */

/* Six digits: more would be noise of a measurement. */
static void write_short(struct icl_table *table, double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.6g", fabs(value) < 1e-12 ? 0 : value);
    icl_table_text(table, text);
}

static void write_row(struct icl_table *table, const struct icl_power_result *result)
{
    static const char *const rules[] = {[ICL_RULE_EQUAL] = "=",
                                        [ICL_RULE_AT_MOST] = "<=",
                                        [ICL_RULE_AT_LEAST] = ">=",
                                        [ICL_RULE_MEASURE] = "measure",
                                        [ICL_RULE_ORDER] = ">"};
    const struct icl_power_row *row = result->row;
    const struct icl_plant *plant = result->plant;
    const struct icl_power_rate rate = icl_power_rate(result);
    icl_table_text(table, row->id);
    icl_table_text(table, icl_power_kind_names[row->kind]);
    icl_table_text(table, plant->gates);
    icl_table_text(table, plant->law);
    if (plant->keep != 0)
        write_short(table, plant->keep);
    else
        icl_table_text(table, "all");
    icl_table_count(table, plant->blocks * plant->rows);
    icl_table_text(table, row->quantity);
    icl_table_text(table, rules[row->rule]);
    write_short(table, row->target);
    write_short(table, row->tolerance);
    write_short(table, result->deviation);
    icl_table_count(table, result->runs);
    for (int v = ICL_HOLDS; v <= ICL_UNDECIDED; v++)
        icl_table_count(table, result->count[v]);
    icl_table_text(table, row->kind == ICL_POWER_TOLERANCE ? "holds" : "fails");
    write_short(table, rate.rate);
    write_short(table, rate.bound);
    write_short(table, rate.required);
    icl_table_text(table, rate.ok);
    write_short(table, result->estimate);
    write_short(table, result->sd);
    write_short(table, result->se);
    icl_table_text(table, result->leading);
}

icl_status icl_power_write(const struct icl_power_result *results, size_t count, const char *path, const char *header,
                           struct icl_error *err)
{
    static const char names[] = "row\tkind\tgates\tlaw\tkeep\tn\tquantity\trule\ttarget\ttolerance\tdeviation\truns\t"
                                "holds\tfails\tundecided\tjudged\trate\tbound\trequired\tok\testimate\tsd\tse\tleading";
    struct icl_table table;
    ICL_TRY(icl_table_open(&table, path, header, names, err));
    for (size_t r = 0; r < count; r++)
        write_row(&table, &results[r]);
    return icl_table_close(&table, err);
}
