/* Specifications of runs: text there and back, the normal form, every error, names. */
#include "tests/core_support.h"
#include "trainer/spec.h"

static const uint64_t seed = 20261122;
static struct icl_error err;

static struct icl_train_spec standard(void)
{
    struct icl_train_spec spec;
    icl_train_spec_default(&spec);
    return spec;
}

static double random_fraction(uint64_t *state)
{
    return (double)(random_bits(state) >> 11) * 0x1p-53;
}

static size_t pick(uint64_t *state, size_t count)
{
    return (size_t)(random_bits(state) % count);
}

/* A specification that passes the check, every member drawn. */
static struct icl_train_spec random_spec(uint64_t *state)
{
    static const char *const nets[] = {"thread07", "resnet20", "xresnet34-prefix"};
    struct icl_train_spec s;
    memset(&s, 0, sizeof s);
    snprintf(s.data, sizeof s.data, "data-%llx", (unsigned long long)random_bits(state));
    snprintf(s.net, sizeof s.net, "%s", nets[pick(state, 3)]);
    s.limit = pick(state, 3) == 0 ? 0 : (size_t)(random_bits(state) >> 20);
    s.valid_limit = pick(state, 10000);
    s.size = pick(state, 256);
    s.order = (enum icl_order)pick(state, 5);
    s.skip = (enum icl_skip)(s.net[0] == 't' ? 0 : pick(state, 4));
    s.conversion = (enum icl_conversion)(s.order == ICL_ORDER_CONV_BN_RELU ? 0 : pick(state, 2));
    if ((s.order == ICL_ORDER_CONV_BN_RELU || s.conversion == ICL_CONVERSION_NAIVE) && s.skip != ICL_SKIP_RELU)
        s.skip = ICL_SKIP_CONV;
    s.general_relu = pick(state, 2) == 1;
    s.drop = pick(state, 4) == 0 ? 0.0 : random_fraction(state);
    s.gate = (enum icl_gate)pick(state, 3);
    s.epochs = 9 + pick(state, 200);
    s.batch = 1 + pick(state, 4096);
    s.optimiser = (enum icl_optimiser)pick(state, 2);
    s.momentum = random_fraction(state);
    s.beta2 = random_fraction(state);
    s.epsilon = 1e-9 + random_fraction(state);
    s.decay = pick(state, 2) == 0 ? 0.0 : random_fraction(state);
    s.decoupled = pick(state, 2) == 1;
    s.schedule = (enum icl_schedule)pick(state, 4);
    s.rate = 1e-300 + random_fraction(state);
    s.rate_start = 1e-5 + random_fraction(state);
    s.rate_end = 1e-5 + random_fraction(state);
    s.warm = random_fraction(state);
    s.momentum_low = pick(state, 2) == 0 ? -1.0 - random_fraction(state) : s.momentum * random_fraction(state);
    s.rate_factor = 1e-5 + random_fraction(state);
    s.milestones = 1 + pick(state, 8);
    for (size_t i = 0; i < s.milestones; i++)
        s.milestone[i] = i + 1 + (i == 0 ? 0 : s.milestone[i - 1]);
    s.smoothing = random_fraction(state);
    s.augmentation = (struct icl_augmentation){pick(state, 2) == 1, pick(state, 9), pick(state, 2) == 1};
    s.precision = (enum icl_precision)pick(state, 3);
    s.seed = random_bits(state);
    return s;
}

