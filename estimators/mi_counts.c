#include "estimators/mi_counts.h"

#include <math.h>
#include <stdlib.h>

#include "kernels/shared/counts.h"

int icl_counts_shift(uint64_t total)
{
    return icl_fixed_shift(total < 2 ? 0 : (double)total * log((double)total));
}

int64_t icl_counts_term(uint64_t count, int shift)
{
    if (count < 2) return 0;
    return icl_fixed_term((double)count * log((double)count), shift);
}

double icl_counts_information(int64_t joint, int64_t margins, unsigned dimensions, uint64_t total)
{
    if (total == 0) return 0;
    const int shift = icl_counts_shift(total);
    return icl_fixed_information(joint, margins, dimensions, icl_counts_term(total, shift), shift, (double)total);
}

double icl_counts_miller_madow(size_t cells, size_t levels, unsigned dimensions, uint64_t total)
{
    if (total == 0) return 0;
    return icl_fixed_miller_madow((double)cells, (double)levels, dimensions, (double)total);
}

icl_status icl_count_terms_make(struct icl_count_terms *terms, uint64_t total, struct icl_error *err)
{
    const size_t last = total < ICL_COUNT_TERMS_MOST ? (size_t)total : ICL_COUNT_TERMS_MOST;
    int64_t *term = malloc((last + 1) * sizeof *term);
    if (term == NULL) return icl_fail_memory(err, "the logarithms of counts");
    *terms = (struct icl_count_terms){total, icl_counts_shift(total), last + 1, term};
    for (size_t count = 0; count <= last; count++)
        term[count] = icl_counts_term(count, terms->shift);
    return ICL_OK;
}

void icl_count_terms_free(struct icl_count_terms *terms)
{
    free(terms->term);
    *terms = (struct icl_count_terms){0};
}
