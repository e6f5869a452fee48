#include "cli/tiles.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/npy_map.h"
#include "core/table.h"

/* Bytes a sample of a column: prepared, and as it is read. */
enum { PREPARED_BYTES = 32, RAW_BYTES = 8, MIB_BITS = 20 };

struct cli_feed {
    bool mapped;
    struct icl_npy_map map;
    struct icl_columns columns; /* if not mapped */
    uint64_t bytes;             /* for columns alive */
};

/* ---- memory --------------------------------------------------------------------------------------------------- */

/* A line "NAME: value kB" of a file of /proc, in bytes; UINT64_MAX if there is none. */
static uint64_t proc_bytes(const char *path, const char *name)
{
    char line[128];
    unsigned long long kib = UINT64_MAX >> 10;
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, name, strlen(name)) == 0 && sscanf(line + strlen(name), ": %llu", &kib) == 1) break;
    if (file != NULL) fclose(file);
    return (uint64_t)kib << 10;
}

/* What the machine has free, within what a limit on the address space leaves. */
static uint64_t free_bytes(void)
{
    uint64_t bytes = proc_bytes("/proc/meminfo", "MemAvailable");
    struct rlimit limit;
    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
        const uint64_t used = proc_bytes("/proc/self/status", "VmSize");
        const uint64_t left = used < limit.rlim_cur ? limit.rlim_cur - used : 0;
        if (left < bytes) bytes = left;
    }
    return bytes;
}

/* ---- sources -------------------------------------------------------------------------------------------------- */

void cli_feed_free(struct cli_feed *feed)
{
    if (feed == NULL) return;
    if (feed->mapped)
        icl_npy_map_close(&feed->map);
    else
        icl_columns_free(&feed->columns);
    free(feed);
}

static icl_status open_feed(const char *path, enum icl_unit unit, struct cli_feed *feed, struct cli_source *source,
                            struct icl_error *err)
{
    feed->mapped = icl_npy_can_map(path);
    if (!feed->mapped) {
        ICL_TRY(icl_columns_read(path, unit, &feed->columns, err));
        source->rows = feed->columns.rows;
        source->cols = feed->columns.cols;
        source->channel_cols = feed->columns.channel_cols;
        return ICL_OK;
    }
    ICL_TRY(icl_npy_map_open(path, unit, &feed->map, err));
    source->rows = feed->map.layout.rows;
    source->cols = feed->map.layout.cols;
    source->channel_cols = feed->map.layout.channel_cols;
    return ICL_OK;
}

icl_status cli_source_open(const char *path, enum icl_unit unit, uint64_t mib, struct cli_source *source,
                           struct icl_error *err)
{
    struct cli_source opened = {.name = cli_input_name(path), .feed = calloc(1, sizeof *opened.feed)};
    if (opened.feed == NULL) return icl_fail_memory(err, "a file of columns");
    opened.feed->bytes = mib != 0 ? mib << MIB_BITS : free_bytes() / 2;
    icl_status status = open_feed(path, unit, opened.feed, &opened, err);
    if (status == ICL_OK) {
        status = cli_name_source(cli_check_source(&opened, err), &opened, err);
        opened.prepared = status == ICL_OK ? calloc(opened.cols, sizeof *opened.prepared) : NULL;
        if (status == ICL_OK && opened.prepared == NULL) status = icl_fail_memory(err, "the columns of a file");
    }
    if (status == ICL_OK)
        *source = opened;
    else
        cli_source_free(&opened);
    return status;
}

/* ---- blocks of columns ---------------------------------------------------------------------------------------- */

/* The columns that occur in pairs, ascending, cut into blocks of `width`; at most two blocks are alive. */
struct walk {
    const struct cli_source *source;
    const struct cli_pairs *pairs;
    const struct cli_tile_work *work;
    struct icl_workspace **workspaces;
    unsigned threads;
    size_t *column, *place; /* column[place[j]] = j */
    size_t count, width, blocks;
    size_t alive[2]; /* numbers of blocks; SIZE_MAX: none */
};

/* A part of a block while it is made: column[from + item] of values, or of none if these are prepared already. */
struct batch {
    const struct walk *walk;
    size_t from;
    const double *values;
};

