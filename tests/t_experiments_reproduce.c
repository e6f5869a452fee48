/* The table of figures, and their tables from runs of known numbers: a stand-in writes what training would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/cells.h"
#include "core/table.h"
#include "experiments/reproduce_internal.h"
#include "tests/near.h"

enum { PATH = 512 };

static char folder[64];
static size_t trained;
static uint64_t diverges; /* the seed that does, in order conv-bn-relu; 0: none */

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/iclab-reproduce-XXXXXX");
    trained = 0;
    diverges = 0;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)type;
    (void)place;
    return remove(path);
}

static int remove_folder(void **state)
{
    (void)state;
    return nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* Validation accuracy after epoch e (from 1): numbers without a pattern that the tables could meet by chance. */
static double accuracy_of(const struct icl_train_spec *spec, size_t e)
{
    return .5 + .3 * (1 - 1 / (double)(e + 1)) + .017 * (double)(int)spec->order +
           .0123 * sin(97.3 * (double)spec->seed + (double)e);
}

static icl_status never_finished(const char *path, const struct icl_train_spec *spec, bool *found,
                                 struct icl_train_result *result, struct icl_error *err)
{
    (void)path;
    (void)spec;
    (void)result;
    (void)err;
    *found = false;
    return ICL_OK;
}

static icl_status train(const struct icl_train_spec *spec, const struct icl_train_options *options,
                        struct icl_train_result *result, struct icl_error *err)
{
    char path[PATH];
    struct icl_table table;
    trained++;
    const bool fails = spec->seed == diverges && spec->order == ICL_ORDER_CONV_BN_RELU;
    const size_t epochs = fails ? 1 : spec->epochs;
    snprintf(path, sizeof path, "%s/epochs.tsv", options->out);
    ICL_TRY(icl_make_folders(options->out, err));
    ICL_TRY(icl_table_open(&table, path, "made up",
                           "epoch\tsteps\trate\ttrain_loss\ttrain_accuracy\topen_loss\topen_accuracy\tvalid_loss\t"
                           "valid_accuracy",
                           err));
    for (size_t e = 1; e <= epochs; e++) {
        const double a = accuracy_of(spec, e), row[] = {.1, 1 - a, a - .02, 1.1 - a, a + .01, 1.2 - a, a};
        icl_table_count(&table, e);
        icl_table_count(&table, 10 * e);
        for (size_t i = 0; i < sizeof row / sizeof *row; i++)
            icl_table_number(&table, row[i]);
    }
    ICL_TRY(icl_table_close(&table, err));
    *result = (struct icl_train_result){.outcome = ICL_OUTCOME_FINISHED,
                                        .steps = 10 * epochs,
                                        .epochs = epochs,
                                        .valid_accuracy = accuracy_of(spec, epochs)};
    if (!fails) return ICL_OK;
    result->outcome = ICL_OUTCOME_DIVERGED;
    result->valid_accuracy = NAN;
    return ICL_OK;
}

static struct icl_reproduce_options options_of(const char *figure)
{
    return (struct icl_reproduce_options){
        .figure = figure,
        .data = "planted-12x12x1-3",
        .runs = {.out = folder, .threads = 1, .quiet = true, .train = train, .read = never_finished}};
}

/* ---- spread --------------------------------------------------------------------------------------------------- */

static void test_spread(void **state)
{
    (void)state;
    double value[] = {.81, NAN, .87, .84, .79};
    const struct spread s = spread_of(value, 5);
    assert_int_equal(s.n, 4);
    assert_near(s.mean, .8275, 1e-15);
    assert_near(s.sd, .035, 1e-12); /* deviations -.0175 .0425 .0125 -.0375: squares .003675 over 3 */
    assert_near(s.se, .0175, 1e-12);
    /* Student's t, 3 degrees of freedom, .975: 3.182446305 (tables) */
    assert_near(s.lo, .8275 - 3.182446305 * .0175, 1e-9);
    assert_near(s.hi, .8275 + 3.182446305 * .0175, 1e-9);
    assert_near(s.median, .825, 1e-15);
    assert_true(s.lowest == .79 && s.highest == .87);
    double one[] = {NAN, .25}, none[] = {NAN};
    const struct spread single = spread_of(one, 2), empty = spread_of(none, 1);
    assert_true(single.n == 1 && single.mean == .25 && single.median == .25 && isnan(single.lo));
    assert_true(empty.n == 0 && isnan(empty.mean) && isnan(empty.median));
}

/* ---- the table of figures ------------------------------------------------------------------------------------- */

static void test_figures(void **state)
{
    (void)state;
    for (size_t i = 0; i < figure_kind_count; i++) {
        const struct figure_kind *k = &figure_kinds[i];
        assert_ptr_equal(icl_figure_at(i), &k->text);
        assert_non_null(k->data[0]);
        assert_non_null(k->arm[0].label);
        assert_non_null(k->script[0]);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(k->text.name, figure_kinds[j].text.name);
            assert_string_not_equal(k->stem, figure_kinds[j].stem);
        }
        for (size_t s = 0; s < FIGURE_SCRIPTS && k->script[s] != NULL; s++) {
            char path[PATH];
            snprintf(path, sizeof path, "plots/%s.gp", k->script[s]);
            assert_int_equal(access(path, R_OK), 0);
        }
    }
    assert_null(icl_figure_at(figure_kind_count));
}

