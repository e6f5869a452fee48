/* The one random stream of iclab: Philox4x32-10 (Salmon et al., SC 2011), a pure function of key and counter.
 *
 * key     = the seed (low word, high word)
 * counter = { block low, block high, step, purpose << 24 | layer }
 *
 * A block gives four 32-bit words. 32-bit draws of element e are word e%4 of block e/4; 64-bit draws use two words,
 * words 2(e%2) (low half) and 2(e%2)+1 (high half) of block e/2. Elements are numbered in NHWC order: channel fastest.
 */
#ifndef ICLAB_KERNELS_RANDOM_H
#define ICLAB_KERNELS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a draw is for: two purposes never share a word. */
enum icl_purpose {
    ICL_PURPOSE_MASK = 1,
    ICL_PURPOSE_NOISE,
    ICL_PURPOSE_WEIGHT,
    ICL_PURPOSE_SHUFFLE,
    ICL_PURPOSE_AUGMENT,
    ICL_PURPOSE_PERMUTE,
    ICL_PURPOSE_SUBSAMPLE,
    ICL_PURPOSE_LAW,
    ICL_PURPOSE_CHOICE
};

/* One stream of draws. layer < 2^24. */
struct icl_stream {
    uint64_t seed;
    enum icl_purpose purpose;
    uint32_t layer;
    uint32_t step;
};

/* Philox4x32 with 10 rounds. */
void icl_philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* words[i] = 32-bit draw of element first + i, i < count. */
void icl_random_words(const struct icl_stream *stream, uint64_t first, size_t count, uint32_t *words);

/* out[i] = uniform on the open interval (0,1), element first + i: (2 m + 1) / 2^53 with m the upper 52 of 64 bits:
 * exact in a double (a 53-bit m would round to 1 at its end), never 0 or 1, symmetric about 1/2. */
void icl_random_uniform(const struct icl_stream *stream, uint64_t first, size_t count, double *out);

/* out[i] = standard normal: icl_normal_quantile of the uniform of element first + i. */
void icl_random_normal(const struct icl_stream *stream, uint64_t first, size_t count, double *out);

/* The quantile of the standard normal (Wichura 1988, AS 241 PPND16, relative error about 1e-16), with a logarithm made
 * of +,-,*,/ and sqrt only, so that every machine returns the same bits. u outside (0,1): +-inf at 1 and 0, nan beyond.
 */
double icl_normal_quantile(double u);

/* A whole number uniform on 0 .. bound-1 (bound >= 1) from the 64 random bits of element `element` (multiply-shift;
 * bias below bound / 2^64). */
uint64_t icl_random_below(const struct icl_stream *stream, uint64_t element, uint64_t bound);

/* A random permutation of 0..count-1 (Fisher-Yates from inside out: element i says which of places 0..i gets i, what
 * was there moves to place i). count <= 2^32. */
void icl_random_permutation(const struct icl_stream *stream, size_t count, uint32_t *out);

#ifdef __cplusplus
}
#endif

#endif
