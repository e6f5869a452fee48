#include "trainer/data_internal.h"
void icl_image_files_free(struct icl_image_files *files)
{
    (void)files;
}
size_t icl_image_files_memory(const struct icl_image_files *files)
{
    (void)files;
    return 0;
}
const char *icl_image_files_class(const struct icl_image_files *files, size_t k)
{
    (void)files;
    (void)k;
    return NULL;
}
