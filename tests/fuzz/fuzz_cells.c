/* Tables of text and numbers. */
#include "core/cells.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct icl_error err = {0};
    struct icl_cells cells = {0};
    const icl_status status = icl_cells_read(fuzz_file(bytes, size), &cells, &err);
    fuzz_check_status(status, &err);
    for (size_t c = 0; status == ICL_OK && c < cells.cols; c++) {
        size_t column;
        FUZZ_CHECK(icl_cells_column(&cells, cells.name[c], &column, &err) == ICL_OK && column <= c);
        for (size_t r = 0; r < cells.rows; r++) {
            double value;
            FUZZ_CHECK(strpbrk(icl_cell(&cells, r, c), "\t\n") == NULL);
            fuzz_check_status(icl_cell_number(&cells, r, c, &value, &err), &err);
        }
    }
    icl_cells_free(&cells);
    return 0;
}
