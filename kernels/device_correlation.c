#include "kernels/device_correlation.h"

#include <stdlib.h>

/* What is taken for a call: columns, centred columns and matrix on the device, room for one column on the host. */
struct room {
    void *values, *centred, *correlation;
    double *column;
};

static icl_status take(struct icl_device *device, size_t rows, size_t cols, struct room *room, struct icl_error *err)
{
    const size_t bytes = rows * cols * sizeof(double);
    ICL_TRY(device->call->take(device, bytes, &room->values, err));
    ICL_TRY(device->call->take(device, bytes, &room->centred, err));
    ICL_TRY(device->call->take(device, cols * cols * sizeof(double), &room->correlation, err));
    room->column = malloc(rows * sizeof *room->column);
    return room->column == NULL ? icl_fail_memory(err, "a column") : ICL_OK;
}

static icl_status correlate(struct icl_device *device, icl_column_values values, const void *context, size_t rows,
                            size_t cols, const struct room *room, double *correlation, struct icl_error *err)
{
    double *const on_device = room->values;
    for (size_t j = 0; j < cols; j++)
        device->call->upload(device, values(context, j, room->column), rows * sizeof(double), on_device + j * rows);
    device->call->pairs.correlation(device, on_device, rows, cols, room->centred, room->correlation);
    device->call->download(device, room->correlation, cols * cols * sizeof(double), correlation);
    return device->call->finish(device, err);
}

icl_status icl_device_correlation(struct icl_device *device, icl_column_values values, const void *context, size_t rows,
                                  size_t cols, double *correlation, struct icl_error *err)
{
    struct room room = {0};
    icl_status status = take(device, rows, cols, &room, err);
    if (status == ICL_OK) status = correlate(device, values, context, rows, cols, &room, correlation, err);
    device->call->release(device, room.values);
    device->call->release(device, room.centred);
    device->call->release(device, room.correlation);
    free(room.column);
    return status;
}
