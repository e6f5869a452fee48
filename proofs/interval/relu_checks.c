/* Checks of c02 to c06 for two rectified normals, over a grid of correlations and gates. */
#include "proofs/interval/check.h"
#include "proofs/interval/integrate.h"
#include "proofs/interval/relu.h"

struct relu_case {
    struct ratio rho, keep;
    struct gates gates;
    int which;
};

static const struct ratio rhos[] = {{1, 4}, {-1, 4}, {1, 2}, {-1, 2}, {3, 4}, {-3, 4}, {9, 10}, {-9, 10}, {99, 100}};
static const struct ratio keeps[] = {{1, 20}, {1, 10}, {1, 5},  {3, 10},  {1, 2},
                                     {7, 10}, {4, 5},  {9, 10}, {19, 20}, {97, 100}};
enum { RHOS = sizeof rhos / sizeof *rhos, KEEPS = sizeof keeps / sizeof *keeps, GUARD_BITS = 40 };

static void print_relu_case(FILE *stream, const void *a_case)
{
    const struct relu_case *c = a_case;
    fprintf(stream, "  rectified normals, rho %ld/%lu, keep %ld/%lu, quantity %d; ", (long)c->rho.over,
            (unsigned long)c->rho.under, (long)c->keep.over, (unsigned long)c->keep.under, c->which);
    gates_print(stream, &c->gates);
}

static const struct gates open_gates = {1, 0, 0, 1};

/* An inequality wants fewer digits than an equality. */
static slong of_order(slong bits)
{
    return bits / 2;
}

/* ---- statements ------------------------------------------------------------------------------------------------ */

static void quadrant(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct relu_case *c = a_case;
    struct relu relu;
    relu_init(&relu, c->rho, bits + GUARD_BITS);
    arb_set(left, c->which == 0 ? relu.quadrant : c->which == 1 ? relu.square : relu.product);
    relu_quadrant_by_integral(right, c->rho, c->which, bits);
    relu_clear(&relu);
}

static void by_terms(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct relu_case *c = a_case;
    relu_information(left, c->rho, &c->gates, bits);
    relu_information_by_terms(right, c->rho, &c->gates, bits);
}

/* value = I(g;h) + P(g=h=1) I(x;y), which is q r I for independent gates and H_b(q) + q I for a shared one */
static void without_an_atom(arb_t value, const struct relu_case *c, slong bits)
{
    arb_t term;
    arb_init(term);
    relu_information(value, c->rho, &open_gates, bits);
    arb_set_ratio(term, gates_both(&c->gates), bits + GUARD_BITS);
    arb_mul(value, value, term, bits + GUARD_BITS);
    gates_information(term, &c->gates, bits + GUARD_BITS);
    arb_add(value, value, term, bits + GUARD_BITS);
    arb_clear(term);
}

static void bound(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct relu_case *c = a_case;
    relu_information(left, c->rho, &c->gates, of_order(bits));
    without_an_atom(right, c, of_order(bits));
}

static void both_vanish(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct relu_case *c = a_case;
    relu_information(left, c->rho, &c->gates, bits);
    arb_zero(right);
}

static void moved_atom(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct relu_case *c = a_case;
    relubn_information(left, c->rho, &c->gates, bits);
    without_an_atom(right, c, bits);
}

/* limit q^2 I < I' */
static void above_the_limit(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct relu_case *c = a_case;
    arb_t limit;
    arb_init(limit);
    relu_ratio_limit(limit, c->rho, of_order(bits));
    without_an_atom(left, c, of_order(bits));
    arb_mul(left, left, limit, bits);
    relu_information(right, c->rho, &c->gates, of_order(bits));
    arb_clear(limit);
}

/* I'/(q^2 I) - limit < q */
static void near_the_limit(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct relu_case *c = a_case;
    arb_t ratio;
    arb_init(ratio);
    relu_information(left, c->rho, &c->gates, bits);
    without_an_atom(ratio, c, bits);
    arb_div(left, left, ratio, bits + GUARD_BITS);
    relu_ratio_limit(ratio, c->rho, bits);
    arb_sub(left, left, ratio, bits + GUARD_BITS);
    arb_set_ratio(right, c->keep, bits);
    arb_clear(ratio);
}

static void exponents(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct relu_case *c = a_case;
    relu_exponent(left, c->rho, c->keep, bits);
    relu_exponent_by_divergence(right, c->rho, bits);
}

static void exponent_above_two(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct relu_case *c = a_case;
    arb_set_ui(left, 2);
    relu_exponent(right, c->rho, c->keep, of_order(bits));
}

/* value = sqrt(1/2 - 1/(2 pi)), by which a batch norm divides */
static void relu_sd(arb_t value, slong bits)
{
    arb_t mean, covariance;
    arb_init(mean);
    arb_init(covariance);
    relu_moments(mean, value, covariance, (struct ratio){0, 1}, false, bits);
    arb_sqrt(value, value, bits);
    arb_clear(mean);
    arb_clear(covariance);
}

