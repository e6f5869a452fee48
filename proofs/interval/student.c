#include "proofs/interval/continuous.h"
#include "proofs/interval/density.h"

/* The entropy of the d-dimensional Student t of identity dispersion (Kotz & Nadarajah 2004, section 1.5):
 * ln Gamma(nu/2) - ln Gamma((nu+d)/2) + (d/2) ln(nu pi) + ((nu+d)/2) (psi((nu+d)/2) - psi(nu/2)). */
static void vector_entropy(arb_t value, struct ratio nu, ulong d, slong bits)
{
    arb_t low, high, term;
    arb_init(low);
    arb_init(high);
    arb_init(term);
    arb_set_ratio(low, nu, bits);
    arb_add_ui(high, low, d, bits);
    arb_mul_2exp_si(high, high, -1);
    arb_const_pi(value, bits);
    arb_mul(value, value, low, bits);
    arb_log(value, value, bits);
    arb_mul_ui(value, value, d, bits);
    arb_mul_2exp_si(value, value, -1);
    arb_mul_2exp_si(low, low, -1);
    arb_lgamma(term, low, bits);
    arb_add(value, value, term, bits);
    arb_lgamma(term, high, bits);
    arb_sub(value, value, term, bits);
    arb_digamma(term, high, bits);
    arb_digamma(low, low, bits);
    arb_sub(term, term, low, bits);
    arb_addmul(value, term, high, bits);
    arb_clear(low);
    arb_clear(high);
    arb_clear(term);
}

void student_entropy(arb_t value, const struct continuous_law *law, enum side side, slong bits)
{
    (void)side;
    vector_entropy(value, law->second, 1, bits);
}

/* The dispersion matrix adds ln(1 - rho^2) / 2 to the entropy of the pair and nothing to the margins: the information
 * is that of a normal pair and a constant of nu alone, 2 h_1(nu) - h_2(nu). */
void student_information(arb_t value, const struct continuous_law *law, slong bits)
{
    arb_t entropy;
    arb_init(entropy);
    gaussian_information(value, law, bits);
    vector_entropy(entropy, law->second, 1, bits);
    arb_mul_2exp_si(entropy, entropy, 1);
    arb_add(value, value, entropy, bits);
    vector_entropy(entropy, law->second, 2, bits);
    arb_sub(value, value, entropy, bits);
    arb_clear(entropy);
}

/* With r = nu^(1/2) sinh t the density is c (1 + r^2/nu)^(-(nu+d)/2) = c / cosh(t)^(nu+d). */
struct student {
    arb_t nu, c, epsilon;
    arb_t measure; /* d = 1: 2 nu^(1/2), two places; d = 2: 2 pi nu s, from ellipses of area pi s r^2 */
    ulong d;
};

static void student_at(acb_t f, acb_t measure, const acb_t t, bool analytic, const struct density *density, slong bits)
{
    const struct student *student = density->parameters;
    acb_t exponent;
    acb_init(exponent);
    acb_cosh(measure, t, bits);
    arb_add_ui(acb_realref(exponent), student->nu, student->d, bits);
    acb_neg(exponent, exponent);
    acb_pow_analytic(f, measure, exponent, analytic, bits);
    acb_mul_arb(f, f, student->c, bits);
    if (student->d == 2) {
        acb_sinh(exponent, t, bits);
        acb_mul(measure, measure, exponent, bits);
    }
    acb_mul_arb(measure, measure, student->measure, bits);
    acb_clear(exponent);
}

/* With epsilon = nu / (2 (nu+d)), f^(1-epsilon) = c^(1-epsilon) cosh^(-nu/2-d). d = 2: the integral of
 * sinh cosh^(-nu/2-1) over [T, infinity) is (2/nu) cosh(T)^(-nu/2). d = 1: that of cosh^(-nu/2) is at most
 * 2^(nu/2) (2/nu) e^(-nu T/2), because cosh t >= e^t / 2; and this bounds the other as well. */
