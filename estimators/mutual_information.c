#include "estimators/mutual_information.h"

#include <math.h>

#include "estimators/local_internal.h"
#include "estimators/total_correlation.h"

const char *const icl_mi_names[ICL_MI_COUNT + 1] = {
    [ICL_MI_AUTO] = "auto",
    [ICL_MI_DECOMPOSITION] = "decomposition",
    [ICL_MI_KSG1] = "ksg1",
    [ICL_MI_KSG2] = "ksg2",
    [ICL_MI_MESNER_SHALIZI] = "mesner-shalizi",
    [ICL_MI_PLUGIN] = "plugin",
    [ICL_MI_GAUSSIAN] = "gaussian",
    [ICL_MI_LNC] = "lnc",
    [ICL_MI_KDE] = "kde",
};

const char *const icl_mi_texts[ICL_MI_COUNT + 1] = {
    [ICL_MI_AUTO] = "auto: atom decomposition, or Mesner-Shalizi where a column is a fine lattice",
    [ICL_MI_DECOMPOSITION] = "atom decomposition: plug-in, Ross and k-nearest-neighbour terms",
    [ICL_MI_KSG1] = "Kraskov-Stoegbauer-Grassberger, first algorithm",
    [ICL_MI_KSG2] = "Kraskov-Stoegbauer-Grassberger, second algorithm",
    [ICL_MI_MESNER_SHALIZI] = "Mesner-Shalizi, k nearest neighbours with ties",
    [ICL_MI_PLUGIN] = "plug-in: quantile bins, one more for each atom",
    [ICL_MI_GAUSSIAN] = "Gaussian copula, bias removed",
    [ICL_MI_LNC] = "Kraskov-Stoegbauer-Grassberger 2 with local non-uniformity correction",
    [ICL_MI_KDE] = "kernel density of normal scores; table and Ross terms for atoms",
};

/* A table of identities wants this many samples a cell before its bias is small. */
enum { SAMPLES_PER_CELL = 10 };

static bool is_fine_lattice(const struct icl_column *c)
{
    return (double)c->atom_count * (double)c->atom_count > (double)c->n;
}

enum icl_mi_estimator icl_mi_choose(const struct icl_column *x, const struct icl_column *y)
{
    const bool crowded = SAMPLES_PER_CELL * (double)x->atom_count * (double)y->atom_count > (double)x->n;
    const bool coarse = x->atom_count <= ICL_MI_COARSE || y->atom_count <= ICL_MI_COARSE;
    if (is_fine_lattice(x) || is_fine_lattice(y) || (crowded && !coarse)) return ICL_MI_MESNER_SHALIZI;
    return ICL_MI_DECOMPOSITION;
}

/* Every scale and offset gives the same z. */
icl_status icl_mi_plane(const struct icl_column *x, const struct icl_column *y, struct icl_workspace *ws,
                        struct icl_sorted_points *plane, struct icl_error *err)
{
    const size_t n = x->n;
    double *xs = ICL_TAKE(ws, n, double), *ys = ICL_TAKE(ws, n, double);
    if (xs == NULL || ys == NULL) return icl_fail_memory(err, "the sorted margins");
    *plane = (struct icl_sorted_points){{n, 2, {x->z, y->z}}, {xs, ys}, {x->order, y->order}};
    for (size_t r = 0; r < n; r++) {
        xs[r] = x->z[x->order[r]];
        ys[r] = y->z[y->order[r]];
    }
    return ICL_OK;
}

typedef icl_status mi_run(const struct icl_column *x, const struct icl_column *y, const struct icl_mi_options *options,
                          struct icl_workspace *ws, struct icl_mi_result *result, struct icl_error *err);

static unsigned neighbours_of(const struct icl_mi_options *options)
{
    return options->k != 0 ? options->k : ICL_MI_DEFAULT_K;
}

static icl_status run_decomposition(const struct icl_column *x, const struct icl_column *y,
                                    const struct icl_mi_options *options, struct icl_workspace *ws,
                                    struct icl_mi_result *result, struct icl_error *err)
{
    return icl_mi_decomposition_corrected(x, y, options->k, options->correction, ws, result, err);
}

static icl_status run_ksg1(const struct icl_column *x, const struct icl_column *y, const struct icl_mi_options *options,
                           struct icl_workspace *ws, struct icl_mi_result *result, struct icl_error *err)
{
    struct icl_sorted_points plane;
    ICL_TRY(icl_mi_plane(x, y, ws, &plane, err));
    return icl_tc_ksg1_sorted(&plane, neighbours_of(options), ws, &result->mi, err);
}

static icl_status run_ksg2(const struct icl_column *x, const struct icl_column *y, const struct icl_mi_options *options,
                           struct icl_workspace *ws, struct icl_mi_result *result, struct icl_error *err)
{
    struct icl_sorted_points plane;
    ICL_TRY(icl_mi_plane(x, y, ws, &plane, err));
    return icl_mi_ksg2_sorted(&plane, neighbours_of(options), ws, &result->mi, err);
}

