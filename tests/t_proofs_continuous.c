/* Rigorous integrals, the laws with a density and the digits of the table: known answers, and what is not to converge.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proofs/interval/check.h"
#include "proofs/interval/continuous.h"
#include "proofs/interval/digits.h"
#include "proofs/interval/many.h"
#include "proofs/interval/noise.h"
#include "proofs/interval/relu.h"

enum { BITS = 128 };

/* A number given to its last digit lies in the ball, and the ball is no wider than 1e-30. */
static void assert_encloses(const arb_t ball, const char *text, const char *what)
{
    arb_t known;
    arb_init(known);
    assert_int_equal(arb_set_str(known, text, 256), 0);
    if (!arb_overlaps(ball, known) || mag_cmp_2exp_si(arb_radref(ball), -99) > 0) {
        char *shown = arb_get_str(ball, 40, 0);
        print_error("%s: %s, known as %s\n", what, shown, text);
        flint_free(shown);
        fail();
    }
    arb_clear(known);
}

/* ---- integrals -------------------------------------------------------------------------------------------------- */

static int z_log_z(acb_ptr value, const acb_t z, void *parameters, slong order, slong bits)
{
    (void)parameters;
    acb_z_log_z(value, z, order != 0, bits);
    return 0;
}

static int inverse(acb_ptr value, const acb_t z, void *parameters, slong order, slong bits)
{
    (void)parameters;
    (void)order;
    acb_inv(value, z, bits);
    return 0;
}

/* i: a function that is not real. */
static int imaginary(acb_ptr value, const acb_t z, void *parameters, slong order, slong bits)
{
    (void)z;
    (void)parameters;
    (void)order;
    (void)bits;
    acb_onei(value);
    return 0;
}

/* |x|, which is not holomorphic at 0. */
static int modulus(acb_ptr value, const acb_t z, void *parameters, slong order, slong bits)
{
    (void)parameters;
    acb_real_abs(value, z, order != 0, bits);
    return 0;
}

static int exponential(acb_ptr value, const acb_t z, void *parameters, slong order, slong bits)
{
    (void)parameters;
    (void)order;
    acb_neg(value, z);
    acb_exp(value, value, bits);
    return 0;
}

static void exponential_tail(arb_t bound, const void *parameters, const arb_t from, slong bits)
{
    (void)parameters;
    arb_neg(bound, from);
    arb_exp(bound, bound, bits);
}

static void no_tail(arb_t bound, const void *parameters, const arb_t from, slong bits)
{
    (void)parameters;
    (void)from;
    (void)bits;
    arb_one(bound);
}

static void integrals(void **state)
{
    (void)state;
    arb_t from, to, value;
    arb_init(from);
    arb_init(to);
    arb_init(value);
    arb_one(to);
    integrate_range(value, z_log_z, NULL, from, to, BITS);
    assert_encloses(value, "-0.25", "x ln x");
    integrate_half_line(value, exponential, exponential_tail, NULL, BITS);
    assert_encloses(value, "1", "exp(-x)");
    arb_set_si(from, -1);
    integrate_range(value, modulus, NULL, from, to, BITS);
    assert_encloses(value, "1", "|x|");
    arb_clear(from);
    arb_clear(to);
    arb_clear(value);
}

/* What has no integral, or no known tail, or is not real: everything is possible, and nothing is claimed. */
static void no_convergence(void **state)
{
    (void)state;
    arb_t from, to, value;
    arb_init(from);
    arb_init(to);
    arb_init(value);
    arb_one(to);
    integrate_range(value, inverse, NULL, from, to, 64);
    assert_false(arb_is_finite(value));
    arb_zero(value);
    integrate_half_line(value, exponential, no_tail, NULL, BITS);
    assert_false(arb_is_finite(value));
    arb_zero(value);
    integrate_range(value, imaginary, NULL, from, to, BITS);
    assert_false(arb_is_finite(value));
    arb_set_si(from, -1);
    arb_zero(value);
    integrate_range(value, inverse, NULL, from, to, 64);
    assert_false(arb_is_finite(value));
    arb_clear(from);
    arb_clear(to);
    arb_clear(value);
}

