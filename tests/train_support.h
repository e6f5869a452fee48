/* What the tests of training runs share: a small specification, the tables of a run, two runs compared. */
#ifndef ICLAB_TESTS_TRAIN_SUPPORT_H
#define ICLAB_TESTS_TRAIN_SUPPORT_H

#include "tests/core_support.h"

#include "core/cells.h"
#include "trainer/train.h"

enum { IMAGES = 300, VALID = 90, BATCH = 64, EPOCHS = 2, EPOCH_STEPS = 5, STEPS = 10, RUN_NAME = PATH_MAX / 2 };

static inline struct icl_train_spec small_spec(void)
{
    struct icl_train_spec spec;
    icl_train_spec_default(&spec);
    snprintf(spec.data, sizeof spec.data, "planted-16x16x2-3");
    spec.limit = IMAGES;
    spec.valid_limit = VALID;
    spec.batch = BATCH;
    spec.epochs = EPOCHS;
    spec.drop = .1;
    spec.seed = 12;
    spec.smoothing = .05;
    spec.augmentation.flip = true;
    spec.augmentation.pad = 2;
    spec.decay = 1e-3;
    spec.rate = .2;
    spec.rate_start = .1;
    spec.rate_end = .05;
    return spec;
}

static inline struct icl_train_options options_for(const char *out)
{
    return (struct icl_train_options){.out = out, .threads = 2, .quiet = true};
}

/* The text of a file of a run behind its `#` lines; free() it. */
static inline char *body(const char *run, const char *name, size_t *size)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", run, name);
    char *bytes = read_bytes(path, size), *at = bytes;
    while (*at == '#')
        at = strchr(at, '\n') + 1;
    *size -= (size_t)(at - bytes);
    memmove(bytes, at, *size + 1);
    return bytes;
}

static const char *const results[] = {"spec.txt",       "metrics.tsv", "epochs.tsv",  "layers.tsv",
                                      "histograms.npy", "norms.tsv",   "result.json", "parameters.tsv"};

static inline void same_results(const char *a, const char *b)
{
    for (size_t k = 0; k < sizeof results / sizeof *results; k++) {
        size_t size[2];
        char *text[2] = {body(a, results[k], &size[0]), body(b, results[k], &size[1])};
        if (size[0] != size[1] || memcmp(text[0], text[1], size[0]) != 0)
            fail_msg("%s differs between %s and %s", results[k], a, b);
        free(text[0]);
        free(text[1]);
    }
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

static inline struct icl_cells table_of(const char *run, const char *name)
{
    struct icl_error err;
    struct icl_cells cells;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", run, name);
    assert_ok(icl_cells_read(path, &cells, &err));
    return cells;
}

#endif
