/* How far the estimators are off where the truth is known: one table on standard output. Its figure is
 * plots/accuracy.gp: iclab bench accuracy >results/tables/accuracy.tsv, then gnuplot -c plots/accuracy.gp results. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/bench.h"
#include "config.h"
#include "core/table.h"
#include "experiments/accuracy.h"

enum { ACCURACY_SEED = 1, HEADER_SIZE = 4096 };

static const char names[] = "what\ttask\ta\tb\tn\testimator\ttruth\treplications\tmean_error\tmean_error_se\tsd\trmse\t"
                            "mean_se\trate\trate_lo\trate_hi\tpermutations";

/* Adds a line to the header. */
static void add_line(char *header, const char *format, ...) ICL_PRINTF(2, 3);
static void add_line(char *header, const char *format, ...)
{
    const size_t used = strlen(header);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(header + used, HEADER_SIZE - used, format, arguments);
    va_end(arguments);
}

static void write_header(char *header, bool full)
{
    struct icl_accuracy_method method;
    header[0] = '\0';
    add_line(header, "iclab %s bench accuracy --%s\nunits: nats\n", ICL_VERSION, full ? "full" : "quick");
    add_line(header, "seed: %d; a row is over replications 0 .. replications-1 of it\n", ACCURACY_SEED);
    add_line(header,
             "error: mean of estimate - truth, its standard error; sd and root mean square error of one estimate\n");
    add_line(header,
             "coverage: rate is how often the 95 %% interval holds the truth, mean_se the mean standard error\n");
    add_line(header, "false-alarms: rate is how often the permutation test of independence has p <= %g\n",
             ICL_ACCURACY_ALPHA);
    add_line(header, "rate_lo, rate_hi: 95 %% interval of the rate");
    if (!full)
        add_line(
            header,
            "\nleft out (--full): tasks of 25 dimensions and up; vectors above n = %d; fixed numbers of neighbours; "
            "coverage; false alarms",
            ICL_ACCURACY_VECTOR_N);
    for (size_t i = 0; icl_accuracy_method_at(i, &method); i++) {
        const size_t most_n = full ? method.most_n_full : method.most_n_quick;
        if (most_n > 0) add_line(header, "\nleft out: %s above n = %zu, which is slow", method.name, most_n);
    }
}

static void print_row(struct icl_table *table, const struct icl_accuracy_row *row)
{
    const struct icl_accuracy_group *group = row->group;
    icl_table_text(table, icl_accuracy_kind_names[group->kind]);
    icl_table_text(table, group->task->name);
    icl_table_count(table, group->task->a);
    icl_table_count(table, group->task->b);
    icl_table_count(table, group->n);
    icl_table_text(table, row->method);
    icl_table_number(table, row->truth);
    icl_table_count(table, group->replications);
    const double numbers[] = {row->mean_error, row->mean_error_se, row->sd,      row->rmse,
                              row->mean_se,    row->rate,          row->rate_lo, row->rate_hi};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        icl_table_number(table, numbers[i]);
    icl_table_count(table, group->permutations);
}

icl_status cli_bench_accuracy(const struct cli_bench_settings *settings, struct icl_error *err)
{
    struct icl_accuracy_group *groups = NULL;
    struct icl_accuracy_row *rows = NULL;
    size_t group_count = 0, row_count = 0;
    char header[HEADER_SIZE];
    struct icl_table table;
    ICL_TRY(icl_accuracy_plan(settings->full, settings->tasks, settings->task_count, &groups, &group_count, err));
    icl_status status = icl_accuracy_run(groups, group_count, ACCURACY_SEED, settings->threads,
                                         !isatty(STDERR_FILENO) && !settings->full, &rows, &row_count, err);
    write_header(header, settings->full);
    if (status == ICL_OK) status = icl_table_open(&table, "-", header, names, err);
    if (status == ICL_OK) {
        for (size_t r = 0; r < row_count; r++)
            print_row(&table, &rows[r]);
        status = icl_table_close(&table, err);
    }
    free(rows);
    free(groups);
    return status;
}
