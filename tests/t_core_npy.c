/* .npy files: bytes made here by hand against the reader, the writer against those bytes, and every way to be wrong. */
#include "tests/core_support.h"

#include "core/npy.h"
#include "core/table.h"

static const uint64_t seed = 20240607;

static const struct {
    enum icl_dtype dtype;
    char kind;
    unsigned size;
} types[] = {
    {ICL_F32, 'f', 4}, {ICL_F64, 'f', 8}, {ICL_I8, 'i', 1},  {ICL_I16, 'i', 2}, {ICL_I32, 'i', 4},  {ICL_I64, 'i', 8},
    {ICL_U8, 'u', 1},  {ICL_U16, 'u', 2}, {ICL_U32, 'u', 4}, {ICL_U64, 'u', 8}, {ICL_BOOL, 'b', 1},
};
enum { TYPES = sizeof types / sizeof *types };

/* 0 to 8 dimensions; sizes around the blocks of the converter (512) and the tiles of the transposition (32). */
static const struct {
    int ndim;
    size_t shape[ICL_MAX_DIMS];
} shapes[] = {
    {0, {0}},
    {1, {1}},
    {1, {1537}},
    {1, {0}},
    {2, {70, 41}},
    {2, {1, 33}},
    {2, {33, 1}},
    {2, {0, 3}},
    {3, {5, 3, 7}},
    {3, {3, 0, 2}},
    {4, {6, 5, 4, 3}},
    {5, {2, 3, 1, 4, 2}},
    {6, {2, 1, 3, 2, 2, 3}},
    {7, {2, 2, 2, 2, 2, 2, 2}},
    {8, {2, 3, 1, 2, 2, 1, 2, 3}},
};
enum { SHAPES = sizeof shapes / sizeof *shapes, MOST_BYTES = 1 << 15 };

struct bytes {
    size_t size;
    unsigned char at[MOST_BYTES];
};

static void add(struct bytes *b, const void *more, size_t size)
{
    assert_true(b->size + size <= MOST_BYTES);
    memcpy(b->at + b->size, more, size);
    b->size += size;
}

/* Magic, version, and the dictionary as given, without any padding. */
static void start_file(struct bytes *b, unsigned version, const char *dictionary)
{
    const size_t length = strlen(dictionary);
    const unsigned char version_bytes[] = {(unsigned char)version, 0};
    unsigned char field[4];
    for (int k = 0; k < 4; k++)
        field[k] = (unsigned char)(length >> (8 * k) & 0xff);
    b->size = 0;
    add(b, "\x93NUMPY", 6);
    add(b, version_bytes, 2);
    add(b, field, version == 1 ? 2 : 4);
    add(b, dictionary, length);
}

/* Random bits of one element, and the value they stand for, worked out by arithmetic alone. */
static uint64_t random_element(int t, uint64_t *state, double *value)
{
    uint64_t bits = random_bits(state);
    const unsigned width = 8 * types[t].size;
    if (width < 64) bits &= (UINT64_C(1) << width) - 1;
    if (types[t].kind == 'b') bits &= 1;
    if (types[t].kind == 'f') {
        /* sign * 1.fraction * 2^(exponent - bias); an exponent of ones is inf or NaN, one of zeros is subnormal. */
        const unsigned fraction_width = width == 32 ? 23 : 52;
        const unsigned exponent_ones = width == 32 ? 255 : 2047;
        const uint64_t pick = random_bits(state) % 16;
        const uint64_t fraction_mask = (UINT64_C(1) << fraction_width) - 1;
        if (pick == 0) bits &= ~((uint64_t)exponent_ones << fraction_width);
        if (pick == 1) bits |= (uint64_t)exponent_ones << fraction_width;
        if (pick == 2) bits = (bits | (uint64_t)exponent_ones << fraction_width) & ~fraction_mask;
        const uint64_t fraction = bits & fraction_mask;
        const unsigned exponent = (unsigned)(bits >> fraction_width) & exponent_ones;
        const int bias = (int)(exponent_ones / 2);
        const double one = exponent == 0 ? 0 : 1;
        double size =
            ldexp(one + ldexp((double)fraction, -(int)fraction_width), (exponent == 0 ? 1 : (int)exponent) - bias);
        if (exponent == exponent_ones) size = fraction == 0 ? INFINITY : NAN;
        *value = bits >> (width - 1) != 0 ? -size : size;
    } else if (types[t].kind == 'i' && bits >> (width - 1) != 0) {
        const uint64_t below_zero = width < 64 ? (UINT64_C(1) << width) - bits : -bits;
        *value = -(double)below_zero;
    } else {
        *value = (double)bits;
    }
    return bits;
}

