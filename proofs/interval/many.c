#include "proofs/interval/check.h"
#include "proofs/interval/many.h"

enum { TRIO = 3, OCTET = 8, GUARD_BITS = 60 };

static const struct ratio trio_correlation[TRIO] = {{3, 4}, {1, 2}, {3, 10}}; /* of (1,2), (1,3), (2,3) */

/* ---- c08 ------------------------------------------------------------------------------------------------------- */

/* value = -ln(1 - r^2) / 2 of one pair */
static void pair_information(arb_t value, struct ratio r, slong bits)
{
    arb_set_ratio(value, r, bits);
    arb_mul(value, value, value, bits);
    arb_neg(value, value);
    arb_log1p(value, value, bits);
    arb_mul_2exp_si(value, value, -1);
    arb_neg(value, value);
}

/* det R = 1 + 2abc - a^2 - b^2 - c^2 */
static void trio_whole(arb_t value, slong bits)
{
    arb_t r, product;
    arb_init(r);
    arb_init(product);
    arb_one(value);
    arb_set_ui(product, 2);
    for (int i = 0; i < TRIO; i++) {
        arb_set_ratio(r, trio_correlation[i], bits);
        arb_mul(product, product, r, bits);
        arb_submul(value, r, r, bits);
    }
    arb_add(value, value, product, bits);
    arb_log(value, value, bits);
    arb_mul_2exp_si(value, value, -1);
    arb_neg(value, value);
    arb_clear(r);
    arb_clear(product);
}

void trio_total_correlation(arb_t tc, struct ratio keep, slong bits)
{
    const slong more = bits + GUARD_BITS;
    arb_t q, drop, term, pairs;
    arb_init(q);
    arb_init(drop);
    arb_init(term);
    arb_init(pairs);
    arb_set_ratio(q, keep, more);
    arb_sub_ui(drop, q, 1, more);
    arb_neg(drop, drop);
    for (int i = 0; i < TRIO; i++) {
        pair_information(term, trio_correlation[i], more);
        arb_add(pairs, pairs, term, more);
    }
    trio_whole(tc, more);
    arb_mul(tc, tc, q, more);
    arb_addmul(tc, pairs, drop, more);
    arb_mul(tc, tc, q, more);
    arb_mul(tc, tc, q, more);
    arb_clear(q);
    arb_clear(drop);
    arb_clear(term);
    arb_clear(pairs);
}

/* ---- c09 ------------------------------------------------------------------------------------------------------- */

/* R' = q R + (1-q) Id */
static void octet_matrix(acb_mat_t matrix, const arb_t q, slong bits)
{
    static const struct ratio common = {2, 5}, near = {11, 20}, decay = {4, 5};
    arb_t value, term, power;
    arb_init(value);
    arb_init(term);
    arb_init(power);
    for (slong i = 0; i < OCTET; i++)
        for (slong j = 0; j < OCTET; j++) {
            arb_set_ratio(power, decay, bits);
            arb_pow_ui(power, power, (ulong)(i < j ? j - i : i - j), bits);
            arb_set_ratio(value, common, bits);
            arb_set_ratio(term, near, bits);
            arb_addmul(value, term, power, bits);
            arb_mul(value, value, q, bits);
            if (i == j) arb_one(value);
            acb_set_arb(acb_mat_entry(matrix, i, j), value);
        }
    arb_clear(value);
    arb_clear(term);
    arb_clear(power);
}

/* The least and the largest eigenvalue of a symmetric matrix, which are real; not finite if they are not enclosed one
 * by one, or their order is open. */
static void extremes(arb_t least, arb_t most, const acb_mat_t matrix, slong bits)
{
    acb_ptr value = _acb_vec_init(OCTET), near = _acb_vec_init(OCTET);
    acb_mat_t right;
    acb_mat_init(right, OCTET, OCTET);
    acb_mat_approx_eig_qr(near, NULL, right, matrix, NULL, 0, bits);
    bool ordered = acb_mat_eig_simple(value, NULL, NULL, matrix, near, right, bits) != 0;
    arb_set(least, acb_realref(value));
    arb_set(most, least);
    for (slong i = 1; i < OCTET; i++) {
        const arb_srcptr next = acb_realref(value + i);
        ordered = ordered && !arb_overlaps(next, least) && !arb_overlaps(next, most);
        if (arb_lt(next, least)) arb_set(least, next);
        if (arb_gt(next, most)) arb_set(most, next);
    }
    if (!ordered) arb_indeterminate(most);
    _acb_vec_clear(value, OCTET);
    _acb_vec_clear(near, OCTET);
    acb_mat_clear(right);
}

