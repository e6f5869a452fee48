/* From runs to evidence: means over seeds, paired differences. */
#include <math.h>
#include <string.h>

#include "experiments/training_internal.h"

static const double GUESS = .1, LEVEL = .85;

double training_accuracy(const struct training_curves *curves)
{
    return curves->valid[curves->epochs - 1];
}

double training_mean_accuracy(const struct training_curves *curves)
{
    double sum = 0;
    for (size_t e = 0; e < curves->epochs; e++)
        sum += curves->valid[e];
    return sum / (double)curves->epochs;
}

double training_epochs_to_level(const struct training_curves *curves)
{
    double before = GUESS;
    for (size_t e = 0; e < curves->epochs; e++) {
        if (curves->valid[e] >= LEVEL) return (double)e + (LEVEL - before) / (curves->valid[e] - before);
        before = curves->valid[e];
    }
    return (double)curves->epochs + 1;
}

static size_t gather(const struct training *training, const char *law, const char *word, training_value function,
                     size_t room, double *value)
{
    size_t count = 0;
    for (size_t r = 0; r < training->count && count < room; r++) {
        const struct training_condition *c = training->member[r].condition;
        if (strcmp(c->law, law) == 0 && strcmp(c->word, word) == 0)
            value[count++] = function(&training->member[r].curves);
    }
    return count;
}

size_t training_values(const struct training *training, const char *law, const char *word, training_value function,
                       double *value)
{
    return gather(training, law, word, function, MOST_SEEDS, value);
}

size_t training_all_values(const struct training *training, const char *law, const char *word, training_value function,
                           double *value)
{
    return gather(training, law, word, function, MOST_RUNS_OF_A_WORD, value);
}

const struct training_curves *training_first(const struct training *training, const char *law, const char *word)
{
    for (size_t r = 0; r < training->count; r++) {
        const struct training_condition *c = training->member[r].condition;
        if (strcmp(c->law, law) == 0 && strcmp(c->word, word) == 0) return &training->member[r].curves;
    }
    return NULL;
}

void add_comparison(struct finding *finding, const char *estimator, const struct icl_comparison *comparison)
{
    if (finding->count == MOST_EVIDENCE) return;
    finding->evidence[finding->count++] = (struct icl_evidence){.estimator = estimator,
                                                                .kind = ICL_KIND_DIRECT,
                                                                .interval = comparison->interval,
                                                                .n = comparison->n,
                                                                .p = comparison->p,
                                                                .effect = comparison->effect};
}

icl_status add_training_quantity(struct finding *finding, const struct training *training,
                                 const struct icl_claim *claim, struct icl_error *err)
{
    static const struct {
        const char *name;
        training_value function;
    } functions[] = {{"accuracy", training_accuracy},
                     {"mean-accuracy", training_mean_accuracy},
                     {"epochs", training_epochs_to_level}};
    char name[32], one[32], other[32];
    const int words = sscanf(claim->quantity, "%31s %31s - %31s", name, one, other);
    for (size_t f = 0; words >= 2 && f < sizeof functions / sizeof functions[0]; f++) {
        if (strcmp(functions[f].name, name) != 0) continue;
        double value[MOST_SEEDS], subtract[MOST_SEEDS];
        const size_t n = training_values(training, claim->law, one, functions[f].function, value);
        if (n == 0) break;
        if (words == 3) {
            if (training_values(training, claim->law, other, functions[f].function, subtract) != n) break;
            for (size_t s = 0; s < n; s++)
                value[s] -= subtract[s];
        }
        const double target = claim->rule == ICL_RULE_ORDER ? claim->target : 0;
        struct icl_comparison c = icl_compare_mean(value, n, target);
        if (words < 3) c.p = c.effect = NAN; /* that a mean is not 0 says nothing */
        add_comparison(finding, words == 3 ? "paired t" : "mean of seeds", &c);
        return ICL_OK;
    }
    return unknown_quantity(claim, err);
}
