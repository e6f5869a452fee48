/* Opening a split and normalising its values. */
#include "trainer/data_internal.h"

#include <stdlib.h>
#include <string.h>

static icl_data_reader *const readers[] = {
    [ICL_DATA_IDX] = icl_data_read_idx,
    [ICL_DATA_CIFAR] = icl_data_read_cifar,
    [ICL_DATA_FOLDERS] = icl_data_read_folders,
    [ICL_DATA_PLANTED] = icl_data_read_planted,
};

icl_status icl_data_set_labels(struct icl_data *data, const uint8_t *labels, struct icl_error *err)
{
    data->labels = malloc(data->info.count * sizeof *data->labels);
    if (data->labels == NULL) return icl_fail_memory(err, "labels");
    for (size_t i = 0; i < data->info.count; i++)
        data->labels[i] = labels[i];
    return ICL_OK;
}

static void set_factors(struct icl_data *data)
{
    const struct icl_data_info *info = &data->info;
    for (size_t i = 0; i < ICL_NORMALISE_RUN; i++) {
        const size_t c = i % info->channels;
        data->scale[i] = (float)(1 / (255 * (double)info->sd[c]));
        data->shift[i] = (float)(-(double)info->mean[c] / (double)info->sd[c]);
    }
}

/* Every value is one multiplication and one addition, whatever its place in a run. */
void icl_normalise_bytes(const struct icl_data *data, const uint8_t *value, size_t count, float *out)
{
    const float *restrict scale = data->scale, *restrict shift = data->shift;
    size_t i = 0;
    for (; i + ICL_NORMALISE_RUN <= count; i += ICL_NORMALISE_RUN)
        for (size_t k = 0; k < ICL_NORMALISE_RUN; k++)
            out[i + k] = icl_normalised((float)value[i + k], scale[k], shift[k]);
    for (size_t k = 0; i + k < count; k++)
        out[i + k] = icl_normalised((float)value[i + k], scale[k], shift[k]);
}

static icl_status check_size(const struct icl_data_set *set, size_t size, struct icl_error *err)
{
    if (set->format == ICL_DATA_FOLDERS) {
        if (size > 4096) return icl_fail(err, ICL_ERR_USAGE, "images of side %zu: more than 4096", size);
    } else if (size != 0 && (size != set->height || size != set->width)) {
        return icl_fail(err, ICL_ERR_USAGE, "%s: its images are %zu x %zu: there is no other size", set->name,
                        set->height, set->width);
    }
    return ICL_OK;
}

static icl_status fill(struct icl_data *data, const struct icl_data_request *request, size_t size,
                       struct icl_error *err)
{
    const struct icl_data_set *set = &request->choice->set;
    struct icl_data_info *info = &data->info;
    *info = (struct icl_data_info){.name = data->name,
                                   .split = request->split,
                                   .height = size != 0 ? size : set->height,
                                   .width = size != 0 ? size : set->width,
                                   .channels = set->channels,
                                   .classes = set->classes};
    memcpy(info->mean, set->mean, sizeof info->mean);
    memcpy(info->sd, set->sd, sizeof info->sd);
    ICL_TRY(readers[set->format](request, data, err));
    set_factors(data);
    info->memory = sizeof *data + info->count * sizeof *data->labels;
    if (data->pixels != NULL) info->memory += info->count * info->height * info->width * info->channels;
    if (data->files != NULL) info->memory += icl_image_files_memory(data->files);
    return ICL_OK;
}

icl_status icl_data_open(const char *name, enum icl_split split, size_t limit, size_t size, const char *root,
                         struct icl_data **data, struct icl_error *err)
{
    struct icl_data_choice choice;
    char folder[ICL_DATA_PATH];
    ICL_TRY(icl_data_choose(name, &choice, err));
    ICL_TRY(check_size(&choice.set, size, err));
    const bool planted = choice.set.format == ICL_DATA_PLANTED;
    if (!planted) ICL_TRY(icl_data_locate(&choice.set, root, folder, err));
    struct icl_data *made = calloc(1, sizeof *made);
    if (made == NULL) return icl_fail_memory(err, "a data set");
    strcpy(made->name, name); /* icl_data_choose has seen that it fits */
    const struct icl_data_request request = {&choice, planted ? NULL : folder, split, limit};
    const icl_status status = fill(made, &request, size, err);
    if (status == ICL_OK)
        *data = made;
    else
        icl_data_close(made);
    return status;
}

void icl_data_close(struct icl_data *data)
{
    if (data == NULL) return;
    free(data->pixels);
    free(data->labels);
    icl_image_files_free(data->files);
    free(data);
}

const struct icl_data_info *icl_data_info(const struct icl_data *data)
{
    return &data->info;
}

uint32_t icl_data_label(const struct icl_data *data, size_t i)
{
    return data->labels[i];
}

const char *icl_data_class_name(const struct icl_data *data, size_t k)
{
    return data->files != NULL ? icl_image_files_class(data->files, k) : NULL;
}
