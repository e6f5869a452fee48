/* The table of figures: what each compares, with which recipe, on which data, at which size. docs/adding.md says how to
 * add one. */
#include "experiments/reproduce_internal.h"
#include "experiments/trained_pairs.h"

/* ---- recipes: the arm, the data and the epochs are set before ------------------------------------------------- */

/* The course's net 07, as the thread took it over: GeneralReLU, SGD without momentum, batch 512, rate .6 -> 2 -> .1 by
 * straight lines; without BN that rate diverges, and it is a constant .4. */
static void thread_recipe(struct icl_train_spec *spec, bool full)
{
    (void)full;
    spec->general_relu = true;
    if (spec->order != ICL_ORDER_DROP_ONLY && spec->order != ICL_ORDER_NONE) return;
    spec->schedule = ICL_SCHEDULE_CONSTANT;
    spec->rate = .4;
}

/* The defaults: plain ReLU, as the paper's. */
static void plain_recipe(struct icl_train_spec *spec, bool full)
{
    (void)spec;
    (void)full;
}

/* ResNets on small images, after the cifar10_resnet example of Keras: Adam, 1e-3, L2 1e-4, batch 32, flips and shifts
 * of an eighth; the rate falls to x.1, .01, .001 after 40, 60 and 80 % of the epochs. The quick form is short: batch 64
 * and one cycle up to 2e-3. */
static void small_images_recipe(struct icl_train_spec *spec, bool full)
{
    spec->optimiser = ICL_OPTIMISER_ADAM;
    spec->momentum = .9;
    spec->beta2 = .999;
    spec->epsilon = 1e-7;
    spec->decay = 1e-4;
    spec->augmentation.flip = true;
    spec->augmentation.pad = full ? 4 : 2;
    if (full && spec->epochs >= 10) {
        spec->batch = 32;
        spec->schedule = ICL_SCHEDULE_STEP;
        spec->rate = 1e-3;
        spec->rate_factor = .1;
        spec->milestones = 3;
        for (size_t m = 0; m < 3; m++)
            spec->milestone[m] = spec->epochs * (2 + m) / 5;
    } else {
        spec->batch = 64;
        spec->schedule = ICL_SCHEDULE_COSINE;
        spec->rate_start = 2e-4;
        spec->rate = 2e-3;
        spec->rate_end = 2e-6;
    }
}

/* XResNet as fast.ai trained it on Imagenette, at the thread's rate of 1e-3: Adam (.9, .99, 1e-6), decoupled decay
 * 1e-2, label smoothing .1, one cycle, batch 64, crops and flips. */
static void xresnet_recipe(struct icl_train_spec *spec, bool full)
{
    spec->optimiser = ICL_OPTIMISER_ADAM;
    spec->momentum = .95;
    spec->momentum_low = .85;
    spec->decay = 1e-2;
    spec->decoupled = true;
    spec->smoothing = .1;
    spec->batch = 64;
    spec->schedule = ICL_SCHEDULE_COSINE;
    spec->rate_start = 1e-4;
    spec->rate = 1e-3;
    spec->rate_end = 1e-8;
    spec->warm = .5;
    spec->augmentation.flip = true;
    spec->augmentation.resized_crop = full;
}

/* ---- further tables ------------------------------------------------------------------------------------------- */

/* Pairs of units of the network of the first arm and seed: the tables trained_*. */
static icl_status write_pairs(const struct plan *plan, struct icl_error *err)
{
    const struct icl_runs_options *o = &plan->options->runs;
    char folder[FIGURE_PATH];
    ICL_TRY(run_file(plan, plan_run(plan, 0, 0), ".", folder, err));
    const struct icl_trained_pairs_options pairs = {.run = folder,
                                                    .out = o->out,
                                                    .root = o->root,
                                                    .seed = 1,
                                                    .threads = o->threads,
                                                    .quiet = o->quiet,
                                                    .command = o->command};
    return icl_trained_pairs_write(&pairs, err);
}

/* ---- the table ------------------------------------------------------------------------------------------------ */

#define MNIST                                                                                                          \
    {                                                                                                                  \
        "mnist", "fashion-mnist", NULL                                                                                 \
    }
#define CIFAR                                                                                                          \
    {                                                                                                                  \
        "cifar-10", "fashion-mnist", NULL                                                                              \
    }
