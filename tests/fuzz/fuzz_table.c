/* Tables of numbers. */
#include "core/table.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct icl_error err = {0};
    struct icl_columns columns = {0};
    const icl_status status = icl_table_read_columns(fuzz_file(bytes, size), &columns, &err);
    fuzz_check_status(status, &err);
    if (status == ICL_OK) fuzz_touch(columns.data, columns.rows * columns.cols * sizeof *columns.data);
    icl_columns_free(&columns);
    return 0;
}
