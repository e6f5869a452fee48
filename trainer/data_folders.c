/* A folder of class folders of JPEG files. Names are sorted by their bytes; a class is a folder of train/. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "core/input.h"
#include "trainer/data_internal.h"
#include "trainer/noisy_labels.h"

/* Names in one piece of memory. */
struct names {
    char *pool;
    size_t used, room;
    size_t *at; /* count */
    size_t count, places;
};

struct icl_image_files {
    char *folder; /* of the split */
    struct names classes, files;
    size_t *first; /* classes + 1: the files of class k are first[k] .. first[k+1]-1 */
};

static const char *name_of(const struct names *names, size_t i)
{
    return names->pool + names->at[i];
}

static void free_names(struct names *names)
{
    free(names->pool);
    free(names->at);
}

static icl_status add_name(struct names *names, const char *name, struct icl_error *err)
{
    const size_t size = strlen(name) + 1;
    if (names->used + size > names->room) {
        const size_t room = 2 * (names->used + size);
        char *more = realloc(names->pool, room);
        if (more == NULL) return icl_fail_memory(err, "names of files");
        names->pool = more;
        names->room = room;
    }
    if (names->count == names->places) {
        const size_t places = 2 * names->places + 16;
        size_t *more = realloc(names->at, places * sizeof *more);
        if (more == NULL) return icl_fail_memory(err, "names of files");
        names->at = more;
        names->places = places;
    }
    memcpy(names->pool + names->used, name, size);
    names->at[names->count++] = names->used;
    names->used += size;
    return ICL_OK;
}

/* Gives back what is not used. */
static void shrink_names(struct names *names)
{
    char *pool = realloc(names->pool, names->used);
    size_t *at = realloc(names->at, names->count * sizeof *at);
    if (pool != NULL) {
        names->pool = pool;
        names->room = names->used;
    }
    if (at != NULL) {
        names->at = at;
        names->places = names->count;
    }
}

static int compare_places(const void *a, const void *b, void *pool)
{
    return strcmp((const char *)pool + *(const size_t *)a, (const char *)pool + *(const size_t *)b);
}

static bool is_image(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL && (strcasecmp(dot, ".jpeg") == 0 || strcasecmp(dot, ".jpg") == 0);
}

