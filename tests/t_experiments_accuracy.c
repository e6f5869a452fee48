/* Bench accuracy: the summary against a plain one, the plan, and runs that do not depend on threads and give what the
 * estimators give. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "core/threads.h"
#include "estimators/mi_error.h"
#include "estimators/mi_groups.h"
#include "experiments/accuracy.h"
#include "tests/near.h"

enum { SEED = 77, THREADS_MOST = 5 };

static const struct icl_task *task_named(const char *name)
{
    const struct icl_task *task = icl_task_by_name(name);
    assert_non_null(task);
    return task;
}

/* The bit of a method. */
static uint64_t method_named(const char *name)
{
    struct icl_accuracy_method method;
    for (size_t i = 0; icl_accuracy_method_at(i, &method); i++)
        if (strcmp(method.name, name) == 0) return UINT64_C(1) << i;
    fail_msg("no method %s", name);
    return 0;
}

/* ------------------------------------------------------------------ summary */

enum { DRAWS = 137, HITS = 43 };

static void make_draws(struct icl_accuracy_draw *draws)
{
    const struct icl_stream stream = {.seed = SEED, .purpose = ICL_PURPOSE_LAW, .layer = 1 << 20};
    double u[2 * DRAWS];
    icl_random_uniform(&stream, 0, 2 * DRAWS, u);
    for (size_t i = 0; i < DRAWS; i++)
        draws[i] = (struct icl_accuracy_draw){0.3 + 0.1 * u[i], 0.02 * u[DRAWS + i], i % 3 == 0 && i < 3 * HITS};
}

static void summaries(void **state)
{
    (void)state;
    struct icl_accuracy_draw draws[DRAWS];
    struct icl_accuracy_row row;
    const double truth = 0.3314;
    make_draws(draws);
    draws[5].se = NAN;
    long double sum = 0, squares = 0, error = 0, se = 0, products = 0;
    for (size_t i = 0; i < DRAWS; i++) {
        sum += draws[i].mi;
        squares += (long double)draws[i].mi * draws[i].mi;
        error += ((long double)draws[i].mi - truth) * (draws[i].mi - truth);
        if (i != 5) se += draws[i].se;
        products += draws[i].hit;
    }
    assert_near((double)products, HITS, 0);
    icl_accuracy_summary(ICL_ACCURACY_COVERAGE, draws, DRAWS, truth, &row);
    const double sd = sqrt((double)((squares - sum * sum / DRAWS) / (DRAWS - 1)));
    assert_near(row.truth, truth, 0);
    assert_near(row.mean_error, (double)(sum / DRAWS) - truth, 1e-14);
    assert_near(row.sd, sd, 1e-12);
    assert_near(row.mean_error_se, sd / sqrt(DRAWS), 1e-12);
    assert_near(row.rmse, sqrt((double)(error / DRAWS)), 1e-14);
    assert_near(row.mean_se, (double)(se / (DRAWS - 1)), 1e-14);
    /* the two rates that lie 1.96 of their own standard errors from the observed one */
    const double rate = (double)HITS / DRAWS, z = 1.9599639845400545;
    assert_near(row.rate, rate, 1e-15);
    assert_near((rate - row.rate_lo) / sqrt(row.rate_lo * (1 - row.rate_lo) / DRAWS), z, 1e-9);
    assert_near((row.rate_hi - rate) / sqrt(row.rate_hi * (1 - row.rate_hi) / DRAWS), z, 1e-9);

    icl_accuracy_summary(ICL_ACCURACY_ERROR, draws, DRAWS, truth, &row);
    assert_true(isnan(row.rate) && isnan(row.rate_lo) && isnan(row.rate_hi));
    assert_near(row.sd, sd, 1e-12);
}