static void entropy_twice(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct relu_case *c = a_case;
    relu_entropy(left, c->keep, false, bits);
    relu_entropy(right, c->keep, true, bits);
}

/* value = q H + H_b(q) */
static void mix(arb_t value, struct ratio keep, slong bits)
{
    arb_t term;
    arb_init(term);
    arb_set_ratio(term, keep, bits + GUARD_BITS);
    arb_mul(value, value, term, bits + GUARD_BITS);
    binary_entropy(term, keep, bits + GUARD_BITS);
    arb_add(value, value, term, bits + GUARD_BITS);
    arb_clear(term);
}

static void entropy_bound(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct relu_case *c = a_case;
    relu_entropy(left, c->keep, true, bits);
    relu_entropy(right, (struct ratio){1, 1}, false, bits);
    mix(right, c->keep, bits);
}

static void entropy_of_moved_atom(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct relu_case *c = a_case;
    arb_t sd;
    arb_init(sd);
    relu_sd(sd, bits + GUARD_BITS);
    relubn_entropy(left, c->keep, sd, true, bits);
    relubn_entropy(right, (struct ratio){1, 1}, sd, false, bits);
    mix(right, c->keep, bits);
    arb_clear(sd);
}

/* corr(gx, hy) from the moments of the gated law, which are integrals, against the formula with m = mean / sd:
 * (P(g=h=1)/q rho + (P(g=h=1)/q - q) m^2) / (1 + (1-q) m^2). */
static void correlation(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct relu_case *c = a_case;
    const slong more = bits + GUARD_BITS;
    arb_t mean, variance, covariance, keep, both, term;
    arb_init(mean);
    arb_init(variance);
    arb_init(covariance);
    arb_init(keep);
    arb_init(both);
    arb_init(term);
    arb_set_ratio(keep, c->keep, more);
    arb_set_ratio(both, gates_both(&c->gates), more);
    relu_moments(mean, variance, covariance, c->rho, true, bits);
    arb_mul(mean, mean, mean, more);
    arb_add(covariance, covariance, mean, more); /* E x y */
    arb_add(variance, variance, mean, more);     /* E x^2 */
    arb_mul(term, mean, keep, more);
    arb_mul(term, term, keep, more);
    arb_mul(left, covariance, both, more);
    arb_sub(left, left, term, more);
    arb_mul(right, variance, keep, more);
    arb_sub(right, right, term, more);
    arb_div(left, left, right, more);

    relu_moments(mean, variance, covariance, c->rho, false, bits);
    arb_mul(mean, mean, mean, more);
    arb_div(mean, mean, variance, more); /* m^2 */
    arb_div(right, covariance, variance, more);
    arb_div(both, both, keep, more);
    arb_mul(right, right, both, more);
    arb_sub(both, both, keep, more);
    arb_addmul(right, both, mean, more);
    arb_sub_ui(keep, keep, 1, more);
    arb_neg(keep, keep);
    arb_mul(mean, mean, keep, more);
    arb_add_ui(mean, mean, 1, more);
    arb_div(right, right, mean, more);
    arb_clear(mean);
    arb_clear(variance);
    arb_clear(covariance);
    arb_clear(keep);
    arb_clear(both);
    arb_clear(term);
}

/* ---- checks ---------------------------------------------------------------------------------------------------- */

typedef void check_sides(struct check_run *run, enclose_sides *sides, print_case *print, const void *a_case);
typedef struct gates gates_of_keep(struct ratio keep);

static struct gates independent(struct ratio keep)
{
    return gates_independent(keep.over, keep.over, (slong)keep.under);
}

static struct gates shared(struct ratio keep)
{
    return gates_shared(keep.over, (slong)keep.under);
}

/* Two gates of different means. */
static struct gates uneven(struct ratio keep)
{
    return gates_independent(keep.over * 3, (slong)keep.under * 2, (slong)keep.under * 3);
}

/* Every correlation, and every `step`-th keep. */
static void over_steps(struct check_run *run, check_sides *check, enclose_sides *sides, gates_of_keep *gates,
                       size_t step)
{
    for (size_t r = 0; r < RHOS; r++)
        for (size_t k = 0; k < KEEPS; k += step) {
            const struct relu_case c = {.rho = rhos[r], .keep = keeps[k], .gates = gates(keeps[k])};
            check(run, sides, print_relu_case, &c);
        }
}

static void over_grid(struct check_run *run, check_sides *check, enclose_sides *sides, gates_of_keep *gates)
{
    over_steps(run, check, sides, gates, 1);
}

static void over_keeps(struct check_run *run, check_sides *check, enclose_sides *sides)
{
    for (size_t k = 0; k < KEEPS; k++) {
        const struct relu_case c = {.rho = {0, 1}, .keep = keeps[k], .gates = independent(keeps[k])};
        check(run, sides, print_relu_case, &c);
    }
}

