#include "kernels/random.h"

#include "kernels/cpu/variants.h"
#include "kernels/normal.h"
#include "kernels/philox.h"

void icl_philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < ICL_PHILOX_ROUNDS; round++) {
        const uint64_t p0 = (uint64_t)ICL_PHILOX_M0 * c0;
        const uint64_t p1 = (uint64_t)ICL_PHILOX_M1 * c2;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += ICL_PHILOX_W0;
        k1 += ICL_PHILOX_W1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

/* `count` words of the stream, from word `skip` (below 4) of `block` on. */
static void words_from(const struct icl_stream *stream, uint64_t block, unsigned skip, size_t count, uint32_t *words)
{
    const struct icl_philox_base base = icl_philox_base(stream);
    uint32_t edge[4];
    if (skip != 0 && count != 0) {
        icl_philox_block(&base, block++, edge);
        for (; skip < 4 && count != 0; skip++, count--)
            *words++ = edge[skip];
    }
    icl_cpu_best()->blocks(&base, block, count / 4, words);
    if (count % 4 != 0) {
        icl_philox_block(&base, block + count / 4, edge);
        memcpy(words + count / 4 * 4, edge, count % 4 * sizeof *words);
    }
}

void icl_random_words(const struct icl_stream *stream, uint64_t first, size_t count, uint32_t *words)
{
    words_from(stream, first / 4, (unsigned)(first % 4), count, words);
}

/* bits[i] = 64 random bits of element first + i, i < count <= ICL_NORMAL_BATCH. */
static void bits_from(const struct icl_stream *stream, uint64_t first, size_t count, uint64_t *bits)
{
    uint32_t words[2 * ICL_NORMAL_BATCH];
    words_from(stream, first / 2, (unsigned)(2 * (first % 2)), 2 * count, words);
    for (size_t i = 0; i < count; i++)
        bits[i] = (uint64_t)words[2 * i + 1] << 32 | words[2 * i];
}

static size_t batch_of(size_t left)
{
    return left < ICL_NORMAL_BATCH ? left : ICL_NORMAL_BATCH;
}

void icl_random_uniform(const struct icl_stream *stream, uint64_t first, size_t count, double *out)
{
    uint64_t bits[ICL_NORMAL_BATCH];
    for (size_t done = 0, batch; done < count; done += batch) {
        batch = batch_of(count - done);
        bits_from(stream, first + done, batch, bits);
        for (size_t i = 0; i < batch; i++)
            out[done + i] = icl_uniform_from_bits(bits[i]);
    }
}

void icl_random_normal(const struct icl_stream *stream, uint64_t first, size_t count, double *out)
{
    double uniform[ICL_NORMAL_BATCH];
    for (size_t done = 0, batch; done < count; done += batch) {
        batch = batch_of(count - done);
        icl_random_uniform(stream, first + done, batch, uniform);
        icl_cpu_best()->quantiles(uniform, batch, out + done);
    }
}

double icl_normal_quantile(double u)
{
    if (!(u > 0.0 && u < 1.0)) return u == 0.0 ? -INFINITY : u == 1.0 ? INFINITY : NAN;
    const double q = u - 0.5;
    if (fabs(q) <= ICL_QUANTILE_CENTRE) return icl_quantile_central(q);
    const double p = q < 0.0 ? u : 1.0 - u;
    /* A subnormal has no exponent field to read: it is scaled up first. */
    const double log_p = p < DBL_MIN ? icl_log_scaled(p * 0x1p54, -54) : icl_log_scaled(p, 0);
    const double root = sqrt(-log_p);
    const double size = root > ICL_QUANTILE_FAR ? icl_quantile_far_tail(root) : icl_quantile_tail(root);
    return q < 0.0 ? -size : size;
}

/* The upper 64 bits of bits * bound. */
static uint64_t scale_bits(uint64_t bits, uint64_t bound)
{
    __extension__ typedef unsigned __int128 u128;
    return (uint64_t)((u128)bits * bound >> 64);
}

uint64_t icl_random_below(const struct icl_stream *stream, uint64_t element, uint64_t bound)
{
    uint64_t bits;
    bits_from(stream, element, 1, &bits);
    return scale_bits(bits, bound);
}

void icl_random_permutation(const struct icl_stream *stream, size_t count, uint32_t *out)
{
    uint64_t bits[ICL_NORMAL_BATCH];
    for (size_t done = 0, batch; done < count; done += batch) {
        batch = batch_of(count - done);
        bits_from(stream, done, batch, bits);
        for (size_t k = 0; k < batch; k++) {
            const size_t i = done + k;
            const size_t j = (size_t)scale_bits(bits[k], i + 1);
            if (j != i) out[i] = out[j];
            out[j] = (uint32_t)i;
        }
    }
}
