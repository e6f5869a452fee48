/* The counting of joint cells, in terms of a few vector operations. The including file defines them:
 *   ICL_TARGET, ICL_OP   the function attributes of its instruction set; those of an inlined operation
 *   ICL_LANES            words in a vec; divides ICL_JOINT_WORDS
 *   ICL_ROWS, ICL_COLS   cells counted at a time: their sums and the bitmaps they need fill the registers
 *   ICL_CHAINS           at least 4 sums that stay in registers beside as many words
 *   ICL_MOST_CELLS       see struct icl_joint_variant
 *   load, zero, add_ones(sum, a, b): sum + the ones of a & b; total(sum): all lanes; ICL_HIDE(v): the compiler no
 * longer knows what v is; supported */

#include "estimators/cpu/joint_counts.h"

#define ICL_INLINE static inline __attribute__((always_inline)) ICL_TARGET

/* So many words of 16 and 16 bitmaps stay in a first-level cache of 48 KiB. */
enum { CHUNK = 160 };

ICL_INLINE void count_block(const uint64_t *x, unsigned rows, const uint64_t *y, unsigned cols, size_t words,
                            size_t chunk, uint32_t *count, size_t stride)
{
    vec sum[ICL_ROWS][ICL_COLS];
    for (unsigned i = 0; i < rows; i++)
        for (unsigned j = 0; j < cols; j++)
            sum[i][j] = zero();
    for (size_t w = 0; w < chunk; w += ICL_LANES) {
        vec across[ICL_COLS];
        for (unsigned j = 0; j < cols; j++)
            across[j] = load(y + j * words + w);
        for (unsigned i = 0; i < rows; i++) {
            const vec down = load(x + i * words + w);
            for (unsigned j = 0; j < cols; j++)
                sum[i][j] = add_ones(sum[i][j], down, across[j]);
        }
    }
    for (unsigned i = 0; i < rows; i++)
        for (unsigned j = 0; j < cols; j++)
            count[i * stride + j] += (uint32_t)total(sum[i][j]);
}

/* All columns of y beside `rows` bitmaps of x, a whole block at a time and then what is left. */
ICL_INLINE void count_rows(const uint64_t *x, unsigned rows, const uint64_t *y, size_t ys, size_t words, size_t chunk,
                           uint32_t *count, size_t stride)
{
    size_t j = 0;
    for (; j + ICL_COLS <= ys; j += ICL_COLS)
        count_block(x, rows, y + j * words, ICL_COLS, words, chunk, count + j, stride);
    for (; j + 2 <= ys; j += 2)
        count_block(x, rows, y + j * words, 2, words, chunk, count + j, stride);
    if (j < ys) count_block(x, rows, y + j * words, 1, words, chunk, count + j, stride);
}

static ICL_TARGET void count(const uint64_t *x, size_t xs, const uint64_t *y, size_t ys, size_t words, uint32_t *cells,
                             size_t stride)
{
    for (size_t from = 0; from < words; from += CHUNK) {
        const size_t chunk = words - from < CHUNK ? words - from : CHUNK;
        size_t i = 0;
        for (; i + ICL_ROWS <= xs; i += ICL_ROWS)
            count_rows(x + i * words + from, ICL_ROWS, y + from, ys, words, chunk, cells + i * stride, stride);
        for (; i < xs; i++)
            count_rows(x + i * words + from, 1, y + from, ys, words, chunk, cells + i * stride, stride);
    }
}

static ICL_TARGET uint64_t peak(size_t rounds, double *words)
{
    static const _Alignas(64) uint64_t pattern[ICL_JOINT_WORDS] = {1, 3, 7, 15, 31, 63, 127, 255};
    vec sum[ICL_CHAINS], across[ICL_CHAINS], down = load(pattern);
    for (unsigned i = 0; i < ICL_CHAINS; i++) {
        sum[i] = zero();
        across[i] = load(pattern);
        ICL_HIDE(across[i]);
    }
    for (size_t round = 0; round < rounds; round++) {
        ICL_HIDE(down);
        for (unsigned i = 0; i < ICL_CHAINS; i++)
            sum[i] = add_ones(sum[i], down, across[i]);
    }
    uint64_t all = 0;
    for (unsigned i = 0; i < ICL_CHAINS; i++)
        all += total(sum[i]);
    *words = (double)rounds * ICL_CHAINS * ICL_LANES;
    return all;
}

#define ICL_JOINT_VARIANT(its_name)                                                                                    \
    {                                                                                                                  \
        its_name, supported, ICL_MOST_CELLS, count, peak                                                               \
    }