static void z_log_z_near_zero(void **state)
{
    (void)state;
    acb_t ball, value, inside;
    acb_init(ball);
    acb_init(value);
    acb_init(inside);
    for (int radius = -40; radius <= 0; radius++) {
        acb_zero(ball);
        mag_set_ui_2exp_si(arb_radref(acb_realref(ball)), 1, radius - 1);
        mag_set_ui_2exp_si(arb_radref(acb_imagref(ball)), 1, radius - 1);
        acb_z_log_z(value, ball, true, BITS);
        assert_false(acb_is_finite(value));
        acb_z_log_z(value, ball, false, BITS);
        assert_true(acb_is_finite(value));
        /* both sides of the cut, where |ln z| is largest, and zero */
        for (int side = -1; side <= 1; side += 2) {
            acb_set_si(inside, -1);
            acb_mul_2exp_si(inside, inside, radius - 1);
            arb_set_si(acb_imagref(inside), side);
            arb_mul_2exp_si(acb_imagref(inside), acb_imagref(inside), radius - 60);
            acb_z_log_z(inside, inside, true, BITS);
            assert_true(acb_is_finite(inside) && acb_contains(value, inside));
        }
        assert_true(acb_contains_zero(value));
    }
    mag_set_ui(arb_radref(acb_realref(ball)), 2);
    acb_z_log_z(value, ball, false, BITS);
    assert_false(acb_is_finite(value));
    acb_set_si(ball, -1);
    acb_z_log_z(value, ball, true, BITS);
    assert_false(acb_is_finite(value));
    acb_zero(ball);
    acb_z_log_z(value, ball, false, BITS);
    assert_true(acb_is_zero(value));
    acb_clear(ball);
    acb_clear(value);
    acb_clear(inside);
}

/* ---- laws ------------------------------------------------------------------------------------------------------- */

/* mpmath 1.3.0, mp.dps = 32, quadrature of -f log(f) from the densities, e.g. for the two humps
 *   f = lambda x: (npdf(x - a) + npdf(x + a)) / 2
 *   h = lambda a: 2 * quad(lambda x: -f(x) * log(f(x)), linspace(0, a + 14, 12)) */
static void entropies_and_informations(void **state)
{
    (void)state;
    static const struct {
        struct continuous_law law;
        const char *entropy, *information;
    } known[] = {
        {{"gauss", {3, 4}, {0, 1}, gaussian_entropy, gaussian_information, gaussian_margin, gaussian_pair},
         "1.41893853320467274178032973641 +/- 1e-29",
         "0.413339286592233966281787871195 +/- 1e-30"},
        {{"student", {3, 5}, {5, 1}, student_entropy, student_information, student_margin, student_pair},
         "1.62750267241439598109074861926 +/- 1e-29",
         "0.240271829733656234387132856023 +/- 1e-29"},
        {{"bimodal", {3, 2}, {0, 1}, bimodal_entropy, bimodal_information, bimodal_margin, bimodal_pair},
         "1.94571583972604624616475547467 +/- 1e-29",
         "0.405958782462513537235893294805 +/- 1e-29"},
        {{"uniform", {1, 2}, {0, 1}, uniform_entropy, uniform_information, uniform_margin, uniform_pair},
         "0.25",
         "0.943147180559945309417232121458 +/- 1e-30"},
        {{"fgm", {3, 4}, {0, 1}, copula_entropy, fgm_information, copula_margin, fgm_pair},
         "0",
         "0.0324550849994533029073010094152 +/- 1e-31"},
    };
    arb_t value, part, one;
    arb_init(value);
    arb_init(part);
    arb_init(one);
    arb_one(one);
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        const struct continuous_law *law = &known[k].law;
        law->entropy(value, law, SIDE_Y, BITS);
        assert_encloses(value, known[k].entropy, law->name);
        law->margin(value, law, SIDE_Y, one, one, BITS);
        assert_encloses(value, known[k].entropy, law->name);
        law->margin(part, law, SIDE_X, one, one, BITS);
        arb_add(value, value, part, 200);
        law->pair(part, law, one, one, BITS);
        arb_sub(value, value, part, 200);
        assert_encloses(value, known[k].information, law->name);
        law->information(value, law, BITS);
        assert_encloses(value, known[k].information, law->name);
    }
    arb_clear(value);
    arb_clear(part);
    arb_clear(one);
}

