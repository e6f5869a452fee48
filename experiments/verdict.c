#include "experiments/verdict.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "experiments/paired.h"

const char *const icl_verdict_names[ICL_VERDICT_COUNT] = {"holds", "fails", "undecided", "measured", "skipped"};

enum icl_verdict icl_judge_interval(enum icl_rule rule, double target, double tolerance,
                                    const struct icl_interval *interval)
{
    if (rule == ICL_RULE_MEASURE) return ICL_MEASURED;
    if (isnan(interval->estimate) || isnan(interval->lo) || isnan(interval->hi)) return ICL_UNDECIDED;
    if (rule == ICL_RULE_EQUAL) {
        if (interval->lo >= target - tolerance && interval->hi <= target + tolerance) return ICL_HOLDS;
        if (interval->lo > target + tolerance || interval->hi < target - tolerance) return ICL_FAILS;
        return ICL_UNDECIDED;
    }
    if (rule == ICL_RULE_ORDER)
        return interval->lo > target ? ICL_HOLDS : interval->hi < target ? ICL_FAILS : ICL_UNDECIDED;
    if (rule == ICL_RULE_AT_MOST)
        return interval->hi <= target + tolerance  ? ICL_HOLDS
               : interval->lo > target + tolerance ? ICL_FAILS
                                                   : ICL_UNDECIDED;
    return interval->lo >= target - tolerance  ? ICL_HOLDS
           : interval->hi < target - tolerance ? ICL_FAILS
                                               : ICL_UNDECIDED;
}

/* Whether two intervals have no point in common. One that is nan is not known to be anywhere. */
static bool apart(const struct icl_interval *a, const struct icl_interval *b)
{
    return a->lo > b->hi || b->lo > a->hi;
}

/* An equality that holds needs one value: overlapping intervals. One that fails must be missed on the same side; how
 * far beyond is reported, but both contradict it. For a bound the verdict says the side. */
static bool agree(enum icl_rule rule, double target, const struct icl_evidence *a, const struct icl_evidence *b)
{
    if (a->kind == b->kind || a->verdict != b->verdict || a->verdict == ICL_UNDECIDED) return false;
    if (rule != ICL_RULE_EQUAL) return true;
    if (a->verdict == ICL_HOLDS) return !apart(&a->interval, &b->interval);
    return (a->interval.estimate > target) == (b->interval.estimate > target);
}

/* How many samples decide one evidence at its estimate, nan where none would: the half-width shrinks with 1/sqrt(n) and
 * has to fit between the estimate and the nearest edge of the tolerance. */
static double samples_alone(enum icl_rule rule, double target, double tolerance, const struct icl_evidence *e)
{
    if (e->verdict != ICL_UNDECIDED) return (double)e->n;
    const double estimate = e->interval.estimate;
    const double half = e->interval.hi - estimate;
    const double above = fabs(estimate - (target + tolerance)), below = fabs(estimate - (target - tolerance));
    double room = above < below ? above : below;
    if (rule == ICL_RULE_AT_MOST) room = above;
    if (rule == ICL_RULE_AT_LEAST) room = below;
    return room > 0 && isfinite(half) ? floor((double)e->n * (half / room) * (half / room)) + 1 : NAN;
}

/* The evidence as it would be with n samples and the same estimate. */
static struct icl_evidence with_samples(enum icl_rule rule, double target, double tolerance,
                                        const struct icl_evidence *evidence, double n)
{
    struct icl_evidence e = *evidence;
    const double shrink = sqrt((double)e.n / n), estimate = e.interval.estimate;
    e.interval.se *= shrink;
    e.interval.lo = estimate - shrink * (estimate - e.interval.lo);
    e.interval.hi = estimate + shrink * (e.interval.hi - estimate);
    e.verdict = icl_judge_interval(rule, target, tolerance, &e.interval);
    return e;
}

