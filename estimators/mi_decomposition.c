#include <math.h>
#include <string.h>

#include "estimators/mutual_information.h"

/* I(x;label | x continuous): a Ross term over the samples of x's continuous part. */
static icl_status amplitude_term(const struct icl_column *x, const struct icl_column *y, unsigned k,
                                 struct icl_workspace *ws, double *mi, struct icl_error *err)
{
    const size_t m = x->continuous, classes = y->atom_count + 1;
    *mi = 0;
    if (m == 0 || y->atom_count == 0) return ICL_OK; /* nothing to tell, or only one identity to tell of */
    const struct icl_mark mark = icl_workspace_mark(ws);
    double *value = ICL_TAKE(ws, m, double);
    uint32_t *order = ICL_TAKE(ws, m, uint32_t), *label = ICL_TAKE(ws, m, uint32_t);
    if (!value || !order || !label) return icl_fail_memory(err, "a term of the decomposition");
    size_t j = 0;
    for (size_t r = 0; r < x->n; r++) { /* in ascending order already: the samples need no other numbering */
        const uint32_t i = x->order[r];
        if (x->group[i] != 0) continue;
        value[j] = x->z[i];
        order[j] = (uint32_t)j;
        label[j++] = y->group[i];
    }
    const icl_status status = icl_mi_ross(value, order, label, m, classes, k, ws, mi, err);
    icl_workspace_release(ws, mark);
    return status;
}

/* The scores of the samples in which both are continuous, by sample and ascending. */
static size_t co_continuous(const struct icl_column *own, const struct icl_column *other, double *by_sample,
                            double *ascending)
{
    size_t m = 0;
    for (size_t i = 0; i < own->n; i++)
        if (own->group[i] == 0 && other->group[i] == 0) by_sample[m++] = own->score[i];
    size_t r = 0;
    for (size_t s = 0; s < own->n; s++) {
        const uint32_t i = own->order[s];
        if (own->group[i] == 0 && other->group[i] == 0) ascending[r++] = own->score[i];
    }
    return m;
}

static icl_status amplitudes_term(const struct icl_column *x, const struct icl_column *y, unsigned k,
                                  struct icl_workspace *ws, size_t *m, double *mi, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(ws);
    const size_t most = x->continuous < y->continuous ? x->continuous : y->continuous;
    double *memory = ICL_TAKE(ws, 4 * most + 1, double);
    if (memory == NULL) return icl_fail_memory(err, "the co-continuous samples");
    double *part[4] = {memory, memory + most, memory + 2 * most, memory + 3 * most};
    *m = co_continuous(x, y, part[0], part[1]);
    co_continuous(y, x, part[2], part[3]);
    const struct icl_plane plane = {*m, part[0], part[2], part[1], part[3]};
    icl_status status = ICL_OK;
    if (*m <= k) *mi = NAN;
    else if (x->tied || y->tied) status = icl_mi_mesner_shalizi(&plane, k, ws, mi, err);
    else status = icl_mi_ksg1(&plane, k, ws, mi, err);
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
    const size_t n = x->n, rows = x->atom_count + 1, cols = y->atom_count + 1;
    const struct icl_mark mark = icl_workspace_mark(workspace);
    uint64_t *count = ICL_TAKE(workspace, rows * cols, uint64_t);
    if (count == NULL) return icl_fail_memory(err, "the table of atom identities");
    memset(count, 0, rows * cols * sizeof *count);
    for (size_t i = 0; i < n; i++) count[x->group[i] * cols + y->group[i]]++;
    const double table = icl_mi_table(count, rows, cols, workspace);
    icl_workspace_release(workspace, mark);

    double about_y, about_x, both;
    size_t together = 0;
    ICL_TRY(amplitude_term(x, y, k, workspace, &about_y, err));
    ICL_TRY(amplitude_term(y, x, k, workspace, &about_x, err));
    ICL_TRY(amplitudes_term(x, y, k, workspace, &together, &both, err));
    const double total = (double)n;
    result->atoms = table;
    result->x_amplitude = weighted((double)x->continuous / total, about_y, result);
    result->y_amplitude = weighted((double)y->continuous / total, about_x, result);
    result->amplitudes = weighted((double)together / total, both, result);
    result->mi = result->atoms + result->x_amplitude + result->y_amplitude + result->amplitudes;
    return ICL_OK;
}
