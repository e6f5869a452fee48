#include "estimators/neighbour_counts.h"

#include "estimators/cpu/knn.h"
#include "estimators/margins_internal.h"
#include "estimators/strips_internal.h"

/* ---- the plane ------------------------------------------------------------------------------------------------ */

/* An index of the plane and what the search found, by position. */
struct plane_search {
    struct icl_strip_index index;
    struct icl_strip_results found[ICL_STRIP_FAMILIES];
};

/* Fewer than two points have no neighbours, and the tree says so. */
static bool fits_strips(const struct icl_points *points, unsigned k)
{
    return points->dimensions == 2 && k >= 1 && k <= ICL_STRIPS_MOST_NEIGHBOURS && points->n > k &&
           points->n <= INT32_MAX;
}

static icl_status search_plane(const struct icl_sorted_points *sp, unsigned k, bool within, bool extent,
                               struct icl_workspace *ws, struct plane_search *search, struct icl_error *err)
{
    const size_t n = sp->points.n;
    const uint32_t *order[2];
    for (unsigned a = 0; a < 2; a++) {
        if (sp->order[a] != NULL) {
            order[a] = sp->order[a];
            continue;
        }
        uint32_t *found = ICL_TAKE(ws, n, uint32_t);
        if (found == NULL) return icl_fail_memory(err, "a neighbour search");
        ICL_TRY(icl_margin_order(sp->sorted[a], sp->points.at[a], n, found, ws, err));
        order[a] = found;
    }
    ICL_TRY(icl_strips_build(&sp->points, sp->sorted, order, ws, &search->index, err));
    for (unsigned f = 0; f < ICL_STRIP_FAMILIES; f++) {
        const size_t positions = search->index.family[f].positions;
        struct icl_strip_results *found = &search->found[f];
        *found = (struct icl_strip_results){ICL_TAKE(ws, positions, double), NULL, {NULL, NULL}};
        bool short_of_memory = found->radius == NULL;
        if (within) short_of_memory |= (found->within = ICL_TAKE(ws, positions, uint32_t)) == NULL;
        for (unsigned c = 0; c < 2 && extent; c++)
            short_of_memory |= (found->extent[c] = ICL_TAKE(ws, positions, double)) == NULL;
        if (short_of_memory) return icl_fail_memory(err, "a neighbour search");
    }
    icl_knn()->search(&search->index, k, search->found);
    return ICL_OK;
}

/* By position to by sample. */
static void scatter_results(const struct plane_search *search, double *radius, uint32_t *within, double *const *extent)
{
    for (unsigned f = 0; f < ICL_STRIP_FAMILIES; f++) {
        const struct icl_strips *family = &search->index.family[f];
        const struct icl_strip_results *found = &search->found[f];
        for (size_t s = 0; s < family->count; s++)
            for (size_t p = family->strip[s].begin; p < family->strip[s].end; p++) {
                const uint32_t i = family->sample[p];
                if (radius != NULL) radius[i] = found->radius[p];
                if (within != NULL) within[i] = found->within[p];
                if (extent == NULL) continue;
                extent[family->across_axis][i] = found->extent[0][p];
                extent[1 - family->across_axis][i] = found->extent[1][p];
            }
    }
}

/* The margin of `along` is worked on in bands of TALL values, which stay in the second-level cache while every strip is
 * visited; the part of the other margin that a strip needs stays there anyway. CHUNK positions fit the first level. */
enum { CHUNK = 256, TALL = 1 << 15 };

static void count_band(const struct icl_strips *family, const struct icl_margin *margin, const double *reach,
                       bool strict, size_t begin, size_t end, const uint32_t *across, uint32_t *counts)
{
    uint32_t along[CHUNK];
    for (size_t p = begin; p < end; p += CHUNK) {
        const size_t size = end - p < CHUNK ? end - p : CHUNK;
        icl_margin_count(margin, family->along + p, reach + p, size, strict, along);
        for (size_t j = 0; j < size; j++) {
            uint32_t *pair = counts + 2 * (size_t)family->sample[p + j];
            pair[family->across_axis] = across[p + j];
            pair[1 - family->across_axis] = along[j];
        }
    }
}

