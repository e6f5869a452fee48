/* c08: behind independent gates the total correlation is its average over the surviving subsets, and so is the MI of
 * groups. */
#include "experiments/claims_internal.h"
#include "experiments/run_internal.h"

/* TC' over the average over subsets of three: q^3 TC + q^2 (1-q) (I12 + I13 + I23). */
static double total_ratio(const double *level, size_t levels, const void *context)
{
    (void)levels;
    const struct icl_quantity_context *c = context;
    const double q = c->keep[c->at];
    const double pairs = level[ICL_TRIO_I12] + level[ICL_TRIO_I13] + level[ICL_TRIO_I23];
    return level[ICL_TRIO_TC + c->at] / (q * q * (1 - q) * pairs + q * q * q * level[ICL_TRIO_TC]);
}

/* I'((x1,x2);x3) = TC' - I12' over its average: q (q^2 I((x1,x2);x3) + q (1-q) (I13 + I23)). */
static double group_ratio(const double *level, size_t levels, const void *context)
{
    (void)levels;
    const struct icl_quantity_context *c = context;
    const double q = c->keep[c->at];
    const double group = level[ICL_TRIO_TC] - level[ICL_TRIO_I12];
    const double single = level[ICL_TRIO_I13] + level[ICL_TRIO_I23];
    return (level[ICL_TRIO_TC + c->at] - level[ICL_TRIO_I12 + c->at]) / (q * (q * q * group + q * (1 - q) * single));
}

icl_status c08_total_correlation(const struct run *run, const struct icl_claim *claim, struct finding *finding,
                                 struct icl_error *err)
{
    const bool group = quantity_is(claim, "group-ratio");
    if (!run->has_trio || (!group && !quantity_is(claim, "ratio"))) return unknown_quantity(claim, err);
    struct icl_quantity_context context = {.keep = icl_keeps};
    ICL_TRY(level_of(claim, icl_keeps, ICL_KEEPS, &context.at, err));
    return add_mi_evidence(finding, run->trio.tc, ICL_MI_SERIES, group ? group_ratio : total_ratio, &context, err);
}
