/* Which networks the claims need, and the list of their runs. */
#include <stdlib.h>
#include <string.h>

#include "experiments/training_internal.h"

/* Names of orders, places and conversions as they are written in the table. */
#define BASE  ICL_ORDER_CONV_BN_RELU
#define IC    ICL_ORDER_IC
#define AFTER ICL_ORDER_BN_AFTER
#define DROPS ICL_ORDER_DROP_ONLY
#define NONE  ICL_ORDER_NONE
#define CONV  ICL_SKIP_CONV
#define FULL  ICL_CONVERSION_FULL
#define NAIVE ICL_CONVERSION_NAIVE

#define THREAD(word, claims, order, drop, constant, epochs, seeds_quick, seeds_full)                                   \
    word, claims, "thread07", order, drop, CONV, FULL, constant, epochs, 0, 0,                                         \
    {                                                                                                                  \
        seeds_quick, seeds_full                                                                                        \
    }
#define RATE(word, order, drop, rate)                                                                                  \
    {                                                                                                                  \
        "thread07-rates", word, "c19", "thread07", order, drop, CONV, FULL, rate, 1, 20000, 2,                         \
        {                                                                                                              \
            3, 5                                                                                                       \
        }                                                                                                              \
    }
#define RATES(word, order, drop)                                                                                       \
    RATE(word, order, drop, .2), RATE(word, order, drop, .8), RATE(word, order, drop, 3.2),                            \
        RATE(word, order, drop, 12.8), RATE(word, order, drop, 51.2)
#define SKIP(word, skip)                                                                                               \
    {                                                                                                                  \
        "resnet20", word, "c20", "resnet20", IC, .05, skip, FULL, .1, 4, 10000, 0,                                     \
        {                                                                                                              \
            5, 8                                                                                                       \
        }                                                                                                              \
    }
#define XRES(word, order, conversion)                                                                                  \
    {                                                                                                                  \
        "xresnet18", word, "c21", "xresnet18", order, .05, CONV, conversion, .1, 4, 10000, 0,                          \
        {                                                                                                              \
            5, 8                                                                                                       \
        }                                                                                                              \
    }

const struct training_condition training_conditions[] = {
    /* two epochs, one seed in a quick run: what the default run trains */
    {"thread07-short", THREAD("ic", "c10 c11 c17 c22", IC, .05, 0, 2, 1, 5)},
    {"thread07-short", THREAD("baseline", "c10 c17", BASE, 0, 0, 2, 1, 5)},
    {"thread07", THREAD("ic", "c12 c13 c14 c16 c18", IC, .05, 0, 5, 5, 10)},
    {"thread07", THREAD("baseline", "c12 c13 c14 c18", BASE, 0, 0, 5, 5, 10)},
    {"thread07", THREAD("drop00", "c16 c18", IC, 0, 0, 5, 5, 10)},
    {"thread07", THREAD("drop01", "c16 c18", IC, .01, 0, 5, 5, 10)},
    {"thread07", THREAD("drop03", "c16 c18", IC, .03, 0, 5, 5, 10)},
    {"thread07", THREAD("drop10", "c16 c18", IC, .10, 0, 5, 5, 10)},
    {"thread07", THREAD("drop20", "c16 c18", IC, .20, 0, 5, 5, 10)},
    /* one rate for all four, so that nothing but the layers differs: .4 is what trains without BN, too */
    {"thread07-constant", THREAD("none", "c15", NONE, 0, .4, 5, 5, 10)},
    {"thread07-constant", THREAD("bn", "c15", AFTER, 0, .4, 5, 5, 10)},
    {"thread07-constant", THREAD("drop", "c15", DROPS, .05, .4, 5, 5, 10)},
    {"thread07-constant", THREAD("both", "c15", IC, .05, .4, 5, 5, 10)},
    RATES("none", NONE, 0),
    RATES("baseline", BASE, 0),
    RATES("ic", IC, .05),
    SKIP("conv", ICL_SKIP_CONV),
    SKIP("relu", ICL_SKIP_RELU),
    SKIP("ic", ICL_SKIP_IC),
    SKIP("between", ICL_SKIP_BETWEEN),
    XRES("baseline", BASE, FULL),
    XRES("naive", IC, NAIVE),
    XRES("full", IC, FULL),
};
const size_t training_condition_count = sizeof training_conditions / sizeof training_conditions[0];

