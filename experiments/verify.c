#include "experiments/verify.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/atomic_file.h"
#include "core/threads.h"
#include "experiments/claims_internal.h"
#include "experiments/evidence_kinds_internal.h"
#include "experiments/run_internal.h"
#include "experiments/training_internal.h"

enum { PATH_SIZE = 4096 };

static const struct run_size sizes[2] = {
    {"quick", 20, 10000, 30000, 12},
    {"full", 40, 25000, 60000, 20},
};

const struct claim_code claim_codes[] = {
    {"c01", ICL_GATE_INDEPENDENT, c01_mi_quadratic},  {"c02", ICL_GATE_INDEPENDENT, c02_corr_linear},
    {"c03", ICL_GATE_INDEPENDENT, c03_entropy_mix},   {"c04", ICL_GATE_INDEPENDENT, c04_bn_role},
    {"c05", ICL_GATE_INDEPENDENT, c05_atom_bound},    {"c06", ICL_GATE_SHARED, c06_shared_gate},
    {"c07", ICL_GATE_GAUSSIAN, c07_gaussian_noise},   {"c08", ICL_GATE_INDEPENDENT, c08_total_correlation},
    {"c09", ICL_GATE_INDEPENDENT, c09_conditioning},  {"c10", ICL_GATE_INDEPENDENT, c10_nonneg_inputs},
    {"c11", ICL_GATE_INDEPENDENT, c11_trained_pairs}, {"c12", ICL_GATE_INDEPENDENT, c12_limit},
    {"c13", ICL_GATE_INDEPENDENT, c13_speed},         {"c14", ICL_GATE_INDEPENDENT, c14_stability},
    {"c15", ICL_GATE_INDEPENDENT, c15_synergy},       {"c16", ICL_GATE_INDEPENDENT, c16_rate},
    {"c17", ICL_GATE_INDEPENDENT, c17_val_vs_train},  {"c18", ICL_GATE_INDEPENDENT, c18_stats_predict},
    {"c19", ICL_GATE_INDEPENDENT, c19_spread_nan},    {"c20", ICL_GATE_INDEPENDENT, c20_skip_place},
    {"c21", ICL_GATE_INDEPENDENT, c21_xresnet},       {"c22", ICL_GATE_INDEPENDENT, c22_variance_shift},
};
const size_t claim_code_count = sizeof claim_codes / sizeof claim_codes[0];

#define TRAINED(stage, number)                                                                                         \
    {                                                                                                                  \
        "trained-unit" number, ICL_READING_POSITION, ICL_NORM_TRAINED, ICL_GATE_INDEPENDENT, true,                     \
            "units of stage " number " of the trained network, ReLU -> channel BN -> dropout", stage                   \
    }

const struct panel_kind panel_kinds[] = {
    {"fmnist-channel-bn", ICL_READING_CHANNEL, ICL_NORM_CHANNEL, ICL_GATE_INDEPENDENT, true,
     "channels of Fashion-MNIST, ReLU -> channel BN -> dropout", 0},
    {"fmnist-channel-relu", ICL_READING_CHANNEL, ICL_NORM_NONE, ICL_GATE_INDEPENDENT, true,
     "channels of Fashion-MNIST, ReLU -> dropout", 0},
    {"fmnist-position-bn", ICL_READING_POSITION, ICL_NORM_CHANNEL, ICL_GATE_INDEPENDENT, true,
     "units of Fashion-MNIST, ReLU -> channel BN -> dropout", 0},
    {"fmnist-position-relu", ICL_READING_POSITION, ICL_NORM_NONE, ICL_GATE_INDEPENDENT, true,
     "units of Fashion-MNIST, ReLU -> dropout", 0},
    {"fmnist-position-unitbn", ICL_READING_POSITION, ICL_NORM_UNIT, ICL_GATE_INDEPENDENT, false,
     "units of Fashion-MNIST, ReLU -> BN of every unit -> dropout", 0},
    {"fmnist-position-shared", ICL_READING_POSITION, ICL_NORM_CHANNEL, ICL_GATE_SHARED, true,
     "units of Fashion-MNIST, ReLU -> channel BN -> channel dropout", 0},
    {"fmnist-position-gaussian", ICL_READING_POSITION, ICL_NORM_CHANNEL, ICL_GATE_GAUSSIAN, true,
     "units of Fashion-MNIST, ReLU -> channel BN -> Gaussian noise", 0},
    TRAINED(1, "1"),
    TRAINED(2, "2"),
    TRAINED(3, "3"),
    TRAINED(4, "4"),
    TRAINED(5, "5"),
};
const size_t panel_kind_count = sizeof panel_kinds / sizeof panel_kinds[0];

