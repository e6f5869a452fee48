/* The data sets that iclab knows: where they come from, what they should hold, and where they are on this machine. */
#ifndef ICLAB_TRAINER_DATA_SETS_H
#define ICLAB_TRAINER_DATA_SETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum icl_data_format { ICL_DATA_IDX, ICL_DATA_CIFAR, ICL_DATA_FOLDERS, ICL_DATA_PLANTED };

/* A file of a data set as it is downloaded. */
struct icl_data_file {
    const char *name;    /* the last part of its address; NULL ends a list */
    uint64_t bytes;      /* 0: not known */
    const char *md5;     /* 32 hexadecimal digits; NULL: not known */
    const char *content; /* md5 of what is in it after gunzip; NULL: not known */
};

struct icl_data_set {
    const char *name;
    enum icl_data_format format;
    size_t train, valid, classes;   /* images of each split; 0: counted when it is opened */
    size_t height, width, channels; /* of image files: what they are resized to by default */
    float mean[3], sd[3];           /* by channel, of values in 0 .. 1, of the training split */
    const char *folder;             /* the top folder within an archive, or NULL: the files are no archives */
    const char *address;            /* its files are below this; NULL: it cannot be fetched */
    const char *how;                /* how to get it then; NULL: iclab data fetch */
    const char *terms;              /* licence, or what is known of it */
    struct icl_data_file file[5];   /* ended by a NULL name */
};

/* The table, ended by a NULL name. */
extern const struct icl_data_set icl_data_sets[];

/* A data set by its name in icl_data_open: a row of the table, or a copy of one with the sizes the name says. */
struct icl_data_choice {
    struct icl_data_set set; /* set.name: a row of the table, or the name itself, borrowed */
    int noise;               /* of -noisyN: which column of labels; -1: those of the folders */
};

/* Finds `name`. One that is no row and cannot be a folder of the user's own (a slash, a leading dot, empty), or a bad
 * size or noise in it: ICL_ERR_USAGE that lists what there is. */
icl_status icl_data_choose(const char *name, struct icl_data_choice *choice, struct icl_error *err);

enum { ICL_DATA_PATH = 4096 };

/* The folder of the data sets: `root`, or $ICLAB_DATA, or ~/.local/share/iclab where that is NULL, unset or empty. */
icl_status icl_data_root(const char *root, char path[ICL_DATA_PATH], struct icl_error *err);

/* The folder that holds the set: NAME in the root, or the top folder of its archive there; fashion-mnist without a
 * root: also $ICLAB_FASHION_MNIST first and the folder of Debian's package last. Not there: ICL_ERR_INPUT with one line
 * that says how to get it. */
icl_status icl_data_locate(const struct icl_data_set *set, const char *root, char path[ICL_DATA_PATH],
                           struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
