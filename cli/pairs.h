/* Which pairs of columns: all of them, or a list from the command line. */
#ifndef ICLAB_CLI_PAIRS_H
#define ICLAB_CLI_PAIRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/common.h"

/* Results are kept until they are written: so many pairs are some gigabytes. */
#define CLI_MOST_PAIRS ((size_t)100000000)

struct cli_pair {
    size_t i, j;
};

struct cli_pairs {
    size_t count;
    size_t cols;
    struct cli_pair *list; /* NULL: all pairs, (0,1), (0,2), ... (1,2), ... */
    bool *used;            /* columns that occur in a list; NULL: all do */
};

#define CLI_PAIRS_OPTION(settings, member)                                                                             \
    ICL_STRING_OPTION("pairs", 'p', "all|I:J,...", settings, member, "the pairs, columns from 0, I < J")

/* Reads `text` ("all" or "i:j,i:j,...") for a table of `cols` columns. Owned: cli_pairs_free, safe on zeros. */
icl_status cli_pairs_parse(const char *text, const struct cli_source *source, struct cli_pairs *pairs,
                           struct icl_error *err);
void cli_pairs_free(struct cli_pairs *pairs);

/* Pair number `index` < count. O(1). */
struct cli_pair cli_pair_at(const struct cli_pairs *pairs, size_t index);

/* The number of the pair i < j among all pairs. */
size_t cli_pair_index(const struct cli_pairs *pairs, size_t i, size_t j);

#endif
