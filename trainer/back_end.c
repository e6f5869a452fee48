#include <string.h>

#include "trainer/back_end_internal.h"

icl_status icl_back_end_create(const struct icl_back_end_source *source, struct icl_back_end *back_end,
                               struct icl_error *err)
{
    *back_end = (struct icl_back_end){0};
    return (source->device == NULL ? icl_back_end_host_create : icl_back_end_device_create)(source, back_end, err);
}

icl_status icl_back_end_measure(const struct icl_back_end_source *source, struct icl_back_end_memory *memory,
                                struct icl_error *err)
{
    *memory = (struct icl_back_end_memory){0};
    return (source->device == NULL ? icl_back_end_host_measure : icl_back_end_device_measure)(source, memory, err);
}

void icl_back_end_free(struct icl_back_end *back_end)
{
    if (back_end->call != NULL) back_end->call->free(back_end->state);
    *back_end = (struct icl_back_end){0};
}
