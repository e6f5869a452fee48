/* Layout, in the byte order of the machine: struct header, the text of the specification, struct icl_train_state,
 * parameters, first, second (float), running (double), CRC-32 of all before it. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "core/atomic_file.h"
#include "core/input.h"
#include "trainer/checkpoint_internal.h"
#include "trainer/spec.h"

enum { VERSION = 1, BLOCK = 1 << 16 };
static const char magic[8] = "iclckpt";
static const uint32_t byte_order = 0x01020304;

struct header {
    char magic[8];
    uint32_t order, version;
    uint64_t size;                                            /* of the file */
    uint64_t text, state, parameters, first, second, running; /* bytes, bytes, then elements */
};

_Static_assert(sizeof(struct header) == 8 * 9, "no padding");
_Static_assert(sizeof(struct icl_train_state) == 8 * (4 + ICL_LIVE_FILES + 2 + 1 + 6 + 2), "no padding");

static struct header header_of(const char *spec_text, const struct icl_train_arrays *arrays)
{
    struct header h = {.order = byte_order,
                       .version = VERSION,
                       .text = strlen(spec_text),
                       .state = sizeof(struct icl_train_state),
                       .parameters = arrays->parameter_count,
                       .first = arrays->first_count,
                       .second = arrays->second_count,
                       .running = arrays->running_count};
    memcpy(h.magic, magic, sizeof magic);
    h.size = sizeof h + h.text + h.state + (h.parameters + h.first + h.second) * sizeof(float) +
             h.running * sizeof(double) + sizeof(uint32_t);
    return h;
}

/* ---- writing -------------------------------------------------------------------------------------------------- */

struct writer {
    FILE *stream;
    uLong crc;
};

static void put(struct writer *w, const void *bytes, size_t size)
{
    if (size == 0) return;
    w->crc = crc32_z(w->crc, bytes, size);
    fwrite(bytes, 1, size, w->stream); /* failures are told by the commit */
}

icl_status icl_checkpoint_write(const char *path, const char *spec_text, const struct icl_train_state *state,
                                const struct icl_train_arrays *arrays, struct icl_error *err)
{
    struct icl_atomic_file file;
    const struct header h = header_of(spec_text, arrays);
    ICL_TRY(icl_atomic_open(&file, path, err));
    struct writer w = {file.stream, crc32_z(0, NULL, 0)};
    put(&w, &h, sizeof h);
    put(&w, spec_text, strlen(spec_text));
    put(&w, state, sizeof *state);
    put(&w, arrays->parameters, arrays->parameter_count * sizeof(float));
    put(&w, arrays->first, arrays->first_count * sizeof(float));
    put(&w, arrays->second, arrays->second_count * sizeof(float));
    put(&w, arrays->running, arrays->running_count * sizeof(double));
    const uint32_t crc = (uint32_t)w.crc;
    fwrite(&crc, 1, sizeof crc, file.stream);
    return icl_atomic_commit(&file, err);
}

/* ---- reading -------------------------------------------------------------------------------------------------- */

static icl_status fail_reading(FILE *stream, const char *name, struct icl_error *err)
{
    if (ferror(stream)) return icl_fail(err, ICL_ERR_IO, "%s: reading failed: %m", name);
    return icl_fail(err, ICL_ERR_INPUT, "%s: is cut short", name);
}

/* Is it whole and undamaged? Reads it all and goes back to its front. */
static icl_status check_sum(FILE *stream, const char *name, uint64_t size, struct icl_error *err)
{
    unsigned char block[BLOCK];
    uLong crc = crc32_z(0, NULL, 0);
    rewind(stream);
    for (uint64_t left = size - sizeof(uint32_t); left > 0;) {
        const size_t want = left < BLOCK ? (size_t)left : BLOCK;
        if (fread(block, 1, want, stream) != want) return fail_reading(stream, name, err);
        crc = crc32_z(crc, block, want);
        left -= want;
    }
    uint32_t stored;
    if (fread(&stored, 1, sizeof stored, stream) != sizeof stored) return fail_reading(stream, name, err);
    if (getc(stream) != EOF) return icl_fail(err, ICL_ERR_INPUT, "%s: is longer than it says", name);
    if (stored != (uint32_t)crc)
        return icl_fail(err, ICL_ERR_INPUT, "%s: is damaged (its checksum is %08x, its content's %08x)", name,
                        (unsigned)stored, (unsigned)crc);
    rewind(stream);
    return ICL_OK;
}

