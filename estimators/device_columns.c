/* The columns of an estimate on a device: what goes there, once. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/threads.h"
#include "estimators/device_pairs_internal.h"
#include "estimators/mi_counts.h"
#include "kernels/shared/pilot.h"

/* ---- device memory ------------------------------------------------------------------------------------------------
 */

icl_status icl_device_memory_take(struct icl_device_memory *memory, size_t bytes, const char *what, void **taken,
                                  struct icl_error *err)
{
    struct icl_error why = {0};
    *taken = NULL;
    if (memory->count == ICL_DEVICE_MOST_BLOCKS) return icl_fail_memory(err, what);
    const icl_status status = memory->device->call->take(memory->device, bytes, taken, &why);
    if (status != ICL_OK) return icl_fail(err, status, "%s: %s", what, why.message);
    memory->block[memory->count++] = *taken;
    return ICL_OK;
}

void icl_device_memory_release(struct icl_device_memory *memory)
{
    while (memory->count > 0)
        memory->device->call->release(memory->device, memory->block[--memory->count]);
}

/* `bytes` of the host in new memory of the device. */
static icl_status put(struct icl_device_mi *mi, const void *host, size_t bytes, const void **there,
                      struct icl_error *err)
{
    void *memory;
    ICL_TRY(icl_device_memory_take(&mi->columns, bytes, "the columns", &memory, err));
    mi->device->call->upload(mi->device, host, bytes, memory);
    *there = memory;
    return ICL_OK;
}

/* ---- columns ------------------------------------------------------------------------------------------------------
 */

enum { STRIDE = 16 };

static size_t stride_of(const struct icl_device_mi *mi)
{
    return (mi->n + STRIDE - 1) / STRIDE * STRIDE;
}

static bool is_regular(const struct icl_column *column)
{
    return column->n > 0 && column->state == ICL_COLUMN_REGULAR;
}

/* What a column has for every sample, `size` bytes each: fills `out`, or returns what is to be sent as it is. */
typedef const void *sample_values(const struct icl_device_mi *mi, const struct icl_column *column, void *out);

/* An array of the device with a run of stride samples a column; of columns that are in no pair it holds nothing. */
static icl_status put_samples(struct icl_device_mi *mi, size_t size, sample_values *values, const void **there,
                              struct icl_error *err)
{
    const size_t stride = stride_of(mi);
    void *memory = NULL, *staged = calloc(stride, size);
    *there = NULL;
    if (staged == NULL) return icl_fail_memory(err, "a column");
    icl_status status =
        icl_device_memory_take(&mi->columns, mi->task.cols * stride * size, "the columns", &memory, err);
    for (size_t c = 0; c < mi->task.cols && status == ICL_OK; c++) {
        const struct icl_column *column = &mi->task.column[c];
        if (!is_regular(column)) continue;
        mi->device->call->upload(mi->device, values(mi, column, staged), mi->n * size,
                                 (unsigned char *)memory + c * stride * size);
    }
    free(staged);
    *there = memory;
    return status;
}

static const void *scores(const struct icl_device_mi *mi, const struct icl_column *column, void *out)
{
    (void)mi, (void)out;
    return column->score;
}

static const void *standardised(const struct icl_device_mi *mi, const struct icl_column *column, void *out)
{
    (void)mi, (void)out;
    return column->z;
}

static const void *orders(const struct icl_device_mi *mi, const struct icl_column *column, void *out)
{
    (void)mi, (void)out;
    return column->order;
}

static const void *groups(const struct icl_device_mi *mi, const struct icl_column *column, void *out)
{
    uint16_t *group = out;
    for (size_t i = 0; i < mi->n; i++)
        group[i] = (uint16_t)column->group[i]; /* columns of more than fit are left to the processor */
    return out;
}

