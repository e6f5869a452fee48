/* The table of enclosed values: each row a quantity of one law behind one pair of gates, with the digits that are
 * certain and the check of `enclose check` that stands for it. */
#include "proofs/interval/table.h"

#include "proofs/interval/continuous.h"
#include "proofs/interval/digits.h"
#include "proofs/interval/gates.h"
#include "proofs/interval/information.h"
#include "proofs/interval/many.h"
#include "proofs/interval/relu.h"

enum { BITS = 128, MORE = BITS + 40, DIGITS = 30 };

struct row {
    const char *law, *parameter, *gate, *quantity, *check;
    struct ratio keep;
};

static void print_row(FILE *stream, const struct row *row, const arb_t value)
{
    fprintf(stream, "%s\t%s\t%s\t%.10g\t%s\t", row->law, row->parameter, row->gate,
            (double)row->keep.over / (double)row->keep.under, row->quantity);
    const int digits = print_certain_digits(stream, value, DIGITS);
    fprintf(stream, "\t%d\t%s\n", digits, row->check);
}

static const struct ratio keeps[] = {{1, 1}, {97, 100}, {19, 20}, {9, 10}, {4, 5}, {7, 10},
                                     {1, 2}, {3, 10},   {1, 5},   {1, 10}, {1, 20}};
enum { KEEPS = sizeof keeps / sizeof *keeps };

static struct gates independent(struct ratio keep)
{
    return gates_independent(keep.over, keep.over, (slong)keep.under);
}

static struct gates shared(struct ratio keep)
{
    return gates_shared(keep.over, (slong)keep.under);
}

/* value = I(g;h) + P(g=h=1) value: c01 and c06 */
static void behind_gates(arb_t value, const struct gates *gates)
{
    arb_t term;
    arb_init(term);
    arb_set_ratio(term, gates_both(gates), MORE);
    arb_mul(value, value, term, MORE);
    gates_information(term, gates, MORE);
    arb_add(value, value, term, MORE);
    arb_clear(term);
}

/* value = keep value + H_b(keep): c03 */
static void mix(arb_t value, struct ratio keep)
{
    arb_t term;
    arb_init(term);
    arb_set_ratio(term, keep, MORE);
    arb_mul(value, value, term, MORE);
    binary_entropy(term, keep, MORE);
    arb_add(value, value, term, MORE);
    arb_clear(term);
}

/* ---- correlation ------------------------------------------------------------------------------------------------ */

/* value = (P(g=h=1)/q rho + (P(g=h=1)/q - q) m^2) / (1 + (1-q) m^2): c02 and c06. `row` names law and check. */
static void print_correlation(FILE *stream, struct row row, const arb_t rho, const arb_t square, bool one_gate)
{
    arb_t value, q, open;
    arb_init(value);
    arb_init(q);
    arb_init(open);
    arb_set_ratio(q, row.keep, MORE);
    if (one_gate)
        arb_one(open);
    else
        arb_set(open, q);
    arb_mul(value, open, rho, MORE);
    arb_sub(open, open, q, MORE);
    arb_addmul(value, open, square, MORE);
    arb_sub_ui(q, q, 1, MORE);
    arb_neg(q, q);
    arb_mul(q, q, square, MORE);
    arb_add_ui(q, q, 1, MORE);
    arb_div(value, value, q, MORE);
    row.gate = one_gate ? "shared" : "independent";
    row.quantity = "correlation";
    print_row(stream, &row, value);
    arb_clear(value);
    arb_clear(q);
    arb_clear(open);
}

/* ---- laws with a density ---------------------------------------------------------------------------------------- */

struct density_rows {
    const char *law, *parameter;
    struct continuous_law of;
    struct ratio correlation; /* 0: no rows */
};

#define NORMAL_PAIR(text, over, under)                                                                                 \
    {                                                                                                                  \
        "gauss", text, {NULL, {over, under}, {0, 1}, gaussian_entropy, gaussian_information, NULL, NULL},              \
        {                                                                                                              \
            over, under                                                                                                \
        }                                                                                                              \
    }

static const struct density_rows density_rows[] = {
    NORMAL_PAIR("rho=0.75", 3, 4),
    NORMAL_PAIR("rho=-0.75", -3, 4),
    NORMAL_PAIR("rho=0.25", 1, 4),
    NORMAL_PAIR("rho=0.3", 3, 10),
    NORMAL_PAIR("rho=0.4", 2, 5),
    NORMAL_PAIR("rho=0.5", 1, 2),
    NORMAL_PAIR("rho=0.9", 9, 10),
    NORMAL_PAIR("rho=-0.9", -9, 10),
    NORMAL_PAIR("rho=0.99", 99, 100),
    {"student", "nu=5 rho=0.6", {NULL, {3, 5}, {5, 1}, student_entropy, student_information, NULL, NULL}, {3, 5}},
    {"bimodal", "a=1.5", {NULL, {3, 2}, {0, 1}, bimodal_entropy, bimodal_information, NULL, NULL}, {9, 13}},
    {"uniform", "w=0.5", {NULL, {1, 2}, {0, 1}, uniform_entropy, uniform_information, NULL, NULL}, {0, 1}},
    {"fgm", "t=0.75", {NULL, {3, 4}, {0, 1}, copula_entropy, fgm_information, NULL, NULL}, {0, 1}},
};