static void assert_equal_specs(const struct icl_train_spec *a, const struct icl_train_spec *b)
{
    assert_string_equal(a->data, b->data);
    assert_string_equal(a->net, b->net);
#define SAME_COUNT(member) assert_int_equal(a->member, b->member)
    SAME_COUNT(limit);
    SAME_COUNT(valid_limit);
    SAME_COUNT(size);
    SAME_COUNT(order);
    SAME_COUNT(skip);
    SAME_COUNT(conversion);
    SAME_COUNT(general_relu);
    SAME_COUNT(gate);
    SAME_COUNT(epochs);
    SAME_COUNT(batch);
    SAME_COUNT(optimiser);
    SAME_COUNT(decoupled);
    SAME_COUNT(schedule);
    SAME_COUNT(milestones);
    for (size_t i = 0; i < 8; i++)
        SAME_COUNT(milestone[i]);
    SAME_COUNT(augmentation.flip);
    SAME_COUNT(augmentation.pad);
    SAME_COUNT(augmentation.resized_crop);
    SAME_COUNT(precision);
    assert_true(a->seed == b->seed);
    const double left[] = {a->drop,       a->momentum, a->beta2, a->epsilon,      a->decay,       a->rate,
                           a->rate_start, a->rate_end, a->warm,  a->momentum_low, a->rate_factor, a->smoothing};
    const double right[] = {b->drop,       b->momentum, b->beta2, b->epsilon,      b->decay,       b->rate,
                            b->rate_start, b->rate_end, b->warm,  b->momentum_low, b->rate_factor, b->smoothing};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        assert_same(left[i], right[i]);
}

static void text_comes_back(void **state)
{
    (void)state;
    print_message("seed %llu\n", (unsigned long long)seed);
    uint64_t bits = seed;
    for (int i = 0; i < 2000; i++) {
        struct icl_train_spec spec = random_spec(&bits), normal = spec, back;
        assert_ok(icl_train_spec_check(&spec, &err));
        char text[ICL_SPEC_TEXT], again[ICL_SPEC_TEXT];
        icl_train_spec_text(&spec, text);
        assert_true(strlen(text) < ICL_SPEC_TEXT - 256);
        memset(&back, 0x5a, sizeof back);
        assert_ok(icl_train_spec_parse(text, &back, &err));
        icl_train_spec_normalise(&normal);
        assert_equal_specs(&back, &normal);
        icl_train_spec_text(&back, again);
        assert_string_equal(text, again);
        assert_ok(icl_train_spec_check(&back, &err));
        icl_train_spec_normalise(&back);
        assert_equal_specs(&back, &normal);
    }
}

/* Text of a specification, in one of two buffers that take turns. */
static const char *text_of(const struct icl_train_spec *spec)
{
    static char texts[2][ICL_SPEC_TEXT];
    static unsigned turn;
    char *text = texts[turn++ % 2];
    icl_train_spec_text(spec, text);
    return text;
}

/* A specification in which every member has an effect. */
static struct icl_train_spec busy(void)
{
    struct icl_train_spec spec = standard();
    strcpy(spec.net, "resnet20");
    spec.optimiser = ICL_OPTIMISER_ADAM;
    spec.momentum = 0.9;
    spec.decay = 1e-4;
    spec.momentum_low = 0.8;
    return spec;
}

/* Changes one member: the texts differ (or do not). */
#define CHANGED(base, differs, ...)                                                                                    \
    do {                                                                                                               \
        struct icl_train_spec s = (base), before = s;                                                                  \
        __VA_ARGS__;                                                                                                   \
        assert_int_equal(strcmp(text_of(&s), text_of(&before)) != 0, (differs));                                       \
    } while (0)

