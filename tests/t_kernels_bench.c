/* The benchmark's table: a line a kernel, whole and positive. How fast it is is no test. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/bench.h"
#include "tests/kernels_check.h"

static void table_is_whole(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    struct icl_error err;
    assert_int_equal(icl_bench_kernels(out, 1, &err), ICL_OK);
    assert_int_equal(fclose(out), 0);

    const char *const kernels[] = {"random_words", "random_normal", "mask_f32", "bn_statistics",
                                   "bn_apply",     "ic_forward",    "gram"};
    bool seen[7] = {false};
    size_t lines = 0, header = 0;
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        char name[64], shape[64], unit[32];
        double reference, fast, speedup, rate, share;
        int end = 0;
        if (line[0] == '#' || strncmp(line, "kernel\t", 7) == 0) {
            header++;
            continue;
        }
        lines++;
        assert_int_equal(sscanf(line, "%63[^\t]\t%63[^\t]\t%lf\t%lf\t%lf\t%lf\t%31[^\t]\t%lf%n", name, shape,
                                &reference, &fast, &speedup, &rate, unit, &share, &end),
                         8);
        assert_int_equal(line[end], '\0');
        assert_true(reference > 0.0 && fast > 0.0 && speedup > 0.0 && rate > 0.0 && share > 0.0);
        for (size_t k = 0; k < 7; k++)
            seen[k] = seen[k] || strncmp(name, kernels[k], strlen(kernels[k])) == 0;
    }
    assert_int_equal(header, 3);
    assert_int_equal(lines, 11);
    for (size_t k = 0; k < 7; k++)
        assert_true(seen[k]);
    free(text);
}

/* Products and correlations: rates positive, shares what the rates say. */
static void products_are_whole(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    struct icl_error err;
    assert_int_equal(icl_bench_products(out, 1, &err), ICL_OK);
    assert_int_equal(fclose(out), 0);
    double product[3] = {0}, peak = 0;
    size_t correlations = 0;
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        char name[64], shape[64];
        double seconds, rate, share, peak_share, cols;
        unsigned threads;
        if (line[0] == '#' || strncmp(line, "item\t", 5) == 0) continue;
        assert_int_equal(sscanf(line, "%63[^\t]\t%63[^\t]\t%u\t%lf\t%lf\t%lf\t%lf", name, shape, &threads, &seconds,
                                &rate, &share, &peak_share),
                         7);
        assert_in_range(threads, 1, 2);
        assert_true(seconds > 0 && rate > 0);
        if (strncmp(name, "multiply-add", 12) == 0) peak = rate;
        if (strcmp(name, "product double") == 0) product[threads] = rate;
        /* printed with three digits and more */
        if (strncmp(name, "multiply-add", 12) != 0) check_near(share, rate / product[threads], .01 * share, "share");
        check_near(peak_share, rate / peak / threads, .01 * peak_share, "share of the peak");
        if (strcmp(name, "correlation") != 0) continue;
        correlations++;
        assert_int_equal(sscanf(shape, "10000x%lf", &cols), 1);
        check_near(rate * 1e9 * seconds, 1e4 * cols * (cols + 1), .01 * 1e4 * cols * cols, "operations");
    }
    assert_true(correlations == 3 || correlations == 6);
    free(text);
}

/* Copies and layers: times positive, ratios what the times say. */
static void stages_are_whole(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    struct icl_error err;
    assert_int_equal(icl_bench_stages(out, 1, &err), ICL_OK);
    assert_int_equal(fclose(out), 0);
    double copy = INFINITY;
    size_t lines = 0;
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        char name[64];
        double channels, threads, seconds, rate, ratio;
        if (line[0] == '#' || strncmp(line, "item\t", 5) == 0) continue;
        assert_int_equal(
            sscanf(line, "%63[^\t]\t%lf\t%lf\t%lf\t%lf\t%lf", name, &channels, &threads, &seconds, &rate, &ratio), 6);
        lines++;
        assert_true(threads >= 1 && seconds > 0 && rate > 0);
        if (strncmp(name, "copy", 4) == 0 && seconds < copy) copy = seconds;
        const double bytes = strstr(name, "backward") != NULL ? 1.5 : 1.0;
        if (strncmp(name, "copy", 4) != 0) check_near(ratio, seconds / copy / bytes, .03 * ratio, "times a copy");
    }
    assert_int_equal(lines, 10);
    free(text);
}

static void full_disk_is_an_error(void **state)
{
    (void)state;
    FILE *out = fopen("/dev/full", "w");
    if (out == NULL) skip();
    struct icl_error err;
    assert_int_equal(icl_bench_kernels(out, 1, &err), ICL_ERR_IO);
    assert_int_equal(icl_bench_products(out, 1, &err), ICL_ERR_IO);
    assert_int_equal(icl_bench_stages(out, 1, &err), ICL_ERR_IO);
    fclose(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_whole),
        cmocka_unit_test(products_are_whole),
        cmocka_unit_test(stages_are_whole),
        cmocka_unit_test(full_disk_is_an_error),
    };
    return cmocka_run_group_tests_name("kernels/bench", tests, NULL, NULL);
}
