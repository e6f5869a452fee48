/* Arrays in the storage of a device's layers, float32 or bfloat16, for its tests. */
#ifndef ICLAB_TESTS_DEVICE_STORAGE_H
#define ICLAB_TESTS_DEVICE_STORAGE_H

#include "device_support.h"
#include "kernels/shared/bf16.h"

static const enum icl_storage STORAGES[] = {ICL_STORAGE_F32, ICL_STORAGE_BF16};
enum { STORAGE_COUNT = 2 };

/* The value that the storage keeps of x. */
static inline float storage_round(enum icl_storage storage, float x)
{
    return storage == ICL_STORAGE_F32 ? x : icl_bf16_to_float(icl_bf16_from_float(x));
}

static inline void storage_round_all(enum icl_storage storage, float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = storage_round(storage, x[i]);
}

/* x, as the storage keeps it, in device memory `shift` numbers behind an aligned place. Until device_close(). */
static inline void *storage_copy_at(struct icl_device *device, enum icl_storage storage, const float *x, size_t n,
                                    size_t shift)
{
    const size_t size = icl_storage_bytes(storage);
    char *bytes = calloc(n + shift + 1, size);
    assert_non_null(bytes);
    for (size_t i = 0; i < n; i++) {
        const struct icl_bf16 narrow = icl_bf16_from_float(x[i]);
        memcpy(bytes + (shift + i) * size, storage == ICL_STORAGE_F32 ? (const void *)&x[i] : (const void *)&narrow,
               size);
    }
    char *there = device_put(device, bytes, (n + shift) * size);
    device_finish(device);
    free(bytes);
    return there + shift * size;
}

static inline void *storage_copy(struct icl_device *device, enum icl_storage storage, const float *x, size_t n)
{
    return storage_copy_at(device, storage, x, n, 0);
}

/* The same, and x becomes what is kept of it. */
static inline void *storage_put_at(struct icl_device *device, enum icl_storage storage, float *x, size_t n,
                                   size_t shift)
{
    storage_round_all(storage, x, n);
    return storage_copy_at(device, storage, x, n, shift);
}

static inline void *storage_put(struct icl_device *device, enum icl_storage storage, float *x, size_t n)
{
    return storage_put_at(device, storage, x, n, 0);
}

static inline void *storage_room(struct icl_device *device, enum icl_storage storage, size_t n)
{
    return device_room(device, n * icl_storage_bytes(storage));
}

/* As floats when the queue is done; free(). */
static inline float *storage_get(struct icl_device *device, enum icl_storage storage, const void *there, size_t n)
{
    if (storage == ICL_STORAGE_F32) return device_get_floats(device, there, n);
    struct icl_bf16 *narrow = device_get(device, there, n * sizeof *narrow);
    float *x = malloc(n * sizeof *x + 1);
    assert_non_null(x);
    for (size_t i = 0; i < n; i++)
        x[i] = icl_bf16_to_float(narrow[i]);
    free(narrow);
    return x;
}

/* What is there has the bits of `expected`, rounded as the storage does. */
static inline void storage_check_same(struct icl_device *device, enum icl_storage storage, const void *there,
                                      float *expected, size_t n, const char *what)
{
    float *got = storage_get(device, storage, there, n);
    storage_round_all(storage, expected, n);
    check_same_f32(got, expected, n, what);
    free(got);
}

/* `bytes` zeros in device memory, until device_close(). */
static inline void *device_zeros(struct icl_device *device, size_t bytes)
{
    void *there = device_room(device, bytes);
    device->call->clear(device, there, bytes);
    return there;
}

#endif
