/* Tables: written, read back, and every way to be wrong. */
#include "tests/core_support.h"

#include "core/npy.h"
#include "core/table.h"

static const uint64_t seed = 31415926535u;

static void writes_tables(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_table table;
    const char *path = in_folder("out.tsv");
    assert_ok(icl_table_open(&table, path, "units: nats\nseed: 7\n", "name\tmi\tn", &err));
    icl_table_text(&table, "tab\there\nand there\r");
    icl_table_number(&table, 0.1);
    icl_table_count(&table, UINT64_MAX);
    icl_table_text(&table, "");
    icl_table_number(&table, NAN);
    icl_table_count(&table, 0);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_ok(icl_table_close(&table, &err));
    size_t size;
    char *text = read_bytes(path, &size);
    assert_string_equal(text, "# units: nats\n# seed: 7\nname\tmi\tn\n"
                              "tab here and there \t0.1\t18446744073709551615\n"
                              "\tnan\t0\n");
    free(text);
    assert_ok(icl_table_open(&table, path, NULL, "one", &err));
    icl_table_number(&table, -INFINITY);
    icl_table_number(&table, 1e300);
    assert_ok(icl_table_close(&table, &err));
    text = read_bytes(path, &size);
    assert_string_equal(text, "one\n-inf\n1e+300\n");
    free(text);
}

static void unfinished_and_failed_tables_leave_nothing(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_table table;
    const size_t before = count_entries(folder);
    assert_ok(icl_table_open(&table, in_folder("cut.tsv"), NULL, "a\tb\tc", &err));
    icl_table_number(&table, 1);
    icl_table_number(&table, 2);
    icl_status status = icl_table_close(&table, &err);
    assert_failure(status, ICL_ERR_NUMERIC, &err, "cut.tsv", "2 of 3");
    assert_ok(icl_table_open(&table, in_folder("dropped.tsv"), NULL, "a", &err));
    icl_table_number(&table, 1);
    icl_table_abort(&table);
    icl_table_abort(&table);
    status = icl_table_open(&table, in_folder("no/such.tsv"), NULL, "a", &err);
    assert_failure(status, ICL_ERR_IO, &err, "no/such.tsv", "No such file");
    assert_ok(icl_table_open(&table, "/dev/full", "header", "a", &err));
    icl_table_number(&table, 1);
    status = icl_table_close(&table, &err);
    assert_failure(status, ICL_ERR_IO, &err, "/dev/full", "No space");
    assert_int_equal(count_entries(folder), before);
}

/* Reads `text` as a file and through a pipe: both must give `rows` x `cols` and the values (row after row). */
static void expect_columns(const char *text, size_t rows, size_t cols, const double *values)
{
    struct icl_error err;
    const size_t size = strlen(text);
    const char *path = in_folder("in.csv");
    write_bytes(path, text, size);
    for (int way = 0; way < 4; way++) {
        struct icl_columns columns;
        struct feed feed;
        const char *from = way % 2 ? "-" : path;
        if (way % 2) feed_begin(&feed, text, size);
        if (way < 2)
            assert_ok(icl_table_read_columns(from, &columns, &err));
        else
            assert_ok(icl_columns_read(from, ICL_UNIT_POSITION, &columns, &err));
        if (way % 2) feed_end(&feed);
        assert_int_equal(columns.rows, rows);
        assert_int_equal(columns.cols, cols);
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < cols; j++)
                assert_same(icl_column(&columns, j)[i], values[i * cols + j]);
        icl_columns_free(&columns);
        assert_null(columns.data);
    }
}

