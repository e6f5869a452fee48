#include "cli/dependence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/threads.h"
#include "estimators/correlation.h"
#include "estimators/correlation_test.h"
#include "estimators/distance_correlation.h"
#include "estimators/false_discovery.h"

const struct cli_dependence_names cli_dependence_names[CLI_DEPENDENCE_COUNT] = {
    [CLI_PEARSON] = {"pearson", "pearson_p", "pearson_q", 2, 3},
    [CLI_SPEARMAN] = {"spearman", "spearman_p", "spearman_q", 2, 3},
    [CLI_KENDALL] = {"kendall", "kendall_p", "kendall_q", 2, 2},
    [CLI_DISTANCE] = {"distance", "distance_p", "distance_q", 2, 4},
    [CLI_DISTANCE_CORRECTED] = {"distance-corrected", "distance-corrected_p", "distance-corrected_q", 4, 4},
};

static icl_status parse_kind(const char *text, size_t length, struct cli_dependence *asked, struct icl_error *err)
{
    const int shown = length < 60 ? (int)length : 60;
    for (int k = 0; k < CLI_DEPENDENCE_COUNT; k++) {
        const char *name = cli_dependence_names[k].name;
        if (strlen(name) != length || memcmp(text, name, length) != 0) continue;
        for (size_t a = 0; a < asked->kinds; a++)
            if (asked->kind[a] == (enum cli_dependence_kind)k)
                return icl_fail(err, ICL_ERR_USAGE, "--kind: %s is there twice", name);
        asked->kind[asked->kinds++] = (enum cli_dependence_kind)k;
        return ICL_OK;
    }
    return icl_fail(err, ICL_ERR_USAGE,
                    "--kind: '%.*s' is not pearson, spearman, kendall, distance or distance-corrected", shown, text);
}

icl_status cli_dependence_parse(const char *text, struct cli_dependence *asked, struct icl_error *err)
{
    *asked = (struct cli_dependence){0};
    for (;;) {
        const size_t length = strcspn(text, ",");
        ICL_TRY(parse_kind(text, length, asked, err));
        if (text[length] == '\0') return ICL_OK;
        text += length + 1;
    }
}

/* ---- estimates ------------------------------------------------------------------------------------------------ */

/* Pairs of one item of work: one, if they cost anything. */
enum { CHEAP_PAIRS = 4096 };

struct work {
    const struct icl_column *prepared;
    const struct cli_pairs *pairs;
    struct cli_dependence *asked;
    struct icl_workspace **workspaces;
    size_t chunk;
    bool have[CLI_DEPENDENCE_COUNT]; /* by place: the values are there */
    bool test;
};

/* One pair; both distances come from one sum. */
struct pair {
    const struct icl_column *x, *y;
    struct icl_workspace *workspace;
    struct icl_distance distance;
    bool has_distance;
};

static icl_status take_distance(struct pair *pair, struct icl_error *err)
{
    if (pair->has_distance) return ICL_OK;
    pair->has_distance = true;
    return icl_distance_correlation(pair->x, pair->y, pair->workspace, &pair->distance, err);
}

/* One coefficient of a pair and its p-value, given the value if `have`. */
static icl_status coefficient(enum cli_dependence_kind kind, struct pair *pair, bool have, double *value, double *p,
                              struct icl_error *err)
{
    const struct icl_column *x = pair->x, *y = pair->y;
    struct icl_kendall kendall;
    switch (kind) {
    case CLI_PEARSON:
        if (!have) *value = icl_pearson(x, y);
        *p = icl_correlation_p(*value, x->n);
        return ICL_OK;
    case CLI_SPEARMAN:
        if (!have) ICL_TRY(icl_spearman(x, y, pair->workspace, value, err));
        *p = icl_correlation_p(*value, x->n);
        return ICL_OK;
    case CLI_KENDALL:
        ICL_TRY(icl_kendall(x, y, pair->workspace, &kendall, err));
        *value = kendall.tau_b;
        *p = icl_kendall_p(&kendall);
        return ICL_OK;
    default:
        ICL_TRY(take_distance(pair, err));
        *value = kind == CLI_DISTANCE ? pair->distance.correlation : pair->distance.correlation_corrected;
        *p = icl_distance_p(pair->distance.correlation_corrected, x->n);
        return ICL_OK;
    }
}

