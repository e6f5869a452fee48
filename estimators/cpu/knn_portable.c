/* The body without an instruction set of its own, and what the vector operations mean. */
#include <math.h>
#include <stdbool.h>

#define ICL_TARGET
#define ICL_LANES 2
#define ICL_OP    static inline __attribute__((always_inline))

typedef struct {
    double lane[ICL_LANES];
} vec;

/* A vec whose lane i is `value`. */
#define ICL_EACH(value)                                                                                                \
    vec result;                                                                                                        \
    for (unsigned i = 0; i < ICL_LANES; i++)                                                                           \
        result.lane[i] = (value);                                                                                      \
    return result

ICL_OP vec load(const double *from)
{
    ICL_EACH(from[i]);
}
ICL_OP void store(double *to, vec a)
{
    for (unsigned i = 0; i < ICL_LANES; i++)
        to[i] = a.lane[i];
}
ICL_OP vec set(double a)
{
    ICL_EACH(a);
}
ICL_OP vec sub(vec a, vec b)
{
    ICL_EACH(a.lane[i] - b.lane[i]);
}
ICL_OP vec magnitude(vec a)
{
    ICL_EACH(fabs(a.lane[i]));
}
ICL_OP vec least(vec a, vec b)
{
    ICL_EACH(a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]);
}
ICL_OP vec most(vec a, vec b)
{
    ICL_EACH(a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]);
}
/* Bit i: a < b in lane i. */
ICL_OP unsigned bits_less(vec a, vec b)
{
    unsigned bits = 0;
    for (unsigned i = 0; i < ICL_LANES; i++)
        bits |= (unsigned)(a.lane[i] < b.lane[i]) << i;
    return bits;
}
/* a < below and a <= up_to in some lane. */
ICL_OP bool any_nearer(vec a, vec below, vec up_to)
{
    return (bits_less(a, below) & ~bits_less(up_to, a)) != 0;
}
/* a <= r in some lane. */
ICL_OP bool any_within(vec a, vec r)
{
    return bits_less(r, a) != (1U << ICL_LANES) - 1;
}
/* sum + 1 where a <= r. */
ICL_OP vec add_within(vec sum, vec a, vec r)
{
    ICL_EACH(sum.lane[i] + (a.lane[i] <= r.lane[i] ? 1 : 0));
}
/* The larger of `largest` and b where a <= r; b is not negative. */
ICL_OP vec most_within(vec largest, vec a, vec r, vec b)
{
    ICL_EACH(a.lane[i] <= r.lane[i] && b.lane[i] > largest.lane[i] ? b.lane[i] : largest.lane[i]);
}
/* How many ones, all of them the lowest bits, at most 8. Few processors count ones without being asked by name. */
ICL_OP unsigned low_ones(unsigned bits)
{
    return (unsigned)__builtin_ctz(~bits);
}

static bool supported(void)
{
    return true;
}

#include "estimators/cpu/knn_body.h"

const struct icl_knn_variant icl_knn_portable = ICL_KNN_VARIANT("portable");