static bool is_folder_in(const char *folder, const char *name)
{
    char path[ICL_DATA_PATH];
    struct stat info;
    const int length = snprintf(path, sizeof path, "%s/%s", folder, name);
    return length > 0 && length < ICL_DATA_PATH && stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* Adds the images (or the folders) in `folder`, sorted. None: an error. */
static icl_status list(const char *folder, bool folders, struct names *names, struct icl_error *err)
{
    char shown[ICL_INPUT_NAME_SIZE];
    const size_t before = names->count;
    DIR *dir = opendir(folder);
    if (dir == NULL) return icl_fail(err, ICL_ERR_INPUT, "%s: cannot be read: %m", icl_shown_path(folder, NULL, shown));
    icl_status status = ICL_OK;
    errno = 0;
    for (const struct dirent *entry; status == ICL_OK && (entry = readdir(dir)) != NULL; errno = 0) {
        const char *name = entry->d_name;
        if (*name != '.' && (folders ? is_folder_in(folder, name) : is_image(name)))
            status = add_name(names, name, err);
    }
    if (status == ICL_OK && errno != 0)
        status = icl_fail(err, ICL_ERR_INPUT, "%s: cannot be read: %m", icl_shown_path(folder, NULL, shown));
    closedir(dir);
    ICL_TRY(status);
    if (names->count == before)
        return icl_fail(err, ICL_ERR_INPUT, "%s: holds no %s", icl_shown_path(folder, NULL, shown),
                        folders ? "folder of a class" : "JPEG file");
    qsort_r(names->at + before, names->count - before, sizeof *names->at, compare_places, names->pool);
    return ICL_OK;
}

static icl_status join(char path[ICL_DATA_PATH], const char *folder, const char *name, struct icl_error *err)
{
    const int length = snprintf(path, ICL_DATA_PATH, "%s/%s", folder, name);
    if (length > 0 && length < ICL_DATA_PATH) return ICL_OK;
    char shown[ICL_INPUT_NAME_SIZE];
    return icl_fail(err, ICL_ERR_INPUT, "%s: the name is too long", icl_shown_path(name, NULL, shown));
}

/* The classes of validation must be those of training. */
static icl_status check_classes(const struct icl_image_files *files, struct icl_error *err)
{
    struct names here = {0};
    icl_status status = list(files->folder, true, &here, err);
    char shown[ICL_INPUT_NAME_SIZE];
    for (size_t k = 0; status == ICL_OK && (k < here.count || k < files->classes.count); k++) {
        const int order = k == here.count             ? 1
                          : k == files->classes.count ? -1
                                                      : strcmp(name_of(&here, k), name_of(&files->classes, k));
        if (order != 0)
            status = icl_fail(err, ICL_ERR_INPUT, "%s: class %.60s is %s", icl_shown_path(files->folder, NULL, shown),
                              order < 0 ? name_of(&here, k) : name_of(&files->classes, k),
                              order < 0 ? "not among those of train" : "not there");
    }
    free_names(&here);
    return status;
}

static icl_status find_classes(const struct icl_data_request *request, struct icl_image_files *files,
                               struct icl_error *err)
{
    const struct icl_data_set *set = &request->choice->set;
    const bool valid = request->split == ICL_SPLIT_VALID;
    char train[ICL_DATA_PATH], path[ICL_DATA_PATH], shown[ICL_INPUT_NAME_SIZE];
    ICL_TRY(join(train, request->folder, "train", err));
    ICL_TRY(join(path, request->folder, valid ? "val" : "train", err));
    files->folder = strdup(path);
    if (files->folder == NULL) return icl_fail_memory(err, "names of files");
    ICL_TRY(list(train, true, &files->classes, err));
    const size_t count = files->classes.count;
    if (set->classes != 0 && count != set->classes)
        return icl_fail(err, ICL_ERR_INPUT, "%s: %zu classes, but %s has %zu", icl_shown_path(train, NULL, shown),
                        count, set->name, set->classes);
    if (count > UINT16_MAX)
        return icl_fail(err, ICL_ERR_INPUT, "%s: %zu classes are too many", icl_shown_path(train, NULL, shown), count);
    return valid ? check_classes(files, err) : ICL_OK;
}

static icl_status find_files(struct icl_image_files *files, struct icl_error *err)
{
    char path[ICL_DATA_PATH];
    files->first = calloc(files->classes.count + 1, sizeof *files->first);
    if (files->first == NULL) return icl_fail_memory(err, "names of files");
    for (size_t k = 0; k < files->classes.count; k++) {
        ICL_TRY(join(path, files->folder, name_of(&files->classes, k), err));
        ICL_TRY(list(path, false, &files->files, err));
        files->first[k + 1] = files->files.count;
    }
    if (files->files.count <= UINT32_MAX) return ICL_OK;
    return icl_fail(err, ICL_ERR_INPUT, "%.200s: more than 2^32 images", files->folder);
}

/* Keeps `limit` of the files, evenly spread. The pool stays whole. */
static void thin(struct icl_image_files *files, size_t limit)
{
    const size_t count = files->files.count;
    size_t class = 0, old_end = files->first[1];
    for (size_t i = 0; i < limit; i++) {
        /* i * count / limit without overflow of more than 32 bits each */
        const size_t from = (size_t)((uint64_t)i * count / limit);
        while (from >= old_end) {
            files->first[class + 1] = i;
            class ++;
            old_end = files->first[class + 1];
        }
        files->files.at[i] = files->files.at[from];
    }
    while (class < files->classes.count)
        files->first[++class] = limit;
    files->files.count = limit;
}

static size_t class_of(const struct icl_image_files *files, size_t i)
{
    size_t low = 0, high = files->classes.count;
    while (high - low > 1) {
        const size_t middle = (low + high) / 2;
        if (files->first[middle] <= i)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static icl_status find_class(const struct names *classes, const char *name, size_t *class)
{
    size_t low = 0, high = classes->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        const int order = strcmp(name_of(classes, middle), name);
        *class = middle;
        if (order == 0) return ICL_OK;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return ICL_ERR_INPUT;
}

/* The labels of training from the set's own list of changed ones. */
static icl_status take_noisy_labels(const struct icl_data_request *request, struct icl_data *data,
                                    struct icl_error *err)
{
    static const char *const lists[] = {"noisy_imagenette.csv", "noisy_imagewoof.csv"};
    const bool woof = strncmp(request->choice->set.name, "imagewoof", 9) == 0;
    char path[ICL_DATA_PATH], key[ICL_DATA_PATH], shown[ICL_INPUT_NAME_SIZE];
    ICL_TRY(join(path, request->folder, lists[woof], err));
    struct icl_noisy_labels noisy;
    ICL_TRY(icl_noisy_labels_read(path, request->choice->noise, &noisy, err));
    icl_status status = ICL_OK;
    for (size_t i = 0; i < data->info.count && status == ICL_OK; i++) {
        const char *class_name = name_of(&data->files->classes, class_of(data->files, i));
        snprintf(key, sizeof key, "train/%s/%s", class_name, name_of(&data->files->files, i));
        const char *label = icl_noisy_label(&noisy, key);
        size_t class = 0;
        if (label == NULL)
            status = icl_fail(err, ICL_ERR_INPUT, "%s: no line for %.200s", icl_shown_path(path, NULL, shown), key);
        else if (find_class(&data->files->classes, label, &class) != ICL_OK)
            status = icl_fail(err, ICL_ERR_INPUT, "%s: label %.60s of %.200s is no class",
                              icl_shown_path(path, NULL, shown), label, key);
        data->labels[i] = (uint16_t) class;
    }
    icl_noisy_labels_free(&noisy);
    return status;
}

icl_status icl_data_read_folders(const struct icl_data_request *request, struct icl_data *data, struct icl_error *err)
{
    struct icl_data_info *info = &data->info;
    struct icl_image_files *files = data->files = calloc(1, sizeof *files);
    if (files == NULL) return icl_fail_memory(err, "names of files");
    ICL_TRY(find_classes(request, files, err));
    ICL_TRY(find_files(files, err));
    if (request->limit != 0 && request->limit < files->files.count) thin(files, request->limit);
    shrink_names(&files->classes);
    shrink_names(&files->files);
    info->classes = files->classes.count;
    info->count = files->files.count;
    data->labels = malloc(info->count * sizeof *data->labels);
    if (data->labels == NULL) return icl_fail_memory(err, "labels");
    for (size_t k = 0; k < info->classes; k++)
        for (size_t i = files->first[k]; i < files->first[k + 1]; i++)
            data->labels[i] = (uint16_t)k;
    const bool noisy = request->choice->noise >= 0 && request->split == ICL_SPLIT_TRAIN;
    return noisy ? take_noisy_labels(request, data, err) : ICL_OK;
}

void icl_image_files_free(struct icl_image_files *files)
{
    if (files == NULL) return;
    free(files->folder);
    free_names(&files->classes);
    free_names(&files->files);
    free(files->first);
    free(files);
}

static size_t names_memory(const struct names *names)
{
    return names->room + names->places * sizeof *names->at;
}

size_t icl_image_files_memory(const struct icl_image_files *files)
{
    return sizeof *files + strlen(files->folder) + 1 + names_memory(&files->classes) + names_memory(&files->files) +
           (files->classes.count + 1) * sizeof *files->first;
}

icl_status icl_image_files_path(const struct icl_image_files *files, size_t i, char path[ICL_DATA_PATH],
                                struct icl_error *err)
{
    const int length = snprintf(path, ICL_DATA_PATH, "%s/%s/%s", files->folder,
                                name_of(&files->classes, class_of(files, i)), name_of(&files->files, i));
    if (length > 0 && length < ICL_DATA_PATH) return ICL_OK;
    return icl_fail(err, ICL_ERR_INPUT, "%.200s: the name is too long", name_of(&files->files, i));
}

const char *icl_image_files_class(const struct icl_image_files *files, size_t k)
{
    return name_of(&files->classes, k);
}
