#include <math.h>
#include <string.h>

#include "estimators/mutual_information.h"
#include "estimators/total_correlation.h"

/* The columns and, for every sample, the number of its atom pattern (mixed radix, the last column fastest). */
struct problem {
    const struct icl_column *const *column;
    unsigned d, k;
    size_t n, patterns;
    size_t shape[ICL_TC_MOST_COLUMNS];
    uint32_t *pattern;
    struct icl_workspace *ws;
};

static uint32_t digit(const struct problem *p, size_t pattern, unsigned column)
{
    for (unsigned a = p->d - 1; a > column; a--)
        pattern /= p->shape[a];
    return (uint32_t)(pattern % p->shape[column]);
}

/* P(A_a=0) I(x_a; A_others | A_a=0). */
static icl_status amplitude_term(const struct problem *p, unsigned a, double *term, struct icl_error *err)
{
    const struct icl_column *column = p->column[a];
    const size_t m = column->continuous;
    *term = 0;
    if (m <= p->k) return ICL_OK;
    const struct icl_mark mark = icl_workspace_mark(p->ws);
    double *value = ICL_TAKE(p->ws, m, double), mi;
    uint32_t *order = ICL_TAKE(p->ws, m, uint32_t), *label = ICL_TAKE(p->ws, m, uint32_t);
    if (!value || !order || !label) return icl_fail_memory(err, "a term of the decomposition");
    size_t j = 0;
    for (size_t r = 0; r < p->n; r++) {
        const uint32_t i = column->order[r];
        if (column->group[i] != 0) continue;
        value[j] = column->score[i];
        order[j] = (uint32_t)j;
        label[j++] = p->pattern[i]; /* digit a is 0 for all of these: the number tells of the others only */
    }
    ICL_TRY(icl_mi_ross(value, order, label, m, p->patterns, p->k, p->ws, &mi, err));
    if (!isnan(mi)) *term = (double)m / (double)p->n * mi;
    icl_workspace_release(p->ws, mark);
    return ICL_OK;
}

/* P(s) TC(x_S | A = s). */
static icl_status pattern_term(const struct problem *p, size_t s, size_t samples, double *term, struct icl_error *err)
{
    *term = 0;
    struct icl_points points = {samples, 0, {NULL}};
    const double *sorted[ICL_TC_MOST_COLUMNS];
    const struct icl_mark mark = icl_workspace_mark(p->ws);
    for (unsigned a = 0; a < p->d && samples > p->k; a++) {
        if (digit(p, s, a) != 0) continue;
        double *by_sample = ICL_TAKE(p->ws, samples, double), *ascending = ICL_TAKE(p->ws, samples, double);
        if (by_sample == NULL || ascending == NULL) return icl_fail_memory(err, "a term of the decomposition");
        size_t j = 0, r = 0;
        for (size_t i = 0; i < p->n; i++)
            if (p->pattern[i] == s) by_sample[j++] = p->column[a]->score[i];
        for (size_t rank = 0; rank < p->n; rank++)
            if (p->pattern[p->column[a]->order[rank]] == s)
                ascending[r++] = p->column[a]->score[p->column[a]->order[rank]];
        sorted[points.dimensions] = ascending;
        points.at[points.dimensions++] = by_sample;
    }
    if (points.dimensions >= 2) {
        double tc;
        ICL_TRY(icl_tc_ksg1(&points, sorted, p->k, p->ws, &tc, err));
        *term = (double)samples / (double)p->n * tc;
    }
    icl_workspace_release(p->ws, mark);
    return ICL_OK;
}

static icl_status decompose(struct problem *p, double *tc, struct icl_error *err)
{
    p->pattern = ICL_TAKE(p->ws, p->n, uint32_t);
    uint64_t *count = ICL_TAKE(p->ws, p->patterns, uint64_t);
    if (p->pattern == NULL || count == NULL) return icl_fail_memory(err, "atom patterns");
    memset(count, 0, p->patterns * sizeof *count);
    for (size_t i = 0; i < p->n; i++) {
        size_t pattern = 0;
        for (unsigned a = 0; a < p->d; a++)
            pattern = pattern * p->shape[a] + p->column[a]->group[i];
        p->pattern[i] = (uint32_t)pattern;
        count[pattern]++;
    }
    double term;
    ICL_TRY(icl_tc_table(count, p->shape, p->d, p->ws, tc, err));
    for (unsigned a = 0; a < p->d; a++) {
        ICL_TRY(amplitude_term(p, a, &term, err));
        *tc += term;
    }
    for (size_t s = 0; s < p->patterns; s++) {
        ICL_TRY(pattern_term(p, s, count[s], &term, err));
        *tc += term;
    }
    return ICL_OK;
}

icl_status icl_tc_decomposition(const struct icl_column *const *columns, unsigned d, unsigned k,
                                struct icl_workspace *workspace, double *tc, struct icl_error *err)
{
    if (d < 2 || d > ICL_TC_MOST_COLUMNS)
        return icl_fail(err, ICL_ERR_INPUT, "total correlation of %u columns: must be 2 to %d", d, ICL_TC_MOST_COLUMNS);
    struct problem p = {.column = columns, .d = d, .k = k, .n = columns[0]->n, .patterns = 1, .ws = workspace};
    for (unsigned a = 0; a < d; a++) {
        if (columns[a]->n != p.n)
            return icl_fail(err, ICL_ERR_INPUT, "columns of %zu and %zu rows", p.n, columns[a]->n);
        if (columns[a]->state != ICL_COLUMN_REGULAR)
            return icl_fail(err, ICL_ERR_INPUT, "total correlation: column %u is constant or not finite", a);
        p.shape[a] = columns[a]->atom_count + 1;
        p.patterns *= p.shape[a];
        if (p.patterns > UINT32_MAX)
            return icl_fail(err, ICL_ERR_INPUT, "total correlation: too many atoms in %u columns", d);
    }
    const struct icl_mark mark = icl_workspace_mark(workspace);
    const icl_status status = decompose(&p, tc, err);
    icl_workspace_release(workspace, mark);
    return status;
}