/* value = q value + 1 - q */
static void behind_gates(arb_t value, const arb_t q, slong bits)
{
    arb_sub_ui(value, value, 1, bits);
    arb_mul(value, value, q, bits);
    arb_add_ui(value, value, 1, bits);
}

void octet_condition(arb_t condition, struct ratio keep, bool directly, slong bits)
{
    const slong more = bits + GUARD_BITS;
    arb_t q, least, one;
    acb_mat_t matrix;
    arb_init(q);
    arb_init(least);
    arb_init(one);
    acb_mat_init(matrix, OCTET, OCTET);
    arb_one(one);
    arb_set_ratio(q, keep, more);
    octet_matrix(matrix, directly ? q : one, more);
    extremes(least, condition, matrix, more);
    if (!directly) {
        behind_gates(least, q, more);
        behind_gates(condition, q, more);
    }
    arb_div(condition, condition, least, more);
    arb_clear(q);
    arb_clear(least);
    arb_clear(one);
    acb_mat_clear(matrix);
}

/* ---- checks ---------------------------------------------------------------------------------------------------- */

static const struct ratio keeps[] = {{1, 1}, {97, 100}, {19, 20}, {9, 10}, {4, 5}, {1, 2}, {1, 5}, {1, 20}};

static void print_keep(FILE *stream, const void *a_case)
{
    const struct ratio *keep = a_case;
    fprintf(stream, "  keep %ld/%lu", (long)keep->over, (unsigned long)keep->under);
}

/* TC(x1,x2,x3) = I(x1;x2) + I(x1,x2;x3), and 1 minus the squared multiple correlation is
 * 1 - (b^2 + c^2 - 2abc) / (1 - a^2). */
static void chain(arb_t left, arb_t right, const void *a_case, slong bits)
{
    arb_t a, b, c, term;
    arb_init(a);
    arb_init(b);
    arb_init(c);
    arb_init(term);
    trio_total_correlation(left, *(const struct ratio *)a_case, bits);
    arb_set_ratio(a, trio_correlation[0], bits);
    arb_set_ratio(b, trio_correlation[1], bits);
    arb_set_ratio(c, trio_correlation[2], bits);
    arb_mul(right, b, c, bits);
    arb_mul(right, right, a, bits);
    arb_mul_si(right, right, -2, bits);
    arb_addmul(right, b, b, bits);
    arb_addmul(right, c, c, bits);
    arb_mul(term, a, a, bits);
    arb_sub_ui(term, term, 1, bits);
    arb_div(right, right, term, bits);
    arb_log1p(right, right, bits);
    arb_mul_2exp_si(right, right, -1);
    arb_neg(right, right);
    pair_information(term, trio_correlation[0], bits);
    arb_add(right, right, term, bits);
    arb_clear(a);
    arb_clear(b);
    arb_clear(c);
    arb_clear(term);
}

static void conditions(arb_t left, arb_t right, const void *a_case, slong bits)
{
    octet_condition(left, *(const struct ratio *)a_case, true, bits);
    octet_condition(right, *(const struct ratio *)a_case, false, bits);
}

static void c08_chain(struct check_run *run)
{
    check_equal(run, chain, print_keep, keeps);
}

static void c09_condition(struct check_run *run)
{
    for (size_t k = 0; k < sizeof keeps / sizeof *keeps; k++)
        check_equal(run, conditions, print_keep, keeps + k);
}

const struct check checks_many[] = {
    {"c08_normals_chain", "three normals: TC by the determinant = by the chain rule", c08_chain},
    {"c09_normals_condition", "eight normals: condition number of q R + (1-q) Id = (q l_max + 1-q)/(q l_min + 1-q)",
     c09_condition},
    {NULL, NULL, NULL},
};