static void print_density(FILE *stream, const struct density_rows *rows)
{
    arb_t mi, entropy, value, zero;
    arb_init(mi);
    arb_init(entropy);
    arb_init(value);
    arb_init(zero);
    rows->of.information(mi, &rows->of, BITS);
    rows->of.entropy(entropy, &rows->of, SIDE_Y, BITS);
    for (size_t k = 0; k < KEEPS; k++) {
        struct row row = {.law = rows->law, .parameter = rows->parameter, .keep = keeps[k]};
        for (int one = 0; one < 2; one++) {
            const struct gates gates = one ? shared(keeps[k]) : independent(keeps[k]);
            arb_set(value, mi);
            behind_gates(value, &gates);
            row.gate = one ? "shared" : "independent";
            row.quantity = "mi";
            row.check = one ? "c06_density_shared" : "c01_density_quadratic";
            print_row(stream, &row, value);
            if (rows->correlation.over == 0) continue;
            row.check = one ? "c06_corr_formula" : "c02_corr_formula";
            arb_set_ratio(value, rows->correlation, MORE);
            print_correlation(stream, row, value, zero, one != 0);
        }
        arb_set(value, entropy);
        mix(value, keeps[k]);
        row.gate = "independent";
        row.quantity = "entropy";
        row.check = "c03_density_mixed";
        if (!arb_is_zero(value)) print_row(stream, &row, value);
    }
    arb_clear(mi);
    arb_clear(entropy);
    arb_clear(value);
    arb_clear(zero);
}

/* ---- rectified normals ------------------------------------------------------------------------------------------ */

static const struct {
    struct ratio rho;
    const char *parameter;
} relu_rhos[] = {{{3, 4}, "rho=0.75"},   {{-3, 4}, "rho=-0.75"}, {{1, 4}, "rho=0.25"},
                 {{-1, 4}, "rho=-0.25"}, {{1, 2}, "rho=0.5"},    {{-1, 2}, "rho=-0.5"},
                 {{9, 10}, "rho=0.9"},   {{-9, 10}, "rho=-0.9"}, {{99, 100}, "rho=0.99"}};

/* Information, its ratio to q^2 I and its exponent, for one correlation; and the limit of the ratio, at keep 0. */
static void print_relu_information(FILE *stream, struct ratio rho, const char *parameter)
{
    arb_t mi, value;
    arb_init(mi);
    arb_init(value);
    struct row row = {.law = "relu", .parameter = parameter, .gate = "independent"};
    for (size_t k = 0; k < KEEPS; k++) {
        row.keep = keeps[k];
        struct gates gates = independent(keeps[k]);
        relu_information(value, rho, &gates, BITS);
        if (k == 0) arb_set(mi, value);
        row.quantity = "mi";
        row.check = "c05_relu_terms";
        print_row(stream, &row, value);
        arb_div(value, value, mi, MORE);
        arb_mul_ui(value, value, keeps[k].under * keeps[k].under, MORE);
        arb_div_si(value, value, keeps[k].over * keeps[k].over, MORE);
        row.quantity = "ratio";
        row.check = "c05_relu_bound";
        if (k > 0) print_row(stream, &row, value);
        relu_exponent(value, rho, keeps[k], BITS);
        row.quantity = "exponent";
        row.check = k == 0 ? "c05_relu_exponent" : "c05_relu_exponent_above_two";
        print_row(stream, &row, value);
        gates = shared(keeps[k]);
        relu_information(value, rho, &gates, BITS);
        row.gate = "shared";
        row.quantity = "mi";
        row.check = "c06_relu_bound";
        print_row(stream, &row, value);
        row.gate = "independent";
    }
    row.keep = (struct ratio){0, 1};
    row.quantity = "ratio";
    row.check = "c05_relu_limit";
    relu_ratio_limit(value, rho, BITS);
    print_row(stream, &row, value);
    arb_clear(mi);
    arb_clear(value);
}

