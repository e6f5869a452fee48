#include "experiments/reproduce.h"

#include <stdlib.h>
#include <string.h>

#include "core/atomic_file.h"
#include "experiments/gnuplot_internal.h"
#include "experiments/reproduce_internal.h"
#include "trainer/data_sets.h"

const struct icl_figure *icl_figure_at(size_t index)
{
    return index < figure_kind_count ? &figure_kinds[index].text : NULL;
}

/* ---- planning ------------------------------------------------------------------------------------------------- */

static icl_status find_kind(const char *name, const struct figure_kind **kind, struct icl_error *err)
{
    for (size_t k = 0; k < figure_kind_count; k++)
        if (strcmp(figure_kinds[k].text.name, name) == 0) {
            *kind = &figure_kinds[k];
            return ICL_OK;
        }
    return icl_fail(err, ICL_ERR_USAGE, "unknown figure '%.60s': `iclab reproduce --list` names them", name);
}

/* Whether a set of the table is on this machine; `err` says how to get it where it is not. */
static icl_status locate(const char *name, const char *root, struct icl_error *err)
{
    struct icl_data_choice choice;
    char path[ICL_DATA_PATH];
    ICL_TRY(icl_data_choose(name, &choice, err));
    return icl_data_locate(&choice.set, root, path, err);
}

/* The data set asked for, or the first of the figure's that is there. */
static icl_status choose_data(struct plan *plan, struct icl_error *err)
{
    const char *const *own = plan->kind->data;
    const char *root = plan->options->runs.root;
    struct icl_data *data;
    plan->data = plan->options->data;
    for (size_t d = 0; plan->data == NULL && own[d] != NULL; d++)
        if (locate(own[d], root, NULL) == ICL_OK) plan->data = own[d];
    if (plan->data == NULL) return locate(own[0], root, err);
    /* Whatever is wrong with it is said before anything is written. */
    ICL_TRY(icl_data_open(plan->data, ICL_SPLIT_VALID, 1, plan->size.side, root, &data, err));
    icl_data_close(data);
    if (plan->options->data == NULL && plan->data != own[0]) plan->stands_for = own[0];
    return ICL_OK;
}

static struct figure_size size_of(const struct figure_kind *kind, const struct icl_reproduce_options *options)
{
    struct figure_size size = options->full ? kind->full : kind->quick;
    if (options->seeds > 0) size.seeds = (size_t)options->seeds;
    if (options->epochs > 0) size.epochs = (size_t)options->epochs;
    if (options->limit > 0) {
        size.limit = (size_t)options->limit;
        if (size.valid_limit == 0 || size.valid_limit > size.limit) size.valid_limit = size.limit;
    }
    if (options->net != NULL) size.net = options->net;
    return size;
}

static icl_status make_spec(const struct plan *plan, const struct figure_arm *arm, size_t seed,
                            struct icl_train_spec *spec, struct icl_error *err)
{
    icl_train_spec_default(spec);
    if (snprintf(spec->data, sizeof spec->data, "%s", plan->data) >= (int)sizeof spec->data)
        return icl_fail(err, ICL_ERR_USAGE, "--data: '%.60s...' is too long", plan->data);
    if (snprintf(spec->net, sizeof spec->net, "%s", plan->size.net) >= (int)sizeof spec->net)
        return icl_fail(err, ICL_ERR_USAGE, "--net: '%.60s' is too long", plan->size.net);
    spec->limit = plan->size.limit;
    spec->valid_limit = plan->size.valid_limit;
    spec->size = plan->size.side;
    spec->epochs = plan->size.epochs;
    spec->order = arm->order;
    spec->drop = arm->drop;
    spec->skip = arm->skip;
    spec->conversion = arm->conversion;
    spec->seed = seed + 1;
    plan->kind->recipe(spec, plan->options->full);
    return icl_train_spec_check(spec, err);
}

