/* Mapped .npy files: the same columns as from the file read whole, in parts and through many windows. */
#include "tests/core_support.h"

#include "core/npy_map.h"
#include "core/table.h"

static uint64_t random_state = 7;

static uint64_t random_word(void)
{
    return random_bits(&random_state);
}

static double random_value(enum icl_dtype dtype)
{
    if (dtype == ICL_BOOL) return (double)(random_word() & 1);
    return dtype == ICL_F32 || dtype == ICL_F64 ? (double)(random_word() >> 11) * 0x1p-53 - .5
                                                : (double)(random_word() % 100);
}

static void write_random(const char *path, const size_t *shape, int ndim, const struct icl_npy_format *format)
{
    struct icl_array array = {.ndim = ndim, .dtype = format->dtype};
    memcpy(array.shape, shape, (size_t)ndim * sizeof *shape);
    const size_t size = icl_array_size(&array);
    array.data = malloc((size + 1) * sizeof *array.data);
    assert_non_null(array.data);
    for (size_t i = 0; i < size; i++)
        array.data[i] = random_value(format->dtype);
    assert_int_equal(icl_npy_write(path, &array, format, NULL), ICL_OK);
    icl_array_free(&array);
}

/* The columns of the mapped file, `together` at a time, beside those of the file read whole. */
static void check_parts(const struct icl_npy_map *map, const struct icl_columns *whole, size_t together)
{
    double *part = malloc((together * whole->rows + 1) * sizeof *part);
    assert_non_null(part);
    for (size_t first = 0; first < whole->cols; first += together) {
        const size_t count = whole->cols - first < together ? whole->cols - first : together;
        part[count * whole->rows] = 42;
        memset(part, 0xff, count * whole->rows * sizeof *part);
        assert_int_equal(icl_npy_map_read(map, first, count, part, NULL), ICL_OK);
        assert_memory_equal(part, icl_column(whole, first), count * whole->rows * sizeof *part);
        assert_true(part[count * whole->rows] == 42);
    }
    free(part);
}

static void check_file(const char *path, enum icl_unit unit)
{
    struct icl_columns whole;
    struct icl_npy_map map;
    assert_true(icl_npy_can_map(path));
    assert_int_equal(icl_columns_read(path, unit, &whole, NULL), ICL_OK);
    assert_int_equal(icl_npy_map_open(path, unit, &map, NULL), ICL_OK);
    assert_int_equal(map.layout.rows, whole.rows);
    assert_int_equal(map.layout.cols, whole.cols);
    assert_int_equal(map.layout.channel_cols, whole.channel_cols);
    for (size_t together = 1; together < whole.cols; together = 3 * together + 1)
        check_parts(&map, &whole, together);
    check_parts(&map, &whole, whole.cols);
    icl_npy_map_close(&map);
    icl_columns_free(&whole);
}

static void every_kind_of_file(void **state)
{
    (void)state;
    static const struct {
        int ndim;
        size_t shape[4];
    } shapes[] = {{1, {37}}, {2, {70, 5}}, {2, {1, 9}}, {4, {41, 3, 2, 5}}, {4, {33, 4, 1, 1}}, {4, {6, 1, 7, 3}}};
    const char *path = in_folder("kind.npy");
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (int dtype = 0; dtype < ICL_DTYPE_COUNT; dtype++)
            for (unsigned bits = 0; bits < 4; bits++) {
                const struct icl_npy_format format = {(enum icl_dtype)dtype, (bits & 1) != 0, (bits & 2) != 0,
                                                      1 + (int)(random_word() % 3)};
                write_random(path, shapes[s].shape, shapes[s].ndim, &format);
                check_file(path, ICL_UNIT_POSITION);
                check_file(path, ICL_UNIT_CHANNEL);
            }
}

/* More than ICL_NPY_WINDOW bytes: many rows, rows longer than a thirty-second of a window, one long column. */
static void many_windows(void **state)
{
    (void)state;
    static const struct {
        size_t shape[4];
        int ndim;
        struct icl_npy_format format;
    } files[] = {
        {{2900, 1499}, 2, {ICL_F32, false, false, 1}},      {{35, 131077}, 2, {ICL_F32, true, false, 1}},
        {{2100011, 2}, 2, {ICL_I8, false, true, 1}},        {{2100011, 2}, 2, {ICL_F64, false, true, 1}},
        {{1003, 7, 40, 31}, 4, {ICL_I16, false, false, 1}},
    };
    const char *path = in_folder("large.npy");
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        struct icl_npy_map map;
        struct icl_columns whole;
        write_random(path, files[f].shape, files[f].ndim, &files[f].format);
        assert_int_equal(icl_columns_read(path, ICL_UNIT_CHANNEL, &whole, NULL), ICL_OK);
        assert_int_equal(icl_npy_map_open(path, ICL_UNIT_CHANNEL, &map, NULL), ICL_OK);
        check_parts(&map, &whole, whole.cols / 2 + 1);
        icl_npy_map_close(&map);
        icl_columns_free(&whole);
    }
}

