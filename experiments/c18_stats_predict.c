/* c18: do means and sds of the activations tell the accuracy? Rank correlation over runs. */
#include <stdlib.h>
#include <string.h>

#include "experiments/claims_internal.h"
#include "experiments/training_internal.h"

static double mean_size(const struct training_curves *curves)
{
    return curves->mean_size;
}

static double sd_size(const struct training_curves *curves)
{
    return curves->sd_size;
}

static double sd_spread(const struct training_curves *curves)
{
    return curves->sd_spread;
}

/* `within`: both less their means over the runs of one condition, so that what conditions have in common is gone. */
static icl_status correlate(const struct training *training, const char *law, training_value summary, bool within,
                            struct icl_comparison *out, struct icl_error *err)
{
    double *x = malloc((2 * training->count + 1) * sizeof *x), *y = x + training->count;
    if (x == NULL) return icl_fail_memory(err, "a rank correlation");
    size_t n = 0;
    for (size_t c = 0; c < training_condition_count; c++) {
        const struct training_condition *condition = &training_conditions[c];
        if (strcmp(condition->law, law) != 0) continue;
        const size_t here = training_values(training, law, condition->word, summary, x + n);
        training_values(training, law, condition->word, training_accuracy, y + n);
        double mx = 0, my = 0;
        for (size_t s = n; within && s < n + here; s++) {
            mx += x[s] / (double)here;
            my += y[s] / (double)here;
        }
        for (size_t s = n; s < n + here; s++) {
            x[s] -= mx;
            y[s] -= my;
        }
        n += here;
    }
    *out = icl_compare_ranks(x, y, n);
    free(x);
    return ICL_OK;
}

icl_status c18_stats_predict(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                             struct icl_error *err)
{
    static const struct {
        const char *word;
        training_value summary;
    } summaries[] = {{"mean", mean_size}, {"sd", sd_size}, {"spread", sd_spread}};
    char word[16], where[16];
    if (sscanf(claim->quantity, "rank-correlation %15s %15s", word, where) != 2) return unknown_quantity(claim, err);
    const bool within = strcmp(where, "within") == 0;
    for (size_t s = 0; s < sizeof summaries / sizeof summaries[0]; s++) {
        if (strcmp(summaries[s].word, word) != 0 || (!within && strcmp(where, "all") != 0)) continue;
        struct icl_comparison c;
        ICL_TRY(correlate(&run->training, claim->law, summaries[s].summary, within, &c, err));
        add_comparison(finding, "spearman", &c);
        return ICL_OK;
    }
    return unknown_quantity(claim, err);
}
