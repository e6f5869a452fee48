/* The random stream: known answers, the map from elements to words, distributions, permutations. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "kernels/shared/normal_quantile.h"
#include "tests/kernels_check.h"

static const struct icl_stream law = {
    .seed = 0x9d3c21f7e05b468a, .purpose = ICL_PURPOSE_LAW, .layer = 11, .step = 70001};

struct known_answer {
    uint32_t counter[4], key[2], result[4];
};

/* Reads the vectors; 8 at most. */
static size_t read_answers(struct known_answer answers[8])
{
    FILE *file = fopen("tests/vectors/philox4x32_10.tsv", "r");
    assert_non_null(file);
    char line[512];
    size_t count = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        struct known_answer a;
        const int read = sscanf(line,
                                "%8" SCNx32 "%8" SCNx32 "%8" SCNx32 "%8" SCNx32 "%8" SCNx32 "%8" SCNx32 "%8" SCNx32
                                "%8" SCNx32 "%8" SCNx32 "%8" SCNx32,
                                &a.counter[0], &a.counter[1], &a.counter[2], &a.counter[3], &a.key[0], &a.key[1],
                                &a.result[0], &a.result[1], &a.result[2], &a.result[3]);
        if (line[0] == '#' || read != 10) continue;
        assert_true(count < 8);
        answers[count++] = a;
    }
    fclose(file);
    return count;
}

static void known_answers(void **state)
{
    (void)state;
    struct known_answer answers[8];
    assert_int_equal(read_answers(answers), 3);
    for (size_t i = 0; i < 3; i++) {
        uint32_t out[4] = {0xdeadbeef, 0xdeadbeef, 0xdeadbeef, 0xdeadbeef};
        icl_philox4x32(answers[i].counter, answers[i].key, out);
        assert_memory_equal(out, answers[i].result, sizeof out);
    }
}

/* Whole blocks: the known answers stand at every place of a run, and every run length gives the same words. */
static void blocks_of_variant(void **state)
{
    const struct icl_cpu_variant *variant = check_variant(*state);
    enum { MOST = 75 };
    struct known_answer answers[8];
    const size_t count = read_answers(answers);
    for (size_t i = 0; i < count; i++) {
        const struct known_answer *a = &answers[i];
        const struct icl_philox_base base = {.key = {a->key[0], a->key[1]}, .high = {a->counter[2], a->counter[3]}};
        const uint64_t block = (uint64_t)a->counter[1] << 32 | a->counter[0];
        for (size_t before = 0; before < MOST; before++) {
            uint32_t words[4 * MOST + 1];
            memset(words, 0xA5, sizeof words);
            const size_t blocks = before + 1;
            variant->blocks(&base, block - before, blocks, words);
            assert_memory_equal(words + 4 * before, a->result, sizeof a->result);
            for (size_t k = 0; k < blocks; k++) {
                uint32_t expected[4];
                icl_philox_block(&base, block - before + k, expected);
                assert_memory_equal(words + 4 * k, expected, sizeof expected);
            }
            assert_int_equal(words[4 * blocks], 0xA5A5A5A5);
        }
    }
}

/* Element e is word e % 4 of block e / 4, with the counter of the header, also where the low block word overflows. */
static void words_follow_the_counter(void **state)
{
    (void)state;
    enum { MOST = 203 };
    const uint64_t starts[] = {0, 1, 2, 3, 1021, UINT64_C(4) * UINT32_MAX - 37, UINT64_C(0x7fffffffffffff01)};
    const uint32_t key[2] = {(uint32_t)law.seed, (uint32_t)(law.seed >> 32)};
    for (size_t s = 0; s < sizeof starts / sizeof *starts; s++) {
        for (size_t count = 0; count < MOST; count += 1 + count / 9) {
            uint32_t words[MOST + 1];
            memset(words, 0xA5, sizeof words);
            icl_random_words(&law, starts[s], count, words);
            for (size_t i = 0; i < count; i++) {
                const uint64_t block = (starts[s] + i) / 4;
                const uint32_t counter[4] = {(uint32_t)block, (uint32_t)(block >> 32), law.step,
                                             (uint32_t)law.purpose << 24 | law.layer};
                uint32_t out[4];
                icl_philox4x32(counter, key, out);
                assert_int_equal(words[i], out[(starts[s] + i) % 4]);
            }
            assert_int_equal(words[count], 0xA5A5A5A5);
        }
    }
}