/* Correlations and entropies of relu and relubn at rho = 3/4, the information of relubn. */
static void print_relu_and_relubn(FILE *stream)
{
    const struct ratio rho = {3, 4}, open = {1, 1};
    const struct gates none_shut = {1, 0, 0, 1};
    arb_t mean, sd, corr, mi, value, square, zero;
    arb_init(mean);
    arb_init(sd);
    arb_init(corr);
    arb_init(mi);
    arb_init(value);
    arb_init(square);
    arb_init(zero);
    relu_moments(mean, sd, corr, rho, false, MORE);
    arb_div(corr, corr, sd, MORE);
    arb_mul(square, mean, mean, MORE);
    arb_div(square, square, sd, MORE);
    arb_sqrt(sd, sd, MORE);
    arb_div(value, mean, sd, MORE);
    struct row row = {.law = "relu",
                      .parameter = "rho=0.75",
                      .gate = "independent",
                      .keep = open,
                      .quantity = "mean_over_sd",
                      .check = "c02_relu_formula"};
    print_row(stream, &row, value);
    relu_information(mi, rho, &none_shut, BITS);
    for (size_t k = 0; k < KEEPS; k++) {
        row.keep = keeps[k];
        for (int one = 0; one < 2; one++) {
            const struct gates gates = one ? shared(keeps[k]) : independent(keeps[k]);
            row.law = "relu";
            row.check = one ? "c06_relu_formula" : "c02_relu_formula";
            print_correlation(stream, row, corr, square, one != 0);
            row.law = "relubn";
            print_correlation(stream, row, corr, zero, one != 0);
            arb_set(value, mi);
            behind_gates(value, &gates);
            row.gate = one ? "shared" : "independent";
            row.quantity = "mi";
            row.check = one ? "c06_relubn_shared" : "c01_relubn_quadratic";
            print_row(stream, &row, value);
        }
        row.gate = "independent";
        row.quantity = "entropy";
        relubn_entropy(value, keeps[k], sd, false, BITS);
        row.check = "c03_relubn_mixed";
        print_row(stream, &row, value);
        row.law = "relu";
        row.check = "c03_relu_entropy";
        relu_entropy(value, keeps[k], false, BITS);
        print_row(stream, &row, value);
    }
    arb_clear(mean);
    arb_clear(sd);
    arb_clear(corr);
    arb_clear(mi);
    arb_clear(value);
    arb_clear(square);
    arb_clear(zero);
}

/* ---- finite laws ------------------------------------------------------------------------------------------------ */

enum { MOST_VALUES = 4 };

static const struct finite_rows {
    const char *law, *parameter, *check;
    int size;
    slong value[MOST_VALUES], percent[MOST_VALUES][MOST_VALUES];
} finite_rows[] = {
    {"binary", "-", "c05_mi_bound", 2, {0, 1}, {{35, 15}, {15, 35}}},
    {"discrete",
     "-",
     "c01_mi_quadratic",
     4,
     {-2, -1, 1, 2},
     {{10, 6, 3, 1}, {6, 14, 7, 3}, {3, 7, 14, 6}, {1, 3, 6, 10}}},
};

/* Adds weight/total at the point (x, y). */
static void add_point(struct law *law, slong x, slong y, slong weight, slong total)
{
    fmpq *point = _fmpq_vec_init(2);
    fmpq_t mass;
    fmpq_init(mass);
    fmpq_set_si(point, x, 1);
    fmpq_set_si(point + 1, y, 1);
    fmpq_set_si(mass, weight, (ulong)total);
    if (weight > 0) law_add(law, point, mass);
    fmpq_clear(mass);
    _fmpq_vec_clear(point, 2);
}

/* pair = the law; factors = that of the gates; the law behind them. */
static void finite_behind(struct law *behind, const struct finite_rows *rows, const struct gates *gates)
{
    struct law pair, factors;
    law_init(&pair, 2);
    law_init(&factors, 2);
    for (int i = 0; i < rows->size; i++)
        for (int j = 0; j < rows->size; j++)
            add_point(&pair, rows->value[i], rows->value[j], rows->percent[i][j], 100);
    add_point(&factors, 1, 1, gates->both, gates->total);
    add_point(&factors, 1, 0, gates->only_x, gates->total);
    add_point(&factors, 0, 1, gates->only_y, gates->total);
    add_point(&factors, 0, 0, gates_none(gates).over, gates->total);
    law_behind(behind, &pair, &factors);
    law_clear(&pair);
    law_clear(&factors);
}

