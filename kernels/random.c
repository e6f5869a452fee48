#include "kernels/random.h"

#include "kernels/cpu/variants.h"
#include "kernels/shared/normal_quantile.h"
#include "kernels/shared/draws.h"

void icl_philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    icl_philox_rounds(counter[0], counter[1], counter[2], counter[3], key[0], key[1], out);
}

void icl_random_words(const struct icl_stream *stream, uint64_t first, size_t count, uint32_t *words)
{
    const struct icl_philox_base base = icl_philox_base_of(stream);
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
    const struct icl_philox_base base = icl_philox_base_of(stream);
    const struct icl_cpu_variant *cpu = icl_cpu_best();
    for (size_t done = 0, batch; done < count; done += batch) {
        batch = batch_of(first + done, count - done);
        cpu->uniforms(&base, first + done, batch, out + done);
    }
}

void icl_random_normal(const struct icl_stream *stream, uint64_t first, size_t count, double *out)
{
    const struct icl_philox_base base = icl_philox_base_of(stream);
    const struct icl_cpu_variant *cpu = icl_cpu_best();
    for (size_t done = 0, batch; done < count; done += batch) {
        batch = batch_of(first + done, count - done);
        cpu->normals(&base, first + done, batch, out + done);
    }
}

double icl_normal_quantile(double u)
{
    return icl_quantile_of(u);
}

uint64_t icl_random_below(const struct icl_stream *stream, uint64_t element, uint64_t bound)
{
    const struct icl_philox_base base = icl_philox_base_of(stream);
    return icl_scale_bits(icl_draw_bits(&base, element), bound);
}

void icl_random_permutation(const struct icl_stream *stream, size_t count, uint32_t *out)
{
    uint32_t words[2 * ICL_DRAW_BATCH];
    for (size_t done = 0, batch; done < count; done += batch) {
        batch = batch_of(done, count - done);
        icl_random_words(stream, 2 * (uint64_t)done, 2 * batch, words);
        for (size_t k = 0; k < batch; k++) {
            const size_t i = done + k;
            const size_t j = (size_t)icl_scale_bits(icl_pair_bits(words + 2 * k), i + 1);
            if (j != i) out[i] = out[j];
            out[j] = (uint32_t)i;
        }
    }
}