static size_t count_of(int ndim, const size_t *shape)
{
    size_t n = 1;
    for (int k = 0; k < ndim; k++)
        n *= shape[k];
    return n;
}

/* The place in a Fortran-ordered file of the element at `at` in C order. */
static size_t fortran_place(int ndim, const size_t *shape, size_t at)
{
    size_t index[ICL_MAX_DIMS];
    for (int k = ndim; k-- > 0; at /= shape[k])
        index[k] = at % shape[k];
    size_t place = 0;
    for (int k = ndim; k-- > 0;)
        place = place * shape[k] + index[k];
    return place;
}

struct variant {
    int type, shape;
    bool big_endian, fortran;
    unsigned version;
};

/* The file of one variant, and the values that should be read from it (C order). */
static void make_file(const struct variant *v, uint64_t *state, struct bytes *file, double *values)
{
    const int ndim = shapes[v->shape].ndim;
    const size_t *shape = shapes[v->shape].shape;
    const unsigned size = types[v->type].size;
    char tuple[128] = "";
    for (int k = 0; k < ndim; k++)
        sprintf(tuple + strlen(tuple), "%zu,%s", shape[k], k + 1 < ndim ? " " : "");
    if (ndim > 1) tuple[strlen(tuple) - 1] = '\0';
    char dictionary[256];
    snprintf(dictionary, sizeof dictionary, "{'descr': '%c%c%u', 'fortran_order': %s, 'shape': (%s), }%*s\n",
             size == 1       ? '|'
             : v->big_endian ? '>'
                             : '<',
             types[v->type].kind, size, v->fortran ? "True" : "False", tuple, 7, "");
    start_file(file, v->version, dictionary);
    const size_t n = count_of(ndim, shape);
    unsigned char *data = file->at + file->size;
    assert_true(file->size + n * size <= MOST_BYTES);
    for (size_t i = 0; i < n; i++) {
        const uint64_t bits = random_element(v->type, state, &values[i]);
        unsigned char *element = data + size * (v->fortran ? fortran_place(ndim, shape, i) : i);
        for (unsigned k = 0; k < size; k++)
            element[v->big_endian ? size - 1 - k : k] = (unsigned char)(bits >> (8 * k) & 0xff);
    }
    file->size += n * size;
}

static void check_array(const struct icl_array *a, const struct variant *v, const double *values)
{
    assert_int_equal(a->dtype, types[v->type].dtype);
    assert_int_equal(a->ndim, shapes[v->shape].ndim);
    for (int k = 0; k < a->ndim; k++)
        assert_int_equal(a->shape[k], shapes[v->shape].shape[k]);
    const size_t n = count_of(a->ndim, a->shape);
    assert_int_equal(icl_array_size(a), n);
    for (size_t i = 0; i < n; i++)
        assert_same(a->data[i], values[i]);
}

typedef void (*variant_check)(const struct variant *v, uint64_t *state);

static void for_all_variants(variant_check check)
{
    uint64_t state = seed;
    print_message("# seed %llu\n", (unsigned long long)seed);
    for (int t = 0; t < TYPES; t++)
        for (int s = 0; s < SHAPES; s++)
            for (int kind = 0; kind < 12; kind++) {
                const struct variant v = {t, s, kind & 1, kind >> 1 & 1, 1 + (unsigned)kind / 4};
                check(&v, &state);
            }
}

static struct bytes file;
static double values[MOST_BYTES / 8];