static icl_status count_family(const struct icl_strips *family, const struct icl_strip_results *found,
                               const struct icl_margin *margin, enum icl_count_rule rule, uint32_t *counts,
                               struct icl_workspace *ws, struct icl_error *err)
{
    const struct icl_margin *margin_across = &margin[family->across_axis];
    const struct icl_margin *margin_along = &margin[1 - family->across_axis];
    const bool strict = rule == ICL_COUNT_INSIDE;
    const double *reach_across = rule == ICL_COUNT_IN_EXTENT ? found->extent[0] : found->radius;
    const double *reach_along = rule == ICL_COUNT_IN_EXTENT ? found->extent[1] : found->radius;
    uint32_t *next = ICL_TAKE(ws, family->count, uint32_t);
    uint32_t *across = ICL_TAKE(ws, family->positions, uint32_t);
    if (next == NULL || across == NULL) return icl_fail_memory(err, "neighbour counts");
    for (size_t s = 0; s < family->count; s++) {
        const size_t begin = family->strip[s].begin;
        next[s] = family->strip[s].begin;
        icl_margin_count(margin_across, family->across + begin, reach_across + begin, family->strip[s].end - begin,
                         strict, across + begin);
    }
    for (size_t rank = TALL;; rank += TALL) { /* up to the value of this rank */
        for (size_t s = 0; s < family->count; s++) {
            size_t end = family->strip[s].end;
            if (rank < margin_along->n)
                end = icl_first_at_least(family->along, next[s], end, margin_along->level[0][rank]);
            count_band(family, margin_along, reach_along, strict, next[s], end, across, counts);
            next[s] = (uint32_t)end;
        }
        if (rank >= margin_along->n) return ICL_OK;
    }
}

static icl_status count_plane(const struct icl_sorted_points *sp, unsigned k, enum icl_count_rule rule,
                              uint32_t *within, uint32_t *counts, struct icl_workspace *ws, struct icl_error *err)
{
    struct plane_search search;
    struct icl_margin margin[2];
    ICL_TRY(search_plane(sp, k, within != NULL, rule == ICL_COUNT_IN_EXTENT, ws, &search, err));
    for (unsigned a = 0; a < 2; a++)
        ICL_TRY(icl_margin_build(sp->sorted[a], sp->points.n, ws, &margin[a], err));
    for (unsigned f = 0; f < ICL_STRIP_FAMILIES; f++)
        ICL_TRY(count_family(&search.index.family[f], &search.found[f], margin, rule, counts, ws, err));
    if (within != NULL) scatter_results(&search, NULL, within, NULL);
    return ICL_OK;
}

/* ---- any dimension -------------------------------------------------------------------------------------------- */

static icl_status count_space(const struct icl_sorted_points *sp, unsigned k, enum icl_count_rule rule,
                              uint32_t *within, uint32_t *counts, struct icl_workspace *ws, struct icl_error *err)
{
    const size_t n = sp->points.n;
    const unsigned d = sp->points.dimensions;
    double *radius = ICL_TAKE(ws, n, double), *extent[ICL_MAX_COORDINATES];
    uint32_t *count = ICL_TAKE(ws, n, uint32_t);
    bool short_of_memory = radius == NULL || count == NULL;
    for (unsigned a = 0; a < d && rule == ICL_COUNT_IN_EXTENT; a++)
        short_of_memory |= (extent[a] = ICL_TAKE(ws, n, double)) == NULL;
    if (short_of_memory) return icl_fail_memory(err, "neighbour counts");
    ICL_TRY(icl_neighbours(&sp->points, k, radius, within, rule == ICL_COUNT_IN_EXTENT ? extent : NULL, ws, err));
    for (unsigned a = 0; a < d; a++) {
        struct icl_margin margin;
        ICL_TRY(icl_margin_build(sp->sorted[a], n, ws, &margin, err));
        icl_margin_count(&margin, sp->points.at[a], rule == ICL_COUNT_IN_EXTENT ? extent[a] : radius, n,
                         rule == ICL_COUNT_INSIDE, count);
        for (size_t i = 0; i < n; i++)
            counts[i * d + a] = count[i];
    }
    return ICL_OK;
}

/* ---- public --------------------------------------------------------------------------------------------------- */

icl_status icl_neighbours_sorted(const struct icl_sorted_points *points, unsigned k, double *radius, uint32_t *within,
                                 double *const *extent, struct icl_workspace *workspace, struct icl_error *err)
{
    if (!fits_strips(&points->points, k))
        return icl_neighbours(&points->points, k, radius, within, extent, workspace, err);
    const struct icl_mark mark = icl_workspace_mark(workspace);
    struct plane_search search;
    const icl_status status = search_plane(points, k, within != NULL, extent != NULL, workspace, &search, err);
    if (status == ICL_OK) scatter_results(&search, radius, within, extent);
    icl_workspace_release(workspace, mark);
    return status;
}

icl_status icl_neighbour_counts(const struct icl_sorted_points *points, unsigned k, enum icl_count_rule rule,
                                uint32_t *within, uint32_t *counts, struct icl_workspace *workspace,
                                struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(workspace);
    const icl_status status =
        (fits_strips(&points->points, k) ? count_plane : count_space)(points, k, rule, within, counts, workspace, err);
    icl_workspace_release(workspace, mark);
    return status;
}