static icl_status enter_one(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    const struct batch *batch = context;
    const struct walk *walk = batch->walk;
    const size_t rows = walk->source->rows, column = walk->column[batch->from + item];
    if (batch->values != NULL)
        ICL_TRY(icl_column_prepare(&walk->source->prepared[column], batch->values + item * rows, rows, 1,
                                   walk->workspaces[worker], err));
    return walk->work->enter != NULL ? walk->work->enter(walk->work->context, column, worker, err) : ICL_OK;
}

/* Columns side by side in the file are read together. */
static icl_status make_batch(const struct walk *walk, size_t from, size_t count, double *raw, struct icl_error *err)
{
    const struct cli_feed *feed = walk->source->feed;
    const size_t rows = walk->source->rows;
    struct batch batch = {walk, from, NULL};
    if (feed != NULL && feed->mapped) {
        ICL_TRY(icl_npy_map_read(&feed->map, walk->column[from], count, raw, err));
        batch.values = raw;
    } else if (feed != NULL) {
        batch.values = feed->columns.data + walk->column[from] * rows;
    }
    return icl_parallel_for(walk->threads, count, enter_one, &batch, err);
}

static icl_status make_block(const struct walk *walk, size_t block, struct icl_error *err)
{
    const struct cli_feed *feed = walk->source->feed;
    const size_t begin = block * walk->width;
    const size_t end = walk->count - begin < walk->width ? walk->count : begin + walk->width;
    struct icl_columns raw = {0};
    if (feed != NULL && feed->mapped) ICL_TRY(icl_columns_alloc(&raw, walk->source->rows, end - begin, err));
    icl_status status = ICL_OK;
    for (size_t from = begin, to; from < end && status == ICL_OK; from = to) {
        to = from + 1;
        while (to < end && walk->column[to] == walk->column[to - 1] + 1)
            to++;
        status = make_batch(walk, from, to - from, raw.data, err);
    }
    icl_columns_free(&raw);
    return status;
}

static void drop_block(const struct walk *walk, size_t block)
{
    if (block == SIZE_MAX) return;
    const size_t begin = block * walk->width;
    for (size_t k = begin; k < walk->count && k < begin + walk->width; k++) {
        struct icl_column *column = &walk->source->prepared[walk->column[k]];
        if (walk->work->leave != NULL) walk->work->leave(walk->work->context, walk->column[k]);
        if (walk->source->feed == NULL) continue;
        const enum icl_column_state state = column->state;
        icl_column_free(column);
        column->state = state; /* for warnings */
    }
}

/* Sees to it that blocks a and b, and no others, are alive. */
static icl_status have_blocks(struct walk *walk, size_t a, size_t b, struct icl_error *err)
{
    const size_t wanted[2] = {a, b};
    for (unsigned s = 0; s < 2; s++)
        if (walk->alive[s] != a && walk->alive[s] != b) {
            drop_block(walk, walk->alive[s]);
            walk->alive[s] = SIZE_MAX;
        }
    for (unsigned w = 0; w < 2; w++) {
        if (walk->alive[0] == wanted[w] || walk->alive[1] == wanted[w]) continue;
        const unsigned slot = walk->alive[0] == SIZE_MAX ? 0 : 1;
        walk->alive[slot] = wanted[w]; /* also if it fails half-way: what there is of it is dropped in the end */
        ICL_TRY(make_block(walk, wanted[w], err));
    }
    return ICL_OK;
}

/* ---- pairs ---------------------------------------------------------------------------------------------------- */

/* All pairs of two blocks, in squares: down x across of them. */
struct squares {
    const struct walk *walk;
    size_t block[2], across;
};

static icl_status work_square(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    const struct squares *squares = context;
    const struct walk *walk = squares->walk;
    const size_t edge = walk->work->edge, number[2] = {item / squares->across, item % squares->across};
    size_t begin[2], end[2];
    for (unsigned s = 0; s < 2; s++) {
        const size_t first = squares->block[s] * walk->width;
        const size_t last = walk->count - first < walk->width ? walk->count : first + walk->width;
        begin[s] = first + number[s] * edge;
        end[s] = last - begin[s] < edge ? last : begin[s] + edge;
    }
    for (size_t i = begin[0]; i < end[0]; i++)
        for (size_t j = begin[1] > i ? begin[1] : i + 1; j < end[1]; j++)
            ICL_TRY(walk->work->pair(walk->work->context, cli_pair_index(walk->pairs, i, j), worker, err));
    return ICL_OK;
}

