/* Specifications of training runs: defaults, the normal form, what makes no sense. Their text is in spec_text.c. */
#include "trainer/spec.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "trainer/networks_internal.h"

void icl_train_spec_default(struct icl_train_spec *spec)
{
    *spec = (struct icl_train_spec){.data = "fashion-mnist",
                                    .net = "thread07",
                                    .order = ICL_ORDER_IC,
                                    .skip = ICL_SKIP_CONV,
                                    .conversion = ICL_CONVERSION_FULL,
                                    .drop = 0.05,
                                    .gate = ICL_GATE_INDEPENDENT,
                                    .epochs = 5,
                                    .batch = 512,
                                    .optimiser = ICL_OPTIMISER_SGD,
                                    .beta2 = 0.99,
                                    .epsilon = 1e-6,
                                    .schedule = ICL_SCHEDULE_LINEAR,
                                    .rate = 2.0,
                                    .rate_start = 0.6,
                                    .rate_end = 0.1,
                                    .warm = 0.3,
                                    .momentum_low = -1.0,
                                    .rate_factor = 0.1};
}

/* ---- the normal form ------------------------------------------------------------------------------------------ */

static bool moves(const struct icl_train_spec *spec)
{
    return spec->schedule == ICL_SCHEDULE_LINEAR || spec->schedule == ICL_SCHEDULE_COSINE;
}

static void normalise_dropout(struct icl_train_spec *spec)
{
    if (!icl_order_has_drop(spec->order)) spec->drop = 0.0;
    if (spec->drop == 0.0) {
        spec->drop = 0.0; /* not -0 */
        spec->gate = ICL_GATE_INDEPENDENT;
    }
}

/* One word for each place. */
static enum icl_skip normal_skip(const struct icl_train_spec *spec)
{
    const bool norm = icl_order_has_norm(spec->order), drop = spec->drop > 0.0;
    if (!icl_network_has_blocks(spec->net)) return ICL_SKIP_CONV;
    if (icl_skip_is_fixed(spec)) return ICL_SKIP_RELU;
    if (spec->skip == ICL_SKIP_CONV) return ICL_SKIP_CONV;
    if (!norm && !drop) return ICL_SKIP_RELU;
    if (spec->skip == ICL_SKIP_BETWEEN && !norm) return ICL_SKIP_RELU;
    if (spec->skip == ICL_SKIP_BETWEEN && !drop) return ICL_SKIP_IC;
    return spec->skip;
}

static void normalise_optimiser(struct icl_train_spec *spec, const struct icl_train_spec *standard)
{
    if (spec->optimiser == ICL_OPTIMISER_SGD) {
        spec->beta2 = standard->beta2;
        spec->epsilon = standard->epsilon;
    }
    if (spec->decay == 0.0) spec->decoupled = false;
}

static void normalise_schedule(struct icl_train_spec *spec, const struct icl_train_spec *standard)
{
    if (!moves(spec)) {
        spec->rate_start = standard->rate_start;
        spec->rate_end = standard->rate_end;
        spec->warm = standard->warm;
    }
    if (!moves(spec) || spec->momentum_low < 0.0) spec->momentum_low = standard->momentum_low;
    if (spec->schedule != ICL_SCHEDULE_STEP) {
        spec->rate_factor = standard->rate_factor;
        spec->milestones = 0;
    }
    while (spec->milestones > 0 && spec->milestone[spec->milestones - 1] >= spec->epochs)
        spec->milestones--;
    for (size_t i = spec->milestones; i < sizeof spec->milestone / sizeof *spec->milestone; i++)
        spec->milestone[i] = 0;
}

void icl_train_spec_normalise(struct icl_train_spec *spec)
{
    struct icl_train_spec standard;
    icl_train_spec_default(&standard);
    normalise_dropout(spec);
    spec->skip = normal_skip(spec);
    normalise_optimiser(spec, &standard);
    normalise_schedule(spec, &standard);
}

/* ---- what makes no sense -------------------------------------------------------------------------------------- */

/* A member and the interval it has to be in; `open` leaves an end out. NaN is in none. */
struct bound {
    const char *option;
    double value, low, high;
    bool low_open, high_open;
};

static icl_status check_bounds(const struct bound *bounds, size_t count, struct icl_error *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct bound *b = &bounds[i];
        const bool above = b->low_open ? b->value > b->low : b->value >= b->low;
        const bool below = b->high_open ? b->value < b->high : b->value <= b->high;
        if (!above || !below)
            return icl_fail(err, ICL_ERR_USAGE, "--%s: %g is not in %c%g, %g%c", b->option, b->value,
                            b->low_open ? '(' : '[', b->low, b->high, b->high_open ? ')' : ']');
    }
    return ICL_OK;
}