static icl_status make_plan(struct plan *plan, struct icl_error *err)
{
    ICL_TRY(find_kind(plan->options->figure, &plan->kind, err));
    plan->size = size_of(plan->kind, plan->options);
    ICL_TRY(choose_data(plan, err));
    while (plan->arms < FIGURE_ARMS && plan->kind->arm[plan->arms].label != NULL)
        plan->arms++;
    plan->run = calloc(plan->arms * plan->size.seeds, sizeof *plan->run);
    if (plan->run == NULL) return icl_fail_memory(err, "a list of runs");
    struct icl_run *run = plan->run;
    for (size_t a = 0; a < plan->arms; a++)
        for (size_t s = 0; s < plan->size.seeds; s++, run++) {
            ICL_TRY(make_spec(plan, &plan->kind->arm[a], s, &run->spec, err));
            run->record_steps = plan->kind->record_steps;
        }
    return ICL_OK;
}

/* Seed by seed, so that an experiment that is stopped early has whole comparisons. */
static icl_status do_runs(struct plan *plan, bool *stopped, struct icl_error *err)
{
    const size_t count = plan->arms * plan->size.seeds;
    struct icl_run *list = malloc(count * sizeof *list);
    if (list == NULL) return icl_fail_memory(err, "a list of runs");
    for (size_t i = 0; i < count; i++)
        list[i] = *plan_run(plan, i % plan->arms, i / plan->arms);
    const icl_status status = icl_runs_do(list, count, &plan->options->runs, stopped, err);
    for (size_t i = 0; i < count; i++)
        plan->run[i % plan->arms * plan->size.seeds + i / plan->arms] = list[i];
    free(list);
    return status;
}

/* ---- results -------------------------------------------------------------------------------------------------- */

static void draw(const struct plan *plan, FILE *terminal)
{
    char folder[PLOTS_PATH];
    const char *out = plan->options->runs.out, *missing = find_plots(folder);
    if (missing != NULL) {
        fprintf(terminal, "left out: the figures: %s\n", missing);
        return;
    }
    for (size_t s = 0; s < FIGURE_SCRIPTS && plan->kind->script[s] != NULL; s++) {
        const char *name = plan->kind->script[s];
        if (draw_script(folder, name, out))
            fprintf(terminal, "figure: %s/figures/%s.svg\n", out, name);
        else
            fprintf(terminal, "left out: figure %s: gnuplot found nothing to draw, or failed\n", name);
    }
}

static icl_status write_results(const struct plan *plan, FILE *terminal, struct icl_error *err)
{
    char folder[FIGURE_PATH];
    if (snprintf(folder, sizeof folder, "%s/tables", plan->options->runs.out) >= FIGURE_PATH)
        return icl_fail(err, ICL_ERR_USAGE, "%s: the path is too long", plan->options->runs.out);
    ICL_TRY(icl_make_folders(folder, err));
    ICL_TRY(write_figure_tables(plan, err));
    if (plan->kind->write != NULL) ICL_TRY(plan->kind->write(plan, err));
    FILE *nowhere = terminal == NULL ? fopen("/dev/null", "w") : NULL;
    if (terminal == NULL && nowhere == NULL) return icl_fail(err, ICL_ERR_IO, "/dev/null: %m");
    const icl_status status = print_arms(plan, terminal != NULL ? terminal : nowhere, err);
    if (status == ICL_OK) draw(plan, terminal != NULL ? terminal : nowhere);
    if (nowhere != NULL) fclose(nowhere);
    return status;
}

icl_status icl_reproduce(const struct icl_reproduce_options *options, FILE *terminal, bool *stopped,
                         struct icl_error *err)
{
    struct plan plan = {.options = options};
    *stopped = false;
    icl_status status = make_plan(&plan, err);
    if (status == ICL_OK) status = do_runs(&plan, stopped, err);
    if (status == ICL_OK && !*stopped && !options->runs.leave) status = write_results(&plan, terminal, err);
    free(plan.run);
    return status;
}
