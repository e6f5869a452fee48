/* MNIST and Fashion-MNIST: a file of images and one of labels for each split. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "trainer/data_internal.h"
#include "trainer/images.h"

/* The path of a file, gzipped or plain. */
static icl_status find_file(const char *folder, const char *name, char path[ICL_DATA_PATH], struct icl_error *err)
{
    static const char *const ends[] = {".gz", ""};
    for (size_t i = 0; i < 2; i++) {
        const int length = snprintf(path, ICL_DATA_PATH, "%s/%s%s", folder, name, ends[i]);
        if (length < 0 || length >= ICL_DATA_PATH)
            return icl_fail(err, ICL_ERR_INPUT, "%.200s: the name of the folder is too long", folder);
        if (access(path, F_OK) == 0) return ICL_OK;
    }
    return icl_fail(err, ICL_ERR_INPUT, "%.300s: %s.gz is not there", folder, name);
}

static icl_status read_pair(const struct icl_data_request *request, const char *image_path, const char *label_path,
                            struct icl_images *images, uint8_t **labels, struct icl_error *err)
{
    const struct icl_data_set *set = &request->choice->set;
    size_t count = 0;
    ICL_TRY(icl_images_read(image_path, request->limit, images, err));
    ICL_TRY(icl_labels_read(label_path, set->classes, request->limit, &count, labels, err));
    if (images->height != set->height || images->width != set->width)
        return icl_fail(err, ICL_ERR_INPUT, "%.300s: images of %zu x %zu, but those of %s are %zu x %zu", image_path,
                        images->height, images->width, set->name, set->height, set->width);
    if (images->count != count)
        return icl_fail(err, ICL_ERR_INPUT, "%.220s: %zu labels, but %zu images in %.200s", label_path, count,
                        images->count, image_path);
    if (count > UINT32_MAX) return icl_fail(err, ICL_ERR_INPUT, "%.300s: more than 2^32 images", image_path);
    return ICL_OK;
}

icl_status icl_data_read_idx(const struct icl_data_request *request, struct icl_data *data, struct icl_error *err)
{
    static const char *const names[][2] = {
        [ICL_SPLIT_TRAIN] = {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"},
        [ICL_SPLIT_VALID] = {"t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"},
    };
    char image_path[ICL_DATA_PATH], label_path[ICL_DATA_PATH];
    ICL_TRY(find_file(request->folder, names[request->split][0], image_path, err));
    ICL_TRY(find_file(request->folder, names[request->split][1], label_path, err));
    struct icl_images images = {0};
    uint8_t *labels = NULL;
    icl_status status = read_pair(request, image_path, label_path, &images, &labels, err);
    data->pixels = images.pixels;
    data->info.count = images.count;
    if (status == ICL_OK) status = icl_data_set_labels(data, labels, err);
    free(labels);
    return status;
}
