#include "estimators/neighbours.h"

#include <math.h>
#include <string.h>

#include "estimators/all_distances_internal.h"
#include "kernels/shared/margin.h"

/* A leaf holds at most LEAF points: few enough to scan, enough to keep the tree shallow. */
enum { LEAF = 10, MAX_DEPTH = 64 };

/* A node covers the points begin .. end-1 in tree order. Children of node v are 2v+1 and 2v+2; leaves have no split. */
struct node {
    uint32_t begin, end;
    bool leaf;
};

struct tree {
    unsigned dimensions;
    size_t nodes;
    struct node *node;
    double *low, *high; /* boxes: low[v * dimensions + a] */
    double *at;         /* coordinates in tree order: at[pos * dimensions + a] */
    uint32_t *sample;   /* which sample stands at a position */
    uint32_t *home;     /* the leaf of a position */
};

/* ---- building ------------------------------------------------------------------------------------------------- */

static size_t node_bound(size_t n)
{
    size_t leaves = 1;
    while (n > (size_t)LEAF * leaves)
        leaves *= 2;
    return 2 * leaves + 1;
}

static void swap_points(struct tree *t, size_t i, size_t j)
{
    for (unsigned a = 0; a < t->dimensions; a++) {
        const double keep = t->at[i * t->dimensions + a];
        t->at[i * t->dimensions + a] = t->at[j * t->dimensions + a];
        t->at[j * t->dimensions + a] = keep;
    }
    const uint32_t keep = t->sample[i];
    t->sample[i] = t->sample[j];
    t->sample[j] = keep;
}

static double median_of_three(double a, double b, double c)
{
    const double low = a < b ? a : b, high = a < b ? b : a;
    return c < low ? low : c > high ? high : c;
}

/* Rearranges begin .. end-1 so that position `middle` holds the value it would have if sorted by coordinate `axis`,
 * nothing before it is larger and nothing behind it smaller (Hoare's selection; equal values split evenly). */
static void select_position(struct tree *t, size_t begin, size_t end, size_t middle, unsigned axis)
{
    const unsigned d = t->dimensions;
    while (end - begin > 1) {
        const double pivot = median_of_three(t->at[begin * d + axis], t->at[(begin + (end - begin) / 2) * d + axis],
                                             t->at[(end - 1) * d + axis]);
        size_t i = begin, j = end - 1;
        for (;;) {
            while (t->at[i * d + axis] < pivot)
                i++;
            while (t->at[j * d + axis] > pivot)
                j--;
            if (i >= j) break;
            swap_points(t, i, j);
            i++;
            j--;
        }
        /* Everything before i is <= pivot, everything from i on is >= pivot; if i == j that point equals the pivot. */
        const size_t cut = i == j ? i + 1 : i;
        if (i == j && middle == i) return;
        if (middle < cut)
            end = cut < end ? cut : end - 1;
        else
            begin = cut;
    }
}

static void bound(struct tree *t, size_t v)
{
    const unsigned d = t->dimensions;
    double *low = t->low + v * d, *high = t->high + v * d;
    const struct node *node = &t->node[v];
    for (unsigned a = 0; a < d; a++)
        low[a] = high[a] = t->at[node->begin * d + a];
    for (size_t p = node->begin + 1; p < node->end; p++) {
        for (unsigned a = 0; a < d; a++) {
            const double x = t->at[p * d + a];
            if (x < low[a]) low[a] = x;
            if (x > high[a]) high[a] = x;
        }
    }
}

static void build(struct tree *t, size_t n)
{
    t->node[0] = (struct node){0, (uint32_t)n, false};
    size_t pending[MAX_DEPTH];
    size_t waiting = 0;
    pending[waiting++] = 0;
    while (waiting > 0) {
        const size_t v = pending[--waiting];
        struct node *node = &t->node[v];
        bound(t, v);
        const double *low = t->low + v * t->dimensions, *high = t->high + v * t->dimensions;
        unsigned axis = 0;
        for (unsigned a = 1; a < t->dimensions; a++)
            if (high[a] - low[a] > high[axis] - low[axis]) axis = a;
        const size_t size = node->end - node->begin;
        if (size <= LEAF) {
            node->leaf = true;
            for (size_t p = node->begin; p < node->end; p++)
                t->home[p] = (uint32_t)v;
            continue;
        }
        const size_t middle = node->begin + size / 2;
        if (high[axis] > low[axis]) select_position(t, node->begin, node->end, middle, axis);
        t->node[2 * v + 1] = (struct node){node->begin, (uint32_t)middle, false};
        t->node[2 * v + 2] = (struct node){(uint32_t)middle, node->end, false};
        pending[waiting++] = 2 * v + 1;
        pending[waiting++] = 2 * v + 2;
    }
}

