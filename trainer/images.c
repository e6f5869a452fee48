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
    MOST_SIZES = 3,        /* a header is a magic, then sizes, 4 bytes each, big-endian */
    FIRST_PIECE = 1 << 24, /* pixels allocated before the file has shown that it holds as many as it says */
    READ_PIECE = 1 << 20   /* bytes asked of zlib at a time */
};

/* A kind of IDX file: unsigned bytes of so many dimensions. */
struct kind {
    uint32_t magic;
    size_t sizes;
    const char *what, *other; /* the other kind, of the other magic */
};
static const struct kind idx_images = {0x00000803, 3, "images", "labels"};
static const struct kind idx_labels = {0x00000801, 1, "labels", "images"};

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

/* Nothing may follow the last item. Reading on also lets zlib check the sum at the end of a gzipped file. */
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

/* Reads and checks the header: the sizes, their product in `total`, and the bytes of one item. */
static icl_status read_header(struct source *source, const struct kind *kind, size_t size[MOST_SIZES], size_t *item,
                              struct icl_error *err)
{
    static const char *const names[MOST_SIZES] = {"count", "height", "width"};
    uint8_t header[4 * (1 + MOST_SIZES)];
    ICL_TRY(read_bytes(source, header, 4 * (1 + kind->sizes), "the header", err));
    const uint32_t magic = big_endian(header);
    if (magic != kind->magic) {
        char hint[32] = "";
        if (magic == idx_images.magic || magic == idx_labels.magic)
            snprintf(hint, sizeof hint, " (these are %s)", kind->other);
        return icl_fail(err, ICL_ERR_INPUT, "%s: byte 0: magic 0x%08x, but %s have 0x%08x%s", source->path, magic,
                        kind->what, kind->magic, hint);
    }
    size_t total = 1;
    *item = 1;
    bool fits = true;
    for (size_t i = 0; i < kind->sizes; i++) {
        size[i] = big_endian(header + 4 * (i + 1));
        if (size[i] == 0)
            return icl_fail(err, ICL_ERR_INPUT, "%s: byte %zu: %s 0", source->path, 4 * (i + 1), names[i]);
        fits = fits && !__builtin_mul_overflow(total, size[i], &total);
        if (i > 0) fits = fits && !__builtin_mul_overflow(*item, size[i], item);
    }
    if (!fits || total > PTRDIFF_MAX)
        return icl_fail(err, ICL_ERR_INPUT, "%s: byte 4: %zu %s of %zu x %zu are too many", source->path, size[0],
                        kind->what, size[1], size[2]);
    return ICL_OK;
}

/* Reads `total` bytes. The memory grows with what the file really holds, so that a header that lies costs nothing. */
static icl_status read_items(struct source *source, const struct kind *kind, size_t total, uint8_t **bytes,
                             struct icl_error *err)
{
    size_t held = 0;
    while (held < total) {
        const size_t room = held == 0 ? FIRST_PIECE : 2 * held, next = total < room ? total : room;
        uint8_t *more = realloc(*bytes, next);
        if (more == NULL) return icl_fail_memory(err, kind->what);
        *bytes = more;
        ICL_TRY(read_bytes(source, more + held, next - held, kind == &idx_images ? "the images" : "the labels", err));
        held = next;
    }
    return ICL_OK;
}

static icl_status read_kind(struct source *source, const struct kind *kind, size_t limit, size_t size[MOST_SIZES],
                            uint8_t **bytes, struct icl_error *err)
{
    size_t item = 0;
    ICL_TRY(read_header(source, kind, size, &item, err));
    const bool whole = limit == 0 || limit >= size[0];
    if (!whole) size[0] = limit;
    ICL_TRY(read_items(source, kind, size[0] * item, bytes, err));
    return whole ? check_end(source, err) : ICL_OK;
}

/* The whole of a file; *bytes is NULL on failure. */
static icl_status read_file(const char *path, const struct kind *kind, size_t limit, size_t size[MOST_SIZES],
                            uint8_t **bytes, struct icl_error *err)
{
    errno = 0;
    *bytes = NULL;
    struct source source = {.path = path, .file = gzopen(path, "rb")};
    if (source.file == NULL) {
        if (errno == 0 || errno == ENOMEM) return icl_fail_memory(err, "reading a file");
        return icl_fail(err, ICL_ERR_INPUT, "%s: cannot open: %s", path, strerror(errno));
    }
    (void)gzbuffer(source.file, 1 << 17); /* only speed depends on it */
    const icl_status status = read_kind(&source, kind, limit, size, bytes, err);
    (void)gzclose_r(source.file); /* every read was checked */
    if (status == ICL_OK) return ICL_OK;
    free(*bytes);
    *bytes = NULL;
    return status;
}

icl_status icl_images_read(const char *path, size_t limit, struct icl_images *out, struct icl_error *err)
{
    size_t size[MOST_SIZES] = {0};
    uint8_t *pixels;
    ICL_TRY(read_file(path, &idx_images, limit, size, &pixels, err));
    *out = (struct icl_images){size[0], size[1], size[2], pixels};
    return ICL_OK;
}

icl_status icl_labels_read(const char *path, size_t classes, size_t limit, size_t *count, uint8_t **labels,
                           struct icl_error *err)
{
    size_t size[MOST_SIZES] = {0};
    uint8_t *read;
    ICL_TRY(read_file(path, &idx_labels, limit, size, &read, err));
    for (size_t i = 0; i < size[0]; i++)
        if (read[i] >= classes) {
            const unsigned label = read[i];
            free(read);
            return icl_fail(err, ICL_ERR_INPUT, "%s: byte %zu: label %u, but there are %zu classes", path,
                            4 * (1 + idx_labels.sizes) + i, label, classes);
        }
    *count = size[0];
    *labels = read;
    return ICL_OK;
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
