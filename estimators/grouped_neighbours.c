#include "estimators/grouped_neighbours.h"

#include <math.h>

#include "estimators/all_distances_internal.h"

/* All distances are faster than a tree from FEW_COORDINATES coordinates up where there are fewer than
 * POINTS_A_COORDINATE points each; measured on normal samples with AVX-512. */
enum { FEW_COORDINATES = 4, POINTS_A_COORDINATE = 1000 };

static size_t coordinates_of(const struct icl_grouped_points *points)
{
    size_t sum = 0;
    for (unsigned g = 0; g < points->groups; g++)
        sum += points->dimensions[g];
    return sum;
}

static bool fits_tree(const struct icl_grouped_points *points)
{
    const size_t d = coordinates_of(points);
    return d < FEW_COORDINATES || (d <= ICL_MAX_COORDINATES && points->n >= POINTS_A_COORDINATE * d);
}

/* The coordinates from `first` on as points of one space. */
static struct icl_points as_points(const struct icl_grouped_points *points, size_t first, size_t count)
{
    struct icl_points result = {.n = points->n, .dimensions = (unsigned)count};
    for (size_t a = 0; a < count; a++)
        result.at[a] = points->at[first + a];
    return result;
}

static icl_status check(const struct icl_grouped_points *points, unsigned k, struct icl_error *err)
{
    if (k < 1 || k > ICL_MAX_NEIGHBOURS)
        return icl_fail(err, ICL_ERR_INPUT, "k = %u neighbours: must be 1 to %d", k, ICL_MAX_NEIGHBOURS);
    if (points->n <= k)
        return icl_fail(err, ICL_ERR_INPUT, "%zu samples are too few for k = %u neighbours", points->n, k);
    return ICL_OK;
}

static icl_status count_by_trees(const struct icl_grouped_points *points, unsigned k, enum icl_count_rule rule,
                                 uint32_t *within, uint32_t *counts, struct icl_workspace *ws, struct icl_error *err)
{
    const size_t n = points->n, groups = points->groups, all = coordinates_of(points);
    const struct icl_points joint = as_points(points, 0, all);
    double *extent[ICL_MAX_COORDINATES], *radius = ICL_TAKE(ws, n, double);
    uint32_t *count = ICL_TAKE(ws, n, uint32_t);
    bool short_of_memory = radius == NULL || count == NULL;
    const bool extents = rule == ICL_COUNT_IN_EXTENT;
    for (size_t a = 0; a < all && extents; a++)
        short_of_memory |= (extent[a] = ICL_TAKE(ws, n, double)) == NULL;
    if (short_of_memory) return icl_fail_memory(err, "neighbour counts");
    ICL_TRY(icl_neighbours(&joint, k, radius, within, extents ? extent : NULL, ws, err));
    for (size_t g = 0, first = 0; g < groups; first += points->dimensions[g++]) {
        const struct icl_points own = as_points(points, first, points->dimensions[g]);
        const double *reach = extents ? extent[first] : radius;
        for (size_t a = 1; a < points->dimensions[g] && extents; a++) /* the extent of a group: its widest coordinate */
            for (size_t i = 0; i < n; i++)
                extent[first][i] = fmax(extent[first][i], extent[first + a][i]);
        ICL_TRY(icl_ball_counts(&own, reach, rule == ICL_COUNT_INSIDE, count, ws, err));
        for (size_t i = 0; i < n; i++)
            counts[i * groups + g] = count[i];
    }
    return ICL_OK;
}

icl_status icl_grouped_counts(const struct icl_grouped_points *points, unsigned k, enum icl_count_rule rule,
                              uint32_t *within, uint32_t *counts, struct icl_workspace *workspace,
                              struct icl_error *err)
{
    ICL_TRY(check(points, k, err));
    if (!fits_tree(points)) {
        const struct icl_all_distances wanted = {.k = k, .rule = rule, .within = within, .counts = counts};
        return icl_all_distances(points, &wanted, workspace, err);
    }
    const struct icl_mark mark = icl_workspace_mark(workspace);
    const icl_status status = count_by_trees(points, k, rule, within, counts, workspace, err);
    icl_workspace_release(workspace, mark);
    return status;
}

icl_status icl_grouped_neighbours(const struct icl_grouped_points *points, unsigned k, double *radius, uint32_t *within,
                                  struct icl_workspace *workspace, struct icl_error *err)
{
    ICL_TRY(check(points, k, err));
    if (fits_tree(points)) {
        const struct icl_points joint = as_points(points, 0, coordinates_of(points));
        return icl_neighbours(&joint, k, radius, within, NULL, workspace, err);
    }
    const struct icl_all_distances wanted = {.k = k, .radius = radius, .within = within};
    return icl_all_distances(points, &wanted, workspace, err);
}

icl_status icl_grouped_within(const struct icl_grouped_points *points, const double *radius, uint32_t *count,
                              struct icl_workspace *workspace, struct icl_error *err)
{
    const size_t all = coordinates_of(points);
    if (fits_tree(points)) {
        const struct icl_points joint = as_points(points, 0, all);
        return icl_ball_counts(&joint, radius, false, count, workspace, err);
    }
    const struct icl_grouped_points joint = {points->n, 1, &all, points->at};
    const struct icl_all_distances wanted = {.given = radius, .rule = ICL_COUNT_WITHIN, .counts = count};
    return icl_all_distances(&joint, &wanted, workspace, err);
}

/* ---- the oracle ----------------------------------------------------------------------------------------------- */

/* distance[j] from point i over the coordinates first .. first + count - 1. */
static void distances_from(const struct icl_grouped_points *points, size_t i, size_t first, size_t count,
                           double *distance)
{
    for (size_t j = 0; j < points->n; j++) {
        distance[j] = 0;
        for (size_t a = first; a < first + count; a++)
            distance[j] = fmax(distance[j], fabs(points->at[a][j] - points->at[a][i]));
    }
}

icl_status icl_grouped_counts_reference(const struct icl_grouped_points *points, unsigned k, enum icl_count_rule rule,
                                        uint32_t *within, uint32_t *counts, struct icl_workspace *workspace,
                                        struct icl_error *err)
{
    ICL_TRY(check(points, k, err));
    const size_t n = points->n, groups = points->groups;
    const struct icl_mark mark = icl_workspace_mark(workspace);
    double *joint = ICL_TAKE(workspace, n, double), *own = ICL_TAKE(workspace, n, double);
    if (joint == NULL || own == NULL) return icl_fail_memory(err, "a brute-force search");
    for (size_t i = 0; i < n; i++) {
        distances_from(points, i, 0, coordinates_of(points), joint);
        joint[i] = INFINITY;
        double radius;
        const size_t found = icl_plain_radius(joint, n, k, &radius);
        if (within != NULL) within[i] = (uint32_t)found;
        for (size_t g = 0, first = 0; g < groups; first += points->dimensions[g++]) {
            distances_from(points, i, first, points->dimensions[g], own);
            double reach = rule == ICL_COUNT_IN_EXTENT ? 0 : radius;
            for (size_t j = 0; j < n && rule == ICL_COUNT_IN_EXTENT; j++)
                if (joint[j] <= radius) reach = fmax(reach, own[j]);
            uint32_t count = 0;
            for (size_t j = 0; j < n; j++)
                count += rule == ICL_COUNT_INSIDE ? own[j] < reach : own[j] <= reach;
            counts[i * groups + g] = count;
        }
    }
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}
