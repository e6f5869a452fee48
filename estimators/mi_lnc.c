#include <math.h>

#include "estimators/mutual_information.h"
#include "estimators/neighbour_counts.h"

/* alpha by k, made by tools/make_lnc_alpha.py; linear in ln k between the rows, constant beyond them. */
static const struct {
    unsigned k;
    double alpha;
} alphas[] = {
    {3, 0.0966},  {4, 0.2206},  {5, 0.3257},   {6, 0.4089},   {7, 0.4730},   {8, 0.5227},  {9, 0.5644},
    {10, 0.6004}, {11, 0.6345}, {12, 0.6615},  {13, 0.6889},  {14, 0.7124},  {15, 0.7336}, {16, 0.7549},
    {17, 0.7728}, {18, 0.7903}, {19, 0.8056},  {20, 0.8200},  {25, 0.8777},  {30, 0.9152}, {40, 0.9539},
    {50, 0.9708}, {70, 0.9857}, {100, 0.9939}, {150, 0.9984}, {200, 0.9998},
};
enum { ALPHAS = sizeof alphas / sizeof *alphas, LEAST_NEIGHBOURS = 3 };

/* Well above the rounding of z next to the extent of a neighbourhood, so that no result depends on the scale. */
static const double LEAST_RATIO = 0x1p-30;

double icl_mi_lnc_alpha(unsigned k)
{
    size_t r = 0;
    while (r < ALPHAS && alphas[r].k < k)
        r++;
    if (r == ALPHAS) return alphas[ALPHAS - 1].alpha;
    if (r == 0 || alphas[r].k == k) return alphas[r].alpha;
    const double from = log(alphas[r - 1].k), share = (log(k) - from) / (log(alphas[r].k) - from);
    return alphas[r - 1].alpha + share * (alphas[r].alpha - alphas[r - 1].alpha);
}

/* ln(V_box / V_pca) of the k neighbours of sample i; 0 where their rectangle has no area. */
static double log_ratio(const double *x, const double *y, size_t i, const uint32_t *neighbour, unsigned k)
{
    double xx = 0, yy = 0, xy = 0, width = 0, height = 0;
    for (unsigned m = 0; m < k; m++) {
        const double dx = x[neighbour[m]] - x[i], dy = y[neighbour[m]] - y[i];
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
        width = fmax(width, fabs(dx));
        height = fmax(height, fabs(dy));
    }
    if (!(width * height > 0)) return 0;
    /* The larger eigenvalue's direction (c, s) of [xx xy; xy yy]: half the angle of (xx - yy, 2 xy), without
     * cancelling. */
    const double difference = xx - yy, length = hypot(difference, 2 * xy);
    double c = 1, s = 0;
    if (length > 0 && difference >= 0) {
        c = sqrt((1 + difference / length) / 2);
        s = xy / (length * c);
    } else if (length > 0) {
        s = sqrt((1 - difference / length) / 2);
        c = xy / (length * s);
    }
    double along = 0, across = 0;
    for (unsigned m = 0; m < k; m++) {
        const double dx = x[neighbour[m]] - x[i], dy = y[neighbour[m]] - y[i];
        along = fmax(along, fabs(c * dx + s * dy));
        across = fmax(across, fabs(c * dy - s * dx));
    }
    const double ratio = along * across / (width * height);
    return -log(fmax(ratio, LEAST_RATIO)); /* neighbours on a line: nothing below rounding is resolved */
}

icl_status icl_mi_lnc(const struct icl_sorted_points *plane, unsigned k, struct icl_workspace *workspace, double *mi,
                      struct icl_error *err)
{
    const size_t n = plane->points.n;
    if (k < LEAST_NEIGHBOURS)
        return icl_fail(err, ICL_ERR_INPUT, "k = %u neighbours are too few for lnc (at least %d)", k, LEAST_NEIGHBOURS);
    ICL_TRY(icl_mi_ksg2_sorted(plane, k, workspace, mi, err));
    const struct icl_mark mark = icl_workspace_mark(workspace);
    double *radius = ICL_TAKE(workspace, n, double);
    uint32_t *neighbour = ICL_TAKE(workspace, n * k, uint32_t), *within = ICL_TAKE(workspace, n, uint32_t);
    if (radius == NULL || neighbour == NULL || within == NULL) return icl_fail_memory(err, "the neighbours of lnc");
    ICL_TRY(icl_nearest(&plane->points, k, radius, within, neighbour, workspace, err));
    const double threshold = -log(icl_mi_lnc_alpha(k));
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        if (within[i] > k) continue; /* which of the tied neighbours would depend on the order of the samples */
        const double excess = log_ratio(plane->points.at[0], plane->points.at[1], i, neighbour + i * k, k);
        if (excess > threshold) sum += excess;
    }
    *mi += sum / (double)n;
    icl_workspace_release(workspace, mark);
    return ICL_OK;
}
