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

void check_same_f32(const float *got, const float *expected, size_t n, const char *what)
{
    for (size_t i = 0; i < n; i++) {
        if (isnan(got[i]) && isnan(expected[i])) continue;
        if (isnan(got[i]) || isnan(expected[i]) || memcmp(&got[i], &expected[i], sizeof *got) != 0)
            fail_msg("%s: element %zu of %zu is %a, expected %a", what, i, n, (double)got[i], (double)expected[i]);
    }
}

void check_same_f64(const double *got, const double *expected, size_t n, const char *what)
{
    for (size_t i = 0; i < n; i++) {
        if (isnan(got[i]) && isnan(expected[i])) continue;
        if (isnan(got[i]) || isnan(expected[i]) || memcmp(&got[i], &expected[i], sizeof *got) != 0)
            fail_msg("%s: element %zu of %zu is %a, expected %a", what, i, n, got[i], expected[i]);
    }
}

void check_near(double got, double expected, double tolerance, const char *what)
{
    if (isnan(got) && isnan(expected)) return;
    if (isnan(got) || isnan(expected)) fail_msg("%s: %g, expected %g", what, got, expected);
    if (isinf(got) || isinf(expected)) {
        if (!(got == expected)) fail_msg("%s: %g, expected %g", what, got, expected);
        return;
    }
    if (!(fabs(got - expected) <= tolerance))
        fail_msg("%s: %.17g, expected %.17g to %g", what, got, expected, tolerance);
}
