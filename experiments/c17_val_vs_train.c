/* c17: validation minus training accuracy, with the training accuracy taken as it was learnt and with the gates open.
 */
#include <math.h>
#include <string.h>

#include "experiments/claims_internal.h"
#include "experiments/training_internal.h"

static double as_learnt(const struct training_curves *curves)
{
    return training_accuracy(curves) - curves->train;
}

static double gates_open(const struct training_curves *curves)
{
    return training_accuracy(curves) - curves->open;
}

/* One network: the difference of two shares of independent images, given the network. */
static struct icl_comparison of_images(const struct training *training, const struct training_curves *curves, bool open,
                                       double estimate)
{
    const double valid = training_accuracy(curves), train = open ? curves->open : curves->train;
    const size_t seen = training->train_images;
    const double images = open && seen > ICL_OPEN_IMAGES ? ICL_OPEN_IMAGES : (double)seen;
    struct icl_comparison c = {{estimate, NAN, INFINITY, NAN, NAN}, NAN, NAN, training->valid_images};
    c.interval.se = sqrt(valid * (1 - valid) / (double)training->valid_images + train * (1 - train) / images);
    icl_interval_set(&c.interval, .95);
    return c;
}

icl_status c17_val_vs_train(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                            struct icl_error *err)
{
    char mode[16], word[32];
    if (sscanf(claim->quantity, "gap-%15[a-z] %31s", mode, word) != 2) return unknown_quantity(claim, err);
    const bool open = strcmp(mode, "open") == 0;
    double value[MOST_SEEDS];
    const size_t n = training_values(&run->training, claim->law, word, open ? gates_open : as_learnt, value);
    if (n == 0 || (!open && strcmp(mode, "learnt") != 0)) return unknown_quantity(claim, err);
    struct icl_comparison c = icl_compare_mean(value, n, 0);
    c.p = c.effect = NAN;
    if (n == 1) c = of_images(&run->training, training_first(&run->training, claim->law, word), open, value[0]);
    add_comparison(finding, n == 1 ? "one network" : "mean of seeds", &c);
    return ICL_OK;
}
