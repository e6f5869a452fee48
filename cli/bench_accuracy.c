/* How far the estimators are off where the truth is known: one table on standard output. Its figure is
 * plots/accuracy.gp: iclab bench accuracy >results/tables/accuracy.tsv, then gnuplot -c plots/accuracy.gp results. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/bench.h"
#include "config.h"
#include "core/table.h"
#include "experiments/accuracy.h"

enum { ACCURACY_SEED = 1, HEADER_SIZE = 4096, LIST_SIZE = 512 };

static const char names[] = "what\ttask\ta\tb\tn\testimator\ttruth\treplications\tmean_error\tmean_error_se\tsd\trmse\t"
                            "mean_se\trate\trate_lo\trate_hi\tpermutations";

/* "kde above n = 3000": the estimators that the plan leaves out for their cost. */
static void list_costly(char *list)
{
    struct icl_accuracy_method method;
    size_t used = 0;
    list[0] = '\0';
    for (size_t i = 0; icl_accuracy_method_at(i, &method); i++)
        if (method.most_n > 0 && used < LIST_SIZE)
            used += (size_t)snprintf(list + used, LIST_SIZE - used, "%s%s above n = %zu", used > 0 ? ", " : "",
                                     method.name, method.most_n);
}

static void write_header(char *header, bool full)
{
    char costly[LIST_SIZE];
    list_costly(costly);
    snprintf(header, HEADER_SIZE,
             "iclab %s bench accuracy --%s\n"
             "units: nats\n"
             "seed: %d; a row is over replications 0 .. replications-1 of it\n"
             "error: mean of estimate - truth, its standard error, sd and root mean square error of one estimate\n"
             "coverage: rate is how often the 95 %% interval holds the truth, mean_se the mean standard error\n"
             "false-alarms: rate is how often the permutation test of independence has p <= %g\n"
             "rate_lo, rate_hi: 95 %% interval of the rate\n"
             "left out: %s%s%s",
             ICL_VERSION, full ? "full" : "quick", ACCURACY_SEED, ICL_ACCURACY_ALPHA,
             full ? ""
                  : "tasks of 25 dimensions and up, fixed numbers of neighbours, coverage and false alarms (--full)",
             costly[0] == '\0' ? (full ? "nothing" : "") : (full ? "" : "; "), costly);
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
