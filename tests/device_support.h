/* What the tests of a device share: the emulated device, arrays there and back, comparisons. A test program that
 * includes this file has the emulated plug-in built with it (tests/Dir.mk).
 *
 *     static void test_square(void **state)
 *     {
 *         (void)state;
 *         struct icl_device *device = device_open();
 *         float *x = check_inputs(7, N), *there = device_floats(device, x, N);
 *         device->call->layers.square(device, there, N, there);
 *         device_check_same_f32(device, there, expected, N, "square");
 *         device_close(device);      // takes back what device_floats and the like took
 *         free(x);
 *     }
 */
#ifndef ICLAB_TESTS_DEVICE_SUPPORT_H
#define ICLAB_TESTS_DEVICE_SUPPORT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernels/device.h"
#include "kernels_check.h"

/* Device memory that device_close() gives back. */
enum { DEVICE_ARRAYS = 1024 };
static void *device_arrays[DEVICE_ARRAYS];
static size_t device_array_count;

/* $ICLAB_DEVICE_PLUGIN, or where the build puts the emulated plug-in: above the folder of this program. */
static inline void device_find_plugin(void)
{
    if (getenv("ICLAB_DEVICE_PLUGIN") != NULL) return;
    char path[PATH_MAX];
    const ssize_t length = readlink("/proc/self/exe", path, sizeof path - 64);
    assert_true(length > 0);
    path[length] = '\0';
    strcpy(strrchr(path, '/'), "/../libiclab-emulated.so");
    assert_int_equal(setenv("ICLAB_DEVICE_PLUGIN", path, 1), 0);
}

/* The emulated device; the test fails where it cannot be opened or another answers. device_close(). */
static inline struct icl_device *device_open(void)
{
    struct icl_error err;
    struct icl_device *device;
    device_find_plugin();
    if (icl_device_open(ICL_DEVICE_CUDA, &device, NULL, &err) != ICL_OK) fail_msg("%s", err.message);
    assert_non_null(device);
    assert_true(device->facts.emulated);
    return device;
}

/* Waits for the queue; the test fails if anything in it failed. */
static inline void device_finish(struct icl_device *device)
{
    struct icl_error err;
    if (device->call->finish(device, &err) != ICL_OK) fail_msg("%s", err.message);
}

/* `bytes` of device memory with 0xA5 in it, until device_close(). */
static inline void *device_room(struct icl_device *device, size_t bytes)
{
    struct icl_error err;
    void *memory;
    assert_true(device_array_count < DEVICE_ARRAYS);
    if (device->call->take(device, bytes, &memory, &err) != ICL_OK) fail_msg("%s", err.message);
    device_arrays[device_array_count++] = memory;
    return memory;
}

/* `bytes` of `host` in device memory, until device_close(). */
static inline void *device_put(struct icl_device *device, const void *host, size_t bytes)
{
    void *memory = device_room(device, bytes);
    device->call->upload(device, host, bytes, memory);
    return memory;
}

/* A copy of device memory when the queue is done; free(). */
static inline void *device_get(struct icl_device *device, const void *memory, size_t bytes)
{
    void *host = malloc(bytes > 0 ? bytes : 1);
    assert_non_null(host);
    device->call->download(device, memory, bytes, host);
    device_finish(device);
    return host;
}

#define device_floats(device, host, n)      ((float *)device_put((device), (host), (n) * sizeof(float)))
#define device_doubles(device, host, n)     ((double *)device_put((device), (host), (n) * sizeof(double)))
#define device_room_floats(device, n)       ((float *)device_room((device), (n) * sizeof(float)))
#define device_room_doubles(device, n)      ((double *)device_room((device), (n) * sizeof(double)))
#define device_get_floats(device, from, n)  ((float *)device_get((device), (from), (n) * sizeof(float)))
#define device_get_doubles(device, from, n) ((double *)device_get((device), (from), (n) * sizeof(double)))

/* Gives back every array and closes. */
static inline void device_close(struct icl_device *device)
{
    device_finish(device);
    while (device_array_count > 0)
        device->call->release(device, device_arrays[--device_array_count]);
    icl_device_close(device);
}

/* ---- comparing: NaN agrees with NaN alone ------------------------------------------------------------------------ */

/* Every bit of the numbers. */
static inline void device_check_same_f32(struct icl_device *device, const float *there, const float *expected, size_t n,
                                         const char *what)
{
    float *got = device_get_floats(device, there, n);
    check_same_f32(got, expected, n, what);
    free(got);
}

/* Every byte. */
static inline void device_check_bytes(struct icl_device *device, const void *there, const void *expected, size_t bytes,
                                      const char *what)
{
    unsigned char *got = device_get(device, there, bytes);
    const unsigned char *wanted = expected;
    for (size_t i = 0; i < bytes; i++)
        if (got[i] != wanted[i])
            fail_msg("%s: byte %zu of %zu is %02x, expected %02x", what, i, bytes, got[i], wanted[i]);
    free(got);
}

/* |got - expected| <= absolute + relative |expected|. */
static inline void device_check_near_f32(struct icl_device *device, const float *there, const float *expected, size_t n,
                                         double relative, double absolute, const char *what)
{
    float *got = device_get_floats(device, there, n);
    for (size_t i = 0; i < n; i++) {
        const double e = (double)expected[i], bound = absolute + relative * (e < 0 ? -e : e);
        if (!check_is_near((double)got[i], e, bound))
            fail_msg("%s: number %zu of %zu is %.9g, expected %.9g within %g", what, i, n, (double)got[i], e, bound);
    }
    free(got);
}

#endif