static bool serves(const struct training_condition *condition, const char *id)
{
    return strstr(condition->claims, id) != NULL;
}

/* "c12" of "c12.thread07.accuracy". */
static void family_of(const struct icl_claim *claim, char family[8])
{
    snprintf(family, 8, "%.*s", (int)strcspn(claim->id, "."), claim->id);
}

bool training_is_needed(const struct icl_claim *claim)
{
    char family[8];
    family_of(claim, family);
    for (size_t c = 0; c < training_condition_count; c++)
        if (serves(&training_conditions[c], family)) return true;
    return false;
}

bool training_is_heavy(const struct icl_claim *claim)
{
    char family[8];
    family_of(claim, family);
    for (size_t c = 0; c < training_condition_count; c++)
        if (serves(&training_conditions[c], family) && training_conditions[c].seeds[0] > 1) return true;
    return false;
}

size_t training_runs_of(const char *id, bool full)
{
    size_t count = 0;
    for (size_t c = 0; c < training_condition_count; c++)
        if (serves(&training_conditions[c], id)) count += training_conditions[c].seeds[full];
    return count;
}

static void make_spec(const struct training_condition *c, uint64_t seed, struct icl_train_spec *spec)
{
    icl_train_spec_default(spec);
    snprintf(spec->net, sizeof spec->net, "%s", c->net);
    spec->order = c->order;
    spec->drop = c->drop;
    spec->skip = c->skip;
    spec->conversion = c->conversion;
    spec->epochs = c->epochs;
    spec->limit = c->limit;
    spec->seed = seed;
    if (c->constant > 0) {
        spec->schedule = ICL_SCHEDULE_CONSTANT;
        spec->rate = c->constant;
    }
    if (strcmp(c->net, "thread07") != 0) { /* deep networks: momentum, and smaller batches for more steps */
        spec->batch = 128;
        spec->momentum = .9;
    }
    icl_train_spec_normalise(spec);
}

static bool is_wanted(const struct training_condition *condition, const struct icl_registry *registry,
                      const struct finding *finding)
{
    for (size_t i = 0; i < registry->count; i++) {
        char family[8];
        family_of(&registry->claim[i], family);
        if (finding[i].selected && !finding[i].set_aside && serves(condition, family)) return true;
    }
    return false;
}

icl_status training_plan(struct training *training, const struct icl_registry *registry, const struct finding *finding,
                         uint64_t seed, bool full, struct icl_error *err)
{
    size_t room = 0;
    for (size_t c = 0; c < training_condition_count; c++)
        room += training_conditions[c].seeds[full];
    *training =
        (struct training){.run = calloc(room, sizeof *training->run), .member = calloc(room, sizeof *training->member)};
    if (training->run == NULL || training->member == NULL) return icl_fail_memory(err, "the list of runs");
    for (size_t c = 0; c < training_condition_count; c++) {
        const struct training_condition *condition = &training_conditions[c];
        if (!is_wanted(condition, registry, finding)) continue;
        for (size_t s = 0; s < condition->seeds[full]; s++, training->count++) {
            struct icl_run *run = &training->run[training->count];
            make_spec(condition, seed + s, &run->spec);
            run->record_steps = condition->record_steps;
            training->member[training->count] = (struct training_member){.condition = condition, .seed = s};
            ICL_TRY(icl_train_spec_check(&run->spec, err));
        }
    }
    return ICL_OK;
}

void training_free(struct training *training)
{
    free(training->run);
    free(training->member);
    *training = (struct training){0};
}
