/* The neighbour search among strips and the counts in a margin, written once and compiled by each variant. The file
 * that includes this one defines ICL_TARGET (function attribute), ICL_LANES (a power of two) and, for vectors of
 * ICL_LANES doubles, the type vec with load, store, set, sub, magnitude, least, most, any_nearer, any_within,
 * add_within, most_within, bits_less, low_ones; see knn_portable.c for what they mean.
 *
 * A group is ICL_LANES neighbouring positions of a strip, one a lane. It walks its own strip outwards from itself, then
 * the strips beside it, each outwards from where the group would stand in it; a candidate point is held against all
 * lanes at once. A walk ends where the gap along the strip, or the gap to the strip, is too wide for every lane. */
#include <math.h>

#include "estimators/cpu/knn.h"

#define ICL_INLINE static inline __attribute__((always_inline)) ICL_TARGET

enum {
    ALL_LANES = (1 << ICL_LANES) - 1,
    STEP = 4,       /* candidates between two looks at the gap; at most ICL_STRIP_GUARD */
    MOST_KEPT = 32, /* slots of the longest list */
};

/* What a walk does with the candidates. */
enum purpose {
    NEAREST, /* keeps the nearest */
    COUNT,   /* counts those within `reach` */
    EXTENT   /* widens the extents by those within `reach` */
};

struct group {
    vec across, along;
    double first, left;  /* lane 0: where walks start; any start is right, one near all lanes is fast */
    vec kept[MOST_KEPT]; /* NEAREST: ascending; the last two slots are the k-th and the one behind it */
    vec reach;           /* COUNT, EXTENT: -inf for a lane that does not take part */
    vec counted;         /* COUNT */
    vec extent[2];       /* EXTENT: of `across` and of `along` */
};

/* ---- one candidate -------------------------------------------------------------------------------------------- */

/* True if a gap this wide leaves something to find for some lane. A candidate as far as the k-th changes no radius but
 * shows that there is a tie, until one such is kept behind the k-th. */
ICL_INLINE bool open_at(enum purpose purpose, unsigned slots, const struct group *g, vec gap)
{
    return purpose == NEAREST ? any_nearer(gap, g->kept[slots - 1], g->kept[slots - 2]) : any_within(gap, g->reach);
}

/* Puts a distance into the ascending list of each lane; the largest falls out. */
ICL_INLINE void keep(unsigned slots, struct group *g, vec distance)
{
#pragma GCC unroll 32
    for (unsigned s = slots - 1; s > 0; s--) /* unrolled: the list is to lie in registers */
        g->kept[s] = least(g->kept[s], most(g->kept[s - 1], distance));
    g->kept[0] = least(g->kept[0], distance);
}

/* `apart`: inf for the lane that is the candidate itself, 0 for others. */
ICL_INLINE void visit(enum purpose purpose, unsigned slots, const struct icl_strips *f, struct group *g, size_t p,
                      const double *apart)
{
    const vec across = magnitude(sub(set(f->across[p]), g->across));
    const vec along = magnitude(sub(set(f->along[p]), g->along));
    vec distance = most(across, along);
    if (apart != NULL) distance = most(distance, load(apart));
    if (purpose == NEAREST) {
        keep(slots, g, distance);
    } else if (purpose == COUNT) {
        g->counted = add_within(g->counted, distance, g->reach);
    } else {
        g->extent[0] = most_within(g->extent[0], distance, g->reach, across);
        g->extent[1] = most_within(g->extent[1], distance, g->reach, along);
    }
}

/* ---- one strip ------------------------------------------------------------------------------------------------ */

ICL_INLINE void walk_up(enum purpose purpose, unsigned slots, const struct icl_strips *f, struct group *g, size_t p)
{
    while (open_at(purpose, slots, g, sub(set(f->along[p]), g->along)))
        for (unsigned s = 0; s < STEP; s++, p++)
            visit(purpose, slots, f, g, p, NULL);
}

ICL_INLINE void walk_down(enum purpose purpose, unsigned slots, const struct icl_strips *f, struct group *g, size_t p)
{
    while (open_at(purpose, slots, g, sub(g->along, set(f->along[p]))))
        for (unsigned s = 0; s < STEP; s++, p--)
            visit(purpose, slots, f, g, p, NULL);
}

/* The first position of a strip whose `along` is at least `value`. In a round most groups ask for a little more than
 * the group before. */