static void summaries_at_the_ends(void **state)
{
    (void)state;
    struct icl_accuracy_draw draws[DRAWS];
    struct icl_accuracy_row row;
    make_draws(draws);
    for (size_t i = 0; i < DRAWS; i++) {
        draws[i].hit = false;
        draws[i].se = NAN;
    }
    icl_accuracy_summary(ICL_ACCURACY_ALARMS, draws, DRAWS, 0, &row);
    assert_near(row.rate, 0, 0);
    assert_near(row.rate_lo, 0, 0);
    assert_near(row.rate_hi, 3.8414588206941245 / (DRAWS + 3.8414588206941245), 1e-12);
    assert_near(row.mean_se, NAN, 0);
    for (size_t i = 0; i < DRAWS; i++)
        draws[i].hit = true;
    draws[7].mi = NAN;
    icl_accuracy_summary(ICL_ACCURACY_ALARMS, draws, DRAWS, 0, &row);
    assert_near(row.rate, 1, 0);
    assert_near(row.rate_hi, 1, 0);
    assert_near(row.rate_lo, DRAWS / (DRAWS + 3.8414588206941245), 1e-12);
    assert_true(isnan(row.mean_error) && isnan(row.sd) && isnan(row.rmse) && isnan(row.mean_error_se));
}

/* -------------------------------------------------------------------- plans */

static void every_estimator_is_a_method(void **state)
{
    (void)state;
    struct icl_accuracy_method method;
    for (size_t i = 0; i < ICL_MI_COUNT; i++) {
        assert_true(icl_accuracy_method_at(i, &method));
        assert_string_equal(method.name, icl_mi_names[i]);
        assert_int_equal(method.vectors, icl_mi_takes_groups((enum icl_mi_estimator)i));
        assert_false(method.variant);
    }
    assert_true(icl_accuracy_method_at(ICL_MI_COUNT, &method) && method.variant);
    assert_string_equal(method.name, "decomposition --k 3");
    assert_false(icl_accuracy_method_at(64, &method) || icl_accuracy_method_at(SIZE_MAX, &method));
}

static struct icl_accuracy_group *plan_of(bool full, const char *const *names, size_t name_count, size_t *count)
{
    struct icl_accuracy_group *groups = NULL;
    assert_int_equal(icl_accuracy_plan(full, names, name_count, &groups, count, NULL), ICL_OK);
    return groups;
}

static size_t groups_with(const struct icl_accuracy_group *groups, size_t count, enum icl_accuracy_kind kind,
                          const char *task, size_t n)
{
    size_t found = 0;
    for (size_t g = 0; g < count; g++)
        found += groups[g].kind == kind && strcmp(groups[g].task->name, task) == 0 && groups[g].n == n;
    return found;
}

static void plans(void **state)
{
    (void)state;
    static const size_t sizes[] = {100, 500, 1000, 3000, 5000, 10000};
    static const char *const covered[] = {"binormal",         "half-cube",         "additive-75",
                                          "binormal+gates50", "binormal+shared50", "binormal+relu+gates80"};
    size_t few, many;
    struct icl_accuracy_group *quick = plan_of(false, NULL, 0, &few), *full = plan_of(true, NULL, 0, &many);
    for (size_t t = 0; icl_task_at(t) != NULL; t++) {
        const struct icl_task *task = icl_task_at(t);
        if (task->a > 1) continue;
        for (size_t s = 0; s < 6; s++) {
            assert_int_equal(groups_with(quick, few, ICL_ACCURACY_ERROR, task->name, sizes[s]), 1);
            assert_int_equal(groups_with(full, many, ICL_ACCURACY_ERROR, task->name, sizes[s]), 1);
        }
    }
    for (size_t g = 0; g < few; g++)
        assert_true(quick[g].kind == ICL_ACCURACY_ERROR && quick[g].task->a < 25 && quick[g].replications == 10 &&
                    (quick[g].task->a == 1 || quick[g].n <= ICL_ACCURACY_VECTOR_N));
    for (size_t c = 0; c < 6; c++)
        assert_int_equal(groups_with(full, many, ICL_ACCURACY_COVERAGE, covered[c], 5000), 1);
    size_t alarms = 0;
    for (size_t g = 0; g < many; g++) {
        struct icl_accuracy_method method;
        double truth = NAN;
        assert_int_equal(icl_task_truth(full[g].task, &truth, NULL), ICL_OK);
        if (full[g].kind == ICL_ACCURACY_COVERAGE) assert_true(full[g].replications >= 2000 && truth > 0);
        if (full[g].kind == ICL_ACCURACY_ALARMS) {
            assert_true(full[g].replications >= 3000 && truth == 0 && full[g].permutations == 99);
            assert_true(full[g].methods == (method_named("auto") | method_named("plugin")));
            alarms++;
        }
        assert_true(full[g].methods != 0);
        for (size_t m = 0; m < 64; m++)
            if (full[g].methods >> m & 1) {
                assert_true(icl_accuracy_method_at(m, &method));
                assert_true(method.vectors || full[g].task->a == 1);
                assert_true(method.most_n_full == 0 || full[g].n <= method.most_n_full);
            }
    }
    assert_true(alarms > 0);
    free(quick);
    free(full);
}

