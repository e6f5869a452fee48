#include <math.h>

#include "estimators/grouped_neighbours.h"
#include "estimators/knn_sums_internal.h"
#include "estimators/patterns_internal.h"

/* One group with its patterns, and a place for the columns that are continuous in the pattern at hand. */
struct side {
    const struct icl_column_group *group;
    struct icl_patterns patterns;
    const struct icl_column **continuous;
    size_t count;
};

struct problem {
    size_t n;
    unsigned k;
    struct side x, y;
    uint32_t *by_xy, *by_yx; /* samples sorted by (pattern of x, pattern of y) and the other way round */
    struct icl_workspace *ws;
    struct icl_mi_result *result;
};

/* The columns of the side that are continuous where sample i is. */
static void find_continuous(struct side *side, uint32_t i)
{
    side->count = 0;
    for (size_t c = 0; c < side->group->size; c++)
        if (side->group->column[c]->group[i] == 0) side->continuous[side->count++] = side->group->column[c];
}

/* at[a][j] = score of the side's continuous column a at the sample chosen[j]. */
static icl_status gather(const struct side *side, const uint32_t *chosen, size_t m, struct icl_workspace *ws,
                         const double **at, struct icl_error *err)
{
    for (size_t a = 0; a < side->count; a++) {
        double *score = ICL_TAKE(ws, m, double);
        if (score == NULL) return icl_fail_memory(err, "a term of the decomposition");
        for (size_t j = 0; j < m; j++)
            score[j] = side->continuous[a]->score[chosen[j]];
        at[a] = score;
    }
    return ICL_OK;
}

static double skip(struct problem *p)
{
    p->result->notes |= ICL_MI_NOTE_TERM_SKIPPED;
    return 0;
}

/* I(A;B): the plug-in over occupied pairs, minus its Miller-Madow bias. */
static double table_term(const struct problem *p)
{
    const struct icl_patterns *px = &p->x.patterns, *py = &p->y.patterns;
    const double n = (double)p->n;
    double sum = 0, cells = 0;
    for (size_t begin = 0, end; begin < p->n; begin = end) {
        const uint32_t a = px->of[p->by_xy[begin]], b = py->of[p->by_xy[begin]];
        for (end = begin + 1; end < p->n && px->of[p->by_xy[end]] == a && py->of[p->by_xy[end]] == b;)
            end++;
        const double count = (double)(end - begin);
        const double margins = (double)(px->begin[a + 1] - px->begin[a]) * (double)(py->begin[b + 1] - py->begin[b]);
        sum += count / n * log(count * n / margins);
        cells += 1;
    }
    return sum - (cells - (double)px->count - (double)py->count + 1) / (2 * n);
}

/* sum_a P(a) I(own_a; pattern of the other | a); `order` is sorted by the own pattern, then the other. */
static icl_status amplitude_terms(struct problem *p, struct side *own, const struct side *other, const uint32_t *order,
                                  double *sum, struct icl_error *err)
{
    *sum = 0;
    if (other->patterns.count == 1) return ICL_OK; /* only one identity to tell of */
    for (size_t a = 0; a < own->patterns.count; a++) {
        const size_t begin = own->patterns.begin[a], m = own->patterns.begin[a + 1] - begin;
        find_continuous(own, order[begin]);
        if (own->count == 0) continue; /* the pattern says all there is to say */
        const struct icl_mark mark = icl_workspace_mark(p->ws);
        const double **at = ICL_TAKE(p->ws, own->count, const double *);
        uint32_t *label = ICL_TAKE(p->ws, m, uint32_t);
        if (at == NULL || label == NULL) return icl_fail_memory(err, "a term of the decomposition");
        size_t labels = 0; /* numbered anew, in the order of the samples */
        for (size_t j = 0; j < m; j++) {
            if (j > 0 && other->patterns.of[order[begin + j]] != other->patterns.of[order[begin + j - 1]]) labels++;
            label[j] = (uint32_t)labels;
        }
        double mi = NAN;
        if (m > p->k) {
            ICL_TRY(gather(own, order + begin, m, p->ws, at, err));
            ICL_TRY(icl_mi_ross_vector(at, own->count, label, m, labels + 1, p->k, p->ws, &mi, err));
        }
        *sum += isnan(mi) ? skip(p) : (double)m / (double)p->n * mi;
        icl_workspace_release(p->ws, mark);
    }
    return ICL_OK;
}

static bool any_tied(const struct side *side)
{
    for (size_t a = 0; a < side->count; a++)
        if (side->continuous[a]->tied) return true;
    return false;
}

/* Scores of few samples in many columns tie in distance, though no column does: the maximum is then one of few numbers,
 * and KSG1, which counts inside the radius, reads nats too high. */
