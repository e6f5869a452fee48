/* Statistics of layers against plain sums over the outputs of the executor; norms against one pass over all images. */
#include "tests/recorder_support.h"
#include "trainer/summary_internal.h"

/* With the roundings of float, which the values have too. */
static float act(float v, bool general)
{
    if (!general) return v > 0 ? v : 0;
    const float z = (v > 0 ? v : .1F * v) - .4F;
    return z < 6 ? z : 6;
}

/* ---- plain statistics ----------------------------------------------------------------------------------------- */

struct plain {
    double mean, sd, near, least, most;
    int64_t histogram[ICL_HISTOGRAM_BINS];
};

/* Two passes over the values, which are the float roundings of what the stage computes. */
static struct plain look(const double *x, size_t n, bool general)
{
    const double low = general ? -7 : 0, high = general ? 7 : 10;
    const double near_low = general ? -.35 : 0, near_high = general ? .70 : .5;
    struct plain p = {.least = x[0], .most = x[0]};
    for (size_t i = 0; i < n; i++) {
        p.mean += x[i] / (double)n;
        p.near += (x[i] >= near_low && x[i] < near_high) / (double)n;
        p.least = fmin(p.least, x[i]);
        p.most = fmax(p.most, x[i]);
        if (x[i] >= low && x[i] <= high) {
            const double bin = floor((x[i] - low) / (high - low) * ICL_HISTOGRAM_BINS);
            p.histogram[x[i] == high ? ICL_HISTOGRAM_BINS - 1 : (size_t)bin]++;
        }
    }
    for (size_t i = 0; i < n; i++)
        p.sd += (x[i] - p.mean) * (x[i] - p.mean) / (double)n;
    p.sd = sqrt(p.sd);
    return p;
}

/* The values of a stage at a place, by what the executor keeps of it. */
static double *take(const struct bench *b, size_t k, const char *place, size_t n, bool general)
{
    const size_t count = values_of(b, k, n);
    const struct icl_node *node = &b->network.node[b->stage[k]];
    const bool input = strcmp(place, "input") == 0, relu = strcmp(place, "relu") == 0;
    /* Behind BN and ReLU without a dropout: the output itself. */
    const bool from_input = input || (relu && node->norm == ICL_NORM_AFTER);
    const float *x = icl_executor_output(b->executor, from_input ? node->input[0] : b->stage[k]);
    double *out = malloc(count * sizeof *out);
    assert_non_null(out);
    for (size_t i = 0; i < count; i++)
        out[i] = (double)(relu && from_input ? act(x[i], general) : x[i]);
    return out;
}

static void check_layers(bool general)
{
    static const char *const places[3] = {"input", "relu", "output"};
    struct icl_error err;
    struct bench b;
    build(&b, general, 2);
    const size_t n = BATCH - 5;
    forward(&b, ICL_MODE_DROP, 0, n, 11);
    assert_ok(icl_recorder_layers(&b.recorder, 11, 2, &err));
    struct icl_cells cells;
    struct icl_array histograms;
    assert_ok(icl_cells_read(in_folder("layers.tsv"), &cells, &err));
    assert_ok(icl_npy_read(in_folder("histograms.npy"), &histograms, &err));
    assert_int_equal(cells.rows, 3 * STAGES);
    assert_int_equal(histograms.ndim, 3);
    assert_int_equal(histograms.shape[0], 1);
    assert_int_equal(histograms.shape[1], STAGES);
    for (size_t row = 0; row < cells.rows; row++) {
        const size_t k = row / 3;
        const char *place = places[row % 3];
        double *values = take(&b, k, place, n, general);
        const struct plain p = look(values, values_of(&b, k, n), general);
        assert_string_equal(word(&cells, row, "place"), place);
        assert_string_equal(word(&cells, row, "stage"), k == 0 ? "stage1" : "stage2");
        assert_same(number(&cells, row, "step"), 11);
        assert_same(number(&cells, row, "epoch"), 2);
        /* A few thousand values of size 1: sums in double in another order. */
        assert_near(number(&cells, row, "mean"), p.mean, 1e-12);
        assert_near(number(&cells, row, "sd"), p.sd, 1e-12);
        assert_near(number(&cells, row, "near_zero"), p.near, 1e-13);
        assert_same(number(&cells, row, "least"), p.least);
        assert_same(number(&cells, row, "most"), p.most);
        for (size_t bin = 0; row % 3 == 1 && bin < ICL_HISTOGRAM_BINS; bin++)
            assert_same(histograms.data[k * ICL_HISTOGRAM_BINS + bin], (double)p.histogram[bin]);
        free(values);
    }
    icl_cells_free(&cells);
    icl_array_free(&histograms);
    clear(&b);
}

static void layers_with_relu(void **state)
{
    (void)state;
    check_layers(false);
}

static void layers_with_general_relu(void **state)
{
    (void)state;
    check_layers(true);
}

/* ---- summaries ------------------------------------------------------------------------------------------------ */