static void check_reading(const struct variant *v, uint64_t *state)
{
    struct icl_error err;
    struct icl_array a;
    make_file(v, state, &file, values);
    const char *path = in_folder("read.npy");
    write_bytes(path, file.at, file.size);
    assert_ok(icl_npy_read(path, &a, &err));
    check_array(&a, v, values);
    icl_array_free(&a);
    assert_null(a.data);
}

static void reads_every_kind_of_file(void **state)
{
    (void)state;
    for_all_variants(check_reading);
}

static void check_writing(const struct variant *v, uint64_t *state)
{
    struct icl_error err;
    make_file(v, state, &file, values);
    const size_t size = types[v->type].size;
    struct icl_array a = {.ndim = shapes[v->shape].ndim, .data = values};
    memcpy(a.shape, shapes[v->shape].shape, sizeof a.shape);
    const size_t n = icl_array_size(&a);
    /* Doubles hold 53 bits: what an 8-byte integer loses must not carry it out of its range. */
    if (size == 8 && types[v->type].kind != 'f')
        for (size_t i = 0; i < n; i++)
            values[i] = trunc(values[i] / 4096);
    const struct icl_npy_format format = {types[v->type].dtype, v->big_endian, v->fortran, (int)v->version};
    const char *path = in_folder("write.npy");
    assert_ok(icl_npy_write(path, &a, &format, &err));
    struct icl_array back;
    assert_ok(icl_npy_read(path, &back, &err));
    check_array(&back, v, values);
    icl_array_free(&back);

    size_t written;
    char *bytes = read_bytes(path, &written);
    const size_t data = n * size;
    assert_true(written > data && (written - data) % 64 == 0);
    assert_int_equal((unsigned char)bytes[6], v->version);
    assert_int_equal(bytes[7], 0);
    assert_int_equal(bytes[written - data - 1], '\n');
    /* NaN has many encodings and 8-byte integers were changed; all other data must be those made by hand. */
    if (types[v->type].kind != 'f' && size < 8)
        assert_memory_equal(bytes + (written - data), file.at + (file.size - data), data);
    free(bytes);
}

static void writes_what_it_reads(void **state)
{
    (void)state;
    for_all_variants(check_writing);
}

/* The very bytes of numpy.save("a.npy", numpy.float32([1.5, -2])). */
static void writes_the_bytes_of_numpy(void **state)
{
    (void)state;
    struct icl_error err;
    double two[] = {1.5, -2.0};
    struct icl_array a = {.ndim = 1, .shape = {2}, .data = two};
    const struct icl_npy_format zero = {0};
    assert_ok(icl_npy_write(in_folder("a.npy"), &a, &zero, &err));
    char wanted[136] = "\x93NUMPY\x01\x00\x76\x00{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";
    const size_t used = 10 + strlen("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }");
    memset(wanted + used, ' ', 127 - used);
    wanted[127] = '\n';
    memcpy(wanted + 128, "\x00\x00\xc0\x3f\x00\x00\x00\xc0", 8);
    size_t size;
    char *bytes = read_bytes(in_folder("a.npy"), &size);
    assert_int_equal(size, sizeof wanted);
    assert_memory_equal(bytes, wanted, size);
    free(bytes);
}

static void reads_unusual_headers(void **state)
{
    (void)state;
    static const char *const headers[] = {
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
        "{'shape':(3,),'fortran_order':False,'descr':'<f4'}",
        "  {\"descr\" : \"<f4\" ,\t\"shape\" : ( 3 , ) , \"fortran_order\" : False , }  \n\n",
        "{'descr': '<f4', 'fortran_order': True, 'shape': (3L,)}",
        "{'descr': '=f4', 'fortran_order': False, 'shape': (00003,)}",
        "{'descr': 'f4', 'fortran_order': False, 'shape': (3,)}",
    };
    const float data[] = {1.25f, -7e30f, 3e-42f};
    for (size_t k = 0; k < sizeof headers / sizeof *headers; k++) {
        struct icl_error err;
        struct icl_array a;
        start_file(&file, 1, headers[k]);
        add(&file, data, sizeof data);
        write_bytes(in_folder("h.npy"), file.at, file.size);
        assert_ok(icl_npy_read(in_folder("h.npy"), &a, &err));
        assert_int_equal(a.ndim, 1);
        for (int i = 0; i < 3; i++)
            assert_same(a.data[i], (double)data[i]);
        icl_array_free(&a);
    }
}

