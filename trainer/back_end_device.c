#include "trainer/back_end_internal.h"

icl_status icl_back_end_device_create(const struct icl_back_end_source *source, struct icl_back_end *back_end,
                                      struct icl_error *err)
{
    (void)source;
    (void)back_end;
    return icl_fail(err, ICL_ERR_DEVICE, "not yet");
}

icl_status icl_back_end_device_measure(const struct icl_back_end_source *source, struct icl_back_end_memory *memory,
                                       struct icl_error *err)
{
    (void)source;
    (void)memory;
    return icl_fail(err, ICL_ERR_DEVICE, "not yet");
}
