/* The joint law of two gates that know nothing of the neurons, exactly: odds in whole numbers. */
#ifndef ICLAB_PROOFS_INTERVAL_GATES_H
#define ICLAB_PROOFS_INTERVAL_GATES_H

#include <stdio.h>

#include "proofs/interval/ratio.h"

/* P(g=1,h=1) = both / total, P(g=1,h=0) = only_x / total, P(g=0,h=1) = only_y / total. */
struct gates {
    slong both, only_x, only_y, total;
};

/* Independent gates of means over_x / under and over_y / under; one gate for both, of mean over / under. */
static inline struct gates gates_independent(slong over_x, slong over_y, slong under)
{
    return (struct gates){over_x * over_y, over_x * (under - over_y), (under - over_x) * over_y, under * under};
}

static inline struct gates gates_shared(slong over, slong under)
{
    return (struct gates){over, 0, 0, under};
}

static inline struct ratio gates_both(const struct gates *gates)
{
    return (struct ratio){gates->both, (ulong)gates->total};
}

static inline struct ratio gates_keep_x(const struct gates *gates)
{
    return (struct ratio){gates->both + gates->only_x, (ulong)gates->total};
}

static inline struct ratio gates_keep_y(const struct gates *gates)
{
    return (struct ratio){gates->both + gates->only_y, (ulong)gates->total};
}

static inline struct ratio gates_none(const struct gates *gates)
{
    return (struct ratio){gates->total - gates->both - gates->only_x - gates->only_y, (ulong)gates->total};
}

/* Are they independent, exactly? */
static inline int gates_are_independent(const struct gates *gates)
{
    return gates->both * gates->total == (gates->both + gates->only_x) * (gates->both + gates->only_y);
}

/* value = I(g;h), exactly 0 for independent gates. */
void gates_information(arb_t value, const struct gates *gates, slong bits);

/* value = H_b(ratio) */
void binary_entropy(arb_t value, struct ratio ratio, slong bits);

void gates_print(FILE *stream, const struct gates *gates);

#endif