static icl_status walk_all_pairs(struct walk *walk, struct icl_error *err)
{
    for (size_t a = 0; a < walk->blocks; a++)
        for (size_t b = a; b < walk->blocks; b++) {
            ICL_TRY(have_blocks(walk, a, b, err));
            const size_t edge = walk->work->edge, left = walk->count - b * walk->width;
            const size_t tall =
                walk->count - a * walk->width < walk->width ? walk->count - a * walk->width : walk->width;
            const size_t wide = left < walk->width ? left : walk->width;
            struct squares squares = {walk, {a, b}, (wide + edge - 1) / edge};
            ICL_TRY(
                icl_parallel_for(walk->threads, (tall + edge - 1) / edge * squares.across, work_square, &squares, err));
        }
    return ICL_OK;
}

/* A pair of a list, and the blocks it needs. */
struct listed {
    size_t block[2], index;
};

static int compare_listed(const void *x, const void *y)
{
    const struct listed *a = x, *b = y;
    for (unsigned s = 0; s < 2; s++)
        if (a->block[s] != b->block[s]) return a->block[s] < b->block[s] ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

struct group {
    const struct walk *walk;
    const struct listed *pair;
};

static icl_status work_listed(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    const struct group *group = context;
    const struct cli_tile_work *work = group->walk->work;
    return work->pair(work->context, group->pair[item].index, worker, err);
}

static icl_status walk_list(struct walk *walk, struct icl_error *err)
{
    const size_t count = walk->pairs->count;
    struct listed *list = malloc(count * sizeof *list);
    if (list == NULL) return icl_fail_memory(err, "the list of pairs");
    for (size_t k = 0; k < count; k++) {
        const struct cli_pair pair = cli_pair_at(walk->pairs, k);
        list[k] = (struct listed){{walk->place[pair.i] / walk->width, walk->place[pair.j] / walk->width}, k};
    }
    qsort(list, count, sizeof *list, compare_listed);
    icl_status status = ICL_OK;
    for (size_t from = 0, to; from < count && status == ICL_OK; from = to) {
        for (to = from; to < count && memcmp(list[to].block, list[from].block, sizeof list->block) == 0;)
            to++;
        struct group group = {walk, list + from};
        status = have_blocks(walk, list[from].block[0], list[from].block[1], err);
        if (status == ICL_OK) status = icl_parallel_for(walk->threads, to - from, work_listed, &group, err);
    }
    free(list);
    return status;
}

/* Which columns there are, and how many make a block. */
static icl_status plan(struct walk *walk, struct icl_error *err)
{
    const struct cli_source *source = walk->source;
    walk->column = malloc(source->cols * sizeof *walk->column);
    walk->place = calloc(source->cols, sizeof *walk->place);
    if (walk->column == NULL || walk->place == NULL) return icl_fail_memory(err, "the columns of pairs");
    for (size_t j = 0; j < source->cols; j++) {
        if (walk->pairs->used != NULL && !walk->pairs->used[j]) continue;
        walk->place[j] = walk->count;
        walk->column[walk->count++] = j;
    }
    walk->width = walk->count;
    if (source->feed != NULL) {
        const uint64_t each = (uint64_t)source->rows * (PREPARED_BYTES + RAW_BYTES + walk->work->bytes);
        const uint64_t most = source->feed->bytes / each;
        if (most < walk->count) walk->width = most >= 4 ? (size_t)(most / 2) : 1;
    }
    walk->blocks = (walk->count + walk->width - 1) / walk->width;
    return ICL_OK;
}

icl_status cli_tiles_run(const struct cli_source *source, const struct cli_pairs *pairs, unsigned threads,
                         struct icl_workspace **workspaces, const struct cli_tile_work *work, struct icl_error *err)
{
    struct walk walk = {.source = source,
                        .pairs = pairs,
                        .work = work,
                        .workspaces = workspaces,
                        .threads = threads,
                        .alive = {SIZE_MAX, SIZE_MAX}};
    icl_status status = plan(&walk, err);
    if (status == ICL_OK) status = (pairs->list != NULL ? walk_list : walk_all_pairs)(&walk, err);
    for (unsigned s = 0; s < 2; s++)
        drop_block(&walk, walk.alive[s]);
    free(walk.column);
    free(walk.place);
    return status;
}