static icl_status plant(struct tree *t, const struct icl_points *points, struct icl_workspace *ws,
                        struct icl_error *err)
{
    const size_t n = points->n;
    const unsigned d = points->dimensions;
    t->dimensions = d;
    t->nodes = node_bound(n);
    t->node = ICL_TAKE(ws, t->nodes, struct node);
    t->low = ICL_TAKE(ws, t->nodes * d, double);
    t->high = ICL_TAKE(ws, t->nodes * d, double);
    t->at = ICL_TAKE(ws, n * d, double);
    t->sample = ICL_TAKE(ws, n, uint32_t);
    t->home = ICL_TAKE(ws, n, uint32_t);
    if (!t->node || !t->low || !t->high || !t->at || !t->sample || !t->home)
        return icl_fail_memory(err, "a neighbour search");
    for (size_t i = 0; i < n; i++) {
        for (unsigned a = 0; a < d; a++)
            t->at[i * d + a] = points->at[a][i];
        t->sample[i] = (uint32_t)i;
    }
    build(t, n);
    return ICL_OK;
}

/* ---- searching ------------------------------------------------------------------------------------------------ */

/* The k nearest so far, ascending. `turned_away` is the least distance that was seen or bounded and not kept: while it
 * exceeds the final radius, no tie was lost. */
struct nearest {
    unsigned k, kept;
    double distance[ICL_MAX_NEIGHBOURS];
    uint32_t position[ICL_MAX_NEIGHBOURS];
    double radius; /* distance[k-1] once k are kept, inf before */
    double turned_away;
};

static inline void turn_away(struct nearest *best, double distance)
{
    if (distance < best->turned_away) best->turned_away = distance;
}

static inline void offer(struct nearest *best, double distance, uint32_t position)
{
    if (best->kept == best->k) {
        if (distance >= best->radius) {
            turn_away(best, distance);
            return;
        }
        turn_away(best, best->radius);
    } else {
        best->kept++;
    }
    unsigned slot = best->kept - 1;
    while (slot > 0 && best->distance[slot - 1] > distance) {
        best->distance[slot] = best->distance[slot - 1];
        best->position[slot] = best->position[slot - 1];
        slot--;
    }
    best->distance[slot] = distance;
    best->position[slot] = position;
    if (best->kept == best->k) best->radius = best->distance[best->k - 1];
}

static inline double distance_between(const double *p, const double *q, unsigned d)
{
    double largest = 0;
    for (unsigned a = 0; a < d; a++) {
        const double difference = fabs(p[a] - q[a]);
        if (difference > largest) largest = difference;
    }
    return largest;
}

/* The least distance from point p to the box of node v: the same rounded differences as between points, so that it
 * never exceeds the computed distance of a point inside. */
static inline double box_near(const struct tree *t, size_t v, const double *p, unsigned d)
{
    const double *low = t->low + v * d, *high = t->high + v * d;
    double largest = 0;
    for (unsigned a = 0; a < d; a++) {
        const double below = low[a] - p[a], above = p[a] - high[a];
        const double outside = below > above ? below : above;
        if (outside > largest) largest = outside;
    }
    return largest;
}

/* The largest distance from point p to a point of the box. */
static inline double box_far(const struct tree *t, size_t v, const double *p, unsigned d)
{
    const double *low = t->low + v * d, *high = t->high + v * d;
    double largest = 0;
    for (unsigned a = 0; a < d; a++) {
        const double below = p[a] - low[a], above = high[a] - p[a];
        const double reach = below > above ? below : above;
        if (reach > largest) largest = reach;
    }
    return largest;
}

static inline void scan_leaf(const struct tree *t, size_t v, const double *p, size_t own, unsigned d,
                             struct nearest *best)
{
    const struct node *node = &t->node[v];
    for (size_t q = node->begin; q < node->end; q++)
        if (q != own) offer(best, distance_between(p, t->at + q * d, d), (uint32_t)q);
}

static inline void search_below(const struct tree *t, size_t top, const double *p, unsigned d, struct nearest *best)
{
    struct {
        size_t v;
        double near;
    } stack[MAX_DEPTH];
    size_t height = 0;
    stack[height].v = top;
    stack[height++].near = box_near(t, top, p, d);
    while (height > 0) {
        height--;
        const size_t v = stack[height].v;
        if (stack[height].near >= best->radius) {
            turn_away(best, stack[height].near);
            continue;
        }
        if (t->node[v].leaf) {
            scan_leaf(t, v, p, SIZE_MAX, d, best);
            continue;
        }
        const size_t left = 2 * v + 1, right = left + 1;
        const double near_left = box_near(t, left, p, d), near_right = box_near(t, right, p, d);
        const bool left_first = near_left <= near_right;
        stack[height].v = left_first ? right : left;
        stack[height++].near = left_first ? near_right : near_left;
        stack[height].v = left_first ? left : right;
        stack[height++].near = left_first ? near_left : near_right;
    }
}

