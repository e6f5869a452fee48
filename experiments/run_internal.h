/* A run of the registry: what was selected, the data it needs, what was found. Shared by the files of experiments/. */
#ifndef ICLAB_EXPERIMENTS_RUN_INTERNAL_H
#define ICLAB_EXPERIMENTS_RUN_INTERNAL_H

#include "experiments/bn_check.h"
#include "experiments/fit.h"
#include "experiments/many.h"
#include "experiments/panel.h"
#include "experiments/quantities.h"
#include "experiments/registry.h"
#include "experiments/runs.h"
#include "experiments/sweep.h"
#include "experiments/trained_network_internal.h"
#include "experiments/verify.h"

#pragma GCC visibility push(hidden) /* internal: not part of the library */

enum { MOST_EVIDENCE = 4, MOST_SWEEPS = 32, MOST_PANELS = 20, NOTE_SIZE = 256, MOST_LEFT_OUT = 32, MOST_FIGURES = 60 };

/* What came out for one claim of the registry. */
struct finding {
    bool selected;
    bool set_aside; /* selected, but its networks are not trained in this run, or their data are not there */
    bool later;     /* set aside because a default run does not train as many */
    struct icl_evidence evidence[MOST_EVIDENCE];
    size_t count;
    struct icl_judgement judgement;
};

/* A figure script and what became of it. */
struct figure {
    char name[64], title[160], needs[256], claims[128], caption[1024];
    bool drawn;
};

/* How large a run is. */
struct run_size {
    const char *name;
    size_t blocks, rows; /* of a sweep */
    size_t images, image_blocks;
};

/* The runs of networks: training_internal.h says more. */
struct training {
    struct icl_run *run;            /* count of them, in the order of the conditions and seeds */
    struct training_member *member; /* the same */
    size_t count;
    size_t train_images, valid_images; /* of the data set that they all are trained on */
    bool done;
};

struct run {
    const struct icl_verify_options *options;
    const struct run_size *size;
    struct icl_registry registry;
    struct finding *finding; /* one a claim */
    struct icl_sweep sweep[MOST_SWEEPS];
    size_t sweeps;
    struct icl_bn_check bn;
    struct icl_trio trio;
    struct icl_octet octet;
    bool has_bn, has_trio, has_octet;
    struct icl_neurons neurons;
    bool has_neurons;
    struct icl_panel panel[MOST_PANELS];
    size_t panels;
    char left_out[MOST_LEFT_OUT][NOTE_SIZE]; /* what this run could not do, a line each */
    size_t left_out_count;
    struct figure figure[MOST_FIGURES];
    size_t figures;
    struct training training;       /* runs of networks that the claims need; count 0: none */
    struct trained_network network; /* thread07-short, ic */
    bool has_network;
    struct gradient_signs signs[2]; /* of thread07-short: ic, baseline */
};

/* A claim and the code that gathers its evidence. */
struct claim_code {
    const char *id;     /* c01 */
    enum icl_gate gate; /* of the sweeps of its laws */
    icl_status (*evaluate)(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                           struct icl_error *err);
};
extern const struct claim_code claim_codes[];
extern const size_t claim_code_count;
const struct claim_code *claim_code_of(const struct icl_claim *claim);

/* The named panels (law column fmnist-*): what each is. */
struct panel_kind {
    const char *name;
    enum icl_reading reading;
    enum icl_normalisation norm;
    enum icl_gate gate;
    bool with_mi;
    const char *description;
    size_t stage; /* of a trained network, from 1; 0: the first stage with random weights */
};
extern const struct panel_kind panel_kinds[];
extern const size_t panel_kind_count;
/* NULL: the name is not that of a panel. */
const struct panel_kind *panel_kind_of(const char *name);

/* The data of a claim, NULL where the run has none of that kind. */
const struct icl_sweep *run_sweep(const struct run *run, const char *law, enum icl_gate gate);
const struct icl_panel *run_panel(const struct run *run, const char *name);

/* ---- gathering evidence (evidence.c) ---- */

/* Appends an interval; a quantity over a series. */
void add_interval(struct finding *finding, const struct icl_series *series, const struct icl_interval *interval);
icl_status add_evidence(struct finding *finding, const struct icl_series *series, icl_quantity quantity,
                        const struct icl_quantity_context *context, struct icl_error *err);

