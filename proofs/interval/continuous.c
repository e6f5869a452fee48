/* Checks of c01, c03, c04 and c06 for pairs with a density: what theory says, from the law's closed forms, against the
 * law behind its gates, taken from its parts by integration. */
#include "proofs/interval/continuous.h"

#include "proofs/interval/check.h"
#include "proofs/interval/gates.h"

const struct continuous_law continuous_laws[] = {
    {"normal pair", {3, 4}, {0, 1}, gaussian_entropy, gaussian_information, gaussian_margin, gaussian_pair},
    {"normal pair", {-9, 10}, {0, 1}, gaussian_entropy, gaussian_information, gaussian_margin, gaussian_pair},
    {"Student pair", {3, 5}, {5, 1}, student_entropy, student_information, student_margin, student_pair},
    {"Student pair", {-1, 3}, {5, 2}, student_entropy, student_information, student_margin, student_pair},
    {"Student pair", {0, 1}, {1, 1}, student_entropy, student_information, student_margin, student_pair},
    {"two humps", {3, 2}, {0, 1}, bimodal_entropy, bimodal_information, bimodal_margin, bimodal_pair},
    {"uniform pair", {1, 2}, {0, 1}, uniform_entropy, uniform_information, uniform_margin, uniform_pair},
    {"uniform pair", {1, 1}, {0, 1}, uniform_entropy, uniform_information, uniform_margin, uniform_pair},
    {"Farlie-Gumbel-Morgenstern copula", {-3, 4}, {0, 1}, copula_entropy, fgm_information, copula_margin, fgm_pair},
    {"normal copula", {2, 5}, {0, 1}, copula_entropy, gaussian_information, copula_margin, gaussian_copula_pair},
    {NULL, {0, 1}, {0, 1}, NULL, NULL, NULL, NULL},
};

static const struct gates gates_of_checks[] = {
    /* independent, of one mean or of two */
    {361, 19, 19, 400},
    {16, 4, 4, 25},
    {1, 1, 1, 4},
    {1, 4, 4, 25},
    {1, 19, 19, 400},
    {24, 56, 6, 100},
    /* one gate for both */
    {19, 0, 0, 20},
    {4, 0, 0, 5},
    {1, 0, 0, 5},
    /* any other */
    {5, 2, 1, 10},
    {2, 3, 4, 10},
    {0, 3, 4, 10},
};
enum { GATES = sizeof gates_of_checks / sizeof *gates_of_checks };

struct gated_law {
    const struct continuous_law *law;
    struct gates gates;
    enum side side;
    struct ratio stretch[2]; /* of c04 */
};

static void print_gated_law(FILE *stream, const void *a_case)
{
    const struct gated_law *gated = a_case;
    const struct continuous_law *law = gated->law;
    fprintf(stream, "  %s, parameter %ld/%lu, second parameter %ld/%lu, %s; ", law->name, (long)law->parameter.over,
            (unsigned long)law->parameter.under, (long)law->second.over, (unsigned long)law->second.under,
            gated->side == SIDE_X ? "x" : "y");
    gates_print(stream, &gated->gates);
    fprintf(stream, "; stretched by %ld/%lu, %ld/%lu", (long)gated->stretch[0].over,
            (unsigned long)gated->stretch[0].under, (long)gated->stretch[1].over,
            (unsigned long)gated->stretch[1].under);
}

/* ---- the law behind its gates, part by part -------------------------------------------------------------------- */

/* sum += -p ln p, an atom */
static void add_atom(arb_t sum, struct ratio p, slong bits)
{
    arb_t term;
    arb_init(term);
    arb_set_ratio(term, p, bits);
    arb_x_log_x(term, term, bits);
    arb_sub(sum, sum, term, bits);
    arb_clear(term);
}

/* sum += the part of mass p of the margin, stretched */
static void add_margin(arb_t sum, const struct continuous_law *law, enum side side, struct ratio p,
                       struct ratio stretch, slong bits)
{
    if (p.over == 0) return;
    arb_t mass, scale, term;
    arb_init(mass);
    arb_init(scale);
    arb_init(term);
    arb_set_ratio(mass, p, bits + 40);
    arb_set_ratio(scale, stretch, bits + 40);
    law->margin(term, law, side, mass, scale, bits);
    arb_add(sum, sum, term, bits + 40);
    arb_clear(mass);
    arb_clear(scale);
    arb_clear(term);
}

static const struct ratio unit = {1, 1};

static struct ratio keep_of(const struct gates *gates, enum side side)
{
    return side == SIDE_X ? gates_keep_x(gates) : gates_keep_y(gates);
}