/* NumPy takes every byte but 0 for True. */
static void any_byte_but_zero_is_true(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_array a;
    start_file(&file, 1, "{'descr': '|b1', 'fortran_order': False, 'shape': (5,), }");
    add(&file, "\0\1\2\x80\xff", 5);
    write_bytes(in_folder("b.npy"), file.at, file.size);
    assert_ok(icl_npy_read(in_folder("b.npy"), &a, &err));
    for (int i = 0; i < 5; i++)
        assert_same(a.data[i], i > 0);
    icl_array_free(&a);
}

/* Reads `path` expecting a failure, and that the output keeps every byte. */
static void expect_bad(const char *path, icl_status wanted, const char *place, const char *reason)
{
    struct icl_error err;
    struct icl_array a;
    struct icl_array before;
    memset(&a, 0x5a, sizeof a);
    memset(&before, 0x5a, sizeof before);
    const char *slash = strrchr(path, '/');
    const icl_status status = icl_npy_read(path, &a, &err);
    assert_failure(status, wanted, &err, slash != NULL ? slash + 1 : "standard input", place, reason);
    assert_memory_equal(&a, &before, sizeof a);
}

/* The same for the bytes in `file`: as a file and through a pipe. */
static void expect_bad_bytes(const char *place, const char *reason)
{
    write_bytes(in_folder("bad.npy"), file.at, file.size);
    expect_bad(in_folder("bad.npy"), ICL_ERR_INPUT, place, reason);
    struct feed feed;
    feed_begin(&feed, file.at, file.size);
    expect_bad("-", ICL_ERR_INPUT, place, reason);
    feed_end(&feed);
}

static void refuses_bad_headers(void **state)
{
    (void)state;
    static const struct {
        const char *header, *place, *reason;
    } cases[] = {
        {"", "byte 10", "'{'"},
        {"garbage", "byte 10", "'{'"},
        {"{", "byte 11", "quoted string"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), } x", "byte 68", "follows"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,)", "byte 64", "',' or '}'"},
        {"{'descr': '<f4' 'fortran_order': False, 'shape': (3,)}", "byte 26", "',' or '}'"},
        {"{'descr' '<f4', 'fortran_order': False, 'shape': (3,)}", "byte 19", "':'"},
        {"{'descr': '<f4, 1: False}", "byte 20", "not closed"},
        {"{descr: '<f4', 'fortran_order': False, 'shape': (3,)}", "byte 11", "quoted string"},
        {"{'fortran_order': False, 'shape': (3,)}", "'descr'", "missing"},
        {"{'descr': '<f4', 'shape': (3,)}", "'fortran_order'", "missing"},
        {"{'descr': '<f4', 'fortran_order': False}", "'shape'", "missing"},
        {"{}", "'descr'", "missing"},
        {"{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", "'descr'", "twice"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'extra': 1}", "'extra'", "unknown"},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (3,)}", "'descr'", "'|O'"},
        {"{'descr': '<c8', 'fortran_order': False, 'shape': (3,)}", "'descr'", "'<c8'"},
        {"{'descr': '<c16', 'fortran_order': False, 'shape': (3,)}", "'descr'", "'<c16'"},
        {"{'descr': '<U5', 'fortran_order': False, 'shape': (3,)}", "'descr'", "'<U5'"},
        {"{'descr': '|S3', 'fortran_order': False, 'shape': (3,)}", "'descr'", "'|S3'"},
        {"{'descr': '<f2', 'fortran_order': False, 'shape': (3,)}", "'descr'", "'<f2'"},
        {"{'descr': '<f16', 'fortran_order': False, 'shape': (3,)}", "'descr'", "'<f16'"},
        {"{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (3,)}", "'descr'", "'<M8[ns]'"},
        {"{'descr': '|f4', 'fortran_order': False, 'shape': (3,)}", "'descr'", "'|f4'"},
        {"{'descr': '', 'fortran_order': False, 'shape': (3,)}", "'descr'", "''"},
        {"{'descr': '<', 'fortran_order': False, 'shape': (3,)}", "'descr'", "'<'"},
        {"{'descr': '<<f4', 'fortran_order': False, 'shape': (3,)}", "'descr'", "'<<f4'"},
        {"{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (3,)}", "'descr'", "structured"},
        {"{'descr': 4, 'fortran_order': False, 'shape': (3,)}", "byte 20", "quoted string"},
        {"{'descr': '<f4', 'fortran_order': 0, 'shape': (3,)}", "byte 44", "True or False"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (-3,)}", "'shape'", "dimension 0 is negative"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, -3)}", "'shape'", "dimension 1 is negative"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3)}", "byte 62", "commas"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': 3}", "byte 60", "tuple"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': [3]}", "byte 60", "tuple"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3.0,)}", "byte 62", "commas"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,,)}", "byte 63", "whole numbers"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3 4)}", "byte 63", "commas"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (3,", "byte 63", "whole numbers"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,3)}", "'shape'", "more than 8"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}", "'shape'", "too large"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (18446744073709551615,)}", "'shape'", "more elements"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}", "'shape'", "more elements"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1152921504606846976,)}", "'shape'", "more elements"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 0, 4294967296)}", "'shape'", "more elements"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (1152921504606846975,)}", "byte", "inside the data"},
        {"{'descr': '<f4', 'fortran_order': False, 'shape': (100000000000,)}", "byte", "inside the data"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        start_file(&file, 1, cases[k].header);
        add(&file, "123456789abc", 12);
        expect_bad_bytes(cases[k].place, cases[k].reason);
    }
}