/* From the point's own leaf upwards: the sibling of every ancestor is searched if its box comes near enough. */
static inline void search(const struct tree *t, size_t own, unsigned d, struct nearest *best)
{
    const double *p = t->at + own * d;
    best->kept = 0;
    best->radius = INFINITY;
    best->turned_away = INFINITY;
    size_t v = t->home[own];
    scan_leaf(t, v, p, own, d, best);
    while (v > 0) {
        search_below(t, v % 2 == 1 ? v + 1 : v - 1, p, d, best);
        v = (v - 1) / 2;
    }
}

/* #{points within r of p}, p itself included (strict: nearer than r): whole boxes are counted without a look inside. */
static inline size_t count_ball(const struct tree *t, const double *p, double r, bool strict, unsigned d)
{
    size_t stack[MAX_DEPTH], height = 0, count = 0;
    stack[height++] = 0;
    while (height > 0) {
        const size_t v = stack[--height];
        const struct node *node = &t->node[v];
        const double near = box_near(t, v, p, d), far = box_far(t, v, p, d);
        if (strict ? near >= r : near > r) continue;
        if (strict ? far < r : far <= r) {
            count += node->end - node->begin;
        } else if (node->leaf) {
            for (size_t q = node->begin; q < node->end; q++) {
                const double distance = distance_between(p, t->at + q * d, d);
                if (strict ? distance < r : distance <= r) count++;
            }
        } else {
            stack[height++] = 2 * v + 1;
            stack[height++] = 2 * v + 2;
        }
    }
    return count;
}

/* largest[a] = max |x_a - p_a| over the points x within r of p. */
static inline void widen_by_ball(const struct tree *t, const double *p, double r, unsigned d, double *largest)
{
    size_t stack[MAX_DEPTH], height = 0;
    stack[height++] = 0;
    while (height > 0) {
        const size_t v = stack[--height];
        const struct node *node = &t->node[v];
        if (box_near(t, v, p, d) > r) continue;
        if (!node->leaf) {
            stack[height++] = 2 * v + 1;
            stack[height++] = 2 * v + 2;
            continue;
        }
        for (size_t q = node->begin; q < node->end; q++) {
            if (distance_between(p, t->at + q * d, d) > r) continue;
            for (unsigned a = 0; a < d; a++)
                largest[a] = fmax(largest[a], fabs(t->at[q * d + a] - p[a]));
        }
    }
}

struct output {
    double *radius;
    uint32_t *within;
    double *const *extent;
    uint32_t *index; /* k a point */
};

static inline void record(const struct tree *t, size_t own, unsigned d, const struct nearest *best,
                          const struct output *out)
{
    const uint32_t i = t->sample[own];
    const double *p = t->at + own * d;
    out->radius[i] = best->radius;
    const bool tie = best->turned_away <= best->radius;
    if (out->within != NULL) out->within[i] = tie ? (uint32_t)(count_ball(t, p, best->radius, false, d) - 1) : best->k;
    if (out->index != NULL)
        for (unsigned m = 0; m < best->k; m++)
            out->index[(size_t)i * best->k + m] = t->sample[best->position[m]];
    if (out->extent == NULL) return;
    double largest[ICL_MAX_COORDINATES] = {0};
    if (tie)
        widen_by_ball(t, p, best->radius, d, largest);
    else
        for (unsigned m = 0; m < best->k; m++)
            for (unsigned a = 0; a < d; a++)
                largest[a] = fmax(largest[a], fabs(t->at[best->position[m] * d + a] - p[a]));
    for (unsigned a = 0; a < d; a++)
        out->extent[a][i] = largest[a];
}

/* One body, compiled for the plane with the loops over coordinates unrolled, and for any dimension. */
static inline void search_all(const struct tree *t, size_t n, unsigned k, unsigned d, const struct output *out)
{
    struct nearest best;
    best.k = k;
    for (size_t own = 0; own < n; own++) {
        search(t, own, d, &best);
        record(t, own, d, &best, out);
    }
}

