/* Sweeps of more than two neurons: total correlation of three (c08), the spectrum of eight (c09). */
#ifndef ICLAB_EXPERIMENTS_MANY_H
#define ICLAB_EXPERIMENTS_MANY_H

#include "experiments/sweep.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { ICL_TRIO = 3, ICL_OCTET = 8, ICL_TRIO_BINS = 6 };

/* Levels of a trio series: TC'(keep), I'(x1;x2)(keep), then I(x1;x3) and I(x2;x3) before. */
enum { ICL_TRIO_TC = 0, ICL_TRIO_I12 = ICL_KEEPS, ICL_TRIO_I13 = 2 * ICL_KEEPS, ICL_TRIO_I23, ICL_TRIO_LEVELS };

/* Three correlated normals (law normal3) behind independent gates. */
struct icl_trio {
    double correlation[ICL_TRIO * ICL_TRIO];
    uint64_t seed;
    size_t blocks, rows;
    struct icl_series tc[ICL_MI_SERIES]; /* decomposition; plug-in with bins fixed before the dropout; Mesner-Shalizi */
    struct trio_bins *bins;
};

icl_status icl_trio_create(struct icl_trio *trio, uint64_t seed, size_t blocks, size_t rows, struct icl_error *err);
void icl_trio_free(struct icl_trio *trio);
icl_status icl_trio_block(struct icl_trio *trio, size_t b, struct icl_workspace *workspace, struct icl_error *err);

/* Levels of the octet: ICL_OCTET eigenvalues (ascending) of the correlation matrix at each keep, then the slope of the
 * off-diagonal correlations against those before, divided by keep. */
enum { ICL_OCTET_SLOPE = ICL_KEEPS * ICL_OCTET, ICL_OCTET_LEVELS = ICL_OCTET_SLOPE + ICL_KEEPS };

/* Eight correlated normals of one common factor and a chain (law normal8) behind independent gates. */
struct icl_octet {
    double correlation[ICL_OCTET * ICL_OCTET];
    uint64_t seed;
    size_t blocks, rows;
    struct icl_series spectrum;
};

icl_status icl_octet_create(struct icl_octet *octet, uint64_t seed, size_t blocks, size_t rows, struct icl_error *err);
void icl_octet_free(struct icl_octet *octet);
icl_status icl_octet_block(struct icl_octet *octet, size_t b, struct icl_workspace *workspace, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
