/* Tables of the trained networks: the runs, their curves, gradients and variances. */
#include "experiments/tables_internal.h"
#include "experiments/training_internal.h"

static void member_cells(struct icl_table *table, const struct run *run, size_t r)
{
    const struct training_member *member = &run->training.member[r];
    icl_table_text(table, member->condition->law);
    icl_table_text(table, member->condition->word);
    icl_table_number(table, run->training.run[r].spec.rate);
    icl_table_count(table, run->training.run[r].spec.seed);
}

static icl_status write_runs(const struct run *run, const char *out, struct icl_error *err)
{
    static const char *const outcomes[] = {
        [ICL_OUTCOME_FINISHED] = "finished", [ICL_OUTCOME_DIVERGED] = "diverged", [ICL_OUTCOME_STOPPED] = "stopped"};
    struct icl_table table;
    ICL_TRY(
        open_table(&table, run, out, "training_runs",
                   "the networks that were trained, each in runs/NAME; accuracies after the last epoch (train: as it "
                   "was learnt, open: gates open); over the stages, behind the nonlinearity: mean |mean|, mean sd, "
                   "ln(largest / smallest sd) at the last and at the first recorded step behind 0",
                   "law\tword\trate\tseed\toutcome\tsteps\tvalid_accuracy\ttrain_accuracy\topen_accuracy\tmean\tsd\t"
                   "spread\tearly_spread\trun",
                   err));
    for (size_t r = 0; r < run->training.count; r++) {
        const struct icl_run *one = &run->training.run[r];
        const struct training_curves *curves = &run->training.member[r].curves;
        char name[ICL_RUN_NAME];
        icl_run_name(one, name);
        member_cells(&table, run, r);
        icl_table_text(&table, outcomes[one->result.outcome]);
        icl_table_count(&table, one->result.steps);
        icl_table_number(&table, training_accuracy(curves));
        icl_table_number(&table, curves->train);
        icl_table_number(&table, curves->open);
        icl_table_number(&table, curves->mean_size);
        icl_table_number(&table, curves->sd_size);
        icl_table_number(&table, curves->sd_spread);
        icl_table_number(&table, curves->early_spread);
        icl_table_text(&table, name);
    }
    return icl_table_close(&table, err);
}

static icl_status write_curves(const struct run *run, const char *out, struct icl_error *err)
{
    struct icl_table table;
    ICL_TRY(open_table(&table, run, out, "training_curves", "validation accuracy by epoch",
                       "law\tword\trate\tseed\tepoch\tvalid_accuracy", err));
    for (size_t r = 0; r < run->training.count; r++) {
        const struct training_curves *curves = &run->training.member[r].curves;
        for (size_t e = 0; e < curves->epochs; e++) {
            member_cells(&table, run, r);
            icl_table_count(&table, e + 1);
            icl_table_number(&table, curves->valid[e]);
        }
    }
    return icl_table_close(&table, err);
}

static icl_status write_gradients(const struct run *run, const char *out, struct icl_error *err)
{
    static const char *const words[2] = {"ic", "baseline"};
    struct icl_table table;
    ICL_TRY(
        open_table(&table, run, out, "training_gradients",
                   "weight layers behind a stage of thread07-short: sign-agreement, the share of the pairs of weights "
                   "of an output unit whose gradients have one sign; mean-shift, |mean| / sd of the inputs",
                   "word\tlayer\tweights\tquantity\testimate\tse\tlo\thi", err));
    icl_status status = ICL_OK;
    for (size_t w = 0; w < 2; w++) {
        const struct gradient_signs *signs = &run->signs[w];
        for (size_t l = 0; l < 2 * signs->layers && status == ICL_OK; l++) {
            struct icl_interval interval;
            const struct icl_quantity_context context = {.at = l};
            status = icl_series_interval(&signs->series, icl_level_itself, &context, &interval, err);
            if (status != ICL_OK) break;
            icl_table_text(&table, words[w]);
            icl_table_text(&table, signs->layer[l % signs->layers].name);
            icl_table_count(&table, signs->layer[l % signs->layers].weights);
            icl_table_text(&table, l < signs->layers ? "sign-agreement" : "mean-shift");
            table_interval(&table, &interval);
        }
    }
    return finish_table(&table, status, err);
}

static icl_status write_variances(const struct run *run, const char *out, struct icl_error *err)
{
    struct icl_table table;
    ICL_TRY(
        open_table(&table, run, out, "training_variance",
                   "running variance of the batch norms of thread07-short ic over the variance of what they meet at "
                   "evaluation: geometric mean over the channels; behind_drop: 1 where a dropout stands before",
                   "stage\tname\tbehind_drop\tratio\tse\tlo\thi", err));
    icl_status status = ICL_OK;
    for (size_t k = 0; k < run->network.stages && status == ICL_OK; k++) {
        const struct trained_stage *stage = &run->network.stage[k];
        struct icl_interval interval;
        status = icl_series_interval(&stage->variance, trained_variance_ratio, NULL, &interval, err);
        if (status != ICL_OK) break;
        icl_table_count(&table, k + 1);
        icl_table_text(&table, stage->name);
        icl_table_count(&table, stage->behind_drop ? 1 : 0);
        table_interval(&table, &interval);
    }
    return finish_table(&table, status, err);
}

icl_status write_training_tables(const struct run *run, const char *out, struct icl_error *err)
{
    if (!run->training.done) return ICL_OK;
    ICL_TRY(write_runs(run, out, err));
    ICL_TRY(write_curves(run, out, err));
    if (run->signs[0].layers > 0) ICL_TRY(write_gradients(run, out, err));
    return run->has_network ? write_variances(run, out, err) : ICL_OK;
}