static void reads_tables(void **state)
{
    (void)state;
    static const double two[] = {1.5, -2e-3, 0.25, 1e7};
    static const char *const same_table[] = {
        "a\tb\n1.5\t-2e-3\n.25\t1e7\n",
        "a\tb\n1.5\t-2e-3\n.25\t1e7",
        "a,b\r\n1.5,-2e-3\r\n.25,1e7\r\n",
        "a;b\n1.5;-2e-3\n.25;1e7\n\n\n",
        "a,b\r\n1.5,-2e-3\r\n.25,1e7\r\n\r\n  \r\n",
        "\357\273\277a,b\n1.5,-2e-3\n.25,1e7\n",
        "# units: nats\n#\n# a,b\na,b\n1.5,-2e-3\n# in between\n.25,1e7\n# after\n",
        "\n\na,b\n1.5,-2e-3\n.25,1e7\n",
        "\"a, the \"\"first\"\"\",\"b;\"\n1.5,-2e-3\n.25,1e7\n",
        "\"0\",\"1\"\n1.5,-2e-3\n.25,1e7\n",
        "\"a;x\";b\n1.5;-2e-3\n.25;1e7\n",
        " a , b \n 1.5 , -2e-3 \n .25,1e7  \n",
        "a\tb, c\n1.5\t -2e-3\n.25 \t1e7\n",
        "a,b\n\"1.5\",\"-2e-3\"\n.25,1e7\n",
        ",x\n1.5,-2e-3\n.25,1e7\n",
        "0,x\n1.5,-2e-3\n.25,1e7\n",
        "a,a\n1.5,-2e-3\n.25,1e7\n",
    };
    for (size_t k = 0; k < sizeof same_table / sizeof *same_table; k++)
        expect_columns(same_table[k], 2, 2, two);
    static const double column[] = {NAN, INFINITY, -INFINITY, -0.0};
    expect_columns("x\nnan\ninf\n-Inf\n-0\n", 4, 1, column);
    expect_columns("a\tb\tc\td\nNaN\tInfinity\t-inf\t-0.0\n", 1, 4, column);
}

static void expect_bad(const char *text, size_t size, const char *place, const char *reason)
{
    const char *path = in_folder("bad.csv");
    write_bytes(path, text, size);
    for (int way = 0; way < 4; way++) {
        struct icl_error err;
        struct icl_columns columns;
        struct icl_columns before;
        memset(&columns, 0x5a, sizeof columns);
        memset(&before, 0x5a, sizeof before);
        struct feed feed;
        const char *from = way % 2 ? "-" : path;
        if (way % 2) feed_begin(&feed, text, size);
        const icl_status status = way < 2 ? icl_table_read_columns(from, &columns, &err)
                                          : icl_columns_read(from, ICL_UNIT_POSITION, &columns, &err);
        if (way % 2) feed_end(&feed);
        assert_failure(status, ICL_ERR_INPUT, &err, way % 2 ? "standard input" : "bad.csv", place, reason);
        assert_memory_equal(&columns, &before, sizeof columns);
    }
}