static void streams_differ(void **state)
{
    (void)state;
    struct icl_stream other[5] = {law, law, law, law, law};
    other[0].seed ^= 1;
    other[1].seed ^= UINT64_C(1) << 63;
    other[2].purpose = ICL_PURPOSE_MASK;
    other[3].layer++;
    other[4].step++;
    uint32_t base[64], words[64];
    icl_random_words(&law, 0, 64, base);
    for (size_t s = 0; s < 5; s++) {
        icl_random_words(&other[s], 0, 64, words);
        size_t same = 0;
        for (size_t i = 0; i < 64; i++)
            same += words[i] == base[i];
        assert_int_equal(same, 0);
    }
}

static void uniform_ends(void **state)
{
    (void)state;
    assert_true(icl_uniform_from_bits(0) == 0x1p-53);
    assert_true(icl_uniform_from_bits(UINT64_MAX) == 1.0 - 0x1p-53);
    assert_true(icl_uniform_from_bits(UINT64_C(1) << 63) == 0.5 + 0x1p-53);
    assert_true(icl_uniform_from_bits(0xFFF) == 0x1p-53); /* the lower 12 bits are not used */
    assert_true(icl_uniform_from_bits(0x1000) == 3 * 0x1p-53);
}

/* Element e of a uniform is made of words 2e and 2e + 1 of the stream, and a normal is the quantile of the uniform. */
static void draws_of_variant(void **state)
{
    const struct icl_cpu_variant *variant = check_variant(*state);
    const struct icl_philox_base base = icl_philox_base_of(&law);
    const uint64_t starts[] = {0, 1, 255, 256, 77777};
    for (size_t s = 0; s < sizeof starts / sizeof *starts; s++) {
        for (size_t count = 0; count <= ICL_DRAW_BATCH; count += 1 + count / 7) {
            double *u = check_poisoned_f64(count), *z = check_poisoned_f64(count);
            variant->uniforms(&base, starts[s], count, u);
            variant->normals(&base, starts[s], count, z);
            for (size_t i = 0; i < count; i++) {
                uint32_t word[2];
                icl_random_words(&law, 2 * (starts[s] + i), 2, word);
                const uint64_t m = ((uint64_t)word[1] << 32 | word[0]) >> 12;
                const double expected = (double)(2 * m + 1) / 0x1p53, quantile = icl_normal_quantile(expected);
                check_same_f64(&u[i], &expected, 1, "uniform");
                check_same_f64(&z[i], &quantile, 1, "normal");
            }
            assert_true(isnan(u[count]) && isnan(z[count]));
            free(u);
            free(z);
        }
    }
}

/* Chosen uniforms through the batch: both tails, the far tail, the borders. */
static void batch_of_extremes(void **state)
{
    (void)state;
    const double u[] = {
        0x1p-53,     1.0 - 0x1p-53, 0.075,      0.925, nextafter(0.075, 0.0), nextafter(0.925, 1.0), 1e-12,
        1.0 - 1e-12, 1.3887e-11,    1.3888e-11, 0.5,   0.5 + 0x1p-53,         1.38879e-11,           0.2,
        0.999999999, 1e-300};
    enum { COUNT = sizeof u / sizeof *u };
    double z[COUNT], expected[COUNT];
    icl_quantile_batch(u, COUNT, z);
    for (size_t i = 0; i < COUNT; i++)
        expected[i] = icl_normal_quantile(u[i]);
    check_same_f64(z, expected, COUNT, "batch");
}

