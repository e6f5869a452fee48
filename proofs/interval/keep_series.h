/* I(x';y') behind independent gates of one keep q as a power series: its coefficients by exact rational series
 * arithmetic, and one logarithm for each constant term. An independent route to what the closed formulas of c05 say. */
#ifndef ICLAB_PROOFS_INTERVAL_KEEP_SERIES_H
#define ICLAB_PROOFS_INTERVAL_KEEP_SERIES_H

#include "proofs/interval/information.h"

enum keep_series_at {
    AT_OPEN,  /* in r = 1 - q, at q = 1 */
    AT_CLOSED /* in q, at q = 0 */
};

/* The first `terms` coefficients. Not finite where there is no power series: a pair of values with mass 0 in front of
 * open gates that appears behind them has a term r ln r. */
void enclose_keep_series(arb_poly_t series, const struct law *pair, enum keep_series_at at, slong terms, slong bits);

#endif
