/* The registry of claims: what stands in it, what the parser refuses and how it says so, what is printed of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "experiments/laws.h"
#include "experiments/run_internal.h"
#include "experiments/training_internal.h"
#include "tests/near.h"

#define NAMES "id\tname\tsource\tstatement\tlaw\tquantity\trule\ttolerance\texpected\ttheorem\tenclosure\n"
#define ROW   "c01.a\tmi\tpaper\tit holds\tgauss\texponent\t= 2\t.06\tholds\t-\t-\n"

static struct icl_registry registry;

static int load(void **state)
{
    (void)state;
    return icl_registry_load(&registry, NULL) == ICL_OK ? 0 : -1;
}

static int release(void **state)
{
    (void)state;
    icl_registry_free(&registry);
    return 0;
}

/* ---- the embedded one ----------------------------------------------------------------------------------------- */

static bool is_one_of(const char *word, const char *const *list)
{
    while (*list != NULL)
        if (strcmp(word, *list++) == 0) return true;
    return false;
}

static bool law_is_known(const char *law)
{
    static const char *const others[] = {"relu-bn", "normal3", "normal8", NULL};
    for (size_t k = 0; k < panel_kind_count; k++)
        if (strcmp(panel_kinds[k].name, law) == 0) return true;
    for (size_t k = 0; k < training_condition_count; k++)
        if (strcmp(training_conditions[k].law, law) == 0) return true;
    return icl_law_by_name(law) != NULL || is_one_of(law, others);
}

static void every_claim_is_complete(void **state)
{
    (void)state;
    static const char *const sources[] = {"paper", "thread", "theory", "literature", NULL};
    assert_true(registry.count >= 60);
    for (size_t i = 0; i < registry.count; i++) {
        const struct icl_claim *c = &registry.claim[i];
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(c->id, registry.claim[j].id);
        if (claim_code_of(c) == NULL) fail_msg("%s: no code", c->id);
        if (!law_is_known(c->law)) fail_msg("%s: no law '%s'", c->id, c->law);
        if (!is_one_of(c->source, sources)) fail_msg("%s: source '%s'", c->id, c->source);
        assert_true(c->statement[0] != '\0' && c->name[0] != '\0' && c->theorem[0] != '\0' && c->enclosure[0] != '\0' &&
                    c->quantity[0] != '\0');
        assert_true(c->expected == ICL_HOLDS || c->expected == ICL_FAILS || c->expected == ICL_MEASURED);
        if (c->rule != ICL_RULE_ORDER) assert_int_equal(c->expected == ICL_MEASURED, c->rule == ICL_RULE_MEASURE);
        assert_int_equal(c->rule == ICL_RULE_MEASURE, isnan(c->target));
        assert_true(c->tolerance >= 0);
        /* an equality without tolerance could never hold */
        if (c->rule == ICL_RULE_EQUAL) assert_true(c->tolerance > 0);
    }
}

/* c?? . law (or its short name) . quantity; all ids of a number have one name. */
static void ids_belong_to_families(void **state)
{
    (void)state;
    for (size_t i = 0; i < registry.count; i++) {
        const struct icl_claim *c = &registry.claim[i];
        assert_int_equal(strspn(c->id, "abcdefghijklmnopqrstuvwxyz0123456789.-"), strlen(c->id));
        assert_true(c->id[0] == 'c' && strspn(c->id + 1, "0123456789") == 2 && c->id[3] == '.');
        const char *rest = c->id + 4, *dot = strchr(rest, '.');
        assert_non_null(dot);
        const size_t length = (size_t)(dot - rest);
        assert_true(length > 0 && dot[1] != '\0' && strchr(dot + 1, '.') == NULL);
        if (strncmp(rest, c->law, length) != 0) fail_msg("%s: the law is '%s'", c->id, c->law);
        for (size_t j = 0; j < i; j++)
            if (strncmp(registry.claim[j].id, c->id, 4) == 0) assert_string_equal(registry.claim[j].name, c->name);
    }
    for (size_t k = 0; k < claim_code_count; k++) {
        size_t count = 0;
        for (size_t i = 0; i < registry.count; i++)
            count += icl_claim_matches(&registry.claim[i], claim_codes[k].id);
        assert_true(count > 0);
    }
}