static void chunks_give_the_same_draws(void **state)
{
    (void)state;
    enum { COUNT = 2000 };
    double whole[COUNT], parts[COUNT], whole_u[COUNT], parts_u[COUNT];
    icl_random_normal(&law, 3, COUNT, whole);
    icl_random_uniform(&law, 3, COUNT, whole_u);
    for (size_t done = 0, piece = 1; done < COUNT; done += piece, piece = piece * 2 + 1) {
        if (piece > COUNT - done) piece = COUNT - done;
        icl_random_normal(&law, 3 + done, piece, parts + done);
        icl_random_uniform(&law, 3 + done, piece, parts_u + done);
    }
    check_same_f64(parts, whole, COUNT, "normals");
    check_same_f64(parts_u, whole_u, COUNT, "uniforms");
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Moments within 4.5 standard errors, Kolmogorov-Smirnov below the point that one true sample in 10^4 passes. */
static void normals_are_normal(void **state)
{
    (void)state;
    enum { COUNT = 200000 };
    double *z = check_poisoned_f64(COUNT);
    icl_random_normal(&law, 12345, COUNT, z);
    double power[5] = {0.0};
    for (size_t i = 0; i < COUNT; i++)
        for (int k = 1; k <= 4; k++)
            power[k] += pow(z[i], k) / COUNT;
    const double unit = 4.5 / sqrt(COUNT);
    check_near(power[1], 0.0, unit, "mean");
    check_near(power[2], 1.0, unit * sqrt(2.0), "second moment");
    check_near(power[3], 0.0, unit * sqrt(15.0), "third moment");
    check_near(power[4], 3.0, unit * sqrt(96.0), "fourth moment");

    qsort(z, COUNT, sizeof *z, ascending);
    double distance = 0.0;
    for (size_t i = 0; i < COUNT; i++) {
        const double p = gsl_cdf_ugaussian_P(z[i]);
        assert_true(!isnan(p));
        distance = fmax(distance, fmax(p - (double)i / COUNT, ((double)i + 1.0) / COUNT - p));
    }
    assert_true(distance * sqrt(COUNT) < 2.23);
    assert_true(distance * sqrt(COUNT) > 0.2); /* too good is wrong as well */
    free(z);
}

/* log Phi(x) for x < 0 and its slope in long double: a quantile that is independent of the rational functions. */
static long double newton_quantile(long double u, long double start)
{
    long double x = start;
    for (int k = 0; k < 4; k++) {
        const long double p = erfcl(-x / sqrtl(2.0L)) / 2.0L;
        const long double density = expl(-x * x / 2.0L) / sqrtl(2.0L * 3.141592653589793238462643383279503L);
        x -= (p - u) / density;
    }
    return x;
}

static void quantile_is_accurate(void **state)
{
    (void)state;
    for (double u = 1e-307; u < 0.5; u *= u < 1e-16 ? 1.37 : 1.00137) {
        const double got = icl_normal_quantile(u), library = gsl_cdf_ugaussian_Pinv(u);
        check_near(got / library, 1.0, 2e-15, "quantile against GSL");
        if (u < 1e-280) continue; /* the tail in long double needs room below */
        const double truth = (double)newton_quantile((long double)u, (long double)library);
        check_near(got / truth, 1.0, 2e-15, "quantile against Newton");
    }
    /* A step of 1/64 + 2^-20: u and 1 - u are both exact. */
    for (double u = 0x1p-20; u < 1.0; u += 0x1p-6 + 0x1p-20) {
        const double mirrored = -icl_normal_quantile(1.0 - u), got = icl_normal_quantile(u);
        check_same_f64(&got, &mirrored, 1, "symmetry");
    }
}

static void quantile_at_the_ends(void **state)
{
    (void)state;
    assert_true(icl_normal_quantile(0.0) == -INFINITY);
    assert_true(icl_normal_quantile(1.0) == INFINITY);
    assert_true(icl_normal_quantile(0.5) == 0.0);
    assert_true(isnan(icl_normal_quantile(-0x1p-1074)));
    assert_true(isnan(icl_normal_quantile(nextafter(1.0, 2.0))));
    assert_true(isnan(icl_normal_quantile(NAN)));
    const double smallest = icl_normal_quantile(0x1p-1074); /* log(2^-1074) = -744.4: r = 27.3 */
    assert_true(smallest < -38.4 && smallest > -38.5);
}

static void logarithm_is_accurate(void **state)
{
    (void)state;
    /* The truth needs more digits than a double has; valgrind gives long double no more. */
    volatile long double one = 1.0L;
    if (one + 0x1p-60L == one) skip();
    for (double x = 1e-300; x < 1e300; x *= 1.0173) {
        const long double truth = logl((long double)x);
        const double got = icl_log_scaled(x, 0);
        assert_true(!isnan(got));
        assert_true(fabsl((long double)got - truth) <= 2e-16L * fabsl(truth));
    }
    assert_true(icl_log_scaled(1.0, 0) == 0.0);
    check_near(icl_log_scaled(1.0, -54), -54.0 * log(2.0), 1e-14, "scaled");
    for (int k = 1; k <= 52; k++) { /* near 1 the result is small and its digits are those of x - 1 */
        const double x = 1.0 - ldexp(1.0, -k);
        const long double truth = logl((long double)x);
        assert_true(fabsl((long double)icl_log_scaled(x, 0) - truth) <= 2.5e-16L * fabsl(truth));
    }
}

static void below_is_uniform(void **state)
{
    (void)state;
    enum { BOUND = 23, DRAWS = 46000 };
    size_t seen[BOUND] = {0};
    for (uint64_t e = 0; e < DRAWS; e++) {
        assert_int_equal(icl_random_below(&law, e, 1), 0);
        const uint64_t value = icl_random_below(&law, e, BOUND);
        assert_true(value < BOUND);
        seen[value]++;
    }
    double chi2 = 0.0;
    for (size_t i = 0; i < BOUND; i++)
        chi2 += pow((double)seen[i] - (double)DRAWS / BOUND, 2) / ((double)DRAWS / BOUND);
    const double p = gsl_cdf_chisq_Q(chi2, BOUND - 1);
    assert_true(p > 1e-4 && p < 1.0 - 1e-4);

    /* A bound above 2^63: all 64 bits take part; the mean is bound / 2. */
    const uint64_t large = UINT64_C(0xC000000000000001);
    double mean = 0.0;
    for (uint64_t e = 0; e < DRAWS; e++) {
        const uint64_t value = icl_random_below(&law, e, large);
        assert_true(value < large);
        mean += (double)value / (double)large / DRAWS;
    }
    check_near(mean, 0.5, 4.5 / sqrt(12.0 * DRAWS), "mean of large bound");
    /* 2^32: the upper word of the pair, which is word 2e + 1. */
    for (uint64_t e = 0; e < 9; e++) {
        uint32_t word;
        icl_random_words(&law, 2 * e + 1, 1, &word);
        assert_int_equal(icl_random_below(&law, e, UINT64_C(1) << 32), word);
    }
}

static void permutation_is_one(void **state)
{
    (void)state;
    const size_t counts[] = {0, 1, 2, 3, 255, 256, 257, 10007};
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
        const size_t n = counts[k];
        uint32_t *out = malloc((n + 1) * sizeof *out);
        unsigned char *seen = calloc(n + 1, 1);
        assert_true(out != NULL && seen != NULL);
        memset(out, 0xA5, (n + 1) * sizeof *out);
        icl_random_permutation(&law, n, out);
        for (size_t i = 0; i < n; i++) {
            assert_true(out[i] < n);
            assert_int_equal(seen[out[i]]++, 0);
        }
        assert_int_equal(out[n], 0xA5A5A5A5);
        free(out);
        free(seen);
    }
}

