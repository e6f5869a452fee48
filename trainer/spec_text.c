/* Specifications as text: one table of the members for writing and reading, and names made from the text. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/number.h"
#include "trainer/networks_internal.h"
#include "trainer/spec.h"

const char *const icl_order_names[] = {"conv-bn-relu", "ic", "bn-after", "drop-only", "none", NULL};
const char *const icl_skip_names[] = {"conv", "relu", "ic", "between", NULL};
const char *const icl_conversion_names[] = {"full", "naive", NULL};
const char *const icl_optimiser_names[] = {"sgd", "adam", NULL};
const char *const icl_schedule_names[] = {"constant", "step", "linear", "cosine", NULL};
const char *const icl_train_gate_names[] = {"independent", "shared", "gaussian", NULL};
const char *const icl_precision_names[] = {"f32", "tf32", "bf16", NULL};
static const char *const flag_names[] = {"no", "yes", NULL};

enum member_kind { WORD, COUNT, SEED, NUMBER, FLAG, CHOICE, MILESTONES };

static const struct member {
    const char *key;
    enum member_kind kind;
    size_t offset, size;
    const char *const *names;
    bool optional; /* not written where it is 0, and 0 where it is missing */
} members[] = {
#define PLACE(member) offsetof(struct icl_train_spec, member), sizeof((struct icl_train_spec *)0)->member
#define MEMBER(key, kind, member, names)                                                                               \
    {                                                                                                                  \
        key, kind, PLACE(member), names, false                                                                         \
    }
    MEMBER("data", WORD, data, NULL),
    MEMBER("net", WORD, net, NULL),
    MEMBER("limit", COUNT, limit, NULL),
    MEMBER("valid-limit", COUNT, valid_limit, NULL),
    MEMBER("size", COUNT, size, NULL),
    MEMBER("order", CHOICE, order, icl_order_names),
    MEMBER("skip", CHOICE, skip, icl_skip_names),
    MEMBER("conversion", CHOICE, conversion, icl_conversion_names),
    MEMBER("general-relu", FLAG, general_relu, flag_names),
    MEMBER("drop", NUMBER, drop, NULL),
    MEMBER("gate", CHOICE, gate, icl_train_gate_names),
    MEMBER("epochs", COUNT, epochs, NULL),
    MEMBER("batch", COUNT, batch, NULL),
    MEMBER("optimiser", CHOICE, optimiser, icl_optimiser_names),
    MEMBER("momentum", NUMBER, momentum, NULL),
    MEMBER("beta2", NUMBER, beta2, NULL),
    MEMBER("epsilon", NUMBER, epsilon, NULL),
    MEMBER("decay", NUMBER, decay, NULL),
    MEMBER("decoupled", FLAG, decoupled, flag_names),
    MEMBER("schedule", CHOICE, schedule, icl_schedule_names),
    MEMBER("rate", NUMBER, rate, NULL),
    MEMBER("rate-start", NUMBER, rate_start, NULL),
    MEMBER("rate-end", NUMBER, rate_end, NULL),
    MEMBER("warm", NUMBER, warm, NULL),
    MEMBER("momentum-low", NUMBER, momentum_low, NULL),
    MEMBER("rate-factor", NUMBER, rate_factor, NULL),
    MEMBER("milestones", MILESTONES, milestone, NULL),
    MEMBER("smoothing", NUMBER, smoothing, NULL),
    MEMBER("flip", FLAG, augmentation.flip, flag_names),
    MEMBER("pad", COUNT, augmentation.pad, NULL),
    MEMBER("resized-crop", FLAG, augmentation.resized_crop, flag_names),
    MEMBER("seed", SEED, seed, NULL),
    {"precision", CHOICE, PLACE(precision), icl_precision_names, true},
#undef MEMBER
#undef PLACE
};
enum { MEMBERS = sizeof members / sizeof *members, MOST_MILESTONES = 8 };

