#include <stddef.h>

#include "proofs/interval/checks.h"

const struct check *const check_tables[] = {
    /* finite laws */
    /* continuous laws */
    checks_continuous,
    checks_relu,
    checks_noise,
    checks_many,
    NULL,
};
