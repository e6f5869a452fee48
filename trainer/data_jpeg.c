/* JPEG files through libjpeg: a part of an image, decoded at the smallest of eight scales that is large enough, then
 * resized. The library's errors come back as a status; it prints nothing. */
#include <stdio.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "core/input.h"
#include "trainer/data_internal.h"

enum {
    MOST_BYTES = 1 << 28,  /* of a file */
    MOST_PIXELS = 1 << 27, /* of an image */
    PIXELS_A_BYTE = 512,   /* a header that claims more lies: a block of 64 takes a bit at the very least */
    MOST_MEMORY = 1 << 30, /* of the library: coefficients of a progressive image */
    MOST_SCANS = 64,       /* of a progressive image: each goes through all of it */
    SCALES = 8
};

/* One file. Everything that must outlive a jump of the library is in here, none of it in local variables. */
struct job {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    const char *path;
    icl_crop_chooser *choose;
    const void *context;
    size_t height, width;
    struct icl_scratch *scratch; /* 0: the file, 1: decoded rows, 2: of the resizing */
    size_t bytes;
    float *out;
    struct icl_error *err;
};

static struct job *job_of(j_common_ptr jpeg)
{
    return jpeg->client_data;
}

static void leave(j_common_ptr jpeg)
{
    longjmp(job_of(jpeg)->escape, 1);
}

/* Instead of printing. Warnings that leave the image whole. Every other means that data are missing or damaged. */
static void take_message(j_common_ptr jpeg, int level)
{
    const int code = jpeg->err->msg_code;
    if (level >= 0 || code == JWRN_EXTRANEOUS_DATA || code == JWRN_ADOBE_XFORM || code == JWRN_JFIF_MAJOR ||
        code == JWRN_TOO_MUCH_DATA)
        return;
    leave(jpeg);
}

static void count_scans(j_common_ptr jpeg)
{
    struct job *job = job_of(jpeg);
    if (job->jpeg.input_scan_number > MOST_SCANS) ERREXIT(jpeg, JERR_BAD_PROGRESSION);
}

static icl_status fail(const struct job *job, const char *reason)
{
    char name[ICL_INPUT_NAME_SIZE];
    return icl_fail(job->err, ICL_ERR_INPUT, "%s: %s", icl_shown_path(job->path, NULL, name), reason);
}

static icl_status check_size(const struct job *job)
{
    const size_t width = job->jpeg.image_width, height = job->jpeg.image_height;
    char reason[128];
    if (width * height <= MOST_PIXELS && width * height / PIXELS_A_BYTE <= job->bytes) return ICL_OK;
    snprintf(reason, sizeof reason, "%zu x %zu pixels are too many%s", height, width,
             width * height <= MOST_PIXELS ? " for a file of its size" : "");
    return fail(job, reason);
}

/* In eighths: the smallest scale at which the part still has the size wanted. */
static unsigned choose_scale(const struct job *job, const struct icl_crop *crop)
{
    unsigned scale = 1;
    while (scale < SCALES && (crop->height * scale < job->height * SCALES || crop->width * scale < job->width * SCALES))
        scale++;
    return scale;
}

/* A row of cyan, magenta, yellow, black to red, green, blue; Adobe's programs store them inverted. */
static void convert_cmyk(const uint8_t *cmyk, size_t width, bool inverted, uint8_t *rgb)
{
    for (size_t x = 0; x < width; x++)
        for (size_t c = 0; c < 3; c++) {
            const unsigned ink = inverted ? cmyk[4 * x + c] : 255U - cmyk[4 * x + c];
            const unsigned black = inverted ? cmyk[4 * x + 3] : 255U - cmyk[4 * x + 3];
            rgb[3 * x + c] = (uint8_t)((ink * black + 127) / 255);
        }
}

