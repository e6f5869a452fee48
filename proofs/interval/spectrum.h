/* The correlation matrix of a finite law and its eigenvalues. D^-1 C, with C the covariances and D their diagonal, is
 * rational and similar to the correlation matrix R = D^-1/2 C D^-1/2, so that the characteristic polynomial of R is
 * known exactly. */
#ifndef ICLAB_PROOFS_INTERVAL_SPECTRUM_H
#define ICLAB_PROOFS_INTERVAL_SPECTRUM_H

#include "proofs/interval/finite_law.h"

/* det(t - R). Every neuron has to have a variance. */
void correlation_polynomial(fmpq_poly_t polynomial, const struct law *law);

/* The smallest and the largest eigenvalue of R. */
void enclose_spectrum(arb_t smallest, arb_t largest, const struct law *law, slong bits);

/* Whether R has the eigenvalue 0; decided exactly. */
bool correlation_is_singular(const struct law *law);

#endif
