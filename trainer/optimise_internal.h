/* The step of the optimiser on the flat array of parameters. */
#ifndef ICLAB_TRAINER_OPTIMISE_INTERNAL_H
#define ICLAB_TRAINER_OPTIMISE_INTERNAL_H

#include "core/team.h"
#include "kernels/kernels.h"
#include "trainer/spec.h"

/* `first`: SGD: velocity (NULL without momentum), Adam: m; `second`: Adam: v. Both begin as zeros. */
struct icl_optimise {
    const struct icl_train_spec *spec;
    const struct kernels *kernels;
    struct icl_team *team;
    size_t count, chunks;
    float *first, *second;
    double *partial; /* chunks: sums that are added in order */
};

/* Whether the optimiser keeps a first array: a velocity, or m. */
bool icl_optimise_has_first(const struct icl_train_spec *spec);
/* Bytes that the arrays will take. */
size_t icl_optimise_memory(const struct icl_train_spec *spec, size_t count);
/* Everything is borrowed. Owned: icl_optimise_free, safe on a zeroed struct. */
icl_status icl_optimise_create(struct icl_optimise *optimise, const struct icl_train_spec *spec,
                               const struct kernels *kernels, struct icl_team *team, size_t count,
                               struct icl_error *err);
void icl_optimise_free(struct icl_optimise *optimise);

/* Euclidean norm, in double over fixed chunks that are added in order; nan or inf if a value is (a finite float's
 * square does not overflow a double). */
double icl_optimise_norm(struct icl_optimise *optimise, const float *values);

/* Changes `weights` in place by the formulas of kernels/layers_template.h; `step` counts from 0. Decay acts on every
 * parameter. Adam's corrections are 1 - momentum^t, 1 - beta2^t with the step's own momentum, t = step + 1. */
void icl_optimise_step(struct icl_optimise *optimise, size_t step, double rate, double momentum, const float *gradient,
                       float *weights);

#endif