static void plans_of_some_tasks(void **state)
{
    (void)state;
    static const char *const names[] = {"half-silent", "additive-75"}, *const wrong[] = {"half-silent", "nonsense"};
    size_t count;
    struct icl_accuracy_group *groups = plan_of(true, names, 2, &count);
    for (size_t g = 0; g < count; g++)
        assert_true(strcmp(groups[g].task->name, names[0]) == 0 || strcmp(groups[g].task->name, names[1]) == 0);
    assert_int_equal(groups_with(groups, count, ICL_ACCURACY_COVERAGE, names[1], 1000), 1);
    assert_int_equal(groups_with(groups, count, ICL_ACCURACY_ALARMS, names[0], 1000), 1);
    free(groups);

    struct icl_error err = {ICL_OK, ""};
    groups = NULL;
    assert_int_equal(icl_accuracy_plan(false, wrong, 2, &groups, &count, &err), ICL_ERR_USAGE);
    assert_non_null(strstr(err.message, "nonsense"));
    assert_null(groups);
}

/* --------------------------------------------------------------------- runs */

static struct icl_accuracy_row *run(const struct icl_accuracy_group *groups, size_t count, unsigned threads,
                                    size_t *rows)
{
    struct icl_accuracy_row *row = NULL;
    assert_int_equal(icl_accuracy_run(groups, count, SEED, threads, true, &row, rows, NULL), ICL_OK);
    return row;
}

static void threads_change_nothing(void **state)
{
    (void)state;
    const uint64_t all = (UINT64_C(1) << ICL_MI_COUNT) - 1;
    const struct icl_accuracy_group groups[] = {
        {ICL_ACCURACY_ERROR, task_named("binormal"), 100, 7, all, 0},
        {ICL_ACCURACY_ERROR, task_named("binormal+shared50"), 250, 3, all, 0},
        {ICL_ACCURACY_COVERAGE, task_named("additive-75"), 200, 5, method_named("auto") | method_named("plugin"), 0},
        {ICL_ACCURACY_ALARMS, task_named("half-silent"), 100, 6, method_named("auto"), 19},
        {ICL_ACCURACY_ERROR, task_named("dense-3"), 150, 4, method_named("ksg1"), 0},
    };
    size_t count, other_count;
    struct icl_accuracy_row *one = run(groups, 5, 1, &count);
    assert_int_equal(count, 2 * ICL_MI_COUNT + 4);
    for (unsigned threads = 2; threads <= THREADS_MOST; threads++) {
        struct icl_accuracy_row *other = run(groups, 5, threads, &other_count);
        assert_int_equal(other_count, count);
        assert_memory_equal(one, other, count * sizeof *one);
        free(other);
    }
    for (size_t r = 0; r < count; r++) {
        const size_t g = r < ICL_MI_COUNT ? 0 : r < 2 * ICL_MI_COUNT ? 1 : r < count - 2 ? 2 : r + 5 - count;
        assert_ptr_equal(one[r].group, &groups[g]);
        if (g < 2) assert_string_equal(one[r].method, icl_mi_names[r % ICL_MI_COUNT]);
        assert_int_equal(isnan(one[r].rate), g < 2 || g == 4);
        assert_int_equal(isnan(one[r].mean_se), g != 2);
    }
    free(one);
}

