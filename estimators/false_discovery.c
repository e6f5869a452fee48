#include "estimators/false_discovery.h"

#include <math.h>
#include <stdlib.h>

/* A p-value and where it stands. */
struct test {
    double p;
    size_t index;
};

static int compare(const void *a, const void *b)
{
    const struct test *x = a, *y = b;
    return (x->p > y->p) - (x->p < y->p);
}

icl_status icl_false_discovery(const double *p, size_t count, enum icl_fdr_rule rule, double *q, struct icl_error *err)
{
    for (size_t i = 0; i < count; i++)
        if (!isnan(p[i]) && !(p[i] >= 0 && p[i] <= 1))
            return icl_fail(err, ICL_ERR_INPUT, "p-value %zu is %g: must be 0 to 1", i, p[i]);
    struct test *test = malloc((count + 1) * sizeof *test);
    if (test == NULL) return icl_fail_memory(err, "q-values");
    size_t m = 0;
    double harmonic = 0;
    for (size_t i = 0; i < count; i++) {
        q[i] = p[i];
        if (isnan(p[i])) continue;
        test[m] = (struct test){p[i], i};
        harmonic += 1 / (double)++m;
    }
    qsort(test, m, sizeof *test, compare);
    const double factor = (rule == ICL_FDR_BENJAMINI_YEKUTIELI ? harmonic : 1) * (double)m;
    double least = 1;
    for (size_t r = m; r > 0; r--) {
        least = fmin(least, factor * test[r - 1].p / (double)r);
        q[test[r - 1].index] = least;
    }
    free(test);
    return ICL_OK;
}