/* Bins of the pilot estimates of a Ross term. */
static const void *pilots(const struct icl_device_mi *mi, const struct icl_column *column, void *out)
{
    uint8_t *bin = out;
    size_t rank = 0;
    for (size_t r = 0, end; r < mi->n; r = end) {
        const uint32_t i = column->order[r];
        end = r + 1;
        if (column->group[i] != 0) continue;
        while (end < mi->n && column->group[column->order[end]] == 0 &&
               column->score[column->order[end]] == column->score[i])
            end++;
        const uint32_t number = icl_pilot_bin(rank, rank + end - r, column->continuous);
        for (size_t s = r; s < end; s++)
            bin[column->order[s]] = (uint8_t)number;
        rank += end - r;
    }
    return out;
}

/* One number a column. */
typedef uint32_t column_value(const struct icl_column *column);

static icl_status put_numbers(struct icl_device_mi *mi, column_value *value, const uint32_t **there,
                              struct icl_error *err)
{
    const void *memory = NULL;
    uint32_t *number = calloc(mi->task.cols, sizeof *number);
    if (number == NULL) return icl_fail_memory(err, "the columns");
    for (size_t c = 0; c < mi->task.cols; c++)
        if (is_regular(&mi->task.column[c])) number[c] = value(&mi->task.column[c]);
    const icl_status status = put(mi, number, mi->task.cols * sizeof *number, &memory, err);
    free(number);
    *there = memory;
    return status;
}

static uint32_t groups_of(const struct icl_column *column)
{
    return (uint32_t)column->atom_count + 1;
}

static uint32_t continuous_of(const struct icl_column *column)
{
    return (uint32_t)column->continuous;
}

static uint32_t is_tied(const struct icl_column *column)
{
    return column->tied;
}

/* ---- routes -------------------------------------------------------------------------------------------------------
 */

#define PUT_SAMPLES(mi, type, values, there, err)                                                                      \
    do {                                                                                                               \
        const void *put_there = NULL;                                                                                  \
        ICL_TRY(put_samples((mi), sizeof(type), (values), &put_there, (err)));                                         \
        *(there) = put_there;                                                                                          \
    } while (0)

/* The tables of functions of a count that both ways of neighbours read. */
static icl_status put_functions(struct icl_device_mi *mi, struct icl_device_samples *samples, struct icl_error *err)
{
    const struct icl_device_samples *other = samples == &mi->scores ? &mi->plane : &mi->scores;
    const void *there;
    if (other->digamma != NULL) {
        samples->digamma = other->digamma;
        samples->n_log_n = other->n_log_n;
        samples->order = other->order;
        return ICL_OK;
    }
    PUT_SAMPLES(mi, uint32_t, orders, &samples->order, err);
    ICL_TRY(put(mi, mi->digamma, (mi->n + 2) * sizeof(double), &there, err));
    samples->digamma = there;
    double *n_log_n = malloc((mi->n + 1) * sizeof *n_log_n);
    if (n_log_n == NULL) return icl_fail_memory(err, "the logarithms of counts");
    n_log_n[0] = 0;
    for (size_t c = 1; c <= mi->n; c++)
        n_log_n[c] = (double)c * log((double)c);
    const icl_status status = put(mi, n_log_n, (mi->n + 1) * sizeof *n_log_n, &there, err);
    free(n_log_n);
    samples->n_log_n = there;
    return status;
}

static icl_status upload_scores(struct icl_device_mi *mi, struct icl_error *err)
{
    struct icl_device_samples *s = &mi->scores;
    s->n = mi->n;
    s->stride = stride_of(mi);
    PUT_SAMPLES(mi, double, scores, &s->value, err);
    PUT_SAMPLES(mi, uint16_t, groups, &s->group, err);
    PUT_SAMPLES(mi, uint8_t, pilots, &s->bin, err);
    ICL_TRY(put_numbers(mi, groups_of, &s->groups, err));
    ICL_TRY(put_numbers(mi, continuous_of, &s->continuous, err));
    ICL_TRY(put_numbers(mi, is_tied, &mi->tied, err));
    return put_functions(mi, s, err);
}