static void student_tail(arb_t power, arb_t most, const struct density *density, const arb_t from, slong bits)
{
    const struct student *student = density->parameters;
    arb_t half, exponent;
    arb_init(half);
    arb_init(exponent);
    arb_exp(half, from, bits);
    arb_mul_2exp_si(half, half, -1); /* <= cosh */
    arb_add_ui(exponent, student->nu, student->d, bits);
    arb_neg(exponent, exponent);
    arb_pow(most, half, exponent, bits);
    arb_mul(most, most, student->c, bits);
    arb_mul_2exp_si(exponent, student->nu, -1);
    arb_neg(exponent, exponent);
    arb_pow(power, half, exponent, bits);
    arb_mul_2exp_si(exponent, student->nu, -1);
    arb_div(power, power, exponent, bits);
    arb_mul(power, power, student->measure, bits);
    arb_sub_ui(exponent, student->epsilon, 1, bits);
    arb_neg(exponent, exponent);
    arb_pow(exponent, student->c, exponent, bits);
    arb_mul(power, power, exponent, bits);
    arb_clear(half);
    arb_clear(exponent);
}

static void student_init(struct student *student, const struct continuous_law *law, ulong d, slong bits)
{
    student->d = d;
    arb_init(student->nu);
    arb_init(student->c);
    arb_init(student->epsilon);
    arb_init(student->measure);
    arb_set_ratio(student->nu, law->second, bits);
    arb_add_ui(student->epsilon, student->nu, d, bits);
    arb_mul_2exp_si(student->epsilon, student->epsilon, 1);
    arb_div(student->epsilon, student->nu, student->epsilon, bits);
}

static void student_part(arb_t part, struct student *student, const arb_t mass, const arb_t scale, slong bits)
{
    const struct density density = {
        .at = student_at, .tail = student_tail, .epsilon = student->epsilon, .parameters = student};
    part_entropy(part, &density, mass, scale, bits);
    arb_clear(student->nu);
    arb_clear(student->c);
    arb_clear(student->epsilon);
    arb_clear(student->measure);
}

/* c = Gamma((nu+1)/2) / (Gamma(nu/2) (nu pi)^(1/2)) */
void student_margin(arb_t part, const struct continuous_law *law, enum side side, const arb_t mass, const arb_t scale,
                    slong bits)
{
    (void)side;
    const slong more = bits + 40;
    struct student student;
    student_init(&student, law, 1, more);
    arb_t half, low;
    arb_init(half);
    arb_init(low);
    arb_set_d(half, 0.5);
    arb_mul_2exp_si(low, student.nu, -1);
    arb_gamma(student.c, low, more);
    arb_add(half, half, low, more);
    arb_gamma(low, half, more);
    arb_div(student.c, low, student.c, more);
    arb_const_pi(low, more);
    arb_mul(low, low, student.nu, more);
    arb_sqrt(low, low, more);
    arb_div(student.c, student.c, low, more);
    arb_sqrt(student.measure, student.nu, more);
    arb_mul_2exp_si(student.measure, student.measure, 1);
    arb_clear(half);
    arb_clear(low);
    student_part(part, &student, mass, scale, bits);
}

/* c = 1 / (2 pi s) for every nu. */
void student_pair(arb_t part, const struct continuous_law *law, const arb_t mass, const arb_t scale, slong bits)
{
    const slong more = bits + 40;
    struct student student;
    student_init(&student, law, 2, more);
    arb_t rho;
    arb_init(rho);
    arb_set_ratio(rho, law->parameter, more);
    arb_mul(rho, rho, rho, more);
    arb_sub_ui(rho, rho, 1, more);
    arb_neg(rho, rho);
    arb_sqrt(rho, rho, more);
    arb_const_pi(student.c, more);
    arb_mul_2exp_si(student.c, student.c, 1);
    arb_mul(student.c, student.c, rho, more);
    arb_mul(student.measure, student.c, student.nu, more);
    arb_inv(student.c, student.c, more);
    arb_clear(rho);
    student_part(part, &student, mass, scale, bits);
}
