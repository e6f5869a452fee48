/* Tables of more than two neurons: total correlation, eigenvalues, condition numbers. */
#include <math.h>

#include "experiments/moments.h"
#include "experiments/multinormal.h"
#include "experiments/tables_internal.h"

static icl_status write_total(const struct run *run, const char *out, struct icl_error *err)
{
    struct icl_table table;
    ICL_TRY(open_table(&table, run, out, "total_correlation",
                       "total correlation of three correlated normals against keep",
                       "keep\testimator\ttotal\tse\tlo\thi\ttotal_law", err));
    icl_status status = ICL_OK;
    for (size_t l = 0; status == ICL_OK && l < ICL_KEEPS; l++) {
        double law;
        status = icl_total_correlation_after_gates(ICL_TRIO, run->trio.correlation, icl_keeps[l], &law, err);
        const struct icl_quantity_context context = {.at = ICL_TRIO_TC + l};
        for (size_t e = 0; status == ICL_OK && e < ICL_MI_SERIES; e++) {
            struct icl_interval interval;
            status = icl_series_interval(&run->trio.tc[e], icl_level_itself, &context, &interval, err);
            icl_table_number(&table, icl_keeps[l]);
            icl_table_text(&table, run->trio.tc[e].estimator);
            table_interval(&table, &interval);
            icl_table_number(&table, law);
        }
    }
    return finish_table(&table, status, err);
}

/* A spectrum with the name under which the tables list it. */
struct spectrum {
    const char *source;
    const struct icl_series *series;
    const double *keep;
    size_t keeps, d;
};

static icl_status write_eigenvalues(struct icl_table *table, const struct spectrum *s, struct icl_error *err)
{
    for (size_t l = 0; l < s->keeps; l++) {
        for (size_t r = 0; r < s->d; r++) {
            struct icl_interval before, interval;
            const struct icl_quantity_context first = {.at = r}, here = {.at = l * s->d + r};
            ICL_TRY(icl_series_interval(s->series, icl_level_itself, &first, &before, err));
            ICL_TRY(icl_series_interval(s->series, icl_level_itself, &here, &interval, err));
            icl_table_text(table, s->source);
            icl_table_number(table, s->keep[l]);
            icl_table_count(table, s->d - r); /* rank 1: the largest */
            table_interval(table, &interval);
            icl_table_number(table, s->keep[l] * before.estimate + 1 - s->keep[l]);
        }
    }
    return ICL_OK;
}

static double condition(const double *level, size_t levels, const void *context)
{
    (void)levels;
    const struct icl_quantity_context *c = context;
    return level[c->at * c->d + c->d - 1] / level[c->at * c->d];
}

static icl_status write_conditions(struct icl_table *table, const struct spectrum *s, struct icl_error *err)
{
    double level[ICL_MOST_LEVELS], covariance[ICL_MOST_LEVELS * ICL_MOST_LEVELS];
    ICL_TRY(icl_series_covariance(s->series, level, covariance, err));
    for (size_t l = 0; l < s->keeps; l++) {
        struct icl_interval interval;
        const struct icl_quantity_context context = {.at = l, .d = s->d};
        const double q = s->keep[l];
        ICL_TRY(icl_series_interval(s->series, condition, &context, &interval, err));
        icl_table_text(table, s->source);
        icl_table_number(table, q);
        table_interval(table, &interval);
        icl_table_number(table, (q * level[s->d - 1] + 1 - q) / (q * level[0] + 1 - q));
        icl_table_number(table, q < 1 ? (q * level[s->d - 1] + 1 - q) / (1 - q) : INFINITY);
    }
    return ICL_OK;
}

static icl_status write_spectra(const struct run *run, const char *out, struct icl_error *err)
{
    struct icl_series units;
    const struct icl_panel *panel = run_panel(run, "fmnist-position-unitbn");
    struct spectrum list[2];
    size_t count = 0;
    if (run->has_octet)
        list[count++] = (struct spectrum){"normal8", &run->octet.spectrum, icl_keeps, ICL_KEEPS, ICL_OCTET};
    if (panel != NULL) {
        ICL_TRY(panel_spectrum(panel, &units, err));
        list[count++] = (struct spectrum){panel->name, &units, icl_panel_keeps, ICL_PANEL_KEEPS, panel->d};
    }
    if (count == 0) return ICL_OK;
    struct icl_table table;
    ICL_TRY(open_table(&table, run, out, "eigenvalues", "eigenvalues of the correlation matrix; the law is q l + 1 - q",
                       "source\tkeep\trank\teigenvalue\tse\tlo\thi\teigenvalue_law", err));
    icl_status status = ICL_OK;
    for (size_t s = 0; s < count && status == ICL_OK; s++)
        status = write_eigenvalues(&table, &list[s], err);
    ICL_TRY(finish_table(&table, status, err));
    ICL_TRY(open_table(&table, run, out, "condition",
                       "condition number of the correlation matrix; the bound holds however singular it was",
                       "source\tkeep\tcondition\tse\tlo\thi\tcondition_law\tcondition_bound", err));
    for (size_t s = 0; s < count && status == ICL_OK; s++)
        status = write_conditions(&table, &list[s], err);
    return finish_table(&table, status, err);
}

icl_status write_many_tables(const struct run *run, const char *out, struct icl_error *err)
{
    if (run->has_trio) ICL_TRY(write_total(run, out, err));
    return write_spectra(run, out, err);
}
