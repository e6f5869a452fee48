/* What the terms of the atom decomposition choose before they are estimated: the number of neighbours from a pilot
 * estimate, and whether the density has edges. Used by estimators/mi_decomposition.c, estimators/edges.c and devices.
 */
#ifndef ICLAB_KERNELS_SHARED_PILOT_H
#define ICLAB_KERNELS_SHARED_PILOT_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels/host_device.h"

/* ---- neighbours -------------------------------------------------------------------------------------------------- */

/* How many neighbours to use where the caller leaves it open. Few neighbours resolve a strong dependence (their bias
 * grows with I k / n), many average the noise of a weak one: k = PILOT_SCALE / I for a pilot value I from coarse bins,
 * within LEAST_K .. MOST_K and at most sqrt(n) / 4. Measured in docs/estimators.md. */
enum { ICL_LEAST_K = 3, ICL_MOST_K = 20, ICL_PILOT_BINS = 9, ICL_MOST_EDGE_K = 7 };
#define ICL_PILOT_SCALE 2.0

ICL_HD unsigned icl_rounded_k(double k, unsigned most)
{
    const unsigned least = ICL_LEAST_K;
    return k >= most ? most : k <= least ? least : (unsigned)(k + 0.5);
}

ICL_HD unsigned icl_pilot_k(double pilot, double n)
{
    const double k = pilot > 0 ? ICL_PILOT_SCALE / pilot : (double)ICL_MOST_K, most = sqrt(n) / 4;
    return icl_rounded_k(k > most ? most : k, ICL_MOST_K);
}

/* With edges: 4 k neighbours are used as well, and stay few against n. */
ICL_HD unsigned icl_edge_k(double n)
{
    return icl_rounded_k(sqrt(n) / 8, ICL_MOST_EDGE_K);
}

/* The equal-count bin of the ranks begin .. end-1, whose values are equal, of m: that of their middle rank.
 * ICL_PILOT_BINS is odd, and a middle on an edge belongs to the inner bin: turning the values round turns the bins
 * round. */
ICL_HD uint32_t icl_pilot_bin(uint64_t begin, uint64_t end, uint64_t m)
{
    const uint64_t twice = (begin + end) * ICL_PILOT_BINS; /* middle rank / m is twice / (2 m) of all bins */
    uint64_t number = twice / (2 * m);
    if (twice % (2 * m) == 0 && number > ICL_PILOT_BINS / 2) number--;
    return (uint32_t)number;
}

/* ---- edges ------------------------------------------------------------------------------------------------------- */

/* The plane of normal scores within +- REACH is counted in fine cells, as m^1/4 a side; fewer than LEAST_SAMPLES leave
 * them too coarse to tell a jump from a slope. The squares of 2, 4 and 8 cells a side that are compared begin at every
 * half of their side. */
enum { ICL_EDGE_LEAST_SAMPLES = 800, ICL_EDGE_CELLS_AT_1000 = 28, ICL_EDGE_MOST_CELLS = 96, ICL_EDGE_SCALES = 3 };
#define ICL_EDGE_REACH 3.6

/* A jump must explain this share of what neighbouring squares differ by, and stand out of its noise, whose sd was 20 to
 * 30 for independent normal pairs of 600 to 10000 samples. */
#define ICL_EDGE_LEAST_SHARE .22
#define ICL_EDGE_LEAST_JUMP  60.0

/* Cells a side for m samples, a multiple of 4. */
ICL_HD unsigned icl_edge_cells(double m)
{
    const double wanted = ICL_EDGE_CELLS_AT_1000 * sqrt(sqrt(m / 1000));
    const unsigned cells = 4 * (unsigned)(wanted / 4 + 0.5), most = ICL_EDGE_MOST_CELLS;
    return cells > most ? most : cells;
}

/* Cells for a unit of scores. */
ICL_HD double icl_edge_scale(unsigned cells)
{
    return cells / (2 * ICL_EDGE_REACH);
}

/* Counts from the middle outwards, so that turning a column round turns the cells round; the middle rank itself, which
 * has no side, is left out. */
ICL_HD bool icl_edge_cell(double score, double scale, unsigned half, unsigned *cell)
{
    const double away = fabs(score) * scale;
    if (score == 0 || away >= half) return false;
    *cell = score > 0 ? half + (unsigned)away : half - 1 - (unsigned)away;
    return true;
}

/* The chi-square statistic of two counts that should be equal, less its expectation if they are. */
ICL_HD double icl_edge_difference(uint32_t a, uint32_t b)
{
    if (a + b == 0) return 0;
    const double d = (double)a - (double)b;
    return d * d / (a + b) - 1;
}

/* The count of a square of four quarters from s on. */
ICL_HD uint32_t icl_edge_four(const uint32_t *s, unsigned cells)
{
    return s[0] + s[1] + s[cells] + s[cells + 1];
}

/* What square (i, j) adds to the sum over the pairs of squares that touch side by side; `sum` holds the counts of
 * quarters of squares, `cells` by `cells`, and i, j < cells - 1. Adds to *total first what lies beside, then what lies
 * below. */
ICL_HD void icl_edge_square(const uint32_t *sum, unsigned cells, unsigned i, unsigned j, double *total)
{
    const unsigned squares = cells - 1;
    const uint32_t *s = sum + (size_t)i * cells + j;
    const uint32_t here = icl_edge_four(s, cells);
    if (j + 2 < squares) *total += icl_edge_difference(here, icl_edge_four(s + 2, cells));
    if (i + 2 < squares) *total += icl_edge_difference(here, icl_edge_four(s + 2 * cells, cells));
}

/* With squares of side h a jump gives J h, a smooth density a h^2 + b h^4 + ..: these weights leave .4375 J h of the
 * sums at the three scales. `slack` widens both limits. */
ICL_HD bool icl_edge_verdict(const double *found, double slack)
{
    const double jump = found[0] - 5.0 / 16 * found[1] + found[2] / 64 + slack;
    return jump > ICL_EDGE_LEAST_JUMP && jump > ICL_EDGE_LEAST_SHARE * found[0];
}

#endif