/* ---- finding things ------------------------------------------------------------------------------------------- */

const struct claim_code *claim_code_of(const struct icl_claim *claim)
{
    for (size_t c = 0; c < claim_code_count; c++)
        if (icl_claim_matches(claim, claim_codes[c].id)) return &claim_codes[c];
    return NULL;
}

const struct panel_kind *panel_kind_of(const char *name)
{
    for (size_t k = 0; k < panel_kind_count; k++)
        if (strcmp(panel_kinds[k].name, name) == 0) return &panel_kinds[k];
    return NULL;
}

const struct icl_sweep *run_sweep(const struct run *run, const char *law, enum icl_gate gate)
{
    for (size_t s = 0; s < run->sweeps; s++)
        if (run->sweep[s].gate == gate && strcmp(run->sweep[s].law->name, law) == 0) return &run->sweep[s];
    return NULL;
}

const struct icl_panel *run_panel(const struct run *run, const char *name)
{
    for (size_t p = 0; p < run->panels; p++)
        if (strcmp(run->panel[p].name, name) == 0) return &run->panel[p];
    return NULL;
}

void leave_out(struct run *run, const char *format, ...)
{
    if (run->left_out_count == MOST_LEFT_OUT) return;
    va_list args;
    va_start(args, format);
    vsnprintf(run->left_out[run->left_out_count++], NOTE_SIZE, format, args);
    va_end(args);
}

/* ---- planning ------------------------------------------------------------------------------------------------- */

static icl_status select_claims(struct run *run, struct icl_error *err)
{
    const struct icl_verify_options *o = run->options;
    for (size_t w = 0; w < o->claim_count; w++) {
        bool known = false;
        for (size_t i = 0; i < run->registry.count; i++) {
            if (!icl_claim_matches(&run->registry.claim[i], o->claims[w])) continue;
            known = run->finding[i].selected = true;
        }
        if (!known)
            return icl_fail(err, ICL_ERR_USAGE, "unknown claim '%s': `iclab claims` lists the registry", o->claims[w]);
    }
    for (size_t i = 0; o->claim_count == 0 && i < run->registry.count; i++)
        run->finding[i].selected = true;
    return ICL_OK;
}

/* The images, their activations and the units that the panels look at. Without the data set: left out, not an error. */
static icl_status plan_neurons(struct run *run, struct icl_error *err)
{
    char path[4096];
    struct icl_error missing = {ICL_OK, ""};
    struct icl_images images = {0};
    struct icl_activation relu = {0};
    if (icl_fashion_mnist_path(path, sizeof path, &missing) != ICL_OK) {
        leave_out(run, "the claims on real images: %s", missing.message);
        return ICL_OK;
    }
    ICL_TRY(icl_images_read(path, run->size->images, &images, err));
    icl_status status = icl_first_stage_forward(&images, run->options->seed, run->options->threads, &relu, err);
    icl_images_free(&images);
    if (status == ICL_OK)
        status = icl_neurons_create(&run->neurons, &relu, run->options->seed, run->size->image_blocks, err);
    run->has_neurons = status == ICL_OK;
    return status;
}

static icl_status plan_panel(struct run *run, const struct panel_kind *kind, bool *tried_images, struct icl_error *err)
{
    if (!*tried_images) ICL_TRY(plan_neurons(run, err));
    *tried_images = true;
    if (!run->has_neurons || run_panel(run, kind->name) != NULL) return ICL_OK;
    ICL_TRY(icl_panel_create(&run->panel[run->panels], kind->name, &run->neurons, kind->reading, kind->norm, kind->gate,
                             kind->with_mi, err));
    run->panels++;
    return ICL_OK;
}

/* Networks: what a default run leaves aside, and what cannot be trained because its data are not there. */
static icl_status plan_training(struct run *run, struct icl_error *err)
{
    const struct icl_verify_options *o = run->options;
    struct icl_error missing = {ICL_OK, ""};
    const bool there = training_data_are_there(&missing);
    bool told = false;
    const char *family = "";
    for (size_t i = 0; i < run->registry.count; i++) {
        const struct icl_claim *claim = &run->registry.claim[i];
        struct finding *finding = &run->finding[i];
        if (!finding->selected || !training_is_needed(claim)) continue;
        const bool later = training_is_heavy(claim) && !o->full && o->claim_count == 0;
        finding->later = later;
        finding->set_aside = later || !there;
        if (later && strncmp(family, claim->id, 3) != 0) {
            char id[8];
            snprintf(id, sizeof id, "%.3s", claim->id);
            leave_out(run, "%s %s: trains %zu networks: iclab verify %s", id, claim->name, training_runs_of(id, false),
                      id);
            family = claim->id;
        } else if (!later && !there && !told) {
            leave_out(run, "the claims on trained networks: %s", missing.message);
            told = true;
        }
    }
    return training_plan(&run->training, &run->registry, run->finding, o->seed, o->full, err);
}

