/* iclab train: trains a network. */
#include <math.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "cli/common.h"
#include "cli/device.h"
#include "core/number.h"
#include "trainer/data.h"
#include "trainer/train.h"

struct settings {
    const char *data, *net, *milestones, *out, *root;
    struct icl_train_spec spec;
    double drop; /* NaN: not given */
    bool resume, quiet, capture, keep_initial, describe;
    uint64_t threads, checkpoint_steps, record_steps, capture_images;
    enum icl_device_choice device;
};

#define SPEC_COUNT(name, letter, member, least, help)                                                                  \
    ICL_COUNT_OPTION(name, letter, "N", struct settings, spec.member, least, UINT32_MAX, help)
#define SPEC_NUMBER(name, member, low, low_open, high, high_open, help)                                                \
    ICL_DOUBLE_OPTION(name, 0, "X", struct settings, spec.member, low, low_open, high, high_open, help)
#define SPEC_CHOICE(name, member, names, help) ICL_CHOICE_OPTION(name, 0, struct settings, spec.member, names, help)
#define SPEC_FLAG(name, member, help)          ICL_FLAG_OPTION(name, 0, struct settings, spec.member, help)

/* The words of the options are the lists of trainer/spec.h, which are no constants. */
static const struct icl_option *make_options(size_t *count)
{
    const struct icl_option options[] = {
        ICL_STRING_OPTION("data", 'd', "NAME", struct settings, data, "the data set (iclab data list)"),
        ICL_STRING_OPTION("net", 'n', "NAME", struct settings, net, "the network; the list is below"),
        SPEC_CHOICE("order", order, icl_order_names, "what stands between two weight layers"),
        SPEC_CHOICE("skip", skip, icl_skip_names, "where the shortcut of a residual block sets out"),
        SPEC_CHOICE("conversion", conversion, icl_conversion_names,
                    "a stage behind every conv, or each conv layer swapped where it stands"),
        SPEC_FLAG("general-relu", general_relu, "GeneralReLU (leak .1, less .4, at most 6) instead of ReLU"),
        ICL_DOUBLE_OPTION("drop", 'r', "R", struct settings, drop, 0, false, 1, true,
                          "probability of a closed gate (default 0.05 where the order has a dropout)"),
        SPEC_CHOICE("gate", gate, icl_train_gate_names, "one gate a value, one for a channel, or Gaussian noise"),
        SPEC_COUNT("epochs", 'e', epochs, 1, "passes over the training images"),
        SPEC_COUNT("batch", 'b', batch, 1, "images of a step"),
        SPEC_CHOICE("optimiser", optimiser, icl_optimiser_names, "how the weights change"),
        SPEC_NUMBER("momentum", momentum, 0, false, 1, true, "of SGD; beta1 of Adam (usually .9)"),
        SPEC_NUMBER("beta2", beta2, 0, false, 1, true, "of Adam"),
        SPEC_NUMBER("epsilon", epsilon, 0, true, INFINITY, true, "of Adam"),
        SPEC_NUMBER("decay", decay, 0, false, INFINITY, true, "weight decay, of every parameter"),
        SPEC_FLAG("decoupled", decoupled, "decay of the weights themselves, not through the gradient"),
        SPEC_CHOICE("schedule", schedule, icl_schedule_names, "how the learning rate changes, step by step"),
        SPEC_NUMBER("rate", rate, 0, true, INFINITY, true, "learning rate, the highest of a schedule"),
        SPEC_NUMBER("rate-start", rate_start, 0, true, INFINITY, true, "linear, cosine: at the beginning"),
        SPEC_NUMBER("rate-end", rate_end, 0, true, INFINITY, true, "linear, cosine: at the end"),
        SPEC_NUMBER("warm", warm, 0, false, 1, false, "linear, cosine: part of the run in which the rate rises"),
        SPEC_NUMBER("momentum-low", momentum_low, -1, false, 1, true,
                    "linear, cosine: the momentum goes down to it and back against the rate; -1: it stays"),
        SPEC_NUMBER("rate-factor", rate_factor, 0, true, INFINITY, true, "step: what the rate is multiplied by"),
        ICL_STRING_OPTION("milestones", 0, "N,N,...", struct settings, milestones, "step: after which epochs"),
        SPEC_NUMBER("smoothing", smoothing, 0, false, 1, true, "label smoothing"),
        SPEC_FLAG("flip", augmentation.flip, "turn images left and right, one in two"),
        SPEC_COUNT("pad", 0, augmentation.pad, 0, "add so many zeros on each side, then cut the old size out"),
        SPEC_FLAG("resized-crop", augmentation.resized_crop, "cut a part of scale .35 - 1 out and resize it"),
        SPEC_COUNT("limit", 0, limit, 0, "training images at most; 0: all"),
        SPEC_COUNT("valid-limit", 0, valid_limit, 0, "validation images at most; 0: all"),
        SPEC_COUNT("size", 0, size, 0, "side of the images, of data sets of image files; 0: the set's own"),
        SPEC_CHOICE("precision", precision, icl_precision_names,
                    "of activations and products; all but f32 on a GPU alone"),
        CLI_SEED_OPTION(struct settings, spec.seed),
        CLI_DEVICE_OPTION(struct settings, device),
        ICL_STRING_OPTION("out", 'o', "DIR", struct settings, out,
                          "the run's folder (default runs/NAME, made of the "
                          "specification)"),
        ICL_STRING_OPTION("root", 0, "DIR", struct settings, root, "the folder of the data sets (default $ICLAB_DATA)"),
        ICL_FLAG_OPTION("resume", 0, struct settings, resume,
                        "go on from the checkpoint in DIR; without one, begin anew"),
        ICL_COUNT_OPTION("checkpoint-steps", 0, "N", struct settings, checkpoint_steps, 0, UINT32_MAX,
                         "steps between checkpoints; 0: one at the end of each epoch"),
        ICL_COUNT_OPTION("record-steps", 0, "N", struct settings, record_steps, 0, UINT32_MAX,
                         "steps between statistics of layers; 0: at the end of each epoch"),
        ICL_FLAG_OPTION("capture", 0, struct settings, capture,
                        "at the end, keep activations before and after every dropout"),
        ICL_COUNT_OPTION("capture-images", 0, "N", struct settings, capture_images, 1, UINT32_MAX,
                         "validation images that go through for it"),
        ICL_FLAG_OPTION("keep-initial", 0, struct settings, keep_initial,
                        "keep the initial parameters and the order of the images"),
        ICL_FLAG_OPTION("describe", 0, struct settings, describe, "print the network, train nothing"),
        ICL_FLAG_OPTION("quiet", 0, struct settings, quiet, "no progress"),
        CLI_THREADS_OPTION(struct settings, threads),
    };
    static struct icl_option made[sizeof options / sizeof *options];
    memcpy(made, options, sizeof made);
    *count = sizeof options / sizeof *options;
    return made;
}

