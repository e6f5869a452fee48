#include <stddef.h>

#include "proofs/interval/checks.h"

const struct check *const check_tables[] = {
    /* finite laws */
    checks_c01,
    checks_c02,
    checks_c03,
    checks_c04,
    checks_c05,
    checks_c06,
    checks_c07,
    checks_c08,
    checks_c09,
    checks_mixed_information,
    /* continuous laws */
    checks_continuous,
    checks_relu,
    checks_noise,
    checks_many,
    NULL,
};
