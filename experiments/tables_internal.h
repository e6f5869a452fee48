/* The tables of a run: OUT/tables/NAME.tsv, one function for each source of data. */
#ifndef ICLAB_EXPERIMENTS_TABLES_INTERNAL_H
#define ICLAB_EXPERIMENTS_TABLES_INTERNAL_H

#include "core/table.h"
#include "experiments/run_internal.h"

#pragma GCC visibility push(hidden) /* internal: not part of the library */

/* Opens OUT/tables/`name`.tsv with the common `#` lines (what, units, seed, size, version, command). */
icl_status open_table(struct icl_table *table, const struct run *run, const char *out, const char *name,
                      const char *what, const char *names, struct icl_error *err);

/* The end of every table: closes it if all went well, drops it otherwise; returns the first failure. */
icl_status finish_table(struct icl_table *table, icl_status status, struct icl_error *err);

/* Estimate, se, lo, hi: four cells. */
void table_interval(struct icl_table *table, const struct icl_interval *interval);

icl_status write_sweep_tables(const struct run *run, const char *out, struct icl_error *err);
icl_status write_many_tables(const struct run *run, const char *out, struct icl_error *err);
icl_status write_panel_tables(const struct run *run, const char *out, struct icl_error *err);
icl_status write_trained_tables(const struct run *run, const char *out, struct icl_error *err);  /* of the panels */
icl_status write_training_tables(const struct run *run, const char *out, struct icl_error *err); /* of the runs */
icl_status write_evidence_table(const struct run *run, const char *out, struct icl_error *err);

/* "independent", "shared", "gaussian". */
extern const char *const gate_names[ICL_GATE_COUNT];

#pragma GCC visibility pop

#endif
