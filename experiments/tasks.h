/* Tasks of known mutual information for measuring estimators: samples of (x, y), x in R^a and y in R^b, and the truth.
 */
#ifndef ICLAB_EXPERIMENTS_TASKS_H
#define ICLAB_EXPERIMENTS_TASKS_H

#include <stddef.h>
#include <stdint.h>

#include "core/status.h"
#include "kernels/kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the samples are drawn from, with its parameter. Independent components of (x, y) unless it says otherwise. */
enum icl_task_family {
    ICL_TASK_LAW,      /* a pair of experiments/laws.h with this rho (nan: the law's own) */
    ICL_TASK_DENSE,    /* standard normals, every two components of (x, y) of correlation rho */
    ICL_TASK_PAIRS,    /* standard normals, (x_1, y_1) and (x_2, y_2) of correlation rho, all else independent */
    ICL_TASK_STUDENT,  /* Student t of nu = 1, 2, ... degrees of freedom, identity dispersion: tied by a common scale */
    ICL_TASK_ADDITIVE, /* x uniform on (0,1), y = x + e u, u uniform on (-1,1): 1 x 1 */
    ICL_TASK_FAMILIES
};

/* What is done to every component then. The first three are invertible and leave the mutual information as it is. */
enum icl_task_image {
    ICL_TASK_PLAIN,
    ICL_TASK_NORMAL_CDF, /* t -> Phi(t) */
    ICL_TASK_HALF_CUBE,  /* t -> t sqrt|t| */
    ICL_TASK_RELU,       /* t -> max(t, 0): of a 1 x 1 Student t only; the ReLU of a normal pair is the law "relu" */
    ICL_TASK_IMAGES
};

/* Last, dropout: Bernoulli gates of `keep`, one for each component or one for all of a sample (shared). */
struct icl_task {
    const char *name; /* as in tables: "binormal", "binormal+gates50", ... */
    size_t a, b;
    enum icl_task_family family;
    const char *law; /* of ICL_TASK_LAW, else NULL */
    double parameter;
    enum icl_task_image image;
    enum icl_gate gate;
    double keep; /* 1: no dropout */
};

/* The tasks, in fixed order; NULL past the last. Those of the benchmark Beyond Normal (Czyz et al., NeurIPS 2023):
 *   binormal                   1 x 1 normal, rho = .75
 *   normal-cdf, half-cube      its images under Phi and t sqrt|t|
 *   additive-10, additive-75   uniform noise, e = .10 and .75
 *   student-1                  bivariate Student t, nu = 1, identity dispersion
 *   dense-2 ... dense-50       n x n normal, all correlations .5: n = 2, 3, 5, 25, 50
 *   pairs-2 ... pairs-25       n x n normal, two pairs of correlation .8: n = 2, 3, 5, 25
 *   student-2-2-2, -3-3-3      Student t, (a, b, nu), identity dispersion
 * Further pairs:
 *   binormal-00, -30, -90, -99 normal, rho = 0, .3, .9, .99
 *   discrete                   the law of that name: a 4 x 4 table
 *   half-silent                independent normals behind independent gates of keep .5
 * Images under dropout: NAME+gates50 (independent gates, keep .5; so 10, 90), NAME+shared50 (one gate),
 * NAME+relu+gates80 (ReLU, then independent gates of keep .8). */
const struct icl_task *icl_task_at(size_t index);
const struct icl_task *icl_task_by_name(const char *name);

/* n independent samples: component j of (x, y) is the contiguous columns[j n .. (j+1) n - 1], x first; (a+b) n values.
 * A pure function of (task, seed, replication): the first samples do not depend on n, and different replications of a
 * seed are independent. Tasks of one family are images of the same draws. Streams: those of the laws and multinormal.h,
 * and layers from ICL_TASK_LAYER on. Work O(n (a+b)^2) for normals, O(n (a+b+nu)) for the rest. */
enum { ICL_TASK_LAYER = 1 << 14 };
icl_status icl_task_sample(const struct icl_task *task, uint64_t seed, uint32_t replication, size_t n, double *columns,
                           struct icl_error *err);

/* The exact I(x;y) in nats, to 1e-7: closed forms, determinants, and behind gates
 *   independent  the mean over the surviving components, sum over subsets S keep^|S| (1-keep)^(a+b-|S|) I(x_S; y_S)
 *                (theory of c08; at most ICL_TASK_GATED_MAX components)
 *   shared       H_b(keep) + keep I (theory of c06)
 * which holds because nothing is 0 with positive probability; the laws know their own. ReLU of a Student t: its signs
 * are fair and independent of all else, so that ReLU is an independent gate of keep 1/2 on the magnitudes.
 * ICL_ERR_USAGE where no exact value is known. */
enum { ICL_TASK_GATED_MAX = 16 };
icl_status icl_task_truth(const struct icl_task *task, double *mi, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
