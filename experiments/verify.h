/* `iclab verify`: the claims of the registry on laws with known answers and on real images. */
#ifndef ICLAB_EXPERIMENTS_VERIFY_H
#define ICLAB_EXPERIMENTS_VERIFY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What to run. Zeroed members are the defaults. */
struct icl_verify_options {
    const char *out; /* the folder of the results; NULL: "results" */
    bool full;       /* five times the samples of a quick run, twice the images, all networks */
    uint64_t seed;
    unsigned threads;          /* 0: all processors */
    bool resume;               /* keep finished pieces in OUT/pieces, and use those of an earlier run like this one */
    bool quiet;                /* no progress on standard error */
    const char *const *claims; /* names as in icl_claim_matches; claim_count 0: all */
    size_t claim_count;
    const char *command;  /* the command line, for the headers of the tables; may be NULL */
    const char *registry; /* the text of a registry (registry.h); NULL: that of the program */
};

/* Runs the claims, writes OUT/claims.tsv, OUT/tables, OUT/figures (if gnuplot is there) and OUT/report.html, and prints
 * the table of verdicts and what was left out on `terminal`. Networks are trained into OUT/runs (experiments/runs.h)
 * and used again; claims that compare many of them are skipped unless they are named or the run is full. *surprised: a
 * claim holds that was expected to fail, or the reverse. Unknown claim: ICL_ERR_USAGE, nothing written. The bytes of
 * the tables behind their `#` lines depend on the seed and the size of the run only. */
icl_status icl_verify(const struct icl_verify_options *options, FILE *terminal, bool *surprised, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
