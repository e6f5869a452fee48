/* Bins of histograms, and the floats at which they begin. */
#ifndef ICLAB_KERNELS_SHARED_HISTOGRAM_H
#define ICLAB_KERNELS_SHARED_HISTOGRAM_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "kernels/host_device.h"

/* floor((z - low) / (high - low) * bins) for low <= z <= high; the last bin for z = high. */
ICL_HD size_t icl_histogram_bin(double z, double low, double high, size_t bins)
{
    const size_t bin = (size_t)((z - low) / (high - low) * (double)bins);
    return bin < bins ? bin : bins - 1;
}

/* A range of bins for values that are floats, by comparisons of floats alone: z lies in it where first[0] <= z <= last,
 * and then in the greatest bin with first[bin] <= z (all roundings of icl_histogram_bin are monotone). near: near_first
 * <= z < near_end. */
enum { ICL_HISTOGRAM_MOST = 64 };
struct icl_histogram_floats {
    float first[ICL_HISTOGRAM_MOST], last, near_first, near_end;
    float scale; /* (z - first[0]) * scale is about the bin */
};

/* The floats in order, -infinity first: numbers icl_float_of_rank(0) .. icl_float_of_rank(ICL_FLOAT_RANKS - 1). */
#define ICL_FLOAT_RANKS UINT32_C(0xFF000002)
static inline float icl_float_of_rank(uint32_t rank)
{
    const uint32_t key = rank + UINT32_C(0x007FFFFF); /* of -infinity */
    const uint32_t bits = key >> 31 != 0 ? key ^ UINT32_C(0x80000000) : ~key;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* What is looked for: the first float from which on `low <= z`, and its bin is at least `bin` (0: any). */
struct icl_histogram_search {
    double low, high;
    size_t bins, bin;
};

static inline bool icl_histogram_reaches(const struct icl_histogram_search *search, float value)
{
    const double z = (double)value;
    if (!(z >= search->low)) return false;
    if (search->bin == 0 || z > search->high) return true;
    return icl_histogram_bin(z, search->low, search->high, search->bins) >= search->bin;
}

/* NaN where there is none. */
static inline float icl_histogram_first(const struct icl_histogram_search *search)
{
    uint32_t below = 0, end = ICL_FLOAT_RANKS; /* the answer's rank is within below .. end */
    while (below < end) {
        const uint32_t middle = below + (end - below) / 2;
        if (icl_histogram_reaches(search, icl_float_of_rank(middle)))
            end = middle;
        else
            below = middle + 1;
    }
    return below == ICL_FLOAT_RANKS ? (float)NAN : icl_float_of_rank(below);
}

/* bins <= ICL_HISTOGRAM_MOST. */
static inline struct icl_histogram_floats icl_histogram_floats_of(double low, double high, size_t bins, double near_low,
                                                                  double near_high)
{
    struct icl_histogram_floats floats;
    struct icl_histogram_search search = {low, high, bins, 0};
    memset(&floats, 0, sizeof floats);
    for (search.bin = 0; search.bin < bins; search.bin++)
        floats.first[search.bin] = icl_histogram_first(&search);
    floats.last = (float)high;
    if ((double)floats.last > high) floats.last = nextafterf(floats.last, -INFINITY);
    search.bin = 0;
    search.low = near_low;
    floats.near_first = icl_histogram_first(&search);
    search.low = near_high;
    floats.near_end = icl_histogram_first(&search);
    floats.scale = (float)((double)bins / (high - low));
    return floats;
}

/* The bin of z, which lies in the range. */
ICL_HD uint32_t icl_histogram_float_bin(const float *first, float scale, uint32_t bins, float z)
{
    const float about = (z - first[0]) * scale;
    uint32_t bin = about < (float)bins ? (uint32_t)about : bins - 1;
    while (bin > 0 && z < first[bin])
        bin--;
    while (bin + 1 < bins && z >= first[bin + 1])
        bin++;
    return bin;
}

#endif
