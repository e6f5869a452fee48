#include <math.h>
#include <string.h>

#include "estimators/mi_decomposition_internal.h"

/* A Gaussian is a sum over a grid of products of two narrower ones:
 *   exp(-(x-y)^2/(2h^2)) = 1/sqrt(2 pi) sum_t exp(-(x-t)^2/h^2) exp(-(t-y)^2/h^2),   t = .., -h/2, 0, h/2, h, ..
 * but for a factor within 2 exp(-2 pi^2) = 5.4e-9 of 1: the trapezoidal rule for a Gaussian in t. So every sample is
 * spread once over the nodes near it, and every sum is gathered once. Nodes further off than REACH have weights below
 * exp(-36). */
enum { REACH = 12, SPREAD = 2 * REACH + 1, STEPS_PER_WIDTH = 2 };

/* A sum over the other samples this small is lost in the rounding of the sample's own term: then it is made directly.
 */
static const double ISOLATED = 1e-4;

/* Samples in one or two dimensions, in units of the width of the kernel. */
struct cloud {
    const double *at[2];
    unsigned dimensions;
    size_t n;
};

/* ln of the sum of the kernels of all other samples at sample i. */
static double log_direct_sum(const struct cloud *c, size_t i)
{
    double nearest = INFINITY, sum = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t j = 0; j < c->n; j++) {
            if (j == i) continue;
            double squared = 0;
            for (unsigned a = 0; a < c->dimensions; a++)
                squared += (c->at[a][j] - c->at[a][i]) * (c->at[a][j] - c->at[a][i]);
            if (pass == 0)
                nearest = fmin(nearest, squared);
            else
                sum += exp((nearest - squared) / 2); /* of the nearest: nothing underflows as a whole */
        }
    return log(sum) - nearest / 2;
}

/* Mean over samples of log_direct_sum. */
static double mean_plain(const struct cloud *c)
{
    double sum = 0;
    for (size_t i = 0; i < c->n; i++)
        sum += log_direct_sum(c, i);
    return sum / (double)c->n;
}

/* One axis of the grid: nodes first .. first + nodes - 1, REACH more than the samples need on either side. */
struct axis {
    double first;
    size_t nodes;
};

static struct axis make_axis(const double *at, size_t n)
{
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        low = fmin(low, at[i]);
        high = fmax(high, at[i]);
    }
    const double first = rint(low * STEPS_PER_WIDTH) - REACH, last = rint(high * STEPS_PER_WIDTH) + REACH;
    return (struct axis){first, (size_t)(last - first) + 1};
}

/* The weights of the nodes about one sample on one axis, the first of them, and the kernel of the sample with itself.
 */
struct spread {
    size_t first;
    double weight[SPREAD];
    double self;
};

static struct spread spread_of(const struct axis *axis, double at, const double *falloff)
{
    const double position = at * STEPS_PER_WIDTH, node = rint(position), offset = position - node;
    struct spread s = {.first = (size_t)(node - axis->first) - REACH};
    /* exp(-(offset - m)^2 / 4) = exp(-offset^2 / 4) exp(offset / 2)^m exp(-m^2 / 4) */
    const double centre = exp(-offset * offset / 4), ratio = exp(offset / 2);
    double up = centre, down = centre;
    s.weight[REACH] = centre;
    for (int m = 1; m <= REACH; m++) {
        up *= ratio;
        down /= ratio;
        s.weight[REACH + m] = up * falloff[m];
        s.weight[REACH - m] = down * falloff[m];
    }
    for (int m = 0; m < SPREAD; m++)
        s.self += s.weight[m] * s.weight[m];
    return s;
}

/* grid[row][col] += rows of weights; one row where there is one dimension. */
static void scatter(double *grid, size_t cols, const struct spread *u, const struct spread *v)
{
    for (int a = 0; a < (u != NULL ? SPREAD : 1); a++) {
        double *row = grid + (u != NULL ? u->first + (size_t)a : 0) * cols + v->first;
        const double weight = u != NULL ? u->weight[a] : 1;
        for (int b = 0; b < SPREAD; b++)
            row[b] += weight * v->weight[b];
    }
}

static double gather(const double *grid, size_t cols, const struct spread *u, const struct spread *v)
{
    double column[SPREAD] = {0}, sum = 0;
    for (int a = 0; a < (u != NULL ? SPREAD : 1); a++) {
        const double *row = grid + (u != NULL ? u->first + (size_t)a : 0) * cols + v->first;
        const double weight = u != NULL ? u->weight[a] : 1;
        for (int b = 0; b < SPREAD; b++)
            column[b] += weight * row[b];
    }
    for (int b = 0; b < SPREAD; b++)
        sum += column[b] * v->weight[b];
    return sum;
}