static void c05_moments(struct check_run *run)
{
    for (size_t r = 0; r < RHOS; r++)
        for (int which = 0; which < 3; which++) {
            const struct relu_case c = {.rho = rhos[r], .keep = {1, 1}, .gates = open_gates, .which = which};
            check_equal(run, quadrant, print_relu_case, &c);
        }
}

/* Gates of every kind, and none. */
static void c05_terms(struct check_run *run)
{
    static const struct gates gates[] = {{1, 0, 0, 1},     {16, 4, 4, 25}, {1, 9, 9, 100},
                                         {24, 56, 6, 100}, {4, 0, 0, 5},   {5, 2, 1, 10}};
    for (size_t r = 0; r < RHOS; r++)
        for (size_t g = 0; g < sizeof gates / sizeof *gates; g++) {
            const struct relu_case c = {.rho = rhos[r], .keep = gates_keep_x(&gates[g]), .gates = gates[g]};
            check_equal(run, by_terms, print_relu_case, &c);
        }
}

static void c05_bound(struct check_run *run)
{
    over_grid(run, check_less, bound, independent);
    over_grid(run, check_less, bound, uneven);
}

static void c05_independence(struct check_run *run)
{
    over_keeps(run, check_equal, both_vanish);
}

static void c05_limit(struct check_run *run)
{
    over_grid(run, check_less, above_the_limit, independent);
    for (size_t r = 0; r < RHOS; r++) {
        const struct ratio keep = {1, 1 << 20};
        const struct relu_case c = {.rho = rhos[r], .keep = keep, .gates = independent(keep)};
        check_less(run, near_the_limit, print_relu_case, &c);
    }
}

static void c05_exponent(struct check_run *run)
{
    for (size_t r = 0; r < RHOS; r++) {
        const struct relu_case c = {.rho = rhos[r], .keep = {1, 1}, .gates = open_gates};
        check_equal(run, exponents, print_relu_case, &c);
    }
}

static void c05_exponent_above_two(struct check_run *run)
{
    over_grid(run, check_less, exponent_above_two, independent);
}

static void c06_bound(struct check_run *run)
{
    over_grid(run, check_less, bound, shared);
}

static void c01_moved(struct check_run *run)
{
    over_steps(run, check_equal, moved_atom, independent, 3);
}

static void c06_moved(struct check_run *run)
{
    over_steps(run, check_equal, moved_atom, shared, 3);
}

static void c03_twice(struct check_run *run)
{
    over_keeps(run, check_equal, entropy_twice);
}

static void c03_bound(struct check_run *run)
{
    over_keeps(run, check_less, entropy_bound);
}

static void c03_moved(struct check_run *run)
{
    over_keeps(run, check_equal, entropy_of_moved_atom);
}

static void c02_formula(struct check_run *run)
{
    over_grid(run, check_equal, correlation, independent);
}

static void c06_formula(struct check_run *run)
{
    over_grid(run, check_equal, correlation, shared);
}

const struct check checks_relu[] = {
    {"c05_relu_moments", "normal pair: probability and moments of the quadrant, closed = by integration", c05_moments},
    {"c05_relu_terms", "ReLU of a normal pair: I(gx;hy) from its parts = by the identity of four terms", c05_terms},
    {"c05_relu_bound", "ReLU of a normal pair, rho not 0, 0 < q < 1: I(gx;hy) < q r I(x;y)", c05_bound},
    {"c05_relu_independent", "ReLU of independent normals: I(gx;hy) = 0", c05_independence},
    {"c05_relu_limit", "ReLU of a normal pair: I(gx;hy) > limit q^2 I(x;y), by less than q^3 I(x;y) as q falls",
     c05_limit},
    {"c05_relu_exponent", "ReLU of a normal pair: d ln I'/d ln q at q = 1 is 2 + (KL + KL)/I", c05_exponent},
    {"c05_relu_exponent_above_two", "ReLU of a normal pair: d ln I'/d ln q > 2 for 0 < q < 1", c05_exponent_above_two},
    {"c06_relu_bound", "ReLU of a normal pair, one gate: I(gx;gy) < H_b(q) + q I(x;y)", c06_bound},
    {"c01_relubn_quadratic", "ReLU -> BN: I(gx;hy) from its nine parts = q^2 I(x;y)", c01_moved},
    {"c06_relubn_shared", "ReLU -> BN, one gate: I(gx;gy) from its parts = H_b(q) + q I(x;y)", c06_moved},
    {"c03_relu_entropy", "ReLU of a normal: H(gx), closed = by integration", c03_twice},
    {"c03_relu_bound", "ReLU of a normal: H(gx) < q H(x) + H_b(q)", c03_bound},
    {"c03_relubn_mixed", "ReLU -> BN: H(gx) with two point masses = q H(x) + H_b(q)", c03_moved},
    {"c02_relu_formula", "ReLU of a normal pair: corr(gx,hy) from integrals = the formula with means", c02_formula},
    {"c06_relu_formula", "ReLU of a normal pair, one gate: corr(gx,gy) from integrals = the formula", c06_formula},
    {NULL, NULL, NULL},
};
