/* A peer of `make bench-peers` that answers for iclab. Protocol: see driver.py. A task is timed from the raw columns
 * (sorting included, as the others do), or from prepared ones: what a pair costs when each neuron is in many. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config.h"
#include "estimators/column.h"
#include "estimators/correlation.h"
#include "estimators/mutual_information.h"
#include "kernels/kernels.h"

enum { LINE = 4096, BINS = 16 };
static const double enough_seconds = .1;

static double *raw[2];
static size_t n;
static struct icl_workspace *ws;
static struct icl_error err;

static void or_die(icl_status status)
{
    if (status == ICL_OK) return;
    fprintf(stderr, "peer_iclab: %s\n", err.message);
    exit(icl_status_exit_code(status));
}

static double by(enum icl_mi_estimator estimator, const struct icl_column *x, const struct icl_column *y)
{
    const struct icl_mi_options options = {.estimator = estimator, .k = 3, .bins = BINS};
    struct icl_mi_result result;
    or_die(icl_mi_pair(x, y, &options, ws, &result, &err));
    return result.mi;
}

static double ksg1(const struct icl_column *x, const struct icl_column *y)
{
    return by(ICL_MI_KSG1, x, y);
}

static double mesner_shalizi(const struct icl_column *x, const struct icl_column *y)
{
    return by(ICL_MI_MESNER_SHALIZI, x, y);
}

static double automatic(const struct icl_column *x, const struct icl_column *y)
{
    return by(ICL_MI_AUTO, x, y);
}

static double plugin(const struct icl_column *x, const struct icl_column *y)
{
    return by(ICL_MI_PLUGIN, x, y);
}

static double spearman(const struct icl_column *x, const struct icl_column *y)
{
    double rho;
    or_die(icl_spearman(x, y, ws, &rho, &err));
    return rho;
}

static const struct task {
    const char *name;
    double (*run)(const struct icl_column *x, const struct icl_column *y);
} tasks[] = {
    {"ksg1", ksg1},         {"mesner-shalizi", mesner_shalizi}, {"auto", automatic}, {"plugin", plugin},
    {"spearman", spearman}, {"pearson", icl_pearson},
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void prepare(struct icl_column column[2])
{
    for (int c = 0; c < 2; c++)
        or_die(icl_column_prepare(&column[c], raw[c], n, 1, ws, &err));
}

static void release(struct icl_column column[2])
{
    icl_column_free(&column[0]);
    icl_column_free(&column[1]);
}

static void run(const char *name, bool prepared)
{
    const struct task *task = tasks;
    while (strcmp(task->name, name) != 0)
        if (++task == tasks + sizeof tasks / sizeof *tasks) exit(EXIT_FAILURE);
    struct icl_column column[2];
    double value = 0, taken = 0;
    size_t calls = 0;
    if (prepared) prepare(column);
    const double start = seconds();
    while (taken < enough_seconds) {
        if (!prepared) prepare(column);
        value = task->run(&column[0], &column[1]);
        if (!prepared) release(column);
        calls++;
        taken = seconds() - start;
    }
    if (prepared) release(column);
    printf("%.9g\t%.17g\n", taken / (double)calls, value);
}

static void load(const char *path)
{
    FILE *file = fopen(path, "rb");
    for (int c = 0; c < 2; c++) {
        raw[c] = realloc(raw[c], n * sizeof *raw[c]);
        if (file == NULL || raw[c] == NULL || fread(raw[c], sizeof *raw[c], n, file) != n) {
            fprintf(stderr, "peer_iclab: %s: cannot be read\n", path);
            exit(EXIT_FAILURE);
        }
    }
    fclose(file);
    puts("ok");
}

int main(void)
{
    char line[LINE];
    or_die(icl_workspace_create(&ws, &err));
    while (fgets(line, sizeof line, stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *rest = line;
        const char *word = strsep(&rest, "\t"), *first = strsep(&rest, "\t");
        if (strcmp(word, "versions") == 0) {
            printf("iclab %s, kernels %s\n", ICL_VERSION, icl_kernels()->name);
        } else if (strcmp(word, "load") == 0 && first != NULL && rest != NULL) {
            n = strtoul(first, NULL, 10);
            load(rest);
        } else if (strcmp(word, "run") == 0 && first != NULL) {
            const char *how = rest != NULL ? rest : "raw";
            run(first, strcmp(how, "prepared") == 0);
        }
        fflush(stdout);
    }
    icl_workspace_free(ws);
    free(raw[0]);
    free(raw[1]);
    return 0;
}
