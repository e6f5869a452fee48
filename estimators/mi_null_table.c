#include "estimators/mi_null_table.h"

#include <math.h>
#include <stdlib.h>

#include "core/threads.h"
#include "estimators/mi_permutation.h"

/* Grid point 0 has no atom; 1 .. ICL_NULL_POINTS have one. A cell is a pair of points, the lower one first: an estimate
 * does not tell x from y. */
enum { POINTS = ICL_NULL_POINTS + 1, CELLS = POINTS * (POINTS + 1) / 2, DRAWS_AT_ONCE = 32, LEAST_CONTINUOUS = 2 };

struct icl_mi_null_table {
    size_t n;
    struct icl_mi_options options;
    unsigned draws;
    uint64_t seed;
    size_t points;        /* point 0 and those that differ */
    size_t atoms[POINTS]; /* samples in the atom, ascending */
    double angle[POINTS];
    bool asked[CELLS];
    double *sorted[CELLS]; /* draws, ascending; NULL where not filled */
    struct icl_column column[POINTS];
};

bool icl_mi_null_sharable(enum icl_mi_estimator estimator)
{
    return estimator == ICL_MI_AUTO || estimator == ICL_MI_DECOMPOSITION || estimator == ICL_MI_PLUGIN;
}

static double angle_of(size_t atoms, size_t n)
{
    return asin(sqrt((double)atoms / (double)n));
}

/* The least count of an atom (column.h), and the greatest beside at least two other values. */
static void make_grid(struct icl_mi_null_table *table)
{
    const size_t n = table->n, share = n / ICL_ATOM_MIN_SHARE;
    const size_t least = share > ICL_ATOM_MIN_COUNT ? share : ICL_ATOM_MIN_COUNT;
    table->points = 1;
    if (n < least + LEAST_CONTINUOUS) return;
    const double low = angle_of(least, n), high = angle_of(n - LEAST_CONTINUOUS, n);
    for (unsigned g = 0; g < ICL_NULL_POINTS; g++) {
        const double sine = sin(low + (high - low) * g / (ICL_NULL_POINTS - 1));
        const size_t atoms = (size_t)rint((double)n * sine * sine);
        if (atoms == table->atoms[table->points - 1]) continue;
        table->atoms[table->points] = atoms;
        table->angle[table->points++] = angle_of(atoms, n);
    }
}

icl_status icl_mi_null_table_create(struct icl_mi_null_table **table, size_t n, const struct icl_mi_options *options,
                                    unsigned draws, uint64_t seed, struct icl_error *err)
{
    *table = NULL;
    if (!icl_mi_null_sharable(options->estimator))
        return icl_fail(err, ICL_ERR_USAGE, "the null distribution of %s depends on the values: no table can be shared",
                        (unsigned)options->estimator < ICL_MI_COUNT ? icl_mi_names[options->estimator] : "this number");
    if (n < 2 || draws < 1)
        return icl_fail(err, ICL_ERR_INPUT, "a null table of %u draws for %zu rows: at least 1 and 2 are needed", draws,
                        n);
    if (draws > ICL_NULL_MOST_BYTES / sizeof(double) / CELLS)
        return icl_fail(err, ICL_ERR_INPUT, "a null table of %u draws: at most %zu fit", draws,
                        ICL_NULL_MOST_BYTES / sizeof(double) / CELLS);
    struct icl_mi_null_table *made = calloc(1, sizeof *made);
    if (made == NULL) return icl_fail_memory(err, "a null table");
    made->n = n;
    made->options = *options;
    if (options->estimator == ICL_MI_AUTO) made->options.estimator = ICL_MI_DECOMPOSITION;
    made->draws = draws;
    made->seed = seed;
    make_grid(made);
    *table = made;
    return ICL_OK;
}

void icl_mi_null_table_free(struct icl_mi_null_table *table)
{
    if (table == NULL) return;
    for (size_t c = 0; c < CELLS; c++)
        free(table->sorted[c]);
    for (size_t g = 0; g < POINTS; g++)
        icl_column_free(&table->column[g]);
    free(table);
}

/* ---- where a pair stands -------------------------------------------------------------------------------------- */

/* Between grid points g and g + 1, `weight` of the way; weight 0: on point g. */
struct place {
    size_t point;
    double weight;
};

