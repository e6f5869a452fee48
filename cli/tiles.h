/* Sources whose columns are prepared when pairs need them: matrices larger than memory. */
#ifndef ICLAB_CLI_TILES_H
#define ICLAB_CLI_TILES_H

#include "cli/pairs.h"
#include "core/threads.h"
#include "estimators/workspace.h"

#define CLI_MOST_MIB ((uint64_t)1 << 40)

#define CLI_MEMORY_OPTION(settings, member)                                                                            \
    ICL_COUNT_OPTION("memory", 0, "MIB", settings, member, 0, CLI_MOST_MIB,                                            \
                     "memory for prepared columns; 0: half of what is free. Changes no result")

/* Opens `path` without preparing a column: a .npy file is mapped, all else (also standard input) is read whole.
 * source->prepared has a slot for each column, filled and emptied by cli_tiles_run. `mib` bounds the columns that are
 * prepared at a time (0: half of the free memory), but two of them always are. Fewer than 2 rows or columns are bad
 * input. Owned: cli_source_free. */
icl_status cli_source_open(const char *path, enum icl_unit unit, uint64_t mib, struct cli_source *source,
                           struct icl_error *err);

/* Where the columns of an opened source come from. */
struct cli_feed;
void cli_feed_free(struct cli_feed *feed);

/* What is to be done with the pairs. */
struct cli_tile_work {
    void *context;
    icl_work pair; /* the item is the number of the pair; both columns are prepared */
    /* Pairs of all pairs are taken in squares of so many columns, each by one thread: 1 unless a pair is little work.
     */
    size_t edge;
    /* What else a column needs as long as it is prepared, `bytes` a sample; both NULL: nothing. The item of `enter` is
     * the column. */
    icl_work enter;
    void (*leave)(void *context, size_t column);
    size_t bytes;
};

/* Does the work for every pair, tile by tile: two blocks of columns at a time where not all fit. Columns are prepared
 * once where all do, otherwise once for each block they meet. Slots stay empty in the end but for the state of their
 * column. A source that was read whole by cli_source_read keeps its columns. Which pairs share a tile, a square or a
 * thread changes no result. */
icl_status cli_tiles_run(const struct cli_source *source, const struct cli_pairs *pairs, unsigned threads,
                         struct icl_workspace **workspaces, const struct cli_tile_work *work, struct icl_error *err);

#endif
