/* Products and correlation of columns: against long double, far offsets, the same bits on every number of threads. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tests/kernels_check.h"

/* Columns with correlation, different scales and `offset` added to each. */
static double *make_columns(size_t rows, size_t cols, double offset)
{
    const struct icl_stream stream = {.seed = 0x77aa33cc55ee1122, .purpose = ICL_PURPOSE_LAW, .layer = 5};
    double *x = check_poisoned_f64(rows * cols);
    icl_random_normal(&stream, 0, rows * cols, x);
    for (size_t c = 1; c < cols; c++)
        for (size_t r = 0; r < rows; r++)
            x[c * rows + r] = 0.6 * x[(c - 1) * rows + r] + 0.8 * x[c * rows + r];
    for (size_t c = 0; c < cols; c++)
        for (size_t r = 0; r < rows; r++)
            x[c * rows + r] = offset * (double)(c + 1) + exp2((double)(c % 5)) * x[c * rows + r];
    return x;
}

/* Neumaier's sum: the error is one rounding of the result, also where long double has no more digits than double. */
static long double compensated_sum(const double *x, size_t n)
{
    volatile long double sum = 0.0L, lost = 0.0L;
    for (size_t i = 0; i < n; i++) {
        const long double value = (long double)x[i];
        volatile long double next = sum + value;
        lost += fabsl(sum) >= fabsl(value) ? (sum - next) + value : (value - next) + sum;
        sum = next;
    }
    return sum + lost;
}

/* The table to try: "reference", or the best one, skipped when it has no OpenBLAS. */
static const struct kernels *product_table(void **state)
{
    if (strcmp(*state, "reference") == 0) return icl_kernels_reference();
    if (strcmp(icl_kernels()->blas, "openblas") != 0) skip();
    return icl_kernels();
}

static void gram_near_long_double(void **state)
{
    const struct kernels *table = product_table(state);
    const size_t sizes[][3] = {{0, 3, 1}, {1, 1, 1}, {3, 2, 5}, {777, 31, 777}, {1024, 64, 1031}, {100, 130, 100}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        const size_t rows = sizes[s][0], cols = sizes[s][1], stride = sizes[s][2];
        double *x = make_columns(stride, cols, 0.5), *gram = check_poisoned_f64(cols * cols);
        table->gram(x, rows, cols, stride, gram);
        for (size_t i = 0; i < cols; i++)
            for (size_t j = 0; j < cols; j++) {
                long double sum = 0.0L, size = 0.0L;
                for (size_t r = 0; r < rows; r++) {
                    const long double product = (long double)x[i * stride + r] * (long double)x[j * stride + r];
                    sum += product;
                    size += fabsl(product);
                }
                check_near(gram[i * cols + j], (double)sum, 1e-13 * (double)size, "gram");
                assert_true(gram[i * cols + j] == gram[j * cols + i]);
            }
        assert_true(isnan(gram[cols * cols]));
        free(x);
        free(gram);
    }
}

static void products_near_long_double(void **state)
{
    const struct kernels *table = product_table(state);
    const size_t sizes[][4] = {{0, 3, 2, 1}, {1, 1, 1, 1}, {3, 2, 7, 5}, {777, 31, 5, 777}, {600, 64, 130, 611}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        const size_t rows = sizes[s][0], a_cols = sizes[s][1], b_cols = sizes[s][2], stride = sizes[s][3];
        double *a = make_columns(stride, a_cols + b_cols, 0.5), *b = a + a_cols * stride;
        double *out = check_poisoned_f64(a_cols * b_cols);
        float *single = check_poisoned_f32(stride * (a_cols + b_cols)),
              *out_single = check_poisoned_f32(a_cols * b_cols);
        for (size_t i = 0; i < stride * (a_cols + b_cols); i++)
            a[i] = (double)(single[i] = (float)a[i]);
        table->product(a, b, rows, a_cols, b_cols, stride, out);
        table->product_f32(single, single + a_cols * stride, rows, a_cols, b_cols, stride, out_single);
        for (size_t i = 0; i < a_cols; i++)
            for (size_t j = 0; j < b_cols; j++) {
                long double sum = 0.0L, size = 0.0L;
                for (size_t r = 0; r < rows; r++) {
                    const long double product = (long double)a[i * stride + r] * (long double)b[j * stride + r];
                    sum += product;
                    size += fabsl(product);
                }
                check_near(out[i * b_cols + j], (double)sum, 1e-13 * (double)size, "product");
                /* n roundings of 6e-8 at most, each of a part of the sum */
                check_near((double)out_single[i * b_cols + j], (double)sum, 3e-5 * (double)size, "product_f32");
            }
        assert_true(isnan(out[a_cols * b_cols]) && isnan((double)out_single[a_cols * b_cols]));
        free(a);
        free(out);
        free(single);
        free(out_single);
    }
}

/* Columns of one array; every seventh is copied into the room first, as ranks would be. */
struct column_source {
    const double *x;
    size_t rows;
};

static const double *source_column(const void *context, size_t column, double *room)
{
    const struct column_source *source = context;
    const double *x = source->x + column * source->rows;
    return column % 7 == 3 ? memcpy(room, x, source->rows * sizeof *x) : x;
}

