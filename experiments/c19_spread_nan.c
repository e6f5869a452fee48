/* c19: does a large spread of the sds early on foretell divergence? Over learning rates and orders. */
#include <math.h>
#include <string.h>

#include "experiments/claims_internal.h"
#include "experiments/training_internal.h"

static double diverged(const struct training_curves *curves)
{
    return curves->diverged ? 1 : 0;
}

/* P(the spread of a run that diverges exceeds that of one that does not) over the runs whose first record is finite,
 * without the seed `skipped`. */
static double exceedance(const struct training *training, const char *law, size_t skipped)
{
    double high[256], low[256];
    size_t n = 0, m = 0;
    for (size_t r = 0; r < training->count; r++) {
        const struct training_member *member = &training->member[r];
        if (strcmp(member->condition->law, law) != 0 || member->seed == skipped) continue;
        if (!isfinite(member->curves.early_spread) || n == 256 || m == 256) continue;
        if (member->curves.diverged)
            high[n++] = member->curves.early_spread;
        else
            low[m++] = member->curves.early_spread;
    }
    return icl_exceedance(high, n, low, m);
}

/* Limits of a probability. */
static void keep_probable(struct icl_interval *interval)
{
    if (interval->lo < 0) interval->lo = 0;
    if (interval->hi > 1) interval->hi = 1;
}

/* The delete-one jackknife over seeds. */
static struct icl_comparison of_seeds(const struct training *training, const char *law)
{
    double without[MOST_SEEDS];
    size_t seeds = 0, runs = 0;
    for (size_t r = 0; r < training->count; r++) {
        if (strcmp(training->member[r].condition->law, law) != 0) continue;
        runs++;
        if (training->member[r].seed >= seeds) seeds = training->member[r].seed + 1;
    }
    struct icl_comparison c = {{exceedance(training, law, SIZE_MAX), NAN, NAN, NAN, NAN}, NAN, NAN, runs};
    for (size_t s = 0; s < seeds; s++)
        without[s] = exceedance(training, law, s);
    if (seeds >= 2) icl_jackknife_interval(without, seeds, &c.interval);
    keep_probable(&c.interval);
    return c;
}

icl_status c19_spread_nan(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                          struct icl_error *err)
{
    struct icl_comparison c;
    char word[16];
    if (quantity_is(claim, "spread-exceedance")) {
        c = of_seeds(&run->training, claim->law);
        add_comparison(finding, "jackknife over seeds", &c);
        return ICL_OK;
    }
    if (sscanf(claim->quantity, "diverged %15s", word) != 1) return unknown_quantity(claim, err);
    double value[MOST_RUNS_OF_A_WORD];
    const size_t n = training_all_values(&run->training, claim->law, word, diverged, value);
    if (n == 0) return unknown_quantity(claim, err);
    c = icl_compare_mean(value, n, 0);
    c.p = c.effect = NAN;
    keep_probable(&c.interval);
    add_comparison(finding, "share of runs", &c);
    return ICL_OK;
}