ICL_INLINE size_t enter(const struct icl_strips *f, size_t s, uint32_t round, double value)
{
    struct icl_strip_cursor *cursor = &f->cursor[s];
    size_t p = cursor->position;
    if (cursor->round != round || f->along[p - 1] >= value) {
        p = icl_first_at_least(f->along, f->strip[s].begin, f->strip[s].end, value);
    } else {
        const vec bound = set(value);
        unsigned reached;
        while ((reached = ~bits_less(load(f->along + p), bound) & ALL_LANES) == 0) /* the guard ends this */
            p += ICL_LANES;
        p += (unsigned)__builtin_ctz(reached);
    }
    *cursor = (struct icl_strip_cursor){round, (uint32_t)p};
    return p;
}

/* ---- all strips ----------------------------------------------------------------------------------------------- */

/* A group and where it stands: positions begin .. begin+size-1 of a strip. */
struct place {
    const struct icl_strip_index *index;
    unsigned family, size;
    size_t strip, begin;
    uint32_t round;
};

/* The way through the strips of one family, to the right from `right` on and to the left below `left` in turns. */
struct way {
    const struct icl_strips *family;
    size_t left, right;
    bool left_open, right_open, to_right;
};

/* The next strip that is near enough for some lane; false: there is none. */
ICL_INLINE bool next_strip(enum purpose purpose, unsigned slots, const struct group *g, struct way *way, size_t *s)
{
    const struct icl_strips *f = way->family;
    way->to_right = !way->to_right;
    for (unsigned side = 0; side < 2; side++, way->to_right = !way->to_right) {
        if (way->to_right && way->right_open) {
            *s = way->right++;
            if (*s < f->count && open_at(purpose, slots, g, sub(set(f->strip[*s].low), g->across))) return true;
            way->right_open = false;
        } else if (!way->to_right && way->left_open) {
            *s = --way->left;
            if (*s < f->count && open_at(purpose, slots, g, sub(g->across, set(f->strip[*s].high)))) return true;
            way->left_open = false; /* also below strip 0, where the number wraps round */
        }
    }
    return false;
}

/* The first strip that does not lie wholly below `value`. */
ICL_INLINE size_t strip_near(const struct icl_strips *f, double value)
{
    size_t from = 0;
    for (size_t size = f->count; size > 0;) {
        const size_t half = size / 2;
        const bool below = f->strip[from + half].high < value;
        from = below ? from + half + 1 : from;
        size = below ? size - half - 1 : half;
    }
    return from;
}

/* Exchanges the roles of the coordinates. */
ICL_INLINE void turn(struct group *g)
{
    const vec across = g->across, extent = g->extent[0];
    const double first = g->first;
    g->across = g->along;
    g->along = across;
    g->extent[0] = g->extent[1];
    g->extent[1] = extent;
    g->first = g->left;
    g->left = first;
}

static const double apart_from[2 * ICL_LANES] = {[ICL_LANES] = INFINITY};

ICL_INLINE void walk_all(enum purpose purpose, unsigned slots, const struct place *at, struct group *g)
{
    const struct icl_strips *other = &at->index->family[1 - at->family];
    struct way way = {&at->index->family[at->family], at->strip, at->strip + 1, true, true, false};
    for (unsigned lane = 0; lane < at->size; lane++)
        visit(purpose, slots, way.family, g, at->begin + lane, apart_from + ICL_LANES - lane);
    size_t up = at->begin + at->size, down = at->begin - 1, s;
    bool turned = false;
    for (;;) {
        walk_up(purpose, slots, way.family, g, up);
        walk_down(purpose, slots, way.family, g, down);
        while (!next_strip(purpose, slots, g, &way, &s)) {
            if (other->count == 0) return;
            turn(g);
            if (turned) return;
            turned = true;
            const size_t near = strip_near(other, g->left);
            way = (struct way){other, near, near, true, true, false};
        }
        up = enter(way.family, s, at->round, g->first);
        down = up - 1;
    }
}

/* ---- one group ------------------------------------------------------------------------------------------------ */

/* Copies `size` values; the lanes behind them repeat the last. */
ICL_INLINE vec load_some(const double *from, unsigned size)
{
    if (size == ICL_LANES) return load(from);
    double lane[ICL_LANES];
    for (unsigned i = 0; i < ICL_LANES; i++)
        lane[i] = from[i < size ? i : size - 1];
    return load(lane);
}

ICL_INLINE void store_some(double *to, unsigned size, vec values)
{
    if (size == ICL_LANES) {
        store(to, values);
        return;
    }
    double lane[ICL_LANES];
    store(lane, values);
    for (unsigned i = 0; i < size; i++)
        to[i] = lane[i];
}

