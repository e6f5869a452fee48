/* CIFAR's binary formats, in files made here. */
#include "tests/data_support.h"

#include "trainer/data.h"

enum { PLANE = 32 * 32, SIZE = 3 * PLANE, TEN = 1 + SIZE, HUNDRED = 2 + SIZE, A_FILE = 3 };

/* Record r of a file; random but for its labels. */
static void fill(uint8_t *record, size_t labels, size_t r)
{
    uint64_t random = 1000 + r;
    for (size_t i = 0; i < labels + SIZE; i++)
        record[i] = (uint8_t)random_bits(&random);
    record[0] = (uint8_t)(r * 3 % 10);
    if (labels == 2) record[1] = (uint8_t)(99 - r);
}

static uint8_t ten[6][A_FILE * TEN], hundred[2][A_FILE * HUNDRED];
static const char *const ten_names[] = {"cifar-10/data_batch_1.bin", "cifar-10/data_batch_2.bin",
                                        "cifar-10/data_batch_3.bin", "cifar-10/data_batch_4.bin",
                                        "cifar-10/data_batch_5.bin", "cifar-10/test_batch.bin"};

static int write_good(void **state)
{
    (void)state;
    for (size_t f = 0; f < 6; f++) {
        for (size_t r = 0; r < A_FILE; r++)
            fill(ten[f] + r * TEN, 1, f * A_FILE + r);
        write_bytes(placed(ten_names[f]), ten[f], sizeof ten[f]);
    }
    for (size_t f = 0; f < 2; f++) {
        for (size_t r = 0; r < A_FILE; r++)
            fill(hundred[f] + r * HUNDRED, 2, f * A_FILE + r);
        write_bytes(placed(f == 0 ? "cifar-100-binary/train.bin" : "cifar-100-binary/test.bin"), hundred[f],
                    sizeof hundred[f]);
    }
    return 0;
}

static void assert_sample(const struct icl_data *data, size_t i, const uint8_t *record, size_t labels)
{
    struct icl_error err;
    const struct icl_data_info *info = icl_data_info(data);
    float image[SIZE];
    uint32_t label = 777;
    assert_ok(icl_data_batch(data, NULL, 0, 0, NULL, i, 1, NULL, image, &label, &err));
    assert_int_equal(label, record[labels - 1]);
    for (size_t p = 0; p < PLANE; p++)
        for (size_t c = 0; c < 3; c++) {
            const double wanted = (record[labels + c * PLANE + p] / 255. - (double)info->mean[c]) / (double)info->sd[c];
            assert_true(fabs((double)image[p * 3 + c] - wanted) < 2e-6); /* float rounding of values up to 3 */
        }
}

static void reads_both_kinds(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_data *data;
    assert_ok(icl_data_open("cifar-10", ICL_SPLIT_TRAIN, 0, 0, folder, &data, &err));
    assert_int_equal(icl_data_info(data)->count, 5 * A_FILE);
    assert_int_equal(icl_data_info(data)->channels, 3);
    for (size_t i = 0; i < 5 * A_FILE; i++)
        assert_sample(data, i, ten[i / A_FILE] + i % A_FILE * TEN, 1);
    icl_data_close(data);
    assert_ok(icl_data_open("cifar-10", ICL_SPLIT_VALID, 0, 32, folder, &data, &err));
    assert_int_equal(icl_data_info(data)->count, A_FILE);
    assert_sample(data, 2, ten[5] + 2 * TEN, 1);
    icl_data_close(data);
    for (int split = 0; split < 2; split++) {
        assert_ok(icl_data_open("cifar-100", (enum icl_split)split, 0, 0, folder, &data, &err));
        assert_int_equal(icl_data_info(data)->count, A_FILE);
        assert_int_equal(icl_data_info(data)->classes, 100);
        assert_sample(data, 1, hundred[split] + HUNDRED, 2);
        icl_data_close(data);
    }
}

static void a_limit_reads_no_more_files_than_it_needs(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_data *data;
    assert_int_equal(unlink(in_folder(ten_names[2])), 0);
    const size_t limits[] = {1, A_FILE, A_FILE + 1, 2 * A_FILE};
    for (size_t l = 0; l < 4; l++) {
        assert_ok(icl_data_open("cifar-10", ICL_SPLIT_TRAIN, limits[l], 0, folder, &data, &err));
        assert_int_equal(icl_data_info(data)->count, limits[l]);
        const size_t last = limits[l] - 1;
        assert_sample(data, last, ten[last / A_FILE] + last % A_FILE * TEN, 1);
        icl_data_close(data);
    }
    assert_failure(icl_data_open("cifar-10", ICL_SPLIT_TRAIN, 0, 0, folder, &data, &err), ICL_ERR_INPUT, &err,
                   "data_batch_3.bin");
}

static void refuses_bad_files(void **state)
{
    (void)state;
    struct icl_error err;
    struct icl_data *data;
    const char *second = placed(ten_names[1]);
    ten[1][TEN] = 10;
    write_bytes(second, ten[1], sizeof ten[1]);
    assert_failure(icl_data_open("cifar-10", ICL_SPLIT_TRAIN, 0, 0, folder, &data, &err), ICL_ERR_INPUT, &err,
                   "data_batch_2.bin", "byte 3073:", "label 10", "10 classes");
    const size_t sizes[] = {0, 1, TEN - 1, TEN + 1, sizeof ten[1] - 1};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        write_bytes(second, ten[1], sizes[s]);
        assert_failure(icl_data_open("cifar-10", ICL_SPLIT_TRAIN, 0, 0, folder, &data, &err), ICL_ERR_INPUT, &err,
                       "data_batch_2.bin", "3073");
    }
    hundred[0][HUNDRED] = 20;
    write_bytes(placed("cifar-100-binary/train.bin"), hundred[0], sizeof hundred[0]);
    assert_failure(icl_data_open("cifar-100", ICL_SPLIT_TRAIN, 0, 0, folder, &data, &err), ICL_ERR_INPUT, &err,
                   "train.bin", "byte 3074", "label 20", "20 coarse classes");
    hundred[0][HUNDRED] = 19;
    hundred[0][HUNDRED + 1] = 100;
    write_bytes(placed("cifar-100-binary/train.bin"), hundred[0], sizeof hundred[0]);
    assert_failure(icl_data_open("cifar-100", ICL_SPLIT_TRAIN, 0, 0, folder, &data, &err), ICL_ERR_INPUT, &err,
                   "byte 3075", "label 100", "100 classes");
    assert_failure(icl_data_open("cifar-10", ICL_SPLIT_TRAIN, 0, 0, "/nowhere", &data, &err), ICL_ERR_INPUT, &err,
                   "iclab data fetch cifar-10");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(reads_both_kinds, write_good),
        cmocka_unit_test_setup(a_limit_reads_no_more_files_than_it_needs, write_good),
        cmocka_unit_test_setup(refuses_bad_files, write_good),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