/* The pair of a replication, prepared. */
static void pair_of(const struct icl_task *task, uint32_t replication, size_t n, struct icl_workspace *ws,
                    struct icl_column pair[2])
{
    double *columns = malloc(2 * n * sizeof *columns);
    assert_non_null(columns);
    assert_int_equal(icl_task_sample(task, SEED, replication, n, columns, NULL), ICL_OK);
    for (int c = 0; c < 2; c++)
        assert_int_equal(icl_column_prepare(&pair[c], columns + (size_t)c * n, n, 1, ws, NULL), ICL_OK);
    free(columns);
}

/* Means over the estimates as a user would get them. */
static void rows_are_what_the_estimators_give(void **state)
{
    (void)state;
    enum { N = 300, REPLICATIONS = 8 };
    const struct icl_task *task = task_named("binormal+gates50");
    const uint64_t methods = method_named("gaussian") | method_named("decomposition --k 5");
    const struct icl_accuracy_group group = {ICL_ACCURACY_COVERAGE, task, N, REPLICATIONS, methods, 0};
    const struct icl_mi_options options[] = {{.estimator = ICL_MI_GAUSSIAN},
                                             {.estimator = ICL_MI_DECOMPOSITION, .k = 5}};
    struct icl_workspace *ws = NULL;
    assert_int_equal(icl_workspace_create(&ws, NULL), ICL_OK);
    double truth = NAN, mean[2] = {0}, se[2] = {0}, hits[2] = {0};
    assert_int_equal(icl_task_truth(task, &truth, NULL), ICL_OK);
    for (uint32_t r = 0; r < REPLICATIONS; r++) {
        struct icl_column pair[2];
        pair_of(task, r, N, ws, pair);
        for (int e = 0; e < 2; e++) {
            struct icl_mi_result result;
            const struct icl_sampling sampling = {{SEED, ICL_PURPOSE_SUBSAMPLE, r, 0}, 0};
            struct icl_interval own;
            assert_int_equal(icl_mi_pair(&pair[0], &pair[1], &options[e], ws, &result, NULL), ICL_OK);
            assert_int_equal(icl_mi_interval(&pair[0], &pair[1], &options[e], &sampling, ws, &own, NULL), ICL_OK);
            assert_near(own.estimate, result.mi, 1e-12); /* the interval is about the estimate */
            mean[e] += result.mi / REPLICATIONS;
            se[e] += own.se / REPLICATIONS;
            hits[e] += own.lo <= truth && truth <= own.hi;
        }
        icl_column_free(&pair[0]);
        icl_column_free(&pair[1]);
    }
    size_t count;
    struct icl_accuracy_row *rows = run(&group, 1, 2, &count);
    assert_int_equal(count, 2);
    assert_string_equal(rows[0].method, "gaussian");
    assert_string_equal(rows[1].method, "decomposition --k 5");
    for (int e = 0; e < 2; e++) {
        assert_near(rows[e].truth, truth, 0);
        assert_near(rows[e].mean_error, mean[e] - truth, 1e-13);
        assert_near(rows[e].mean_se, se[e], 1e-13);
        assert_near(rows[e].rate, hits[e] / REPLICATIONS, 1e-15);
    }
    free(rows);
    icl_workspace_free(ws);
}

