#include "proofs/interval/check.h"

/* A check that fails does so for many laws: this many are shown. */
enum { SHOWN = 5, SHOWN_DIGITS = 40 };

enum outcome { OPEN, CERTAIN, EXCLUDED };

/* What two enclosures say of a statement; `width` is written for an equality that is accepted. */
typedef enum outcome decision(const arb_t left, const arb_t right, slong bits, double *width);

/* The unit in which the width of left - right counts: max(|left|, |right|, 1e-10), from below. */
static void equality_scale(arb_t scale, const arb_t left, const arb_t right, slong bits)
{
    arf_t size, other;
    arf_init(size);
    arf_init(other);
    arb_get_abs_lbound_arf(size, left, bits);
    arb_get_abs_lbound_arf(other, right, bits);
    if (arf_cmp(size, other) < 0) arf_swap(size, other);
    arb_set_ui(scale, 10);
    arb_pow_ui(scale, scale, 10, bits);
    arb_inv(scale, scale, bits);
    arb_get_lbound_arf(other, scale, bits);
    arb_set_arf(scale, arf_cmp(size, other) < 0 ? other : size);
    arf_clear(size);
    arf_clear(other);
}

static enum outcome decide_equal(const arb_t left, const arb_t right, slong bits, double *width)
{
    if (!arb_is_finite(left) || !arb_is_finite(right)) return OPEN;
    arb_t difference, relative, allowed;
    arf_t upper;
    arb_init(difference);
    arb_init(relative);
    arb_init(allowed);
    arf_init(upper);
    enum outcome outcome = EXCLUDED;
    arb_sub(difference, left, right, bits);
    if (arb_contains_zero(difference)) {
        equality_scale(allowed, left, right, bits);
        arb_get_rad_arb(relative, difference);
        arb_div(relative, relative, allowed, bits);
        arb_get_ubound_arf(upper, relative, bits);
        *width = arf_get_d(upper, ARF_RND_UP);
        arb_set_ui(allowed, 10);
        arb_pow_ui(allowed, allowed, 30, bits);
        arb_inv(allowed, allowed, bits);
        outcome = arb_le(relative, allowed) ? CERTAIN : OPEN;
    }
    arb_clear(difference);
    arb_clear(relative);
    arb_clear(allowed);
    arf_clear(upper);
    return outcome;
}

static enum outcome decide_less(const arb_t left, const arb_t right, slong bits, double *width)
{
    (void)bits;
    (void)width;
    return arb_lt(left, right) ? CERTAIN : arb_ge(left, right) ? EXCLUDED : OPEN;
}

static enum outcome decide_at_most(const arb_t left, const arb_t right, slong bits, double *width)
{
    (void)bits;
    (void)width;
    return arb_le(left, right) ? CERTAIN : arb_gt(left, right) ? EXCLUDED : OPEN;
}

static void show_failure(const struct check_run *run, const char *relation, enum outcome outcome, slong bits,
                         const arb_t left, const arb_t right, print_case *print, const void *a_case)
{
    fprintf(run->log, "%s: left %s right is %s at %ld bits\n  left  ", run->name, relation,
            outcome == EXCLUDED ? "excluded" : "not decided", (long)bits);
    arb_fprintn(run->log, left, SHOWN_DIGITS, 0);
    fprintf(run->log, "\n  right ");
    arb_fprintn(run->log, right, SHOWN_DIGITS, 0);
    fprintf(run->log, "\n");
    print(run->log, a_case);
    fprintf(run->log, "\n");
}

static void judge(struct check_run *run, decision *decide, const char *relation, enclose_sides *sides,
                  print_case *print, const void *a_case)
{
    arb_t left, right;
    arb_init(left);
    arb_init(right);
    double width = 0;
    slong bits = run->bits;
    enum outcome outcome;
    for (;;) {
        sides(left, right, a_case, bits);
        outcome = decide(left, right, bits, &width);
        if (outcome != OPEN || bits >= run->most_bits) break;
        bits = 2 * bits < run->most_bits ? 2 * bits : run->most_bits;
    }
    run->cases++;
    if (bits > run->bits) run->retried++;
    if (outcome == CERTAIN) {
        run->certain++;
        if (width > run->widest) run->widest = width;
    } else {
        if (outcome == EXCLUDED)
            run->excluded++;
        else
            run->undecided++;
        if (run->excluded + run->undecided <= SHOWN)
            show_failure(run, relation, outcome, bits, left, right, print, a_case);
    }
    arb_clear(left);
    arb_clear(right);
}

void check_equal(struct check_run *run, enclose_sides *sides, print_case *print, const void *a_case)
{
    judge(run, decide_equal, "=", sides, print, a_case);
}

void check_less(struct check_run *run, enclose_sides *sides, print_case *print, const void *a_case)
{
    judge(run, decide_less, "<", sides, print, a_case);
}

void check_at_most(struct check_run *run, enclose_sides *sides, print_case *print, const void *a_case)
{
    judge(run, decide_at_most, "<=", sides, print, a_case);
}
