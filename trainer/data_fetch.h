/* Downloading data sets by the program curl. */
#ifndef ICLAB_TRAINER_DATA_FETCH_H
#define ICLAB_TRAINER_DATA_FETCH_H

#include "trainer/data_sets.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fetches the files of `set` into `root` (icl_data_root) below the folder of its name; *there: everything was there
 * already. `from`: put before the names of the files instead of set->address (NULL). `bar`: curl draws a bar on
 * standard error.
 * A file is downloaded into NAME.part, which a later call goes on with; when size and MD5 are right it gets its name.
 * An archive is unpacked by tar into a hidden folder with a list of its files (icl_data_write_list), which is then
 * renamed, and the archive is removed. Files and folders that are there are never changed. No address: ICL_ERR_INPUT
 * that says how to get it. A broken download: ICL_ERR_IO with curl's words, what arrived stays. A wrong checksum:
 * ICL_ERR_INPUT, and the .part is removed. */
icl_status icl_data_fetch(const struct icl_data_set *set, const char *root, const char *from, bool bar, bool *there,
                          struct icl_error *err);

#ifdef __cplusplus
}
#endif

#endif