/* The fewest samples with which the leading evidence and one of another kind would agree. */
static double samples_together(enum icl_rule rule, double target, double tolerance, const struct icl_evidence *evidence,
                               size_t count, size_t leading)
{
    double fewest = NAN;
    for (size_t b = 0; b < count; b++) {
        if (b == leading) continue;
        const double n_leading = samples_alone(rule, target, tolerance, &evidence[leading]);
        const double n_b = samples_alone(rule, target, tolerance, &evidence[b]);
        const double n = n_leading > n_b ? n_leading : n_b;
        if (isnan(n_leading) || isnan(n_b) || n >= fewest) continue;
        const struct icl_evidence one = with_samples(rule, target, tolerance, &evidence[leading], n);
        const struct icl_evidence other = with_samples(rule, target, tolerance, &evidence[b], n);
        if (agree(rule, target, &one, &other)) fewest = n;
    }
    return fewest;
}

/* The first evidence whose interval is known; 0 where none is. */
static size_t first_known(const struct icl_evidence *evidence, size_t count)
{
    for (size_t a = 0; a < count; a++) {
        const struct icl_interval *i = &evidence[a].interval;
        if (!isnan(i->estimate) && !isnan(i->lo) && !isnan(i->hi)) return a;
    }
    return 0;
}

struct icl_judgement icl_judge(enum icl_rule rule, double target, double tolerance, struct icl_evidence *evidence,
                               size_t count)
{
    struct icl_judgement j = {ICL_UNDECIDED, 0, false, NAN, NAN};
    size_t direct = count;
    for (size_t a = count; a-- > 0;) {
        evidence[a].verdict = icl_judge_interval(rule, target, tolerance, &evidence[a].interval);
        if (evidence[a].kind == ICL_KIND_DIRECT) direct = a;
    }
    j.leading = first_known(evidence, count);
    for (size_t a = 0; a < count; a++) {
        for (size_t b = 0; b < count; b++) {
            if (evidence[a].kind != evidence[b].kind && apart(&evidence[a].interval, &evidence[b].interval))
                j.disagreement = true;
        }
        if (agree(rule, target, &evidence[j.leading], &evidence[a])) j.verdict = evidence[a].verdict;
    }
    if (direct < count) {
        j.leading = direct;
        j.verdict = evidence[direct].verdict;
    }
    if (rule == ICL_RULE_MEASURE && count > 0) j.verdict = ICL_MEASURED;
    if (j.verdict == ICL_UNDECIDED)
        j.samples_needed = direct < count ? samples_alone(rule, target, tolerance, &evidence[direct])
                                          : samples_together(rule, target, tolerance, evidence, count, j.leading);
    return j;
}

/* The family-wise level of the orders of a run. */
static const double FAMILY_LEVEL = .05;

/* Half-widths shrink with 1/sqrt(n); the quantile is that of the first step, at FAMILY_LEVEL / family. */
static double seeds_needed(const struct icl_evidence *e, double target, size_t family)
{
    const double half = (e->interval.hi - e->interval.lo) / 2, room = fabs(e->interval.estimate - target);
    const double wider = gsl_cdf_ugaussian_Qinv(FAMILY_LEVEL / (2 * (double)family)) / gsl_cdf_ugaussian_Qinv(.025);
    const double ratio = half * wider / room;
    return isfinite(ratio) ? floor((double)e->n * ratio * ratio) + 1 : NAN;
}

icl_status icl_judge_orders(const struct icl_order_claim *order, size_t count, struct icl_error *err)
{
    double *p = calloc(2 * count + 1, sizeof *p);
    if (p == NULL) return icl_fail_memory(err, "the orders of a run");
    double *adjusted = p + count;
    size_t family = 0;
    for (size_t i = 0; i < count; i++) {
        p[i] = order[i].evidence->p;
        family += isnan(p[i]) ? 0 : 1;
    }
    icl_holm(p, count, adjusted);
    for (size_t i = 0; i < count; i++) {
        struct icl_judgement *j = order[i].judgement;
        const double estimate = order[i].evidence->interval.estimate, target = order[i].target;
        j->p_adjusted = adjusted[i];
        j->samples_needed = NAN;
        j->verdict = ICL_UNDECIDED;
        if (adjusted[i] <= FAMILY_LEVEL)
            j->verdict = estimate > target ? ICL_HOLDS : ICL_FAILS;
        else if (!isnan(adjusted[i]))
            j->samples_needed = seeds_needed(order[i].evidence, target, family);
    }
    free(p);
    return ICL_OK;
}