/* Decodes every row, so that damage anywhere is seen, and keeps rows first .. end-1 as RGB. */
static void read_rows(struct job *job, size_t first, size_t end, uint8_t *kept)
{
    struct jpeg_decompress_struct *jpeg = &job->jpeg;
    const size_t width = jpeg->output_width;
    const bool cmyk = jpeg->output_components == 4;
    const JSAMPARRAY row =
        jpeg->mem->alloc_sarray((j_common_ptr)jpeg, JPOOL_IMAGE, (JDIMENSION)(width * (cmyk ? 4 : 3)), 1);
    while (jpeg->output_scanline < jpeg->output_height) {
        const size_t y = jpeg->output_scanline;
        (void)jpeg_read_scanlines(jpeg, row, 1);
        if (y < first || y >= end) continue;
        uint8_t *to = kept + (y - first) * width * 3;
        if (cmyk)
            convert_cmyk(row[0], width, jpeg->saw_Adobe_marker, to);
        else
            memcpy(to, row[0], width * 3);
    }
    (void)jpeg_finish_decompress(jpeg);
}

static icl_status decode(struct job *job)
{
    struct jpeg_decompress_struct *jpeg = &job->jpeg;
    jpeg_mem_src(jpeg, job->scratch[0].memory, job->bytes);
    (void)jpeg_read_header(jpeg, TRUE);
    ICL_TRY(check_size(job));
    const struct icl_crop crop = job->choose(job->context, jpeg->image_height, jpeg->image_width);
    const bool cmyk = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
    jpeg->out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
    jpeg->scale_num = choose_scale(job, &crop);
    jpeg->scale_denom = SCALES;
    (void)jpeg_start_decompress(jpeg);

    const double scale = (double)jpeg->scale_num / SCALES;
    struct icl_box box = {(double)crop.y * scale, (double)crop.x * scale, (double)crop.height * scale,
                          (double)crop.width * scale};
    const size_t first = (size_t)box.y, below = (size_t)(box.y + box.height) + 1;
    const size_t end = below < jpeg->output_height ? below : jpeg->output_height;
    const struct icl_picture picture = {NULL, end - first, jpeg->output_width, 3, (size_t)jpeg->output_width * 3};
    ICL_TRY(icl_scratch_reserve(&job->scratch[1], picture.height * picture.stride, job->err));
    read_rows(job, first, end, job->scratch[1].memory);

    struct icl_picture decoded = picture;
    decoded.pixels = job->scratch[1].memory;
    box.y -= (double)first;
    return icl_resize(&decoded, &box, job->height, job->width, &job->scratch[2], job->out, job->err);
}

static icl_status decode_guarded(struct job *job)
{
    job->jpeg.err = jpeg_std_error(&job->errors);
    job->jpeg.client_data = job;
    job->errors.error_exit = leave;
    job->errors.emit_message = take_message;
    job->progress.progress_monitor = count_scans;
    icl_status status;
    if (setjmp(job->escape) == 0) {
        jpeg_create_decompress(&job->jpeg);
        job->jpeg.client_data = job;
        job->jpeg.progress = &job->progress;
        job->jpeg.mem->max_memory_to_use = MOST_MEMORY;
        status = decode(job);
    } else {
        char reason[JMSG_LENGTH_MAX];
        job->errors.format_message((j_common_ptr)&job->jpeg, reason);
        status = job->errors.msg_code == JERR_OUT_OF_MEMORY ? icl_fail_memory(job->err, "an image") : fail(job, reason);
    }
    jpeg_destroy_decompress(&job->jpeg);
    return status;
}

/* The whole file into scratch[0]. */
static icl_status read_file(struct job *job)
{
    struct icl_input input;
    ICL_TRY(icl_input_open_plain(&input, job->path, job->err));
    icl_status status = ICL_OK;
    if (input.size == 0 || input.size > MOST_BYTES)
        status = fail(job, input.size == 0 ? "no JPEG: it is empty" : "no JPEG: it is too large");
    if (status == ICL_OK) status = icl_scratch_reserve(&job->scratch[0], (size_t)input.size, job->err);
    if (status == ICL_OK)
        status = icl_input_read(&input, job->scratch[0].memory, (size_t)input.size, &job->bytes, job->err);
    icl_input_close(&input);
    return status;
}

icl_status icl_jpeg_read(const char *path, icl_crop_chooser *choose, const void *context, size_t height, size_t width,
                         struct icl_scratch scratch[3], float *out, struct icl_error *err)
{
    struct job job = {.path = path,
                      .choose = choose,
                      .context = context,
                      .height = height,
                      .width = width,
                      .scratch = scratch,
                      .out = out,
                      .err = err};
    ICL_TRY(read_file(&job));
    return decode_guarded(&job);
}