/* The same for every MI series of a sweep or panel. */
icl_status add_mi_evidence(struct finding *finding, const struct icl_series *series, size_t count,
                           icl_quantity quantity, const struct icl_quantity_context *context, struct icl_error *err);

/* The same for the MI series of a sweep behind Bernoulli gates, for ratios and exponents of independent gates and the
 * excess of a shared one: the plug-in leads where the law has no atom at 0. */
icl_status add_gated_mi_evidence(struct finding *finding, const struct icl_sweep *sweep, icl_quantity quantity,
                                 const struct icl_quantity_context *context, struct icl_error *err);

/* The exponent of I = I0 q^b, for every MI series of a sweep, in that order. */
icl_status add_exponent_evidence(struct finding *finding, const struct icl_sweep *sweep, struct icl_error *err);

/* Mutual information of a panel, averaged over pairs (all, or those of one channel only, or of two channels only). */
enum pair_choice { ALL_PAIRS, SAME_CHANNEL, CROSS_CHANNEL };
/* What the levels of a panel are averaged over. */
struct panel_view {
    const struct icl_panel *panel;
    enum pair_choice choice;
    bool formula;
};
/* The series of the mean MI over pairs by the estimator `by`; `view` is its context. Its blocks stay the panel's. */
struct icl_series panel_mean_mi(const struct icl_panel *panel, size_t by, enum pair_choice choice,
                                struct panel_view *view);
icl_status add_panel_mi(struct finding *finding, const struct icl_panel *panel, enum pair_choice choice,
                        icl_quantity quantity, const struct icl_quantity_context *context, struct icl_error *err);

/* Correlation of a panel: the regression of the correlations behind the dropout at level `at` on those before, times
 * the factor `q` (formula false) or the full formula of c02 / c06 with the measured means (formula true): 1 where it
 * holds. */
icl_status add_panel_slope(struct finding *finding, const struct icl_panel *panel, enum pair_choice choice,
                           bool formula, size_t at, struct icl_error *err);

/* The eigenvalues of a panel's correlation matrix at every keep: ICL_PANEL_KEEPS * d levels. */
icl_status panel_spectrum(const struct icl_panel *panel, struct icl_series *series, struct icl_error *err);

/* Condition numbers by keep, then those of the full formula of c02 with the correlations and means before: the series,
 * whose blocks stay the panel's, and the evidence: the number at level `at`, or (formula) its ratio to that of the
 * formula.
 */
struct icl_series panel_conditions(const struct icl_panel *panel);
icl_status add_panel_condition(struct finding *finding, const struct icl_panel *panel, size_t at, bool formula,
                               struct icl_error *err);

/* The level of a quantity's keep ("ratio@.5") among `count` keeps; ICL_ERR_INPUT if it has none. */
icl_status level_of(const struct icl_claim *claim, const double *keeps, size_t count, size_t *at,
                    struct icl_error *err);

/* Whether the quantity is `name`, with or without an @keep. */
bool quantity_is(const struct icl_claim *claim, const char *name);

/* The error of a claim that asks for a law or quantity its code does not know. */
icl_status unknown_quantity(const struct icl_claim *claim, struct icl_error *err);

/* ---- work (jobs.c) ---- */

/* Fills every series of the run. With options->resume finished jobs are kept in OUT/pieces and used again. */
icl_status do_jobs(struct run *run, const char *out, struct icl_error *err);

/* ---- after the data (verify.c, tables*.c, figures.c, report.c) ---- */
void leave_out(struct run *run, const char *format, ...) ICL_PRINTF(2, 3);
icl_status make_tables_folder(const char *out, struct icl_error *err); /* OUT/tables and what is above it */
icl_status write_tables(const struct run *run, const char *out, struct icl_error *err);
icl_status write_findings(const struct run *run, const char *path, struct icl_error *err);
icl_status draw_figures(struct run *run, const char *out, struct icl_error *err);
icl_status write_report(const struct run *run, const char *out, struct icl_error *err);

/* Removes the tables, figures, verdicts and report that an earlier run left in `out`; other files stay. */
icl_status clear_results(const char *out, struct icl_error *err);

/* Gathers the evidence of a claim whose data the run has, and judges it. */
icl_status judge_claim(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                       struct icl_error *err);

/* Whether a judged claim contradicts what the registry expects. */
bool is_surprise(const struct icl_claim *claim, const struct finding *finding);

#pragma GCC visibility pop

#endif