static icl_status plan_sweep(struct run *run, const struct icl_claim *claim, struct icl_error *err)
{
    const struct icl_law *law = icl_law_by_name(claim->law);
    const struct claim_code *code = claim_code_of(claim);
    if (law == NULL || run->sweeps == MOST_SWEEPS)
        return icl_fail(err, ICL_ERR_INPUT, "claims.tsv: %s: no law '%s'", claim->id, claim->law);
    if (run_sweep(run, claim->law, code->gate) != NULL) return ICL_OK;
    ICL_TRY(icl_sweep_create(&run->sweep[run->sweeps], law, code->gate, run->options->seed, run->size->blocks,
                             run->size->rows, err));
    run->sweeps++;
    return ICL_OK;
}

/* Makes ready what the selected claims need. */
static icl_status plan(struct run *run, struct icl_error *err)
{
    const size_t blocks = run->size->blocks, rows = run->size->rows;
    const uint64_t seed = run->options->seed;
    bool tried_images = false;
    ICL_TRY(plan_training(run, err));
    for (size_t i = 0; i < run->registry.count; i++) {
        const struct icl_claim *claim = &run->registry.claim[i];
        if (!run->finding[i].selected) continue;
        if (claim_code_of(claim) == NULL)
            return icl_fail(err, ICL_ERR_INPUT, "claims.tsv: %s: no code for this claim", claim->id);
        if (training_is_needed(claim)) continue; /* once the networks are trained */
        const struct panel_kind *kind = panel_kind_of(claim->law);
        if (kind != NULL) {
            ICL_TRY(plan_panel(run, kind, &tried_images, err));
        } else if (strcmp(claim->law, "relu-bn") == 0) {
            if (!run->has_bn) ICL_TRY(icl_bn_check_create(&run->bn, seed, blocks, rows, err));
            run->has_bn = true;
        } else if (strcmp(claim->law, "normal3") == 0) {
            if (!run->has_trio) ICL_TRY(icl_trio_create(&run->trio, seed, blocks, rows, err));
            run->has_trio = true;
        } else if (strcmp(claim->law, "normal8") == 0) {
            if (!run->has_octet) ICL_TRY(icl_octet_create(&run->octet, seed, blocks, rows, err));
            run->has_octet = true;
        } else {
            ICL_TRY(plan_sweep(run, claim, err));
        }
    }
    return ICL_OK;
}

/* ---- trained networks ----------------------------------------------------------------------------------------- */

static bool is_selected(const struct run *run, const char *id)
{
    for (size_t i = 0; i < run->registry.count; i++)
        if (run->finding[i].selected && !run->finding[i].set_aside && icl_claim_matches(&run->registry.claim[i], id))
            return true;
    return false;
}

/* The folder of the first seed's run of a condition of thread07-short. */
static icl_status short_folder(const struct run *run, const char *word, const char *out, char *path,
                               struct icl_error *err)
{
    char name[ICL_RUN_NAME];
    for (size_t r = 0; r < run->training.count; r++) {
        const struct training_condition *c = run->training.member[r].condition;
        if (strcmp(c->law, "thread07-short") != 0 || strcmp(c->word, word) != 0) continue;
        icl_run_name(&run->training.run[r], name);
        if (snprintf(path, PATH_SIZE, "%s/runs/%s", out, name) < PATH_SIZE) return ICL_OK;
        return icl_fail(err, ICL_ERR_USAGE, "%s: the path is too long", out);
    }
    return icl_fail(err, ICL_ERR_NUMERIC, "no run of thread07-short %s", word);
}

