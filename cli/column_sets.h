/* Sets of columns on the command line: 0+1+2, 3-5, and pairs of sets 0+1:2-4. */
#ifndef ICLAB_CLI_COLUMN_SETS_H
#define ICLAB_CLI_COLUMN_SETS_H

#include "cli/common.h"
#include "estimators/mi_groups.h"

/* One set: its columns in the order given, and how it was written. */
struct cli_column_set {
    struct icl_column_group group;
    char *text;
};

struct cli_column_sets {
    size_t count;
    struct cli_column_set *set;
    bool *used; /* columns that occur */
};

/* Reads `text`, the value of option --`option`: "SET,SET,..." (sides 1) or "SET:SET,SET:SET,..." (sides 2: the sets of
 * an item follow each other). A set is column numbers and ranges I-J with + between them. No column twice in an item.
 * Errors name the option, the item and what is wrong. Owned: cli_column_sets_free, safe on zeros. */
icl_status cli_column_sets_parse(const char *option, const char *text, unsigned sides, const struct cli_source *source,
                                 struct cli_column_sets *sets, struct icl_error *err);
void cli_column_sets_free(struct cli_column_sets *sets);

#endif