static void refuses_bad_beginnings(void **state)
{
    (void)state;
    static const char good[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }";
    file.size = 0;
    expect_bad_bytes("byte 0", "empty");
    add(&file, "a\tb\n1\t2\n", 8);
    expect_bad_bytes("byte 0", "magic");
    file.size = 0;
    add(&file, "PK\3\4\0\0\0\0\0\0", 10);
    expect_bad_bytes("byte 0", ".npz");
    file.size = 0;
    add(&file, "\x93NUMPX\1\0\0\0", 10);
    expect_bad_bytes("byte 0", "magic");
    /* Every length shorter than the whole file names the byte at which it ends. */
    for (unsigned version = 1; version <= 3; version++) {
        start_file(&file, version, good);
        add(&file, "123456789abc", 12);
        const size_t whole = file.size;
        for (size_t cut = 1; cut < whole; cut++) {
            file.size = cut;
            char place[32];
            const size_t header = version == 1 ? 10 : 12;
            snprintf(place, sizeof place, "byte %zu", cut);
            write_bytes(in_folder("bad.npy"), file.at, file.size);
            if (cut >= header && cut < whole - 12)
                expect_bad(in_folder("bad.npy"), ICL_ERR_INPUT, header == 10 ? "byte 10" : "byte 12",
                           "longer than the rest");
            else
                expect_bad(in_folder("bad.npy"), ICL_ERR_INPUT, place,
                           cut < header ? "ends inside" : "inside the data");
            struct feed feed;
            feed_begin(&feed, file.at, file.size);
            expect_bad("-", ICL_ERR_INPUT, place, "the file ends inside the");
            feed_end(&feed);
        }
        file.size = whole;
        add(&file, "x", 1);
        char end[32];
        snprintf(end, sizeof end, "byte %zu", whole);
        expect_bad_bytes(end, "follows the data");
    }
    for (unsigned version = 0; version <= 4; version += 4) {
        start_file(&file, version, good);
        expect_bad_bytes("byte 6", "version");
    }
    start_file(&file, 1, good);
    file.at[7] = 1;
    expect_bad_bytes("byte 6", "version 1.1");
    start_file(&file, 2, good);
    file.at[11] = 0xff; /* the highest byte of the length of the header */
    expect_bad_bytes("byte 12", "header");
}

