/* Lists of changed labels, as they come with Imagenette and Imagewoof. */
#ifndef ICLAB_TRAINER_NOISY_LABELS_H
#define ICLAB_TRAINER_NOISY_LABELS_H

#include <stddef.h>

#include "core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Labels by path, sorted. Owned: icl_noisy_labels_free. */
struct icl_noisy_labels {
    struct icl_noisy_label {
        const char *path, *label; /* in text */
    } * row;
    size_t count;
    char *text;
};

/* Reads a csv with a line of names, of which it needs `path` and `noisy_labels_N`, N being `noise`; LF or CR LF, no
 * quotes. A missing column or cell, a cell too many, an empty path or label, a path twice, a zero byte, no rows:
 * ICL_ERR_INPUT naming file and line. `out` is untouched on failure. O(n log n). */
icl_status icl_noisy_labels_read(const char *path, int noise, struct icl_noisy_labels *out, struct icl_error *err);
void icl_noisy_labels_free(struct icl_noisy_labels *labels);

/* The label of `path`, or NULL. */
const char *icl_noisy_label(const struct icl_noisy_labels *labels, const char *path);

#ifdef __cplusplus
}
#endif

#endif