static struct ratio complement(struct ratio p)
{
    return (struct ratio){(slong)p.under - p.over, p.under};
}

/* entropy = that of one gated neuron relative to length and a point mass at 0 */
static void gated_entropy(arb_t entropy, const struct gated_law *gated, enum side side, struct ratio stretch,
                          slong bits)
{
    const struct ratio keep = keep_of(&gated->gates, side);
    arb_zero(entropy);
    add_atom(entropy, complement(keep), bits + 40);
    add_margin(entropy, gated->law, side, keep, stretch, bits);
}

/* information = H(gx) + H(hy) - H(gx, hy): the pair has an atom, two axes and the plane. */
static void gated_information(arb_t information, const struct gated_law *gated, slong bits)
{
    const struct gates *gates = &gated->gates;
    const ulong total = (ulong)gates->total;
    arb_t term, mass, scale;
    arb_init(term);
    arb_init(mass);
    arb_init(scale);
    add_atom(term, gates_none(gates), bits + 40);
    add_margin(term, gated->law, SIDE_X, (struct ratio){gates->only_x, total}, unit, bits);
    add_margin(term, gated->law, SIDE_Y, (struct ratio){gates->only_y, total}, unit, bits);
    arb_neg(information, term);
    if (gates->both > 0) {
        arb_set_ratio(mass, gates_both(gates), bits + 40);
        arb_one(scale);
        gated->law->pair(term, gated->law, mass, scale, bits);
        arb_sub(information, information, term, bits + 40);
    }
    for (enum side side = SIDE_X; side <= SIDE_Y; side++) {
        gated_entropy(term, gated, side, unit, bits);
        arb_add(information, information, term, bits + 40);
    }
    arb_clear(term);
    arb_clear(mass);
    arb_clear(scale);
}

/* ---- statements ------------------------------------------------------------------------------------------------ */

static void two_entropies(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct gated_law *gated = a_case;
    gated->law->entropy(left, gated->law, gated->side, bits);
    arb_zero(right);
    add_margin(right, gated->law, gated->side, unit, unit, bits);
}

static void two_informations(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct gated_law *gated = a_case;
    gated->law->information(left, gated->law, bits);
    gated_information(right, gated, bits);
}

/* I(g;h) + P(g=h=1) I: q s I for independent gates, H_b(q) + q I for a shared one. */
static void information_behind_gates(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct gated_law *gated = a_case;
    arb_t both;
    arb_init(both);
    gated->law->information(left, gated->law, bits);
    arb_set_ratio(both, gates_both(&gated->gates), bits + 40);
    arb_mul(left, left, both, bits + 40);
    gates_information(both, &gated->gates, bits + 40);
    arb_add(left, left, both, bits + 40);
    gated_information(right, gated, bits);
    arb_clear(both);
}

/* value = q H + H_b(q) */
static void mixed_entropy(arb_t value, const struct gated_law *gated, slong bits)
{
    const struct ratio keep = keep_of(&gated->gates, gated->side);
    arb_t term;
    arb_init(term);
    gated->law->entropy(value, gated->law, gated->side, bits);
    arb_set_ratio(term, keep, bits + 40);
    arb_mul(value, value, term, bits + 40);
    binary_entropy(term, keep, bits + 40);
    arb_add(value, value, term, bits + 40);
    arb_clear(term);
}

static void entropy_behind_a_gate(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct gated_law *gated = a_case;
    mixed_entropy(left, gated, bits);
    gated_entropy(right, gated, gated->side, unit, bits);
}

/* What is kept divided by q: q H + H_b(q) + q ln(1/q). */
static void entropy_rescaled(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct gated_law *gated = a_case;
    const struct ratio keep = keep_of(&gated->gates, gated->side);
    arb_t term;
    arb_init(term);
    mixed_entropy(left, gated, bits);
    arb_set_ratio(term, keep, bits + 40);
    arb_x_log_x(term, term, bits + 40);
    arb_sub(left, left, term, bits + 40);
    gated_entropy(right, gated, gated->side, (struct ratio){(slong)keep.under, (ulong)keep.over}, bits);
    arb_clear(term);
}

/* h(a x + b) = h(x) + ln a */
static void entropy_stretched(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct gated_law *gated = a_case;
    const struct ratio stretch = gated->stretch[gated->side];
    arb_t term;
    arb_init(term);
    arb_set_ratio(term, stretch, bits + 40);
    arb_log(term, term, bits + 40);
    gated->law->entropy(left, gated->law, gated->side, bits);
    arb_add(left, left, term, bits + 40);
    arb_zero(right);
    add_margin(right, gated->law, gated->side, unit, stretch, bits);
    arb_clear(term);
}

