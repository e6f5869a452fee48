/* The tables that every figure has: arms, runs, curves. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "core/cells.h"
#include "estimators/uncertainty.h"
#include "experiments/reproduce_internal.h"

enum { HEADER_SIZE = 6144 };

/* ---- spread over seeds ---------------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

struct spread spread_of(double *value, size_t n)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(value[i])) value[kept++] = value[i];
    for (size_t i = kept; i < n; i++)
        value[i] = NAN;
    struct spread s = {kept, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    if (kept == 0) return s;
    qsort(value, kept, sizeof *value, by_value);
    s.lowest = value[0];
    s.highest = value[kept - 1];
    s.median = (value[(kept - 1) / 2] + value[kept / 2]) / 2;
    double sum = 0, squares = 0;
    for (size_t i = 0; i < kept; i++)
        sum += value[i];
    s.mean = sum / (double)kept;
    if (kept < 2) return s;
    for (size_t i = 0; i < kept; i++)
        squares += (value[i] - s.mean) * (value[i] - s.mean);
    s.sd = sqrt(squares / (double)(kept - 1));
    s.se = s.sd / sqrt((double)kept);
    struct icl_interval interval = {.estimate = s.mean, .se = s.se, .df = (double)(kept - 1)};
    icl_interval_set(&interval, .95);
    s.lo = interval.lo;
    s.hi = interval.hi;
    return s;
}

/* ---- files ---------------------------------------------------------------------------------------------------- */

icl_status open_figure_table(struct icl_table *table, const struct plan *plan, const char *suffix, const char *what,
                             const char *names, struct icl_error *err)
{
    const struct icl_reproduce_options *o = plan->options;
    char path[FIGURE_PATH], header[HEADER_SIZE], stands[128] = "";
    if (snprintf(path, sizeof path, "%s/tables/%s%s%s.tsv", o->runs.out, plan->kind->stem, *suffix != '\0' ? "_" : "",
                 suffix) >= FIGURE_PATH)
        return icl_fail(err, ICL_ERR_USAGE, "%s: the path is too long", o->runs.out);
    if (plan->stands_for != NULL)
        snprintf(stands, sizeof stands, ", standing in for %s, which is not there", plan->stands_for);
    snprintf(header, sizeof header,
             "%s: %s\nunits: accuracy is a fraction of the images, loss in nats\ndata: %s%s\n"
             "seeds 1 to %zu, %s run, iclab %s\ncommand: %s",
             plan->kind->text.name, what, plan->data, stands, plan->size.seeds, o->full ? "full" : "quick", ICL_VERSION,
             o->runs.command != NULL ? o->runs.command : "(library)");
    return icl_table_open(table, path, header, names, err);
}

icl_status end_figure_table(struct icl_table *table, icl_status status, struct icl_error *err)
{
    if (status == ICL_OK) return icl_table_close(table, err);
    icl_table_abort(table);
    return status;
}

icl_status run_file(const struct plan *plan, const struct icl_run *run, const char *file, char path[FIGURE_PATH],
                    struct icl_error *err)
{
    if (snprintf(path, FIGURE_PATH, "%s/runs/%s/%s", plan->options->runs.out, run->name, file) < FIGURE_PATH)
        return ICL_OK;
    return icl_fail(err, ICL_ERR_USAGE, "%s: the path is too long", plan->options->runs.out);
}

/* ---- runs ----------------------------------------------------------------------------------------------------- */

static const char *const outcomes[] = {
    [ICL_OUTCOME_FINISHED] = "finished", [ICL_OUTCOME_DIVERGED] = "diverged", [ICL_OUTCOME_STOPPED] = "stopped"};

static icl_status write_runs(const struct plan *plan, struct icl_error *err)
{
    struct icl_table table;
    ICL_TRY(open_figure_table(&table, plan, "runs", "every run after its last epoch; nan where it diverged",
                              "arm\tx\tseed\toutcome\tepochs\tsteps\tvalid_accuracy\tvalid_loss\topen_accuracy\t"
                              "open_loss\ttrain_accuracy\ttrain_loss\tbest_accuracy\tbest_epoch\trun",
                              err));
    for (size_t a = 0; a < plan->arms; a++)
        for (size_t s = 0; s < plan->size.seeds; s++) {
            const struct icl_run *run = plan_run(plan, a, s);
            const struct icl_train_result *r = &run->result;
            icl_table_text(&table, plan->kind->arm[a].label);
            icl_table_number(&table, plan->kind->arm[a].x);
            icl_table_count(&table, run->spec.seed);
            icl_table_text(&table, outcomes[r->outcome]);
            icl_table_count(&table, r->epochs);
            icl_table_count(&table, r->steps);
            icl_table_number(&table, r->valid_accuracy);
            icl_table_number(&table, r->valid_loss);
            icl_table_number(&table, r->open_accuracy);
            icl_table_number(&table, r->open_loss);
            icl_table_number(&table, r->train_accuracy);
            icl_table_number(&table, r->train_loss);
            icl_table_number(&table, r->best_accuracy);
            icl_table_count(&table, r->best_epoch);
            icl_table_text(&table, run->name);
        }
    return icl_table_close(&table, err);
}