static icl_status plan_trained_panels(struct run *run, struct icl_error *err)
{
    const struct panel_kind *idle = NULL; /* rows of one panel stand together */
    for (size_t i = 0; i < run->registry.count; i++) {
        const struct icl_claim *claim = &run->registry.claim[i];
        const struct panel_kind *kind = panel_kind_of(claim->law);
        if (!run->finding[i].selected || run->finding[i].set_aside || kind == NULL || kind->stage == 0) continue;
        if (run_panel(run, kind->name) != NULL) continue;
        if (kind->stage > run->network.stages || !run->network.stage[kind->stage - 1].has_neurons) {
            if (idle != kind)
                leave_out(run, "%s: fewer than two of its units are active in 5 %% of the images", kind->name);
            idle = kind;
            run->finding[i].set_aside = true;
            continue;
        }
        ICL_TRY(icl_panel_create(&run->panel[run->panels], kind->name, &run->network.stage[kind->stage - 1].neurons,
                                 kind->reading, kind->norm, kind->gate, kind->with_mi, err));
        run->panels++;
    }
    return ICL_OK;
}

/* Trains the networks and looks at those of thread07-short. */
static icl_status train_and_measure(struct run *run, const char *out, struct icl_error *err)
{
    const struct icl_verify_options *o = run->options;
    char folder[PATH_SIZE];
    ICL_TRY(training_do(&run->training, o, out, err));
    if (is_selected(run, "c10")) {
        static const char *const words[2] = {"ic", "baseline"};
        for (size_t w = 0; w < 2; w++) {
            ICL_TRY(short_folder(run, words[w], out, folder, err));
            ICL_TRY(gradient_signs_measure(folder, NULL, TRAINED_BLOCKS, o->threads, &run->signs[w], err));
        }
    }
    if (!is_selected(run, "c11") && !is_selected(run, "c22")) return ICL_OK;
    ICL_TRY(short_folder(run, "ic", out, folder, err));
    ICL_TRY(trained_network_measure(folder, NULL, o->seed, TRAINED_BLOCKS, o->threads, &run->network, err));
    run->has_network = true;
    return plan_trained_panels(run, err);
}

/* ---- judging -------------------------------------------------------------------------------------------------- */

icl_status judge_claim(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                       struct icl_error *err)
{
    ICL_TRY(claim_code_of(claim)->evaluate(run, claim, finding, err));
    finding->judgement = icl_judge(claim->rule, claim->target, claim->tolerance, finding->evidence, finding->count);
    return ICL_OK;
}

static icl_status judge_one(void *context, size_t i, unsigned worker, struct icl_error *err)
{
    (void)worker;
    struct run *run = context;
    const struct icl_claim *claim = &run->registry.claim[i];
    struct finding *finding = &run->finding[i];
    if (!finding->selected) return ICL_OK;
    const struct panel_kind *kind = panel_kind_of(claim->law);
    if (finding->set_aside || (kind != NULL && kind->stage == 0 && !run->has_neurons)) {
        finding->judgement = (struct icl_judgement){ICL_SKIPPED, 0, false, NAN, NAN};
        return ICL_OK;
    }
    return judge_claim(run, claim, finding, err);
}

/* The orders of the run, together. */
static icl_status judge_orders(struct run *run, struct icl_error *err)
{
    struct icl_order_claim *order = calloc(run->registry.count + 1, sizeof *order);
    if (order == NULL) return icl_fail_memory(err, "the orders of a run");
    size_t count = 0;
    for (size_t i = 0; i < run->registry.count; i++) {
        const struct icl_claim *claim = &run->registry.claim[i];
        struct finding *f = &run->finding[i];
        if (!f->selected || f->set_aside || claim->rule != ICL_RULE_ORDER || f->count == 0) continue;
        order[count++] = (struct icl_order_claim){&f->evidence[f->judgement.leading], claim->target, &f->judgement};
    }
    const icl_status status = icl_judge_orders(order, count, err);
    free(order);
    return status;
}

bool is_surprise(const struct icl_claim *claim, const struct finding *finding)
{
    const enum icl_verdict v = finding->judgement.verdict;
    return (v == ICL_HOLDS || v == ICL_FAILS) && v != claim->expected && claim->expected != ICL_MEASURED;
}

