#include "estimators/all_distances_internal.h"

#include <math.h>

#include "estimators/cpu/knn.h"

/* A space whose distances are worked out as one: a group of several coordinates, or all groups of one coordinate
 * together, which count for the joint distance only (their own counts are those of a line). */
struct space {
    size_t dimensions;
    double *block;         /* the points, in blocks: see icl_knn_variant.rows */
    double *own;           /* the points one by one: own[i * dimensions + a] */
    double *row[ICL_ROWS]; /* distances from the points at work to all */
};

struct search {
    const struct icl_grouped_points *points;
    const struct icl_all_distances *wanted;
    size_t blocks, spaces;
    struct space *space;
    size_t *space_of; /* of a group; SIZE_MAX: it has one coordinate */
    size_t *first;    /* coordinate of a group */
    double **reach;   /* by group of one coordinate: the distance within which its samples count */
    double *joint;    /* from one point */
    double *nearest;  /* k ascending */
    double *largest;  /* by group: the extent around one point */
};

static icl_status make_space(const struct icl_grouped_points *points, const size_t *coordinate, size_t dimensions,
                             size_t blocks, struct icl_workspace *ws, struct space *space, struct icl_error *err)
{
    const size_t n = points->n, padded = blocks * ICL_ROW_BLOCK;
    space->dimensions = dimensions;
    space->block = ICL_TAKE(ws, padded * dimensions, double);
    space->own = ICL_TAKE(ws, n * dimensions, double);
    bool short_of_memory = space->block == NULL || space->own == NULL;
    for (unsigned r = 0; r < ICL_ROWS; r++)
        short_of_memory |= (space->row[r] = ICL_TAKE(ws, padded, double)) == NULL;
    if (short_of_memory) return icl_fail_memory(err, "the distances of a group");
    for (size_t a = 0; a < dimensions; a++) {
        const double *at = points->at[coordinate[a]];
        for (size_t i = 0; i < padded; i++) {
            const size_t b = i / ICL_ROW_BLOCK, lane = i % ICL_ROW_BLOCK;
            space->block[(b * dimensions + a) * ICL_ROW_BLOCK + lane] = i < n ? at[i] : INFINITY;
        }
        for (size_t i = 0; i < n; i++)
            space->own[i * dimensions + a] = at[i];
    }
    return ICL_OK;
}

static icl_status make_search(struct search *s, struct icl_workspace *ws, struct icl_error *err)
{
    const struct icl_grouped_points *points = s->points;
    const size_t n = points->n, groups = points->groups;
    s->blocks = (n + ICL_ROW_BLOCK - 1) / ICL_ROW_BLOCK;
    s->space = ICL_TAKE(ws, groups + 1, struct space);
    s->space_of = ICL_TAKE(ws, groups, size_t);
    s->first = ICL_TAKE(ws, groups + 1, size_t);
    s->reach = ICL_TAKE(ws, groups, double *);
    s->joint = ICL_TAKE(ws, n, double);
    s->nearest = ICL_TAKE(ws, (size_t)s->wanted->k + 1, double);
    s->largest = ICL_TAKE(ws, groups, double);
    if (!s->space || !s->space_of || !s->first || !s->reach || !s->joint || !s->nearest || !s->largest)
        return icl_fail_memory(err, "a neighbour search");
    s->first[0] = 0;
    for (size_t g = 0; g < groups; g++)
        s->first[g + 1] = s->first[g] + points->dimensions[g];
    size_t *coordinate = ICL_TAKE(ws, s->first[groups], size_t), lines = 0;
    if (coordinate == NULL) return icl_fail_memory(err, "a neighbour search");
    s->spaces = 0;
    for (size_t g = 0; g < groups; g++) {
        s->space_of[g] = SIZE_MAX;
        if (points->dimensions[g] == 1) {
            coordinate[lines++] = s->first[g];
            s->reach[g] = ICL_TAKE(ws, n, double);
            if (s->reach[g] == NULL) return icl_fail_memory(err, "a neighbour search");
        }
    }
    if (lines > 0) ICL_TRY(make_space(points, coordinate, lines, s->blocks, ws, &s->space[s->spaces++], err));
    for (size_t g = 0; g < groups; g++) {
        if (points->dimensions[g] == 1) continue;
        for (size_t a = 0; a < points->dimensions[g]; a++)
            coordinate[a] = s->first[g] + a;
        s->space_of[g] = s->spaces;
        ICL_TRY(make_space(points, coordinate, points->dimensions[g], s->blocks, ws, &s->space[s->spaces++], err));
    }
    return ICL_OK;
}

/* The distances over all coordinates from point i, which stands in row r; inf to itself. */
static void join_rows(const struct search *s, unsigned r, size_t i)
{
    const size_t n = s->points->n;
    const double *row = s->space[0].row[r];
    for (size_t j = 0; j < n; j++)
        s->joint[j] = row[j];
    for (size_t p = 1; p < s->spaces; p++) {
        row = s->space[p].row[r];
        for (size_t j = 0; j < n; j++)
            s->joint[j] = row[j] > s->joint[j] ? row[j] : s->joint[j];
    }
    s->joint[i] = INFINITY;
}

