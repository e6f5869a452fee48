#include "estimators/mi_decomposition_internal.h"

#include <math.h>
#include <string.h>

#include "estimators/total_correlation.h"
#include "kernels/shared/pilot.h"

static const double EDGE_EXCESS = 2.8;

/* Equal-count bins of ascending values for the pilot; equal values share a bin. */
static void pilot_bins(const double *ascending, size_t m, uint32_t *bin)
{
    for (size_t r = 0, end; r < m; r = end) {
        end = r + 1;
        while (end < m && ascending[end] == ascending[r])
            end++;
        const uint32_t number = icl_pilot_bin(r, end, m);
        for (size_t s = r; s < end; s++)
            bin[s] = number;
    }
}

/* The number of neighbours of a term: `k`, or what the pilot estimate, the plug-in of bins against labels, asks for. */
static icl_status neighbours_of(unsigned k, const uint32_t *bin, const uint32_t *label, size_t m, size_t classes,
                                struct icl_workspace *ws, unsigned *used, struct icl_error *err)
{
    *used = k;
    if (k != 0) return ICL_OK;
    const struct icl_mark mark = icl_workspace_mark(ws);
    uint64_t *count = ICL_TAKE(ws, ICL_PILOT_BINS * classes, uint64_t);
    if (count == NULL) return icl_fail_memory(err, "a pilot estimate");
    memset(count, 0, ICL_PILOT_BINS * classes * sizeof *count);
    for (size_t i = 0; i < m; i++)
        count[bin[i] * classes + label[i]]++;
    *used = icl_pilot_k(icl_mi_table(count, ICL_PILOT_BINS, classes, ws), (double)m);
    icl_workspace_release(ws, mark);
    return ICL_OK;
}

/* n times the variance of a Ross term, less the variance of its local terms: of independent labels with shares p it was
 * .2 to .3 / k for two equal classes, .4 to .5 / k for four, next to nothing for unequal ones. */
static double ross_excess(unsigned k, const uint64_t *size, size_t classes, size_t m)
{
    double mixed = 1;
    for (size_t c = 0; c < classes; c++)
        mixed -= (double)size[c] / (double)m * ((double)size[c] / (double)m);
    return mixed * mixed / k;
}

/* I(x;label | x continuous): a Ross term over the samples of x's continuous part. Adds its local terms to `local`. */
static icl_status amplitude_term(const struct icl_column *x, const struct icl_column *y, unsigned k,
                                 struct icl_workspace *ws, double *mi, struct icl_local *local, struct icl_error *err)
{
    const size_t m = x->continuous, classes = y->atom_count + 1;
    *mi = 0;
    if (m == 0 || y->atom_count == 0) return ICL_OK; /* nothing to tell, or only one identity to tell of */
    const struct icl_mark mark = icl_workspace_mark(ws);
    double *value = ICL_TAKE(ws, m, double);
    uint32_t *order = ICL_TAKE(ws, m, uint32_t), *label = ICL_TAKE(ws, m, uint32_t), *bin = ICL_TAKE(ws, m, uint32_t);
    if (!value || !order || !label || !bin) return icl_fail_memory(err, "a term of the decomposition");
    size_t j = 0;
    for (size_t r = 0; r < x->n; r++) { /* in ascending order already: the samples need no other numbering */
        const uint32_t i = x->order[r];
        if (x->group[i] != 0) continue;
        value[j] = x->score[i]; /* of ranks: no rising map of x changes anything */
        order[j] = (uint32_t)j;
        label[j++] = y->group[i];
    }
    pilot_bins(value, m, bin);
    unsigned used;
    ICL_TRY(neighbours_of(k, bin, label, m, classes, ws, &used, err));
    double *term = local != NULL ? ICL_TAKE(ws, m, double) : NULL;
    if (local != NULL && term == NULL) return icl_fail_memory(err, "a term of the decomposition");
    ICL_TRY(icl_mi_ross_local(value, order, label, m, classes, used, ws, mi, term, err));
    if (local != NULL && !isnan(*mi)) {
        uint64_t *size = ICL_TAKE(ws, classes, uint64_t);
        if (size == NULL) return icl_fail_memory(err, "a term of the decomposition");
        memset(size, 0, classes * sizeof *size);
        j = 0;
        for (size_t r = 0; r < x->n; r++) {
            if (x->group[x->order[r]] != 0) continue;
            size[label[j]]++;
            local->value[x->order[r]] += term[j++];
        }
        local->excess += (double)m / (double)x->n * ross_excess(used, size, classes, m);
    }
    icl_workspace_release(ws, mark);
    return ICL_OK;
}

/* One side of the samples in which both are continuous: scores by sample and ascending, the samples in that order, and
 * the pilot bin by sample. */