/* A part of mass 1/4 and a stretch by 3: (h - ln(1/4) + ln 3) / 4 = h/4 + ln(12)/4. */
static void thinned_and_stretched(void **state)
{
    (void)state;
    arb_t mass, scale, part, expected;
    arb_init(mass);
    arb_init(scale);
    arb_init(part);
    arb_init(expected);
    arb_set_d(mass, 0.25);
    arb_set_ui(scale, 3);
    for (const struct continuous_law *law = continuous_laws; law->name != NULL; law++) {
        law->margin(part, law, SIDE_X, mass, scale, BITS);
        arb_set_ui(expected, 12);
        arb_log(expected, expected, BITS);
        arb_mul_2exp_si(expected, expected, -2);
        arb_sub(part, part, expected, 200);
        arb_mul_2exp_si(part, part, 2);
        law->entropy(expected, law, SIDE_X, BITS);
        arb_sub(part, part, expected, 200);
        assert_encloses(part, "0", law->name);
    }
    arb_clear(mass);
    arb_clear(scale);
    arb_clear(part);
    arb_clear(expected);
}

/* mpmath as above, the integrals over the axis with quad(..., linspace(0, 14, 15)), the moments of the quadrant by
 * quad; exponents by diff of log I' with h = 1e-8, and by the divergences. */
static void rectified_normals(void **state)
{
    (void)state;
    static const struct {
        struct ratio rho;
        struct gates gates;
        const char *information;
    } known[] = {{{3, 4}, {1, 0, 0, 1}, "0.281468270305512027205658900453 +/- 1e-30"},
                 {{3, 4}, {16, 4, 4, 25}, "0.126326737869282888787630240711 +/- 1e-30"},
                 {{3, 4}, {4, 0, 0, 5}, "0.302299707047544472186489632085 +/- 1e-30"},
                 {{3, 4}, {24, 56, 6, 100}, "0.0373760016564750391858211197482 +/- 1e-31"},
                 {{99, 100}, {1, 0, 0, 1}, "1.23338589995183062594115098926 +/- 1e-29"},
                 {{-1, 2}, {9, 21, 21, 100}, "0.00411254276907345927343155793894 +/- 1e-32"}};
    const struct ratio rho = {3, 4};
    arb_t value;
    arb_init(value);
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        relu_information(value, known[k].rho, &known[k].gates, BITS);
        assert_encloses(value, known[k].information, "relu");
        relu_information_by_terms(value, known[k].rho, &known[k].gates, BITS);
        assert_encloses(value, known[k].information, "relu, by terms");
    }
    relu_exponent(value, rho, (struct ratio){1, 2}, BITS);
    assert_encloses(value, "2.4365139091264371 +/- 1e-15", "exponent at keep .5");
    relu_exponent(value, rho, (struct ratio){1, 1}, BITS);
    assert_encloses(value, "4.71097751588303213520914893763 +/- 1e-29", "exponent at keep 1");
    relu_exponent_by_divergence(value, rho, BITS);
    assert_encloses(value, "4.71097751588303213520914893763 +/- 1e-29", "exponent by divergence");
    relu_exponent_by_divergence(value, (struct ratio){99, 100}, BITS);
    assert_encloses(value, "22.842583986983299719831052677 +/- 1e-26", "exponent by divergence, rho .99");
    arb_clear(value);
}

/* mpmath: -(q/2) log(q/2) - (1-q) log(1-q) - quad(lambda x: q npdf(x) log(q sd npdf(x)), ...) at q = 1/2; eigsy; det.
 */
