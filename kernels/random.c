#include "kernels/random.h"

#include "kernels/cpu/variants.h"
#include "kernels/normal_internal.h"
#include "kernels/philox_internal.h"

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

void icl_random_words(const struct icl_stream *stream, uint64_t first, size_t count, uint32_t *words)
{
    const struct icl_philox_base base = icl_philox_base(stream);
    uint64_t block = first / 4;
    uint32_t edge[4];
    if (first % 4 != 0) {
        const size_t skip = first % 4, used = count < 4 - skip ? count : 4 - skip;
        icl_philox_block(&base, block++, edge);
        memcpy(words, edge + skip, used * sizeof *words);
        words += used;
        count -= used;
    }
    icl_cpu_best()->blocks(&base, block, count / 4, words);
    if (count % 4 != 0) {
        icl_philox_block(&base, block + count / 4, edge);
        memcpy(words + count / 4 * 4, edge, count % 4 * sizeof *words);
    }
}

/* The length of the next batch: the first one ends where batches from element 0 on would. */
static size_t batch_of(uint64_t element, size_t left)
{
    const size_t whole = ICL_DRAW_BATCH - (size_t)(element % ICL_DRAW_BATCH);
    return left < whole ? left : whole;
}

void icl_random_uniform(const struct icl_stream *stream, uint64_t first, size_t count, double *out)
{
    const struct icl_philox_base base = icl_philox_base(stream);
    const struct icl_cpu_variant *cpu = icl_cpu_best();
    for (size_t done = 0, batch; done < count; done += batch) {
        batch = batch_of(first + done, count - done);
        cpu->uniforms(&base, first + done, batch, out + done);
    }
}

void icl_random_normal(const struct icl_stream *stream, uint64_t first, size_t count, double *out)
{
    const struct icl_philox_base base = icl_philox_base(stream);
    const struct icl_cpu_variant *cpu = icl_cpu_best();
    for (size_t done = 0, batch; done < count; done += batch) {
        batch = batch_of(first + done, count - done);
        cpu->normals(&base, first + done, batch, out + done);
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
    const struct icl_philox_base base = icl_philox_base(stream);
    uint32_t words[4];
    icl_philox_block(&base, element / 2, words);
    return scale_bits(icl_pair_bits(words + 2 * (element % 2)), bound);
}

void icl_random_permutation(const struct icl_stream *stream, size_t count, uint32_t *out)
{
    uint32_t words[2 * ICL_DRAW_BATCH];
    for (size_t done = 0, batch; done < count; done += batch) {
        batch = batch_of(done, count - done);
        icl_random_words(stream, 2 * (uint64_t)done, 2 * batch, words);
        for (size_t k = 0; k < batch; k++) {
            const size_t i = done + k;
            const size_t j = (size_t)scale_bits(icl_pair_bits(words + 2 * k), i + 1);
            if (j != i) out[i] = out[j];
            out[j] = (uint32_t)i;
        }
    }
}