static void refuses_what_is_no_file(void **state)
{
    (void)state;
    expect_bad(in_folder("missing.npy"), ICL_ERR_INPUT, "cannot be opened", "No such file");
    expect_bad(in_folder(""), ICL_ERR_INPUT, "is a directory", "directory");
    write_bytes(in_folder("locked.npy"), "x", 1);
    assert_int_equal(chmod(in_folder("locked.npy"), 0), 0);
    assert_int_equal(chmod(folder, 0755), 0);
    /* The superuser may read everything, so the rights are given up for a moment. */
    const bool root = geteuid() == 0;
    if (root) assert_int_equal(seteuid(NOBODY), 0);
    expect_bad(in_folder("locked.npy"), ICL_ERR_INPUT, "cannot be opened", "Permission denied");
    if (root) assert_int_equal(seteuid(0), 0);
}

static void long_names_leave_room_for_the_reason(void **state)
{
    (void)state;
    char name[251];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s/%s/%s", folder, name, name, name);
    struct icl_error err;
    struct icl_array a;
    const icl_status status = icl_npy_read(path, &a, &err);
    assert_failure(status, ICL_ERR_INPUT, &err, "...nnn", "No such file");
}

static void reads_a_pipe(void **state)
{
    (void)state;
    /* More than a pipe holds at once (64 KiB), so that reading happens in pieces. */
    enum { ROWS = 6000, COLS = 5 };
    static struct icl_array a = {.ndim = 2, .shape = {ROWS, COLS}};
    double *data = malloc(sizeof *data * ROWS * COLS);
    assert_non_null(data);
    uint64_t bits = seed;
    for (size_t i = 0; i < ROWS * COLS; i++)
        data[i] = (double)(int32_t)random_bits(&bits);
    a.data = data;
    struct icl_error err;
    const struct icl_npy_format format = {ICL_I32, true, true, 2};
    assert_ok(icl_npy_write(in_folder("pipe.npy"), &a, &format, &err));
    size_t size;
    char *bytes = read_bytes(in_folder("pipe.npy"), &size);
    struct feed feed;
    struct icl_array back;
    feed_begin(&feed, bytes, size);
    assert_ok(icl_npy_read("-", &back, &err));
    feed_end(&feed);
    for (size_t i = 0; i < ROWS * COLS; i++)
        assert_same(back.data[i], data[i]);
    icl_array_free(&back);
    struct icl_columns columns;
    feed_begin(&feed, bytes, size);
    assert_ok(icl_columns_read("-", ICL_UNIT_POSITION, &columns, &err));
    feed_end(&feed);
    assert_int_equal(columns.rows, ROWS);
    assert_int_equal(columns.cols, COLS);
    for (size_t i = 0; i < ROWS; i++)
        for (size_t j = 0; j < COLS; j++)
            assert_same(icl_column(&columns, j)[i], data[i * COLS + j]);
    icl_columns_free(&columns);
    free(bytes);
    free(data);
}