static void entropy_behind_bn_and_many(void **state)
{
    (void)state;
    arb_t value, sd, other;
    arb_init(value);
    arb_init(sd);
    arb_init(other);
    relu_moments(value, sd, other, (struct ratio){0, 1}, false, 200);
    arb_sqrt(sd, sd, 200);
    for (int by_integral = 0; by_integral < 2; by_integral++) {
        relubn_entropy(value, (struct ratio){1, 2}, sd, by_integral != 0, BITS);
        assert_encloses(value, "1.35570951944215620543444934987 +/- 1e-29", "relubn");
    }
    for (int directly = 0; directly < 2; directly++) {
        octet_condition(value, (struct ratio){19, 20}, directly != 0, BITS);
        assert_encloses(value, "35.9783132373932549644427647342 +/- 1e-28", "condition");
    }
    trio_total_correlation(value, (struct ratio){4, 5}, BITS);
    assert_encloses(value, "0.367057913349934699192920005172 +/- 1e-30", "total correlation");
    arb_clear(value);
    arb_clear(sd);
    arb_clear(other);
}

/* ---- noise ------------------------------------------------------------------------------------------------------ */

/* Signs alone: their correlation is (1 - 2 P(e < -1))^2 (2/pi) asin(rho) =: k, the information ln 2 - H_b((1+k)/2). */
static void signs_behind_noise(void **state)
{
    (void)state;
    static const struct ratio rhos[] = {{3, 4}, {-1, 2}, {9, 10}};
    arb_t k, term, value;
    arb_init(k);
    arb_init(term);
    arb_init(value);
    for (size_t r = 0; r < 3; r++) {
        noise_information_below(value, rhos[r], (struct ratio){1, 5}, NULL, 0, 64);
        arb_set_d(k, 0.5); /* 1/s at keep 1/5 */
        arb_normal_upper(k, k, 128);
        arb_mul_si(k, k, -2, 128);
        arb_add_ui(k, k, 1, 128);
        arb_mul(k, k, k, 128);
        arb_set_ratio(term, rhos[r], 128);
        arb_asin(term, term, 128);
        arb_mul(k, k, term, 128);
        arb_const_pi(term, 128);
        arb_div(k, k, term, 128);
        arb_mul_2exp_si(k, k, 1);
        arb_add_ui(k, k, 1, 128);
        arb_mul_2exp_si(k, k, -1);
        arb_x_log_x(term, k, 128);
        arb_sub(value, value, term, 128);
        arb_sub_ui(k, k, 1, 128);
        arb_neg(k, k);
        arb_x_log_x(term, k, 128);
        arb_sub(value, value, term, 128);
        arb_const_log2(term, 128);
        arb_sub(value, value, term, 128);
        assert_true(arb_contains_zero(value) && mag_cmp_2exp_si(arb_radref(value), -16) < 0);
    }
    arb_clear(k);
    arb_clear(term);
    arb_clear(value);
}

/* Six cells, and more cells tell more. The same sums in double precision, 60 terms, with 3000 midpoints over 1 + e from
 * -18 to 18: .0221531. */
static void cells_behind_noise(void **state)
{
    (void)state;
    static const struct ratio cuts[] = {{1, 1}, {3, 1}};
    arb_t coarse, fine, above;
    arb_init(coarse);
    arb_init(fine);
    arb_init(above);
    noise_information_below(coarse, (struct ratio){3, 4}, (struct ratio){1, 5}, cuts, 1, 64);
    noise_information_below(fine, (struct ratio){3, 4}, (struct ratio){1, 5}, cuts, 2, 64);
    noise_information_above(above, (struct ratio){1, 5}, 64);
    assert_true(arb_lt(coarse, fine) && arb_lt(fine, above));
    arb_set_d(above, 0.02215310934656478);
    arb_add_error_2exp_si(above, -25);
    assert_true(arb_overlaps(fine, above) && mag_cmp_2exp_si(arb_radref(fine), -16) < 0);
    arb_clear(coarse);
    arb_clear(fine);
    arb_clear(above);
}

/* ---- gates, digits, checks -------------------------------------------------------------------------------------- */

