/* Both sides of a dropout as arrays; the parameters of a network. */
#include "tests/recorder_support.h"

static void captures(void **state)
{
    (void)state;
    struct icl_error err;
    struct bench b;
    struct icl_capture *capture;
    build(&b, false, 1);
    const struct icl_node *node = &b.network.node[b.stage[0]];
    const size_t positions = node->height * node->width, n[2] = {BATCH, 7};
    float *after = malloc(2 * values_of(&b, 0, BATCH) * sizeof *after);
    assert_non_null(after);
    assert_ok(icl_capture_open(&b.source, n[0] + n[1], &capture, &err));
    for (size_t batch = 0; batch < 2; batch++) {
        forward(&b, ICL_MODE_DROP, batch, n[batch], 100 + (uint32_t)batch);
        memcpy(after + batch * values_of(&b, 0, BATCH), icl_executor_output(b.executor, b.stage[0]),
               values_of(&b, 0, n[batch]) * sizeof *after);
        assert_ok(icl_capture_add(capture, n[batch], &err));
    }
    assert_int_not_equal(access(in_folder("captures/stage1_before.npy"), F_OK), 0);
    assert_ok(icl_capture_close(capture, true, &err));
    assert_int_equal(count_entries(in_folder("captures")), 2); /* the other stage has no dropout */
    struct icl_array x, y;
    assert_ok(icl_npy_read(in_folder("captures/stage1_before.npy"), &x, &err));
    assert_ok(icl_npy_read(in_folder("captures/stage1_after.npy"), &y, &err));
    assert_int_equal(x.ndim, 4);
    assert_int_equal(x.dtype, ICL_F32);
    assert_int_equal(x.shape[0], n[0] + n[1]);
    assert_int_equal(x.shape[1], node->channels);
    assert_int_equal(x.shape[2], node->height);
    assert_int_equal(x.shape[3], node->width);
    size_t shut = 0;
    const size_t count = icl_array_size(&x);
    for (size_t s = 0; s < x.shape[0]; s++)
        for (size_t c = 0; c < node->channels; c++)
            for (size_t p = 0; p < positions; p++) {
                const size_t i = (s * node->channels + c) * positions + p;
                assert_same(y.data[i], (double)after[(s * positions + p) * node->channels + c]);
                shut += y.data[i] == 0 && x.data[i] != 0;
                /* An open gate divides by keep: one rounding in float. */
                if (y.data[i] != 0) assert_near(y.data[i], x.data[i] / keep, 2e-7 * fabs(x.data[i] / keep));
            }
    /* 3100 gates, closed with probability 1/4: 6 standard deviations. */
    assert_near((double)shut / (double)count, 1 - keep, 6 * sqrt(keep * (1 - keep) / (double)count));
    icl_array_free(&x);
    icl_array_free(&y);
    free(after);
    clear(&b);
}

static void dropped_captures_leave_nothing(void **state)
{
    (void)state;
    struct icl_error err;
    struct bench b;
    struct icl_capture *capture;
    build(&b, false, 1);
    unlink(in_folder("captures/stage1_before.npy"));
    unlink(in_folder("captures/stage1_after.npy"));
    assert_ok(icl_capture_open(&b.source, 5, &capture, &err));
    assert_ok(icl_capture_close(capture, false, &err));
    assert_int_equal(count_entries(in_folder("captures")), 0);
    assert_ok(icl_capture_open(&b.source, 5, &capture, &err));
    assert_failure(icl_capture_close(capture, true, &err), ICL_ERR_NUMERIC, &err, "stage1_before", "elements");
    assert_int_equal(count_entries(in_folder("captures")), 0);
    clear(&b);
}

static void parameters(void **state)
{
    (void)state;
    struct icl_error err;
    struct bench b;
    struct icl_cells cells;
    struct icl_array initial;
    build(&b, false, 1);
    assert_ok(icl_record_parameters(&b.network, &b.folder, &err));
    assert_ok(icl_record_initial(&b.network, &b.folder, icl_executor_parameters(b.executor), &err));
    assert_ok(icl_cells_read(in_folder("parameters.tsv"), &cells, &err));
    assert_ok(icl_npy_read(in_folder("initial.npy"), &initial, &err));
    assert_int_equal(cells.rows, b.network.parameters);
    assert_int_equal(initial.ndim, 1);
    assert_int_equal(initial.shape[0], b.network.parameter_count);
    for (size_t i = 0; i < initial.shape[0]; i++)
        assert_same(initial.data[i], (double)icl_executor_parameters(b.executor)[i]);
    assert_string_equal(word(&cells, 0, "name"), "conv1.weight");
    assert_string_equal(word(&cells, 0, "shape"), "(5, 3, 3, 2)");
    double end = 0;
    for (size_t i = 0; i < cells.rows; i++) {
        assert_same(number(&cells, i, "offset"), end);
        end += number(&cells, i, "count");
    }
    assert_same(end, (double)b.network.parameter_count);
    icl_cells_free(&cells);
    icl_array_free(&initial);
    clear(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(captures),
        cmocka_unit_test(dropped_captures_leave_nothing),
        cmocka_unit_test(parameters),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