static void every_member_is_in_the_text(void **state)
{
    (void)state;
    struct icl_train_spec step = busy();
    step.schedule = ICL_SCHEDULE_STEP;
    step.milestones = 2;
    step.milestone[0] = 1;
    step.milestone[1] = 3;
    CHANGED(busy(), true, strcpy(s.data, "mnist"));
    CHANGED(busy(), true, strcpy(s.net, "resnet56"));
    CHANGED(busy(), true, s.limit = 7);
    CHANGED(busy(), true, s.valid_limit = 7);
    CHANGED(busy(), true, s.size = 7);
    CHANGED(busy(), true, s.order = ICL_ORDER_DROP_ONLY);
    CHANGED(busy(), true, s.skip = ICL_SKIP_BETWEEN);
    CHANGED(busy(), true, s.conversion = ICL_CONVERSION_NAIVE);
    CHANGED(busy(), true, s.general_relu = true);
    CHANGED(busy(), true, s.drop = 0.05 + 1e-17 + 0x1p-57);
    CHANGED(busy(), true, s.gate = ICL_GATE_SHARED);
    CHANGED(busy(), true, s.epochs = 6);
    CHANGED(busy(), true, s.batch = 511);
    CHANGED(busy(), true, s.optimiser = ICL_OPTIMISER_SGD);
    CHANGED(busy(), true, s.momentum = 0.91);
    CHANGED(busy(), true, s.beta2 = 0.999);
    CHANGED(busy(), true, s.epsilon = 1e-8);
    CHANGED(busy(), true, s.decay = 0);
    CHANGED(busy(), true, s.decoupled = true);
    CHANGED(busy(), true, s.schedule = ICL_SCHEDULE_COSINE);
    CHANGED(busy(), true, s.rate = 1);
    CHANGED(busy(), true, s.rate_start = 1);
    CHANGED(busy(), true, s.rate_end = 1);
    CHANGED(busy(), true, s.warm = .5);
    CHANGED(busy(), true, s.momentum_low = .7);
    CHANGED(step, true, s.rate_factor = .2);
    CHANGED(step, true, s.milestone[1] = 2);
    CHANGED(step, true, s.milestones = 1);
    CHANGED(busy(), true, s.smoothing = .1);
    CHANGED(busy(), true, s.augmentation.flip = true);
    CHANGED(busy(), true, s.augmentation.pad = 4);
    CHANGED(busy(), true, s.augmentation.resized_crop = true);
    CHANGED(busy(), true, s.seed = UINT64_MAX);
    CHANGED(busy(), true, s.precision = ICL_PRECISION_TF32);
    CHANGED(busy(), true, s.precision = ICL_PRECISION_BF16);
}

static void members_without_effect_are_not(void **state)
{
    (void)state;
    struct icl_train_spec none = busy(), sgd = busy(), still = busy(), constant = busy(), step = busy();
    none.order = ICL_ORDER_NONE;
    CHANGED(none, false, s.drop = 0.4; s.gate = ICL_GATE_SHARED);
    none.order = ICL_ORDER_CONV_BN_RELU;
    CHANGED(none, false, s.drop = 0.4; s.skip = ICL_SKIP_RELU);
    still.drop = 0;
    CHANGED(still, false, s.drop = -0.0; s.gate = ICL_GATE_GAUSSIAN);
    sgd.optimiser = ICL_OPTIMISER_SGD;
    CHANGED(sgd, false, s.beta2 = .5; s.epsilon = 1);
    sgd.decay = 0;
    CHANGED(sgd, false, s.decoupled = true);
    CHANGED(busy(), false, s.rate_factor = .5; s.milestones = 1; s.milestone[0] = 2);
    still.momentum_low = -1;
    CHANGED(still, false, s.momentum_low = -3);
    constant.schedule = ICL_SCHEDULE_CONSTANT;
    CHANGED(constant, false, s.rate_start = 5; s.rate_end = 4; s.warm = .1; s.momentum_low = .2; s.rate_factor = .7);
    step.schedule = ICL_SCHEDULE_STEP;
    step.milestones = 1;
    step.milestone[0] = 1;
    CHANGED(step, false, s.rate_start = 5; s.rate_end = 4; s.warm = .1; s.momentum_low = .2);
    CHANGED(step, false, s.milestones = 3; s.milestone[1] = s.epochs; s.milestone[2] = 77);
}

static enum icl_skip normal_skip(const char *net, enum icl_order order, double drop, enum icl_conversion conversion,
                                 enum icl_skip skip)
{
    struct icl_train_spec spec = standard();
    snprintf(spec.net, sizeof spec.net, "%s", net);
    spec.order = order;
    spec.drop = drop;
    spec.conversion = conversion;
    spec.skip = skip;
    icl_train_spec_normalise(&spec);
    return spec.skip;
}

