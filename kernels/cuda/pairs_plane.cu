/* k nearest neighbours of the plane in the maximum norm, and the counts of the margins: the last term of the atom
 * decomposition, or the whole of KSG1, KSG2 and Mesner & Shalizi.
 *
 * A block a pair, its points in order of one coordinate, then of the other, in shared memory where they fit. A thread
 * walks from its point to both sides while the gap in that coordinate is below the k-th distance so far; each point is
 * served in the order of the coordinate in which it lies further out, where fewer points stand beside it. The distances
 * are kept as floats, in registers: rounding never turns an order round, so the k-th float is the float of the k-th
 * distance. A second walk, bounded by it, finds the distance itself among the few whose float is that one, and counts
 * what lies within. */
#include "kernels/cuda/pairs_internal.h"
#include "kernels/shared/margin.h"

namespace
{

constexpr unsigned PLANE_THREADS = 1024;

/* How many neighbours a kernel keeps: FEW, SOME, MANY or MOST_KEPT. That for more finds the float by halving intervals
 * instead. */
constexpr unsigned KEEPS_NONE = 0, FEW = 4, SOME = 8, MANY = 20, MOST_KEPT = 32;

/* Which of them serves k neighbours. */
__device__ __forceinline__ unsigned kept_for(unsigned k)
{
    return k <= FEW ? FEW : k <= SOME ? SOME : k <= MANY ? MANY : k <= MOST_KEPT ? MOST_KEPT : KEEPS_NONE;
}

/* The points of a pair by the coordinate x, whichever that is: places -1 and m hold x = -inf and +inf. */
struct plane {
    const double *x, *y;
    std::uint32_t m;
};

__device__ __forceinline__ double gap_of(double a, double b)
{
    return fabs(a - b);
}

__device__ __forceinline__ double larger(double a, double b)
{
    return a > b ? a : b;
}

/* The k smallest floats so far, ascending, behind KEPT - k that are smaller than all. */
template <unsigned KEPT> struct nearest {
    float kept[KEPT];

    __device__ __forceinline__ explicit nearest(unsigned k)
    {
#pragma unroll
        for (unsigned s = 0; s < KEPT; s++)
            kept[s] = s + k < KEPT ? -1.0F : INFINITY;
    }
    __device__ __forceinline__ float last() const
    {
        return kept[KEPT - 1];
    }
    __device__ __forceinline__ void keep(float distance)
    {
#pragma unroll
        for (unsigned s = KEPT - 1; s > 0; s--)
            kept[s] = fminf(kept[s], fmaxf(kept[s - 1], distance));
        kept[0] = fminf(kept[0], distance);
    }
};

/* The float of the k-th distance of the point at place p. */
template <unsigned KEPT> __device__ __forceinline__ float kth_float(const plane &at, std::uint32_t p, unsigned k)
{
    const double x = at.x[p], y = at.y[p];
    nearest<KEPT> list(k);
    const double *left = at.x + p - 1, *right = at.x + p + 1;
    const double *left_y = at.y + p - 1, *right_y = at.y + p + 1;
    for (;;) {
        const double below = x - *left, above = *right - x, reach = list.last();
        const bool go_left = below < reach, go_right = above < reach;
        if (!go_left && !go_right) return list.last();
        if (go_left) {
            const float distance = static_cast<float>(larger(below, gap_of(*left_y, y)));
            if (distance < list.last()) list.keep(distance);
            left--;
            left_y--;
        }
        if (go_right) {
            const float distance = static_cast<float>(larger(above, gap_of(*right_y, y)));
            if (distance < list.last()) list.keep(distance);
            right++;
            right_y++;
        }
    }
}

/* Calls visit(gap in x, gap in y) of all other points whose gap in x is no more than `reach` when both are floats. */
template <class Visit> __device__ __forceinline__ void walk(const plane &at, std::uint32_t p, float reach, Visit visit)
{
    const double x = at.x[p], y = at.y[p];
    const double *next = at.x + p - 1, *next_y = at.y + p - 1;
    for (double gap = x - *next; static_cast<float>(gap) <= reach; gap = x - *next) {
        visit(gap, gap_of(*next_y, y));
        next--;
        next_y--;
    }
    next = at.x + p + 1;
    next_y = at.y + p + 1;
    for (double gap = *next - x; static_cast<float>(gap) <= reach; gap = *next - x) {
        visit(gap, gap_of(*next_y, y));
        next++;
        next_y++;
    }
}

/* For any k: the least float that k distances do not exceed, by halving; floats that are not negative are ordered as
 * their bits. The k neighbours in x bound it from above. */
template <> __device__ __forceinline__ float kth_float<KEEPS_NONE>(const plane &at, std::uint32_t p, unsigned k)
{
    const double x = at.x[p], y = at.y[p];
    const double *left = at.x + p - 1, *right = at.x + p + 1;
    double most = 0;
    for (unsigned found = 0; found < k; found++) {
        const bool go_left = x - *left <= *right - x;
        const double gap = go_left ? x - *left : *right - x;
        const std::ptrdiff_t place = go_left ? left - at.x : right - at.x;
        most = larger(most, larger(gap, gap_of(at.y[place], y)));
        if (go_left)
            left--;
        else
            right++;
    }
    std::uint32_t low = 0, high = __float_as_uint(static_cast<float>(most));
    while (low < high) {
        const std::uint32_t middle = low + (high - low) / 2;
        const float reach = __uint_as_float(middle);
        unsigned within = 0;
        walk(at, p, reach,
             [&](double across, double along) { within += static_cast<float>(larger(across, along)) <= reach; });
        if (within >= k)
            high = middle;
        else
            low = middle + 1;
    }
    return __uint_as_float(low);
}

struct neighbourhood {
    double radius;   /* the k-th distance */
    unsigned within; /* other points no further */
};

/* The k-th distance itself, whose float is `bound`. Nearly always one walk: one more for every other distance that has
 * the same float and is smaller. */
__device__ __forceinline__ neighbourhood resolve(const plane &at, std::uint32_t p, unsigned k, float bound)
{
    neighbourhood found{-1, 0};
    do {
        double best = INFINITY;
        unsigned smaller = 0, equal = 0;
        walk(at, p, bound, [&](double across, double along) {
            const double distance = larger(across, along);
            const float rounded = static_cast<float>(distance);
            smaller += rounded < bound;
            if (rounded != bound || distance <= found.radius) return;
            equal = distance < best ? 1 : equal + (distance == best);
            best = distance < best ? distance : best;
        });
        found.within = (found.radius < 0 ? smaller : found.within) + equal;
        found.radius = best;
    } while (found.within < k);
    return found;
}

/* The largest gaps in x and in y of the points within the radius. */
__device__ __forceinline__ void extent_of(const plane &at, std::uint32_t p, float bound, double radius,
                                          double *extent_x, double *extent_y)
{
    double most_x = 0, most_y = 0;
    walk(at, p, bound, [&](double across, double along) {
        if (larger(across, along) > radius) return;
        most_x = larger(most_x, across);
        most_y = larger(most_y, along);
    });
    *extent_x = most_x;
    *extent_y = most_y;
}

/* What a point adds for `count` samples of a margin, itself included; inside a radius of 0 there is none. */
__device__ __forceinline__ double margin_term(const double *psi, std::uint32_t count, bool strict)
{
    return psi[strict ? (count > 0 ? count : 1) : count - 1];
}

/* Copies between global memory and the block's own; nothing where the points stay in global memory. */
template <bool SHARED> __device__ __forceinline__ void bring(const double *from, std::uint32_t m, double *to)
{
    if constexpr (SHARED)
        for (std::uint32_t p = threadIdx.x; p < m; p += blockDim.x)
            to[p] = from[p];
}

/* The points in order of coordinate `axis`, in the block's own memory or where they are. */
template <bool SHARED>
__device__ __forceinline__ plane lay_out(const pair_scratch &s, unsigned axis, std::uint32_t m, double *own)
{
    double *const x = SHARED ? own + 1 : s.ascending(axis), *const y = SHARED ? own + m + 2 : s.beside(axis);
    __syncthreads(); /* what lay there is done with */
    bring<SHARED>(s.ascending(axis), m, x);
    bring<SHARED>(s.beside(axis), m, y);
    if (threadIdx.x == 0) {
        x[-1] = -INFINITY;
        x[m] = INFINITY;
    }
    __syncthreads();
    return plane{x, y, m};
}

/* The points of a coordinate that are served in its order: their numbers in `list`. */
__device__ __forceinline__ std::uint32_t served_by(const plane &at, unsigned axis, std::uint32_t *list)
{
    return block_select(
        at.m,
        [&](std::uint32_t p) { return axis == 0 ? fabs(at.x[p]) >= fabs(at.y[p]) : fabs(at.x[p]) > fabs(at.y[p]); },
        [&](std::uint32_t p, std::uint32_t to) { list[to] = p; });
}

/* Finds the neighbours of the points in `list` and counts them, and the margin of this coordinate; `reach` is kept for
 * the other one. */
template <unsigned KEPT>
__device__ __forceinline__ double serve(const plane &at, const std::uint32_t *list, std::uint32_t count, unsigned k,
                                        icl_device_rule rule, const double *psi, double *reach)
{
    const bool strict = rule == ICL_DEVICE_KSG1;
    double sum = 0;
    for (std::uint32_t t = threadIdx.x; t < count; t += blockDim.x) {
        const std::uint32_t p = list[t];
        const float bound = kth_float<KEPT>(at, p, k);
        const neighbourhood found = resolve(at, p, k, bound);
        double reach_x = found.radius, reach_y = found.radius;
        if (rule == ICL_DEVICE_KSG2) extent_of(at, p, bound, found.radius, &reach_x, &reach_y);
        if (rule == ICL_DEVICE_WITHIN) sum -= psi[found.within];
        reach[t] = reach_y;
        sum += margin_term(psi, icl_margin_within(at.x, at.m, at.x[p], reach_x, strict), strict);
    }
    return sum;
}

/* The other margin of the points in `list`: `own` is their coordinate there, `at` is laid out in its order. */
__device__ __forceinline__ double other_margin(const plane &at, const double *own, const std::uint32_t *list,
                                               std::uint32_t count, bool strict, const double *psi, const double *reach)
{
    double sum = 0;
    for (std::uint32_t t = threadIdx.x; t < count; t += blockDim.x)
        sum += margin_term(psi, icl_margin_within(at.x, at.m, own[list[t]], reach[t], strict), strict);
    return sum;
}

/* The sum over the points: of KSG1 and KSG2 sum of both margins' terms, of WITHIN less the terms of the neighbours. */
template <unsigned KEPT, bool SHARED>
__device__ __forceinline__ double plane_sum(const pair_scratch &s, std::uint32_t m, unsigned k, icl_device_rule rule,
                                            const double *psi, double *own)
{
    const bool strict = rule == ICL_DEVICE_KSG1;
    double sum = 0;
    std::uint32_t count = 0;
    for (unsigned axis = 0; axis < 2; axis++) {
        const plane at = lay_out<SHARED>(s, axis, m, own);
        if (axis == 1) sum += other_margin(at, s.beside(0), s.sample(), count, strict, psi, s.reach());
        __syncthreads(); /* the list is done with */
        count = served_by(at, axis, s.sample());
        sum += serve<KEPT>(at, s.sample(), count, k, rule, psi, s.reach());
    }
    const plane at = lay_out<SHARED>(s, 0, m, own);
    sum += other_margin(at, s.beside(1), s.sample(), count, strict, psi, s.reach());
    return block_sum(sum);
}

template <unsigned KEPT, bool SHARED> __global__ void __launch_bounds__(PLANE_THREADS) plane_kernel(pair_batch b)
{
    CUDA_SHARED(double, own);
    icl_device_terms *const out = b.out + blockIdx.x;
    const unsigned k = out->k, widest = out->edges == ICL_DEVICE_EDGES ? 4 * k : k;
    if (k == 0 || kept_for(widest) != KEPT) return;
    const std::uint32_t m = out->together;
    const pair_scratch s = pair_scratch_of(b.scratch, b.samples.n, blockIdx.x);
    const icl_device_rule rule = out->within != 0                   ? ICL_DEVICE_WITHIN
                                 : b.way.rule == ICL_DEVICE_BY_TIES ? ICL_DEVICE_KSG1
                                                                    : b.way.rule;
    double sum[2] = {0, 0};
    for (unsigned pass = 0; pass < (widest == k ? 1 : 2); pass++)
        sum[pass] = plane_sum<KEPT, SHARED>(s, m, pass == 0 ? k : widest, rule, b.samples.digamma, own);
    if (threadIdx.x == 0) {
        out->plane = sum[0];
        out->wide = sum[1];
    }
}

template <unsigned KEPT> void launch_plane(cuda_device *device, const pair_batch &batch)
{
    const std::size_t bytes = (2 * static_cast<std::size_t>(batch.way.most_together) + 4) * sizeof(double);
    const unsigned threads = pair_threads(batch.samples.n, PLANE_THREADS);
    if (bytes <= PAIR_MOST_SHARED) {
        pairs_allow_shared(device, plane_kernel<KEPT, true>);
        cuda_launch(device, "neighbours", plane_kernel<KEPT, true>, batch.count, threads, bytes, batch);
    } else {
        cuda_launch(device, "neighbours", plane_kernel<KEPT, false>, batch.count, threads, 0, batch);
    }
}

} // namespace

/* Blocks of pairs that another kernel serves end at once. Where each pair chooses, at most MOST_KEPT are used. */
void cuda_pairs_plane(cuda_device *device, const pair_batch &batch)
{
    const unsigned k = batch.way.k;
    if (k > MOST_KEPT) launch_plane<KEEPS_NONE>(device, batch);
    if (k <= FEW) launch_plane<FEW>(device, batch);
    if (k == 0 || (k > FEW && k <= SOME)) launch_plane<SOME>(device, batch);
    if (k == 0 || (k > SOME && k <= MANY)) launch_plane<MANY>(device, batch);
    if (k == 0 || (k > MANY && k <= MOST_KEPT)) launch_plane<MOST_KEPT>(device, batch);
}