/* ---- arms ----------------------------------------------------------------------------------------------------- */

/* Final accuracies of an arm by seed, or what they are above those of the first arm. `value`: seeds. */
static struct spread final_accuracy(const struct plan *plan, size_t arm, bool over_first, double *value)
{
    for (size_t s = 0; s < plan->size.seeds; s++) {
        value[s] = plan_run(plan, arm, s)->result.valid_accuracy;
        if (over_first) value[s] -= plan_run(plan, 0, s)->result.valid_accuracy;
    }
    return spread_of(value, plan->size.seeds);
}

static size_t diverged(const struct plan *plan, size_t arm)
{
    size_t count = 0;
    for (size_t s = 0; s < plan->size.seeds; s++)
        count += plan_run(plan, arm, s)->result.outcome == ICL_OUTCOME_DIVERGED;
    return count;
}

static icl_status write_arms(const struct plan *plan, double *value, struct icl_error *err)
{
    struct icl_table table;
    ICL_TRY(open_figure_table(
        &table, plan, "",
        "validation accuracy after the last epoch, over the seeds that did not diverge\n"
        "se lo hi: standard error and 95 % interval of the mean (Student's t); difference: to the first arm, paired by "
        "seed",
        "arm\tx\tseeds\tdiverged\tmean\tsd\tse\tlo\thi\tmedian\tlowest\thighest\tdifference\tdifference_lo\t"
        "difference_hi\tdata\tstands_for\tnet\tepochs\timages",
        err));
    for (size_t a = 0; a < plan->arms; a++) {
        const struct spread own = final_accuracy(plan, a, false, value), over = final_accuracy(plan, a, true, value);
        const double numbers[] = {own.mean,   own.sd,      own.se,    own.lo,  own.hi, own.median,
                                  own.lowest, own.highest, over.mean, over.lo, over.hi};
        icl_table_text(&table, plan->kind->arm[a].label);
        icl_table_number(&table, plan->kind->arm[a].x);
        icl_table_count(&table, plan->size.seeds);
        icl_table_count(&table, diverged(plan, a));
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
            icl_table_number(&table, numbers[i]);
        icl_table_text(&table, plan->data);
        icl_table_text(&table, plan->stands_for != NULL ? plan->stands_for : "-");
        icl_table_text(&table, plan->size.net);
        icl_table_count(&table, plan->size.epochs);
        icl_table_count(&table, plan->size.limit);
    }
    return icl_table_close(&table, err);
}

icl_status print_arms(const struct plan *plan, FILE *terminal, struct icl_error *err)
{
    double *value = malloc(plan->size.seeds * sizeof *value);
    if (value == NULL) return icl_fail_memory(err, "accuracies");
    fprintf(terminal, "%s: %s, %s%s%s, %zu epoch%s, %zu seed%s\n", plan->kind->text.name, plan->size.net, plan->data,
            plan->stands_for != NULL ? " standing in for " : "", plan->stands_for != NULL ? plan->stands_for : "",
            plan->size.epochs, plan->size.epochs == 1 ? "" : "s", plan->size.seeds, plan->size.seeds == 1 ? "" : "s");
    fprintf(terminal, "%-14s %9s  %-17s %9s %9s %9s\n", "validation", "mean", "95 % interval", "lowest", "highest",
            "diverged");
    for (size_t a = 0; a < plan->arms; a++) {
        const struct spread s = final_accuracy(plan, a, false, value);
        char interval[32] = "-";
        if (s.n > 1) snprintf(interval, sizeof interval, "[%6.2f, %6.2f]", 100 * s.lo, 100 * s.hi);
        fprintf(terminal, "%-14s %7.2f %%  %-17s %7.2f %% %7.2f %% %9zu\n", plan->kind->arm[a].label, 100 * s.mean,
                interval, 100 * s.lowest, 100 * s.highest, diverged(plan, a));
    }
    free(value);
    return ICL_OK;
}

