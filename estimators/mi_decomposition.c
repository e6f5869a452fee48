#include "estimators/mi_decomposition_internal.h"

#include <math.h>
#include <string.h>

#include "estimators/total_correlation.h"

/* How many neighbours to use where the caller leaves it open. Few neighbours resolve a strong dependence (their bias
 * grows with I k / n), many average the noise of a weak one: k = PILOT_SCALE / I for a pilot value I from coarse bins,
 * within LEAST_K .. MOST_K and at most sqrt(n) / 4. Measured in docs/estimators.md. */
enum { LEAST_K = 3, MOST_K = 20, PILOT_BINS = 8 };
static const double PILOT_SCALE = 2.0;

static unsigned choose_k(double pilot, size_t n)
{
    double k = pilot > 0 ? PILOT_SCALE / pilot : MOST_K;
    if (k > sqrt((double)n) / 4) k = sqrt((double)n) / 4;
    return k >= MOST_K ? MOST_K : k <= LEAST_K ? LEAST_K : (unsigned)(k + 0.5);
}

/* Equal-count bins of ascending values for the pilot, counted from the column's longer tail; equal values share one. */
static void pilot_bins(const double *ascending, size_t m, bool from_top, uint32_t *bin)
{
    uint32_t number = 0;
    double last = NAN;
    for (size_t s = 0; s < m; s++) {
        const size_t r = from_top ? m - 1 - s : s;
        if (ascending[r] != last) number = (uint32_t)(s * PILOT_BINS / m);
        last = ascending[r];
        bin[r] = number;
    }
}

/* The pilot estimate: plug-in of bins against labels. */
static double pilot(const uint32_t *bin, const uint32_t *label, size_t m, size_t classes, struct icl_workspace *ws)
{
    const struct icl_mark mark = icl_workspace_mark(ws);
    uint64_t *count = ICL_TAKE(ws, PILOT_BINS * classes, uint64_t);
    if (count == NULL) return 0;
    memset(count, 0, PILOT_BINS * classes * sizeof *count);
    for (size_t i = 0; i < m; i++)
        count[bin[i] * classes + label[i]]++;
    const double mi = icl_mi_table(count, PILOT_BINS, classes, ws);
    icl_workspace_release(ws, mark);
    return mi;
}

/* I(x;label | x continuous): a Ross term over the samples of x's continuous part. */
static icl_status amplitude_term(const struct icl_column *x, const struct icl_column *y, unsigned k,
                                 struct icl_workspace *ws, double *mi, struct icl_error *err)
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
        value[j] = x->z[i];
        order[j] = (uint32_t)j;
        label[j++] = y->group[i];
    }
    pilot_bins(value, m, x->from_top, bin);
    const unsigned used = k != 0 ? k : choose_k(pilot(bin, label, m, classes, ws), m);
    const icl_status status = icl_mi_ross(value, order, label, m, classes, used, ws, mi, err);
    icl_workspace_release(ws, mark);
    return status;
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
    pilot_bins(side->ascending, m, own->from_top, bin);
    for (r = 0; r < m; r++)
        side->bin[side->order[r]] = bin[r];
    return ICL_OK;
}

/* I(x;y | both continuous), nan where too few samples are; *m says how many are. */
static icl_status amplitudes_term(const struct icl_column *x, const struct icl_column *y,
                                  const struct icl_decomposition *way, struct icl_workspace *ws, size_t *m, double *mi,
                                  struct icl_error *err)
{
    const unsigned k = way->k;
    const size_t least = way->amplitudes != NULL ? way->least : (k != 0 ? k : LEAST_K) + 1U;
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
        if (way->amplitudes != NULL) {
            status = way->amplitudes(sx.by_sample, sy.by_sample, together, ws, mi, err);
            icl_workspace_release(ws, mark);
            return status;
        }
        const unsigned used = k != 0 ? k : choose_k(pilot(sx.bin, sy.bin, together, PILOT_BINS, ws), together);
        const struct icl_sorted_points plane = {
            {together, 2, {sx.by_sample, sy.by_sample}}, {sx.ascending, sy.ascending}, {sx.order, sy.order}};
        status = (x->tied || y->tied ? icl_tc_mesner_shalizi_sorted : icl_tc_ksg1_sorted)(&plane, used, ws, mi, err);
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
    const size_t n = x->n, rows = x->atom_count + 1, cols = y->atom_count + 1;
    const struct icl_mark mark = icl_workspace_mark(workspace);
    uint64_t *count = ICL_TAKE(workspace, rows * cols, uint64_t);
    if (count == NULL) return icl_fail_memory(err, "the table of atom identities");
    memset(count, 0, rows * cols * sizeof *count);
    for (size_t i = 0; i < n; i++)
        count[x->group[i] * cols + y->group[i]]++;
    double table;
    ICL_TRY(icl_mi_table_corrected(count, rows, cols, way->correction, workspace, &table, err));
    icl_workspace_release(workspace, mark);

    double about_y, about_x, both;
    size_t together = 0;
    ICL_TRY(amplitude_term(x, y, k, workspace, &about_y, err));
    ICL_TRY(amplitude_term(y, x, k, workspace, &about_x, err));
    ICL_TRY(amplitudes_term(x, y, way, workspace, &together, &both, err));
    const double total = (double)n;
    result->atoms = table;
    result->x_amplitude = weighted((double)x->continuous / total, about_y, result);
    result->y_amplitude = weighted((double)y->continuous / total, about_x, result);
    result->amplitudes = weighted((double)together / total, both, result);
    result->mi = result->atoms + result->x_amplitude + result->y_amplitude + result->amplitudes;
    return ICL_OK;
}
