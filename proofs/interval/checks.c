#include <stddef.h>

#include "proofs/interval/checks.h"

const struct check *const check_tables[] = {
    /* finite laws */
    checks_c01,
    checks_c02,
    checks_c03,
    checks_c04,
    /* continuous laws */
    NULL,
};
