/* What the tests of the recorder share: a small network, its executor, a recorder. */
#ifndef ICLAB_TESTS_RECORDER_SUPPORT_H
#define ICLAB_TESTS_RECORDER_SUPPORT_H

#include "tests/core_support.h"
#include "tests/near.h"

#include "core/cells.h"
#include "core/npy.h"
#include "trainer/recorder_internal.h"

enum { BATCH = 24, SIDE = 9, CHANNELS = 2, CLASSES = 4, STAGES = 2 };
static const double keep = 0.75;

/* A network with a stage of each kind: conv -> ReLU -> BN -> dropout, conv -> BN -> ReLU. */
struct bench {
    struct icl_train_spec spec;
    struct icl_network network;
    struct icl_team *team;
    struct icl_back_end back_end;
    struct icl_executor *executor; /* the back-end's */
    struct icl_run_folder folder;
    struct icl_recorder recorder;
    struct icl_recorder_source source;
    icl_node_id stage[STAGES];
    float images[2 * BATCH * SIDE * SIDE * CHANNELS];
    uint32_t labels[2 * BATCH];
};

static inline void build(struct bench *b, bool general, unsigned threads)
{
    struct icl_error err;
    const struct icl_nonlinearity relu = {true, 0, 0, INFINITY}, leaky = {true, .1F, .4F, 6};
    const struct icl_nonlinearity act = general ? leaky : relu;
    const struct icl_stage_form ic = {.norm = ICL_NORM_AFTER, .act = act, .drop = 1 - keep};
    const struct icl_stage_form plain = {.norm = ICL_NORM_BEFORE, .act = act};
    memset(b, 0, sizeof *b);
    icl_train_spec_default(&b->spec);
    b->spec.general_relu = general;
    icl_network_init(&b->network);
    icl_node_id x = icl_network_input(&b->network, SIDE, SIDE, CHANNELS);
    x = icl_network_conv(&b->network, x, 5, 3, 2, false);
    b->stage[0] = x = icl_network_stage(&b->network, x, ICL_NO_NODE, &ic, NULL);
    x = icl_network_conv(&b->network, x, 6, 3, 1, false);
    b->stage[1] = x = icl_network_stage(&b->network, x, ICL_NO_NODE, &plain, NULL);
    x = icl_network_linear(&b->network, icl_network_global_pool(&b->network, x), CLASSES);
    assert_ok(icl_network_finish(&b->network, x, &err));
    assert_ok(icl_team_create(threads, &b->team, &err));
    b->spec.seed = 5;
    const struct icl_back_end_source from = {.spec = &b->spec, .network = &b->network, .team = b->team, .batch = BATCH};
    assert_ok(icl_back_end_create(&from, &b->back_end, &err));
    b->executor = icl_back_end_host_executor(&b->back_end);
    icl_network_initialise(&b->network, 3, general ? .1 : 0, icl_executor_parameters(b->executor));
    uint64_t bits = 17;
    for (size_t i = 0; i < sizeof b->images / sizeof *b->images; i++)
        b->images[i] = (float)((double)(random_bits(&bits) >> 11) * 0x1p-52 * 3 - 2.7);
    for (size_t i = 0; i < 2 * BATCH; i++)
        b->labels[i] = (uint32_t)(random_bits(&bits) % CLASSES);
    b->folder.lock = -1;
    strcpy(b->folder.path, folder);
    b->source = (struct icl_recorder_source){.spec = &b->spec,
                                             .network = &b->network,
                                             .back_end = &b->back_end,
                                             .folder = &b->folder,
                                             .command = "a command"};
    assert_ok(icl_recorder_open(&b->recorder, &b->source, NULL, &err));
}

static inline void clear(struct bench *b)
{
    icl_recorder_close(&b->recorder);
    icl_back_end_free(&b->back_end);
    icl_team_free(b->team);
    icl_network_free(&b->network);
}

static inline void forward(struct bench *b, enum icl_mode mode, size_t batch, size_t n, uint32_t step)
{
    struct icl_error err;
    struct icl_batch_result result;
    assert_ok(icl_executor_forward(b->executor, mode, b->images + batch * BATCH * SIDE * SIDE * CHANNELS,
                                   b->labels + batch * BATCH, n, step, 0, &result, &err));
}

static inline size_t values_of(const struct bench *b, size_t k, size_t n)
{
    const struct icl_node *node = &b->network.node[b->stage[k]];
    return n * node->height * node->width * node->channels;
}

static inline double number(const struct icl_cells *cells, size_t row, const char *name)
{
    struct icl_error err;
    size_t column;
    double value;
    assert_ok(icl_cells_column(cells, name, &column, &err));
    assert_ok(icl_cell_number(cells, row, column, &value, &err));
    return value;
}

static inline const char *word(const struct icl_cells *cells, size_t row, const char *name)
{
    struct icl_error err;
    size_t column;
    assert_ok(icl_cells_column(cells, name, &column, &err));
    return icl_cell(cells, row, column);
}

#endif
