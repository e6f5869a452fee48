/* All tables of checks, in the order in which they are listed and run; ended by NULL. */
#ifndef ICLAB_PROOFS_INTERVAL_CHECKS_H
#define ICLAB_PROOFS_INTERVAL_CHECKS_H

#include "proofs/interval/check.h"

extern const struct check *const check_tables[];

#endif
