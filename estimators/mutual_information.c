#include "estimators/mutual_information.h"

#include <math.h>

#include "estimators/total_correlation.h"

const char *const icl_mi_names[ICL_MI_COUNT + 1] = {
    [ICL_MI_AUTO] = "auto",         [ICL_MI_DECOMPOSITION] = "decomposition",
    [ICL_MI_KSG1] = "ksg1",         [ICL_MI_KSG2] = "ksg2",
    [ICL_MI_PLUGIN] = "plugin",     [ICL_MI_MESNER_SHALIZI] = "mesner-shalizi",
    [ICL_MI_GAUSSIAN] = "gaussian",
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

/* The whole pair as a plane of z values: every scale and offset gives the same z. */
static icl_status make_plane(const struct icl_column *x, const struct icl_column *y, struct icl_workspace *ws,
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

typedef icl_status (*plane_estimator)(const struct icl_sorted_points *, unsigned, struct icl_workspace *, double *,
                                      struct icl_error *);

static icl_status estimate(const struct icl_column *x, const struct icl_column *y, const struct icl_mi_options *options,
                           struct icl_workspace *ws, struct icl_mi_result *result, struct icl_error *err)
{
    static const plane_estimator on_plane[ICL_MI_COUNT] = {
        [ICL_MI_KSG1] = icl_tc_ksg1_sorted,
        [ICL_MI_KSG2] = icl_mi_ksg2_sorted,
        [ICL_MI_MESNER_SHALIZI] = icl_tc_mesner_shalizi_sorted,
    };
    if (on_plane[result->estimator] != NULL) {
        struct icl_sorted_points plane;
        ICL_TRY(make_plane(x, y, ws, &plane, err));
        return on_plane[result->estimator](&plane, options->k != 0 ? options->k : ICL_MI_DEFAULT_K, ws, &result->mi,
                                           err);
    }
    switch (result->estimator) {
    case ICL_MI_PLUGIN:
        return icl_mi_plugin(x, y, options->bins, ws, &result->mi, err);
    case ICL_MI_GAUSSIAN:
        return icl_mi_gaussian(x, y, ws, &result->mi, err);
    default:
        return icl_mi_decomposition(x, y, options->k, ws, result, err);
    }
}

icl_status icl_mi_pair(const struct icl_column *x, const struct icl_column *y, const struct icl_mi_options *options,
                       struct icl_workspace *workspace, struct icl_mi_result *result, struct icl_error *err)
{
    *result = (struct icl_mi_result){NAN, options->estimator, 0, NAN, NAN, NAN, NAN};
    const unsigned k = options->k != 0 ? options->k : ICL_MI_DEFAULT_K;
    if (options->estimator >= ICL_MI_COUNT)
        return icl_fail(err, ICL_ERR_USAGE, "no estimator has the number %u", (unsigned)options->estimator);
    if (x->n != y->n) return icl_fail(err, ICL_ERR_INPUT, "columns of %zu and %zu rows", x->n, y->n);
    const bool uses_k = options->estimator != ICL_MI_PLUGIN && options->estimator != ICL_MI_GAUSSIAN;
    if (uses_k && x->n <= k) return icl_fail(err, ICL_ERR_INPUT, "%zu rows are too few for k = %u neighbours", x->n, k);
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
    const icl_status status = estimate(x, y, options, workspace, result, err);
    icl_workspace_release(workspace, mark);
    return status;
}