static void skip_places_have_one_word(void **state)
{
    (void)state;
    const enum icl_skip C = ICL_SKIP_CONV, R = ICL_SKIP_RELU, I = ICL_SKIP_IC, B = ICL_SKIP_BETWEEN;
    /* By order and drop: what conv, relu, ic, between become. */
    const struct {
        enum icl_order order;
        double drop;
        enum icl_skip normal[4];
    } rows[] = {
        {ICL_ORDER_IC, .05, {C, R, I, B}},         {ICL_ORDER_IC, 0, {C, R, I, I}},
        {ICL_ORDER_BN_AFTER, .05, {C, R, I, I}},   {ICL_ORDER_DROP_ONLY, .05, {C, R, I, R}},
        {ICL_ORDER_DROP_ONLY, 0, {C, R, R, R}},    {ICL_ORDER_NONE, .05, {C, R, R, R}},
        {ICL_ORDER_CONV_BN_RELU, 0, {R, R, R, R}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (int skip = 0; skip < 4; skip++) {
            const enum icl_skip s = (enum icl_skip)skip;
            assert_int_equal(normal_skip("resnet20", rows[i].order, rows[i].drop, ICL_CONVERSION_FULL, s),
                             rows[i].normal[skip]);
            assert_int_equal(normal_skip("resnet20", rows[i].order, rows[i].drop, ICL_CONVERSION_NAIVE, s), R);
            assert_int_equal(normal_skip("thread06", rows[i].order, rows[i].drop, ICL_CONVERSION_FULL, s), C);
        }
}

/* ---- errors --------------------------------------------------------------------------------------------------- */

#define REFUSED(word, ...)                                                                                             \
    do {                                                                                                               \
        struct icl_train_spec s = busy();                                                                              \
        __VA_ARGS__;                                                                                                   \
        assert_failure(icl_train_spec_check(&s, &err), ICL_ERR_USAGE, &err, word);                                     \
    } while (0)
#define ACCEPTED(...)                                                                                                  \
    do {                                                                                                               \
        struct icl_train_spec s = busy();                                                                              \
        __VA_ARGS__;                                                                                                   \
        assert_ok(icl_train_spec_check(&s, &err));                                                                     \
    } while (0)

static void senseless_values_are_refused(void **state)
{
    (void)state;
    ACCEPTED((void)s);
    REFUSED("--data", s.data[0] = '\0');
    REFUSED("--data", strcpy(s.data, "two words"));
    REFUSED("--data", strcpy(s.data, "two\nlines"));
    REFUSED("--data", memset(s.data, 'x', sizeof s.data));
    REFUSED("--net", strcpy(s.net, "resnet21"));
    REFUSED("xresnet34-prefix", strcpy(s.net, "resnet21")); /* the list of names, whole */
    REFUSED("--net", s.net[0] = '\0');
    REFUSED("--order", s.order = (enum icl_order)5);
    REFUSED("--skip", s.skip = (enum icl_skip)4);
    REFUSED("--conversion", s.conversion = (enum icl_conversion)2);
    REFUSED("--gate", s.gate = (enum icl_gate)3);
    REFUSED("--optimiser", s.optimiser = (enum icl_optimiser)2);
    REFUSED("--schedule", s.schedule = (enum icl_schedule)4);
    REFUSED("--precision", s.precision = (enum icl_precision)3);
    REFUSED("--epochs", s.epochs = 0);
    REFUSED("--epochs", s.epochs = (size_t)UINT32_MAX + 1);
    REFUSED("--batch", s.batch = 0);
    REFUSED("--drop", s.drop = 1);
    REFUSED("--drop", s.drop = -0.01);
    REFUSED("--drop", s.drop = NAN);
    ACCEPTED(s.drop = 0);
    ACCEPTED(s.drop = 0.999999);
    ACCEPTED(s.order = ICL_ORDER_NONE; s.drop = 7);
    REFUSED("--momentum", s.momentum = 1);
    REFUSED("--momentum", s.momentum = -.1);
    REFUSED("--decay", s.decay = -1e-9);
    REFUSED("--decay", s.decay = INFINITY);
    REFUSED("--smoothing", s.smoothing = 1);
    REFUSED("--smoothing", s.smoothing = NAN);
    REFUSED("--beta2", s.beta2 = 1);
    REFUSED("--epsilon", s.epsilon = 0);
    ACCEPTED(s.optimiser = ICL_OPTIMISER_SGD; s.beta2 = 1; s.epsilon = 0);
    REFUSED("--rate:", s.rate = 0);
    REFUSED("--rate:", s.rate = NAN);
    REFUSED("--rate:", s.rate = INFINITY);
    REFUSED("--rate-start", s.rate_start = 0);
    REFUSED("--rate-end", s.rate_end = -1);
    REFUSED("--warm", s.warm = 1.01);
    REFUSED("--warm", s.warm = -.01);
    ACCEPTED(s.warm = 0);
    ACCEPTED(s.warm = 1);
    REFUSED("--momentum-low", s.momentum_low = .91);
    REFUSED("--momentum-low", s.momentum_low = NAN);
    ACCEPTED(s.schedule = ICL_SCHEDULE_CONSTANT; s.rate_start = 0; s.warm = 2; s.momentum_low = .95);
}

static void senseless_places_are_refused(void **state)
{
    (void)state;
    REFUSED("--skip relu: thread07 has no residual blocks", strcpy(s.net, "thread07"); s.skip = ICL_SKIP_RELU);
    ACCEPTED(strcpy(s.net, "thread07"));
    REFUSED("--conversion naive", s.order = ICL_ORDER_CONV_BN_RELU; s.conversion = ICL_CONVERSION_NAIVE);
    REFUSED("--skip ic", s.order = ICL_ORDER_CONV_BN_RELU; s.skip = ICL_SKIP_IC);
    REFUSED("--skip between", s.order = ICL_ORDER_CONV_BN_RELU; s.skip = ICL_SKIP_BETWEEN);
    REFUSED("--skip between", s.conversion = ICL_CONVERSION_NAIVE; s.skip = ICL_SKIP_BETWEEN);
    ACCEPTED(s.conversion = ICL_CONVERSION_NAIVE; s.skip = ICL_SKIP_RELU);
    ACCEPTED(s.order = ICL_ORDER_CONV_BN_RELU; s.skip = ICL_SKIP_RELU);
    ACCEPTED(s.order = ICL_ORDER_BN_AFTER; s.skip = ICL_SKIP_BETWEEN);
}

#define STEPS(count_, ...)                                                                                             \
    (s.schedule = ICL_SCHEDULE_STEP, s.milestones = (count_),                                                          \
     memcpy(s.milestone, (size_t[8]){__VA_ARGS__}, 8 * sizeof(size_t)))

static void milestones_rise(void **state)
{
    (void)state;
    ACCEPTED(STEPS(2, 1, 4));
    ACCEPTED(STEPS(2, 1, 400));
    REFUSED("--milestones", STEPS(0, 0));
    REFUSED("--milestones", STEPS(1, 0));
    REFUSED("--milestones", STEPS(2, 3, 3));
    REFUSED("--milestones", STEPS(2, 3, 2));
    REFUSED("--milestones", STEPS(1, 5));
    REFUSED("--milestones", STEPS(9, 1, 2, 3, 4, 5, 6, 7, 8));
    REFUSED("--rate-factor", STEPS(1, 1); s.rate_factor = 0);
}

/* The text with line `at` (from 0) left out (replacement NULL) or replaced. */
static void replace_line(const char *text, size_t at, const char *replacement, char *out)
{
    for (size_t i = 0; *text != '\0'; i++) {
        const size_t length = strcspn(text, "\n") + 1;
        if (i != at)
            out += sprintf(out, "%.*s", (int)length, text);
        else if (replacement != NULL)
            out += sprintf(out, "%s\n", replacement);
        text += length;
    }
}

static void bad_texts_are_refused(void **state)
{
    (void)state;
    const struct icl_train_spec spec = busy();
    struct icl_train_spec back = spec;
    char text[ICL_SPEC_TEXT], bad[2 * ICL_SPEC_TEXT], key[64], line[256], number[32];
    icl_train_spec_text(&spec, text);
    size_t lines = 0;
    for (const char *p = text; *p != '\0'; p += strcspn(p, "\n") + 1, lines++) {
        snprintf(key, sizeof key, "%.*s", (int)strcspn(p, " "), p);
        snprintf(number, sizeof number, "line %zu:", lines + 1);
        replace_line(text, lines, NULL, bad);
        assert_failure(icl_train_spec_parse(bad, &back, &err), ICL_ERR_INPUT, &err, key, "missing");
        snprintf(line, sizeof line, "%.*s\n%.*s", (int)strcspn(p, "\n"), p, (int)strcspn(p, "\n"), p);
        replace_line(text, lines, line, bad);
        snprintf(number, sizeof number, "line %zu:", lines + 2);
        assert_failure(icl_train_spec_parse(bad, &back, &err), ICL_ERR_INPUT, &err, key, number, "second time");
        snprintf(number, sizeof number, "line %zu:", lines + 1);
        replace_line(text, lines, key, bad);
        assert_failure(icl_train_spec_parse(bad, &back, &err), ICL_ERR_INPUT, &err, key, number);
        if (strcmp(key, "data") != 0 && strcmp(key, "net") != 0) {
            snprintf(line, sizeof line, "%s 3x", key);
            replace_line(text, lines, line, bad);
            assert_failure(icl_train_spec_parse(bad, &back, &err), ICL_ERR_INPUT, &err, key, number, "3x");
        }
        snprintf(line, sizeof line, "%sy 1", key);
        replace_line(text, lines, line, bad);
        assert_failure(icl_train_spec_parse(bad, &back, &err), ICL_ERR_INPUT, &err, key, number, "unknown");
    }
    assert_int_equal(lines, 32);
    assert_equal_specs(&back, &spec); /* untouched by failures */
    assert_failure(icl_train_spec_parse("", &back, &err), ICL_ERR_INPUT, &err, "data", "missing");
}

/* Texts from before there was a choice stay as they were, and are read. */
static void precision_may_be_missing(void **state)
{
    (void)state;
    struct icl_train_spec spec = busy(), back;
    char text[ICL_SPEC_TEXT], longer[ICL_SPEC_TEXT + 32];
    icl_train_spec_text(&spec, text);
    assert_null(strstr(text, "precision"));
    memset(&back, 0x5a, sizeof back);
    assert_ok(icl_train_spec_parse(text, &back, &err));
    assert_int_equal(back.precision, ICL_PRECISION_F32);
    snprintf(longer, sizeof longer, "%sprecision f32\n", text);
    assert_ok(icl_train_spec_parse(longer, &back, &err));
    assert_equal_specs(&back, &spec);
    snprintf(longer, sizeof longer, "precision bf16\n%s", text);
    assert_ok(icl_train_spec_parse(longer, &back, &err));
    assert_int_equal(back.precision, ICL_PRECISION_BF16);
    icl_train_spec_text(&back, text);
    assert_non_null(strstr(text, "\nprecision bf16\n"));
    snprintf(longer, sizeof longer, "%sprecision tf32\n", text);
    assert_failure(icl_train_spec_parse(longer, &back, &err), ICL_ERR_INPUT, &err, "precision", "second time");
    snprintf(longer, sizeof longer, "precision half\n");
    assert_failure(icl_train_spec_parse(longer, &back, &err), ICL_ERR_INPUT, &err, "half", "precision");
}

static void values_are_read_strictly(void **state)
{
    (void)state;
    static const char *const bad[] = {"milestones 1,,2",
                                      "milestones 1,",
                                      "milestones ,1",
                                      "milestones 1,2,3,4,5,6,7,8,9",
                                      "milestones 1, 2",
                                      "epochs -1",
                                      "epochs 1.5",
                                      "epochs  5",
                                      "seed 18446744073709551616",
                                      "drop .05 ",
                                      "drop 0x1",
                                      "flip 1",
                                      "order IC",
                                      "order ic2",
                                      "order i",
                                      "rate 1e999",
                                      "net abcdefghijklmnopqrstuvwxyzabcdefghij"};
    struct icl_train_spec spec = busy(), back;
    char text[ICL_SPEC_TEXT], changed[2 * ICL_SPEC_TEXT];
    icl_train_spec_text(&spec, text);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        size_t at = 0;
        const size_t key = strcspn(bad[i], " ") + 1;
        for (const char *p = text; strncmp(p, bad[i], key) != 0; p += strcspn(p, "\n") + 1)
            at++;
        replace_line(text, at, bad[i], changed);
        assert_failure(icl_train_spec_parse(changed, &back, &err), ICL_ERR_INPUT, &err, "is no value of");
    }
    /* Comments, empty lines, another order and a last line without its end are good. */
    char first[64];
    const size_t length = strcspn(text, "\n");
    snprintf(first, sizeof first, "%.*s", (int)length, text);
    snprintf(changed, sizeof changed, "# a run\n\n%s%s", text + length + 1, first);
    assert_ok(icl_train_spec_parse(changed, &back, &err));
    assert_equal_specs(&back, &spec);
}

/* ---- names ---------------------------------------------------------------------------------------------------- */

static void assert_name(const struct icl_train_spec *spec, const char *front)
{
    char name[ICL_SPEC_NAME];
    icl_train_spec_name(spec, name);
    if (strncmp(name, front, strlen(front)) != 0) fail_msg("%s does not begin with %s", name, front);
    const char *sum = name + strlen(front);
    assert_int_equal(strlen(sum), 12);
    assert_int_equal(strspn(sum, "0123456789abcdef"), 12);
}

static void names_say_what_is_run(void **state)
{
    (void)state;
    char name[ICL_SPEC_NAME], other[ICL_SPEC_NAME];
    struct icl_train_spec spec = standard();
    icl_train_spec_name(&spec, name);
    /* The checksum by an independent FNV-1a (Python integers) of the text. It names folders of finished runs: it only
     * changes together with the keys or the defaults. */
    assert_string_equal(name, "thread07-ic-drop05-s0-87e06f7a5aa1");
    spec.seed = 3;
    spec.drop = 0.125;
    assert_name(&spec, "thread07-ic-drop12.5-s3-");
    spec.drop = 0.1;
    assert_name(&spec, "thread07-ic-drop10-s3-");
    spec.drop = 0;
    assert_name(&spec, "thread07-ic-s3-");
    spec.drop = 0.03;
    strcpy(spec.net, "resnet20");
    assert_name(&spec, "resnet20-ic-conv-drop03-s3-");
    spec.conversion = ICL_CONVERSION_NAIVE;
    assert_name(&spec, "resnet20-ic-naive-drop03-s3-");
    spec.conversion = ICL_CONVERSION_FULL;
    spec.order = ICL_ORDER_CONV_BN_RELU;
    assert_name(&spec, "resnet20-conv-bn-relu-s3-");
    icl_train_spec_name(&spec, name);
    spec.seed = 4;
    icl_train_spec_name(&spec, other);
    assert_string_not_equal(strrchr(name, '-'), strrchr(other, '-'));
    spec = standard();
    strcpy(spec.net, "xresnet34-prefix");
    spec.order = ICL_ORDER_DROP_ONLY;
    spec.drop = 0.123456789;
    spec.seed = UINT64_MAX;
    assert_name(&spec, "xresnet34-prefix-drop-only-conv-drop12.3457-s18446744073709551615-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_comes_back),
        cmocka_unit_test(every_member_is_in_the_text),
        cmocka_unit_test(members_without_effect_are_not),
        cmocka_unit_test(skip_places_have_one_word),
        cmocka_unit_test(senseless_values_are_refused),
        cmocka_unit_test(precision_may_be_missing),
        cmocka_unit_test(senseless_places_are_refused),
        cmocka_unit_test(milestones_rise),
        cmocka_unit_test(bad_texts_are_refused),
        cmocka_unit_test(values_are_read_strictly),
        cmocka_unit_test(names_say_what_is_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