static icl_status run_mesner_shalizi(const struct icl_column *x, const struct icl_column *y,
                                     const struct icl_mi_options *options, struct icl_workspace *ws,
                                     struct icl_mi_result *result, struct icl_error *err)
{
    struct icl_sorted_points plane;
    ICL_TRY(icl_mi_plane(x, y, ws, &plane, err));
    return icl_tc_mesner_shalizi_sorted(&plane, neighbours_of(options), ws, &result->mi, err);
}

static icl_status run_plugin(const struct icl_column *x, const struct icl_column *y,
                             const struct icl_mi_options *options, struct icl_workspace *ws,
                             struct icl_mi_result *result, struct icl_error *err)
{
    return icl_mi_plugin_corrected(x, y, options->bins, options->correction, ws, &result->mi, err);
}

static icl_status run_gaussian(const struct icl_column *x, const struct icl_column *y,
                               const struct icl_mi_options *options, struct icl_workspace *ws,
                               struct icl_mi_result *result, struct icl_error *err)
{
    (void)options;
    return icl_mi_gaussian(x, y, ws, &result->mi, err);
}

static icl_status run_lnc(const struct icl_column *x, const struct icl_column *y, const struct icl_mi_options *options,
                          struct icl_workspace *ws, struct icl_mi_result *result, struct icl_error *err)
{
    struct icl_sorted_points plane;
    ICL_TRY(icl_mi_plane(x, y, ws, &plane, err));
    return icl_mi_lnc(&plane, neighbours_of(options), ws, &result->mi, err);
}

static icl_status run_kde(const struct icl_column *x, const struct icl_column *y, const struct icl_mi_options *options,
                          struct icl_workspace *ws, struct icl_mi_result *result, struct icl_error *err)
{
    return icl_mi_kde(x, y, options->k, options->correction, ws, result, err);
}

/* What there is to know of an estimator beside its name. */
static const struct kind {
    bool neighbours; /* takes k */
    mi_run *run;     /* NULL: chooses another */
} kinds[ICL_MI_COUNT] = {
    [ICL_MI_AUTO] = {true, NULL},
    [ICL_MI_DECOMPOSITION] = {true, run_decomposition},
    [ICL_MI_KSG1] = {true, run_ksg1},
    [ICL_MI_KSG2] = {true, run_ksg2},
    [ICL_MI_MESNER_SHALIZI] = {true, run_mesner_shalizi},
    [ICL_MI_PLUGIN] = {false, run_plugin},
    [ICL_MI_GAUSSIAN] = {false, run_gaussian},
    [ICL_MI_LNC] = {true, run_lnc},
    [ICL_MI_KDE] = {false, run_kde},
};

bool icl_mi_takes_neighbours(enum icl_mi_estimator estimator)
{
    return (unsigned)estimator < ICL_MI_COUNT && kinds[estimator].neighbours;
}

icl_status icl_mi_pair(const struct icl_column *x, const struct icl_column *y, const struct icl_mi_options *options,
                       struct icl_workspace *workspace, struct icl_mi_result *result, struct icl_error *err)
{
    *result = (struct icl_mi_result){NAN, options->estimator, 0, NAN, NAN, NAN, NAN};
    const unsigned k = neighbours_of(options);
    if (options->estimator >= ICL_MI_COUNT)
        return icl_fail(err, ICL_ERR_USAGE, "no estimator has the number %u", (unsigned)options->estimator);
    if (x->n != y->n) return icl_fail(err, ICL_ERR_INPUT, "columns of %zu and %zu rows", x->n, y->n);
    if (kinds[options->estimator].neighbours && x->n <= k)
        return icl_fail(err, ICL_ERR_INPUT, "%zu rows are too few for k = %u neighbours", x->n, k);
    const bool nonfinite = x->state == ICL_COLUMN_NONFINITE || y->state == ICL_COLUMN_NONFINITE;
    const bool constant = x->state == ICL_COLUMN_CONSTANT || y->state == ICL_COLUMN_CONSTANT;
    if (options->estimator == ICL_MI_AUTO)
        result->estimator = nonfinite || constant ? ICL_MI_DECOMPOSITION : icl_mi_choose(x, y);
    if (nonfinite || constant) {
        result->notes = nonfinite ? ICL_MI_NOTE_NONFINITE : ICL_MI_NOTE_CONSTANT;
        result->mi = nonfinite ? NAN : 0;
        return ICL_OK;
    }
    const struct icl_mark mark = icl_workspace_mark(workspace);
    const icl_status status = kinds[result->estimator].run(x, y, options, workspace, result, err);
    icl_workspace_release(workspace, mark);
    return status;
}
