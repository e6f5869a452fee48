/* The body without an instruction set of its own. */
#include <stdbool.h>
#include <stdint.h>

#define ICL_TARGET
#define ICL_LANES 1
#define ICL_ROWS  2
#define ICL_COLS  2
#define ICL_OP    static inline __attribute__((always_inline))

/* Few processors count ones without being asked by name. */
#define ICL_CHAINS      4
#define ICL_MOST_CELLS  27
#define ICL_HIDE(value) __asm__ volatile("" : "+r"(value))

typedef uint64_t vec;

ICL_OP vec load(const uint64_t *from)
{
    return *from;
}
ICL_OP vec zero(void)
{
    return 0;
}
/* Counts of pairs of bits, of four, of eight; the product adds the eight bytes. */
ICL_OP vec add_ones(vec sum, vec a, vec b)
{
    vec ones = a & b;
    ones -= ones >> 1 & UINT64_C(0x5555555555555555);
    ones = (ones & UINT64_C(0x3333333333333333)) + (ones >> 2 & UINT64_C(0x3333333333333333));
    ones = (ones + (ones >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return sum + (ones * UINT64_C(0x0101010101010101) >> 56);
}
ICL_OP uint64_t total(vec sum)
{
    return sum;
}

static bool supported(void)
{
    return true;
}

#include "estimators/cpu/joint_counts_body.h"

const struct icl_joint_variant icl_joint_portable = ICL_JOINT_VARIANT("portable");
