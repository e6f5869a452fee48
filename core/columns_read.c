#include <string.h>

#include "core/input.h"
#include "core/npy_format.h"
#include "core/table.h"

/* Text in any encoding in use never starts with byte 0x93, so a file cut inside the magic is still told as .npy. */
bool icl_npy_looks_like(const char *path, const unsigned char *head, size_t length)
{
    static const char ending[] = ".npy";
    const size_t tail = sizeof ending - 1;
    const size_t path_length = strlen(path);
    if (path_length >= tail && strcmp(path + path_length - tail, ending) == 0) return true;
    return length > 0 &&
           (head[0] == (unsigned char)ICL_NPY_MAGIC[0] || (length >= 4 && memcmp(head, "PK\3\4", 4) == 0));
}

icl_status icl_columns_read(const char *path, enum icl_unit unit, struct icl_columns *out, struct icl_error *err)
{
    struct icl_input input;
    ICL_TRY(icl_input_open(&input, path, err));
    const unsigned char *head;
    size_t length;
    icl_status status = icl_input_peek(&input, &head, &length, err);
    if (status == ICL_OK && icl_npy_looks_like(path, head, length)) {
        struct icl_array array;
        status = icl_npy_read_input(&input, &array, err);
        if (status == ICL_OK) {
            status = icl_columns_from_array(&array, unit, input.name, out, err);
            icl_array_free(&array);
        }
    } else if (status == ICL_OK) {
        status = icl_table_read_input(&input, out, err);
    }
    icl_input_close(&input);
    return status;
}