/* exponent = 2 + 2 KL(p_y || p_y|x=0) / I, for an exchangeable law with an atom at its value 0. */
static void finite_exponent(arb_t exponent, const struct finite_rows *rows, const arb_t mi)
{
    struct law pair, given, other, y;
    const struct gates open = {1, 0, 0, 1};
    law_init(&pair, 2);
    law_init(&given, 2);
    law_init(&other, 1);
    law_init(&y, 1);
    finite_behind(&pair, rows, &open);
    law_given_zero(&given, &pair, 0);
    law_margin(&other, &given, 2);
    law_margin(&y, &pair, 2);
    enclose_divergence(exponent, &y, &other, MORE);
    arb_div(exponent, exponent, mi, MORE);
    arb_mul_2exp_si(exponent, exponent, 1);
    arb_add_ui(exponent, exponent, 2, MORE);
    law_clear(&pair);
    law_clear(&given);
    law_clear(&other);
    law_clear(&y);
}

static void print_finite(FILE *stream, const struct finite_rows *rows)
{
    arb_t mi, value;
    arb_init(mi);
    arb_init(value);
    struct law behind;
    law_init(&behind, 2);
    struct row row = {.law = rows->law, .parameter = rows->parameter};
    const bool atom = rows->value[0] == 0;
    for (size_t k = 0; k < KEEPS; k++) {
        row.keep = keeps[k];
        for (int one = 0; one < 2; one++) {
            const struct gates gates = one ? shared(keeps[k]) : independent(keeps[k]);
            law_reset(&behind, 2);
            finite_behind(&behind, rows, &gates);
            row.gate = one ? "shared" : "independent";
            enclose_information(value, &behind, MORE);
            if (k == 0) arb_set(mi, value);
            row.quantity = "mi";
            row.check = !one ? rows->check : atom ? "c06_mi_bound" : "c06_mi_shared";
            print_row(stream, &row, value);
            enclose_correlation(value, &behind, 0, 1, MORE);
            row.quantity = "correlation";
            row.check = one ? "c06_corr_formula" : "c02_corr_formula";
            print_row(stream, &row, value);
            if (one) continue;
            enclose_entropy(value, &behind, 1, MORE);
            row.quantity = "entropy";
            row.check = atom ? "c03_entropy_bound" : "c03_entropy_mix";
            print_row(stream, &row, value);
            if (!atom) continue;
            enclose_information(value, &behind, MORE);
            arb_div(value, value, mi, MORE);
            arb_mul_ui(value, value, keeps[k].under * keeps[k].under, MORE);
            arb_div_si(value, value, keeps[k].over * keeps[k].over, MORE);
            row.quantity = "ratio";
            row.check = "c05_mi_bound";
            if (k > 0) print_row(stream, &row, value);
        }
    }
    if (atom) {
        row.keep = keeps[0];
        row.gate = "independent";
        row.quantity = "exponent";
        row.check = "c05_mi_local_exponent";
        finite_exponent(value, rows, mi);
        print_row(stream, &row, value);
    }
    law_clear(&behind);
    arb_clear(mi);
    arb_clear(value);
}

/* ---- many neurons ----------------------------------------------------------------------------------------------- */

static void print_many(FILE *stream)
{
    arb_t value;
    arb_init(value);
    struct row row = {.parameter = "-", .gate = "independent"};
    for (size_t k = 0; k < KEEPS; k++) {
        row.keep = keeps[k];
        row.law = "normal3";
        row.quantity = "total_correlation";
        row.check = "c08_normals_chain";
        trio_total_correlation(value, keeps[k], BITS);
        print_row(stream, &row, value);
        row.law = "normal8";
        row.quantity = "condition";
        row.check = "c09_normals_condition";
        octet_condition(value, keeps[k], false, BITS);
        print_row(stream, &row, value);
    }
    arb_clear(value);
}

void enclosures_write(FILE *stream)
{
    fprintf(stream,
            "# enclose table: values of the laws of experiments/laws.c, enclosed; %d digits or fewer, all certain, the "
            "last one rounded\n# mi, entropy, total_correlation in nats; ratio: mi over keep^2 times mi at keep 1, its "
            "limit at keep 0;\n# exponent: d ln mi / d ln keep; correlation, mean_over_sd, condition: plain numbers. "
            "Entropy of a gated neuron relative to\n# length and a unit point mass at each atom. check: of `enclose "
            "check`, "
            "which encloses both sides\n",
            DIGITS);
    fprintf(stream, "law\tparameter\tgate\tkeep\tquantity\tvalue\tdigits\tcheck\n");
    for (size_t i = 0; i < sizeof density_rows / sizeof *density_rows; i++)
        print_density(stream, density_rows + i);
    print_relu_and_relubn(stream);
    for (size_t i = 0; i < sizeof relu_rhos / sizeof *relu_rhos; i++)
        print_relu_information(stream, relu_rhos[i].rho, relu_rhos[i].parameter);
    for (size_t i = 0; i < sizeof finite_rows / sizeof *finite_rows; i++)
        print_finite(stream, finite_rows + i);
    print_many(stream);
}
