#include "proofs/interval/spectrum.h"

void correlation_polynomial(fmpq_poly_t polynomial, const struct law *law)
{
    fmpq_mat_t matrix;
    fmpq_t variance;
    fmpq_mat_init(matrix, law->neurons, law->neurons);
    fmpq_init(variance);
    for (slong i = 0; i < law->neurons; i++) {
        law_covariance(variance, law, i, i);
        for (slong j = 0; j < law->neurons; j++) {
            law_covariance(fmpq_mat_entry(matrix, i, j), law, i, j);
            fmpq_div(fmpq_mat_entry(matrix, i, j), fmpq_mat_entry(matrix, i, j), variance);
        }
    }
    fmpq_mat_charpoly(polynomial, matrix);
    fmpq_mat_clear(matrix);
    fmpq_clear(variance);
}

/* A polynomial with the same roots, once each, and integer coefficients. */
static void take_simple_roots(fmpz_poly_t simple, const fmpq_poly_t polynomial)
{
    fmpz_poly_t derivative;
    fmpz_poly_init(derivative);
    fmpq_poly_get_numerator(simple, polynomial);
    fmpz_poly_derivative(derivative, simple);
    fmpz_poly_gcd(derivative, simple, derivative);
    fmpz_poly_div(simple, simple, derivative);
    fmpz_poly_clear(derivative);
}

/* All roots are real: R is symmetric. */
void enclose_spectrum(arb_t smallest, arb_t largest, const struct law *law, slong bits)
{
    fmpq_poly_t polynomial;
    fmpz_poly_t simple;
    fmpq_poly_init(polynomial);
    fmpz_poly_init(simple);
    correlation_polynomial(polynomial, law);
    take_simple_roots(simple, polynomial);
    const slong degree = fmpz_poly_degree(simple);
    acb_ptr roots = _acb_vec_init(degree);
    arb_fmpz_poly_complex_roots(roots, simple, 0, bits);
    arb_set(smallest, acb_realref(roots));
    arb_set(largest, acb_realref(roots));
    for (slong i = 1; i < degree; i++) {
        arb_min(smallest, smallest, acb_realref(roots + i), bits);
        arb_max(largest, largest, acb_realref(roots + i), bits);
    }
    _acb_vec_clear(roots, degree);
    fmpq_poly_clear(polynomial);
    fmpz_poly_clear(simple);
}

bool correlation_is_singular(const struct law *law)
{
    fmpq_poly_t polynomial;
    fmpq_poly_init(polynomial);
    correlation_polynomial(polynomial, law);
    const bool singular = fmpz_is_zero(fmpq_poly_numref(polynomial));
    fmpq_poly_clear(polynomial);
    return singular;
}