#define IMAGES                                                                                                         \
    {                                                                                                                  \
        "imagenette", "fashion-mnist", NULL                                                                            \
    }

const struct figure_kind figure_kinds[] = {
    {.text = {"thread-comparison", "thread", "Accuracy by epoch of the thread's net in five orders",
              "mnist, or fashion-mnist"},
     .stem = "thread_comparison",
     .data = MNIST,
     .recipe = thread_recipe,
     .quick = {.net = "thread07", .seeds = 3, .epochs = 5},
     .full = {.net = "thread07", .seeds = 10, .epochs = 8},
     .arm = {{"conv-bn-relu", 0, ICL_ORDER_CONV_BN_RELU, 0, ICL_SKIP_CONV, ICL_CONVERSION_FULL},
             {"ic", 1, ICL_ORDER_IC, .05, ICL_SKIP_CONV, ICL_CONVERSION_FULL},
             {"bn-after", 2, ICL_ORDER_BN_AFTER, 0, ICL_SKIP_CONV, ICL_CONVERSION_FULL},
             {"drop-only", 3, ICL_ORDER_DROP_ONLY, .05, ICL_SKIP_CONV, ICL_CONVERSION_FULL},
             {"none", 4, ICL_ORDER_NONE, 0, ICL_SKIP_CONV, ICL_CONVERSION_FULL}},
     .script = {"thread_comparison"}},
    {.text = {"thread-statistics", "thread", "Means, sds, histograms and share near zero of every layer",
              "mnist, or fashion-mnist"},
     .stem = "thread_statistics",
     .data = MNIST,
     .recipe = thread_recipe,
     .quick = {.net = "thread07", .seeds = 1, .epochs = 2},
     .full = {.net = "thread07", .seeds = 1, .epochs = 8},
     .arm = {{"conv-bn-relu", 0, ICL_ORDER_CONV_BN_RELU, 0, ICL_SKIP_CONV, ICL_CONVERSION_FULL},
             {"ic", 1, ICL_ORDER_IC, .05, ICL_SKIP_CONV, ICL_CONVERSION_FULL}},
     .record_steps = 1,
     .write = write_statistics,
     .script = {"thread_statistics_moments", "thread_statistics_histograms", "thread_statistics_near_zero"}},
    {.text = {"drop-rates", "thread", "Final accuracy against the drop rate", "mnist, or fashion-mnist"},
     .stem = "drop_rates",
     .data = MNIST,
     .recipe = thread_recipe,
     .quick = {.net = "thread07", .seeds = 3, .epochs = 5},
     .full = {.net = "thread07", .seeds = 10, .epochs = 8},
     .arm = {{"drop 0", 0, ICL_ORDER_IC, 0, ICL_SKIP_CONV, ICL_CONVERSION_FULL},
             {"drop .01", .01, ICL_ORDER_IC, .01, ICL_SKIP_CONV, ICL_CONVERSION_FULL},
             {"drop .03", .03, ICL_ORDER_IC, .03, ICL_SKIP_CONV, ICL_CONVERSION_FULL},
             {"drop .05", .05, ICL_ORDER_IC, .05, ICL_SKIP_CONV, ICL_CONVERSION_FULL},
             {"drop .10", .10, ICL_ORDER_IC, .10, ICL_SKIP_CONV, ICL_CONVERSION_FULL},
             {"drop .20", .20, ICL_ORDER_IC, .20, ICL_SKIP_CONV, ICL_CONVERSION_FULL}},
     .script = {"drop_rates"}},
    {.text = {"synergy", "thread", "Batch norm, dropout, both, or neither, behind the ReLU", "mnist, or fashion-mnist"},
     .stem = "synergy",
     .data = MNIST,
     .recipe = thread_recipe,
     .quick = {.net = "thread07", .seeds = 3, .epochs = 5},
     .full = {.net = "thread07", .seeds = 10, .epochs = 8},
     .arm = {{"neither", 0, ICL_ORDER_NONE, 0, ICL_SKIP_CONV, ICL_CONVERSION_FULL},
             {"dropout", 1, ICL_ORDER_DROP_ONLY, .05, ICL_SKIP_CONV, ICL_CONVERSION_FULL},
             {"batch norm", 2, ICL_ORDER_BN_AFTER, 0, ICL_SKIP_CONV, ICL_CONVERSION_FULL},
             {"both", 3, ICL_ORDER_IC, .05, ICL_SKIP_CONV, ICL_CONVERSION_FULL}},
     .script = {"synergy"}},
    {.text = {"skip-places", "paper, thread", "Four places where the shortcut of a residual block sets out",
              "cifar-10, or fashion-mnist"},
     .stem = "skip_places",
     .data = CIFAR,
     .recipe = small_images_recipe,
     .quick = {.net = "resnet20", .seeds = 3, .epochs = 3, .limit = 3000, .valid_limit = 1000},
     .full = {.net = "resnet110", .seeds = 5, .epochs = 200},
     .arm = {{"conv", 0, ICL_ORDER_IC, .05, ICL_SKIP_CONV, ICL_CONVERSION_FULL},
             {"relu", 1, ICL_ORDER_IC, .05, ICL_SKIP_RELU, ICL_CONVERSION_FULL},
             {"between", 2, ICL_ORDER_IC, .05, ICL_SKIP_BETWEEN, ICL_CONVERSION_FULL},
             {"ic", 3, ICL_ORDER_IC, .05, ICL_SKIP_IC, ICL_CONVERSION_FULL}},
     .script = {"skip_places"}},
    {.text = {"xresnet-conversion", "thread", "XResNet: baseline, conv layers swapped naively, converted in full",
              "imagenette, or fashion-mnist"},
     .stem = "xresnet_conversion",
     .data = IMAGES,
     .recipe = xresnet_recipe,
     .quick = {.net = "xresnet18", .seeds = 3, .epochs = 3, .limit = 2000, .valid_limit = 1000},
     .full = {.net = "xresnet34", .seeds = 5, .epochs = 10},
     .arm = {{"baseline", 0, ICL_ORDER_CONV_BN_RELU, 0, ICL_SKIP_CONV, ICL_CONVERSION_FULL},
             {"naive", 1, ICL_ORDER_IC, .05, ICL_SKIP_CONV, ICL_CONVERSION_NAIVE},
             {"full", 2, ICL_ORDER_IC, .05, ICL_SKIP_CONV, ICL_CONVERSION_FULL}},
     .script = {"xresnet_conversion"}},
    {.text = {"curves", "paper", "Accuracy against epoch of a ResNet, with its spread over seeds",
              "cifar-10 (or --data cifar-100), or fashion-mnist"},
     .stem = "curves",
     .data = CIFAR,
     .recipe = small_images_recipe,
     .quick = {.net = "resnet20", .seeds = 3, .epochs = 5, .limit = 3000, .valid_limit = 1000},
     .full = {.net = "resnet110", .seeds = 5, .epochs = 200},
     .arm = {{"conv-bn-relu", 0, ICL_ORDER_CONV_BN_RELU, 0, ICL_SKIP_CONV, ICL_CONVERSION_FULL},
             {"ic", 1, ICL_ORDER_IC, .05, ICL_SKIP_CONV, ICL_CONVERSION_FULL}},
     .script = {"curves"}},
    {.text = {"trained-pairs", "paper", "Mutual information and correlation of trained pairs against keep",
              "mnist, or fashion-mnist"},
     .stem = "pairs",
     .data = MNIST,
     .recipe = plain_recipe,
     .quick = {.net = "thread07", .seeds = 1, .epochs = 5},
     .full = {.net = "thread07", .seeds = 1, .epochs = 20},
     .arm = {{"ic", 0, ICL_ORDER_IC, .05, ICL_SKIP_CONV, ICL_CONVERSION_FULL}},
     .write = write_pairs,
     .script = {"trained_pairs"}},
    {.text = {"conditioning", "theory", "Condition number of the input of every trained layer",
              "mnist, or fashion-mnist"},
     .stem = "conditioning",
     .data = MNIST,
     .recipe = plain_recipe,
     .quick = {.net = "thread07", .seeds = 1, .epochs = 5},
     .full = {.net = "thread07", .seeds = 1, .epochs = 20},
     .arm = {{"ic", 0, ICL_ORDER_IC, .05, ICL_SKIP_CONV, ICL_CONVERSION_FULL}},
     .write = write_pairs,
     .script = {"conditioning"}},
};
const size_t figure_kind_count = sizeof figure_kinds / sizeof *figure_kinds;