/* A keep that a quantity names is one that its law is measured at. */
static void keeps_of_quantities_are_measured(void **state)
{
    (void)state;
    size_t named = 0;
    for (size_t i = 0; i < registry.count; i++) {
        const struct icl_claim *c = &registry.claim[i];
        if (strchr(c->quantity, '@') == NULL) continue;
        const bool images = strncmp(c->law, "fmnist-", 7) == 0 || strncmp(c->law, "trained-", 8) == 0;
        size_t at = 0;
        if (level_of(c, images ? icl_panel_keeps : icl_keeps, images ? ICL_PANEL_KEEPS : ICL_KEEPS, &at, NULL) !=
            ICL_OK)
            fail_msg("%s: quantity '%s'", c->id, c->quantity);
        assert_true(at > 0);
        named++;
    }
    assert_true(named > 20);
    struct icl_claim c = registry.claim[0];
    struct icl_error err = {0};
    size_t at;
    static const char *const wrong[] = {"ratio", "ratio@1", "ratio@.51", "ratio@"};
    for (size_t w = 0; w < sizeof wrong / sizeof wrong[0]; w++) {
        c.quantity = wrong[w];
        assert_int_equal(level_of(&c, icl_keeps, ICL_KEEPS, &at, &err), ICL_ERR_INPUT);
        assert_non_null(strstr(err.message, wrong[w]));
    }
}

/* ---- parsing -------------------------------------------------------------------------------------------------- */

static void reads_every_cell(void **state)
{
    (void)state;
    static const char text[] = "# a note\n\n" NAMES "# another\n" ROW
                               "c02.b\tn\ttheory\tsome words\trelu\tratio@.5\t<= -1.5\t0\tfails\tname,other\tcheck\n"
                               "c02.c\tn\ttheory\ts\trelu\tq\t>= 1e-3\t2\tholds\tname\t-\n"
                               "c03.d\tn\ttheory\ts\trelu\tq\tmeasure\t0\tmeasured\t-\tone,two";
    struct icl_registry r;
    assert_int_equal(icl_registry_parse(text, &r, NULL), ICL_OK);
    assert_int_equal(r.count, 4);
    const struct icl_claim *c = r.claim;
    assert_string_equal(c[0].id, "c01.a");
    assert_string_equal(c[0].name, "mi");
    assert_string_equal(c[0].source, "paper");
    assert_string_equal(c[0].statement, "it holds");
    assert_string_equal(c[0].law, "gauss");
    assert_string_equal(c[0].quantity, "exponent");
    static const char *const theorems[] = {"-", "name,other", "name", "-"};
    static const char *const enclosures[] = {"-", "check", "-", "one,two"};
    static const enum icl_rule rules[] = {ICL_RULE_EQUAL, ICL_RULE_AT_MOST, ICL_RULE_AT_LEAST, ICL_RULE_MEASURE};
    static const enum icl_verdict expected[] = {ICL_HOLDS, ICL_FAILS, ICL_HOLDS, ICL_MEASURED};
    static const double targets[] = {2, -1.5, 1e-3, NAN}, tolerances[] = {.06, 0, 2, 0};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(c[i].rule, rules[i]);
        assert_int_equal(c[i].expected, expected[i]);
        assert_near(c[i].target, targets[i], 0);
        assert_near(c[i].tolerance, tolerances[i], 0);
        assert_string_equal(c[i].theorem, theorems[i]);
        assert_string_equal(c[i].enclosure, enclosures[i]);
    }
    icl_registry_free(&r);
    icl_registry_free(&r); /* twice is once */
    assert_int_equal(r.count, 0);
}

#define WITH(rule, tolerance, expected) NAMES ROW "c01.b\tn\ts\tt\tl\tq\t" rule "\t" tolerance "\t" expected "\t-\t-\n"

