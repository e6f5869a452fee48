/* The sub-commands and how main calls them. */
#ifndef ICLAB_CLI_CLI_H
#define ICLAB_CLI_CLI_H

#include "core/status.h"

/* One call of a sub-command. */
struct cli_call {
    int argc; /* the words after the sub-command's name */
    char **argv;
    const char *line; /* the whole command line, for headers */
    int exit_code;    /* what a successful call ends with: 0, or 1 for a claim that surprised */
};

/* A sub-command. Results go to standard output or files, all else to standard error. On failure nothing half-written is
 * left, and the caller prints `err` as one line. */
typedef icl_status cli_run(struct cli_call *call, struct icl_error *err);

cli_run cli_verify, cli_claims, cli_train, cli_compare, cli_reproduce, cli_data, cli_mi, cli_tc, cli_corr, cli_entropy,
    cli_measure, cli_drop, cli_bench;

#endif
