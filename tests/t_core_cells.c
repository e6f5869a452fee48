/* Tables of text and numbers, read whole. */
#include "tests/core_support.h"

#include "core/cells.h"

static struct icl_cells read_text(const char *text)
{
    struct icl_error err;
    struct icl_cells cells;
    write_bytes(in_folder("table.tsv"), text, strlen(text));
    assert_ok(icl_cells_read(in_folder("table.tsv"), &cells, &err));
    return cells;
}

static void refuse(const char *text, size_t size, const char *reason)
{
    struct icl_error err;
    struct icl_cells cells;
    memset(&cells, 0x5a, sizeof cells);
    const struct icl_cells before = cells;
    write_bytes(in_folder("table.tsv"), text, size);
    assert_failure(icl_cells_read(in_folder("table.tsv"), &cells, &err), ICL_ERR_INPUT, &err, "table.tsv", reason);
    assert_memory_equal(&cells, &before, sizeof cells);
}

static void cells_are_where_they_stand(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_cells cells =
        read_text("# a\tcomment\n\nname\tvalue\tnote\r\nfirst\t-1.25e3\t\n# between\nsecond\tnan\ta b\r\nlast\tinf\tz");
    size_t column;
    double value;
    assert_int_equal(cells.cols, 3);
    assert_int_equal(cells.rows, 3);
    assert_string_equal(cells.name[2], "note");
    assert_string_equal(icl_cell(&cells, 0, 0), "first");
    assert_string_equal(icl_cell(&cells, 0, 2), "");
    assert_string_equal(icl_cell(&cells, 1, 2), "a b");
    assert_string_equal(icl_cell(&cells, 2, 2), "z");
    assert_ok(icl_cells_column(&cells, "value", &column, &err));
    assert_int_equal(column, 1);
    assert_ok(icl_cell_number(&cells, 0, column, &value, &err));
    assert_same(value, -1250);
    assert_ok(icl_cell_number(&cells, 1, column, &value, &err));
    assert_true(isnan(value));
    assert_ok(icl_cell_number(&cells, 2, column, &value, &err));
    assert_same(value, INFINITY);
    assert_failure(icl_cell_number(&cells, 1, 2, &value, &err), ICL_ERR_INPUT, &err, "row 2", "'note'", "'a b'");
    assert_failure(icl_cells_column(&cells, "price", &column, &err), ICL_ERR_INPUT, &err, "table.tsv", "'price'");
    icl_cells_free(&cells);
    icl_cells_free(&cells);
    cells = read_text("only\n");
    assert_int_equal(cells.rows, 0);
    assert_int_equal(cells.cols, 1);
    icl_cells_free(&cells);
}

static void what_is_no_table(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_cells cells;
    refuse("", 0, "no line of names");
    refuse("# only\n\n", 8, "no line of names");
    refuse("a\tb\n1\t2\n3\n", 10, "line 3: 1 cells, the line of names has 2");
    refuse("# x\na\tb\n\n1\t2\t3\n", 15, "line 4: 3 cells");
    refuse("a\tb\n1\t\0\n", 9, "zero byte");
    assert_failure(icl_cells_read(in_folder("none.tsv"), &cells, &err), ICL_ERR_INPUT, &err, "none.tsv");
    assert_failure(icl_cells_read(folder, &cells, &err), ICL_ERR_INPUT, &err, folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(cells_are_where_they_stand),
                                       cmocka_unit_test(what_is_no_table)};
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