_Static_assert(sizeof(enum icl_order) == sizeof(unsigned), "choices are read and written as unsigned");
_Static_assert(MOST_MILESTONES == sizeof((struct icl_train_spec *)0)->milestone / sizeof(size_t), "milestones");

/* ---- writing -------------------------------------------------------------------------------------------------- */

static void write_milestones(const struct icl_train_spec *spec, char *out, size_t room)
{
    snprintf(out, room, "none");
    for (size_t i = 0, at = 0; i < spec->milestones && i < MOST_MILESTONES; i++)
        at += (size_t)snprintf(out + at, room - at, "%s%zu", i == 0 ? "" : ",", spec->milestone[i]);
}

static void write_value(const struct icl_train_spec *spec, const struct member *m, char *out, size_t room)
{
    const void *at = (const char *)spec + m->offset;
    char number[ICL_NUMBER_SIZE];
    switch (m->kind) {
    case WORD:
        snprintf(out, room, "%.*s", (int)m->size - 1, (const char *)at);
        break;
    case COUNT:
        snprintf(out, room, "%zu", *(const size_t *)at);
        break;
    case SEED:
        snprintf(out, room, "%llu", (unsigned long long)*(const uint64_t *)at);
        break;
    case NUMBER:
        snprintf(out, room, "%s", icl_format_number(*(const double *)at, number));
        break;
    case FLAG:
        snprintf(out, room, "%s", m->names[*(const bool *)at]);
        break;
    case CHOICE:
        snprintf(out, room, "%s", m->names[*(const unsigned *)at]);
        break;
    case MILESTONES:
        write_milestones(spec, out, room);
        break;
    }
}

/* Optional members are choices. */
static bool is_left_out(const struct icl_train_spec *spec, const struct member *m)
{
    return m->optional && *(const unsigned *)(const void *)((const char *)spec + m->offset) == 0;
}

void icl_train_spec_text(const struct icl_train_spec *spec, char *buffer)
{
    struct icl_train_spec normal = *spec;
    icl_train_spec_normalise(&normal);
    size_t at = 0;
    for (size_t i = 0; i < MEMBERS; i++) {
        char value[256];
        if (is_left_out(&normal, &members[i])) continue;
        write_value(&normal, &members[i], value, sizeof value);
        at += (size_t)snprintf(buffer + at, ICL_SPEC_TEXT - at, "%s %s\n", members[i].key, value);
    }
}

/* ---- reading -------------------------------------------------------------------------------------------------- */

static bool read_milestones(struct icl_train_spec *spec, const char *text, size_t length)
{
    spec->milestones = 0;
    memset(spec->milestone, 0, sizeof spec->milestone);
    if (length == 4 && strncmp(text, "none", 4) == 0) return true;
    for (const char *end = text + length; text <= end;) {
        const char *comma = memchr(text, ',', (size_t)(end - text));
        const size_t part = (size_t)((comma == NULL ? end : comma) - text);
        uint64_t epoch;
        if (spec->milestones == MOST_MILESTONES || icl_parse_count(text, part, &epoch) != ICL_NUMBER_OK) return false;
        spec->milestone[spec->milestones++] = (size_t)epoch;
        text += part + 1;
    }
    return true;
}

static bool read_name(const char *const *names, const char *text, size_t length, unsigned *value)
{
    for (unsigned i = 0; names[i] != NULL; i++)
        if (strlen(names[i]) == length && strncmp(names[i], text, length) == 0) {
            *value = i;
            return true;
        }
    return false;
}

