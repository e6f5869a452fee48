#include "trainer/data_check.h"

#include <errno.h>
#include <fts.h>
#include <md5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "core/input.h"
#include "core/table.h"

static const char list_name[] = "iclab-files.tsv";
enum { PIECE = 1 << 18, MOST_LIST = 1 << 30 };

static void print_digest(MD5_CTX *sum, char md5[ICL_MD5_TEXT])
{
    uint8_t digest[MD5_DIGEST_LENGTH];
    MD5Final(digest, sum);
    for (size_t i = 0; i < sizeof digest; i++)
        snprintf(md5 + 2 * i, 3, "%02x", digest[i]);
}

icl_status icl_md5_file(const char *path, bool unzip, uint64_t *bytes, char md5[ICL_MD5_TEXT], struct icl_error *err)
{
    char shown[ICL_INPUT_NAME_SIZE];
    struct icl_input input;
    ICL_TRY(icl_input_open_plain(&input, path, err));
    gzFile zipped = unzip ? gzdopen(dup(input.fd), "rb") : NULL;
    uint8_t *piece = malloc(PIECE);
    icl_status status = piece == NULL || (unzip && zipped == NULL) ? icl_fail_memory(err, "a checksum") : ICL_OK;
    MD5_CTX sum;
    MD5Init(&sum);
    *bytes = 0;
    while (status == ICL_OK) {
        size_t got = 0;
        if (zipped != NULL) {
            const int count = gzread(zipped, piece, PIECE);
            int code = Z_OK;
            if (count <= 0) (void)gzerror(zipped, &code);
            if (count < 0 || (code != Z_OK && code != Z_STREAM_END))
                status = icl_fail(err, ICL_ERR_INPUT, "%s: byte %llu: cannot be unzipped",
                                  icl_shown_path(path, NULL, shown), (unsigned long long)*bytes);
            else
                got = (size_t)count;
        } else {
            status = icl_input_read(&input, piece, PIECE, &got, err);
        }
        if (status != ICL_OK || got == 0) break;
        MD5Update(&sum, piece, got);
        *bytes += got;
    }
    if (zipped != NULL) (void)gzclose_r(zipped);
    icl_input_close(&input);
    free(piece);
    print_digest(&sum, md5);
    return status;
}

static icl_status join(char path[ICL_DATA_PATH], const char *folder, const char *name, struct icl_error *err)
{
    const int length = snprintf(path, ICL_DATA_PATH, "%s/%s", folder, name);
    if (length > 0 && length < ICL_DATA_PATH) return ICL_OK;
    char shown[ICL_INPUT_NAME_SIZE];
    return icl_fail(err, ICL_ERR_INPUT, "%s: the name is too long", icl_shown_path(name, NULL, shown));
}

/* Fills the state of check->name from what is expected; bytes 0 or md5 NULL: any. */
static icl_status compare(const char *path, bool unzip, uint64_t bytes, const char *md5, struct icl_file_check *check,
                          struct icl_error *err)
{
    if (access(path, F_OK) != 0) {
        check->state = ICL_FILE_MISSING;
        return ICL_OK;
    }
    /* What cannot be unzipped is another file. */
    const icl_status status = icl_md5_file(path, unzip, &check->bytes, check->md5, err);
    if (status == ICL_ERR_INPUT && unzip) {
        check->state = ICL_FILE_DIFFERS;
        return ICL_OK;
    }
    ICL_TRY(status);
    const bool same = (bytes == 0 || bytes == check->bytes) && (md5 == NULL || strcmp(md5, check->md5) == 0);
    check->state = !same ? ICL_FILE_DIFFERS : md5 == NULL ? ICL_FILE_UNKNOWN : ICL_FILE_OK;
    return ICL_OK;
}

/* A file of the table: gzipped, or unpacked beside where it was. */
static icl_status check_known(const struct icl_data_file *file, const char *folder, icl_file_visit *visit,
                              void *context, struct icl_error *err)
{
    char path[ICL_DATA_PATH], name[128];
    snprintf(name, sizeof name, "%s", file->name);
    ICL_TRY(join(path, folder, name, err));
    const size_t length = strlen(name);
    const bool zipped = access(path, F_OK) == 0;
    if (!zipped && length > 3) {
        char plain[ICL_DATA_PATH];
        name[length - 3] = '\0'; /* .gz */
        ICL_TRY(join(plain, folder, name, err));
        if (access(plain, F_OK) == 0)
            memcpy(path, plain, sizeof path);
        else
            name[length - 3] = '.';
    }
    struct icl_file_check check = {.name = name};
    if (file->content != NULL)
        ICL_TRY(compare(path, true, 0, file->content, &check, err));
    else
        ICL_TRY(compare(path, false, zipped ? file->bytes : 0, zipped ? file->md5 : NULL, &check, err));
    return visit(context, &check, err);
}