/* All 24 orders of four things equally often, and in a long one every place and value pair. */
static void permutations_are_uniform(void **state)
{
    (void)state;
    enum { TRIALS = 24000 };
    struct icl_stream stream = law;
    stream.purpose = ICL_PURPOSE_PERMUTE;
    size_t seen[256] = {0};
    for (stream.step = 0; stream.step < TRIALS; stream.step++) {
        uint32_t p[4];
        icl_random_permutation(&stream, 4, p);
        seen[p[0] << 6 | p[1] << 4 | p[2] << 2 | p[3]]++;
    }
    size_t orders = 0;
    double chi2 = 0.0;
    for (size_t i = 0; i < 256; i++) {
        if (seen[i] == 0) continue;
        orders++;
        chi2 += pow((double)seen[i] - TRIALS / 24.0, 2) / (TRIALS / 24.0);
    }
    assert_int_equal(orders, 24);
    const double p_orders = gsl_cdf_chisq_Q(chi2, 23);
    assert_true(p_orders > 1e-4 && p_orders < 1.0 - 1e-4);

    enum { LENGTH = 12 };
    size_t at[LENGTH][LENGTH] = {{0}};
    for (stream.step = 0; stream.step < TRIALS; stream.step++) {
        uint32_t p[LENGTH];
        icl_random_permutation(&stream, LENGTH, p);
        for (size_t i = 0; i < LENGTH; i++)
            at[i][p[i]]++;
    }
    double square = 0.0;
    for (size_t i = 0; i < LENGTH; i++)
        for (size_t j = 0; j < LENGTH; j++)
            square += pow((double)at[i][j] - (double)TRIALS / LENGTH, 2) / ((double)TRIALS / LENGTH);
    /* Rows and columns have fixed sums: (LENGTH-1)/LENGTH of it is chi squared with (LENGTH-1)^2 degrees. */
    const double p_places = gsl_cdf_chisq_Q(square * (LENGTH - 1) / LENGTH, (LENGTH - 1) * (LENGTH - 1));
    assert_true(p_places > 1e-4 && p_places < 1.0 - 1e-4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        ON_FAST(blocks_of_variant),
        cmocka_unit_test(words_follow_the_counter),
        cmocka_unit_test(streams_differ),
        cmocka_unit_test(uniform_ends),
        ON_FAST(draws_of_variant),
        cmocka_unit_test(batch_of_extremes),
        cmocka_unit_test(chunks_give_the_same_draws),
        cmocka_unit_test(normals_are_normal),
        cmocka_unit_test(quantile_is_accurate),
        cmocka_unit_test(quantile_at_the_ends),
        cmocka_unit_test(logarithm_is_accurate),
        cmocka_unit_test(below_is_uniform),
        cmocka_unit_test(permutation_is_one),
        cmocka_unit_test(permutations_are_uniform),
    };
    return cmocka_run_group_tests_name("kernels/random", tests, NULL, NULL);
}