/* ---- curves --------------------------------------------------------------------------------------------------- */

/* What is read of epochs.tsv. */
enum { VALID_ACCURACY, OPEN_ACCURACY, TRAIN_ACCURACY, VALID_LOSS, TRAIN_LOSS, CURVES };
static const char *const curve_names[CURVES] = {"valid_accuracy", "open_accuracy", "train_accuracy", "valid_loss",
                                                "train_loss"};

/* curve[(kind * epochs + epoch) * seeds + seed] of a run; epochs that it does not have stay nan. */
static icl_status read_curves(const struct plan *plan, const struct icl_run *run, size_t seed, double *curve,
                              struct icl_error *err)
{
    char path[FIGURE_PATH];
    struct icl_cells cells;
    ICL_TRY(run_file(plan, run, "epochs.tsv", path, err));
    ICL_TRY(icl_cells_read(path, &cells, err));
    icl_status status = ICL_OK;
    for (size_t k = 0; k < CURVES && status == ICL_OK; k++) {
        size_t column = 0;
        status = icl_cells_column(&cells, curve_names[k], &column, err);
        for (size_t e = 0; e < cells.rows && e < plan->size.epochs && status == ICL_OK; e++)
            status =
                icl_cell_number(&cells, e, column, &curve[(k * plan->size.epochs + e) * plan->size.seeds + seed], err);
    }
    icl_cells_free(&cells);
    return status;
}

static icl_status write_arm_curves(struct icl_table *table, const struct plan *plan, size_t arm, double *curve,
                                   struct icl_error *err)
{
    const size_t seeds = plan->size.seeds, epochs = plan->size.epochs;
    for (size_t i = 0; i < CURVES * epochs * seeds; i++)
        curve[i] = NAN;
    for (size_t s = 0; s < seeds; s++)
        ICL_TRY(read_curves(plan, plan_run(plan, arm, s), s, curve, err));
    for (size_t e = 0; e < epochs; e++) {
        icl_table_text(table, plan->kind->arm[arm].label);
        icl_table_number(table, plan->kind->arm[arm].x);
        icl_table_count(table, e + 1);
        icl_table_count(table, spread_of(&curve[(VALID_ACCURACY * epochs + e) * seeds], seeds).n);
        for (size_t k = 0; k < CURVES; k++) {
            const struct spread spread = spread_of(&curve[(k * epochs + e) * seeds], seeds);
            icl_table_number(table, spread.median);
            if (k == TRAIN_ACCURACY || k == TRAIN_LOSS) continue;
            icl_table_number(table, spread.lowest);
            icl_table_number(table, spread.highest);
        }
    }
    return ICL_OK;
}

static icl_status write_curves(const struct plan *plan, struct icl_error *err)
{
    struct icl_table table;
    double *curve = malloc(CURVES * plan->size.epochs * plan->size.seeds * sizeof *curve);
    if (curve == NULL) return icl_fail_memory(err, "curves");
    icl_status status = open_figure_table(
        &table, plan, "curves",
        "by epoch: the median over the seeds that came so far, and their range _lowest to _highest\n"
        "valid: validation images; open: training images, gates open; train: while learning, gates drawn",
        "arm\tx\tepoch\tseeds\tvalid_accuracy\tvalid_accuracy_lowest\tvalid_accuracy_highest\topen_accuracy\t"
        "open_accuracy_lowest\topen_accuracy_highest\ttrain_accuracy\tvalid_loss\tvalid_loss_lowest\t"
        "valid_loss_highest\ttrain_loss",
        err);
    if (status == ICL_OK) {
        for (size_t a = 0; a < plan->arms && status == ICL_OK; a++)
            status = write_arm_curves(&table, plan, a, curve, err);
        status = end_figure_table(&table, status, err);
    }
    free(curve);
    return status;
}

icl_status write_figure_tables(const struct plan *plan, struct icl_error *err)
{
    double *value = malloc(plan->size.seeds * sizeof *value);
    if (value == NULL) return icl_fail_memory(err, "accuracies");
    icl_status status = write_arms(plan, value, err);
    free(value);
    if (status == ICL_OK) status = write_runs(plan, err);
    return status == ICL_OK ? write_curves(plan, err) : status;
}
