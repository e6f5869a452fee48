#include "estimators/strips_internal.h"

#include <math.h>
#include <string.h>

/* A strip is about as wide as a run of POINTS_OF_SQUARE of its points is long. LEAST_ASPECT limits how far unlike
 * scales of the coordinates, as heavy tails give, may lower the number of strips. A value of `along` gets a line of its
 * own when a strip would hold POINTS_OF_LINE points of it. */
enum { POINTS_OF_SQUARE = 8, POINTS_OF_LINE = 16 };
static const double LEAST_ASPECT = 1.0 / 64;

static const uint32_t ON_A_LINE = UINT32_C(1) << 31;

/* The first of the positions from .. to-1 whose value is beyond x, or `to`. */
static size_t first_beyond(const double *ascending, size_t from, size_t to, double x)
{
    return icl_first_at_least(ascending, from, to, nextafter(x, INFINITY));
}

/* ---- shape ---------------------------------------------------------------------------------------------------- */

/* The spread of the middle three quarters; of all where an atom fills these. */
static double spread(const double *ascending, size_t n)
{
    const double middle = ascending[n - 1 - n / 8] - ascending[n / 8];
    return middle > 0 ? middle : ascending[n - 1] - ascending[0];
}

/* Strips across the narrower coordinate; returns how many points each should hold. */
static size_t choose_shape(const double *const *sorted, size_t n, unsigned *across_axis)
{
    const double wide[2] = {spread(sorted[0], n), spread(sorted[1], n)};
    *across_axis = wide[0] <= wide[1] ? 0 : 1;
    double aspect = wide[*across_axis] / wide[1 - *across_axis];
    if (!(aspect >= LEAST_ASPECT)) aspect = LEAST_ASPECT; /* also if both are 0 */
    const double strips = sqrt((double)n / POINTS_OF_SQUARE * aspect);
    return strips <= 1 ? n : (size_t)((double)n / strips);
}

/* The largest number of strips or lines that cuts of at least `size` points give, runs included. */
static size_t strips_bound(size_t n, size_t size)
{
    return 2 * (n / size) + 2;
}

/* Cuts ranks 0 .. n-1 into strips of about `size`; for now begin .. end-1 are ranks. A run of equal values across a cut
 * moves the cut behind it, or becomes a strip of its own if it is half a strip. */
static void cut_strips(struct icl_strips *family, const double *across, size_t n, size_t size)
{
    family->count = 0;
    for (size_t from = 0; from < n;) {
        size_t to = n - from > size ? from + size : n;
        if (to < n && across[to - 1] == across[to]) {
            const size_t begin = icl_first_at_least(across, from, to, across[to]);
            const size_t end = first_beyond(across, to, n, across[to]);
            to = end - begin >= size / 2 && begin > from ? begin : end;
        }
        family->strip[family->count++] = (struct icl_strip){(uint32_t)from, (uint32_t)to, across[from], across[to - 1]};
        from = to;
    }
}

/* The values that at least `least` points share, as strips of ranks. */
static void cut_lines(struct icl_strips *family, const double *value, size_t n, size_t least)
{
    family->count = 0;
    /* A run of `least` holds two neighbouring multiples of the stride. */
    const size_t stride = least / 2;
    for (size_t from = 0; from + stride < n;) {
        if (value[from] != value[from + stride]) {
            from += stride;
            continue;
        }
        const size_t begin = icl_first_at_least(value, 0, from, value[from]);
        const size_t end = first_beyond(value, from + stride, n, value[from]);
        if (end - begin >= least)
            family->strip[family->count++] =
                (struct icl_strip){(uint32_t)begin, (uint32_t)end, value[from], value[from]};
        from = (end + stride - 1) / stride * stride;
    }
}

/* ---- filling -------------------------------------------------------------------------------------------------- */

static icl_status take_positions(struct icl_strips *family, size_t points, struct icl_workspace *ws,
                                 struct icl_error *err)
{
    family->positions = points + (family->count + 1) * 2 * ICL_STRIP_GUARD;
    family->across = ICL_TAKE(ws, family->positions, double);
    family->along = ICL_TAKE(ws, family->positions, double);
    family->sample = ICL_TAKE(ws, family->positions, uint32_t);
    family->cursor = ICL_TAKE(ws, family->count, struct icl_strip_cursor);
    return family->across && family->along && family->sample && family->cursor
               ? ICL_OK
               : icl_fail_memory(err, "a neighbour search");
}