static struct place place_of(const struct icl_mi_null_table *table, size_t atoms)
{
    if (atoms == 0) return (struct place){0, 0};
    size_t g = 1;
    while (g + 1 < table->points && table->atoms[g + 1] <= atoms)
        g++;
    if (g + 1 == table->points || atoms <= table->atoms[g]) return (struct place){g, 0};
    const double angle = angle_of(atoms, table->n);
    return (struct place){g, (angle - table->angle[g]) / (table->angle[g + 1] - table->angle[g])};
}

static size_t cell_of(size_t g, size_t h)
{
    return g < h ? h * (h + 1) / 2 + g : g * (g + 1) / 2 + h;
}

/* A neighbour of a pair on the grid. */
struct corner {
    size_t cell;
    double weight;
};

/* The corners whose weight is not 0: one, two or four. */
static unsigned corners_of(const struct icl_mi_null_table *table, struct icl_null_class x, struct icl_null_class y,
                           struct corner corner[4])
{
    const struct place px = place_of(table, x.atoms), py = place_of(table, y.atoms);
    unsigned count = 0;
    for (unsigned a = 0; a < (px.weight > 0 ? 2 : 1); a++)
        for (unsigned b = 0; b < (py.weight > 0 ? 2 : 1); b++)
            corner[count++] =
                (struct corner){cell_of(px.point + a, py.point + b),
                                (a != 0 ? px.weight : 1 - px.weight) * (b != 0 ? py.weight : 1 - py.weight)};
    return count;
}

struct icl_null_class icl_null_class_of(const struct icl_column *column)
{
    struct icl_null_class class = {.n = column->n, .state = column->state};
    if (column->state != ICL_COLUMN_REGULAR) return class;
    class.atoms = column->atom_count > 0 ? column->atom[0].count : 0;
    class.by_ranks = column->atom_count <= 1 && column->continuous >= LEAST_CONTINUOUS && !column->tied;
    return class;
}

static bool ordinary(struct icl_null_class x, struct icl_null_class y)
{
    return x.state == ICL_COLUMN_REGULAR && y.state == ICL_COLUMN_REGULAR;
}

bool icl_mi_null_table_serves(const struct icl_mi_null_table *table, struct icl_null_class x, struct icl_null_class y)
{
    return x.n == table->n && y.n == table->n && (!ordinary(x, y) || (x.by_ranks && y.by_ranks));
}

void icl_mi_null_table_ask(struct icl_mi_null_table *table, struct icl_null_class x, struct icl_null_class y)
{
    if (!icl_mi_null_table_serves(table, x, y) || !ordinary(x, y)) return;
    struct corner corner[4];
    const unsigned corners = corners_of(table, x, y, corner);
    for (unsigned c = 0; c < corners; c++)
        table->asked[corner[c].cell] = true;
}

/* ---- simulation ----------------------------------------------------------------------------------------------- */

/* A cell that is being filled: its number and its two points. */
struct task {
    size_t cell, g, h;
};

struct filling {
    struct icl_mi_null_table *table;
    struct task task[CELLS];
    size_t tasks, pieces; /* pieces of DRAWS_AT_ONCE draws a cell */
    struct icl_workspace **workspaces;
};

/* The column of a grid point: its atom below as many different values as are left. Any such column has these ranks. */
static icl_status make_column(struct icl_mi_null_table *table, size_t g, struct icl_workspace *ws,
                              struct icl_error *err)
{
    if (table->column[g].memory != NULL) return ICL_OK;
    const struct icl_mark mark = icl_workspace_mark(ws);
    double *value = ICL_TAKE(ws, table->n, double);
    if (value == NULL) return icl_fail_memory(err, "a column of a null table");
    for (size_t i = 0; i < table->n; i++)
        value[i] = i < table->atoms[g] ? 0 : (double)(i - table->atoms[g] + 1);
    const icl_status status = icl_column_prepare(&table->column[g], value, table->n, 1, ws, err);
    icl_workspace_release(ws, mark);
    return status;
}

