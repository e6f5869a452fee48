/* Command lines: one table for parsing and --help. */
#include "tests/core_support.h"

#include "core/options.h"

enum estimator { AUTO, KSG, BINNED };
static const char *const estimators[] = {"auto", "ksg", "binned", NULL};

struct settings {
    bool error, full;
    const char *out;
    double keep, noise;
    uint64_t k, seed;
    enum estimator estimator;
};

static const struct settings defaults = {
    .out = "results", .keep = 0.95, .noise = 0, .k = 3, .seed = 1, .estimator = KSG};

static const struct icl_option options[] = {
    ICL_FLAG_OPTION("error", 'e', struct settings, error, "add error bars"),
    ICL_FLAG_OPTION("full", 'f', struct settings, full, "take all samples"),
    ICL_STRING_OPTION("out", 'o', "DIR", struct settings, out, "where results go"),
    ICL_DOUBLE_OPTION("keep", 'q', "Q", struct settings, keep, 0, true, 1, false, "probability that a gate is open"),
    ICL_DOUBLE_OPTION("noise", 0, "S", struct settings, noise, -INFINITY, true, INFINITY, true, "size of the noise"),
    ICL_COUNT_OPTION("neighbours", 'k', "K", struct settings, k, 1, 1000, "neighbours of a point"),
    ICL_COUNT_OPTION("seed", 's', "S", struct settings, seed, 0, UINT64_MAX, "seed of all randomness"),
    ICL_CHOICE_OPTION("estimator", 0, struct settings, estimator, estimators, "how to estimate"),
};

static const struct icl_command command = {
    .name = "iclab mi",
    .positionals = "FILE.npy [FILE.npy]",
    .summary = "Mutual information of pairs of neurons.",
    .least_positionals = 1,
    .most_positionals = 2,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .defaults = &defaults,
    .settings_size = sizeof defaults,
};

enum { MOST_WORDS = 24 };

/* Parses a line of words separated by blanks; "~" stands for an empty word. */
static icl_status parse(const char *line, struct settings *settings, struct icl_arguments *arguments,
                        struct icl_error *err)
{
    static char copy[512];
    static char *words[MOST_WORDS];
    int count = 0;
    snprintf(copy, sizeof copy, "%s", line);
    char *rest = NULL;
    for (char *word = strtok_r(copy, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        if (strcmp(word, "~") == 0) word[0] = '\0';
        assert_true(count < MOST_WORDS);
        words[count++] = word;
    }
    return icl_options_parse(&command, count, words, settings, arguments, err);
}

static struct settings s;
static struct icl_arguments a;
static struct icl_error err;

static void defaults_come_first(void **state)
{
    (void)state;
    memset(&s, 0x5a, sizeof s);
    assert_ok(parse("file.npy", &s, &a, &err));
    assert_false(s.error);
    assert_string_equal(s.out, "results");
    assert_same(s.keep, 0.95);
    assert_true(s.k == 3 && s.seed == 1 && s.estimator == KSG);
    assert_false(a.help);
    assert_int_equal(a.count, 1);
    assert_string_equal(a.items[0], "file.npy");
}

static void every_way_to_give_a_value(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "--error --out d --keep 0.25 --noise -1.5e-3 --neighbours 1e2 --seed 18446744073709551615 --estimator binned a "
        "b",
        "--error --out=d --keep=.25 --noise=-1.5e-3 --neighbours=100 --seed=18446744073709551615 --estimator=binned a "
        "b",
        "a -e -o d -q .25 --noise -.0015 -k 100 b -s 18446744073709551615 --estimator=binned",
        "-eod a -q.25 b -k100 -s18446744073709551615 --estimator auto --estimator binned --noise=-0.0015",
        "--error --out d --keep 1 --keep .25 --noise -15e-4 -k 1e2 -s 18446744073709551615 --estimator binned -- a b",
    };
    for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
        assert_ok(parse(lines[k], &s, &a, &err));
        assert_true(s.error);
        assert_false(s.full);
        assert_string_equal(s.out, "d");
        assert_same(s.keep, 0.25);
        assert_same(s.noise, -0.0015);
        assert_true(s.k == 100 && s.seed == UINT64_MAX && s.estimator == BINNED);
        assert_int_equal(a.count, 2);
        assert_string_equal(a.items[0], "a");
        assert_string_equal(a.items[1], "b");
    }
    assert_ok(parse("-ef -", &s, &a, &err));
    assert_true(s.error && s.full);
    assert_string_equal(a.items[0], "-");
    assert_ok(parse("-- --keep -x", &s, &a, &err));
    assert_string_equal(a.items[0], "--keep");
    assert_string_equal(a.items[1], "-x");
    assert_ok(parse("a --out=--strange --out=", &s, &a, &err));
    assert_string_equal(s.out, "");
    assert_ok(parse("a --out=--strange=x", &s, &a, &err));
    assert_string_equal(s.out, "--strange=x");
    assert_ok(parse("a --keep 1 -k 1 -s 0", &s, &a, &err));
    assert_ok(parse("a --out -", &s, &a, &err));
    assert_string_equal(s.out, "-");
}

