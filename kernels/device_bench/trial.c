/* Memory and inputs of trials. */
#include <stdlib.h>
#include <string.h>

#include "kernels/device_bench/trial_internal.h"

/* Values that are drawn when measuring; what is longer repeats them. */
enum { MOST_DRAWN = 1 << 20 };

void trial_fail(struct trial *t, icl_status status, const struct icl_error *err)
{
    if (status == ICL_OK || t->status != ICL_OK) return;
    t->status = status;
    t->error = *err;
}

void *trial_host(struct trial *t, size_t bytes)
{
    if (t->status != ICL_OK) return NULL;
    struct trial_host *host = aligned_alloc(64, (sizeof *host + bytes + 63) / 64 * 64);
    if (host == NULL) {
        t->status = icl_fail_memory(&t->error, "the inputs of a check");
        return NULL;
    }
    memset(host->bytes, 0, bytes);
    host->next = t->hosts;
    t->hosts = host;
    return host->bytes;
}

/* ---- areas ------------------------------------------------------------------------------------------------------ */

static struct trial_area *take(struct trial *t, size_t bytes)
{
    struct trial_area *area = trial_host(t, sizeof *area);
    if (area == NULL) return NULL;
    area->bytes = bytes;
    area->stride = (bytes + 2 * TRIAL_GUARD - 1) / TRIAL_GUARD * TRIAL_GUARD;
    struct icl_error err;
    void *memory = NULL;
    trial_fail(t, t->call->take(t->device, area->stride * t->sets, &memory, &err), &err);
    if (memory == NULL) return NULL;
    area->memory = memory;
    area->next = t->areas;
    t->areas = area;
    return area;
}

/* Fills room bytes by copies that double. */
static void repeat(struct trial *t, char *memory, size_t bytes, size_t room)
{
    for (size_t done = bytes; done < room;) {
        const size_t piece = done < room - done ? done : room - done;
        t->call->copy(t->device, memory, piece, memory + done);
        done += piece;
    }
}

static struct trial_area *fill(struct trial *t, const void *host, size_t bytes, size_t room)
{
    unsigned char poison[1 << 12];
    memset(poison, TRIAL_POISON, sizeof poison);
    struct trial_area *area = take(t, room);
    if (area == NULL) return NULL;
    for (unsigned set = 0; set < t->sets; set++) {
        char *memory = area->memory + set * area->stride;
        if (host == NULL) {
            t->call->upload(t->device, poison, area->stride < sizeof poison ? area->stride : sizeof poison, memory);
            repeat(t, memory, sizeof poison, area->stride);
            continue;
        }
        t->call->upload(t->device, host, bytes < room ? bytes : room, memory);
        repeat(t, memory, bytes, room);
        for (size_t at = room; at < area->stride; at += sizeof poison) /* one turn */
            t->call->upload(t->device, poison, area->stride - at, memory + at);
    }
    return area;
}

struct trial_area *trial_area(struct trial *t, size_t bytes)
{
    return fill(t, NULL, 0, bytes);
}

struct trial_area *trial_zeros(struct trial *t, size_t bytes)
{
    struct trial_area *area = trial_area(t, bytes);
    for (unsigned set = 0; area != NULL && set < t->sets; set++)
        t->call->clear(t->device, area->memory + set * area->stride, bytes);
    return area;
}

struct trial_area *trial_upload(struct trial *t, const void *host, size_t bytes, size_t room)
{
    return t->status == ICL_OK ? fill(t, host, bytes, room) : NULL;
}

void *trial_at(const struct trial *t, const struct trial_area *area)
{
    return area == NULL ? NULL : area->memory + t->set * area->stride;
}

void *trial_read(struct trial *t, struct trial_area *area)
{
    if (area == NULL) return NULL;
    if (area->host == NULL) area->host = trial_host(t, area->bytes);
    if (area->host == NULL || t->status != ICL_OK) return NULL;
    struct icl_error err;
    t->call->download(t->device, area->memory, area->bytes, area->host);
    trial_fail(t, t->call->finish(t->device, &err), &err);
    return t->status == ICL_OK ? area->host : NULL;
}

/* ---- numbers ---------------------------------------------------------------------------------------------------- */

uint16_t trial_to_bf16(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint16_t)((bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16);
}

float trial_from_bf16(uint16_t bits)
{
    const uint32_t wide = (uint32_t)bits << 16;
    float value;
    memcpy(&value, &wide, sizeof value);
    return value;
}

float trial_rounded(enum icl_storage storage, float value)
{
    return storage == ICL_STORAGE_F32 ? value : trial_from_bf16(trial_to_bf16(value));
}

const char *trial_storage_name(enum icl_storage storage)
{
    return storage == ICL_STORAGE_F32 ? "f32" : "bf16";
}

static size_t drawn(const struct trial *t, size_t count)
{
    return t->measuring && count > MOST_DRAWN ? MOST_DRAWN : count;
}

struct trial_area *trial_store(struct trial *t, enum icl_storage storage, const float *host, size_t count, size_t all)
{
    if (t->status != ICL_OK) return NULL;
    if (storage == ICL_STORAGE_F32) return trial_upload(t, host, count * sizeof *host, all * sizeof *host);
    uint16_t *narrow = trial_host(t, count * sizeof *narrow);
    if (narrow == NULL) return NULL;
    for (size_t i = 0; i < count; i++)
        narrow[i] = trial_to_bf16(host[i]);
    return trial_upload(t, narrow, count * sizeof *narrow, all * sizeof *narrow);
}

struct trial_numbers trial_normal(struct trial *t, enum icl_storage storage, size_t count, double mean, double sd)
{
    struct trial_numbers numbers = {.storage = storage, .count = count};
    const size_t values = drawn(t, count);
    numbers.host = trial_host(t, values * sizeof *numbers.host);
    if (numbers.host == NULL) return numbers;
    enum { PIECE = 1024 };
    double z[PIECE];
    for (size_t first = 0; first < values; first += PIECE) {
        const size_t n = values - first < PIECE ? values - first : PIECE;
        icl_random_normal(&t->stream, t->drawn, n, z);
        t->drawn += n;
        for (size_t i = 0; i < n; i++)
            numbers.host[first + i] = trial_rounded(storage, (float)(mean + sd * z[i]));
    }
    numbers.area = trial_store(t, storage, numbers.host, values, count);
    return numbers;
}

struct trial_numbers trial_room(struct trial *t, enum icl_storage storage, size_t count)
{
    return (struct trial_numbers){
        .storage = storage, .count = count, .area = trial_area(t, count * icl_storage_bytes(storage))};
}

const float *trial_read_floats(struct trial *t, const struct trial_numbers *numbers)
{
    const void *bytes = trial_read(t, numbers->area);
    if (bytes == NULL || numbers->storage == ICL_STORAGE_F32) return bytes;
    const uint16_t *narrow = bytes;
    float *values = trial_host(t, numbers->count * sizeof *values);
    for (size_t i = 0; values != NULL && i < numbers->count; i++)
        values[i] = trial_from_bf16(narrow[i]);
    return values;
}

void trial_words(struct trial *t, size_t count, uint32_t *words)
{
    icl_random_words(&t->stream, 4 * t->drawn, count, words);
    t->drawn += count;
}

double trial_uniform(struct trial *t)
{
    double u;
    icl_random_uniform(&t->stream, t->drawn++, 1, &u);
    return u;
}

struct trial_area *trial_step(struct trial *t, const struct icl_device_step *step)
{
    return trial_upload(t, step, sizeof *step, sizeof *step);
}