static icl_status check_word(const char *option, const char *word, size_t room, struct icl_error *err)
{
    if (memchr(word, '\0', room) == NULL) return icl_fail(err, ICL_ERR_USAGE, "--%s: the name is too long", option);
    if (*word == '\0') return icl_fail(err, ICL_ERR_USAGE, "--%s: there is no name", option);
    for (; *word != '\0'; word++)
        if (!isgraph((unsigned char)*word))
            return icl_fail(err, ICL_ERR_USAGE, "--%s: a space or a control character in the name", option);
    return ICL_OK;
}

static icl_status check_choices(const struct icl_train_spec *spec, struct icl_error *err)
{
    const struct {
        const char *option;
        unsigned value;
        const char *const *names;
    } choices[] = {{"order", (unsigned)spec->order, icl_order_names},
                   {"skip", (unsigned)spec->skip, icl_skip_names},
                   {"conversion", (unsigned)spec->conversion, icl_conversion_names},
                   {"gate", (unsigned)spec->gate, icl_train_gate_names},
                   {"optimiser", (unsigned)spec->optimiser, icl_optimiser_names},
                   {"schedule", (unsigned)spec->schedule, icl_schedule_names},
                   {"precision", (unsigned)spec->precision, icl_precision_names}};
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        unsigned count = 0;
        while (choices[i].names[count] != NULL)
            count++;
        if (choices[i].value >= count)
            return icl_fail(err, ICL_ERR_USAGE, "--%s: there is no choice %u", choices[i].option, choices[i].value);
    }
    return ICL_OK;
}

static icl_status check_optimiser(const struct icl_train_spec *spec, struct icl_error *err)
{
    const struct bound bounds[] = {{"momentum", spec->momentum, 0.0, 1.0, false, true},
                                   {"decay", spec->decay, 0.0, INFINITY, false, true},
                                   {"smoothing", spec->smoothing, 0.0, 1.0, false, true},
                                   {"beta2", spec->beta2, 0.0, 1.0, false, true},
                                   {"epsilon", spec->epsilon, 0.0, INFINITY, true, true}};
    return check_bounds(bounds, spec->optimiser == ICL_OPTIMISER_ADAM ? 5 : 3, err);
}

static icl_status check_milestones(const struct icl_train_spec *spec, struct icl_error *err)
{
    const size_t most = sizeof spec->milestone / sizeof *spec->milestone;
    if (spec->milestones > most)
        return icl_fail(err, ICL_ERR_USAGE, "--milestones: %zu of them, at most %zu", spec->milestones, most);
    for (size_t i = 0; i < spec->milestones; i++)
        if (spec->milestone[i] <= (i == 0 ? 0 : spec->milestone[i - 1]))
            return icl_fail(err, ICL_ERR_USAGE, "--milestones: %zu is not above %s%zu: they rise from 1",
                            spec->milestone[i], i == 0 ? "" : "the one before, ", i == 0 ? 0 : spec->milestone[i - 1]);
    if (spec->milestones == 0 || spec->milestone[0] >= spec->epochs)
        return icl_fail(err, ICL_ERR_USAGE, "--milestones: schedule step needs one before the end (%zu epochs)",
                        spec->epochs);
    return ICL_OK;
}

static icl_status check_schedule(const struct icl_train_spec *spec, struct icl_error *err)
{
    const struct bound rate = {"rate", spec->rate, 0.0, INFINITY, true, true};
    const struct bound moving[] = {{"rate-start", spec->rate_start, 0.0, INFINITY, true, true},
                                   {"rate-end", spec->rate_end, 0.0, INFINITY, true, true},
                                   {"warm", spec->warm, 0.0, 1.0, false, false},
                                   {"momentum-low", spec->momentum_low, -INFINITY, spec->momentum, false, false}};
    const struct bound factor = {"rate-factor", spec->rate_factor, 0.0, INFINITY, true, true};
    ICL_TRY(check_bounds(&rate, 1, err));
    if (moves(spec)) ICL_TRY(check_bounds(moving, sizeof moving / sizeof *moving, err));
    if (spec->schedule != ICL_SCHEDULE_STEP) return ICL_OK;
    ICL_TRY(check_bounds(&factor, 1, err));
    return check_milestones(spec, err);
}

icl_status icl_train_spec_check(const struct icl_train_spec *spec, struct icl_error *err)
{
    ICL_TRY(check_word("data", spec->data, sizeof spec->data, err));
    ICL_TRY(check_word("net", spec->net, sizeof spec->net, err));
    ICL_TRY(check_choices(spec, err));
    ICL_TRY(icl_network_check(spec, err));
    /* Epochs and steps are numbers of 32 bits in the streams of the draws. */
    const struct bound counts[] = {{"epochs", (double)spec->epochs, 1, UINT32_MAX, false, false},
                                   {"batch", (double)spec->batch, 1, UINT32_MAX, false, false}};
    const struct bound drop = {"drop", spec->drop, 0.0, 1.0, false, true};
    ICL_TRY(check_bounds(counts, 2, err));
    if (icl_order_has_drop(spec->order)) ICL_TRY(check_bounds(&drop, 1, err));
    ICL_TRY(check_optimiser(spec, err));
    return check_schedule(spec, err);
}
