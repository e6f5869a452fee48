/* The laws of a pair under dropout against exact enumeration of a finite law and its gates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>

#include "estimators/dropout_law.h"
#include "tests/near.h"

enum { LEVELS = 3, AFTER = LEVELS + 1 }; /* after the gates a level more: 0 */

/* P(x = value[i], y = value[j]); the values are those of both sides. */
static const double joint[LEVELS][LEVELS] = {{.21, .05, .08}, {.03, .17, .06}, {.02, .11, .27}};
static const double no_zero[LEVELS] = {-1.3, .4, 2.9};
static const double with_zero[LEVELS] = {0, .4, 2.9};

/* The law of (x',y'); index LEVELS is the value 0 of a closed gate. */
static void after_gates(bool shared, double q, double out[AFTER][AFTER])
{
    memset(out, 0, sizeof(double[AFTER][AFTER]));
    for (int i = 0; i < LEVELS; i++)
        for (int j = 0; j < LEVELS; j++) {
            const double p = joint[i][j];
            out[i][j] += p * (shared ? q : q * q);
            out[i][LEVELS] += shared ? 0 : p * q * (1 - q);
            out[LEVELS][j] += shared ? 0 : p * q * (1 - q);
            out[LEVELS][LEVELS] += p * (shared ? 1 - q : (1 - q) * (1 - q));
        }
}

/* Adds row and column `from` to row and column `to`: the two values are the same. */
static void merge(double law[AFTER][AFTER], int from, int to)
{
    for (int k = 0; k < AFTER; k++) {
        law[to][k] += law[from][k];
        law[from][k] = 0;
    }
    for (int k = 0; k < AFTER; k++) {
        law[k][to] += law[k][from];
        law[k][from] = 0;
    }
}

static double information(double law[AFTER][AFTER])
{
    double px[AFTER] = {0}, py[AFTER] = {0}, sum = 0;
    for (int i = 0; i < AFTER; i++)
        for (int j = 0; j < AFTER; j++) {
            px[i] += law[i][j];
            py[j] += law[i][j];
        }
    for (int i = 0; i < AFTER; i++)
        for (int j = 0; j < AFTER; j++)
            if (law[i][j] > 0) sum += law[i][j] * log(law[i][j] / (px[i] * py[j]));
    return sum;
}

/* Means, variances and covariance. */
struct moments {
    double mx, my, vx, vy, c;
};

static struct moments moments_of(double law[AFTER][AFTER], const double *value)
{
    double x = 0, y = 0, xx = 0, yy = 0, xy = 0;
    for (int i = 0; i < AFTER; i++)
        for (int j = 0; j < AFTER; j++) {
            const double a = i < LEVELS ? value[i] : 0, b = j < LEVELS ? value[j] : 0, p = law[i][j];
            x += p * a, y += p * b, xx += p * a * a, yy += p * b * b, xy += p * a * b;
        }
    return (struct moments){x, y, xx - x * x, yy - y * y, xy - x * y};
}

static double correlation(struct moments m)
{
    return m.c / sqrt(m.vx * m.vy);
}

static const double keeps[] = {1, .97, .8, .5, .2, .1};
enum { KEEPS = sizeof keeps / sizeof *keeps };

static void mutual_information(void **state)
{
    (void)state;
    double law[AFTER][AFTER];
    after_gates(false, 1, law);
    const double before = information(law);
    for (int k = 0; k < KEEPS; k++)
        for (int shared = 0; shared < 2; shared++) {
            const enum icl_gate gate = shared ? ICL_GATE_SHARED : ICL_GATE_INDEPENDENT;
            const double value = icl_dropout_mi(gate, keeps[k], before);
            after_gates(shared, keeps[k], law);
            assert_near(information(law), value, 1e-14);
            assert_int_equal(icl_dropout_mi_kind(gate, keeps[k], false), ICL_LAW_EQUAL);
            /* The first level is 0 itself: an atom that hides the gate. */
            merge(law, LEVELS, 0);
            const bool strict = keeps[k] < 1;
            assert_int_equal(icl_dropout_mi_kind(gate, keeps[k], true), strict ? ICL_LAW_BOUND : ICL_LAW_EQUAL);
            if (strict)
                assert_true(information(law) < value - 1e-4);
            else
                assert_near(information(law), value, 1e-14);
        }
}

static void correlations(void **state)
{
    (void)state;
    double law[AFTER][AFTER];
    const double *values[] = {no_zero, with_zero};
    for (int v = 0; v < 2; v++) {
        after_gates(false, 1, law);
        const struct moments before = moments_of(law, values[v]);
        const double rho = correlation(before);
        const double m_x = before.mx / sqrt(before.vx), m_y = before.my / sqrt(before.vy);
        for (int k = 0; k < KEEPS; k++) {
            const double q = keeps[k];
            after_gates(false, q, law);
            assert_near(icl_dropout_correlation(ICL_GATE_INDEPENDENT, q, rho, m_x, m_y),
                        correlation(moments_of(law, values[v])), 1e-14);
            after_gates(true, q, law);
            assert_near(icl_dropout_correlation(ICL_GATE_SHARED, q, rho, m_x, m_y),
                        correlation(moments_of(law, values[v])), 1e-14);
            /* Noise of variance s2 adds s2 E[x^2] to the variance and nothing to the covariance. */
            const double s2 = (1 - q) / q;
            const struct moments noisy = {before.mx, before.my, before.vx + s2 * (before.vx + before.mx * before.mx),
                                          before.vy + s2 * (before.vy + before.my * before.my), before.c};
            assert_near(icl_dropout_correlation(ICL_GATE_GAUSSIAN, q, rho, m_x, m_y), correlation(noisy), 1e-14);
        }
    }
}

static void centred_values(void **state)
{
    (void)state;
    assert_near(icl_dropout_correlation(ICL_GATE_INDEPENDENT, .8, .75, 0, 0), .6, 1e-15);
    assert_near(icl_dropout_correlation(ICL_GATE_GAUSSIAN, .8, .75, 0, 0), .6, 1e-15);
    assert_near(icl_dropout_correlation(ICL_GATE_SHARED, .8, .75, 0, 0), .75, 1e-15);
    assert_near(icl_dropout_correlation(ICL_GATE_SHARED, .8, NAN, 0, 0), NAN, 0);
}

static void gaussian_noise(void **state)
{
    (void)state;
    assert_near(icl_dropout_mi(ICL_GATE_GAUSSIAN, .3, .413339), .413339, 0);
    assert_int_equal(icl_dropout_mi_kind(ICL_GATE_GAUSSIAN, .3, false), ICL_LAW_BOUND);
    assert_int_equal(icl_dropout_mi_kind(ICL_GATE_GAUSSIAN, 1, false), ICL_LAW_EQUAL);
}

static void entropy_of_a_gate(void **state)
{
    (void)state;
    assert_near(icl_binary_entropy(.5), log(2), 1e-16);
    assert_near(icl_binary_entropy(.2), .50040242353818787, 1e-15);
    assert_near(icl_binary_entropy(.8), .50040242353818787, 1e-15);
    assert_near(icl_binary_entropy(1), 0, 0);
    assert_near(icl_binary_entropy(0), 0, 0);
    assert_near(icl_binary_entropy(NAN), NAN, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mutual_information), cmocka_unit_test(correlations),      cmocka_unit_test(centred_values),
        cmocka_unit_test(gaussian_noise),     cmocka_unit_test(entropy_of_a_gate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