static void refuses_values_that_do_not_fit(void **state)
{
    (void)state;
    static const struct {
        enum icl_dtype dtype;
        double low, high; /* the outermost values that fit */
    } limits[] = {
        {ICL_I8, -128, 127},
        {ICL_I16, -32768, 32767},
        {ICL_I32, -2147483648.0, 2147483647.0},
        {ICL_I64, -9223372036854775808.0, 9223372036854774784.0},
        {ICL_U8, 0, 255},
        {ICL_U16, 0, 65535},
        {ICL_U32, 0, 4294967295.0},
        {ICL_U64, 0, 18446744073709549568.0},
        {ICL_BOOL, 0, 1},
        {ICL_F32, -3.4028234663852886e38, 3.4028234663852886e38},
    };
    for (size_t k = 0; k < sizeof limits / sizeof *limits; k++) {
        const bool whole = limits[k].dtype != ICL_F32;
        const double below = whole && limits[k].low > -0x1p53 ? limits[k].low - 1 : nextafter(limits[k].low, -INFINITY);
        const double above = limits[k].high < 0x1p53 ? limits[k].high + 1 : nextafter(limits[k].high, INFINITY);
        const double bad[] = {below, above, 0.5, NAN, INFINITY, -INFINITY};
        double data[6] = {limits[k].low, limits[k].high, 0, 1, 0, 1};
        struct icl_array a = {.ndim = 2, .shape = {2, 3}, .data = data};
        const struct icl_npy_format format = {.dtype = limits[k].dtype};
        struct icl_error err;
        assert_ok(icl_npy_write(in_folder("fit.npy"), &a, &format, &err));
        struct icl_array back;
        assert_ok(icl_npy_read(in_folder("fit.npy"), &back, &err));
        for (int i = 0; i < 6; i++)
            assert_same(back.data[i], data[i]);
        icl_array_free(&back);
        for (size_t b = 0; b < (whole ? 6u : 2u); b++) {
            data[5] = bad[b];
            const icl_status status = icl_npy_write(in_folder("unfit.npy"), &a, &format, &err);
            assert_failure(status, ICL_ERR_INPUT, &err, "unfit.npy", "element (1, 2)", icl_dtype_name(limits[k].dtype));
            assert_int_not_equal(access(in_folder("unfit.npy"), F_OK), 0);
        }
    }
}

static void failed_writes_leave_nothing(void **state)
{
    (void)state;
    double data[4] = {1, 2, 3, 4};
    struct icl_array a = {.ndim = 1, .shape = {4}, .data = data};
    struct icl_npy_format format = {0};
    struct icl_error err;
    icl_status status = icl_npy_write("/dev/full", &a, &format, &err);
    assert_failure(status, ICL_ERR_IO, &err, "/dev/full", "No space");
    struct stat info;
    assert_int_equal(stat("/dev/full", &info), 0);
    assert_true(S_ISCHR(info.st_mode));
    status = icl_npy_write(in_folder("no/such/a.npy"), &a, &format, &err);
    assert_failure(status, ICL_ERR_IO, &err, "no/such/a.npy", "No such file");
    status = icl_npy_write(folder, &a, &format, &err);
    assert_failure(status, ICL_ERR_INPUT, &err, folder, "directory");
    format.version = 4;
    status = icl_npy_write(in_folder("v4.npy"), &a, &format, &err);
    assert_failure(status, ICL_ERR_USAGE, &err, "v4.npy", "version 4");
    format.version = 0;
    a.ndim = ICL_MAX_DIMS + 1;
    status = icl_npy_write(in_folder("v4.npy"), &a, &format, &err);
    assert_failure(status, ICL_ERR_USAGE, &err, "v4.npy", "9 dimensions");
    assert_int_not_equal(access(in_folder("v4.npy"), F_OK), 0);
}

static void arrays_become_columns(void **state)
{
    (void)state;
    /* The value tells its index: n, c, h, w in decimal digits. */
    enum { N = 7, C = 5, H = 4, W = 3 };
    double data[N * C * H * W];
    for (size_t n = 0, i = 0; n < N; n++)
        for (size_t c = 0; c < C; c++)
            for (size_t h = 0; h < H; h++)
                for (size_t w = 0; w < W; w++)
                    data[i++] = (double)(n * 1000 + c * 100 + h * 10 + w);
    struct icl_array a = {.ndim = 4, .shape = {N, C, H, W}, .data = data};
    struct icl_columns columns;
    struct icl_error err;
    assert_ok(icl_columns_from_array(&a, ICL_UNIT_CHANNEL, "x", &columns, &err));
    assert_int_equal(columns.rows, N * H * W);
    assert_int_equal(columns.cols, C);
    for (size_t c = 0; c < C; c++)
        for (size_t i = 0; i < columns.rows; i++)
            assert_same(icl_column(&columns, c)[i], (double)(i / (H * W) * 1000 + c * 100 + i / W % H * 10 + i % W));
    icl_columns_free(&columns);
    assert_ok(icl_columns_from_array(&a, ICL_UNIT_POSITION, "x", &columns, &err));
    assert_int_equal(columns.rows, N);
    assert_int_equal(columns.cols, C * H * W);
    for (size_t j = 0; j < columns.cols; j++)
        for (size_t n = 0; n < N; n++)
            assert_same(icl_column(&columns, j)[n], (double)(n * 1000 + j / (H * W) * 100 + j / W % H * 10 + j % W));
    icl_columns_free(&columns);
    a.ndim = 1;
    assert_ok(icl_columns_from_array(&a, ICL_UNIT_CHANNEL, "x", &columns, &err));
    assert_int_equal(columns.rows, N);
    assert_int_equal(columns.cols, 1);
    for (size_t n = 0; n < N; n++)
        assert_same(columns.data[n], data[n]);
    icl_columns_free(&columns);
}

