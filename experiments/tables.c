#include "experiments/tables_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "config.h"
#include "experiments/evidence_kinds_internal.h"

const char *const gate_names[ICL_GATE_COUNT] = {"independent", "shared", "gaussian"};

enum { PATH_SIZE = 4096, HEADER_SIZE = 6144 };

static void make_header(const struct run *run, const char *what, char *header, size_t size)
{
    snprintf(header, size,
             "%s\nunits: information and entropy in nats; keep is the probability that a gate is open\n"
             "seed %llu, %s run, iclab %s\ncommand: %s",
             what, (unsigned long long)run->options->seed, run->size->name, ICL_VERSION,
             run->options->command != NULL ? run->options->command : "(library)");
}

icl_status open_table(struct icl_table *table, const struct run *run, const char *out, const char *name,
                      const char *what, const char *names, struct icl_error *err)
{
    char path[PATH_SIZE], header[HEADER_SIZE];
    if (snprintf(path, sizeof path, "%s/tables/%s.tsv", out, name) >= PATH_SIZE)
        return icl_fail(err, ICL_ERR_USAGE, "%s: the path is too long", out);
    make_header(run, what, header, sizeof header);
    return icl_table_open(table, path, header, names, err);
}

icl_status finish_table(struct icl_table *table, icl_status status, struct icl_error *err)
{
    if (status == ICL_OK) return icl_table_close(table, err);
    icl_table_abort(table);
    return status;
}

void table_interval(struct icl_table *table, const struct icl_interval *interval)
{
    icl_table_number(table, interval->estimate);
    icl_table_number(table, interval->se);
    icl_table_number(table, interval->lo);
    icl_table_number(table, interval->hi);
}

/* How far the estimate is from the target, in tolerances (in units of the quantity where the tolerance is 0). */
static double effect_size(const struct icl_claim *claim, const struct icl_evidence *evidence)
{
    const double estimate = evidence->interval.estimate;
    if (claim->rule == ICL_RULE_ORDER || claim->rule == ICL_RULE_MEASURE) return evidence->effect;
    return claim->tolerance > 0 ? (estimate - claim->target) / claim->tolerance : estimate - claim->target;
}

icl_status write_findings(const struct run *run, const char *path, struct icl_error *err)
{
    static const char names[] =
        "id\tverdict\texpected\testimate\tlo\thi\tn\tse\ttarget\ttolerance\teffect\testimator\t"
        "agreement\tsamples_needed\tblocks\tseed\tp\tp_holm\tname\tsource\tlaw\tquantity\tstatement\tevidence";
    static const struct icl_evidence none = {
        .estimator = "-", .interval = {NAN, NAN, NAN, NAN, NAN}, .p = NAN, .effect = NAN};
    char header[HEADER_SIZE];
    make_header(run,
                "verdicts: 95 % intervals; effect = (estimate - target) / tolerance, of an order the mean difference "
                "over the sd of the differences",
                header, sizeof header);
    struct icl_table table;
    ICL_TRY(icl_table_open(&table, path, header, names, err));
    for (size_t i = 0; i < run->registry.count; i++) {
        const struct icl_claim *c = &run->registry.claim[i];
        const struct finding *f = &run->finding[i];
        if (!f->selected) continue;
        char words[EVIDENCE_WORDS_SIZE];
        evidence_words(c, f, words);
        const struct icl_evidence *e = f->count > 0 ? &f->evidence[f->judgement.leading] : &none;
        icl_table_text(&table, c->id);
        icl_table_text(&table, icl_verdict_names[f->judgement.verdict]);
        icl_table_text(&table, icl_verdict_names[c->expected]);
        icl_table_number(&table, e->interval.estimate);
        icl_table_number(&table, e->interval.lo);
        icl_table_number(&table, e->interval.hi);
        icl_table_count(&table, e->n);
        icl_table_number(&table, e->interval.se);
        icl_table_number(&table, c->target);
        icl_table_number(&table, c->tolerance);
        icl_table_number(&table, effect_size(c, e));
        icl_table_text(&table, e->estimator);
        icl_table_text(&table, f->count < 2 ? "single" : f->judgement.disagreement ? "differ" : "agree");
        icl_table_number(&table, f->judgement.samples_needed);
        icl_table_number(&table, e->interval.df + 1);
        icl_table_count(&table, run->options->seed);
        icl_table_number(&table, e->p);
        icl_table_number(&table, f->judgement.p_adjusted);
        icl_table_text(&table, c->name);
        icl_table_text(&table, c->source);
        icl_table_text(&table, c->law);
        icl_table_text(&table, c->quantity);
        icl_table_text(&table, c->statement);
        icl_table_text(&table, words);
    }
    return icl_table_close(&table, err);
}

icl_status write_evidence_table(const struct run *run, const char *out, struct icl_error *err)
{
    struct icl_table table;
    ICL_TRY(open_table(&table, run, out, "evidence", "every estimate behind the verdicts",
                       "id\testimator\testimate\tse\tlo\thi\tn\tverdict", err));
    for (size_t i = 0; i < run->registry.count; i++) {
        const struct finding *f = &run->finding[i];
        for (size_t k = 0; f->selected && k < f->count; k++) {
            icl_table_text(&table, run->registry.claim[i].id);
            icl_table_text(&table, f->evidence[k].estimator);
            table_interval(&table, &f->evidence[k].interval);
            icl_table_count(&table, f->evidence[k].n);
            icl_table_text(&table, icl_verdict_names[f->evidence[k].verdict]);
        }
    }
    return icl_table_close(&table, err);
}

icl_status make_tables_folder(const char *out, struct icl_error *err)
{
    char path[PATH_SIZE];
    /* "" and "/tables" would make a folder at the root. */
    if (*out == '\0') return icl_fail(err, ICL_ERR_USAGE, "--out: the name of the folder is empty");
    if (snprintf(path, sizeof path, "%s/tables", out) >= PATH_SIZE)
        return icl_fail(err, ICL_ERR_USAGE, "%s: the path is too long", out);
    return icl_make_folders(path, err);
}

icl_status write_tables(const struct run *run, const char *out, struct icl_error *err)
{
    char path[PATH_SIZE];
    ICL_TRY(write_sweep_tables(run, out, err));
    ICL_TRY(write_many_tables(run, out, err));
    if (run->has_neurons) ICL_TRY(write_panel_tables(run, out, err));
    ICL_TRY(write_trained_tables(run, out, err));
    ICL_TRY(write_training_tables(run, out, err));
    ICL_TRY(write_evidence_table(run, out, err));
    if (snprintf(path, sizeof path, "%s/claims.tsv", out) >= PATH_SIZE)
        return icl_fail(err, ICL_ERR_USAGE, "%s: the path is too long", out);
    return write_findings(run, path, err);
}