/* More than two chunks, values at every edge; the same bits on any number of threads. */
static void summaries(void **state)
{
    (void)state;
    struct icl_error err;
    enum { COUNT = 80001 };
    float *x = malloc(COUNT * sizeof *x);
    double *y = malloc(COUNT * sizeof *y);
    struct icl_summary *part = malloc(icl_summary_chunks(COUNT) * sizeof *part), one, more;
    assert_true(x != NULL && y != NULL && part != NULL);
    assert_true(icl_summary_chunks(COUNT) > 2);
    uint64_t bits = 23;
    for (size_t i = 0; i < COUNT; i++)
        x[i] = (float)((double)(random_bits(&bits) >> 11) * 0x1p-52 * 9 - 8.5);
    x[0] = -7;
    x[1] = 7;
    x[2] = -.35F;
    x[3] = .7F;
    x[4] = 42;
    for (size_t i = 0; i < COUNT; i++)
        y[i] = (double)x[i];
    const struct plain p = look(y, COUNT, true);
    const struct icl_summary_ranges ranges = icl_summary_ranges(true);
    for (unsigned threads = 1; threads <= 3; threads++) {
        struct icl_team *team;
        assert_ok(icl_team_create(threads, &team, &err));
        icl_summarise(icl_kernels(), team, &ranges, x, COUNT, part, threads == 1 ? &one : &more);
        if (threads > 1) assert_memory_equal(&one, &more, sizeof one);
        icl_team_free(team);
    }
    assert_int_equal(one.count, COUNT);
    assert_near(one.sum / COUNT, p.mean, 1e-12);
    assert_near(sqrt(one.square / COUNT - p.mean * p.mean), p.sd, 1e-12);
    assert_near((double)one.near / COUNT, p.near, 1e-13);
    assert_same(one.most, 42);
    assert_same(one.least, p.least);
    for (size_t b = 0; b < ICL_HISTOGRAM_BINS; b++)
        assert_int_equal(one.histogram[b], p.histogram[b]);
    /* NaN is seen in the sum and nowhere counted. */
    x[5] = NAN;
    struct icl_team *team;
    assert_ok(icl_team_create(1, &team, &err));
    icl_summarise(icl_kernels(), team, &ranges, x, COUNT, part, &more);
    assert_true(isnan(more.sum) && isnan(more.square));
    assert_same(more.least, p.least);
    uint64_t inside = 0, before = 0;
    for (size_t b = 0; b < ICL_HISTOGRAM_BINS; b++) {
        inside += more.histogram[b];
        before += one.histogram[b];
    }
    assert_int_equal(inside + (y[5] >= -7 && y[5] <= 7), before);
    icl_team_free(team);
    free(x);
    free(y);
    free(part);
}

/* ---- norms ---------------------------------------------------------------------------------------------------- */

/* Moments of channel c over both batches, by two passes over what the norm of stage k sees. */
static void channel_moments(const float *all, size_t count, size_t channels, size_t c, bool relu, double *mean,
                            double *variance)
{
    double sum = 0, square = 0;
    const double rows = (double)(count / channels);
    for (size_t i = c; i < count; i += channels)
        sum += relu ? fmax((double)all[i], 0) : (double)all[i];
    *mean = sum / rows;
    for (size_t i = c; i < count; i += channels) {
        const double d = (relu ? fmax((double)all[i], 0) : (double)all[i]) - *mean;
        square += d * d;
    }
    *variance = square / rows;
}

static void norms(void **state)
{
    (void)state;
    struct icl_error err;
    struct bench b;
    build(&b, false, 2);
    float *seen[STAGES];
    for (size_t k = 0; k < STAGES; k++)
        seen[k] = malloc(2 * values_of(&b, k, BATCH) * sizeof(float));
    double *running = icl_executor_running(b.executor);
    for (size_t c = 0; c < b.network.norm_channels; c++) {
        running[c] = .1 * (double)c - .3;
        running[b.network.norm_channels + c] = .7 + .05 * (double)c;
    }
    icl_recorder_norms_begin(&b.recorder);
    for (size_t batch = 0; batch < 2; batch++) {
        forward(&b, ICL_MODE_BATCH, batch, BATCH, 0);
        assert_ok(icl_recorder_norms_add(&b.recorder, &err));
        for (size_t k = 0; k < STAGES; k++) {
            const size_t count = values_of(&b, k, BATCH);
            memcpy(seen[k] + batch * count, icl_executor_output(b.executor, b.network.node[b.stage[k]].input[0]),
                   count * sizeof(float));
        }
    }
    assert_ok(icl_recorder_norms_write(&b.recorder, 3, &err));
    struct icl_cells cells;
    assert_ok(icl_cells_read(in_folder("norms.tsv"), &cells, &err));
    assert_int_equal(cells.rows, STAGES);
    for (size_t k = 0; k < STAGES; k++) {
        const struct icl_node *node = &b.network.node[b.stage[k]];
        double run = 0, evaluation = 0, ratio = 0, shift = 0;
        for (size_t c = 0; c < node->channels; c++) {
            double mean, variance;
            const double m = running[node->norm_offset + c];
            const double v = running[b.network.norm_channels + node->norm_offset + c];
            channel_moments(seen[k], 2 * values_of(&b, k, BATCH), node->channels, c, k == 0, &mean, &variance);
            run += v / (double)node->channels;
            evaluation += variance / (double)node->channels;
            ratio += (variance + 1e-5) / (v + 1e-5) / (double)node->channels;
            shift += fabs(m - mean) / sqrt(v + 1e-5) / (double)node->channels;
        }
        assert_same(number(&cells, k, "epoch"), 3);
        assert_string_equal(word(&cells, k, "stage"), node->name);
        assert_same(number(&cells, k, "channels"), (double)node->channels);
        assert_near(number(&cells, k, "running_variance"), run, 1e-13);
        /* The executor's statistics are float outputs summed in double, ours too. */
        assert_near(number(&cells, k, "evaluation_variance"), evaluation, 1e-9);
        assert_near(number(&cells, k, "ratio"), ratio, 1e-9);
        assert_near(number(&cells, k, "mean_shift"), shift, 1e-9);
        free(seen[k]);
    }
    icl_cells_free(&cells);
    clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(summaries),
        cmocka_unit_test(layers_with_relu),
        cmocka_unit_test(layers_with_general_relu),
        cmocka_unit_test(norms),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