/* Turns strips of size[s] points into positions with guards between them; next[s] is where strip s begins. */
static void lay_out(struct icl_strips *family, const uint32_t *size, uint32_t *next)
{
    uint32_t position = 0;
    for (size_t s = 0; s < family->count; s++) {
        for (unsigned g = 0; g < ICL_STRIP_GUARD; g++, position++) {
            family->along[position] = -INFINITY;
            family->across[position] = 0;
        }
        family->strip[s].begin = next[s] = position;
        position += size[s];
        family->strip[s].end = position;
        for (unsigned g = 0; g < ICL_STRIP_GUARD; g++, position++) {
            family->along[position] = INFINITY;
            family->across[position] = 0;
        }
    }
}

icl_status icl_strips_build(const struct icl_points *plane, const double *const *sorted, const uint32_t *const *order,
                            struct icl_workspace *workspace, struct icl_strip_index *index, struct icl_error *err)
{
    const size_t n = plane->n;
    struct icl_strips *strips = &index->family[0], *lines = &index->family[1];
    const size_t size = choose_shape(sorted, n, &strips->across_axis);
    lines->across_axis = 1 - strips->across_axis;
    const unsigned a = strips->across_axis, b = lines->across_axis;
    const size_t line_least = POINTS_OF_LINE * (n / size + 1);
    const size_t most_strips = strips_bound(n, size), most_lines = n / line_least + 1;

    strips->strip = ICL_TAKE(workspace, most_strips, struct icl_strip);
    lines->strip = ICL_TAKE(workspace, most_lines, struct icl_strip);
    uint32_t *place = ICL_TAKE(workspace, n, uint32_t); /* the strip of a sample, or its line with ON_A_LINE */
    uint32_t *next = ICL_TAKE(workspace, most_strips, uint32_t), *left = ICL_TAKE(workspace, most_strips, uint32_t);
    uint32_t *line_next = ICL_TAKE(workspace, most_lines, uint32_t);
    uint32_t *line_size = ICL_TAKE(workspace, most_lines, uint32_t);
    if (!strips->strip || !lines->strip || !place || !next || !left || !line_next || !line_size)
        return icl_fail_memory(err, "a neighbour search");

    cut_strips(strips, sorted[a], n, size);
    cut_lines(lines, sorted[b], n, line_least);
    for (uint32_t s = 0; s < strips->count; s++) {
        left[s] = strips->strip[s].end - strips->strip[s].begin;
        for (size_t r = strips->strip[s].begin; r < strips->strip[s].end; r++)
            place[order[a][r]] = s;
    }
    size_t on_lines = 0;
    for (uint32_t l = 0; l < lines->count; l++) {
        line_size[l] = lines->strip[l].end - lines->strip[l].begin;
        on_lines += line_size[l];
        for (size_t r = lines->strip[l].begin; r < lines->strip[l].end; r++) {
            const uint32_t i = order[b][r];
            left[place[i]]--;
            place[i] = l | ON_A_LINE;
        }
    }
    ICL_TRY(take_positions(strips, n - on_lines, workspace, err));
    ICL_TRY(take_positions(lines, on_lines, workspace, err));
    lay_out(strips, left, next);
    lay_out(lines, line_size, line_next);
    for (size_t r = 0; r < n; r++) {
        const uint32_t i = order[b][r];
        if (place[i] & ON_A_LINE) continue;
        const uint32_t p = next[place[i]]++;
        strips->across[p] = plane->at[a][i];
        strips->along[p] = sorted[b][r];
        strips->sample[p] = i;
    }
    for (size_t r = 0; r < n && on_lines > 0; r++) {
        const uint32_t i = order[a][r];
        if (!(place[i] & ON_A_LINE)) continue;
        const uint32_t p = line_next[place[i] & ~ON_A_LINE]++;
        lines->across[p] = plane->at[b][i];
        lines->along[p] = sorted[a][r];
        lines->sample[p] = i;
    }
    return ICL_OK;
}