/* I(a x + b; c y + d) = I(x;y) */
static void information_stretched(arb_t left, arb_t right, const void *a_case, slong bits)
{
    const struct gated_law *gated = a_case;
    const struct ratio *stretch = gated->stretch;
    arb_t term, one, scale;
    arb_init(term);
    arb_init(one);
    arb_init(scale);
    arb_one(one);
    gated->law->information(left, gated->law, bits);
    arb_set_ratio(scale, stretch[0], bits + 40);
    arb_mul_si(scale, scale, stretch[1].over, bits + 40);
    arb_div_ui(scale, scale, stretch[1].under, bits + 40);
    gated->law->pair(term, gated->law, one, scale, bits);
    arb_neg(right, term);
    add_margin(right, gated->law, SIDE_X, unit, stretch[0], bits);
    add_margin(right, gated->law, SIDE_Y, unit, stretch[1], bits);
    arb_clear(term);
    arb_clear(one);
    arb_clear(scale);
}

/* ---- checks ---------------------------------------------------------------------------------------------------- */

static const struct gated_law open_gates = {.gates = {1, 0, 0, 1}, .stretch = {{3, 7}, {11, 2}}};

/* Every law with open gates, both sides or one. */
static void each_law(struct check_run *run, enclose_sides *sides, enum side last)
{
    struct gated_law gated = open_gates;
    for (gated.law = continuous_laws; gated.law->name != NULL; gated.law++)
        for (gated.side = SIDE_X; gated.side <= last; gated.side++)
            check_equal(run, sides, print_gated_law, &gated);
}

enum kind { INDEPENDENT, SHARED, OTHER };

static enum kind kind_of(const struct gates *gates)
{
    if (gates_are_independent(gates)) return INDEPENDENT;
    return gates->only_x + gates->only_y == 0 ? SHARED : OTHER;
}

/* Every law behind the gates of one kind. */
static void each_gated(struct check_run *run, enclose_sides *sides, enum kind kind, enum side last)
{
    struct gated_law gated = open_gates;
    for (gated.law = continuous_laws; gated.law->name != NULL; gated.law++)
        for (size_t g = 0; g < GATES; g++) {
            gated.gates = gates_of_checks[g];
            if (kind_of(&gated.gates) != kind) continue;
            for (gated.side = SIDE_X; gated.side <= last; gated.side++)
                check_equal(run, sides, print_gated_law, &gated);
        }
}

static void entropies(struct check_run *run)
{
    each_law(run, two_entropies, SIDE_Y);
}

static void informations(struct check_run *run)
{
    each_law(run, two_informations, SIDE_X);
}

static void c01(struct check_run *run)
{
    each_gated(run, information_behind_gates, INDEPENDENT, SIDE_X);
}

static void c03(struct check_run *run)
{
    each_gated(run, entropy_behind_a_gate, INDEPENDENT, SIDE_Y);
}

static void c03_rescaled(struct check_run *run)
{
    each_gated(run, entropy_rescaled, INDEPENDENT, SIDE_Y);
}

static void c04_entropy(struct check_run *run)
{
    each_law(run, entropy_stretched, SIDE_Y);
}

static void c04_information(struct check_run *run)
{
    each_law(run, information_stretched, SIDE_X);
}

static void c06(struct check_run *run)
{
    each_gated(run, information_behind_gates, SHARED, SIDE_X);
}

static void c06_any(struct check_run *run)
{
    each_gated(run, information_behind_gates, OTHER, SIDE_X);
}

const struct check checks_continuous[] = {
    {"c03_density_entropy", "h(x) of laws with a density, closed = by integration", entropies},
    {"c01_density_information", "I(x;y) of laws with a density, closed = by integration", informations},
    {"c01_density_quadratic", "densities, independent gates: I(gx;hy) from its parts = q r I(x;y)", c01},
    {"c03_density_mixed", "densities: H(gx) from its parts = q H(x) + H_b(q)", c03},
    {"c03_density_rescaled", "densities: H(gx/q) from its parts = q H(x) + H_b(q) + q ln(1/q)", c03_rescaled},
    {"c04_density_entropy", "densities: h(ax+b) by integration = h(x) + ln a", c04_entropy},
    {"c04_density_information", "densities: I(ax+b;cy+d) by integration = I(x;y)", c04_information},
    {"c06_density_shared", "densities, one gate: I(gx;gy) from its parts = H_b(q) + q I(x;y)", c06},
    {"c06_density_any_gates", "densities, any gates: I(gx;hy) from its parts = I(g;h) + P(g=h=1) I(x;y)", c06_any},
    {NULL, NULL, NULL},
};