static void refuses_with_one_line(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "claims.tsv: no claim in it"},
        {"# only a note\n", "claims.tsv: no claim in it"},
        {NAMES, "claims.tsv: no claim in it"},
        {ROW, "claims.tsv: line 1: the column names are not those of a registry"},
        {"# note\nid\tname\n" ROW, "claims.tsv: line 2: the column names are not those of a registry"},
        {NAMES "c01.a\tmi\tpaper\n", "claims.tsv: line 2: column 4 is missing"},
        {NAMES "\tmi\tpaper\ts\tl\tq\t= 1\t0\tholds\t-\t-\n", "claims.tsv: line 2: column 1 is missing"},
        {NAMES "c01.a\tmi\tpaper\ts\tl\tq\t= 1\t0\tholds\n", "claims.tsv: line 2: column 10 is missing"},
        {NAMES "c01.a\tmi\tpaper\ts\tl\tq\t= 1\t0\tholds\t\t-\n", "claims.tsv: line 2: column 10 is missing"},
        {NAMES "c01.a\tmi\tpaper\ts\tl\tq\t= 1\t0\tholds\t-\n", "claims.tsv: line 2: column 11 is missing"},
        {NAMES "c01.a\tmi\tpaper\ts\tl\tq\t= 1\t0\tholds\t-\t-\tmore\n", "claims.tsv: line 2: more than 11 columns"},
        {NAMES ROW "\n# note\n" ROW, "claims.tsv: line 5: 'c01.a' stands there twice"},
        {WITH("2", ".1", "holds"), "claims.tsv: line 3: rule '2' is none of '= x', '<= x', '>= x', '> x', 'measure'"},
        {WITH("= two", ".1", "holds"),
         "claims.tsv: line 3: rule '= two' is none of '= x', '<= x', '>= x', '> x', 'measure'"},
        {WITH("< 2", ".1", "holds"),
         "claims.tsv: line 3: rule '< 2' is none of '= x', '<= x', '>= x', '> x', 'measure'"},
        {WITH("= ", ".1", "holds"), "claims.tsv: line 3: rule '= ' is none of '= x', '<= x', '>= x', '> x', 'measure'"},
        {WITH("= nan", ".1", "holds"),
         "claims.tsv: line 3: rule '= nan' is none of '= x', '<= x', '>= x', '> x', 'measure'"},
        {WITH(">= inf", ".1", "holds"),
         "claims.tsv: line 3: rule '>= inf' is none of '= x', '<= x', '>= x', '> x', 'measure'"},
        {WITH("measured", "0", "measured"),
         "claims.tsv: line 3: rule 'measured' is none of '= x', '<= x', '>= x', '> x', 'measure'"},
        {WITH("= 2", "-.1", "holds"), "claims.tsv: line 3: tolerance '-.1' is not a number from 0 up"},
        {WITH("= 2", "x", "holds"), "claims.tsv: line 3: tolerance 'x' is not a number from 0 up"},
        {WITH("= 2", "nan", "holds"), "claims.tsv: line 3: tolerance 'nan' is not a number from 0 up"},
        {WITH("= 2", ".1", "hold"), "claims.tsv: line 3: 'hold' cannot be expected of rule '= 2'"},
        {WITH("= 2", ".1", "undecided"), "claims.tsv: line 3: 'undecided' cannot be expected of rule '= 2'"},
        {WITH("= 2", ".1", "skipped"), "claims.tsv: line 3: 'skipped' cannot be expected of rule '= 2'"},
        {WITH("= 2", ".1", "measured"), "claims.tsv: line 3: 'measured' cannot be expected of rule '= 2'"},
        {WITH("measure", "0", "holds"), "claims.tsv: line 3: 'holds' cannot be expected of rule 'measure'"},
        {WITH("> 0", ".1", "holds"), "claims.tsv: line 3: 'holds' cannot be expected of rule '> 0'"},
        {WITH("> 0", "0", "undecided"), "claims.tsv: line 3: 'undecided' cannot be expected of rule '> 0'"},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct icl_error err = {0};
        struct icl_registry r;
        memset(&r, 0xa5, sizeof r);
        assert_int_equal(icl_registry_parse(cases[c].text, &r, &err), ICL_ERR_INPUT);
        assert_string_equal(err.message, cases[c].message);
        assert_null(r.claim); /* nothing is left to free */
        assert_null(r.text);
    }
}

/* ---- names ---------------------------------------------------------------------------------------------------- */

static void a_claim_is_named_by_its_front(void **state)
{
    (void)state;
    const struct icl_claim c = {.id = "c01.gauss.exponent"};
    assert_true(icl_claim_matches(&c, "c01"));
    assert_true(icl_claim_matches(&c, "c01.gauss"));
    assert_true(icl_claim_matches(&c, "c01.gauss.exponent"));
    static const char *const others[] = {"",
                                         "c",
                                         "c0",
                                         "c02",
                                         "c01.",
                                         "c01.gaus",
                                         "c01.gauss.",
                                         "C01",
                                         "gauss",
                                         "c01.gauss.exponent.more",
                                         "c01.gauss.exponents"};
    for (size_t w = 0; w < sizeof others / sizeof others[0]; w++)
        if (icl_claim_matches(&c, others[w])) fail_msg("'%s' names %s", others[w], c.id);
}

static void the_keep_of_a_quantity(void **state)
{
    (void)state;
    assert_near(icl_quantity_keep("ratio@.5"), .5, 0);
    assert_near(icl_quantity_keep("ratio@0.95"), .95, 0);
    assert_near(icl_quantity_keep("@1"), 1, 0);
    static const char *const none[] = {"ratio", "", "ratio@", "ratio@x", "ratio@.5x", "ratio@nan"};
    for (size_t w = 0; w < sizeof none / sizeof none[0]; w++)
        assert_near(icl_quantity_keep(none[w]), NAN, 0);
    struct icl_claim c = {.quantity = "ratio@.5"};
    assert_true(quantity_is(&c, "ratio"));
    assert_false(quantity_is(&c, "rati"));
    assert_false(quantity_is(&c, "ratio@.5x"));
    c.quantity = "ratio-of";
    assert_false(quantity_is(&c, "ratio"));
}