/* Mean over samples of the logarithm of the sum over the others, by the grid. */
static icl_status mean_fast(const struct cloud *c, struct icl_workspace *ws, double *mean, struct icl_error *err)
{
    const bool plane = c->dimensions == 2;
    const double *const last = c->at[c->dimensions - 1];
    const struct axis along = make_axis(last, c->n), across = plane ? make_axis(c->at[0], c->n) : (struct axis){0, 1};
    const struct icl_mark mark = icl_workspace_mark(ws);
    double *grid = across.nodes <= SIZE_MAX / along.nodes ? ICL_TAKE(ws, across.nodes * along.nodes, double) : NULL;
    if (grid == NULL) return icl_fail_memory(err, "the grid of a kernel density");
    memset(grid, 0, across.nodes * along.nodes * sizeof *grid);
    double falloff[REACH + 1];
    for (int m = 0; m <= REACH; m++)
        falloff[m] = exp(-m * m / 4.0);
    struct spread u, v;
    for (size_t i = 0; i < c->n; i++) {
        v = spread_of(&along, last[i], falloff);
        if (plane) u = spread_of(&across, c->at[0][i], falloff);
        scatter(grid, along.nodes, plane ? &u : NULL, &v);
    }
    double sum = 0;
    for (size_t i = 0; i < c->n; i++) {
        v = spread_of(&along, last[i], falloff);
        if (plane) u = spread_of(&across, c->at[0][i], falloff);
        const double all = gather(grid, along.nodes, plane ? &u : NULL, &v);
        const double others = (all - (plane ? u.self : 1) * v.self) / (plane ? 2 * M_PI : sqrt(2 * M_PI));
        sum += others > ISOLATED ? log(others) : log_direct_sum(c, i);
    }
    *mean = sum / (double)c->n;
    icl_workspace_release(ws, mark);
    return ICL_OK;
}

/* (value - mean) / sd; false if all are equal. */
static bool standardise(const double *value, size_t n, double *out)
{
    double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        mean += value[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        out[i] = value[i] - mean;
        squares += out[i] * out[i];
    }
    const double sd = sqrt(squares / (double)n);
    for (size_t i = 0; i < n; i++)
        out[i] /= sd;
    return sd > 0;
}

static icl_status estimate(const double *x, const double *y, size_t n, bool plain, struct icl_workspace *ws, double *mi,
                           struct icl_error *err)
{
    if (n < ICL_MI_KDE_LEAST)
        return icl_fail(err, ICL_ERR_INPUT, "%zu samples are too few for a kernel density (at least %d)", n,
                        ICL_MI_KDE_LEAST);
    const struct icl_mark mark = icl_workspace_mark(ws);
    double *sx = ICL_TAKE(ws, n, double), *sy = ICL_TAKE(ws, n, double);
    double *sum = ICL_TAKE(ws, n, double), *difference = ICL_TAKE(ws, n, double);
    if (!sx || !sy || !sum || !difference) return icl_fail_memory(err, "a kernel density");
    *mi = 0;
    icl_status status = ICL_OK;
    if (standardise(x, n, sx) && standardise(y, n, sy)) {
        const double most = sqrt(1 - 1 / ((double)n * (double)n)), h = pow((double)n, -1.0 / 6);
        double r = 0;
        for (size_t i = 0; i < n; i++)
            r += sx[i] * sy[i] / (double)n;
        r = fmin(fmax(r, -most), most);
        /* the principal axes of the covariance, which do not tell x from y: round kernels there, and equal rounding
         * for a pair that is turned or swapped */
        const double wide = h * sqrt(2 * (1 + r)), narrow = h * sqrt(2 * (1 - r));
        for (size_t i = 0; i < n; i++) {
            sum[i] = (sx[i] + sy[i]) / wide;
            difference[i] = (sx[i] - sy[i]) / narrow;
            sx[i] /= h;
            sy[i] /= h;
        }
        const struct cloud clouds[] = {{{sum, difference}, 2, n}, {{sx, NULL}, 1, n}, {{sy, NULL}, 1, n}};
        double mean[3];
        for (int c = 0; c < 3 && status == ICL_OK; c++) {
            if (plain)
                mean[c] = mean_plain(&clouds[c]);
            else
                status = mean_fast(&clouds[c], ws, &mean[c], err);
        }
        if (status == ICL_OK) *mi = mean[0] - mean[1] - mean[2] + log((double)n - 1) - log1p(-r * r) / 2;
    }
    icl_workspace_release(ws, mark);
    return status;
}

icl_status icl_mi_kde_points(const double *x, const double *y, size_t n, struct icl_workspace *workspace, double *mi,
                             struct icl_error *err)
{
    return estimate(x, y, n, false, workspace, mi, err);
}

icl_status icl_mi_kde_plain(const double *x, const double *y, size_t n, struct icl_workspace *workspace, double *mi,
                            struct icl_error *err)
{
    return estimate(x, y, n, true, workspace, mi, err);
}

icl_status icl_mi_kde(const struct icl_column *x, const struct icl_column *y, unsigned k,
                      enum icl_count_correction correction, struct icl_workspace *workspace,
                      struct icl_mi_result *result, struct icl_error *err)
{
    const struct icl_decomposition way = {
        .k = k, .correction = correction, .amplitudes = icl_mi_kde_points, .least = ICL_MI_KDE_LEAST};
    if (x->n < ICL_MI_KDE_LEAST)
        return icl_fail(err, ICL_ERR_INPUT, "%zu rows are too few for a kernel density (at least %d)", x->n,
                        ICL_MI_KDE_LEAST);
    if (x->atom_count > 0 || y->atom_count > 0) result->notes |= ICL_MI_NOTE_ATOMS;
    return icl_mi_decompose(x, y, &way, workspace, result, err);
}
