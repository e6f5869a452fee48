/* iclab mi --groups: mutual information of pairs of groups of columns. */
#ifndef ICLAB_CLI_GROUPS_H
#define ICLAB_CLI_GROUPS_H

#include "cli/estimate.h"

#define CLI_GROUPS_OPTION(settings, member)                                                                            \
    ICL_STRING_OPTION("groups", 'g', "A:B,...", settings, member,                                                      \
                      "pairs of groups of columns instead of pairs: 0+1:2+3,0-3:4-7")

/* What the command line of iclab mi says, as far as groups have it. */
struct cli_groups_call {
    const char *groups, *path, *out;
    struct cli_estimator estimator;
    struct cli_uncertainty uncertainty;
    uint64_t threads;
    enum cli_units units;
    enum icl_unit unit;
    enum cli_format format;
    bool clip;
};

/* Reads the file, estimates every pair of groups, writes the table. */
icl_status cli_mi_groups(struct cli_call *call, const struct cli_groups_call *wanted, struct icl_error *err);

#endif
