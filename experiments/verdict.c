#include "experiments/verdict.h"

#include <math.h>

const char *const icl_verdict_names[ICL_VERDICT_COUNT] = {"holds", "fails", "undecided", "measured", "skipped"};

static const double CONFIDENCE = .95;

enum icl_verdict icl_judge_interval(enum icl_rule rule, double target, double tolerance,
                                    const struct icl_interval *interval)
{
    if (rule == ICL_RULE_MEASURE) return ICL_MEASURED;
    if (rule == ICL_RULE_EQUAL) {
        if (interval->lo >= target - tolerance && interval->hi <= target + tolerance) return ICL_HOLDS;
        if (interval->lo > target + tolerance || interval->hi < target - tolerance) return ICL_FAILS;
        return ICL_UNDECIDED;
    }
    const double lower = icl_interval_lower(interval, CONFIDENCE), upper = icl_interval_upper(interval, CONFIDENCE);
    if (rule == ICL_RULE_AT_MOST)
        return upper <= target + tolerance ? ICL_HOLDS : lower > target + tolerance ? ICL_FAILS : ICL_UNDECIDED;
    return lower >= target - tolerance ? ICL_HOLDS : upper < target - tolerance ? ICL_FAILS : ICL_UNDECIDED;
}

static double width(const struct icl_evidence *e)
{
    return e->interval.hi - e->interval.lo;
}

static bool overlap(const struct icl_interval *a, const struct icl_interval *b)
{
    return a->lo <= b->hi && b->lo <= a->hi;
}

static enum icl_verdict opposite(enum icl_verdict verdict)
{
    return verdict == ICL_HOLDS ? ICL_FAILS : ICL_HOLDS;
}

/* Whether b bears out the verdict of a. Within their error bars: the intervals overlap, and b does not say the
 * opposite. Or both lie beyond the same edge of the tolerance (which bears out a bound, or refutes an equality): how
 * far beyond may differ between estimators, and is reported. */
static bool bears_out(enum icl_rule rule, double target, const struct icl_evidence *a, const struct icl_evidence *b)
{
    if (a->kind == b->kind || b->verdict == opposite(a->verdict)) return false;
    if (a->verdict != ICL_HOLDS && a->verdict != ICL_FAILS) return false;
    if (overlap(&a->interval, &b->interval)) return true;
    const bool one_value = rule == ICL_RULE_EQUAL && a->verdict == ICL_HOLDS;
    return !one_value && a->verdict == b->verdict && (a->interval.estimate > target) == (b->interval.estimate > target);
}

/* The half-width shrinks with 1/sqrt(n); an equality or bound is decided once it fits between the estimate and the
 * nearest edge of the tolerance. */
static double samples_needed(enum icl_rule rule, double target, double tolerance, const struct icl_evidence *e)
{
    const double estimate = e->interval.estimate, half = (e->interval.hi - e->interval.lo) / 2;
    const double above = fabs(estimate - (target + tolerance)), below = fabs(estimate - (target - tolerance));
    double room = above < below ? above : below;
    if (rule == ICL_RULE_AT_MOST) room = above;
    if (rule == ICL_RULE_AT_LEAST) room = below;
    if (!(room > 0) || !(half > room)) return NAN;
    return ceil((double)e->n * (half / room) * (half / room));
}

struct icl_judgement icl_judge(enum icl_rule rule, double target, double tolerance, struct icl_evidence *evidence,
                               size_t count)
{
    struct icl_judgement j = {ICL_UNDECIDED, 0, false, NAN};
    if (count == 0) return j;
    bool found = false;
    for (size_t a = 0; a < count; a++)
        evidence[a].verdict = icl_judge_interval(rule, target, tolerance, &evidence[a].interval);
    for (size_t a = 0; a < count; a++) {
        for (size_t b = 0; b < count; b++) {
            if (evidence[a].kind != evidence[b].kind && !overlap(&evidence[a].interval, &evidence[b].interval))
                j.disagreement = true;
            if (!bears_out(rule, target, &evidence[a], &evidence[b])) continue;
            if (found && width(&evidence[a]) >= width(&evidence[j.leading])) continue;
            found = true;
            j.leading = a;
            j.verdict = evidence[a].verdict;
        }
    }
    if (rule == ICL_RULE_MEASURE)
        j.verdict = ICL_MEASURED;
    else if (evidence[0].kind == ICL_KIND_DIRECT)
        j.verdict = evidence[0].verdict;
    if (j.verdict == ICL_UNDECIDED) j.samples_needed = samples_needed(rule, target, tolerance, &evidence[0]);
    return j;
}
