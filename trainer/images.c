#include "trainer/images.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

enum {
    IDX_HEADER = 16,       /* magic, then three sizes, 4 bytes each, big-endian */
    FIRST_PIECE = 1 << 24, /* pixels allocated before the file has shown that it holds as many as it says */
    READ_PIECE = 1 << 20   /* bytes asked of zlib at a time */
};
static const uint32_t idx_images = 0x00000803; /* unsigned bytes, three dimensions */

/* An IDX file being read. */
struct source {
    const char *path;
    gzFile file;
    size_t offset; /* bytes read so far, after decompression */
};

static icl_status read_failure(const struct source *source, const char *what, struct icl_error *err)
{
    int code = Z_OK;
    const char *text = gzerror(source->file, &code);
    const size_t prefix = strlen(source->path);
    if (code == Z_ERRNO)
        text = strerror(errno);
    else if (strncmp(text, source->path, prefix) == 0 && strncmp(text + prefix, ": ", 2) == 0)
        text += prefix + 2; /* zlib names the file, too */
    /* Z_BUF_ERROR is how zlib says that a compressed stream ends too early. */
    if (code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR) text = "the file ends there";
    return icl_fail(err, code == Z_MEM_ERROR ? ICL_ERR_MEMORY : ICL_ERR_INPUT, "%s: byte %zu: cannot read %s: %s",
                    source->path, source->offset, what, text);
}

/* Reads exactly `count` bytes. */
static icl_status read_bytes(struct source *source, uint8_t *bytes, size_t count, const char *what,
                             struct icl_error *err)
{
    for (size_t done = 0; done < count;) {
        const size_t wanted = count - done < READ_PIECE ? count - done : READ_PIECE;
        const int got = gzread(source->file, bytes + done, (unsigned)wanted);
        if (got > 0) {
            done += (size_t)got;
            source->offset += (size_t)got;
        }
        if (got < (int)wanted) return read_failure(source, what, err);
    }
    return ICL_OK;
}

/* Nothing may follow the last image. Reading on also lets zlib check the sum at the end of a gzipped file. */
static icl_status check_end(struct source *source, struct icl_error *err)
{
    uint8_t byte = 0;
    const int got = gzread(source->file, &byte, 1);
    if (got == 0) {
        int code = Z_OK;
        (void)gzerror(source->file, &code);
        if (code == Z_OK || code == Z_STREAM_END) return ICL_OK;
    }
    if (got <= 0) return read_failure(source, "the end of the file", err);
    return icl_fail(err, ICL_ERR_INPUT, "%s: byte %zu: more data than the header announces", source->path,
                    source->offset);
}

static uint32_t big_endian(const uint8_t bytes[4])
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Reads and checks the header; fills the sizes of `images` and the number of pixels of one image. */
static icl_status read_header(struct source *source, struct icl_images *images, size_t *pixels, struct icl_error *err)
{
    uint8_t header[IDX_HEADER];
    ICL_TRY(read_bytes(source, header, sizeof header, "the header", err));
    const uint32_t magic = big_endian(header);
    if (magic != idx_images)
        return icl_fail(err, ICL_ERR_INPUT, "%s: byte 0: magic 0x%08x, but images have 0x%08x%s", source->path, magic,
                        idx_images, magic == 0x00000801 ? " (these are labels)" : "");
    const char *const names[] = {"count", "height", "width"};
    size_t *const sizes[] = {&images->count, &images->height, &images->width};
    for (size_t i = 0; i < 3; i++) {
        *sizes[i] = big_endian(header + 4 * (i + 1));
        if (*sizes[i] == 0)
            return icl_fail(err, ICL_ERR_INPUT, "%s: byte %zu: %s 0", source->path, 4 * (i + 1), names[i]);
    }
    size_t all = 0;
    if (__builtin_mul_overflow(images->height, images->width, pixels) ||
        __builtin_mul_overflow(images->count, *pixels, &all) || all > PTRDIFF_MAX)
        return icl_fail(err, ICL_ERR_INPUT, "%s: byte 4: %zu images of %zu x %zu are too many", source->path,
                        images->count, images->height, images->width);
    return ICL_OK;
}

/* Reads `total` pixels. The memory grows with what the file really holds, so that a header that lies costs nothing. */
static icl_status read_pixels(struct source *source, size_t total, uint8_t **pixels, struct icl_error *err)
{
    size_t held = 0;
    while (held < total) {
        const size_t room = held == 0 ? FIRST_PIECE : 2 * held, next = total < room ? total : room;
        uint8_t *more = realloc(*pixels, next);
        if (more == NULL) return icl_fail_memory(err, "images");
        *pixels = more;
        ICL_TRY(read_bytes(source, more + held, next - held, "the images", err));
        held = next;
    }
    return ICL_OK;
}

static icl_status read_images(struct source *source, size_t limit, struct icl_images *images, struct icl_error *err)
{
    size_t pixels = 0;
    ICL_TRY(read_header(source, images, &pixels, err));
    const bool whole = limit == 0 || limit >= images->count;
    if (!whole) images->count = limit;
    ICL_TRY(read_pixels(source, images->count * pixels, &images->pixels, err));
    return whole ? check_end(source, err) : ICL_OK;
}

icl_status icl_images_read(const char *path, size_t limit, struct icl_images *out, struct icl_error *err)
{
    errno = 0;
    struct source source = {.path = path, .file = gzopen(path, "rb")};
    if (source.file == NULL) {
        if (errno == 0 || errno == ENOMEM) return icl_fail_memory(err, "reading a file");
        return icl_fail(err, ICL_ERR_INPUT, "%s: cannot open: %s", path, strerror(errno));
    }
    (void)gzbuffer(source.file, 1 << 17); /* only speed depends on it */
    struct icl_images images = {0};
    const icl_status status = read_images(&source, limit, &images, err);
    (void)gzclose_r(source.file); /* every read was checked */
    if (status == ICL_OK)
        *out = images;
    else
        icl_images_free(&images);
    return status;
}

void icl_images_free(struct icl_images *images)
{
    free(images->pixels);
    *images = (struct icl_images){0};
}

icl_status icl_fashion_mnist_path(char *buffer, size_t size, struct icl_error *err)
{
    const char *chosen = getenv("ICLAB_FASHION_MNIST");
    const char *folder = chosen != NULL && *chosen != '\0' ? chosen : "/usr/share/datasets/fashion-mnist";
    const char *const names[] = {"train-images-idx3-ubyte.gz", "train-images-idx3-ubyte"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const int length = snprintf(buffer, size, "%s/%s", folder, names[i]);
        if (length < 0 || (size_t)length >= size)
            return icl_fail(err, ICL_ERR_INPUT, "the path of Fashion-MNIST has more than %zu characters", size);
        if (access(buffer, R_OK) == 0) return ICL_OK;
    }
    return icl_fail(err, ICL_ERR_INPUT,
                    "%s/%s: not there: install the Debian package dataset-fashion-mnist, or set ICLAB_FASHION_MNIST to "
                    "the folder that holds it",
                    folder, names[0]);
}