/* A row "path bytes md5"; cuts it. */
static bool read_row(char *line, char **path, uint64_t *bytes, char **md5)
{
    char *second = strchr(line, '\t'), *third = second != NULL ? strchr(second + 1, '\t') : NULL;
    if (third == NULL || strchr(third + 1, '\t') != NULL || strlen(third + 1) != ICL_MD5_TEXT - 1) return false;
    *second = *third = '\0';
    *path = line;
    *md5 = third + 1;
    /* Names stay below the folder. */
    if (*line == '\0' || *line == '/' || strstr(line, "..") != NULL) return false;
    return icl_parse_count(second + 1, strlen(second + 1), bytes) == ICL_NUMBER_OK;
}

static icl_status check_rows(const char *list, char *text, const char *folder, icl_file_visit *visit, void *context,
                             struct icl_error *err)
{
    size_t number = 0;
    bool names = false;
    for (char *line = text, *next; line != NULL && *line != '\0'; line = next) {
        char path[ICL_DATA_PATH], shown[ICL_INPUT_NAME_SIZE], *name, *md5;
        uint64_t bytes = 0;
        next = strchr(line, '\n');
        if (next != NULL) *next++ = '\0';
        number++;
        if (*line == '#') continue;
        if (!names) {
            names = true;
            continue;
        }
        if (!read_row(line, &name, &bytes, &md5))
            return icl_fail(err, ICL_ERR_INPUT, "%s: line %zu: want path, bytes, md5",
                            icl_shown_path(list, NULL, shown), number);
        struct icl_file_check check = {.name = name};
        ICL_TRY(join(path, folder, name, err));
        ICL_TRY(compare(path, false, bytes, md5, &check, err));
        ICL_TRY(visit(context, &check, err));
    }
    return ICL_OK;
}

icl_status icl_data_check_files(const struct icl_data_set *set, const char *folder, icl_file_visit *visit,
                                void *context, bool *listed, struct icl_error *err)
{
    char list[ICL_DATA_PATH];
    *listed = true;
    if (set->format == ICL_DATA_IDX) {
        for (const struct icl_data_file *file = set->file; file->name != NULL; file++)
            ICL_TRY(check_known(file, folder, visit, context, err));
        return ICL_OK;
    }
    ICL_TRY(join(list, folder, list_name, err));
    *listed = access(list, F_OK) == 0;
    if (!*listed) return ICL_OK;
    struct icl_input input;
    unsigned char *bytes = NULL;
    size_t length = 0;
    ICL_TRY(icl_input_open(&input, list, err));
    icl_status status = icl_input_read_all(&input, MOST_LIST, &bytes, &length, err);
    icl_input_close(&input);
    if (status == ICL_OK) status = check_rows(list, (char *)bytes, folder, visit, context, err);
    free(bytes);
    return status;
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static icl_status list_files(const char *folder, struct icl_table *table, struct icl_error *err)
{
    char root[ICL_DATA_PATH], shown[ICL_INPUT_NAME_SIZE];
    snprintf(root, sizeof root, "%s", folder);
    char *roots[] = {root, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    if (walk == NULL) return icl_fail(err, ICL_ERR_IO, "%s: cannot be read: %m", icl_shown_path(folder, NULL, shown));
    icl_status status = ICL_OK;
    for (FTSENT *entry; status == ICL_OK && (entry = fts_read(walk)) != NULL;) {
        const char *path = entry->fts_path + strlen(folder) + 1;
        uint64_t bytes = 0;
        char md5[ICL_MD5_TEXT];
        if (entry->fts_info == FTS_ERR || entry->fts_info == FTS_DNR || entry->fts_info == FTS_NS)
            status = icl_fail(err, ICL_ERR_IO, "%s: %s", icl_shown_path(entry->fts_path, NULL, shown),
                              strerror(entry->fts_errno));
        /* The list itself is still a hidden file. */
        if (entry->fts_info != FTS_F || entry->fts_name[0] == '.') continue;
        status = icl_md5_file(entry->fts_path, false, &bytes, md5, err);
        if (status != ICL_OK) break;
        icl_table_text(table, path);
        icl_table_count(table, bytes);
        icl_table_text(table, md5);
    }
    fts_close(walk);
    return status;
}

icl_status icl_data_write_list(const char *folder, struct icl_error *err)
{
    char path[ICL_DATA_PATH];
    struct icl_table table;
    ICL_TRY(join(path, folder, list_name, err));
    ICL_TRY(icl_table_open(&table, path, NULL, "path\tbytes\tmd5", err));
    const icl_status status = list_files(folder, &table, err);
    if (status == ICL_OK) return icl_table_close(&table, err);
    icl_table_abort(&table);
    return status;
}
