/* Tables of text and numbers together, read whole: what core/table.h writes. */
#ifndef ICLAB_CORE_CELLS_H
#define ICLAB_CORE_CELLS_H

#include <stddef.h>

#include "core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A table of rows x cols cells. Owned: icl_cells_free. */
struct icl_cells {
    size_t rows, cols;
    const char **name; /* cols */
    const char **cell; /* rows x cols, row-major */
    char *text;        /* what they point into */
    char shown[200];   /* the path, for messages */
};

/* Reads a TSV file: `#` lines and blank lines are passed over, then one line of names, then rows. A row of another
 * length, a missing or empty file: ICL_ERR_INPUT naming file and line. `out` is untouched on failure. */
icl_status icl_cells_read(const char *path, struct icl_cells *out, struct icl_error *err);
void icl_cells_free(struct icl_cells *cells);

/* The column called `name`. ICL_ERR_INPUT where there is none. */
icl_status icl_cells_column(const struct icl_cells *cells, const char *name, size_t *column, struct icl_error *err);

static inline const char *icl_cell(const struct icl_cells *cells, size_t row, size_t column)
{
    return cells->cell[row * cells->cols + column];
}

/* A cell as a number ("nan" and "inf" are numbers). Anything else: ICL_ERR_INPUT naming row and column. */
icl_status icl_cell_number(const struct icl_cells *cells, size_t row, size_t column, double *value,
                           struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