static icl_status upload_plane(struct icl_device_mi *mi, struct icl_error *err)
{
    mi->plane.n = mi->n;
    mi->plane.stride = stride_of(mi);
    PUT_SAMPLES(mi, double, standardised, &mi->plane.value, err);
    return put_functions(mi, &mi->plane, err);
}

/* The bins of all columns, and what their margins come to. */
static icl_status upload_bins(struct icl_device_mi *mi, struct icl_error *err)
{
    const size_t cols = mi->task.cols, stride = stride_of(mi), n = mi->n;
    struct icl_count_terms terms = {0};
    const void *there;
    void *memory;
    icl_status status = icl_count_terms_make(&terms, n, err);
    int64_t *term = malloc((n + 1) * sizeof *term);
    uint32_t *bin = malloc(n * sizeof *bin), *margin = malloc(n * sizeof *margin);
    uint32_t *bins = calloc(cols, sizeof *bins);
    uint16_t *narrow = malloc(n * sizeof *narrow);
    if (status == ICL_OK && (!term || !bin || !margin || !bins || !narrow))
        status = icl_fail_memory(err, "the bins of the columns");
    if (status == ICL_OK)
        status = icl_device_memory_take(&mi->columns, cols * stride * sizeof *narrow, "the columns", &memory, err);
    for (size_t c = 0; c < cols && status == ICL_OK; c++) {
        if (mi->binned[c] == 0) continue;
        size_t used;
        status = icl_quantile_bins(&mi->task.column[c], mi->task.options.bins, bin, &used);
        if (used > UINT16_MAX) continue; /* left to the processor */
        bins[c] = (uint32_t)used;
        memset(margin, 0, used * sizeof *margin);
        for (size_t i = 0; i < n; i++) {
            narrow[i] = (uint16_t)bin[i];
            margin[bin[i]]++;
        }
        for (size_t k = 0; k < used; k++) {
            mi->margin_terms[c] += icl_count_term(&terms, margin[k]);
            mi->levels[c] += margin[k] != 0;
        }
        mi->device->call->upload(mi->device, narrow, n * sizeof *narrow, (uint16_t *)memory + c * stride);
    }
    for (size_t c = 0; c <= n && status == ICL_OK; c++)
        term[c] = icl_count_term(&terms, c);
    mi->bins.n = n;
    mi->bins.stride = stride;
    if (status == ICL_OK) {
        mi->bins.bin = memory;
        status = put(mi, bins, cols * sizeof *bins, &there, err);
    }
    if (status == ICL_OK) {
        mi->bins.bins = there;
        status = put(mi, term, (n + 1) * sizeof *term, &there, err);
    }
    if (status == ICL_OK) mi->bins.term = there;
    icl_count_terms_free(&terms);
    free(term);
    free(bin);
    free(margin);
    free(bins);
    free(narrow);
    return status;
}

icl_status icl_device_upload(struct icl_device_mi *mi, enum icl_device_route route, struct icl_error *err)
{
    static icl_status (*const upload[ICL_ROUTES])(struct icl_device_mi *, struct icl_error *) = {
        [ICL_ROUTE_TABLES] = upload_bins, [ICL_ROUTE_SCORES] = upload_scores, [ICL_ROUTE_PLANE] = upload_plane};
    if (upload[route] == NULL || mi->uploaded[route]) return ICL_OK;
    ICL_TRY(upload[route](mi, err));
    mi->uploaded[route] = true;
    return ICL_OK;
}

/* ---- opening ------------------------------------------------------------------------------------------------------
 */