static void refuses_arrays_that_are_no_columns(void **state)
{
    (void)state;
    static const struct {
        int ndim;
        size_t shape[ICL_MAX_DIMS];
        enum icl_unit unit;
        const char *text, *reason;
    } cases[] = {
        {0, {0}, ICL_UNIT_POSITION, "()", "want"},
        {3, {2, 2, 2}, ICL_UNIT_POSITION, "(2, 2, 2)", "want"},
        {5, {1, 1, 1, 1, 1}, ICL_UNIT_CHANNEL, "(1, 1, 1, 1, 1)", "want"},
        {1, {0}, ICL_UNIT_POSITION, "(0,)", "no samples"},
        {2, {0, 4}, ICL_UNIT_POSITION, "(0, 4)", "no samples"},
        {2, {4, 0}, ICL_UNIT_POSITION, "(4, 0)", "no columns"},
        {4, {4, 2, 0, 3}, ICL_UNIT_POSITION, "(4, 2, 0, 3)", "no columns"},
        {4, {4, 2, 0, 3}, ICL_UNIT_CHANNEL, "(4, 2, 0, 3)", "no samples"},
        {4, {4, 0, 2, 3}, ICL_UNIT_CHANNEL, "(4, 0, 2, 3)", "no columns"},
    };
    double data[8] = {0};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct icl_array a = {.ndim = cases[k].ndim, .data = data};
        memcpy(a.shape, cases[k].shape, sizeof a.shape);
        struct icl_columns columns;
        struct icl_columns before;
        memset(&columns, 0x5a, sizeof columns);
        memset(&before, 0x5a, sizeof before);
        struct icl_error err;
        const icl_status status = icl_columns_from_array(&a, cases[k].unit, "acts.npy", &columns, &err);
        assert_failure(status, ICL_ERR_INPUT, &err, "acts.npy", cases[k].text, cases[k].reason);
        assert_memory_equal(&columns, &before, sizeof columns);
    }
    struct icl_columns columns;
    struct icl_error err;
    icl_status status = icl_columns_alloc(&columns, SIZE_MAX / 2, 3, &err);
    assert_failure(status, ICL_ERR_MEMORY, &err, "x 3");
    status = icl_columns_alloc(&columns, SIZE_MAX / 8, 1, &err);
    assert_failure(status, ICL_ERR_MEMORY, &err, "x 1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_kind_of_file),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(writes_the_bytes_of_numpy),
        cmocka_unit_test(reads_unusual_headers),
        cmocka_unit_test(any_byte_but_zero_is_true),
        cmocka_unit_test(refuses_bad_headers),
        cmocka_unit_test(refuses_bad_beginnings),
        cmocka_unit_test(refuses_what_is_no_file),
        cmocka_unit_test(long_names_leave_room_for_the_reason),
        cmocka_unit_test(reads_a_pipe),
        cmocka_unit_test(refuses_values_that_do_not_fit),
        cmocka_unit_test(failed_writes_leave_nothing),
        cmocka_unit_test(arrays_become_columns),
        cmocka_unit_test(refuses_arrays_that_are_no_columns),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
