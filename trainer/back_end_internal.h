/* What a training run is computed with, behind a table: the processor (back_end_host.c) or a device
 * (back_end_device.c). The run says which steps and which images; a back-end makes them, and shows what the network
 * held. */
#ifndef ICLAB_TRAINER_BACK_END_INTERNAL_H
#define ICLAB_TRAINER_BACK_END_INTERNAL_H

#include "kernels/device.h"
#include "trainer/checkpoint_internal.h"
#include "trainer/data.h"
#include "trainer/executor.h"
#include "trainer/spec.h"
#include "trainer/summary_internal.h"

/* What is borrowed by a back-end. */
struct icl_back_end_source {
    const struct icl_train_spec *spec;
    const struct icl_network *network;
    struct icl_team *team;
    struct icl_device *device; /* NULL: the processor */
    const struct icl_data *train, *valid;
    size_t batch;       /* the largest */
    const size_t *rest; /* the other sizes that batches will have, and how many of them */
    size_t rests;
    void (*say)(void *context, const char *line); /* told what a user may want to know; may be NULL */
    void *say_context;
};

/* One step of training. */
struct icl_planned_step {
    size_t step, epoch; /* both from 0 */
    size_t first, n;    /* images order[first .. first+n-1] of the training split */
    double rate, momentum;
};
struct icl_step_result {
    double loss; /* mean over the images, nats */
    size_t correct;
    double gradient_norm, weight_norm;
    bool diverged; /* one of them is nan or inf; nothing after it was done */
};

/* Steps that one call takes at most. */
enum { ICL_BACK_END_STEPS = 32 };

struct icl_back_end {
    const struct icl_back_end_calls *call;
    void *state;
    char kernels[400]; /* for the headers of tables: "avx512; convolutions: onednn 2.6.3" */
};

struct icl_back_end_calls {
    void (*free)(void *state);

    /* Makes steps[0 .. count-1], all of one epoch, whose order of images is `order` (all of the split; it stays as it
     * is during the epoch). result[i] of each that was made; *made of them, the last of which may have diverged. */
    icl_status (*make)(void *state, const struct icl_planned_step *steps, size_t count, const uint32_t *order,
                       struct icl_step_result *result, size_t *made, struct icl_error *err);
    size_t most_steps; /* of a call, up to ICL_BACK_END_STEPS */

    /* The batch of a step goes forward as it will in the step, gates included, and nothing moves: what the stages hold
     * can then be looked at. */
    icl_status (*preview)(void *state, const struct icl_planned_step *step, const uint32_t *order,
                          struct icl_error *err);
    /* Validation images first .. first+n-1 go forward in mode BATCH or DROP; `step` is that of the gates. */
    icl_status (*forward)(void *state, enum icl_mode mode, size_t first, size_t n, uint32_t step,
                          struct icl_error *err);
    /* Mean loss and accuracy of images places[0 .. count-1] (NULL: the first ones) of a split, without augmentation,
     * gates open, running statistics. */
    icl_status (*evaluate)(void *state, enum icl_split split, const uint32_t *places, size_t count, double *loss,
                           double *accuracy, struct icl_error *err);

    /* ---- what the last preview or forward left ---- */

    /* What came into a stage, stood behind its nonlinearity, and left it. */
    icl_status (*summaries)(void *state, icl_node_id stage, struct icl_summary three[3], struct icl_error *err);
    /* The two sides of a stage's dropout, (n, height, width, channels); *before and *after stay until the next call. */
    icl_status (*sides)(void *state, icl_node_id stage, const float **before, const float **after,
                        struct icl_error *err);
    /* Means, then biased variances, of the last batch in the norms. */
    icl_status (*batch_statistics)(void *state, const double **statistics, struct icl_error *err);

    /* ---- what a checkpoint holds ---- */

    /* The arrays on the host. fetch: they become what the back-end has; send: the reverse. */
    struct icl_train_arrays (*arrays)(void *state);
    icl_status (*fetch)(void *state, struct icl_error *err);
    icl_status (*send)(void *state, struct icl_error *err);
};

/* Takes the memory. Owned: icl_back_end_free, safe on a zeroed struct. */
icl_status icl_back_end_create(const struct icl_back_end_source *source, struct icl_back_end *back_end,
                               struct icl_error *err);
void icl_back_end_free(struct icl_back_end *back_end);

/* Bytes that icl_back_end_create will take. */
struct icl_back_end_memory {
    struct icl_executor_memory network;
    size_t optimiser, batches, data; /* data: images that are kept on the device */
    bool on_device;                  /* all of it is the device's memory */
};
icl_status icl_back_end_measure(const struct icl_back_end_source *source, struct icl_back_end_memory *memory,
                                struct icl_error *err);

/* ---- one for each ------------------------------------------------------------------------------------------------ */

icl_status icl_back_end_host_create(const struct icl_back_end_source *source, struct icl_back_end *back_end,
                                    struct icl_error *err);
icl_status icl_back_end_host_measure(const struct icl_back_end_source *source, struct icl_back_end_memory *memory,
                                     struct icl_error *err);
icl_status icl_back_end_device_create(const struct icl_back_end_source *source, struct icl_back_end *back_end,
                                      struct icl_error *err);
icl_status icl_back_end_device_measure(const struct icl_back_end_source *source, struct icl_back_end_memory *memory,
                                       struct icl_error *err);
/* The executor of a back-end of the processor: for tests. */
struct icl_executor *icl_back_end_host_executor(const struct icl_back_end *back_end);

/* What the norms are computed with. */
#define ICL_TRAIN_NORM_EPSILON  1e-5
#define ICL_TRAIN_NORM_MOMENTUM 0.1

#endif