bool icl_device_mi_has(const struct icl_mi_options *options)
{
    static const bool has[ICL_MI_COUNT] = {
        [ICL_MI_AUTO] = true, [ICL_MI_DECOMPOSITION] = true,  [ICL_MI_KSG1] = true,
        [ICL_MI_KSG2] = true, [ICL_MI_MESNER_SHALIZI] = true, [ICL_MI_PLUGIN] = true,
    };
    return (unsigned)options->estimator < ICL_MI_COUNT && has[options->estimator] &&
           options->correction == ICL_CORRECTION_MILLER_MADOW;
}

/* The number of bins of a column, as icl_quantile_bins has it. */
static size_t bins_of(const struct icl_column *column, const struct icl_mi_options *options)
{
    const size_t wanted = options->bins != 0 ? options->bins : icl_default_bins(column->n, 2);
    return column->atom_count + (column->continuous < wanted ? column->continuous : wanted);
}

static icl_status open_columns(struct icl_device_mi *mi, struct icl_error *err)
{
    const struct icl_device_mi_task *task = &mi->task;
    for (size_t c = 0; c < task->cols; c++) {
        if (task->column[c].n == 0) continue;
        if (mi->n != 0 && task->column[c].n != mi->n)
            return icl_fail(err, ICL_ERR_INPUT, "columns of %zu and %zu rows", mi->n, task->column[c].n);
        mi->n = task->column[c].n;
    }
    mi->workers = task->threads != 0 ? task->threads : icl_processor_count();
    ICL_TRY(icl_workspaces_create(&mi->workspaces, mi->workers, err));
    mi->digamma = icl_workspace_digamma(mi->workspaces[0], mi->n + 1);
    mi->margin_terms = calloc(task->cols, sizeof *mi->margin_terms);
    mi->levels = calloc(task->cols, sizeof *mi->levels);
    mi->binned = calloc(task->cols, sizeof *mi->binned);
    if (!mi->digamma || !mi->margin_terms || !mi->levels || !mi->binned) return icl_fail_memory(err, "the columns");
    for (size_t c = 0; c < task->cols; c++)
        if (is_regular(&task->column[c])) mi->binned[c] = bins_of(&task->column[c], &task->options);
    const enum icl_mi_estimator estimator = task->options.estimator;
    return icl_device_upload(mi,
                             estimator == ICL_MI_PLUGIN                                      ? ICL_ROUTE_TABLES
                             : estimator == ICL_MI_AUTO || estimator == ICL_MI_DECOMPOSITION ? ICL_ROUTE_SCORES
                                                                                             : ICL_ROUTE_PLANE,
                             err);
}

icl_status icl_device_mi_open(struct icl_device *device, const struct icl_device_mi_task *task,
                              struct icl_device_mi **opened, struct icl_error *err)
{
    *opened = NULL;
    if (!icl_device_mi_has(&task->options))
        return icl_fail(err, ICL_ERR_USAGE, "a device has no estimator %s with the correction %s",
                        (unsigned)task->options.estimator < ICL_MI_COUNT ? icl_mi_names[task->options.estimator] : "?",
                        (unsigned)task->options.correction < ICL_CORRECTION_COUNT
                            ? icl_correction_names[task->options.correction]
                            : "?");
    struct icl_device_mi *mi = calloc(1, sizeof *mi);
    if (mi == NULL) return icl_fail_memory(err, "columns on a device");
    mi->device = mi->columns.device = device;
    mi->task = *task;
    icl_status status = open_columns(mi, err);
    if (status == ICL_OK) status = device->call->finish(device, err);
    if (status != ICL_OK) {
        icl_device_mi_close(mi);
        return status;
    }
    *opened = mi;
    return ICL_OK;
}

void icl_device_mi_close(struct icl_device_mi *mi)
{
    if (mi == NULL) return;
    icl_device_memory_release(&mi->columns);
    icl_workspaces_free(mi->workspaces, mi->workers);
    free(mi->margin_terms);
    free(mi->levels);
    free(mi->binned);
    free(mi);
}

size_t icl_device_mi_left(const struct icl_device_mi *mi)
{
    return mi->left;
}
