#include <math.h>
#include <string.h>

#include "estimators/local_internal.h"

/* The plane of normal scores within +- REACH is counted in fine cells, as m^1/4 a side; fewer than LEAST_SAMPLES leave
 * them too coarse to tell a jump from a slope. The squares of 2, 4 and 8 cells a side that are compared begin at every
 * half of their side. */
enum { LEAST_SAMPLES = 800, CELLS_AT_1000 = 28, MOST_CELLS = 96, SCALES = 3 };
static const double REACH = 3.6;

/* A jump must explain this share of what neighbouring squares differ by, and stand out of its noise, whose sd was 20 to
 * 30 for independent normal pairs of 600 to 10000 samples. */
static const double LEAST_SHARE = .22, LEAST_JUMP = 60;

/* Counts from the middle outwards, so that turning a column round turns the cells round; the middle rank itself, which
 * has no side, is left out. */
static bool cell_of(double score, double scale, unsigned half, unsigned *cell)
{
    const double away = fabs(score) * scale;
    if (score == 0 || away >= half) return false;
    *cell = score > 0 ? half + (unsigned)away : half - 1 - (unsigned)away;
    return true;
}

/* The chi-square statistic of two counts that should be equal, less its expectation if they are. */
static double difference(uint32_t a, uint32_t b)
{
    if (a + b == 0) return 0;
    const double d = (double)a - (double)b;
    return d * d / (a + b) - 1;
}

/* Sum over the pairs of squares that touch side by side; `sum` holds the counts of quarters of squares, `cells` by
 * `cells`. There are four times as many squares as fit side by side: each counts a quarter. */
static double differences(const uint32_t *sum, unsigned cells)
{
    const unsigned squares = cells - 1;
    double total = 0;
    for (unsigned i = 0; i < squares; i++)
        for (unsigned j = 0; j < squares; j++) {
            const uint32_t *s = sum + (size_t)i * cells + j;
            const uint32_t here = s[0] + s[1] + s[cells] + s[cells + 1];
            if (j + 2 < squares) total += difference(here, s[2] + s[3] + s[cells + 2] + s[cells + 3]);
            if (i + 2 < squares)
                total += difference(here, s[2 * cells] + s[2 * cells + 1] + s[3 * cells] + s[3 * cells + 1]);
        }
    return total / 4;
}

icl_status icl_find_edges(const double *x, const double *y, size_t m, struct icl_workspace *workspace, bool *edges,
                          struct icl_error *err)
{
    *edges = false;
    if (m < LEAST_SAMPLES) return ICL_OK;
    const double wanted = CELLS_AT_1000 * sqrt(sqrt((double)m / 1000));
    unsigned cells = 4 * (unsigned)(wanted / 4 + 0.5);
    if (cells > MOST_CELLS) cells = MOST_CELLS;
    const double scale = cells / (2 * REACH);
    const struct icl_mark mark = icl_workspace_mark(workspace);
    uint32_t *sum = ICL_TAKE(workspace, (size_t)cells * cells, uint32_t);
    if (sum == NULL) return icl_fail_memory(err, "the cells of a plane");
    memset(sum, 0, (size_t)cells * cells * sizeof *sum);
    for (size_t i = 0; i < m; i++) {
        unsigned a, b;
        if (cell_of(x[i], scale, cells / 2, &a) && cell_of(y[i], scale, cells / 2, &b)) sum[(size_t)a * cells + b]++;
    }
    double found[SCALES];
    for (unsigned s = 0; s < SCALES; s++) {
        found[s] = differences(sum, cells);
        cells /= 2;
        for (unsigned i = 0; i < cells; i++) /* in place: what is read lies ahead of what is written */
            for (unsigned j = 0; j < cells; j++) {
                const uint32_t *four = sum + (size_t)2 * i * 2 * cells + 2 * j;
                sum[(size_t)i * cells + j] = four[0] + four[1] + four[2 * cells] + four[2 * cells + 1];
            }
    }
    icl_workspace_release(workspace, mark);
    /* With squares of side h a jump gives J h, a smooth density a h^2 + b h^4 + ..: these weights leave .4375 J h. */
    const double jump = found[0] - 5.0 / 16 * found[1] + found[2] / 64;
    *edges = jump > LEAST_JUMP && jump > LEAST_SHARE * found[0];
    return ICL_OK;
}