static void bad_usage_is_one_line(void **state)
{
    (void)state;
    static const struct {
        const char *line, *place, *reason;
    } cases[] = {
        {"", "FILE.npy", "missing"},
        {"a b c", "'c'", "unexpected"},
        {"a --nope", "--nope", "unknown"},
        {"a --nope=3", "--nope", "unknown"},
        {"a --kee 1", "--kee", "unknown"},
        {"a --keeps 1", "--keeps", "unknown"},
        {"a --=1", "--", "unknown"},
        {"a -x", "-x", "unknown"},
        {"a -ex", "-x", "unknown"},
        {"a --Error", "--Error", "unknown"},
        {"a --error=yes", "--error", "no value"},
        {"a --help=yes", "--help", "no value"},
        {"a --keep", "--keep", "missing"},
        {"a -q", "--keep", "missing"},
        {"a --keep --error", "--keep", "missing"},
        {"a --out --error", "--out", "missing"},
        {"a --keep=", "--keep", "empty"},
        {"a --keep ~", "--keep", "empty"},
        {"a --seed=", "--seed", "empty"},
        {"a --keep x", "--keep", "'x' is not a number"},
        {"a --keep 0.5x", "--keep", "'0.5x' is not a number"},
        {"a --keep 0,5", "--keep", "'0,5' is not a number"},
        {"a --keep nan", "--keep", "'nan' is not a number"},
        {"a --keep 0x1p-1", "--keep", "not a number"},
        {"a --keep 1e999", "--keep", "too large"},
        {"a --keep 0", "--keep", "out of range (0, 1]"},
        {"a --keep 1.0000001", "--keep", "out of range (0, 1]"},
        {"a --keep=-0.5", "--keep", "out of range (0, 1]"},
        {"a -q inf", "--keep", "out of range (0, 1]"},
        {"a --noise inf", "--noise", "out of range (-inf, inf)"},
        {"a -k 0", "--neighbours", "out of range [1, 1000]"},
        {"a -k 1001", "--neighbours", "out of range [1, 1000]"},
        {"a -k 1e4", "--neighbours", "out of range [1, 1000]"},
        {"a -k -1", "--neighbours", "'-1' is not a whole number"},
        {"a -k 1.5", "--neighbours", "'1.5' is not a whole number"},
        {"a -k three", "--neighbours", "'three' is not a whole number"},
        {"a --seed 18446744073709551616", "--seed", "too large"},
        {"a --estimator", "--estimator", "missing"},
        {"a --estimator=", "--estimator", "auto, ksg, binned"},
        {"a --estimator foo", "--estimator", "'foo' is none of auto, ksg, binned"},
        {"a --estimator KSG", "--estimator", "'KSG' is none of auto, ksg, binned"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct icl_arguments before;
        memset(&a, 0x5a, sizeof a);
        memset(&before, 0x5a, sizeof before);
        const icl_status status = parse(cases[k].line, &s, &a, &err);
        assert_failure(status, ICL_ERR_USAGE, &err, cases[k].place, cases[k].reason);
        assert_memory_equal(&a, &before, sizeof a);
    }
    /* A bad value changes nothing. */
    assert_int_equal(parse("a -k 5 -k x", &s, &a, &err), ICL_ERR_USAGE);
    assert_true(s.k == 5);
    char lengthy[400] = "a --keep ";
    memset(lengthy + strlen(lengthy), 'z', 300);
    assert_failure(parse(lengthy, &s, &a, &err), ICL_ERR_USAGE, &err, "--keep", "is not a number");
    char unknown[400] = "a --";
    memset(unknown + strlen(unknown), 'z', 300);
    assert_failure(parse(unknown, &s, &a, &err), ICL_ERR_USAGE, &err, "unknown", "iclab mi --help");
}

static void help_wins_where_it_stands(void **state)
{
    (void)state;
    static const char *const lines[] = {"--help", "-h", "a b c --help --nope", "-eh", "-k 5 --help"};
    for (size_t k = 0; k < sizeof lines / sizeof *lines; k++) {
        assert_ok(parse(lines[k], &s, &a, &err));
        assert_true(a.help);
    }
    assert_int_equal(parse("--nope --help", &s, &a, &err), ICL_ERR_USAGE);
    assert_ok(parse("-- --help", &s, &a, &err));
    assert_false(a.help);
}

static void help_shows_live_defaults(void **state)
{
    (void)state;
    const char *path = in_folder("help");
    struct settings other = defaults;
    struct icl_command changed = command;
    changed.defaults = &other;
    for (int round = 0; round < 2; round++) {
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        icl_options_help(&changed, f);
        assert_int_equal(fclose(f), 0);
        size_t size;
        char *text = read_bytes(path, &size);
        assert_non_null(strstr(text, "Usage: iclab mi FILE.npy [FILE.npy] [OPTION...]\n\nMutual information"));
        assert_non_null(strstr(text, "\n  -e, --error                 add error bars\n"));
        assert_non_null(strstr(text, round == 0 ? "\n  -q, --keep Q                probability that a gate is open "
                                                  "(default 0.95)\n"
                                                : "gate is open (default 0.1)\n"));
        assert_non_null(strstr(text, round == 0 ? "(default 3)\n" : "(default 12345678901)\n"));
        assert_non_null(strstr(text, round == 0 ? "(default results)\n" : "where results go\n"));
        assert_non_null(strstr(text, round == 0 ? "(default ksg)\n" : "(default auto)\n"));
        assert_non_null(
            strstr(text, "      --estimator auto|ksg|binned\n                              how to estimate"));
        assert_non_null(strstr(text, "  -h, --help "));
        free(text);
        other = (struct settings){.keep = 0.1, .k = 12345678901, .estimator = AUTO};
    }
}

static void a_command_may_have_nothing(void **state)
{
    (void)state;
    const struct icl_command bare = {.name = "iclab claims", .summary = "The registry."};
    char word[] = "x";
    char *words[] = {word, NULL};
    assert_ok(icl_options_parse(&bare, 0, words, NULL, &a, &err));
    assert_int_equal(a.count, 0);
    assert_failure(icl_options_parse(&bare, 1, words, NULL, &a, &err), ICL_ERR_USAGE, &err, "'x'", "unexpected");
    FILE *f = fopen(in_folder("bare"), "w");
    assert_non_null(f);
    icl_options_help(&bare, f);
    fclose(f);
    size_t size;
    char *text = read_bytes(in_folder("bare"), &size);
    assert_non_null(strstr(text, "Usage: iclab claims [OPTION...]\n"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_come_first),      cmocka_unit_test(every_way_to_give_a_value),
        cmocka_unit_test(bad_usage_is_one_line),    cmocka_unit_test(help_wins_where_it_stands),
        cmocka_unit_test(help_shows_live_defaults), cmocka_unit_test(a_command_may_have_nothing),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
