#include "core/npy_map.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/input.h"
#include "core/npy_format.h"
#include "core/transpose.h"

/* Samples decoded together: a block of them is turned into columns in the caches. */
enum { BLOCK = 32 };

bool icl_npy_can_map(const char *path)
{
    struct icl_input input;
    struct stat info;
    if (strcmp(path, "-") == 0 || stat(path, &info) != 0 || !S_ISREG(info.st_mode)) return false;
    if (icl_input_open(&input, path, NULL) != ICL_OK) return false;
    const unsigned char *head;
    size_t length;
    const bool can = input.size_known && icl_input_peek(&input, &head, &length, NULL) == ICL_OK &&
                     icl_npy_looks_like(path, head, length);
    icl_input_close(&input);
    return can;
}

icl_status icl_npy_map_open(const char *path, enum icl_unit unit, struct icl_npy_map *map, struct icl_error *err)
{
    struct icl_input input;
    struct icl_array array = {0};
    struct icl_npy_map m = {.fd = -1};
    map->fd = -1;
    ICL_TRY(icl_input_open(&input, path, err));
    icl_status status = icl_npy_read_header(&input, &m.format, &array, err);
    const size_t raw_size = status == ICL_OK ? icl_array_size(&array) * icl_dtype_size(array.dtype) : 0;
    if (status == ICL_OK) status = icl_npy_check_size(&input, raw_size, err);
    if (status == ICL_OK) status = icl_layout_of(&array, unit, input.name, &m.layout, err);
    if (status != ICL_OK) {
        icl_input_close(&input);
        return status;
    }
    m.fd = input.fd; /* goes over to the map */
    _Static_assert(sizeof m.name == sizeof input.name, "one name");
    memcpy(m.name, input.name, sizeof m.name);
    m.format.dtype = array.dtype;
    m.ndim = array.ndim;
    memcpy(m.shape, array.shape, sizeof m.shape);
    m.data = input.offset;
    m.end = m.data + raw_size;
    *map = m;
    return ICL_OK;
}

void icl_npy_map_close(struct icl_npy_map *map)
{
    if (map->fd >= 0) close(map->fd);
    map->fd = -1;
}

/* ---- windows -------------------------------------------------------------------------------------------------- */

struct window {
    void *memory;
    size_t size;
    const unsigned char *bytes; /* what was asked for */
};

/* Maps the bytes from .. to-1 of the data. */
static icl_status open_window(const struct icl_npy_map *map, uint64_t from, uint64_t to, struct window *window,
                              struct icl_error *err)
{
    struct stat info;
    if (fstat(map->fd, &info) != 0) return icl_fail(err, ICL_ERR_IO, "%s: cannot be examined: %m", map->name);
    if ((uint64_t)info.st_size < map->end)
        return icl_fail(err, ICL_ERR_IO, "%s: byte %" PRIu64 ": the file has been cut since it was opened", map->name,
                        (uint64_t)info.st_size);
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), begin = (map->data + from) / page * page;
    window->size = (size_t)(map->data + to - begin);
    window->memory = mmap(NULL, window->size, PROT_READ, MAP_SHARED, map->fd, (off_t)begin);
    if (window->memory == MAP_FAILED) return icl_fail(err, ICL_ERR_IO, "%s: cannot be mapped: %m", map->name);
    window->bytes = (const unsigned char *)window->memory + (map->data + from - begin);
    return ICL_OK;
}

static void close_window(const struct window *window)
{
    munmap(window->memory, window->size);
}

/* ---- C order: the samples one after the other ----------------------------------------------------------------- */

/* Turns `samples` rows of `width` elements each, one sample `row_bytes` after the other, into columns from row
 * `sample`. */
static void spread(const struct icl_npy_map *map, const unsigned char *raw, size_t row_bytes, size_t samples,
                   size_t sample, size_t count, double *block, double *out)
{
    const struct icl_layout *layout = &map->layout;
    const size_t positions = layout->positions, width = count * positions;
    for (size_t s = 0; s < samples; s++)
        icl_npy_decode(map->format.dtype, map->format.big_endian, raw + s * row_bytes, block + s * width, width);
    if (positions == 1) {
        icl_transpose(block, width, out + sample, layout->rows, samples, width);
        return;
    }
    for (size_t s = 0; s < samples; s++)
        for (size_t j = 0; j < count; j++)
            memcpy(out + j * layout->rows + (sample + s) * positions, block + s * width + j * positions,
                   positions * sizeof *out);
}