struct side {
    double *by_sample, *ascending;
    uint32_t *order, *bin;
};

/* place[i] numbers the co-continuous samples 0 .. m-1. */
static icl_status make_side(const struct icl_column *own, const uint32_t *place, size_t m, struct icl_workspace *ws,
                            struct side *side, struct icl_error *err)
{
    *side = (struct side){ICL_TAKE(ws, m, double), ICL_TAKE(ws, m, double), ICL_TAKE(ws, m, uint32_t),
                          ICL_TAKE(ws, m, uint32_t)};
    uint32_t *bin = ICL_TAKE(ws, m, uint32_t); /* by rank */
    if (!side->by_sample || !side->ascending || !side->order || !side->bin || !bin)
        return icl_fail_memory(err, "co-continuous samples");
    size_t r = 0;
    for (size_t s = 0; s < own->n; s++) {
        const uint32_t i = own->order[s];
        if (place[i] == UINT32_MAX) continue;
        side->by_sample[place[i]] = own->score[i];
        side->ascending[r] = own->score[i];
        side->order[r++] = place[i];
    }
    pilot_bins(side->ascending, m, bin);
    for (r = 0; r < m; r++)
        side->bin[side->order[r]] = bin[r];
    return ICL_OK;
}

/* One kNN estimate of the plane, with its local terms by point unless NULL. */
static icl_status estimate_plane(const struct icl_sorted_points *plane, bool tied, unsigned k, struct icl_workspace *ws,
                                 double *mi, double *local, struct icl_error *err)
{
    return (tied ? icl_tc_mesner_shalizi_local : icl_tc_ksg1_local)(plane, k, ws, mi, local, err);
}

/* Where the density jumps, neighbourhoods reach over the edge and the estimate is low by a sqrt(k/n): at 4 k neighbours
 * by twice as much, so that 2 I_k - I_4k is free of it. */
static icl_status estimate_with_edges(const struct icl_sorted_points *plane, struct icl_workspace *ws, double *mi,
                                      double *local, unsigned *used, struct icl_error *err)
{
    const size_t m = plane->points.n;
    double more, *wide = local != NULL ? ICL_TAKE(ws, m, double) : NULL;
    if (local != NULL && wide == NULL) return icl_fail_memory(err, "local terms");
    *used = icl_edge_k((double)m);
    ICL_TRY(icl_tc_ksg1_local(plane, *used, ws, mi, local, err));
    ICL_TRY(icl_tc_ksg1_local(plane, 4 * *used, ws, &more, wide, err));
    *mi += *mi - more;
    for (size_t i = 0; i < m && local != NULL; i++)
        local[i] += local[i] - wide[i];
    return ICL_OK;
}

/* I of the m points whose scores are sx and sy, by nearest neighbours; place[i] is the point of sample i. */
static icl_status neighbours_term(const struct icl_column *x, const struct icl_column *y, const uint32_t *place,
                                  const struct side *sx, const struct side *sy, size_t m,
                                  const struct icl_decomposition *way, struct icl_workspace *ws, double *mi,
                                  struct icl_mi_result *result, struct icl_error *err)
{
    const unsigned k = way->k;
    struct icl_local *const local = way->local;
    unsigned used;
    ICL_TRY(neighbours_of(k, sx->bin, sy->bin, m, ICL_PILOT_BINS, ws, &used, err));
    const bool tied = x->tied || y->tied;
    bool edges = false;
    if (k == 0 && !tied) ICL_TRY(icl_find_edges(sx->by_sample, sy->by_sample, m, ws, &edges, err));
    const struct icl_sorted_points plane = {
        {m, 2, {sx->by_sample, sy->by_sample}}, {sx->ascending, sy->ascending}, {sx->order, sy->order}};
    double *term = local != NULL ? ICL_TAKE(ws, m, double) : NULL;
    if (local != NULL && term == NULL) return icl_fail_memory(err, "local terms");
    if (edges) {
        ICL_TRY(estimate_with_edges(&plane, ws, mi, term, &used, err));
        result->notes |= ICL_MI_NOTE_EDGES;
    } else {
        ICL_TRY(estimate_plane(&plane, tied, used, ws, mi, term, err));
    }
    if (local != NULL) {
        for (size_t i = 0; i < x->n; i++)
            if (place[i] != UINT32_MAX) local->value[i] += term[place[i]];
        const double excess = edges ? EDGE_EXCESS / used : icl_local_excess(used, term, m);
        local->excess += (double)m / (double)x->n * excess;
    }
    return ICL_OK;
}

