#include "tests/kernels_check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct icl_cpu_variant *check_variant(const char *name)
{
    for (size_t i = 0; icl_cpu_variants[i] != NULL; i++)
        if (strcmp(icl_cpu_variants[i]->name, name) == 0 && icl_cpu_variants[i]->supported())
            return icl_cpu_variants[i];
    skip();
    return NULL;
}

struct kernels check_table(void **state)
{
    const char *name = *state;
    struct kernels table = *icl_kernels_reference();
    if (strcmp(name, "reference") != 0) check_variant(name)->override(&table);
    return table;
}

float *check_poisoned_f32(size_t n)
{
    float *values = malloc((n + 1) * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < n + 1; i++)
        values[i] = NAN;
    return values;
}

double *check_poisoned_f64(size_t n)
{
    double *values = malloc((n + 1) * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < n + 1; i++)
        values[i] = NAN;
    return values;
}

float *check_inputs(uint64_t seed, size_t n)
{
    const struct icl_stream stream = {.seed = seed, .purpose = ICL_PURPOSE_LAW};
    float *values = check_poisoned_f32(n);
    double *normals = check_poisoned_f64(n);
    icl_random_normal(&stream, 0, n, normals);
    for (size_t i = 0; i < n; i++) {
        const uint64_t kind = icl_random_below(&stream, (UINT64_C(1) << 40) + i, 12);
        values[i] = (float)(normals[i] * exp2((double)kind - 6.0));
        if (kind % 3 == 0) values[i] = copysignf(0.0F, (float)normals[i]);
    }
    free(normals);
    return values;
}

static size_t first_difference(const void *got, const void *expected, size_t n, size_t width,
                               double (*value)(const void *))
{
    const char *a = got, *b = expected;
    for (size_t i = 0; i < n; i++, a += width, b += width) {
        const bool nan_a = isnan(value(a)), nan_b = isnan(value(b));
        if (nan_a && nan_b) continue;
        if (nan_a || nan_b || memcmp(a, b, width) != 0) return i;
    }
    return n;
}

static double value_of_f32(const void *value)
{
    return (double)*(const float *)value;
}

static double value_of_f64(const void *value)
{
    return *(const double *)value;
}

size_t check_first_difference_f32(const float *got, const float *expected, size_t n)
{
    return first_difference(got, expected, n, sizeof *got, value_of_f32);
}

size_t check_first_difference_f64(const double *got, const double *expected, size_t n)
{
    return first_difference(got, expected, n, sizeof *got, value_of_f64);
}

void check_same_f32(const float *got, const float *expected, size_t n, const char *what)
{
    const size_t i = check_first_difference_f32(got, expected, n);
    if (i < n) fail_msg("%s: element %zu of %zu is %a, expected %a", what, i, n, (double)got[i], (double)expected[i]);
}

void check_same_f64(const double *got, const double *expected, size_t n, const char *what)
{
    const size_t i = check_first_difference_f64(got, expected, n);
    if (i < n) fail_msg("%s: element %zu of %zu is %a, expected %a", what, i, n, got[i], expected[i]);
}

bool check_is_near(double got, double expected, double tolerance)
{
    if (isnan(got) || isnan(expected)) return isnan(got) && isnan(expected);
    if (isinf(got) || isinf(expected)) return got == expected;
    return fabs(got - expected) <= tolerance;
}

void check_near(double got, double expected, double tolerance, const char *what)
{
    if (!check_is_near(got, expected, tolerance))
        fail_msg("%s: %.17g, expected %.17g to %g", what, got, expected, tolerance);
}