static icl_status read_c_order(const struct icl_npy_map *map, size_t first, size_t count, double *out,
                               struct icl_error *err)
{
    const struct icl_layout *layout = &map->layout;
    const size_t size = icl_dtype_size(map->format.dtype), width = count * layout->positions;
    const size_t row_bytes = layout->cols * layout->positions * size, skip = first * layout->positions * size;
    const size_t tall = ICL_NPY_WINDOW / row_bytes > BLOCK ? ICL_NPY_WINDOW / row_bytes / BLOCK * BLOCK : 1;
    const size_t together = tall < BLOCK ? tall : BLOCK;
    double *block = malloc(together * width * sizeof *block);
    if (block == NULL) return icl_fail_memory(err, map->name);
    icl_status status = ICL_OK;
    for (size_t sample = 0; sample < layout->samples && status == ICL_OK; sample += tall) {
        const size_t here = layout->samples - sample < tall ? layout->samples - sample : tall;
        struct window window;
        status = open_window(map, (uint64_t)sample * row_bytes + skip,
                             (uint64_t)(sample + here - 1) * row_bytes + skip + width * size, &window, err);
        if (status != ICL_OK) break;
        for (size_t s = 0; s < here; s += together)
            spread(map, window.bytes + s * row_bytes, row_bytes, here - s < together ? here - s : together, sample + s,
                   count, block, out);
        close_window(&window);
    }
    free(block);
    return status;
}

/* ---- Fortran order: the elements one after the other, each with all samples ------------------------------------ */

/* Where element u of a sample, numbered in C order, stands in Fortran order. */
static size_t fortran_place(const struct icl_npy_map *map, size_t u)
{
    size_t place = 0, rest = u;
    for (int k = map->ndim - 1; k > 0; k--) {
        size_t below = 1;
        for (int l = 1; l < k; l++)
            below *= map->shape[l];
        place += rest % map->shape[k] * below;
        rest /= map->shape[k];
    }
    return place;
}

/* Element `u` of all samples, to out[0], out[positions], ... */
static icl_status read_element(const struct icl_npy_map *map, size_t u, double *block, size_t together, double *out,
                               struct icl_error *err)
{
    const size_t size = icl_dtype_size(map->format.dtype), samples = map->layout.samples;
    const uint64_t begin = (uint64_t)fortran_place(map, u) * samples * size;
    for (size_t sample = 0; sample < samples; sample += together) {
        const size_t here = samples - sample < together ? samples - sample : together;
        struct window window;
        ICL_TRY(
            open_window(map, begin + (uint64_t)sample * size, begin + (uint64_t)(sample + here) * size, &window, err));
        icl_npy_decode(map->format.dtype, map->format.big_endian, window.bytes, block, here);
        close_window(&window);
        for (size_t s = 0; s < here; s++)
            out[(sample + s) * map->layout.positions] = block[s];
    }
    return ICL_OK;
}

static icl_status read_fortran_order(const struct icl_npy_map *map, size_t first, size_t count, double *out,
                                     struct icl_error *err)
{
    const size_t positions = map->layout.positions, rows = map->layout.rows, most = ICL_NPY_WINDOW / sizeof(double);
    const size_t together = map->layout.samples < most ? map->layout.samples : most;
    double *block = malloc(together * sizeof *block);
    if (block == NULL) return icl_fail_memory(err, map->name);
    icl_status status = ICL_OK;
    for (size_t j = 0; j < count && status == ICL_OK; j++)
        for (size_t p = 0; p < positions && status == ICL_OK; p++)
            status = read_element(map, (first + j) * positions + p, block, together, out + j * rows + p, err);
    free(block);
    return status;
}

icl_status icl_npy_map_read(const struct icl_npy_map *map, size_t first, size_t count, double *out,
                            struct icl_error *err)
{
    if (first > map->layout.cols || count > map->layout.cols - first)
        return icl_fail(err, ICL_ERR_INPUT, "%s: columns %zu to %zu of %zu", map->name, first, first + count,
                        map->layout.cols);
    if (count == 0) return ICL_OK;
    return (map->format.fortran_order && map->ndim > 1 ? read_fortran_order : read_c_order)(map, first, count, out,
                                                                                            err);
}