static void refuses_bad_tables(void **state)
{
    (void)state;
    static const struct {
        const char *text, *place, *reason;
    } cases[] = {
        {"", "line 1", "empty"},
        {"\n\n", "line 1", "column names"},
        {"# only\n# comments\n", "line 3", "column names"},
        {"1,2\n3,4\n", "line 1", "column names"},
        {"# c\n1.5\n2.5\n", "line 2", "column names"},
        {"nan,inf\n3,4\n", "line 1", "column names"},
        {"a,b\n", "line 2", "no row"},
        {"a,b", "line 2", "no row"},
        {"a,b\n\n \n", "line 2", "no row"},
        {"a,b\n1,2\n3\n", "line 3", "1 cells, but line 1 names 2"},
        {"# c\n\na,b\n1,2\n3,4,5\n", "line 5", "3 cells, but line 3 names 2"},
        {"a,b\n1,2,\n", "line 2", "3 cells"},
        {"a,b\n1\t2\n", "line 2", "1 cells"},
        {"a,b\nx,y,z\n", "line 2", "3 cells"},
        {"a,b\n1,2\n\n3,4\n", "line 3", "blank"},
        {"a,mi (nats)\n1,2\n3,4x\n", "line 3, column 1 \"mi (nats)\"", "\"4x\" is not a number"},
        {"\"q,a\",b\n1,2\nzero,4x\n", "line 3, column 0 \"q,a\"", "\"zero\" is not a number"},
        {"a,b\n1,\n", "line 2, column 1 \"b\"", "\"\" is not a number"},
        {"a\tb\n\t1\n", "line 2, column 0 \"a\"", "\"\" is not a number"},
        {"a,b\nNA,1\n", "line 2, column 0 \"a\"", "\"NA\" is not a number"},
        {"a;b\n1,5;2\n", "line 2, column 0 \"a\"", "\"1,5\" is not a number"},
        {"a,b\n1,0x10\n", "line 2, column 1", "not a number"},
        {"a,b\n1 2,3\n", "line 2, column 0", "not a number"},
        {"a,b\n1,1e999\n", "line 2, column 1 \"b\"", "range"},
        {"\"a,b\n1,2\n", "line 1", "quote"},
        {"a,b\n\"1,2\n", "line 2", "quote"},
        {"a,b\n1,\x1b[31m\n", "line 2, column 1", "\"?[31m\" is not a number"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        expect_bad(cases[k].text, strlen(cases[k].text), cases[k].place, cases[k].reason);
    expect_bad("a,b\n1,2\n3,\0004\n", 13, "line 3", "zero byte");
    expect_bad("\0a\n1\n", 5, "line 1", "zero byte");
}

/* Many columns named by one line and many empty rows must not ask for their product in memory. */
static void lying_sizes_cost_nothing(void **state)
{
    (void)state;
    enum { NAMES = 200000, LINES = 200000 };
    char *text = malloc(2 * NAMES + LINES + 2);
    assert_non_null(text);
    for (size_t i = 0; i < NAMES; i++)
        memcpy(text + 2 * i, "a,", 2);
    text[2 * NAMES - 1] = '\n';
    memset(text + 2 * NAMES, '\n', LINES);
    text[2 * NAMES + LINES] = 'x';
    expect_bad(text, 2 * NAMES + LINES + 1, "line 2", "blank");
    free(text);
}

static void reads_what_it_writes(void **state)
{
    (void)state;
    enum { ROWS = 211, COLS = 37 };
    static double values[ROWS * COLS];
    print_message("# seed %llu\n", (unsigned long long)seed);
    uint64_t random = seed;
    char names[COLS * 8] = "";
    for (int j = 0; j < COLS; j++)
        sprintf(names + strlen(names), "%sn%d", j > 0 ? "\t" : "", j);
    struct icl_error err;
    struct icl_table table;
    assert_ok(icl_table_open(&table, in_folder("round.tsv"), "seed: 1", names, &err));
    for (size_t i = 0; i < ROWS * COLS; i++) {
        const uint64_t bits = random_bits(&random);
        memcpy(&values[i], &bits, sizeof bits);
        icl_table_number(&table, values[i]);
    }
    assert_ok(icl_table_close(&table, &err));
    size_t size;
    char *text = read_bytes(in_folder("round.tsv"), &size);
    expect_columns(text, ROWS, COLS, values);
    free(text);
}

static void tells_npy_from_text(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_columns columns;
    double data[] = {1, 2, 3, 4, 5, 6};
    struct icl_array a = {.ndim = 2, .shape = {3, 2}, .data = data};
    const struct icl_npy_format format = {.dtype = ICL_U8};
    /* The magic decides, the name helps where it is missing. */
    assert_ok(icl_npy_write(in_folder("misnamed.csv"), &a, &format, &err));
    assert_ok(icl_columns_read(in_folder("misnamed.csv"), ICL_UNIT_POSITION, &columns, &err));
    assert_int_equal(columns.cols, 2);
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; j < 2; j++)
            assert_same(icl_column(&columns, j)[i], data[2 * i + j]);
    icl_columns_free(&columns);
    write_bytes(in_folder("text.npy"), "a\n1\n", 4);
    icl_status status = icl_columns_read(in_folder("text.npy"), ICL_UNIT_POSITION, &columns, &err);
    assert_failure(status, ICL_ERR_INPUT, &err, "text.npy", "byte 0", "magic");
    write_bytes(in_folder("cut"), "\x93NUM", 4);
    status = icl_columns_read(in_folder("cut"), ICL_UNIT_POSITION, &columns, &err);
    assert_failure(status, ICL_ERR_INPUT, &err, "cut", "byte 4", "magic");
    write_bytes(in_folder("zipped"), "PK\3\4xxxxxxxx", 12);
    status = icl_columns_read(in_folder("zipped"), ICL_UNIT_POSITION, &columns, &err);
    assert_failure(status, ICL_ERR_INPUT, &err, "zipped", "byte 0", ".npz");
    status = icl_columns_read(in_folder("missing"), ICL_UNIT_POSITION, &columns, &err);
    assert_failure(status, ICL_ERR_INPUT, &err, "missing", "No such file");
    status = icl_table_read_columns(folder, &columns, &err);
    assert_failure(status, ICL_ERR_INPUT, &err, folder, "directory");
    a.ndim = 3;
    a.shape[2] = 1;
    assert_ok(icl_npy_write(in_folder("cube.npy"), &a, &format, &err));
    status = icl_columns_read(in_folder("cube.npy"), ICL_UNIT_POSITION, &columns, &err);
    assert_failure(status, ICL_ERR_INPUT, &err, "cube.npy", "(3, 2, 1)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_tables),
        cmocka_unit_test(unfinished_and_failed_tables_leave_nothing),
        cmocka_unit_test(reads_tables),
        cmocka_unit_test(refuses_bad_tables),
        cmocka_unit_test(lying_sizes_cost_nothing),
        cmocka_unit_test(reads_what_it_writes),
        cmocka_unit_test(tells_npy_from_text),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
