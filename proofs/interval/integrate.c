#include "proofs/interval/integrate.h"

/* Room for the roundings of an integrand and of the sums of a quadrature. */
enum { GUARD_BITS = 40 };

void integrate_range(arb_t integral, integrand *f, const void *parameters, const arb_t from, const arb_t to, slong bits)
{
    acb_t value, a, b;
    mag_t tolerance;
    acb_init(value);
    acb_init(a);
    acb_init(b);
    mag_init(tolerance);
    acb_set_arb(a, from);
    acb_set_arb(b, to);
    mag_set_ui_2exp_si(tolerance, 1, -bits);
    /* An integrand writes nothing to its parameters. */
    const int status = acb_calc_integrate(value, f, (void *)parameters, a, b, bits, tolerance, NULL, bits + GUARD_BITS);
    if (status == ARB_CALC_SUCCESS && acb_is_finite(value) && arb_contains_zero(acb_imagref(value)))
        arb_set(integral, acb_realref(value));
    else
        arb_zero_pm_inf(integral);
    acb_clear(value);
    acb_clear(a);
    acb_clear(b);
    mag_clear(tolerance);
}

void integrate_half_line(arb_t integral, integrand *f, tail_bound *tail, const void *parameters, slong bits)
{
    enum { MOST_STEPS = 60 }; /* of a factor 5/4 each: far beyond what an exponential tail needs */
    arb_t zero, to, bound;
    mag_t small, size;
    arb_init(zero);
    arb_init(to);
    arb_init(bound);
    mag_init(small);
    mag_init(size);
    mag_set_ui_2exp_si(small, 1, -bits);
    arb_set_ui(to, 4);
    int step = 0;
    for (; step < MOST_STEPS; step++) {
        tail(bound, parameters, to, MAG_BITS);
        arb_get_mag(size, bound);
        if (arb_is_finite(bound) && mag_cmp(size, small) < 0) break;
        arb_mul_ui(to, to, 5, bits);
        arb_mul_2exp_si(to, to, -2);
    }
    if (step < MOST_STEPS) {
        integrate_range(integral, f, parameters, zero, to, bits);
        arb_add_error_mag(integral, size);
    } else {
        arb_zero_pm_inf(integral);
    }
    arb_clear(zero);
    arb_clear(to);
    arb_clear(bound);
    mag_clear(small);
    mag_clear(size);
}

static int normal_times_weight(acb_ptr value, const acb_t z, void *parameters, slong order, slong bits)
{
    const struct normal_weight *weight = parameters;
    acb_t density;
    acb_init(density);
    acb_normal_density(density, z, bits);
    weight->at(value, z, (void *)weight->parameters, order, bits);
    acb_mul(value, value, density, bits);
    acb_clear(density);
    return 0;
}

/* Integration by parts: the integral of x^2 phi over [T, infinity) is T phi(T) + P(N > T). */
static void normal_tail(arb_t bound, const void *parameters, const arb_t from, slong bits)
{
    const struct normal_weight *weight = parameters;
    arb_t upper, density, sum;
    arb_init(upper);
    arb_init(density);
    arb_init(sum);
    arb_normal_upper(upper, from, bits);
    arb_normal_density(density, from, bits);
    arb_mul(density, density, from, bits);
    arb_add(density, density, upper, bits);
    arb_mul(sum, weight->flat, upper, bits);
    arb_addmul(sum, weight->square, density, bits);
    arb_set(bound, sum);
    arb_clear(upper);
    arb_clear(density);
    arb_clear(sum);
}

void integrate_normal(arb_t integral, const struct normal_weight *weight, slong bits)
{
    integrate_half_line(integral, normal_times_weight, normal_tail, weight, bits);
}

/* |ln z| <= |ln |z|| + pi < 4 - ln |z| for |z| <= 1, and r (4 - ln r) increases there. */
static void bound_near_zero(acb_t value, const acb_t z)
{
    mag_t size, factor;
    mag_init(size);
    mag_init(factor);
    acb_get_mag(size, z);
    if (mag_cmp_2exp_si(size, 0) > 0) {
        acb_indeterminate(value);
    } else {
        acb_zero(value);
        if (!mag_is_zero(size)) {
            mag_neg_log(factor, size);
            mag_add_ui(factor, factor, 4);
            mag_mul(size, size, factor);
            arb_add_error_mag(acb_realref(value), size);
            arb_add_error_mag(acb_imagref(value), size);
        }
    }
    mag_clear(size);
    mag_clear(factor);
}

void acb_z_log_z(acb_t value, const acb_t z, bool analytic, slong bits)
{
    if (acb_contains_zero(z)) {
        if (analytic)
            acb_indeterminate(value);
        else
            bound_near_zero(value, z);
        return;
    }
    acb_t logarithm;
    acb_init(logarithm);
    acb_log_analytic(logarithm, z, analytic, bits);
    acb_mul(value, z, logarithm, bits);
    acb_clear(logarithm);
}

void arb_x_log_x(arb_t value, const arb_t x, slong bits)
{
    acb_t z;
    acb_init(z);
    acb_set_arb(z, x);
    acb_z_log_z(z, z, false, bits);
    arb_set(value, acb_realref(z));
    acb_clear(z);
}

void acb_normal_upper(acb_t value, const acb_t z, slong bits)
{
    arb_t root;
    arb_init(root);
    arb_sqrt_ui(root, 2, bits);
    acb_div_arb(value, z, root, bits);
    acb_hypgeom_erfc(value, value, bits);
    acb_mul_2exp_si(value, value, -1);
    arb_clear(root);
}

void arb_normal_upper(arb_t value, const arb_t z, slong bits)
{
    acb_t upper;
    acb_init(upper);
    acb_set_arb(upper, z);
    acb_normal_upper(upper, upper, bits);
    arb_set(value, acb_realref(upper));
    acb_clear(upper);
}

void acb_normal_density(acb_t value, const acb_t z, slong bits)
{
    arb_t root;
    arb_init(root);
    acb_mul(value, z, z, bits);
    acb_mul_2exp_si(value, value, -1);
    acb_neg(value, value);
    acb_exp(value, value, bits);
    arb_const_pi(root, bits);
    arb_mul_2exp_si(root, root, 1);
    arb_rsqrt(root, root, bits);
    acb_mul_arb(value, value, root, bits);
    arb_clear(root);
}

void arb_normal_density(arb_t value, const arb_t z, slong bits)
{
    acb_t density;
    acb_init(density);
    acb_set_arb(density, z);
    acb_normal_density(density, density, bits);
    arb_set(value, acb_realref(density));
    acb_clear(density);
}
