#include "estimators/kendall.h"

#include <math.h>
#include <string.h>

/* Sums over groups of t tied values. */
struct ties {
    uint64_t pairs;                 /* t (t-1) / 2 */
    double weighted, twice, thrice; /* t (t-1) (2t+5); t (t-1); t (t-1) (t-2) */
};

static void add_group(struct ties *ties, size_t count)
{
    const double t = (double)count;
    ties->pairs += (uint64_t)count * (count - 1) / 2;
    ties->twice += t * (t - 1);
    ties->weighted += t * (t - 1) * (2 * t + 5);
    ties->thrice += t * (t - 1) * (t - 2);
}

/* rank[i] = how many different values are below that of sample i; start[v] = how many samples are below value v. */
static struct ties dense_ranks(const struct icl_column *c, uint32_t *rank, uint32_t *start)
{
    struct ties ties = {0};
    size_t values = 0;
    for (size_t r = 0, end; r < c->n; r = end) {
        for (end = r; end < c->n && c->value[c->order[end]] == c->value[c->order[r]]; end++)
            rank[c->order[end]] = (uint32_t)values;
        start[values++] = (uint32_t)r;
        add_group(&ties, end - r);
    }
    return ties;
}

/* Merges two sorted runs; returns how many pairs (left, right) have left > right. No branch on the data: the order of
 * noise cannot be foretold. */
static uint64_t merge(const uint32_t *left, size_t lefts, const uint32_t *right, size_t rights, uint32_t *to)
{
    uint64_t inversions = 0;
    size_t i = 0, j = 0;
    while (i < lefts && j < rights) {
        const bool take = right[j] < left[i];
        to[i + j] = take ? right[j] : left[i];
        inversions += take ? lefts - i : 0;
        j += take;
        i += !take;
    }
    memcpy(to + i + j, left + i, (lefts - i) * sizeof *to);
    memcpy(to + lefts + j, right + j, (rights - j) * sizeof *to);
    return inversions;
}

/* Pairs i < j with v[i] > v[j]; v and spare are used up. */
static uint64_t count_inversions(uint32_t *v, uint32_t *spare, size_t n)
{
    uint64_t inversions = 0;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t from = 0; from < n; from += 2 * width) {
            const size_t middle = from + width < n ? from + width : n, end = middle + width < n ? middle + width : n;
            inversions += merge(v + from, middle - from, v + middle, end - middle, spare + from);
        }
        uint32_t *swap = v;
        v = spare;
        spare = swap;
    }
    return inversions;
}

/* Of samples in order of x, then y: the pairs that tie in both. `at`: their ranks in y. */
static uint64_t joint_ties(const uint32_t *at, const uint32_t *rank_x, const struct icl_column *x)
{
    uint64_t pairs = 0;
    for (size_t r = 1, run = 0; r < x->n; r++) {
        const bool same = at[r] == at[r - 1] && rank_x[x->order[r]] == rank_x[x->order[r - 1]];
        run = same ? run + 1 : 0;
        pairs += run;
    }
    return pairs;
}

static double variance_of(double n, const struct ties *x, const struct ties *y)
{
    double variance = (n * (n - 1) * (2 * n + 5) - x->weighted - y->weighted) / 18;
    variance += x->twice * y->twice / (2 * n * (n - 1));
    if (n > 2) variance += x->thrice * y->thrice / (9 * n * (n - 1) * (n - 2));
    return variance;
}

icl_status icl_kendall(const struct icl_column *x, const struct icl_column *y, struct icl_workspace *workspace,
                       struct icl_kendall *result, struct icl_error *err)
{
    *result = (struct icl_kendall){NAN, NAN, NAN, NAN};
    if (x->state != ICL_COLUMN_REGULAR || y->state != ICL_COLUMN_REGULAR) return ICL_OK;
    const size_t n = x->n;
    const struct icl_mark mark = icl_workspace_mark(workspace);
    uint32_t *rank_x = ICL_TAKE(workspace, n, uint32_t), *rank_y = ICL_TAKE(workspace, n, uint32_t);
    uint32_t *next = ICL_TAKE(workspace, n, uint32_t), *at = ICL_TAKE(workspace, n, uint32_t);
    if (rank_x == NULL || rank_y == NULL || next == NULL || at == NULL) return icl_fail_memory(err, "ranks");
    const struct ties tied_y = dense_ranks(y, rank_y, next), tied_x = dense_ranks(x, rank_x, next);
    /* The samples in order of y, each put behind those of its value of x: by x, then by y. */
    for (size_t r = 0; r < n; r++) {
        const uint32_t i = y->order[r];
        at[next[rank_x[i]]++] = rank_y[i];
    }
    const uint64_t all = (uint64_t)n * (n - 1) / 2, both = joint_ties(at, rank_x, x);
    const uint64_t discordant = count_inversions(at, next, n);
    const uint64_t concordant = all - tied_x.pairs - tied_y.pairs + both - discordant;
    result->s = concordant > discordant ? (double)(concordant - discordant) : -(double)(discordant - concordant);
    result->tau_a = result->s / (double)all;
    result->tau_b = result->s / sqrt((double)(all - tied_x.pairs) * (double)(all - tied_y.pairs));
    result->tau_b = fmax(-1, fmin(1, result->tau_b));
    result->variance = variance_of((double)n, &tied_x, &tied_y);
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}
