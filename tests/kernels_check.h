/* What the tests of kernels/ share: the table of one variant, poisoned outputs, comparisons that look at NaN first. */
#ifndef ICLAB_TESTS_KERNELS_CHECK_H
#define ICLAB_TESTS_KERNELS_CHECK_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "kernels/cpu/variants.h"
#include "kernels/kernels.h"

/* One test on the table called `variant`, and on all of them. The test calls check_table(state) first. */
#define ON(test, variant)                                                                                              \
    {                                                                                                                  \
        .name = #test " (" variant ")", .test_func = (test), .initial_state = (variant)                                \
    }
#define ON_FAST(test) ON(test, "portable"), ON(test, "avx2"), ON(test, "avx512")
#define ON_ALL(test)  ON(test, "reference"), ON_FAST(test)

/* The variant called `name`; skips the test where the machine cannot run it. */
const struct icl_cpu_variant *check_variant(const char *name);

/* The table of the variant that *state names, "reference" included. */
struct kernels check_table(void **state);

/* n values filled with NaN; owned by the caller, free(). The test fails when memory is short. */
float *check_poisoned_f32(size_t n);
double *check_poisoned_f64(size_t n);

/* n float values of many magnitudes and both signs, a third of them zero of either sign as a ReLU leaves them. */
float *check_inputs(uint64_t seed, size_t n);

/* The first element that differs, n if none: NaN agrees only with NaN, anything else to the last bit (0 is not -0). */
size_t check_first_difference_f32(const float *got, const float *expected, size_t n);
size_t check_first_difference_f64(const double *got, const double *expected, size_t n);

/* Fail if there is a difference. */
void check_same_f32(const float *got, const float *expected, size_t n, const char *what);
void check_same_f64(const double *got, const double *expected, size_t n, const char *what);

/* |got - expected| <= tolerance, both NaN, or both the same infinity; the second fails if not. */
bool check_is_near(double got, double expected, double tolerance);
void check_near(double got, double expected, double tolerance, const char *what);

#endif
