/* Entropy of a table of counts, nats, with the corrections of its bias. */
#ifndef ICLAB_ESTIMATORS_ENTROPY_COUNTS_H
#define ICLAB_ESTIMATORS_ENTROPY_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "estimators/workspace.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What is done about the bias of -sum p ln p, p = n_i/N, which reads low: by about (cells - 1) / (2N). Zero is
 * Miller-Madow, so that zeroed options have it. */
enum icl_count_correction {
    ICL_CORRECTION_MILLER_MADOW,
    ICL_CORRECTION_NONE,
    ICL_CORRECTION_CHAO_SHEN,
    ICL_CORRECTION_GRASSBERGER,
    ICL_CORRECTION_JAMES_STEIN,
    ICL_CORRECTION_NSB,
    ICL_CORRECTION_COUNT
};

/* The names of the command line: "miller-madow", "none", ... in the order of the enum; NULL ends the list. */
extern const char *const icl_correction_names[ICL_CORRECTION_COUNT + 1];
/* What each of them is, one line for reports. */
extern const char *const icl_correction_texts[ICL_CORRECTION_COUNT + 1];

struct icl_count_entropy {
    double entropy; /* nats */
    double sd;      /* NSB: standard deviation of the posterior; otherwise nan */
};

/* Entropy of the counts count[0..cells-1], N their sum, K = cells, K+ the cells with n_i > 0:
 * none:         -sum p ln p, p = n_i/N (maximum likelihood).
 * miller-madow: that + (K+ - 1) / (2N) (Miller 1955). Too small while cells are yet unseen.
 * chao-shen:    C = 1 - f1/N (f1 cells of one sample; f1 = N counts as N - 1), p = C n_i/N,
 *               -sum p ln p / (1 - (1-p)^N) (Chao & Shen 2003). For many unseen cells; K is not used.
 * grassberger:  ln N - sum n_i G(n_i) / N, G(n) = psi(n) + (-1)^n [psi((n+1)/2) - psi(n/2)] / 2 (Grassberger 2003). For
 *               Poisson counts of mean l, E n G(n) = l ln l + l E1(2l): nearly no bias from l = 1 on. K is not used.
 * james-stein:  plug-in of p = a/K + (1 - a) n_i/N, a = (1 - sum (n_i/N)^2) / ((N - 1) sum (1/K - n_i/N)^2), at most 1
 *               (Hausser & Strimmer 2009). K must be the number of cells that can occur.
 * nsb:          mean of the posterior of H under Dirichlet priors of concentration b, b distributed so that the prior
 *               mean of H is uniform in (0, ln K) (Nemenman, Shafee & Bialek 2002); with its sd. K as above; an excess
 *               of cells costs little. One cell: 0 with sd 0.
 * A table without samples: 0 (sd nan). N must be below 2^53. Correction out of range: ICL_ERR_USAGE; an NSB integral
 * that does not converge: ICL_ERR_NUMERIC. O(cells); NSB: O(cells log cells) and some hundred sums over the distinct
 * counts. The bytes do not depend on where empty cells stand, for NSB on no order at all. */
icl_status icl_entropy_counts(const uint64_t *count, size_t cells, enum icl_count_correction correction,
                              struct icl_workspace *workspace, struct icl_count_entropy *result, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
