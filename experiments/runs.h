/* An experiment as a list of independent training runs: each is done once, by whichever process takes it. */
#ifndef ICLAB_EXPERIMENTS_RUNS_H
#define ICLAB_EXPERIMENTS_RUNS_H

#include "trainer/train.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { ICL_RUN_NAME = ICL_SPEC_NAME + 48 };

/* A run of the list. The first four members are the caller's, the others are filled. */
struct icl_run {
    struct icl_train_spec spec;
    size_t record_steps; /* what is recorded beyond the curves, as in struct icl_train_options */
    bool capture;
    size_t capture_images;
    char name[ICL_RUN_NAME]; /* of its folder: icl_run_name */
    bool done;               /* `result` is that of a finished or diverged run */
    struct icl_train_result result;
};

/* The name of a run's folder: that of its specification, and, because recording changes what the folder holds but not
 * the result, "-every2" for record_steps 2 and "-capture500" for the activations of 500 images. */
void icl_run_name(const struct icl_run *run, char buffer[ICL_RUN_NAME]);

/* Where a run stands that is about to begin. */
struct icl_run_note {
    size_t place, count; /* `place` of `count`, from 1 */
    const char *name;
    size_t trained;     /* runs that this process has trained in this call so far */
    double seconds;     /* that they took */
    bool waiting;       /* not a beginning: all that is left is in the hands of other processes */
    const char *folder; /* OUT/runs */
};

struct icl_runs_options {
    const char *out, *root; /* results folder; folder of the data sets, may be NULL */
    unsigned threads;
    struct icl_device *device; /* what trains, borrowed; NULL: the processor */
    bool quiet;
    bool leave; /* runs that others have locked are left out rather than awaited: ranks other than 0 */
    const char *command;
    const volatile int *stop;
    void (*note)(void *context, const struct icl_run_note *note); /* may be NULL */
    void *note_context;
    /* What trains and what reads a result; NULL: icl_train, icl_train_result_read. */
    icl_status (*train)(const struct icl_train_spec *spec, const struct icl_train_options *options,
                        struct icl_train_result *result, struct icl_error *err);
    icl_status (*read)(const char *folder, const struct icl_train_spec *spec, bool *found,
                       struct icl_train_result *result, struct icl_error *err);
};

/* Does the runs of the list that are not done yet, in its order, each in OUT/runs/NAME. Finished ones are reused,
 * unfinished ones resumed. A run is locked (flock on OUT/runs/NAME.lock, which is gone when nobody holds it), so that
 * any number of processes, on machines that share the folder too, can be given the same list: each takes the next run
 * that is free. At the end runs locked by others are awaited, and taken over where their process died. *stopped: asked
 * to stop by options->stop; the run at hand has written its checkpoint. After ICL_OK without *stopped and `leave` every
 * run is done. */
icl_status icl_runs_do(struct icl_run *run, size_t count, const struct icl_runs_options *options, bool *stopped,
                       struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