static double kth_nearest(const struct search *s)
{
    const unsigned k = s->wanted->k;
    for (unsigned m = 0; m < k; m++)
        s->nearest[m] = INFINITY;
    for (size_t j = 0; j < s->points->n; j++) {
        if (!(s->joint[j] < s->nearest[k - 1])) continue;
        unsigned slot = k - 1;
        for (; slot > 0 && s->nearest[slot - 1] > s->joint[j]; slot--)
            s->nearest[slot] = s->nearest[slot - 1];
        s->nearest[slot] = s->joint[j];
    }
    return s->nearest[k - 1];
}

static uint32_t count_row(const double *row, size_t n, double r, bool strict)
{
    uint32_t count = 0;
    if (strict)
        for (size_t j = 0; j < n; j++)
            count += row[j] < r;
    else
        for (size_t j = 0; j < n; j++)
            count += row[j] <= r;
    return count;
}

/* The largest distance in each group to the samples within the radius. */
static void find_extents(const struct search *s, unsigned r, size_t i, double radius)
{
    const struct icl_grouped_points *points = s->points;
    for (size_t g = 0; g < points->groups; g++)
        s->largest[g] = 0;
    for (size_t j = 0; j < points->n; j++) {
        if (!(s->joint[j] <= radius)) continue;
        for (size_t g = 0; g < points->groups; g++) {
            const double *at = points->at[s->first[g]];
            const double distance =
                s->space_of[g] == SIZE_MAX ? fabs(at[j] - at[i]) : s->space[s->space_of[g]].row[r][j];
            s->largest[g] = fmax(s->largest[g], distance);
        }
    }
}

static void finish_point(const struct search *s, unsigned r, size_t i)
{
    const struct icl_all_distances *wanted = s->wanted;
    const size_t n = s->points->n, groups = s->points->groups;
    const bool extents = wanted->rule == ICL_COUNT_IN_EXTENT;
    if (wanted->given == NULL || extents || wanted->within != NULL) join_rows(s, r, i);
    const double radius = wanted->given != NULL ? wanted->given[i] : kth_nearest(s);
    if (wanted->radius != NULL) wanted->radius[i] = radius;
    if (wanted->within != NULL) wanted->within[i] = count_row(s->joint, n, radius, false);
    if (wanted->counts == NULL) return;
    if (extents) find_extents(s, r, i, radius);
    for (size_t g = 0; g < groups; g++) {
        const double reach = extents ? s->largest[g] : radius;
        if (s->space_of[g] == SIZE_MAX)
            s->reach[g][i] = reach;
        else
            wanted->counts[i * groups + g] =
                count_row(s->space[s->space_of[g]].row[r], n, reach, wanted->rule == ICL_COUNT_INSIDE);
    }
}

/* The counts of the groups of one coordinate. */
static icl_status count_lines(const struct search *s, struct icl_workspace *ws, struct icl_error *err)
{
    const struct icl_grouped_points *points = s->points;
    uint32_t *count = ICL_TAKE(ws, points->n, uint32_t);
    if (count == NULL) return icl_fail_memory(err, "neighbour counts");
    for (size_t g = 0; g < points->groups; g++) {
        if (s->space_of[g] != SIZE_MAX) continue;
        const struct icl_points line = {points->n, 1, {points->at[s->first[g]]}};
        ICL_TRY(icl_ball_counts(&line, s->reach[g], s->wanted->rule == ICL_COUNT_INSIDE, count, ws, err));
        for (size_t i = 0; i < points->n; i++)
            s->wanted->counts[i * points->groups + g] = count[i];
    }
    return ICL_OK;
}

icl_status icl_all_distances(const struct icl_grouped_points *points, const struct icl_all_distances *wanted,
                             struct icl_workspace *workspace, struct icl_error *err)
{
    const size_t n = points->n;
    const struct icl_mark mark = icl_workspace_mark(workspace);
    struct search s = {.points = points, .wanted = wanted};
    ICL_TRY(make_search(&s, workspace, err));
    const struct icl_knn_variant *variant = icl_knn();
    for (size_t begin = 0; begin < n; begin += ICL_ROWS) {
        for (size_t p = 0; p < s.spaces; p++) {
            const double *own[ICL_ROWS];
            for (size_t r = 0; r < ICL_ROWS; r++) /* the last rows may be of one point */
                own[r] = s.space[p].own + (begin + r < n ? begin + r : n - 1) * s.space[p].dimensions;
            variant->rows(s.space[p].block, s.blocks, s.space[p].dimensions, own, s.space[p].row);
        }
        for (unsigned r = 0; r < ICL_ROWS && begin + r < n; r++)
            finish_point(&s, r, begin + r);
    }
    const icl_status status = wanted->counts != NULL ? count_lines(&s, workspace, err) : ICL_OK;
    icl_workspace_release(workspace, mark);
    return status;
}
