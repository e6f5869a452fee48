/* Many tests at once: q-values that control the false discovery rate. */
#ifndef ICLAB_ESTIMATORS_FALSE_DISCOVERY_H
#define ICLAB_ESTIMATORS_FALSE_DISCOVERY_H

#include <stddef.h>

#include "core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum icl_fdr_rule {
    ICL_FDR_BENJAMINI_HOCHBERG, /* independent or positively dependent tests */
    ICL_FDR_BENJAMINI_YEKUTIELI /* any dependence: larger by the harmonic number of m */
};

/* q[i] is the least false discovery rate at which test i is called a discovery, for m = `count` p-values: with ranks r
 * ascending, q_(r) = min over s >= r of min(1, c m p_(s) / s), c = 1 (Benjamini & Hochberg 1995, their step-up rule as
 * adjusted p-values) or sum 1/s (Benjamini & Yekutieli 2001). p-values that are nan are left out of m and stay nan; one
 * outside [0,1] is ICL_ERR_INPUT. q may be p. O(m log m). */
icl_status icl_false_discovery(const double *p, size_t count, enum icl_fdr_rule rule, double *q, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
