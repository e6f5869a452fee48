#include "cli/independence.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "estimators/mi_analytic_null.h"
#include "estimators/mi_permutation.h"

const char *const cli_null_names[] = {"permute", "table", "analytic", NULL};
const char *const cli_fdr_names[] = {"none", "bh", "by", NULL};

bool cli_wants_p(const struct cli_uncertainty *uncertainty)
{
    return uncertainty->permute > 0 || uncertainty->null == CLI_NULL_ANALYTIC;
}

icl_status cli_independence_check(const struct cli_estimator *estimator, const struct cli_uncertainty *u,
                                  struct icl_error *err)
{
    const char *const null = cli_null_names[u->null], *const name = icl_mi_names[estimator->name];
    if (u->null == CLI_NULL_ANALYTIC && !icl_mi_has_analytic_null(estimator->name))
        return icl_fail(err, ICL_ERR_USAGE, "--null analytic: there is no formula for --estimator %s", name);
    if (u->null == CLI_NULL_ANALYTIC && u->permute > 0)
        return icl_fail(err, ICL_ERR_USAGE, "--null analytic draws nothing: leave --permute out");
    if (u->null == CLI_NULL_TABLE && !icl_mi_null_sharable(estimator->name))
        return icl_fail(err, ICL_ERR_USAGE, "--null table: the null of --estimator %s cannot be shared", name);
    if (u->null == CLI_NULL_TABLE && u->permute == 0)
        return icl_fail(err, ICL_ERR_USAGE, "--null table: --permute M is missing, the number of draws");
    if (u->null != CLI_NULL_PERMUTE && u->block > 1)
        return icl_fail(err, ICL_ERR_USAGE, "--block: --null %s holds for independent samples only", null);
    if (u->null != CLI_NULL_PERMUTE && u->stop > 0)
        return icl_fail(err, ICL_ERR_USAGE, "--stop: there is nothing to stop in --null %s", null);
    if (u->stop > 0 && u->permute == 0) return icl_fail(err, ICL_ERR_USAGE, "--stop: --permute M is missing");
    if (u->fdr != CLI_FDR_NONE && !cli_wants_p(u))
        return icl_fail(err, ICL_ERR_USAGE, "--fdr: there are no p-values without --permute M or --null analytic");
    return ICL_OK;
}

icl_status cli_independence_open(struct cli_independence *test, size_t rows, size_t cols,
                                 const struct icl_mi_options *options, const struct cli_uncertainty *uncertainty,
                                 struct icl_error *err)
{
    *test = (struct cli_independence){.uncertainty = uncertainty};
    if (uncertainty->null != CLI_NULL_TABLE) return ICL_OK;
    test->of_column = calloc(cols, sizeof *test->of_column);
    if (test->of_column == NULL) return icl_fail_memory(err, "the classes of columns");
    return icl_mi_null_table_create(&test->table, rows, options, (unsigned)uncertainty->permute, uncertainty->seed,
                                    err);
}

void cli_independence_close(struct cli_independence *test)
{
    icl_mi_null_table_free(test->table);
    free(test->of_column);
    *test = (struct cli_independence){0};
}

void cli_independence_column(struct cli_independence *test, size_t index, const struct icl_column *column)
{
    if (test->of_column != NULL) test->of_column[index] = icl_null_class_of(column);
}

icl_status cli_independence_p(const struct cli_independence *test, const struct cli_source *source,
                              struct cli_pair pair, const struct icl_mi_options *options, double mi,
                              struct icl_workspace *workspace, double *p, struct icl_error *err)
{
    const struct cli_uncertainty *u = test->uncertainty;
    const struct icl_column *x = &source->prepared[pair.i], *y = &source->prepared[pair.j];
    *p = NAN;
    if (u->null == CLI_NULL_ANALYTIC) return icl_mi_analytic_p(x, y, options, mi, workspace, p, err);
    if (test->table != NULL && icl_mi_null_table_serves(test->table, test->of_column[pair.i], test->of_column[pair.j]))
        return ICL_OK;
    const struct icl_permutation_plan plan = {(unsigned)u->permute, (size_t)u->block, (unsigned)u->stop};
    const struct icl_stream stream = {u->seed, ICL_PURPOSE_PERMUTE, 0, 0};
    return icl_mi_permutation_test(x, y, options, mi, &plan, &stream, workspace, p, err);
}

icl_status cli_independence_finish(struct cli_independence *test, const struct cli_source *source,
                                   const struct cli_pairs *pairs, uint64_t threads, const double *mi, double *p,
                                   struct icl_error *err)
{
    if (test->table == NULL) return ICL_OK;
    size_t left = 0;
    for (size_t k = 0; k < pairs->count; k++) {
        const struct cli_pair pair = cli_pair_at(pairs, k);
        icl_mi_null_table_ask(test->table, test->of_column[pair.i], test->of_column[pair.j]);
        left += !icl_mi_null_table_serves(test->table, test->of_column[pair.i], test->of_column[pair.j]);
    }
    ICL_TRY(icl_mi_null_table_fill(test->table, (unsigned)threads, err));
    for (size_t k = 0; k < pairs->count; k++) {
        const struct cli_pair pair = cli_pair_at(pairs, k);
        const struct icl_null_class x = test->of_column[pair.i], y = test->of_column[pair.j];
        if (icl_mi_null_table_serves(test->table, x, y))
            ICL_TRY(icl_mi_null_table_p(test->table, x, y, mi[k], &p[k], err));
    }
    if (left > 0)
        cli_say("note: %s: in %zu of %zu pairs a column has several atoms or ties: their p are from permutations",
                source->name, left, pairs->count);
    return ICL_OK;
}

void cli_independence_meta(const struct cli_uncertainty *u, size_t pairs, json_t *meta)
{
    char text[96];
    if (!cli_wants_p(u)) return;
    if (u->null == CLI_NULL_ANALYTIC)
        snprintf(text, sizeof text, "analytic");
    else
        snprintf(text, sizeof text, "%s, %llu draws", cli_null_names[u->null], (unsigned long long)u->permute);
    cli_meta_text(meta, "null", text);
    if (u->fdr == CLI_FDR_NONE) return;
    snprintf(text, sizeof text, "Benjamini-%s over %zu pairs", u->fdr == CLI_FDR_BH ? "Hochberg" : "Yekutieli", pairs);
    cli_meta_text(meta, "q", text);
}