static void information_of_gates(void **state)
{
    (void)state;
    const struct gates independent = gates_independent(2, 3, 7), shared = gates_shared(3, 10), other = {0, 3, 4, 10};
    arb_t value, expected;
    arb_init(value);
    arb_init(expected);
    gates_information(value, &independent, BITS);
    assert_true(arb_is_zero(value));
    gates_information(value, &shared, BITS);
    binary_entropy(expected, (struct ratio){3, 10}, BITS);
    arb_sub(value, value, expected, BITS);
    assert_encloses(value, "0", "one gate");
    /* .3 ln(1/.6) + .4 ln(1/.7) + .3 ln(.3/(.7 .6)) */
    gates_information(value, &other, BITS);
    assert_encloses(value, "0.19497599371892627738 +/- 1e-19", "gates never both open");
    arb_clear(value);
    arb_clear(expected);
}

static void certain_digits(void **state)
{
    (void)state;
    static const struct {
        const char *ball, *text;
        int most, digits;
    } cases[] = {
        {"0.126326737869 +/- 1e-15", "0.126326737869", 12, 12},
        {"0.126326737869 +/- 1e-11", "0.1263267379", 12, 10},
        {"-0.0375 +/- 1e-40", "-0.037500", 5, 5},
        {"123.456 +/- 1e-9", "123.4560", 7, 7},
        {"123456 +/- 1e-9", "123500", 4, 4},
        {"0.5 +/- 0.4", "-", 30, 0},
        {"1 +/- 2", "-", 30, 0},
        {"0", "-", 30, 0},
        {"2.5 +/- 0.1", "-", 1, 0},
        {"9.9996 +/- 1e-9", "10.000", 4, 4},
        {"+inf", "-", 30, 0},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        char text[64] = "";
        FILE *stream = fmemopen(text, sizeof text, "w");
        arb_t ball;
        arb_init(ball);
        assert_non_null(stream);
        assert_int_equal(arb_set_str(ball, cases[c].ball, 256), 0);
        const int digits = print_certain_digits(stream, ball, cases[c].most);
        fclose(stream);
        if (strcmp(text, cases[c].text) != 0 || digits != cases[c].digits)
            fail_msg("%s: %s with %d digits, wanted %s with %d", cases[c].ball, text, digits, cases[c].text,
                     cases[c].digits);
        arb_clear(ball);
    }
}

/* Those that take no time; `enclose check` runs all. */
static void quick_checks_hold(void **state)
{
    (void)state;
    static const struct check *const tables[] = {checks_continuous, checks_relu, checks_noise, checks_many};
    static const char *const names[] = {
        "c03_density_entropy",       "c05_relu_moments",          "c05_relu_independent", "c03_relu_bound",
        "c03_relubn_mixed",          "c02_relu_formula",          "c06_relu_formula",     "c07_noise_formula",
        "c07_noise_below_quadratic", "c07_noise_above_quadratic", "c07_noise_moment",     "c08_normals_chain",
        "c09_normals_condition",     "c04_density_entropy"};
    size_t found = 0;
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const struct check *check = tables[t]; check->name != NULL; check++)
            for (size_t n = 0; n < sizeof names / sizeof *names; n++)
                if (strcmp(check->name, names[n]) == 0) {
                    struct check_run run = {.log = stderr, .bits = BITS, .most_bits = BITS, .name = check->name};
                    check->run(&run);
                    if (run.cases == 0 || run.certain != run.cases) fail_msg("%s does not hold", check->name);
                    found++;
                }
    assert_int_equal(found, sizeof names / sizeof *names);
}

static int free_caches(void **state)
{
    (void)state;
    flint_cleanup();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integrals),
        cmocka_unit_test(no_convergence),
        cmocka_unit_test(z_log_z_near_zero),
        cmocka_unit_test(entropies_and_informations),
        cmocka_unit_test(thinned_and_stretched),
        cmocka_unit_test(rectified_normals),
        cmocka_unit_test(entropy_behind_bn_and_many),
        cmocka_unit_test(signs_behind_noise),
        cmocka_unit_test(cells_behind_noise),
        cmocka_unit_test(information_of_gates),
        cmocka_unit_test(certain_digits),
        cmocka_unit_test(quick_checks_hold),
    };
    return cmocka_run_group_tests(tests, NULL, free_caches);
}