/* ---- the command line ----------------------------------------------------------------------------------------- */

static icl_status copy_word(const char *option, const char *word, char *room, size_t size, struct icl_error *err)
{
    if (strlen(word) >= size) return icl_fail(err, ICL_ERR_USAGE, "--%s: '%.60s' is too long a name", option, word);
    memset(room, 0, size);
    strcpy(room, word);
    return ICL_OK;
}

static icl_status take_milestones(const char *text, struct icl_train_spec *spec, struct icl_error *err)
{
    const size_t most = sizeof spec->milestone / sizeof *spec->milestone;
    spec->milestones = 0;
    for (const char *at = text;;) {
        const size_t length = strcspn(at, ",");
        uint64_t epoch;
        if (icl_parse_count(at, length, &epoch) != ICL_NUMBER_OK)
            return icl_fail(err, ICL_ERR_USAGE, "--milestones: '%.*s' is not a whole number",
                            length < 60 ? (int)length : 60, at);
        if (spec->milestones == most) return icl_fail(err, ICL_ERR_USAGE, "--milestones: more than %zu of them", most);
        spec->milestone[spec->milestones++] = (size_t)epoch;
        if (at[length] == '\0') return ICL_OK;
        at += length + 1;
    }
}

static icl_status take_spec(struct settings *s, struct icl_error *err)
{
    ICL_TRY(copy_word("data", s->data, s->spec.data, sizeof s->spec.data, err));
    ICL_TRY(copy_word("net", s->net, s->spec.net, sizeof s->spec.net, err));
    if (s->milestones != NULL) ICL_TRY(take_milestones(s->milestones, &s->spec, err));
    if (!isnan(s->drop)) s->spec.drop = s->drop;
    ICL_TRY(icl_train_spec_check(&s->spec, err));
    icl_train_spec_normalise(&s->spec);
    if (s->drop > 0 && s->spec.drop == 0)
        return icl_fail(err, ICL_ERR_USAGE, "--drop: the order %s has no dropout", icl_order_names[s->spec.order]);
    return ICL_OK;
}

static void print_networks(void)
{
    printf("\nNetworks:\n");
    for (size_t k = 0; icl_network_names[k] != NULL; k++)
        printf("  %-18s%s\n", icl_network_names[k], icl_network_summary(icl_network_names[k]));
}

/* ---- what is done --------------------------------------------------------------------------------------------- */

static icl_status describe(const struct settings *s, struct icl_error *err)
{
    struct icl_data *data;
    struct icl_network network;
    ICL_TRY(icl_data_open(s->spec.data, ICL_SPLIT_VALID, 1, s->spec.size, s->root, &data, err));
    const struct icl_data_info *info = icl_data_info(data);
    icl_network_init(&network);
    icl_status status =
        icl_network_build(&s->spec, info->height, info->width, info->channels, info->classes, &network, err);
    if (status == ICL_OK) status = icl_network_describe(&network, stdout, err);
    icl_network_free(&network);
    icl_data_close(data);
    return status;
}

