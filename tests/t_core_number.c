/* Numbers as text: strict parsing, rounding, counts, printing. */
#include "tests/core_support.h"

#include <float.h>

#include "core/number.h"

static const uint64_t seed = 99194853094755497u;

static enum icl_number_outcome parse(const char *text, double *value)
{
    return icl_parse_double(text, strlen(text), value);
}

static void reads_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        {"0", 0.0},
        {"-0", -0.0},
        {"+0.0", 0.0},
        {"1", 1},
        {"-17.25", -17.25},
        {".5", .5},
        {"5.", 5},
        {"1e3", 1000},
        {"1E+3", 1000},
        {"1.5e-3", 0.0015},
        {"0.1", 0.1},
        {"123456789012345678", 123456789012345678.0},
        {"9007199254740993", 9007199254740992.0}, /* halfway between two doubles: to even */
        {"9007199254740993.00000000000000000000000001", 9007199254740994.0},
        {"1.7976931348623157e308", DBL_MAX},
        {"2.2250738585072014e-308", DBL_MIN},
        {"4.9e-324", 0x1p-1074},
        {"1e-400", 0.0},
        {"-1e-400", -0.0},
        {"0e999999999999", 0.0},
        {"100000000000000000000000", 1e23},
        {"0.00000000000000000000000000000000000000001", 1e-41},
        {"8.98846567431158e307", 8.98846567431158e307},
        {"1.00000000000000000000000000000000", 1},
        {"3.141592653589793238462643383279502884197", 0x1.921fb54442d18p1},
        {"nan", NAN},
        {"NaN", NAN},
        {"-nan", NAN},
        {"inf", INFINITY},
        {"-Inf", -INFINITY},
        {"+INFINITY", INFINITY},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        double value = -77;
        assert_int_equal(parse(cases[k].text, &value), ICL_NUMBER_OK);
        assert_same(value, cases[k].value);
    }
}

static void refuses_what_is_no_number(void **state)
{
    (void)state;
    static const char *const garbage[] = {
        "",     " ",      "1 ",    " 1",  "abc",   "1a",   "a1",    "1..2", ".",         "-",        "+",   "e5",
        "1e",   "1e+",    "1e5.5", "--1", "+-1",   "0x10", "0x1p3", "1,5",  "1'000",     "1_0",      "NA",  "na",
        "nanx", "nan(1)", "infi",  "in",  "\"1\"", "1e5e", "1d5",   "1f",   "infinity ", "\xd9\xa1", "1\t", ".e1",
    };
    double value = -77;
    for (size_t k = 0; k < sizeof garbage / sizeof *garbage; k++)
        if (parse(garbage[k], &value) != ICL_NUMBER_GARBAGE) fail_msg("'%s' was taken for a number", garbage[k]);
    static const char *const huge[] = {"1e309", "-1e309", "1.7976931348623159e308", "1e999999999999999999"};
    for (size_t k = 0; k < sizeof huge / sizeof *huge; k++)
        assert_int_equal(parse(huge[k], &value), ICL_NUMBER_RANGE);
    assert_same(value, -77);
    /* Only `length` characters count, whatever follows. */
    assert_int_equal(icl_parse_double("12,34", 2, &value), ICL_NUMBER_OK);
    assert_same(value, 12);
}

static void reads_counts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t value;
    } cases[] = {
        {"0", 0},
        {"7", 7},
        {"+7", 7},
        {"1e5", 100000},
        {"1E5", 100000},
        {"2.5e3", 2500},
        {"5.000", 5},
        {"500e-2", 5},
        {"0e99999", 0},
        {"0e-99999", 0},
        {"18446744073709551615", UINT64_MAX},
        {"9007199254740993", UINT64_C(9007199254740993)},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        uint64_t value = 77;
        assert_int_equal(icl_parse_count(cases[k].text, strlen(cases[k].text), &value), ICL_NUMBER_OK);
        assert_true(value == cases[k].value);
    }
    static const char *const garbage[] = {"", "-1", "-0", "1.5", "1e-1", "15e-2", "nan", "inf", "ten", "1 ", "0x10"};
    static const char *const huge[] = {"18446744073709551616", "1e20", "99999999999999999999999", "1e99999999999"};
    uint64_t value = 77;
    for (size_t k = 0; k < sizeof garbage / sizeof *garbage; k++)
        assert_int_equal(icl_parse_count(garbage[k], strlen(garbage[k]), &value), ICL_NUMBER_GARBAGE);
    for (size_t k = 0; k < sizeof huge / sizeof *huge; k++)
        assert_int_equal(icl_parse_count(huge[k], strlen(huge[k]), &value), ICL_NUMBER_RANGE);
    assert_true(value == 77);
}

static void prints_what_reads_back(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {-0.0, "-0"},
        {0.1, "0.1"},
        {1e5, "100000"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1e23, "1e+23"},
        {1.0 / 3, "0.3333333333333333"},
        {NAN, "nan"},
        {-NAN, "nan"},
        {INFINITY, "inf"},
        {-INFINITY, "-inf"},
    };
    char buffer[ICL_NUMBER_SIZE];
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        assert_ptr_equal(icl_format_number(cases[k].value, buffer), buffer);
        assert_string_equal(buffer, cases[k].text);
    }
    print_message("# seed %llu\n", (unsigned long long)seed);
    uint64_t random = seed;
    for (int i = 0; i < 20000; i++) {
        /* Every pattern of bits, then numbers of the sizes that tables hold. */
        const uint64_t bits = random_bits(&random);
        double value = (double)(int64_t)bits * 0x1p-60;
        if (i % 2 == 0) memcpy(&value, &bits, sizeof value);
        icl_format_number(value, buffer);
        assert_true(strlen(buffer) < ICL_NUMBER_SIZE);
        double back;
        assert_int_equal(parse(buffer, &back), ICL_NUMBER_OK);
        assert_same(back, value);
        assert_same(strtod(buffer, NULL), value);
    }
}

/* The quick way for short numbers against the C library. */
static void rounds_like_strtod(void **state)
{
    (void)state;
    print_message("# seed %llu\n", (unsigned long long)seed);
    uint64_t random = seed;
    for (int i = 0; i < 50000; i++) {
        char text[64];
        const uint64_t digits = random_bits(&random) >> (random_bits(&random) % 64);
        const int exponent = (int)(random_bits(&random) % 60) - 30;
        snprintf(text, sizeof text, "%s%llue%d", i % 2 ? "-" : "", (unsigned long long)digits, exponent);
        double value;
        assert_int_equal(parse(text, &value), ICL_NUMBER_OK);
        assert_same(value, strtod(text, NULL));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_numbers),      cmocka_unit_test(refuses_what_is_no_number),
        cmocka_unit_test(reads_counts),       cmocka_unit_test(prints_what_reads_back),
        cmocka_unit_test(rounds_like_strtod),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
