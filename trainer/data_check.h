/* Checksums of the files of a data set. */
#ifndef ICLAB_TRAINER_DATA_CHECK_H
#define ICLAB_TRAINER_DATA_CHECK_H

#include "trainer/data_sets.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { ICL_MD5_TEXT = 33 };

/* Size and MD5 of a file, or with `unzip` of what gunzip makes of it (of a plain file: of the file itself).
 * ICL_ERR_INPUT: it cannot be opened, read or unzipped. */
icl_status icl_md5_file(const char *path, bool unzip, uint64_t *bytes, char md5[ICL_MD5_TEXT], struct icl_error *err);

/* What one file turned out to be. */
struct icl_file_check {
    const char *name; /* below the folder; borrowed */
    uint64_t bytes;
    char md5[ICL_MD5_TEXT];
    enum { ICL_FILE_OK, ICL_FILE_DIFFERS, ICL_FILE_MISSING, ICL_FILE_UNKNOWN } state; /* unknown: nothing to compare */
};
/* Called for each file; anything but ICL_OK ends the check with it. */
typedef icl_status icl_file_visit(void *context, const struct icl_file_check *check, struct icl_error *err);

/* Compares the files of the set in `folder` with what is known of them: the table (IDX files, also unzipped), otherwise
 * the list that icl_data_write_list left there. *listed: false where there is no list, and then nothing is visited. */
icl_status icl_data_check_files(const struct icl_data_set *set, const char *folder, icl_file_visit *visit,
                                void *context, bool *listed, struct icl_error *err);

/* Writes FOLDER/iclab-files.tsv: path, bytes and MD5 of every file below `folder`, sorted by path. */
icl_status icl_data_write_list(const char *folder, struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