icl_status icl_fail_specification(const char *name, const char *there, const char *wanted, struct icl_error *err)
{
    while (*there != '\0' && *there == *wanted) {
        const size_t a = strcspn(there, "\n"), b = strcspn(wanted, "\n");
        if (a != b || memcmp(there, wanted, a) != 0) break;
        there += a + (there[a] == '\n');
        wanted += b + (wanted[b] == '\n');
    }
    return icl_fail(err, ICL_ERR_INPUT, "%s: is of another specification: '%.*s' there, '%.*s' here", name,
                    (int)strcspn(there, "\n"), there, (int)strcspn(wanted, "\n"), wanted);
}

/* Before anything else is believed: kind and version. */
static icl_status check_header(const struct header *h, const char *name, struct icl_error *err)
{
    if (memcmp(h->magic, magic, sizeof magic) != 0)
        return icl_fail(err, ICL_ERR_INPUT, "%s: is no checkpoint (wrong first bytes)", name);
    if (h->order != byte_order)
        return icl_fail(err, ICL_ERR_INPUT, "%s: was written on a machine of another byte order", name);
    if (h->version != VERSION || h->state != sizeof(struct icl_train_state))
        return icl_fail(err, ICL_ERR_INPUT, "%s: has version %u of the format, this program reads %d", name,
                        (unsigned)h->version, VERSION);
    if (h->text >= ICL_SPEC_TEXT) return icl_fail(err, ICL_ERR_INPUT, "%s: its specification is too long", name);
    return ICL_OK;
}

static icl_status check_network(const struct header *h, const struct header *want, const char *name,
                                struct icl_error *err)
{
    if (h->parameters == want->parameters && h->first == want->first && h->second == want->second &&
        h->running == want->running && h->size == want->size)
        return ICL_OK;
    return icl_fail(err, ICL_ERR_INPUT,
                    "%s: is of another network: %llu parameters, %llu running statistics; here %llu and %llu", name,
                    (unsigned long long)h->parameters, (unsigned long long)h->running,
                    (unsigned long long)want->parameters, (unsigned long long)want->running);
}

static bool take(FILE *stream, void *bytes, size_t size)
{
    return size == 0 || fread(bytes, 1, size, stream) == size;
}

icl_status icl_checkpoint_read_stream(FILE *stream, const char *name, const char *spec_text,
                                      struct icl_train_state *state, const struct icl_train_arrays *arrays,
                                      struct icl_error *err)
{
    const struct header want = header_of(spec_text, arrays);
    struct header h;
    char text[ICL_SPEC_TEXT];
    if (!take(stream, &h, sizeof h)) return fail_reading(stream, name, err);
    ICL_TRY(check_header(&h, name, err));
    if (!take(stream, text, (size_t)h.text)) return fail_reading(stream, name, err);
    text[h.text] = '\0';
    if (strcmp(text, spec_text) != 0) return icl_fail_specification(name, text, spec_text, err);
    ICL_TRY(check_network(&h, &want, name, err));
    ICL_TRY(check_sum(stream, name, h.size, err));
    if (fseeko(stream, (off_t)(sizeof h + h.text), SEEK_SET) != 0 || !take(stream, state, sizeof *state) ||
        !take(stream, arrays->parameters, arrays->parameter_count * sizeof(float)) ||
        !take(stream, arrays->first, arrays->first_count * sizeof(float)) ||
        !take(stream, arrays->second, arrays->second_count * sizeof(float)) ||
        !take(stream, arrays->running, arrays->running_count * sizeof(double)))
        return fail_reading(stream, name, err);
    return ICL_OK;
}

icl_status icl_checkpoint_read(const char *path, const char *spec_text, struct icl_train_state *state,
                               const struct icl_train_arrays *arrays, bool *found, struct icl_error *err)
{
    char name[ICL_INPUT_NAME_SIZE];
    icl_shown_path(path, "-", name);
    *found = false;
    FILE *stream;
    ICL_TRY(icl_open_plain(path, &stream, err));
    if (stream == NULL) return ICL_OK;
    const icl_status status = icl_checkpoint_read_stream(stream, name, spec_text, state, arrays, err);
    fclose(stream);
    *found = status == ICL_OK;
    return status;
}
