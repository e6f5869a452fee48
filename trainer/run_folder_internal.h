/* The folder of a run: who may write it, what it holds already, its specification and its result. */
#ifndef ICLAB_TRAINER_RUN_FOLDER_INTERNAL_H
#define ICLAB_TRAINER_RUN_FOLDER_INTERNAL_H

#include <limits.h>

#include "trainer/train.h"

struct icl_run_folder {
    int lock; /* an open file, locked while it is; -1: none */
    char path[PATH_MAX - 64];
};

/* The path of `name` in the folder. */
enum { ICL_RUN_PATH = PATH_MAX };
const char *icl_run_path(const struct icl_run_folder *folder, const char *name, char buffer[ICL_RUN_PATH]);

/* What a folder holds, by a look that changes nothing. `begun`: files of a run, of this specification or (unless
 * `resume`) ICL_ERR_INPUT; *finished: its result.json was read into `result`. */
icl_status icl_run_folder_look(const char *path, const char *spec_text, bool resume, bool *finished,
                               struct icl_train_result *result, struct icl_error *err);

/* Makes the folder if it is not there, takes its lock (another process has it: ICL_ERR_INPUT), looks at it as above,
 * removes what an interrupted write left. Owned: icl_run_folder_leave, safe on {.lock = -1}. */
icl_status icl_run_folder_enter(struct icl_run_folder *folder, const char *path, const char *spec_text, bool resume,
                                bool *finished, struct icl_train_result *result, struct icl_error *err);
void icl_run_folder_leave(struct icl_run_folder *folder);

/* spec.txt; result.json, which names the device where there is one (NULL: the processor). By rename. */
icl_status icl_run_write_spec(const struct icl_run_folder *folder, const char *spec_text, struct icl_error *err);
icl_status icl_run_write_result(const struct icl_run_folder *folder, const struct icl_train_spec *spec,
                                const struct icl_train_result *result, const struct icl_device *device,
                                struct icl_error *err);

#endif
