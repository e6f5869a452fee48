/* What an array of activations looks like. */
#ifndef ICLAB_TRAINER_SUMMARY_INTERNAL_H
#define ICLAB_TRAINER_SUMMARY_INTERNAL_H

#include "core/team.h"
#include "kernels/kernels.h"
#include "trainer/train.h"

/* Over all values; what is not finite counts in sum and square (they become nan or inf) and nowhere else. */
struct icl_summary {
    double sum, square;
    uint64_t near, count;
    double least, most; /* +inf and -inf where there is no number */
    uint64_t histogram[ICL_HISTOGRAM_BINS];
};

/* The ranges that go with a nonlinearity. */
struct icl_summary_ranges {
    double low, high, near_low, near_high;
};
struct icl_summary_ranges icl_summary_ranges(bool general_relu);

/* Chunks of the array, of a size that depends on nothing: parts of icl_summarise. */
size_t icl_summary_chunks(size_t count);

/* Sums in double over the chunks, which are added in order: the same bits on any number of threads. `part` has room for
 * icl_summary_chunks(count). */
void icl_summarise(const struct kernels *kernels, struct icl_team *team, const struct icl_summary_ranges *ranges,
                   const float *values, size_t count, struct icl_summary *part, struct icl_summary *out);

#endif
