/* Comparing doubles in tests: NaN first, then infinities, then a distance. Include after cmocka.h. */
#ifndef ICLAB_TESTS_NEAR_H
#define ICLAB_TESTS_NEAR_H

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

/* Both NaN, or equal infinities, or |actual - expected| <= tolerance. A NaN tolerance is never met. */
static inline bool is_near(double actual, double expected, double tolerance)
{
    if (isnan(actual) || isnan(expected)) return isnan(actual) && isnan(expected);
    if (isinf(actual) || isinf(expected)) return actual == expected;
    return fabs(actual - expected) <= tolerance;
}

#define assert_near(actual, expected, tolerance)                                                                       \
    do {                                                                                                               \
        const double actual_ = (actual), expected_ = (expected), tolerance_ = (tolerance);                             \
        if (!is_near(actual_, expected_, tolerance_)) {                                                                \
            print_error("%s is %.17g, expected %.17g within %g\n", #actual, actual_, expected_, tolerance_);           \
            fail();                                                                                                    \
        }                                                                                                              \
    } while (0)

#endif
