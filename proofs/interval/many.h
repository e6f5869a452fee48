/* The laws of many neurons that the claims c08 and c09 are measured on: three and eight correlated normals. */
#ifndef ICLAB_PROOFS_INTERVAL_MANY_H
#define ICLAB_PROOFS_INTERVAL_MANY_H

#include <stdbool.h>

#include "proofs/interval/ratio.h"

/* tc = that of three normals of correlations 3/4, 1/2, 3/10 behind independent gates of mean `keep`: the sum over the
 * subsets S of q^|S| (1-q)^(3-|S|) TC(x_S), TC(x_S) = -ln(det R_S) / 2. */
void trio_total_correlation(arb_t tc, struct ratio keep, slong bits);

/* condition = l_max / l_min of R' = q R + (1-q) Id, R_ij = 2/5 + (11/20) (4/5)^|i-j| with a unit diagonal, 8 x 8. From
 * the eigenvalues l of R, as q l + 1-q; `directly`: from those of R'. */
void octet_condition(arb_t condition, struct ratio keep, bool directly, slong bits);

#endif
