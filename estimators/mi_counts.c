#include "estimators/mi_counts.h"

#include <math.h>
#include <stdlib.h>

enum { TOTAL_BITS = 58 };

int icl_counts_shift(uint64_t total)
{
    if (total < 2) return 0;
    const double most = (double)total * log((double)total);
    return TOTAL_BITS - 1 - ilogb(most);
}

int64_t icl_counts_term(uint64_t count, int shift)
{
    if (count < 2) return 0;
    return llrint(ldexp((double)count * log((double)count), shift));
}

double icl_counts_information(int64_t joint, int64_t margins, unsigned dimensions, uint64_t total)
{
    if (total == 0) return 0;
    const int shift = icl_counts_shift(total);
    const int64_t sum = joint - margins + (int64_t)(dimensions - 1) * icl_counts_term(total, shift);
    return ldexp((double)sum, -shift) / (double)total;
}

double icl_counts_miller_madow(size_t cells, size_t levels, unsigned dimensions, uint64_t total)
{
    if (total == 0) return 0;
    return ((double)cells - (double)levels + (double)dimensions - 1) / (2 * (double)total);
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
