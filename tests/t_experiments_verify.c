/* Whole runs of small registries: surprises, what is no surprise, and registries that cannot be run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "experiments/evidence_kinds_internal.h"
#include "experiments/verify.h"
#include "tests/core_support.h"
#include "tests/near.h"

static const uint64_t seed = 7;

#define NAMES "id\tname\tsource\tstatement\tlaw\tquantity\trule\ttolerance\texpected\ttheorem\tenclosure\n"
/* Eigenvalues of eight normals: a moment, so quick that a whole run takes a tenth of a second. */
#define ROW(id, quantity, rule, tolerance, expected) EVIDENT(id, quantity, rule, tolerance, expected, "-", "-")
#define EVIDENT(id, quantity, rule, tolerance, expected, theorem, enclosure)                                           \
    id "\tconditioning\ttheory\ta <statement> & more\tnormal8\t" quantity "\t" rule "\t" tolerance "\t" expected       \
       "\t" theorem "\t" enclosure "\n"

/* A run of `registry` into the folder `out`; what it printed is owned by the caller. */
static icl_status run(const char *registry, const char *out, bool *surprised, char **printed, struct icl_error *err)
{
    size_t size;
    FILE *terminal = open_memstream(printed, &size);
    assert_non_null(terminal);
    const struct icl_verify_options options = {
        .out = out, .seed = seed, .threads = 1, .quiet = true, .registry = registry};
    const icl_status status = icl_verify(&options, terminal, surprised, err);
    fclose(terminal);
    return status;
}

static char *contents(const char *out, const char *name)
{
    char path[PATH_MAX + 256], *text = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "%s/%s", out, name);
    FILE *file = fopen(path, "r");
    if (file == NULL) fail_msg("%s is not there", path);
    if (getdelim(&text, &size, '\0', file) < 0) fail_msg("%s is empty", path);
    fclose(file);
    return text;
}

static void assert_says(const char *text, const char *what)
{
    if (strstr(text, what) == NULL) fail_msg("'%s' is not in:\n%s", what, text);
}

/* The verdict of a claim in claims.tsv. */
static void assert_verdict(const char *table, const char *id, const char *verdict, const char *expected)
{
    char row[128];
    snprintf(row, sizeof row, "\n%s\t%s\t%s\t", id, verdict, expected);
    assert_says(table, row);
}

static void verdicts_and_surprises(void **state)
{
    (void)state;
    static const struct {
        const char *registry, *verdict, *expected;
        bool surprised;
    } cases[] = {
        {NAMES ROW("c09.a.b", "largest@.5", "= 1", ".02", "holds"), "holds", "holds", false},
        {NAMES ROW("c09.a.b", "largest@.5", "= 1", ".02", "fails"), "holds", "fails", true},
        {NAMES ROW("c09.a.b", "largest@.5", "= 1.5", ".02", "holds"), "fails", "holds", true},
        {NAMES ROW("c09.a.b", "largest@.5", "= 1.5", ".02", "fails"), "fails", "fails", false},
        {NAMES ROW("c09.a.b", "largest@.5", "<= 1.5", "0", "holds"), "holds", "holds", false},
        {NAMES ROW("c09.a.b", "largest@.5", ">= 1.5", "0", "holds"), "fails", "holds", true},
        {NAMES ROW("c09.a.b", "largest@.5", "= 1", "1e-9", "holds"), "undecided", "holds", false},
        {NAMES ROW("c09.a.b", "largest@.5", "= 1", "1e-9", "fails"), "undecided", "fails", false},
        {NAMES ROW("c09.a.b", "largest@.5", "measure", "0", "measured"), "measured", "measured", false},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        char *printed, out[PATH_MAX];
        bool surprised = !cases[c].surprised;
        struct icl_error err = {0};
        snprintf(out, sizeof out, "%s/%zu", folder, c);
        if (run(cases[c].registry, out, &surprised, &printed, &err) != ICL_OK) fail_msg("case %zu: %s", c, err.message);
        assert_int_equal(surprised, cases[c].surprised);
        assert_int_equal(strstr(printed, "SURPRISE") != NULL, cases[c].surprised);
        assert_says(printed,
                    cases[c].surprised ? "against the registry: 1 surprise\n" : "against the registry: 0 surprises\n");
        char *table = contents(out, "claims.tsv"), *page = contents(out, "report.html");
        assert_verdict(table, "c09.a.b", cases[c].verdict, cases[c].expected);
        assert_int_equal(strstr(page, ">surprise<") != NULL, cases[c].surprised);
        assert_says(page, "a &lt;statement&gt; &amp; more");
        assert_null(strstr(page, "<statement>"));
        free(printed);
        free(table);
        free(page);
    }
}

/* Several rows at once, and a second run into the same folder. */
static void rows_are_judged_by_themselves(void **state)
{
    (void)state;
    static const char registry[] = NAMES ROW("c09.a.b", "largest@.5", "= 1", ".02", "holds")
        ROW("c09.a.c", "smallest@.5", "= 1", ".02", "fails") ROW("c09.a.d", "slope@.5", "= 2", ".02", "holds");
    for (int again = 0; again < 2; again++) {
        char *printed, out[PATH_MAX];
        bool surprised = false;
        snprintf(out, sizeof out, "%s/rows", folder);
        assert_int_equal(run(registry, out, &surprised, &printed, NULL), ICL_OK);
        assert_true(surprised);
        assert_says(printed, "2 hold, 1 fail, 0 undecided, 0 measured, 0 skipped; against the registry: 2 surprises\n");
        char *table = contents(out, "claims.tsv");
        assert_verdict(table, "c09.a.b", "holds", "holds");
        assert_verdict(table, "c09.a.c", "holds", "fails");
        assert_verdict(table, "c09.a.d", "fails", "holds");
        free(table);
        free(printed);
    }
}