static bool distances_tie(const uint32_t *within, size_t m, unsigned k)
{
    size_t ties = 0;
    for (size_t i = 0; i < m; i++)
        ties += within[i] > k;
    return ICL_TIED_SHARE * ties > m;
}

/* I(X_a;Y_b) of m samples of one pair of patterns. */
static icl_status amplitudes_term(struct problem *p, const uint32_t *chosen, size_t m, double *mi,
                                  struct icl_error *err)
{
    const bool tied = any_tied(&p->x) || any_tied(&p->y);
    const size_t dimensions[2] = {p->x.count, p->y.count};
    const double **at = ICL_TAKE(p->ws, p->x.count + p->y.count, const double *);
    uint32_t *within = ICL_TAKE(p->ws, m, uint32_t), *counts = ICL_TAKE(p->ws, 2 * m, uint32_t);
    if (!at || !within || !counts) return icl_fail_memory(err, "a term of the decomposition");
    ICL_TRY(gather(&p->x, chosen, m, p->ws, at, err));
    ICL_TRY(gather(&p->y, chosen, m, p->ws, at + p->x.count, err));
    const struct icl_grouped_points points = {m, 2, dimensions, at};
    if (!tied) {
        const double *psi = icl_workspace_digamma(p->ws, m + 1);
        if (psi == NULL) return icl_fail_memory(err, "a term of the decomposition");
        ICL_TRY(icl_grouped_counts(&points, p->k, ICL_COUNT_INSIDE, within, counts, p->ws, err));
        *mi = icl_ksg1_of(counts, m, 2, p->k, psi);
        if (!distances_tie(within, m, p->k)) return ICL_OK;
    }
    return icl_grouped_estimate(&points, ICL_MI_MESNER_SHALIZI, p->k, within, counts, p->ws, mi, err);
}

/* sum_ab P(ab) I(X_a; Y_b | a, b). */
static icl_status amplitudes_terms(struct problem *p, double *sum, struct icl_error *err)
{
    const uint32_t *of_x = p->x.patterns.of, *of_y = p->y.patterns.of;
    *sum = 0;
    for (size_t begin = 0, end; begin < p->n; begin = end) {
        const uint32_t first = p->by_xy[begin];
        for (end = begin + 1; end < p->n && of_x[p->by_xy[end]] == of_x[first] && of_y[p->by_xy[end]] == of_y[first];)
            end++;
        find_continuous(&p->x, first);
        find_continuous(&p->y, first);
        if (p->x.count == 0 || p->y.count == 0) continue;
        if (end - begin <= p->k) {
            *sum += skip(p);
            continue;
        }
        const struct icl_mark mark = icl_workspace_mark(p->ws);
        double mi = NAN;
        ICL_TRY(amplitudes_term(p, p->by_xy + begin, end - begin, &mi, err));
        *sum += (double)(end - begin) / (double)p->n * mi;
        icl_workspace_release(p->ws, mark);
    }
    return ICL_OK;
}

static icl_status open_side(struct problem *p, const struct icl_column_group *group, struct side *side,
                            struct icl_error *err)
{
    side->group = group;
    side->continuous = ICL_TAKE(p->ws, group->size, const struct icl_column *);
    if (side->continuous == NULL) return icl_fail_memory(err, "a group of columns");
    return icl_patterns_find(group, p->ws, &side->patterns, err);
}

icl_status icl_mi_groups_decomposition(const struct icl_column_group *x, const struct icl_column_group *y, unsigned k,
                                       struct icl_workspace *workspace, struct icl_mi_result *result,
                                       struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(workspace);
    struct problem p = {.n = x->column[0]->n, .k = k, .ws = workspace, .result = result};
    ICL_TRY(open_side(&p, x, &p.x, err));
    ICL_TRY(open_side(&p, y, &p.y, err));
    p.by_xy = ICL_TAKE(workspace, p.n, uint32_t);
    p.by_yx = ICL_TAKE(workspace, p.n, uint32_t);
    if (p.by_xy == NULL || p.by_yx == NULL) return icl_fail_memory(err, "atom patterns");
    ICL_TRY(icl_patterns_order(&p.x.patterns, &p.y.patterns, p.n, workspace, p.by_xy, err));
    ICL_TRY(icl_patterns_order(&p.y.patterns, &p.x.patterns, p.n, workspace, p.by_yx, err));
    result->atoms = table_term(&p);
    ICL_TRY(amplitude_terms(&p, &p.x, &p.y, p.by_xy, &result->x_amplitude, err));
    ICL_TRY(amplitude_terms(&p, &p.y, &p.x, p.by_yx, &result->y_amplitude, err));
    ICL_TRY(amplitudes_terms(&p, &result->amplitudes, err));
    result->mi = result->atoms + result->x_amplitude + result->y_amplitude + result->amplitudes;
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}
