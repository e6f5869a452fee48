/* The first stage of a pair: the information of its identities, the samples in which both columns are continuous, and
 * what the terms choose, all as estimators/mi_decomposition.c does, to the last bit. */
#include "kernels/cuda/pairs_internal.h"
#include "kernels/shared/counts.h"
#include "kernels/shared/pilot.h"

namespace
{

enum { CHOOSE_THREADS = 512 };

/* 1 to the count of a cell. */
__device__ __forceinline__ void count_one(std::uint32_t *cell)
{
    atomicAdd(cell, 1U);
}

__device__ void clear_counts(std::uint32_t *count, unsigned cells)
{
    for (unsigned c = threadIdx.x; c < cells; c += blockDim.x)
        count[c] = 0;
}

/* A sum of terms and the number of those that are occupied. */
struct occupancy {
    std::int64_t terms;
    std::int64_t cells;

    __device__ __forceinline__ void add(std::uint32_t count, const double *n_log_n, int shift)
    {
        terms += icl_fixed_term(n_log_n[count], shift);
        cells += count != 0;
    }
};

/* icl_mi_table of rows x cols counts that sum to `total`. */
__device__ double table_information(const std::uint32_t *count, unsigned rows, unsigned cols, std::uint32_t total,
                                    const double *n_log_n)
{
    if (total == 0) return 0;
    const int shift = icl_fixed_shift(n_log_n[total]);
    occupancy joint{0, 0}, margin{0, 0};
    for (unsigned c = threadIdx.x; c < rows * cols; c += blockDim.x)
        joint.add(count[c], n_log_n, shift);
    for (unsigned m = threadIdx.x; m < rows + cols; m += blockDim.x) {
        std::uint32_t sum = 0;
        const bool row = m < rows;
        const std::uint32_t *first = row ? count + m * cols : count + (m - rows);
        for (unsigned c = 0; c < (row ? cols : rows); c++)
            sum += first[row ? c : c * cols];
        margin.add(sum, n_log_n, shift);
    }
    joint.terms = block_sum(joint.terms);
    margin.terms = block_sum(margin.terms);
    joint.cells = block_sum(joint.cells);
    margin.cells = block_sum(margin.cells);
    const double samples = total;
    return icl_fixed_information(joint.terms, margin.terms, 2, icl_fixed_term(n_log_n[total], shift), shift, samples) -
           icl_fixed_miller_madow(static_cast<double>(joint.cells), static_cast<double>(margin.cells), 2, samples);
}

/* The pilot bin of rank r of m ascending values. */
__device__ std::uint32_t bin_of_rank(const double *ascending, std::uint32_t m, std::uint32_t r)
{
    const double own = ascending[r];
    std::uint32_t begin = r, end = r + 1;
    while (begin > 0 && ascending[begin - 1] == own)
        begin--;
    while (end < m && ascending[end] == own)
        end++;
    return icl_pilot_bin(begin, end, m);
}

/* The information of the identities, and the neighbours of both Ross terms. */
__device__ void choose_sides(const pair_batch &b, const pair_column &x, const pair_column &y, std::uint32_t *count,
                             icl_device_terms *out)
{
    const std::uint32_t n = static_cast<std::uint32_t>(b.samples.n), cells = x.groups * y.groups;
    std::uint32_t *const pilot[2] = {count + cells, count + cells + ICL_PILOT_BINS * y.groups};
    clear_counts(count, cells + ICL_PILOT_BINS * (x.groups + y.groups));
    __syncthreads();
    for (std::uint32_t i = threadIdx.x; i < n; i += blockDim.x) {
        const std::uint32_t j = x.other(i), gx = x.group[i], gy = y.group[j];
        count_one(count + gx * y.groups + gy);
        if (gx == 0) count_one(pilot[0] + x.bin[i] * y.groups + gy);
        if (gy == 0) count_one(pilot[1] + y.bin[j] * x.groups + gx);
    }
    __syncthreads();
    const double *const n_log_n = b.samples.n_log_n;
    out->atoms = table_information(count, x.groups, y.groups, n, n_log_n);
    for (unsigned side = 0; side < 2; side++) {
        const pair_column &own = side == 0 ? x : y, &label = side == 0 ? y : x;
        if (own.continuous == 0 || label.groups == 1) continue;
        out->side_k[side] =
            b.way.k != 0
                ? b.way.k
                : icl_pilot_k(table_information(pilot[side], ICL_PILOT_BINS, label.groups, own.continuous, n_log_n),
                              own.continuous);
    }
}

/* The neighbours of the plane, by a table of pilot bins; `sample` are those of x by rank. */
__device__ unsigned choose_plane(const pair_batch &b, const pair_column &x, const pair_column &y, std::uint32_t m,
                                 const pair_scratch &s, std::uint32_t *count)
{
    const std::uint32_t n = static_cast<std::uint32_t>(b.samples.n);
    std::uint8_t *const bin = reinterpret_cast<std::uint8_t *>(s.sample() + n);
    clear_counts(count, ICL_PILOT_BINS * ICL_PILOT_BINS);
    for (std::uint32_t r = threadIdx.x; r < m; r += blockDim.x)
        bin[s.sample()[r]] = static_cast<std::uint8_t>(bin_of_rank(s.ascending(0), m, r));
    __syncthreads();
    /* y's ranks once more: whose they are was not kept */
    block_select(
        n,
        [&](std::uint32_t r) {
            const std::uint32_t j = y.order[r];
            return y.is_continuous(j) && x.is_continuous(y.other(j));
        },
        [&](std::uint32_t r, std::uint32_t rank) {
            count_one(count + bin[y.other(y.order[r])] * ICL_PILOT_BINS + bin_of_rank(s.ascending(1), m, rank));
        });
    return icl_pilot_k(table_information(count, ICL_PILOT_BINS, ICL_PILOT_BINS, m, b.samples.n_log_n), m);
}

/* icl_find_edges with sums in another order: unsure where that could matter. `count` has room for cells of the finest
 * scale and of the next. */
__device__ icl_device_edges find_edges(const pair_scratch &s, std::uint32_t m, std::uint32_t *count)
{
    const double slack = 1e-6; /* sums of some 10^4 differences of some 10^4 at most */
    unsigned cells = icl_edge_cells(m);
    const double scale = icl_edge_scale(cells);
    clear_counts(count, cells * cells);
    __syncthreads();
    for (std::uint32_t i = threadIdx.x; i < m; i += blockDim.x) {
        unsigned a, c;
        if (icl_edge_cell(s.ascending(0)[i], scale, cells / 2, &a) &&
            icl_edge_cell(s.beside(0)[i], scale, cells / 2, &c))
            count_one(count + a * cells + c);
    }
    std::uint32_t *sum = count, *next = count + cells * cells;
    double found[ICL_EDGE_SCALES];
    for (unsigned level = 0; level < ICL_EDGE_SCALES; level++) {
        __syncthreads();
        double part = 0;
        const unsigned squares = cells - 1, half = cells / 2;
        for (unsigned q = threadIdx.x; q < squares * squares; q += blockDim.x)
            icl_edge_square(sum, cells, q / squares, q % squares, &part);
        found[level] = block_sum(part) / 4;
        for (unsigned c = threadIdx.x; c < half * half; c += blockDim.x)
            next[c] = icl_edge_four(sum + c / half * 2 * cells + c % half * 2, cells);
        std::uint32_t *const done = sum;
        sum = next;
        next = done;
        cells = half;
    }
    const bool low = icl_edge_verdict(found, -slack), high = icl_edge_verdict(found, slack);
    return low != high ? ICL_DEVICE_EDGES_UNSURE : low ? ICL_DEVICE_EDGES : ICL_DEVICE_NO_EDGES;
}

__global__ void __launch_bounds__(CHOOSE_THREADS) choose_kernel(pair_batch b)
{
    CUDA_SHARED(std::uint32_t, count);
    const std::uint32_t n = static_cast<std::uint32_t>(b.samples.n);
    const icl_device_pair pair = b.pair[blockIdx.x];
    const pair_column x = pair_side(b.samples, pair, 0), y = pair_side(b.samples, pair, 1);
    const pair_scratch s = pair_scratch_of(b.scratch, n, blockIdx.x);
    icl_device_terms out{};

    if (x.groups * y.groups > 1) choose_sides(b, x, y, count, &out);
    const std::uint32_t m = block_select(
        n,
        [&](std::uint32_t r) {
            const std::uint32_t i = x.order[r];
            return x.is_continuous(i) && y.is_continuous(x.other(i));
        },
        [&](std::uint32_t r, std::uint32_t rank) {
            const std::uint32_t i = x.order[r];
            s.ascending(0)[rank] = x.value[i];
            s.beside(0)[rank] = y.value[x.other(i)];
            s.sample()[rank] = i;
        });
    block_select(
        n,
        [&](std::uint32_t r) {
            const std::uint32_t j = y.order[r];
            return y.is_continuous(j) && x.is_continuous(y.other(j));
        },
        [&](std::uint32_t r, std::uint32_t rank) {
            const std::uint32_t j = y.order[r];
            s.ascending(1)[rank] = y.value[j];
            s.beside(1)[rank] = x.value[y.other(j)];
        });

    const bool tied = b.way.rule == ICL_DEVICE_BY_TIES && (b.way.tied[pair.x] != 0 || b.way.tied[pair.y] != 0);
    const unsigned least = b.way.k != 0 ? b.way.k + 1 : ICL_LEAST_K + 1;
    out.together = m;
    out.within = tied || b.way.rule == ICL_DEVICE_WITHIN;
    if (m >= least) {
        out.k = b.way.k != 0 ? b.way.k : choose_plane(b, x, y, m, s, count);
        if (b.way.k == 0 && !tied && m >= ICL_EDGE_LEAST_SAMPLES) out.edges = find_edges(s, m, count);
        if (out.edges == ICL_DEVICE_EDGES) out.k = icl_edge_k(m);
    }
    if (threadIdx.x == 0) b.out[blockIdx.x] = out;
}

} // namespace

void cuda_pairs_choose(cuda_device *device, const pair_batch &batch)
{
    const std::size_t m = batch.way.most_together, finest = icl_edge_cells(static_cast<double>(m));
    std::size_t words = ICL_PILOT_BINS * ICL_PILOT_BINS;
    if (batch.samples.group != nullptr)
        words += batch.way.most_cells + 2 * static_cast<std::size_t>(ICL_PILOT_BINS) * batch.way.most_groups;
    if (m >= ICL_EDGE_LEAST_SAMPLES && words < finest * finest * 5 / 4) words = finest * finest * 5 / 4;
    pairs_allow_shared(device, choose_kernel);
    cuda_launch(device, "choose", choose_kernel, batch.count, pair_threads(batch.samples.n, CHOOSE_THREADS),
                words * sizeof(std::uint32_t), batch);
}