static icl_status check(const struct icl_points *points, unsigned k, struct icl_error *err)
{
    if (k < 1 || k > ICL_MAX_NEIGHBOURS)
        return icl_fail(err, ICL_ERR_INPUT, "k = %u neighbours: must be 1 to %d", k, ICL_MAX_NEIGHBOURS);
    if (points->n <= k)
        return icl_fail(err, ICL_ERR_INPUT, "%zu samples are too few for k = %u neighbours", points->n, k);
    return ICL_OK;
}

static icl_status search_tree(const struct icl_points *points, unsigned k, const struct output *out,
                              struct icl_workspace *workspace, struct icl_error *err)
{
    ICL_TRY(check(points, k, err));
    const struct icl_mark mark = icl_workspace_mark(workspace);
    struct tree tree;
    const icl_status status = plant(&tree, points, workspace, err);
    if (status == ICL_OK) {
        if (points->dimensions == 2)
            search_all(&tree, points->n, k, 2, out);
        else
            search_all(&tree, points->n, k, points->dimensions, out);
    }
    icl_workspace_release(workspace, mark);
    return status;
}

icl_status icl_neighbours(const struct icl_points *points, unsigned k, double *radius, uint32_t *within,
                          double *const *extent, struct icl_workspace *workspace, struct icl_error *err)
{
    return search_tree(points, k, &(struct output){radius, within, extent, NULL}, workspace, err);
}

icl_status icl_nearest(const struct icl_points *points, unsigned k, double *radius, uint32_t *within, uint32_t *index,
                       struct icl_workspace *workspace, struct icl_error *err)
{
    return search_tree(points, k, &(struct output){radius, within, NULL, index}, workspace, err);
}

icl_status icl_ball_counts(const struct icl_points *points, const double *radius, bool strict, uint32_t *count,
                           struct icl_workspace *workspace, struct icl_error *err)
{
    const struct icl_mark mark = icl_workspace_mark(workspace);
    struct tree tree;
    const icl_status status = plant(&tree, points, workspace, err);
    /* In tree order: neighbouring points look into the same boxes. */
    for (size_t own = 0; own < points->n && status == ICL_OK; own++) {
        const uint32_t i = tree.sample[own];
        const double *p = tree.at + own * points->dimensions;
        count[i] = (uint32_t)count_ball(&tree, p, radius[i], strict, points->dimensions);
    }
    icl_workspace_release(workspace, mark);
    return status;
}

/* ---- the oracle ----------------------------------------------------------------------------------------------- */

size_t icl_plain_radius(const double *distance, size_t n, unsigned k, double *radius)
{
    double last = -1;
    size_t found = 0;
    while (found < k) { /* the next larger distance and how many points have it */
        double next = INFINITY;
        for (size_t j = 0; j < n; j++)
            if (distance[j] > last && distance[j] < next) next = distance[j];
        for (size_t j = 0; j < n; j++)
            found += distance[j] == next;
        last = next;
    }
    *radius = last;
    return found;
}

icl_status icl_neighbours_reference(const struct icl_points *points, unsigned k, double *radius, uint32_t *within,
                                    double *const *extent, struct icl_workspace *workspace, struct icl_error *err)
{
    ICL_TRY(check(points, k, err));
    const size_t n = points->n;
    const struct icl_mark mark = icl_workspace_mark(workspace);
    double *distance = ICL_TAKE(workspace, n, double);
    if (distance == NULL) return icl_fail_memory(err, "a brute-force search");
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++) {
            distance[j] = 0;
            for (unsigned a = 0; a < points->dimensions; a++) {
                const double difference = fabs(points->at[a][j] - points->at[a][i]);
                if (difference > distance[j]) distance[j] = difference;
            }
        }
        distance[i] = INFINITY;
        const size_t found = icl_plain_radius(distance, n, k, &radius[i]);
        if (within != NULL) within[i] = (uint32_t)found;
        if (extent != NULL) {
            for (unsigned a = 0; a < points->dimensions; a++) {
                extent[a][i] = 0;
                for (size_t j = 0; j < n; j++)
                    if (distance[j] <= radius[i] && fabs(points->at[a][j] - points->at[a][i]) > extent[a][i])
                        extent[a][i] = fabs(points->at[a][j] - points->at[a][i]);
            }
        }
    }
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}

/* ---- margins -------------------------------------------------------------------------------------------------- */

size_t icl_count_within(const double *sorted, size_t n, double x, double r, bool strict)
{
    return icl_margin_within(sorted, (uint32_t)n, x, r, strict);
}

double icl_kth_distance(const double *ascending, size_t size, size_t p, unsigned k)
{
    return icl_margin_kth(ascending, (uint32_t)size, (uint32_t)p, k);
}