static void print_verdicts(const struct run *run, FILE *terminal, bool *surprised)
{
    size_t count[ICL_VERDICT_COUNT] = {0}, surprises = 0, differ = 0;
    fprintf(terminal, "%-40s %-10s %10s  %-23s %9s  %s\n", "claim", "verdict", "estimate", "95 % interval", "n",
            "PESN");
    for (size_t i = 0; i < run->registry.count; i++) {
        const struct icl_claim *claim = &run->registry.claim[i];
        const struct finding *f = &run->finding[i];
        if (!f->selected) continue;
        const enum icl_verdict verdict = f->judgement.verdict;
        count[verdict]++;
        const bool surprise = is_surprise(claim, f);
        surprises += surprise;
        if (f->later) continue; /* told below, a line a claim */
        if (verdict == ICL_SKIPPED) {
            fprintf(terminal, "%-40s %s\n", claim->id, icl_verdict_names[verdict]);
            continue;
        }
        const struct icl_evidence *e = &f->evidence[f->judgement.leading];
        differ += f->judgement.disagreement;
        char letters[EVIDENCE_KINDS + 1];
        evidence_letters(claim, f, letters);
        fprintf(terminal, "%-40s %-10s %10.5f  [%9.5f, %9.5f] %9zu  %s%s%s\n", claim->id, icl_verdict_names[verdict],
                e->interval.estimate, e->interval.lo, e->interval.hi, e->n, letters, surprise ? "  SURPRISE" : "",
                f->judgement.disagreement ? "  *" : "");
    }
    fprintf(terminal,
            "%zu hold, %zu fail, %zu undecided, %zu measured, %zu skipped; against the registry: %zu surprise%s\n",
            count[ICL_HOLDS], count[ICL_FAILS], count[ICL_UNDECIDED], count[ICL_MEASURED], count[ICL_SKIPPED],
            surprises, surprises == 1 ? "" : "s");
    fprintf(terminal, "PESN: stands on a proof, an enclosure, samples of synthetic laws, neurons of networks\n");
    if (differ > 0)
        fprintf(terminal, "*: the intervals of the estimators do not all overlap, see tables/evidence.tsv\n");
    for (size_t n = 0; n < run->left_out_count; n++)
        fprintf(terminal, "left out: %s\n", run->left_out[n]);
    *surprised = surprises > 0;
}

/* ---- the run -------------------------------------------------------------------------------------------------- */

static void free_run(struct run *run)
{
    for (size_t s = 0; s < run->sweeps; s++)
        icl_sweep_free(&run->sweep[s]);
    for (size_t p = 0; p < run->panels; p++)
        icl_panel_free(&run->panel[p]);
    if (run->has_bn) icl_bn_check_free(&run->bn);
    if (run->has_trio) icl_trio_free(&run->trio);
    if (run->has_octet) icl_octet_free(&run->octet);
    if (run->has_neurons) icl_neurons_free(&run->neurons);
    trained_network_free(&run->network);
    gradient_signs_free(&run->signs[0]);
    gradient_signs_free(&run->signs[1]);
    training_free(&run->training);
    free(run->finding);
    icl_registry_free(&run->registry);
    free(run);
}

static icl_status write_results(struct run *run, const char *out, struct icl_error *err)
{
    ICL_TRY(clear_results(out, err));
    ICL_TRY(write_tables(run, out, err));
    ICL_TRY(draw_figures(run, out, err));
    return write_report(run, out, err);
}

static icl_status run_claims(struct run *run, const char *out, FILE *terminal, bool *surprised, struct icl_error *err)
{
    ICL_TRY(select_claims(run, err));
    ICL_TRY(plan(run, err));               /* reads the images: bad ones leave no folder behind */
    ICL_TRY(make_tables_folder(out, err)); /* before the work: a result that cannot be stored is not worth its time */
    ICL_TRY(train_and_measure(run, out, err));
    ICL_TRY(do_jobs(run, out, err));
    ICL_TRY(icl_parallel_for(run->options->threads, run->registry.count, judge_one, run, err));
    ICL_TRY(judge_orders(run, err));
    ICL_TRY(write_results(run, out, err));
    print_verdicts(run, terminal, surprised);
    fprintf(terminal, "report: %s/report.html\n", out);
    return ICL_OK;
}

icl_status icl_verify(const struct icl_verify_options *options, FILE *terminal, bool *surprised, struct icl_error *err)
{
    *surprised = false;
    struct run *run = calloc(1, sizeof *run);
    if (run == NULL) return icl_fail_memory(err, "a run");
    run->options = options;
    run->size = &sizes[options->full];
    icl_status status = options->registry != NULL ? icl_registry_parse(options->registry, &run->registry, err)
                                                  : icl_registry_load(&run->registry, err);
    if (status == ICL_OK) {
        run->finding = calloc(run->registry.count, sizeof *run->finding);
        if (run->finding == NULL) status = icl_fail_memory(err, "findings");
    }
    if (status == ICL_OK)
        status = run_claims(run, options->out != NULL ? options->out : "results", terminal, surprised, err);
    free_run(run);
    return status;
}