static volatile sig_atomic_t stop_asked;

static void ask_to_stop(int number)
{
    (void)number;
    stop_asked = 1;
}

/* The first signal asks for an end after the step, the second one ends at once. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = ask_to_stop, .sa_flags = (int)SA_RESETHAND | SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

static void say(void *context, const char *line)
{
    (void)context;
    cli_say("%s", line);
}

static void report(const struct icl_train_result *r, const char *out, bool resumable)
{
    if (r->outcome == ICL_OUTCOME_DIVERGED)
        printf("diverged at step %zu: loss, gradient or weights are nan or inf\n", r->steps);
    else if (r->outcome == ICL_OUTCOME_FINISHED)
        printf("%s after %zu %s: validation accuracy %.4f (best %.4f in epoch %zu), loss %.4f; training accuracy %.4f, "
               "gates open %.4f\n",
               resumable ? "finished" : "was finished already", r->epochs, r->epochs == 1 ? "epoch" : "epochs",
               r->valid_accuracy, r->best_accuracy, r->best_epoch, r->valid_loss, r->train_accuracy, r->open_accuracy);
    printf("run: %s\n", out);
}

static icl_status train(const struct settings *s, struct icl_device *device, struct cli_call *call,
                        struct icl_error *err)
{
    char out[ICL_SPEC_NAME + 8] = "runs/";
    icl_train_spec_name(&s->spec, out + strlen(out));
    const struct icl_train_options options = {
        .out = s->out != NULL ? s->out : out,
        .root = s->root,
        .threads = (unsigned)s->threads,
        .resume = s->resume,
        .quiet = s->quiet,
        .checkpoint_steps = s->checkpoint_steps,
        .record_steps = s->record_steps,
        .capture = s->capture,
        .capture_images = s->capture_images,
        .keep_initial = s->keep_initial,
        .command = call->line,
        .stop = &stop_asked,
        .device = device,
        .say = s->quiet ? NULL : say,
    };
    struct icl_train_result result;
    bool before = false;
    if (s->resume) ICL_TRY(icl_train_result_read(options.out, &s->spec, &before, &result, err));
    catch_signals();
    ICL_TRY(icl_train(&s->spec, &options, &result, err));
    if (result.outcome == ICL_OUTCOME_STOPPED) {
        cli_say("stopped after step %zu; to go on: %s%s", result.steps, call->line, s->resume ? "" : " --resume");
        call->exit_code = 3;
        return ICL_OK;
    }
    report(&result, options.out, !before);
    struct rusage usage;
    if (!s->quiet && !before && getrusage(RUSAGE_SELF, &usage) == 0)
        cli_say("memory: %.1f MiB at most", (double)usage.ru_maxrss / 1024);
    return ICL_OK;
}

static icl_status train_on_device(const struct settings *s, struct cli_call *call, struct icl_error *err)
{
    struct icl_device *device;
    ICL_TRY(cli_device_open(s->device, &device, err));
    const icl_status status = train(s, device, call, err);
    icl_device_close(device);
    return status;
}

static const char notes[] =
    "Trains a network and writes spec.txt, metrics.tsv, epochs.tsv, layers.tsv, norms.tsv, histograms.npy and\n"
    "result.json into DIR; see the manual for their columns. The same specification gives the same bytes of the\n"
    "tables behind their # lines on any number of threads, and however often the run was stopped and resumed;\n"
    "another device changes their last digits. A run may go on with another device than it was begun with.\n"
    "A run that diverges is a result: exit status 0, and result.json says so. Ctrl-C finishes the step (on a\n"
    "GPU: 32 of them at most) and writes a checkpoint: exit status 3.\n";

icl_status cli_train(struct cli_call *call, struct icl_error *err)
{
    struct settings settings, defaults = {.drop = NAN, .capture_images = 2000};
    icl_train_spec_default(&defaults.spec);
    defaults.data = defaults.spec.data;
    defaults.net = defaults.spec.net;
    struct icl_command command = {
        .name = "iclab train",
        .summary = "Trains a network, with its curves and the statistics of its layers.",
        .defaults = &defaults,
        .settings_size = sizeof defaults,
    };
    command.options = make_options(&command.option_count);
    struct icl_arguments arguments;
    bool done;
    ICL_TRY(cli_parse(&command, notes, call, &settings, &arguments, &done, err));
    if (done) {
        print_networks();
        return ICL_OK;
    }
    ICL_TRY(take_spec(&settings, err));
    return settings.describe ? describe(&settings, err) : train_on_device(&settings, call, err);
}