/* The points at radius 0 of a strip without width: the run of equal `along` from `p` to the end returned. */
static size_t run_end(const struct icl_strips *f, const struct icl_strip *strip, size_t p)
{
    const double value = f->along[p];
    while (p < strip->end && f->along[p] == value)
        p++;
    return p;
}

/* A run of coinciding points that has been counted. */
struct run {
    size_t begin, end;
};

/* within[lane] of the lanes whose k-th neighbour is tied with the next: counted by another walk, or from the length of
 * the run where all tied points coincide and stand side by side. */
static ICL_TARGET void settle_ties(const struct place *at, struct group *g, unsigned tied, struct run *run,
                                   uint32_t *within)
{
    const struct icl_strips *own = &at->index->family[at->family];
    const struct icl_strip *strip = &own->strip[at->strip];
    double reach[ICL_LANES], counted[ICL_LANES];
    store(reach, g->reach);
    unsigned wanted = 0;
    for (unsigned lane = 0; lane < ICL_LANES; lane++) {
        const size_t p = at->begin + lane;
        if (lane >= at->size || (tied >> lane & 1) == 0) {
            reach[lane] = -INFINITY;
        } else if (reach[lane] == 0 && strip->low == strip->high) {
            if (p >= run->end) *run = (struct run){p, run_end(own, strip, p)};
            within[lane] = (uint32_t)(run->end - run->begin - 1);
            reach[lane] = -INFINITY;
        } else {
            wanted |= 1U << lane;
        }
    }
    if (wanted == 0) return;
    g->reach = load(reach);
    g->counted = set(0);
    walk_all(COUNT, 0, at, g);
    store(counted, g->counted);
    for (unsigned lane = 0; lane < at->size; lane++)
        if ((wanted >> lane & 1) != 0) within[lane] = (uint32_t)counted[lane];
}

/* Radius 0 needs no walk, which might pass very many points that coincide. */
static ICL_TARGET void find_extent(const struct place *at, struct group *g, const struct icl_strip_results *results)
{
    double reach[ICL_LANES];
    store(reach, g->reach);
    bool wanted = false;
    for (unsigned lane = 0; lane < ICL_LANES; lane++) {
        if (reach[lane] > 0)
            wanted = true;
        else
            reach[lane] = -INFINITY;
    }
    g->reach = load(reach);
    g->extent[0] = g->extent[1] = set(0);
    if (wanted) walk_all(EXTENT, 0, at, g);
    for (unsigned c = 0; c < 2; c++)
        store_some(results->extent[c] + at->begin, at->size, g->extent[c]);
}

ICL_INLINE void search_group(const struct place *at, unsigned slots, unsigned k, struct run *run,
                             const struct icl_strip_results *results)
{
    const struct icl_strips *own = &at->index->family[at->family];
    struct group g;
    g.extent[0] = g.extent[1] = set(0);
    g.across = load_some(own->across + at->begin, at->size);
    g.along = load_some(own->along + at->begin, at->size);
    g.first = own->along[at->begin];
    g.left = own->across[at->begin];
    for (unsigned s = 0; s < slots; s++) /* slots - 2 is the k-th: what stands before the first is taken already */
        g.kept[s] = set(s + k + 1 < slots ? -INFINITY : INFINITY);
    walk_all(NEAREST, slots, at, &g);
    const vec radius = g.kept[slots - 2];
    store_some(results->radius + at->begin, at->size, radius);
    /* The rest gets a copy: the list of a group whose address is known elsewhere would not stay in registers. */
    struct group again = {.across = g.across, .along = g.along, .first = g.first, .left = g.left, .reach = radius};
    if (results->within != NULL) {
        uint32_t within[ICL_LANES];
        for (unsigned lane = 0; lane < ICL_LANES; lane++)
            within[lane] = k;
        const unsigned tied = ~bits_less(radius, g.kept[slots - 1]) & ALL_LANES;
        if (tied != 0) settle_ties(at, &again, tied, run, within);
        for (unsigned lane = 0; lane < at->size; lane++)
            results->within[at->begin + lane] = within[lane];
    }
    if (results->extent[0] != NULL) {
        again.reach = radius;
        find_extent(at, &again, results);
    }
}