/* Vectors: both groups of columns, and each of their own size. */
static void vectors(void **state)
{
    (void)state;
    enum { N = 300, A = 2, B = 3 };
    struct icl_task task = *task_named("dense-2");
    task.b = B;
    const struct icl_accuracy_group group = {ICL_ACCURACY_ERROR, &task, N, 2, method_named("ksg1"), 0};
    struct icl_workspace *ws = NULL;
    assert_int_equal(icl_workspace_create(&ws, NULL), ICL_OK);
    double truth = NAN, mean = 0;
    assert_int_equal(icl_task_truth(&task, &truth, NULL), ICL_OK);
    for (uint32_t r = 0; r < 2; r++) {
        double columns[(A + B) * N];
        struct icl_column column[A + B];
        const struct icl_column *all[A + B];
        assert_int_equal(icl_task_sample(&task, SEED, r, N, columns, NULL), ICL_OK);
        for (size_t j = 0; j < A + B; j++) {
            assert_int_equal(icl_column_prepare(&column[j], columns + j * N, N, 1, ws, NULL), ICL_OK);
            all[j] = &column[j];
        }
        const struct icl_column_group x = {all, A}, y = {all + A, B};
        struct icl_mi_result result;
        assert_int_equal(icl_mi_groups(&x, &y, &(struct icl_mi_options){.estimator = ICL_MI_KSG1}, ws, &result, NULL),
                         ICL_OK);
        mean += result.mi / 2;
        for (size_t j = 0; j < A + B; j++)
            icl_column_free(&column[j]);
    }
    size_t count;
    struct icl_accuracy_row *rows = run(&group, 1, 2, &count);
    assert_near(rows[0].mean_error, mean - truth, 1e-14);
    free(rows);
    icl_workspace_free(ws);

    const struct icl_accuracy_group refused = {ICL_ACCURACY_COVERAGE, &task, N, 2, method_named("ksg1"), 0};
    assert_int_equal(icl_accuracy_run(&refused, 1, SEED, 1, true, &rows, &count, NULL), ICL_ERR_USAGE);
}

/* Coverage where it must be near 0 and near 1, alarms where the pair is dependent beyond doubt. */
static void rates(void **state)
{
    (void)state;
    const struct icl_accuracy_group groups[] = {
        {ICL_ACCURACY_COVERAGE, task_named("binormal+shared50"), 1000, 40, method_named("gaussian"), 0},
        {ICL_ACCURACY_COVERAGE, task_named("binormal"), 1000, 40, method_named("gaussian"), 0},
        {ICL_ACCURACY_ALARMS, task_named("binormal-90"), 100, 20, method_named("plugin"), 19},
        {ICL_ACCURACY_ALARMS, task_named("half-silent"), 100, 200, method_named("plugin"), 19},
    };
    size_t count;
    struct icl_accuracy_row *rows = run(groups, 4, 0, &count);
    assert_near(rows[0].rate, 0, 0);
    assert_true(rows[1].rate > 0.8); /* .95 but for 1e-4 */
    assert_near(rows[2].rate, 1, 0);
    assert_true(rows[3].rate < 0.12); /* .05 but for 1e-4 */
    free(rows);
}

static void failures(void **state)
{
    (void)state;
    struct icl_error err = {ICL_OK, ""};
    struct icl_accuracy_row *rows = NULL;
    size_t count = 5;
    const struct icl_accuracy_group few = {ICL_ACCURACY_ERROR, task_named("binormal"), 4, 3, method_named("ksg1"), 0};
    assert_int_equal(icl_accuracy_run(&few, 1, SEED, 2, true, &rows, &count, &err), ICL_ERR_INPUT);
    struct icl_task no_law = *task_named("binormal");
    no_law.law = "none";
    const struct icl_accuracy_group wrong = {ICL_ACCURACY_ERROR, &no_law, 100, 3, method_named("ksg1"), 0};
    assert_int_equal(icl_accuracy_run(&wrong, 1, SEED, 2, true, &rows, &count, &err), ICL_ERR_USAGE);
    assert_non_null(strstr(err.message, "binormal"));
    assert_null(rows);
    assert_int_equal(count, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(summaries),
        cmocka_unit_test(summaries_at_the_ends),
        cmocka_unit_test(every_estimator_is_a_method),
        cmocka_unit_test(plans),
        cmocka_unit_test(plans_of_some_tasks),
        cmocka_unit_test(threads_change_nothing),
        cmocka_unit_test(rows_are_what_the_estimators_give),
        cmocka_unit_test(vectors),
        cmocka_unit_test(rates),
        cmocka_unit_test(failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