static icl_status draw_piece(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    const struct filling *f = context;
    const struct icl_mi_null_table *table = f->table;
    struct icl_workspace *ws = f->workspaces[worker];
    const struct task *task = &f->task[item / f->pieces];
    const unsigned first = (unsigned)(item % f->pieces) * DRAWS_AT_ONCE;
    const unsigned last = table->draws - first < DRAWS_AT_ONCE ? table->draws : first + DRAWS_AT_ONCE;
    const struct icl_mark mark = icl_workspace_mark(ws);
    uint32_t *permutation = ICL_TAKE(ws, table->n, uint32_t);
    if (permutation == NULL) return icl_fail_memory(err, "a permutation");
    struct icl_mi_shuffled shuffled;
    ICL_TRY(
        icl_mi_shuffled_begin(&table->column[task->g], &table->column[task->h], &table->options, ws, &shuffled, err));
    /* layer 0 is that of permutation tests */
    struct icl_stream stream = {table->seed, ICL_PURPOSE_PERMUTE, (uint32_t)task->cell + 1, 0};
    for (unsigned d = first; d < last; d++) {
        stream.step = d;
        icl_random_permutation(&stream, table->n, permutation);
        ICL_TRY(icl_mi_shuffled_estimate(&shuffled, permutation, ws, &table->sorted[task->cell][d], err));
    }
    icl_workspace_release(ws, mark);
    return ICL_OK;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static icl_status sort_cell(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    (void)worker;
    (void)err;
    const struct filling *f = context;
    qsort(f->table->sorted[f->task[item].cell], f->table->draws, sizeof(double), ascending);
    return ICL_OK;
}

/* The cells that were asked for and have no draws yet, with memory for them. */
static icl_status plan_cells(struct filling *f, struct icl_workspace *ws, struct icl_error *err)
{
    struct icl_mi_null_table *table = f->table;
    for (size_t g = 0; g < table->points; g++)
        for (size_t h = g; h < table->points; h++) {
            const size_t cell = cell_of(g, h);
            if (table->asked[cell] && table->sorted[cell] == NULL) f->task[f->tasks++] = (struct task){cell, g, h};
        }
    for (size_t t = 0; t < f->tasks; t++) {
        const struct task *task = &f->task[t];
        ICL_TRY(make_column(table, task->g, ws, err));
        ICL_TRY(make_column(table, task->h, ws, err));
        table->sorted[task->cell] = malloc(table->draws * sizeof(double));
        if (table->sorted[task->cell] == NULL) return icl_fail_memory(err, "a null table");
    }
    return ICL_OK;
}

icl_status icl_mi_null_table_fill(struct icl_mi_null_table *table, unsigned threads, struct icl_error *err)
{
    const unsigned workers = threads != 0 ? threads : icl_processor_count();
    struct filling filling = {.table = table};
    ICL_TRY(icl_workspaces_create(&filling.workspaces, workers, err));
    icl_status status = plan_cells(&filling, filling.workspaces[0], err);
    filling.pieces = (table->draws - 1) / DRAWS_AT_ONCE + 1;
    if (status == ICL_OK) status = icl_parallel_for(workers, filling.tasks * filling.pieces, draw_piece, &filling, err);
    if (status == ICL_OK) status = icl_parallel_for(workers, filling.tasks, sort_cell, &filling, err);
    for (size_t t = 0; t < filling.tasks && status != ICL_OK; t++) { /* no cell stays half filled */
        free(table->sorted[filling.task[t].cell]);
        table->sorted[filling.task[t].cell] = NULL;
    }
    icl_workspaces_free(filling.workspaces, workers);
    return status;
}

icl_status icl_mi_null_table_p(const struct icl_mi_null_table *table, struct icl_null_class x, struct icl_null_class y,
                               double observed, double *p, struct icl_error *err)
{
    struct corner corner[4];
    *p = NAN;
    if (!icl_mi_null_table_serves(table, x, y))
        return icl_fail(err, ICL_ERR_INPUT, "the null table does not serve this pair of columns");
    if (isnan(observed)) return ICL_OK;
    if (!ordinary(x, y)) {
        *p = x.state == ICL_COLUMN_NONFINITE || y.state == ICL_COLUMN_NONFINITE ? NAN : 1;
        return ICL_OK;
    }
    const unsigned corners = corners_of(table, x, y, corner);
    for (unsigned c = 0; c < corners; c++)
        if (table->sorted[corner[c].cell] == NULL)
            return icl_fail(err, ICL_ERR_INPUT, "the null table was not filled for this pair of columns");
    /* the first of the ascending null values that is not below `observed` */
    size_t low = 0, high = table->draws;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        double value = 0;
        for (unsigned c = 0; c < corners; c++)
            value += corner[c].weight * table->sorted[corner[c].cell][middle];
        if (value < observed - ICL_MI_ROUNDING)
            low = middle + 1;
        else
            high = middle;
    }
    *p = ((double)(table->draws - low) + 1) / ((double)table->draws + 1);
    return ICL_OK;
}