ICL_INLINE void search_all(const struct icl_strip_index *index, unsigned slots, unsigned k,
                           const struct icl_strip_results *results)
{
    struct place at = {.index = index};
    for (unsigned f = 0; f < ICL_STRIP_FAMILIES; f++)
        for (size_t s = 0; s < index->family[f].count; s++)
            index->family[f].cursor[s].round = 0;
    for (at.family = 0; at.family < ICL_STRIP_FAMILIES; at.family++) {
        const struct icl_strips *own = &index->family[at.family];
        for (at.strip = 0; at.strip < own->count; at.strip++) {
            struct run run = {0, 0};
            const size_t end = own->strip[at.strip].end;
            at.round++;
            for (at.begin = own->strip[at.strip].begin; at.begin < end; at.begin += ICL_LANES) {
                at.size = end - at.begin < ICL_LANES ? (unsigned)(end - at.begin) : ICL_LANES;
                search_group(&at, slots, k, &run, &results[at.family]);
            }
        }
    }
}

/* One search for each length of list, so that the list stays in registers. */
#define ICL_SEARCH(slots)                                                                                              \
    static ICL_TARGET void search_##slots(const struct icl_strip_index *index, unsigned k,                             \
                                          const struct icl_strip_results *results)                                     \
    {                                                                                                                  \
        search_all(index, slots, k, results);                                                                          \
    }
ICL_SEARCH(4)
ICL_SEARCH(6)
ICL_SEARCH(8)
ICL_SEARCH(10)
ICL_SEARCH(12)
ICL_SEARCH(16)
ICL_SEARCH(22)
ICL_SEARCH(32)

static ICL_TARGET void search(const struct icl_strip_index *index, unsigned k, const struct icl_strip_results *results)
{
    (k < 4    ? search_4
     : k < 6  ? search_6
     : k < 8  ? search_8
     : k < 10 ? search_10
     : k < 12 ? search_12
     : k < 16 ? search_16
     : k < 22 ? search_22
              : search_32)(index, k, results);
}

/* ---- margins -------------------------------------------------------------------------------------------------- */

/* What lies on one side of a value: a prefix of the ascending list. */
enum side {
    BELOW,         /* x - v >  r: beneath the closed interval; with r = 0 all that is less */
    BELOW_OR_EDGE, /* x - v >= r */
    UP_TO,         /* v - x <= r: the closed interval and what is beneath */
    UP_TO_EDGE     /* v - x <  r */
};

ICL_INLINE unsigned prefix_bits(enum side side, vec v, vec x, vec r)
{
    switch (side) {
    case BELOW:
        return bits_less(r, sub(x, v));
    case BELOW_OR_EDGE:
        return ~bits_less(sub(x, v), r) & ALL_LANES;
    case UP_TO:
        return ~bits_less(r, sub(v, x)) & ALL_LANES;
    default:
        return bits_less(sub(v, x), r);
    }
}

ICL_INLINE const double *node_at(const struct icl_margin *m, unsigned level, size_t node)
{
    return node < m->full[level] ? m->level[level] + node * ICL_MARGIN_FAN : m->rest[level];
}

/* From `node` of level `from` down to a node of level `to`, or behind level 0 to the length of the prefix. The
 * difference itself is compared: it is monotone along the list, as x +- r is not the same bound after rounding. */
ICL_INLINE size_t descend(const struct icl_margin *m, enum side side, double x, double r, size_t node, unsigned from,
                          unsigned to)
{
    const vec at = set(x), reach = set(r);
    for (unsigned l = from; l-- > to;) {
        const double *value = node_at(m, l, node);
        unsigned bits = 0;
        for (unsigned v = 0; v < ICL_MARGIN_FAN; v += ICL_LANES)
            bits |= prefix_bits(side, load(value + v), at, reach) << v;
        node = node * ICL_MARGIN_FAN + low_ones(bits);
    }
    return node;
}

ICL_INLINE size_t prefix(const struct icl_margin *m, enum side side, double x, double r)
{
    return descend(m, side, x, r, 0, m->levels, 0);
}

/* The lowest level of a long list is far away: some points go down to it first, and what they need there is under way
 * while the others follow. */
enum { AHEAD = 32 };