/* I(x;y | both continuous), nan where too few samples are; *m says how many are. */
static icl_status amplitudes_term(const struct icl_column *x, const struct icl_column *y,
                                  const struct icl_decomposition *way, struct icl_workspace *ws, size_t *m, double *mi,
                                  struct icl_mi_result *result, struct icl_error *err)
{
    const size_t least = way->amplitudes != NULL ? way->least : (way->k != 0 ? way->k : ICL_LEAST_K) + 1U;
    const struct icl_mark mark = icl_workspace_mark(ws);
    uint32_t *place = ICL_TAKE(ws, x->n, uint32_t);
    if (place == NULL) return icl_fail_memory(err, "co-continuous samples");
    size_t together = 0;
    for (size_t i = 0; i < x->n; i++)
        place[i] = x->group[i] == 0 && y->group[i] == 0 ? (uint32_t)together++ : UINT32_MAX;
    *m = together;
    *mi = NAN;
    icl_status status = ICL_OK;
    if (together >= least) {
        struct side sx, sy;
        ICL_TRY(make_side(x, place, together, ws, &sx, err));
        ICL_TRY(make_side(y, place, together, ws, &sy, err));
        status = way->amplitudes != NULL ? way->amplitudes(sx.by_sample, sy.by_sample, together, ws, mi, err)
                                         : neighbours_term(x, y, place, &sx, &sy, together, way, ws, mi, result, err);
    }
    icl_workspace_release(ws, mark);
    return status;
}

/* weight * term; a term that could not be estimated (nan) counts as 0 and leaves a note. */
static double weighted(double weight, double term, struct icl_mi_result *result)
{
    if (!isnan(term)) return weight * term;
    if (weight > 0) result->notes |= ICL_MI_NOTE_TERM_SKIPPED;
    return 0;
}

void icl_mi_decomposition_sum(const struct icl_column *x, const struct icl_column *y,
                              const struct icl_decomposition_terms *terms, struct icl_mi_result *result)
{
    const double total = (double)x->n;
    result->atoms = terms->identities;
    result->x_amplitude = weighted((double)x->continuous / total, terms->x_about_y, result);
    result->y_amplitude = weighted((double)y->continuous / total, terms->y_about_x, result);
    result->amplitudes = weighted((double)terms->together / total, terms->amplitudes, result);
    result->mi = result->atoms + result->x_amplitude + result->y_amplitude + result->amplitudes;
}

icl_status icl_mi_decomposition(const struct icl_column *x, const struct icl_column *y, unsigned k,
                                struct icl_workspace *workspace, struct icl_mi_result *result, struct icl_error *err)
{
    return icl_mi_decomposition_corrected(x, y, k, ICL_CORRECTION_MILLER_MADOW, workspace, result, err);
}

icl_status icl_mi_decomposition_corrected(const struct icl_column *x, const struct icl_column *y, unsigned k,
                                          enum icl_count_correction correction, struct icl_workspace *workspace,
                                          struct icl_mi_result *result, struct icl_error *err)
{
    const struct icl_decomposition way = {.k = k, .correction = correction};
    return icl_mi_decompose(x, y, &way, workspace, result, err);
}

icl_status icl_mi_decompose(const struct icl_column *x, const struct icl_column *y, const struct icl_decomposition *way,
                            struct icl_workspace *workspace, struct icl_mi_result *result, struct icl_error *err)
{
    const unsigned k = way->k;
    struct icl_local *const local = way->local;
    const size_t n = x->n, rows = x->atom_count + 1, cols = y->atom_count + 1;
    const struct icl_mark mark = icl_workspace_mark(workspace);
    uint64_t *count = ICL_TAKE(workspace, rows * cols, uint64_t);
    if (count == NULL) return icl_fail_memory(err, "the table of atom identities");
    memset(count, 0, rows * cols * sizeof *count);
    for (size_t i = 0; i < n; i++)
        count[x->group[i] * cols + y->group[i]]++;
    struct icl_decomposition_terms terms;
    ICL_TRY(icl_mi_table_corrected(count, rows, cols, way->correction, workspace, &terms.identities, err));
    if (local != NULL) {
        memset(local->value, 0, n * sizeof *local->value);
        local->excess = 0;
        ICL_TRY(icl_local_table(count, rows, cols, x->group, y->group, n, workspace, local->value, err));
    }
    icl_workspace_release(workspace, mark);

    terms.together = 0;
    ICL_TRY(amplitude_term(x, y, k, workspace, &terms.x_about_y, local, err));
    ICL_TRY(amplitude_term(y, x, k, workspace, &terms.y_about_x, local, err));
    ICL_TRY(amplitudes_term(x, y, way, workspace, &terms.together, &terms.amplitudes, result, err));
    icl_mi_decomposition_sum(x, y, &terms, result);
    return ICL_OK;
}
