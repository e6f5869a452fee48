#include "estimators/distance_correlation.h"

#include <float.h>
#include <math.h>
#include <string.h>

struct point {
    double y, x;
};

/* What the distances of one column come to. */
struct distances {
    double *row;    /* sum over j of |z_i - z_j| */
    double total;   /* of all rows */
    double squares; /* sum over i, j of |z_i - z_j|^2 */
    double rows2;   /* sum over i of row[i]^2 */
};

/* With the samples in order, |z_i - z_j| = z_i - z_j for all before: row sums from running sums. */
static void sum_rows(const struct icl_column *c, struct distances *d)
{
    const double n = (double)c->n;
    double sum = 0, square = 0, below = 0;
    for (size_t i = 0; i < c->n; i++)
        sum += c->z[i];
    d->total = d->rows2 = 0;
    for (size_t r = 0; r < c->n; r++) {
        const double z = c->z[c->order[r]], count = (double)r;
        const double row = z * (2 * count - n) + sum - 2 * below;
        below += z;
        square += z * z;
        d->row[c->order[r]] = row;
        d->total += row;
        d->rows2 += row * row;
    }
    d->squares = 2 * (n * square - sum * sum);
}

/* Merges two runs sorted by y, all of the left before all of the right in x; returns the sum over discordant pairs
 * (y_left > y_right) of (x_right - x_left) (y_left - y_right). When a left point is put, all discordant right ones have
 * been: their sums are at hand. No branch on the data: the order of noise cannot be foretold. */
static double merge(const struct point *left, size_t lefts, const struct point *right, size_t rights, struct point *to)
{
    double taken = 0, sum_x = 0, sum_y = 0, sum_xy = 0, discordant = 0;
    size_t i = 0, j = 0;
    while (i < lefts && j < rights) {
        const struct point a = left[i], b = right[j];
        const size_t take = b.y < a.y;
        const double weight = (double)(int)take, rest = 1 - weight;
        to[i + j] = *(take != 0 ? right + j : left + i);
        discordant += rest * (a.y * (sum_x - taken * a.x) + a.x * sum_y - sum_xy);
        taken += weight;
        sum_x += weight * b.x;
        sum_y += weight * b.y;
        sum_xy += weight * (b.x * b.y);
        j += take;
        i += 1 - take;
    }
    for (; i < lefts; i++) {
        const struct point a = left[i];
        to[i + j] = a;
        discordant += a.y * (sum_x - taken * a.x) + a.x * sum_y - sum_xy;
    }
    memcpy(to + lefts + j, right + j, (rights - j) * sizeof *to);
    return discordant;
}

/* The same over all pairs of points in order of x; points and spare are used up. */
static double sum_discordant(struct point *at, struct point *spare, size_t n)
{
    double sum = 0;
    for (size_t width = 1; width < n; width *= 2) {
        double level = 0;
        for (size_t from = 0; from < n; from += 2 * width) {
            const size_t middle = from + width < n ? from + width : n, end = middle + width < n ? middle + width : n;
            level += merge(at + from, middle - from, at + middle, end - middle, spare + from);
        }
        sum += level;
        struct point *swap = at;
        at = spare;
        spare = swap;
    }
    return sum;
}

/* Sum over i, j of |x_i - x_j| |y_i - y_j|. Products of differences add up to that, but for the discordant pairs, whose
 * product is negative: they count twice. */
static double sum_products(const struct icl_column *x, const struct icl_column *y, struct point *at,
                           struct point *spare)
{
    const double n = (double)x->n;
    double sum_x = 0, sum_y = 0, sum_xy = 0;
    for (size_t r = 0; r < x->n; r++) {
        const uint32_t i = x->order[r];
        at[r] = (struct point){y->z[i], x->z[i]};
        sum_x += at[r].x;
        sum_y += at[r].y;
        sum_xy += at[r].x * at[r].y;
    }
    return 2 * (n * sum_xy - sum_x * sum_y) + 4 * sum_discordant(at, spare, x->n);
}

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* sum A_ij B_ij / n^2 from sum a_ij b_ij, sum a_i. b_i., a.. and b.. */
static double biased(double products, double rows, double total_a, double total_b, double n)
{
    return products / (n * n) - 2 * rows / (n * n * n) + total_a / (n * n) * (total_b / (n * n));
}

/* The sum of U-centred products over n(n-3), likewise. */
static double corrected(double products, double rows, double total_a, double total_b, double n)
{
    return (products - 2 * rows / (n - 2) + total_a / (n - 1) * (total_b / (n - 2))) / (n * (n - 3));
}

/* A variance that is rounding alone is 0. */
static double corrected_variance(const struct distances *d, double n)
{
    const double variance = corrected(d->squares, d->rows2, d->total, d->total, n);
    return variance > 64 * DBL_EPSILON * sqrt(n) * d->squares / (n * n) ? variance : 0;
}

/* How much a step of z is in the column's own units. */
static double unit_of(const struct icl_column *c)
{
    const uint32_t low = c->order[0], high = c->order[c->n - 1];
    return (c->value[high] - c->value[low]) / (c->z[high] - c->z[low]);
}

icl_status icl_distance_correlation(const struct icl_column *x, const struct icl_column *y,
                                    struct icl_workspace *workspace, struct icl_distance *result, struct icl_error *err)
{
    *result = (struct icl_distance){NAN, NAN, NAN, NAN};
    if (x->state != ICL_COLUMN_REGULAR || y->state != ICL_COLUMN_REGULAR) return ICL_OK;
    const double n = (double)x->n;
    const struct icl_mark mark = icl_workspace_mark(workspace);
    struct distances a = {.row = ICL_TAKE(workspace, x->n, double)};
    struct distances b = {.row = ICL_TAKE(workspace, x->n, double)};
    struct point *at = ICL_TAKE(workspace, x->n, struct point), *spare = ICL_TAKE(workspace, x->n, struct point);
    if (a.row == NULL || b.row == NULL || at == NULL || spare == NULL) return icl_fail_memory(err, "distances");
    sum_rows(x, &a);
    sum_rows(y, &b);
    const double products = sum_products(x, y, at, spare), rows = dot(a.row, b.row, x->n);
    icl_workspace_release(workspace, mark);

    const double units = unit_of(x) * unit_of(y);
    const double covariance = fmax(0, biased(products, rows, a.total, b.total, n));
    const double variance_x = biased(a.squares, a.rows2, a.total, a.total, n);
    const double variance_y = biased(b.squares, b.rows2, b.total, b.total, n);
    result->covariance = units * covariance;
    result->correlation = sqrt(fmin(1, covariance / (sqrt(variance_x) * sqrt(variance_y))));
    if (x->n < 4) return ICL_OK;
    const double free_covariance = corrected(products, rows, a.total, b.total, n);
    const double spread = sqrt(corrected_variance(&a, n)) * sqrt(corrected_variance(&b, n));
    result->covariance_corrected = units * free_covariance;
    result->correlation_corrected = spread > 0 ? fmax(-1, fmin(1, free_covariance / spread)) : 0;
    return ICL_OK;
}