/* ---- printing ------------------------------------------------------------------------------------------------- */

static char *printed(const char *format)
{
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    assert_non_null(stream);
    assert_int_equal(icl_claims_print(stream, format, NULL), ICL_OK);
    fclose(stream);
    return text;
}

static void same_claim(const struct icl_claim *a, const struct icl_claim *b)
{
    assert_string_equal(a->id, b->id);
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->source, b->source);
    assert_string_equal(a->statement, b->statement);
    assert_string_equal(a->law, b->law);
    assert_string_equal(a->quantity, b->quantity);
    assert_string_equal(a->theorem, b->theorem);
    assert_string_equal(a->enclosure, b->enclosure);
    assert_int_equal(a->rule, b->rule);
    assert_int_equal(a->expected, b->expected);
    assert_near(a->target, b->target, 0);
    assert_near(a->tolerance, b->tolerance, 0);
}

static void what_is_printed_can_be_read_again(void **state)
{
    (void)state;
    char *text = printed("tsv");
    struct icl_registry r;
    assert_int_equal(icl_registry_parse(text, &r, NULL), ICL_OK);
    assert_int_equal(r.count, registry.count);
    for (size_t i = 0; i < r.count; i++)
        same_claim(&r.claim[i], &registry.claim[i]);
    icl_registry_free(&r);
    free(text);
}

static void json_holds_the_same(void **state)
{
    (void)state;
    char *text = printed("json");
    json_error_t error;
    json_t *list = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    if (list == NULL) fail_msg("line %d: %s", error.line, error.text);
    assert_int_equal(json_array_size(list), registry.count);
    static const char *const signs[] = {"=", "<=", ">=", "measure", ">"};
    for (size_t i = 0; i < registry.count; i++) {
        const struct icl_claim *c = &registry.claim[i];
        const json_t *row = json_array_get(list, i);
        assert_int_equal(json_object_size(row), 11);
        const struct {
            const char *key, *value;
        } texts[] = {{"id", c->id},
                     {"name", c->name},
                     {"source", c->source},
                     {"statement", c->statement},
                     {"law", c->law},
                     {"quantity", c->quantity},
                     {"theorem", c->theorem},
                     {"enclosure", c->enclosure},
                     {"expected", icl_verdict_names[c->expected]}};
        for (size_t t = 0; t < sizeof texts / sizeof texts[0]; t++)
            assert_string_equal(json_string_value(json_object_get(row, texts[t].key)), texts[t].value);
        assert_near(json_real_value(json_object_get(row, "tolerance")), c->tolerance, 0);
        const char *rule = json_string_value(json_object_get(row, "rule"));
        assert_int_equal(strncmp(rule, signs[c->rule], strlen(signs[c->rule])), 0);
        if (c->rule != ICL_RULE_MEASURE) assert_near(atof(strchr(rule, ' ')), c->target, 0);
    }
    /* numbers as a person writes them */
    assert_non_null(strstr(text, "\"tolerance\": 0.06,"));
    json_decref(list);
    free(text);
}

static void a_full_disk_is_an_error(void **state)
{
    (void)state;
    static const char *const formats[] = {"tsv", "json"};
    for (size_t f = 0; f < 2; f++) {
        FILE *full = fopen("/dev/full", "w");
        if (full == NULL) skip();
        setvbuf(full, NULL, _IONBF, 0);
        struct icl_error err = {0};
        assert_int_equal(icl_claims_print(full, formats[f], &err), ICL_ERR_IO);
        assert_string_equal(err.message, "standard output: the registry could not be written");
        fclose(full);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_claim_is_complete),
        cmocka_unit_test(ids_belong_to_families),
        cmocka_unit_test(keeps_of_quantities_are_measured),
        cmocka_unit_test(reads_every_cell),
        cmocka_unit_test(refuses_with_one_line),
        cmocka_unit_test(a_claim_is_named_by_its_front),
        cmocka_unit_test(the_keep_of_a_quantity),
        cmocka_unit_test(what_is_printed_can_be_read_again),
        cmocka_unit_test(json_holds_the_same),
        cmocka_unit_test(a_full_disk_is_an_error),
    };
    return cmocka_run_group_tests(tests, load, release);
}
