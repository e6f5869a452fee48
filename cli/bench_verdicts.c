/* The error rates and the power of the verdicts. */
#include <stdlib.h>

#include "cli/bench.h"
#include "config.h"
#include "experiments/verdict_power.h"

enum { VERDICTS_SEED = 1 };

icl_status cli_bench_verdicts(const struct cli_bench_settings *settings, struct icl_error *err)
{
    static const char header[] =
        "how often verdicts are wrong, and how often they find a planted fault\n"
        "q: keep. deviation: the quantity by theory, minus the target. bound: one-sided 99 % limit of the rate\n"
        "ok: yes, the bound is kept; few, the rate is but the runs are too few for the bound; no, the rate is not\n"
        "estimate, sd, se: mean and spread of the leading estimate over the runs, mean of its standard error\n"
        "iclab " ICL_VERSION;
    const struct icl_power_design *design = &icl_power_design;
    struct icl_power_result *results = calloc(design->rows, sizeof *results);
    if (results == NULL) return icl_fail_memory(err, "the results of a benchmark");
    icl_status status =
        icl_power_measure(design, !settings->full, VERDICTS_SEED, settings->threads, false, results, err);
    if (status == ICL_OK) status = icl_power_write(results, design->rows, "-", header, err);
    free(results);
    return status;
}