ICL_INLINE void count_some(const struct icl_margin *m, bool strict, const double *x, const double *r, size_t points,
                           uint32_t *out)
{
    const enum side lower = strict ? BELOW_OR_EDGE : BELOW, upper = strict ? UP_TO_EDGE : UP_TO;
    size_t low[AHEAD], high[AHEAD];
    for (size_t i = 0; i < points; i++) {
        low[i] = descend(m, lower, x[i], r[i], 0, m->levels, 1);
        high[i] = descend(m, upper, x[i], r[i], 0, m->levels, 1);
        __builtin_prefetch(node_at(m, 0, low[i]));
        __builtin_prefetch(node_at(m, 0, high[i]));
    }
    for (size_t i = 0; i < points; i++) {
        low[i] = descend(m, lower, x[i], r[i], low[i], 1, 0);
        high[i] = descend(m, upper, x[i], r[i], high[i], 1, 0);
        if (high[i] > m->n) high[i] = m->n; /* an infinite r reaches the filling too */
        out[i] = high[i] > low[i] ? (uint32_t)(high[i] - low[i]) : 0;
    }
}

static ICL_TARGET void count(const struct icl_margin *margin, const double *x, const double *r, size_t points,
                             bool strict, uint32_t *out)
{
    const struct icl_margin own = *margin; /* which `out` cannot overlap */
    for (size_t i = 0; i < points; i += AHEAD) {
        const size_t some = points - i < AHEAD ? points - i : AHEAD;
        if (strict)
            count_some(&own, true, x + i, r + i, some, out + i);
        else
            count_some(&own, false, x + i, r + i, some, out + i);
    }
}

static ICL_TARGET void rank(const struct icl_margin *margin, const double *x, size_t points, uint32_t *below)
{
    const struct icl_margin own = *margin;
    for (size_t i = 0; i < points; i++)
        below[i] = (uint32_t)prefix(&own, BELOW, x[i], 0);
}

/* ---- one coordinate ------------------------------------------------------------------------------------------- */

/* The positions p .. p+ICL_LANES-1, which have k+1 others on both sides. The k nearest of a point and the point itself
 * are k+1 values in a row: the radius is the shortest reach of such a window. Returns the lanes that have more than k
 * within the radius. */
ICL_INLINE unsigned line_group(const double *ascending, size_t p, unsigned k, double *radius)
{
    const vec own = load(ascending + p);
    vec nearest = set(INFINITY), counted = set(0);
    for (unsigned j = 0; j <= k; j++)
        nearest = least(nearest, most(sub(own, load(ascending + p - j)), sub(load(ascending + p + k - j), own)));
    for (unsigned j = 1; j <= k + 1; j++) {
        counted = add_within(counted, sub(own, load(ascending + p - j)), nearest);
        counted = add_within(counted, sub(load(ascending + p + j), own), nearest);
    }
    store(radius, nearest);
    return bits_less(set(k), counted);
}

static ICL_TARGET void line(const double *ascending, size_t n, unsigned k, size_t begin, size_t points, double *radius,
                            uint32_t *within)
{
    for (size_t i = 0; i < points;) {
        const size_t p = begin + i;
        const bool whole = i + ICL_LANES <= points && p > k && p + ICL_LANES + k < n;
        unsigned tied = 1;
        if (whole)
            tied = line_group(ascending, p, k, radius + i);
        else
            radius[i] = icl_kth_distance(ascending, n, p, k);
        for (unsigned lane = 0; lane < (whole ? ICL_LANES : 1); lane++, i++)
            within[i] = (tied >> lane & 1) == 0
                            ? k
                            : (uint32_t)(icl_count_within(ascending, n, ascending[begin + i], radius[i], false) - 1);
    }
}

/* ---- many coordinates ----------------------------------------------------------------------------------------- */

static ICL_TARGET void rows(const double *block, size_t blocks, size_t dimensions, const double *const *own,
                            double *const *row)
{
    for (size_t b = 0; b < blocks; b++)
        for (size_t part = 0; part < ICL_ROW_BLOCK; part += ICL_LANES) {
            const double *at = block + b * dimensions * ICL_ROW_BLOCK + part;
            vec largest[ICL_ROWS];
            for (unsigned r = 0; r < ICL_ROWS; r++)
                largest[r] = set(0);
            for (size_t a = 0; a < dimensions; a++) {
                const vec points = load(at + a * ICL_ROW_BLOCK);
#pragma GCC unroll 8
                for (unsigned r = 0; r < ICL_ROWS; r++) /* unrolled: the maxima are to lie in registers */
                    largest[r] = most(largest[r], magnitude(sub(points, set(own[r][a]))));
            }
            for (unsigned r = 0; r < ICL_ROWS; r++)
                store(row[r] + b * ICL_ROW_BLOCK + part, largest[r]);
        }
}

#define ICL_KNN_VARIANT(its_name)                                                                                      \
    {                                                                                                                  \
        its_name, supported, search, count, rank, line, rows                                                           \
    }