/* The specifications of every figure in both sizes are sound, and all different. Only the runs: no tables. */
static void test_specifications(void **state)
{
    (void)state;
    for (size_t i = 0; i < figure_kind_count; i++)
        for (int full = 0; full <= 1; full++) {
            const struct figure_kind *k = &figure_kinds[i];
            struct icl_reproduce_options o = options_of(k->text.name);
            struct icl_error err;
            bool stopped;
            size_t arms = 0;
            while (arms < FIGURE_ARMS && k->arm[arms].label != NULL)
                arms++;
            o.full = full;
            o.seeds = 2;
            o.epochs = full ? 10 : 2;
            o.runs.leave = true;
            trained = 0;
            assert_int_equal(icl_reproduce(&o, NULL, &stopped, &err), ICL_OK);
            assert_int_equal(trained, 2 * arms);
        }
    /* One folder a run: no two runs of a figure have one name. */
    char command[PATH];
    snprintf(command, sizeof command, "test $(ls %s/runs | wc -l) -ge 60", folder);
    assert_int_equal(system(command), 0);
}

static void test_bad_usage(void **state)
{
    (void)state;
    struct icl_error err;
    bool stopped;
    struct icl_reproduce_options o = options_of("no-such-figure");
    assert_int_equal(icl_reproduce(&o, NULL, &stopped, &err), ICL_ERR_USAGE);
    assert_non_null(strstr(err.message, "no-such-figure"));
    o = options_of("synergy");
    o.net = "no-such-net";
    assert_int_equal(icl_reproduce(&o, NULL, &stopped, &err), ICL_ERR_USAGE);
    o = options_of("synergy");
    o.data = NULL; /* its own or a stand-in: an empty folder has neither */
    o.runs.root = folder;
    assert_int_equal(icl_reproduce(&o, NULL, &stopped, &err), ICL_ERR_INPUT);
    assert_non_null(strstr(err.message, "mnist"));
    assert_int_equal(trained, 0);
    char path[PATH];
    snprintf(path, sizeof path, "%s/runs", folder);
    assert_int_not_equal(access(path, F_OK), 0); /* nothing was written */
}

/* ---- tables --------------------------------------------------------------------------------------------------- */

static double number(const struct icl_cells *cells, size_t row, const char *column)
{
    size_t c;
    double value;
    assert_int_equal(icl_cells_column(cells, column, &c, NULL), ICL_OK);
    assert_int_equal(icl_cell_number(cells, row, c, &value, NULL), ICL_OK);
    return value;
}

static void read_table(struct icl_cells *cells, const char *name)
{
    char path[PATH];
    struct icl_error err;
    snprintf(path, sizeof path, "%s/tables/%s.tsv", folder, name);
    assert_int_equal(icl_cells_read(path, cells, &err), ICL_OK);
}

static void test_tables(void **state)
{
    (void)state;
    struct icl_reproduce_options o = options_of("thread-comparison");
    struct icl_error err;
    struct icl_cells cells;
    struct icl_train_spec spec = {.order = ICL_ORDER_IC};
    bool stopped;
    char *printed = NULL;
    size_t size;
    FILE *terminal = open_memstream(&printed, &size);
    o.seeds = 3;
    o.epochs = 2;
    diverges = 2;
    setenv("ICLAB_PLOTS", "/nowhere", 1); /* no figures here */
    assert_int_equal(icl_reproduce(&o, terminal, &stopped, &err), ICL_OK);
    fclose(terminal);
    assert_false(stopped);
    assert_int_equal(trained, 15);
    assert_non_null(strstr(printed, "left out: the figures"));
    free(printed);

    double final[3], mean = 0, gain = 0;
    for (spec.seed = 1; spec.seed <= 3; spec.seed++) {
        final[spec.seed - 1] = accuracy_of(&spec, 2);
        mean += final[spec.seed - 1] / 3;
    }
    read_table(&cells, "thread_comparison");
    assert_int_equal(cells.rows, 5);
    assert_near(number(&cells, 1, "mean"), mean, 1e-12);
    assert_near(number(&cells, 0, "diverged"), 1, 0);
    assert_near(number(&cells, 1, "diverged"), 0, 0);
    /* Paired by seed, over the two seeds of which both came through: the noise cancels, orders are .017 apart. */
    assert_near(number(&cells, 1, "difference"), .017, 1e-12);
    assert_near(number(&cells, 1, "difference_lo"), .017, 1e-12);
    icl_cells_free(&cells);

    read_table(&cells, "thread_comparison_runs");
    assert_int_equal(cells.rows, 15);
    assert_true(isnan(number(&cells, 1, "valid_accuracy")));
    assert_near(number(&cells, 5, "valid_accuracy"), final[2], 1e-15);
    assert_near(number(&cells, 5, "seed"), 3, 0);
    icl_cells_free(&cells);

    read_table(&cells, "thread_comparison_curves");
    assert_int_equal(cells.rows, 10);
    spec.order = ICL_ORDER_CONV_BN_RELU;
    spec.seed = 1;
    gain = accuracy_of(&spec, 2);
    spec.seed = 3;
    gain = (gain + accuracy_of(&spec, 2)) / 2;
    assert_near(number(&cells, 0, "seeds"), 3, 0);
    assert_near(number(&cells, 1, "seeds"), 2, 0);
    assert_near(number(&cells, 1, "valid_accuracy"), gain, 1e-12);
    assert_near(number(&cells, 1, "open_accuracy"), gain + .01, 1e-12);
    assert_near(number(&cells, 1, "train_accuracy"), gain - .02, 1e-12);
    icl_cells_free(&cells);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spread),
        cmocka_unit_test(test_figures),
        cmocka_unit_test_setup_teardown(test_specifications, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_bad_usage, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_tables, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
