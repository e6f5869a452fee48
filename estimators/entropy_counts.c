#include "estimators/entropy_counts_internal.h"

#include <math.h>

const char *const icl_correction_names[ICL_CORRECTION_COUNT + 1] = {
    [ICL_CORRECTION_MILLER_MADOW] = "miller-madow", [ICL_CORRECTION_NONE] = "none",
    [ICL_CORRECTION_CHAO_SHEN] = "chao-shen",       [ICL_CORRECTION_GRASSBERGER] = "grassberger",
    [ICL_CORRECTION_JAMES_STEIN] = "james-stein",   [ICL_CORRECTION_NSB] = "nsb",
};

const char *const icl_correction_texts[ICL_CORRECTION_COUNT + 1] = {
    [ICL_CORRECTION_MILLER_MADOW] = "Miller-Madow: occupied cells less one, over twice the samples",
    [ICL_CORRECTION_NONE] = "none: maximum likelihood",
    [ICL_CORRECTION_CHAO_SHEN] = "Chao-Shen: coverage and unseen cells",
    [ICL_CORRECTION_GRASSBERGER] = "Grassberger 2003: digamma in place of the logarithm",
    [ICL_CORRECTION_JAMES_STEIN] = "James-Stein: shrinkage to the uniform law",
    [ICL_CORRECTION_NSB] = "Nemenman-Shafee-Bialek: posterior mean under a prior flat in entropy",
};

double icl_surprise(double p)
{
    return p > 0 ? -p * log(p) : 0;
}

static icl_status run_none(const struct icl_counts *counts, struct icl_workspace *ws, struct icl_count_entropy *result,
                           struct icl_error *err)
{
    (void)ws;
    (void)err;
    result->entropy = 0;
    for (size_t c = 0; c < counts->cells; c++)
        result->entropy += icl_surprise((double)counts->count[c] / counts->total);
    return ICL_OK;
}

static icl_status run_miller_madow(const struct icl_counts *counts, struct icl_workspace *ws,
                                   struct icl_count_entropy *result, struct icl_error *err)
{
    ICL_TRY(run_none(counts, ws, result, err));
    result->entropy += ((double)counts->occupied - 1) / (2 * counts->total);
    return ICL_OK;
}

static icl_correction_run *const runs[ICL_CORRECTION_COUNT] = {
    [ICL_CORRECTION_MILLER_MADOW] = run_miller_madow,       [ICL_CORRECTION_NONE] = run_none,
    [ICL_CORRECTION_CHAO_SHEN] = icl_entropy_chao_shen,     [ICL_CORRECTION_GRASSBERGER] = icl_entropy_grassberger,
    [ICL_CORRECTION_JAMES_STEIN] = icl_entropy_james_stein, [ICL_CORRECTION_NSB] = icl_entropy_nsb,
};

icl_status icl_entropy_counts(const uint64_t *count, size_t cells, enum icl_count_correction correction,
                              struct icl_workspace *workspace, struct icl_count_entropy *result, struct icl_error *err)
{
    *result = (struct icl_count_entropy){0, NAN};
    if ((unsigned)correction >= ICL_CORRECTION_COUNT)
        return icl_fail(err, ICL_ERR_USAGE, "no correction of counts has the number %u", (unsigned)correction);
    struct icl_counts counts = {.count = count, .cells = cells};
    for (size_t c = 0; c < cells; c++) {
        counts.occupied += count[c] > 0;
        counts.total += (double)count[c];
    }
    if (counts.occupied == 0) return ICL_OK;
    const struct icl_mark mark = icl_workspace_mark(workspace);
    const icl_status status = runs[correction](&counts, workspace, result, err);
    icl_workspace_release(workspace, mark);
    return status;
}
