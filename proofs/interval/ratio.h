/* Parameters of the checks: ratios of whole numbers, so that a law and its gates are known exactly. */
#ifndef ICLAB_PROOFS_INTERVAL_RATIO_H
#define ICLAB_PROOFS_INTERVAL_RATIO_H

#include "proofs/interval/arb_headers.h"

struct ratio {
    slong over;
    ulong under;
};

static inline void arb_set_ratio(arb_t value, struct ratio ratio, slong bits)
{
    arb_set_si(value, ratio.over);
    arb_div_ui(value, value, ratio.under, bits);
}

#endif
