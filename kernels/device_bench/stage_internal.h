/* Stages as trials: what stage.c and norm.c share. */
#ifndef ICLAB_KERNELS_DEVICE_BENCH_STAGE_INTERNAL_H
#define ICLAB_KERNELS_DEVICE_BENCH_STAGE_INTERNAL_H

#include "kernels/device_bench/trial_internal.h"

#pragma GCC visibility push(hidden) /* internal: not part of the library */

/* What a stage is, and on what. */
struct stage_form {
    const char *name;
    enum icl_norm_place norm;
    bool act, leaky, dropout, add, kept_gates, add_to; /* add_to: gradients are added to what is there */
    enum icl_gate gate;
    enum icl_tap tap;
    enum icl_storage storage;
    struct icl_shape shape;
};

/* A stage with its arrays, on the device and on the host. */
struct stage_trial {
    const struct stage_form *form;
    struct icl_mask mask;
    struct icl_stage plain; /* of the reference */
    size_t count;
    struct trial_numbers x, add, scale, shift, dy, dtap;
    struct trial_numbers y, tap, dx, dadd, slope;
    struct trial_area *gates, *step;
    float *before_dx, *before_dadd; /* what was there */
};

/* The forms that are checked and those that are measured. */
extern const struct stage_form stage_checked[], stage_measured[];
extern const unsigned stage_checks, stage_measures;
extern const unsigned stage_norm_checks; /* the first of stage_checked: those with a norm */

/* Takes and fills all arrays; NULL after a failure. Sets the label. */
struct stage_trial *stage_trial_make(struct trial *t);
/* The stage as the device takes it, with the pointers of the current set. */
struct icl_device_stage stage_on_device(const struct trial *t, const struct stage_trial *s);
/* The arrays as the reference takes them, all samples; outputs NULL. */
struct icl_stage_data_f32 stage_on_host(const struct stage_trial *s);

#pragma GCC visibility pop

#endif