/* What a row stands on: what the registry names, and what the run measured. */
static void evidence_of_rows(void **state)
{
    (void)state;
    static const char registry[] = NAMES EVIDENT("c09.a.b", "largest@.5", "= 1", ".02", "holds", "-", "-")
        EVIDENT("c09.a.c", "smallest@.5", "= 1", ".02", "holds", "c09_x,c09_<y>", "-")
            EVIDENT("c09.a.d", "slope@.5", "= 1", ".02", "holds", "-", "c09_check")
                EVIDENT("c09.a.e", "slope@.5", "= 1", ".02", "holds", "c09_x,c09_z", "c09_check");
    static const char *const words[] = {"synthetic", "proof,synthetic", "enclosure,synthetic",
                                        "proof,enclosure,synthetic"};
    static const char *const letters[] = {"--S-", "P-S-", "-ES-", "PES-"};
    char *printed, out[PATH_MAX];
    bool surprised = true;
    snprintf(out, sizeof out, "%s/evidence", folder);
    assert_int_equal(run(registry, out, &surprised, &printed, NULL), ICL_OK);
    char *table = contents(out, "claims.tsv"), *page = contents(out, "report.html");
    for (size_t i = 0; i < 4; i++) {
        char id[16], end[64], code[64];
        snprintf(id, sizeof id, "\nc09.a.%c", (char)('b' + (int)i));
        snprintf(end, sizeof end, "\t%s", words[i]);
        const char *row = strstr(table, id), *line = strstr(printed, id);
        assert_non_null(row);
        assert_non_null(line);
        const char *stop = strchr(row + 1, '\n');
        assert_memory_equal(stop - strlen(end), end, strlen(end));
        snprintf(code, sizeof code, "  %s", letters[i]);
        const char *found = strstr(line, code);
        assert_non_null(found);
        assert_true(found < strchr(line + 1, '\n'));
        snprintf(code, sizeof code, "<code>%s</code>", letters[i]);
        assert_says(page, code);
    }
    /* each name once, and none that could be taken for HTML */
    assert_says(page, "<td><code>c09_x</code><br><code>c09_&lt;y&gt;</code><br><code>c09_z</code></td>"
                      "<td><code>c09_check</code></td><td>normal8</td><td>–</td></tr>");
    free(printed);
    free(table);
    free(page);
}

/* Samples and neurons count where they were measured. */
static void evidence_of_networks(void **state)
{
    (void)state;
    const struct finding measured = {.count = 1}, skipped = {0};
    static const struct {
        const char *id, *law, *words;
    } cases[] = {{"c01.fmnist.a", "fmnist-channel-bn", "network"},
                 {"c11.trained.a", "trained-unit1", "network"},
                 {"c12.thread07.a", "thread07", "network"},
                 {"c05.relu.a", "relu", "synthetic"},
                 {"c04.relu.a", "relu-bn", "synthetic"}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const struct icl_claim claim = {.id = cases[c].id, .law = cases[c].law, .theorem = "-", .enclosure = "-"};
        char words[EVIDENCE_WORDS_SIZE];
        evidence_words(&claim, &measured, words);
        assert_string_equal(words, cases[c].words);
        evidence_words(&claim, &skipped, words);
        assert_string_equal(words, "-");
    }
}

/* No result is half written: no verdicts, no report; where the fault is seen before the work, no folder. */
static void what_cannot_be_run(void **state)
{
    (void)state;
    static const struct {
        const char *registry, *message;
        bool before;
    } cases[] = {
        {"", "claims.tsv: no claim in it", true},
        {NAMES "c09.a.b\n", "claims.tsv: line 2: column 2 is missing", true},
        {NAMES ROW("c99.a.b", "largest@.5", "= 1", ".02", "holds"), "claims.tsv: c99.a.b: no code for this claim",
         true},
        {NAMES "c01.a.b\tn\ts\tt\tcauchy\tratio@.5\t= 1\t.1\tholds\t-\t-\n", "claims.tsv: c01.a.b: no law 'cauchy'",
         true},
        {NAMES ROW("c09.a.b", "middle@.5", "= 1", ".02", "holds"),
         "claims.tsv: c09.a.b: no code for quantity 'middle@.5' of law 'normal8'", false},
        {NAMES ROW("c09.a.b", "largest@.55", "= 1", ".02", "holds"),
         "claims.tsv: c09.a.b: quantity 'largest@.55' names no keep of this law", false},
        {NAMES ROW("c08.a.b", "ratio@.5", "= 1", ".02", "holds"),
         "claims.tsv: c08.a.b: no code for quantity 'ratio@.5' of law 'normal8'", false},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        char *printed, out[PATH_MAX], path[PATH_MAX + 64];
        bool surprised = true;
        struct icl_error err = {0};
        snprintf(out, sizeof out, "%s/bad-%zu", folder, c);
        assert_int_equal(run(cases[c].registry, out, &surprised, &printed, &err), ICL_ERR_INPUT);
        assert_string_equal(err.message, cases[c].message);
        assert_false(surprised);
        assert_string_equal(printed, "");
        snprintf(path, sizeof path, "%s/claims.tsv", out);
        assert_int_not_equal(access(path, F_OK), 0);
        if (cases[c].before) assert_int_not_equal(access(out, F_OK), 0);
        free(printed);
    }
}

int main(void)
{
    print_message("# seed %llu\n", (unsigned long long)seed);
    setenv("ICLAB_PLOTS", "/nowhere", 1); /* figures are another test's */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_and_surprises), cmocka_unit_test(rows_are_judged_by_themselves),
        cmocka_unit_test(evidence_of_rows),       cmocka_unit_test(evidence_of_networks),
        cmocka_unit_test(what_cannot_be_run),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
