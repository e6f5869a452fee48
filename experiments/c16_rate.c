/* c16: the drop rate of the highest mean accuracy among six, and differences between rates. */
#include <math.h>
#include <stdlib.h>

#include "experiments/claims_internal.h"
#include "experiments/training_internal.h"
#include "kernels/random.h"

static const struct {
    const char *word;
    double drop;
} rates[] = {{"drop00", 0}, {"drop01", .01}, {"drop03", .03}, {"ic", .05}, {"drop10", .10}, {"drop20", .20}};
enum { RATES = sizeof rates / sizeof rates[0], DRAWS = 2000 };

/* The rate of the highest mean over the seeds chosen; the lower rate where two are equal. */
static double best_of(const double value[RATES][MOST_SEEDS], const size_t *seed, size_t n)
{
    double best = 0, highest = -INFINITY;
    for (size_t r = 0; r < RATES; r++) {
        double sum = 0;
        for (size_t s = 0; s < n; s++)
            sum += value[r][seed[s]];
        if (sum > highest) {
            highest = sum;
            best = rates[r].drop;
        }
    }
    return best;
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The interval: percentiles of the best rate over DRAWS draws of the seeds with replacement. */
static struct icl_comparison best_rate(const double value[RATES][MOST_SEEDS], size_t n, uint64_t seed)
{
    const struct icl_stream stream = {seed, ICL_PURPOSE_CHOICE, 16, 0};
    size_t chosen[MOST_SEEDS];
    double best[DRAWS];
    for (size_t s = 0; s < n; s++)
        chosen[s] = s;
    struct icl_comparison c = {{best_of(value, chosen, n), NAN, (double)n - 1, NAN, NAN}, NAN, NAN, n};
    if (n < 2) return c;
    for (size_t d = 0; d < DRAWS; d++) {
        for (size_t s = 0; s < n; s++)
            chosen[s] = icl_random_below(&stream, d * n + s, n);
        best[d] = best_of(value, chosen, n);
    }
    qsort(best, DRAWS, sizeof best[0], by_size);
    c.interval.lo = best[DRAWS * 25 / 1000];
    c.interval.hi = best[DRAWS * 975 / 1000 - 1];
    return c;
}

icl_status c16_rate(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                    struct icl_error *err)
{
    if (!quantity_is(claim, "best-drop")) return add_training_quantity(finding, &run->training, claim, err);
    double value[RATES][MOST_SEEDS];
    size_t n = 0;
    for (size_t r = 0; r < RATES; r++) {
        const size_t here = training_values(&run->training, claim->law, rates[r].word, training_accuracy, value[r]);
        if (here == 0 || (r > 0 && here != n)) return unknown_quantity(claim, err);
        n = here;
    }
    const struct icl_comparison c = best_rate(value, n, run->options->seed);
    add_comparison(finding, "bootstrap over seeds", &c);
    return ICL_OK;
}