static icl_status estimate_chunk(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    const struct work *work = context;
    const size_t first = item * work->chunk;
    for (size_t k = first; k < work->pairs->count && k < first + work->chunk; k++) {
        const struct cli_pair at = cli_pair_at(work->pairs, k);
        struct pair pair = {
            .x = &work->prepared[at.i], .y = &work->prepared[at.j], .workspace = work->workspaces[worker]};
        for (size_t a = 0; a < work->asked->kinds; a++) {
            double p;
            if (work->have[a] && !work->test) continue;
            ICL_TRY(coefficient(work->asked->kind[a], &pair, work->have[a], &work->asked->value[a][k], &p, err));
            if (work->test) work->asked->p[a][k] = p;
        }
    }
    return ICL_OK;
}

/* Pearson or Spearman of all pairs at once, by products. */
static icl_status take_matrix(struct icl_device *device, const struct cli_source *source, const struct cli_pairs *pairs,
                              bool ranks, unsigned threads, double *value, struct icl_error *err)
{
    struct icl_columns matrix;
    ICL_TRY(icl_columns_alloc(&matrix, source->cols, source->cols, err));
    const icl_status status = icl_correlation_matrices(device, source->prepared, source->cols, threads,
                                                       ranks ? NULL : matrix.data, ranks ? matrix.data : NULL, err);
    for (size_t k = 0; k < pairs->count && status == ICL_OK; k++) {
        const struct cli_pair pair = cli_pair_at(pairs, k);
        value[k] = matrix.data[pair.i * source->cols + pair.j];
    }
    icl_columns_free(&matrix);
    return status;
}

static icl_status take_memory(size_t count, bool test, struct cli_dependence *asked, struct icl_error *err)
{
    for (size_t a = 0; a < asked->kinds; a++) {
        double **const wanted[] = {&asked->value[a], &asked->p[a], &asked->q[a]};
        for (size_t w = 0; w < (test ? 3 : 1); w++)
            if ((*wanted[w] = malloc(count * sizeof(double))) == NULL)
                return icl_fail_memory(err, "the results of all pairs");
    }
    return ICL_OK;
}

icl_status cli_dependence_estimate(struct icl_device *device, const struct cli_source *source,
                                   const struct cli_pairs *pairs, bool test, uint64_t threads,
                                   struct cli_dependence *asked, struct icl_error *err)
{
    struct work work = {
        .prepared = source->prepared, .pairs = pairs, .asked = asked, .chunk = CHEAP_PAIRS, .test = test};
    ICL_TRY(take_memory(pairs->count, test, asked, err));
    for (size_t a = 0; a < asked->kinds; a++) {
        work.have[a] = pairs->list == NULL && asked->kind[a] <= CLI_SPEARMAN;
        if (work.have[a])
            ICL_TRY(take_matrix(device, source, pairs, asked->kind[a] == CLI_SPEARMAN, (unsigned)threads,
                                asked->value[a], err));
        else
            work.chunk = 1;
    }
    const size_t chunks = (pairs->count - 1) / work.chunk + 1;
    const unsigned workers = cli_thread_count(threads, chunks);
    ICL_TRY(icl_workspaces_create(&work.workspaces, workers, err));
    icl_status status = icl_parallel_for(workers, chunks, estimate_chunk, &work, err);
    icl_workspaces_free(work.workspaces, workers);
    for (size_t a = 0; a < asked->kinds && test && status == ICL_OK; a++)
        status = icl_false_discovery(asked->p[a], pairs->count, ICL_FDR_BENJAMINI_HOCHBERG, asked->q[a], err);
    return status;
}

void cli_dependence_free(struct cli_dependence *asked)
{
    for (size_t a = 0; a < CLI_DEPENDENCE_COUNT; a++) {
        free(asked->value[a]);
        free(asked->p[a]);
        free(asked->q[a]);
    }
    *asked = (struct cli_dependence){0};
}