/* One tile and many, one strip and many: against sums in long double, the same bits on every number of threads. */
static void correlation_near_long_double(void **state)
{
    const struct kernels *table = product_table(state);
    const size_t sizes[][2] = {{2, 3}, {5, 1}, {4097, 5}, {17000, 3}, {60, 1100}, {8200, 530}};
    const size_t count = table == icl_kernels_reference() ? 5 : 6; /* the last takes seconds there */
    for (size_t s = 0; s < count; s++) {
        const size_t rows = sizes[s][0], cols = sizes[s][1];
        double *x = make_columns(rows, cols, s % 2 == 0 ? 3.0 : 1e7), *first = check_poisoned_f64(cols * cols);
        const size_t constant = cols > 4 ? 2 : cols, broken = cols > 4 ? cols - 1 : cols;
        for (size_t r = 0; r < rows && constant < cols; r++)
            x[constant * rows + r] = 1e7 / 3;
        if (broken < cols) x[broken * rows + rows / 2] = NAN;
        const struct column_source source = {x, rows};
        struct icl_error err;
        assert_int_equal(icl_correlation(table, source_column, &source, rows, cols, 1, first, &err), ICL_OK);
        assert_true(isnan(first[cols * cols]));
        const unsigned threads[] = {2, 3, 7, 0};
        for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
            double *again = check_poisoned_f64(cols * cols);
            assert_int_equal(icl_correlation(table, source_column, &source, rows, cols, threads[t], again, &err),
                             ICL_OK);
            check_same_f64(again, first, cols * cols + 1, "correlation");
            free(again);
        }
        for (size_t k = 0; k < 400; k++) {
            const size_t i = k * 7919 % cols, j = k * 104729 % cols; /* both large primes: pairs of all tiles */
            const double *a = x + i * rows, *b = x + j * rows;
            const long double ma = compensated_sum(a, rows) / (long double)rows;
            const long double mb = compensated_sum(b, rows) / (long double)rows;
            long double aa = 0.0L, bb = 0.0L, ab = 0.0L;
            for (size_t r = 0; r < rows; r++) {
                aa += (a[r] - ma) * (a[r] - ma);
                bb += (b[r] - mb) * (b[r] - mb);
                ab += (a[r] - ma) * (b[r] - mb);
            }
            const bool none = i == constant || j == constant || i == broken || j == broken;
            check_near(first[i * cols + j], none ? (double)NAN : (double)(ab / sqrtl(aa * bb)), 1e-12, "correlation");
            check_near(first[j * cols + i], first[i * cols + j], 0, "symmetry");
            if (i == j && !none) assert_true(first[i * cols + i] == 1.0);
            assert_true(!(fabs(first[i * cols + j]) > 1.0));
        }
        free(x);
        free(first);
    }
}

static void bad_input(void **state)
{
    (void)state;
    struct icl_error err;
    double value = 1.0;
    const struct column_source source = {&value, 1};
    assert_int_equal(icl_correlation(icl_kernels_reference(), source_column, &source, 0, 1, 1, &value, &err),
                     ICL_ERR_INPUT);
    assert_int_equal(icl_correlation(icl_kernels_reference(), source_column, &source, 1, 0, 1, &value, &err), ICL_OK);
    assert_true(value == 1.0);
    assert_int_equal(icl_correlation(icl_kernels_reference(), source_column, &source, 1, 1, 1, &value, &err), ICL_OK);
    assert_true(isnan(value)); /* one sample: constant */
}

static void *take_table(void *unused)
{
    (void)unused;
    return (void *)(uintptr_t)icl_kernels();
}

/* Threads that ask for the table at once get the same one, and it is whole. */
static void table_is_made_once(void **state)
{
    (void)state;
    enum { THREADS = 8 };
    pthread_t thread[THREADS];
    for (size_t t = 0; t < THREADS; t++)
        assert_int_equal(pthread_create(&thread[t], NULL, take_table, NULL), 0);
    for (size_t t = 0; t < THREADS; t++) {
        void *taken = NULL;
        assert_int_equal(pthread_join(thread[t], &taken), 0);
        assert_ptr_equal(taken, icl_kernels());
    }
    const struct kernels *best = icl_kernels();
    assert_true(best->name != NULL && best->blas != NULL && best->blas_core != NULL);
    assert_true(best->mask_f32 != NULL && best->mask_f64 != NULL && best->bn_statistics != NULL);
    assert_true(best->bn_apply != NULL && best->ic_forward != NULL && best->gram != NULL);
    assert_true(best->product != NULL && best->product_f32 != NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_made_once),         ON(gram_near_long_double, "reference"),
        ON(gram_near_long_double, "openblas"),        ON(products_near_long_double, "reference"),
        ON(products_near_long_double, "openblas"),    ON(correlation_near_long_double, "reference"),
        ON(correlation_near_long_double, "openblas"), cmocka_unit_test(bad_input),
    };
    return cmocka_run_group_tests_name("kernels/products", tests, NULL, NULL);
}
