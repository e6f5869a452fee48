#include "estimators/plugin_pairs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "estimators/cpu/joint_counts.h"

enum { WORD_BITS = 64, ALIGNMENT = 64 };

static size_t aligned_bytes(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* ---- binning -------------------------------------------------------------------------------------------------- */

static size_t words_of(size_t n)
{
    const size_t step = (size_t)WORD_BITS * ICL_JOINT_WORDS;
    return (n + step - 1) / step * ICL_JOINT_WORDS;
}

/* Margins and bitmaps from the bins of the samples. */
static void summarise(struct icl_binned *b)
{
    const int shift = icl_counts_shift(b->n);
    memset(b->margin, 0, b->bins * sizeof *b->margin);
    if (b->bitmap != NULL) memset(b->bitmap, 0, b->bins * b->words * sizeof *b->bitmap);
    for (size_t i = 0; i < b->n; i++) {
        b->margin[b->bin[i]]++;
        if (b->bitmap != NULL) b->bitmap[b->bin[i] * b->words + i / WORD_BITS] |= UINT64_C(1) << i % WORD_BITS;
    }
    for (size_t k = 0; k < b->bins; k++) {
        b->margin_sum += icl_counts_term(b->margin[k], shift);
        b->levels += b->margin[k] != 0;
    }
}

icl_status icl_binned_make(struct icl_binned *binned, const struct icl_column *column, unsigned bins,
                           struct icl_error *err)
{
    struct icl_binned b = {.n = column->n, .words = words_of(column->n), .state = column->state};
    if (b.state != ICL_COLUMN_REGULAR) {
        *binned = b;
        return ICL_OK;
    }
    /* The number of bins is known only when all is binned: at most one a sample and one an atom. */
    b.bin = malloc(b.n * sizeof *b.bin);
    if (b.bin == NULL) return icl_fail_memory(err, "a binned column");
    icl_status status = icl_quantile_bins(column, bins, b.bin, &b.bins);
    const bool maps = b.bins <= ICL_BINNED_MOST_BITMAPS;
    const size_t margins = aligned_bytes(b.bins * sizeof *b.margin), words = aligned_bytes(b.n * sizeof *b.bin);
    const size_t bytes = words + margins + (maps ? b.bins * b.words * sizeof *b.bitmap : 0);
    unsigned char *memory = status == ICL_OK ? aligned_alloc(ALIGNMENT, bytes) : NULL;
    if (memory != NULL) {
        memcpy(memory, b.bin, b.n * sizeof *b.bin);
        free(b.bin);
        b.memory = memory;
        b.bin = (uint32_t *)(void *)memory;
        b.margin = (uint32_t *)(void *)(memory + words);
        b.bitmap = maps ? (uint64_t *)(void *)(memory + words + margins) : NULL;
        summarise(&b);
        *binned = b;
        return ICL_OK;
    }
    free(b.bin);
    return status != ICL_OK ? status : icl_fail_memory(err, "a binned column");
}

void icl_binned_free(struct icl_binned *binned)
{
    free(binned->memory);
    *binned = (struct icl_binned){0};
}

/* ---- tables --------------------------------------------------------------------------------------------------- */

/* Small tables twice over: a sample need not wait for the count of the one before it. */
enum { MOST_TWICE = 4096 };

static void count_samples(const struct icl_binned *x, const struct icl_binned *y, uint32_t *count)
{
    uint32_t again[MOST_TWICE];
    const size_t cells = x->bins * y->bins, n = x->n;
    memset(count, 0, cells * sizeof *count);
    size_t i = 0;
    if (cells <= MOST_TWICE) {
        memset(again, 0, cells * sizeof *again);
        for (; i + 2 <= n; i += 2) {
            count[x->bin[i] * y->bins + y->bin[i]]++;
            again[x->bin[i + 1] * y->bins + y->bin[i + 1]]++;
        }
        for (size_t c = 0; c < cells; c++)
            count[c] += again[c];
    }
    for (; i < n; i++)
        count[x->bin[i] * y->bins + y->bin[i]]++;
}

static void count_bitmaps(const struct icl_binned *x, const struct icl_binned *y, const struct icl_joint_variant *joint,
                          uint32_t *count)
{
    const size_t rows = x->bins, cols = y->bins;
    memset(count, 0, rows * cols * sizeof *count);
    joint->count(x->bitmap, rows - 1, y->bitmap, cols - 1, x->words, count, cols);
    uint32_t *last = count + (rows - 1) * cols;
    memcpy(last, y->margin, cols * sizeof *last);
    for (size_t i = 0; i < rows - 1; i++) {
        uint32_t *row = count + i * cols, left = x->margin[i];
        for (size_t j = 0; j < cols - 1; j++) {
            left -= row[j];
            last[j] -= row[j];
        }
        row[cols - 1] = left;
        last[cols - 1] -= left;
    }
}

void icl_binned_table(const struct icl_binned *x, const struct icl_binned *y, uint32_t *count)
{
    const struct icl_joint_variant *joint = icl_joint();
    const bool maps = x->bitmap != NULL && y->bitmap != NULL && (x->bins - 1) * (y->bins - 1) <= joint->most_cells;
    if (maps)
        count_bitmaps(x, y, joint, count);
    else
        count_samples(x, y, count);
}

/* ---- pairs ---------------------------------------------------------------------------------------------------- */

icl_status icl_plugin_pair(const struct icl_binned *x, const struct icl_binned *y, const struct icl_count_terms *terms,
                           struct icl_workspace *workspace, struct icl_mi_result *result, struct icl_error *err)
{
    *result = (struct icl_mi_result){NAN, ICL_MI_PLUGIN, 0, NAN, NAN, NAN, NAN};
    if (x->n != y->n) return icl_fail(err, ICL_ERR_INPUT, "columns of %zu and %zu rows", x->n, y->n);
    const bool nonfinite = x->state == ICL_COLUMN_NONFINITE || y->state == ICL_COLUMN_NONFINITE;
    if (nonfinite || x->state == ICL_COLUMN_CONSTANT || y->state == ICL_COLUMN_CONSTANT) {
        result->notes = nonfinite ? ICL_MI_NOTE_NONFINITE : ICL_MI_NOTE_CONSTANT;
        result->mi = nonfinite ? NAN : 0;
        return ICL_OK;
    }
    const size_t cells = x->bins * y->bins;
    const struct icl_mark mark = icl_workspace_mark(workspace);
    uint32_t *count = ICL_TAKE(workspace, cells, uint32_t);
    if (count == NULL) return icl_fail_memory(err, "the table of a plug-in");
    icl_binned_table(x, y, count);
    int64_t joint = 0;
    size_t occupied = 0;
    for (size_t c = 0; c < cells; c++) {
        joint += icl_count_term(terms, count[c]);
        occupied += count[c] != 0;
    }
    icl_workspace_release(workspace, mark);
    result->mi = icl_counts_information(joint, x->margin_sum + y->margin_sum, 2, x->n) -
                 icl_counts_miller_madow(occupied, x->levels + y->levels, 2, x->n);
    return ICL_OK;
}
