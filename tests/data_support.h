/* What the tests of the data sets share: small files of each format. Include core_support.h first. */
#ifndef ICLAB_TESTS_DATA_SUPPORT_H
#define ICLAB_TESTS_DATA_SUPPORT_H

#include "core/atomic_file.h"
#include "tests/core_support.h"

#include <jpeglib.h>

/* The path of a file in the private folder, whose folders are made. */
static inline const char *placed(const char *name)
{
    const char *path = in_folder(name);
    char parent[PATH_MAX];
    strcpy(parent, path);
    *strrchr(parent, '/') = '\0';
    assert_int_equal(icl_make_folders(parent, NULL), ICL_OK);
    return path;
}

static inline void put_size(uint8_t *bytes, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* IDX: a magic, sizes, then the data. */
static inline void write_idx(const char *path, uint32_t magic, size_t sizes, const uint32_t *size, const uint8_t *data,
                             size_t bytes)
{
    uint8_t *all = malloc(16 + bytes);
    assert_non_null(all);
    put_size(all, magic);
    for (size_t i = 0; i < sizes; i++)
        put_size(all + 4 * (i + 1), size[i]);
    memcpy(all + 4 * (sizes + 1), data, bytes);
    write_bytes(path, all, 4 * (sizes + 1) + bytes);
    free(all);
}

/* A JPEG of height x width x components (1: grey, 3: RGB, 4: CMYK as Adobe stores it), 4:4:4, that much quality. */
static inline void write_jpeg(const char *path, const uint8_t *pixels, size_t height, size_t width, int components,
                              int quality, bool progressive)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_stdio_dest(&jpeg, file);
    jpeg.image_width = (JDIMENSION)width;
    jpeg.image_height = (JDIMENSION)height;
    jpeg.input_components = components;
    jpeg.in_color_space = components == 1 ? JCS_GRAYSCALE : components == 3 ? JCS_RGB : JCS_CMYK;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, quality, TRUE);
    for (int c = 0; c < components; c++)
        jpeg.comp_info[c].h_samp_factor = jpeg.comp_info[c].v_samp_factor = 1;
    if (progressive) jpeg_simple_progression(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < jpeg.image_height) {
        JSAMPROW row = (JSAMPROW)(uintptr_t)(pixels + (size_t)jpeg.next_scanline * width * (size_t)components);
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    assert_int_equal(fclose(file), 0);
}

/* Smooth colours that differ everywhere: what JPEG keeps well. */
static inline void paint_smooth(uint8_t *pixels, size_t height, size_t width, size_t channels, double phase)
{
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++)
            for (size_t c = 0; c < channels; c++)
                pixels[(y * width + x) * channels + c] =
                    (uint8_t)(128 + 60 * sin(phase + .11 * (double)x + (double)c) + 50 * cos(.07 * (double)y - phase));
}

#endif