static void only_regular_npy_files(void **state)
{
    (void)state;
    const char *text = in_folder("table.tsv"), *called = in_folder("called.npy"), *pipe = in_folder("pipe.npy");
    write_bytes(text, "a\tb\n1\t2\n", 8);
    write_bytes(called, "a\tb\n1\t2\n", 8);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_false(icl_npy_can_map("-"));
    assert_false(icl_npy_can_map(folder));
    assert_false(icl_npy_can_map(in_folder("missing.npy")));
    assert_false(icl_npy_can_map(pipe));
    assert_false(icl_npy_can_map(text));
    assert_true(icl_npy_can_map(called)); /* and told to be broken */
}

/* The first `size` bytes of a good file; the message is that of the reader of whole files. */
static void expect_same_failure(const char *path, const char *bytes, size_t size, const char *word)
{
    struct icl_error whole_error = {0}, map_error = {0};
    struct icl_columns columns;
    struct icl_npy_map map;
    write_bytes(path, bytes, size);
    const icl_status whole = icl_columns_read(path, ICL_UNIT_POSITION, &columns, &whole_error);
    const icl_status mapped = icl_npy_map_open(path, ICL_UNIT_POSITION, &map, &map_error);
    assert_int_equal(whole, ICL_ERR_INPUT);
    assert_int_equal(mapped, ICL_ERR_INPUT);
    assert_string_equal(map_error.message, whole_error.message);
    assert_non_null(strstr(map_error.message, word));
    assert_int_equal(map.fd, -1);
}

static void bad_files_are_told_alike(void **state)
{
    (void)state;
    const char *path = in_folder("bad.npy");
    const struct icl_npy_format format = {ICL_F32, false, false, 1};
    size_t size;
    write_random(path, (const size_t[]){20, 3}, 2, &format);
    char *bytes = read_bytes(path, &size); /* a zero byte follows */
    expect_same_failure(path, bytes, size - 1, "ends inside the data");
    expect_same_failure(path, bytes, size + 1, "something follows the data");
    expect_same_failure(path, bytes, 40, "longer than the rest");
    expect_same_failure(path, bytes, 4, "ends inside the magic");
    expect_same_failure(path, bytes, 0, "empty");
    free(bytes);
    write_random(path, (const size_t[]){5, 3, 2}, 3, &format);
    bytes = read_bytes(path, &size);
    expect_same_failure(path, bytes, size, "want (samples)");
    free(bytes);
    write_random(path, (const size_t[]){5, 0}, 2, &format);
    bytes = read_bytes(path, &size);
    expect_same_failure(path, bytes, size, "there are no columns");
    free(bytes);
}

static void a_file_that_is_cut_later(void **state)
{
    (void)state;
    for (unsigned fortran = 0; fortran < 2; fortran++) {
        const char *path = in_folder("cut.npy");
        const struct icl_npy_format format = {ICL_F64, false, fortran != 0, 1};
        struct icl_npy_map map;
        struct icl_error err = {0};
        double out[3 * 50];
        write_random(path, (const size_t[]){50, 3}, 2, &format);
        assert_int_equal(icl_npy_map_open(path, ICL_UNIT_POSITION, &map, &err), ICL_OK);
        assert_int_equal(icl_npy_map_read(&map, 0, 3, out, &err), ICL_OK);
        assert_int_equal(icl_npy_map_read(&map, 2, 2, out, &err), ICL_ERR_INPUT);
        assert_int_equal(icl_npy_map_read(&map, 4, 0, out, &err), ICL_ERR_INPUT);
        assert_int_equal(icl_npy_map_read(&map, 3, 0, out, &err), ICL_OK);
        assert_int_equal(truncate(path, 600), 0);
        assert_int_equal(icl_npy_map_read(&map, 0, 1, out, &err), ICL_ERR_IO);
        assert_non_null(strstr(err.message, "byte 600: the file has been cut"));
        icl_npy_map_close(&map);
        icl_npy_map_close(&map);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_file),       cmocka_unit_test(many_windows),
        cmocka_unit_test(only_regular_npy_files),   cmocka_unit_test(bad_files_are_told_alike),
        cmocka_unit_test(a_file_that_is_cut_later),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