/* False where the text is no such value. */
static bool read_value(struct icl_train_spec *spec, const struct member *m, const char *text, size_t length)
{
    void *at = (char *)spec + m->offset;
    uint64_t count;
    unsigned choice;
    switch (m->kind) {
    case WORD:
        if (length == 0 || length >= m->size) return false;
        memset(at, 0, m->size);
        memcpy(at, text, length);
        return true;
    case COUNT:
        if (icl_parse_count(text, length, &count) != ICL_NUMBER_OK || count > SIZE_MAX) return false;
        *(size_t *)at = (size_t)count;
        return true;
    case SEED:
        return icl_parse_count(text, length, (uint64_t *)at) == ICL_NUMBER_OK;
    case NUMBER:
        return icl_parse_double(text, length, (double *)at) == ICL_NUMBER_OK;
    case FLAG:
        if (!read_name(m->names, text, length, &choice)) return false;
        *(bool *)at = choice == 1;
        return true;
    case CHOICE:
        return read_name(m->names, text, length, (unsigned *)at);
    case MILESTONES:
        return read_milestones(spec, text, length);
    }
    return false;
}

static const struct member *find(const char *key, size_t length)
{
    for (size_t i = 0; i < MEMBERS; i++)
        if (strlen(members[i].key) == length && strncmp(members[i].key, key, length) == 0) return &members[i];
    return NULL;
}

/* One line of `length` bytes, number `line`. */
static icl_status read_line(struct icl_train_spec *spec, bool *seen, const char *text, size_t length, size_t line,
                            struct icl_error *err)
{
    if (length == 0 || *text == '#') return ICL_OK;
    const char *space = memchr(text, ' ', length);
    const size_t key = space == NULL ? length : (size_t)(space - text);
    const int shown = (int)(key < 64 ? key : 64);
    const struct member *m = find(text, key);
    if (m == NULL)
        return icl_fail(err, ICL_ERR_INPUT, "specification, line %zu: unknown key '%.*s'", line, shown, text);
    if (seen[m - members])
        return icl_fail(err, ICL_ERR_INPUT, "specification, line %zu: '%s' a second time", line, m->key);
    seen[m - members] = true;
    const char *value = space == NULL ? text + length : space + 1;
    const size_t rest = (size_t)(text + length - value);
    if (!read_value(spec, m, value, rest))
        return icl_fail(err, ICL_ERR_INPUT, "specification, line %zu: '%.*s' is no value of '%s'", line,
                        (int)(rest < 64 ? rest : 64), value, m->key);
    return ICL_OK;
}

icl_status icl_train_spec_parse(const char *text, struct icl_train_spec *spec, struct icl_error *err)
{
    struct icl_train_spec read;
    bool seen[MEMBERS] = {false};
    memset(&read, 0, sizeof read);
    size_t lines = 0;
    while (*text != '\0') {
        const size_t length = strcspn(text, "\n");
        ICL_TRY(read_line(&read, seen, text, length, ++lines, err));
        text += length + (text[length] == '\n');
    }
    for (size_t i = 0; i < MEMBERS; i++)
        if (!seen[i] && !members[i].optional)
            return icl_fail(err, ICL_ERR_INPUT, "specification of %zu lines: '%s' is missing", lines, members[i].key);
    *spec = read;
    return ICL_OK;
}

/* ---- names ---------------------------------------------------------------------------------------------------- */

/* FNV-1a of 64 bits (Fowler, Noll, Vo), folded to 48. */
static uint64_t checksum(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return (hash >> 48) ^ (hash & ((UINT64_C(1) << 48) - 1));
}

void icl_train_spec_name(const struct icl_train_spec *spec, char *buffer)
{
    struct icl_train_spec normal = *spec;
    icl_train_spec_normalise(&normal);
    char text[ICL_SPEC_TEXT], drop[32] = "";
    icl_train_spec_text(&normal, text);
    const bool places = icl_network_has_blocks(normal.net) && !icl_skip_is_fixed(&normal);
    if (normal.drop > 0.0) snprintf(drop, sizeof drop, "-drop%02g", 100.0 * normal.drop);
    snprintf(buffer, ICL_SPEC_NAME, "%.31s-%s%s%s%s%s-s%llu-%012llx", normal.net, icl_order_names[normal.order],
             normal.conversion == ICL_CONVERSION_NAIVE ? "-naive" : "", places ? "-" : "",
             places ? icl_skip_names[normal.skip] : "", drop, (unsigned long long)normal.seed,
             (unsigned long long)checksum(text));
}
