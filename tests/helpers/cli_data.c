/* Data for the tests of the command line, and two checkers of its results. A program of its own: it shares no code with
 * what it tests.
 *   cli_data gauss ROWS SEED [SCALE OFFSET]   .npy of 4 columns: x, y of correlation .75, z independent, max(x,0)
 *   cli_data bad ROWS SEED                    the same with z constant and a NaN in the last column
 *   cli_data images N C H W SEED              .npy (N,C,H,W), float32: normal, correlated .75 in a sample, mean 2
 *   cli_data whole ROWS SEED                  .npy of 3 columns of int16, values 0 to 4
 *   cli_data idx COUNT SEED KIND              IDX file of 28 x 28 images; 0: blobs on black, 1: noise, in one image of
 *                                             five much more: every position has the same law
 *   cli_data raw HEADER BYTES                 .npy version 1 with this header and so many bytes of data
 *   cli_data values                           reads .npy (float32 or float64): the header, then a value a line
 *   cli_data json                             reads JSON: "pairs N keys M nulls L", M the keys of the first pair
 * Writes to standard output, reads standard input. */
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

/* Steele, Lea & Flood (2014), SplitMix64: uniform on (0,1). */
static double uniform(void)
{
    uint64_t z = state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return ((double)((z ^ z >> 31) >> 12) + .5) / 0x1p52;
}

static double normal(void)
{
    const double radius = sqrt(-2 * log(uniform()));
    return radius * cos(2 * M_PI * uniform());
}

static void header(const char *dict)
{
    char text[256];
    const int length = snprintf(text, sizeof text, "%s\n", dict);
    fwrite("\x93NUMPY\1\0", 1, 8, stdout);
    putchar(length & 0xff);
    putchar(length >> 8);
    fwrite(text, 1, (size_t)length, stdout);
}

static void shaped(const char *type, const char *shape)
{
    char dict[200];
    snprintf(dict, sizeof dict, "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }", type, shape);
    header(dict);
}

static void gauss(long rows, double scale, double offset, bool bad)
{
    char shape[40];
    snprintf(shape, sizeof shape, "%ld, 4", rows);
    shaped("<f8", shape);
    for (long i = 0; i < rows; i++) {
        const double x = normal(), y = .75 * x + sqrt(1 - .75 * .75) * normal(), z = normal();
        double row[4] = {x, y, z, x > 0 ? x : 0};
        if (bad) row[2] = 3;
        for (int j = 0; j < 4; j++)
            row[j] = row[j] * scale + offset;
        if (bad && i == rows / 2) row[3] = NAN;
        fwrite(row, sizeof *row, 4, stdout);
    }
}

static void images(long n, long c, long h, long w)
{
    char shape[80];
    snprintf(shape, sizeof shape, "%ld, %ld, %ld, %ld", n, c, h, w);
    shaped("<f4", shape);
    for (long i = 0; i < n; i++) {
        const double common = normal();
        for (long k = 0; k < c * h * w; k++) {
            const float value = (float)(2 + sqrt(.75) * common + .5 * normal());
            fwrite(&value, sizeof value, 1, stdout);
        }
    }
}

static void whole(long rows)
{
    char shape[40];
    snprintf(shape, sizeof shape, "%ld, 3", rows);
    shaped("<i2", shape);
    for (long i = 0; i < 3 * rows; i++) {
        const int16_t value = (int16_t)(5 * uniform());
        fwrite(&value, sizeof value, 1, stdout);
    }
}

enum { SIDE = 28 };

/* The light of three blobs somewhere; what is nearly black is black, as in a picture of a thing. */
static void blobs(unsigned char *pixel)
{
    double x[3], y[3], width[3], light[3];
    for (int b = 0; b < 3; b++) {
        x[b] = 5 + 18 * uniform();
        y[b] = 5 + 18 * uniform();
        width[b] = 2 + 4 * uniform();
        light[b] = 60 + 120 * uniform();
    }
    for (int i = 0; i < SIDE * SIDE; i++) {
        double value = 0;
        for (int b = 0; b < 3; b++) {
            const double dx = (i % SIDE - x[b]) / width[b], dy = (double)(i / SIDE - y[b]) / width[b];
            value += light[b] * exp(-(dx * dx + dy * dy) / 2);
        }
        value += 8 * normal();
        pixel[i] = (unsigned char)(value < 25 ? 0 : value > 255 ? 255 : value);
    }
}

static void noise(unsigned char *pixel)
{
    const double contrast = uniform() < .2 ? 50 : 2;
    for (int i = 0; i < SIDE * SIDE; i++) {
        const double value = 128 + contrast * normal();
        pixel[i] = (unsigned char)(value < 0 ? 0 : value > 255 ? 255 : value);
    }
}

static void idx(long count, bool only_noise)
{
    const unsigned char head[16] = {
        0, 0, 8, 3, 0, 0, (unsigned char)(count >> 8), (unsigned char)(count & 0xff), 0, 0, 0, SIDE, 0, 0, 0, SIDE};
    fwrite(head, 1, sizeof head, stdout);
    for (long i = 0; i < count; i++) {
        unsigned char pixel[SIDE * SIDE];
        (only_noise ? noise : blobs)(pixel);
        fwrite(pixel, 1, sizeof pixel, stdout);
    }
}

static int print_values(void)
{
    unsigned char fixed[10];
    if (fread(fixed, 1, sizeof fixed, stdin) != sizeof fixed) return 1;
    const size_t length = (size_t)(fixed[8] | fixed[9] << 8);
    char *text = calloc(length + 1, 1);
    if (text == NULL || fread(text, 1, length, stdin) != length) return 1;
    text[strcspn(text, "\n")] = '\0';
    puts(text);
    const bool wide = strstr(text, "<f8") != NULL;
    free(text);
    double value;
    float narrow;
    while (wide ? fread(&value, sizeof value, 1, stdin) == 1 : fread(&narrow, sizeof narrow, 1, stdin) == 1)
        printf("%.17g\n", wide ? value : (double)narrow);
    return 0;
}

static int check_json(void)
{
    json_error_t error;
    json_t *root = json_loadf(stdin, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        printf("line %d: %s\n", error.line, error.text);
        return 1;
    }
    const json_t *pairs = json_object_get(root, "pairs");
    size_t nulls = 0, index;
    json_t *pair;
    json_array_foreach(pairs, index, pair)
    {
        const char *key;
        json_t *value;
        json_object_foreach(pair, key, value) nulls += json_is_null(value);
    }
    printf("pairs %zu keys %zu nulls %zu\n", json_array_size(pairs), json_object_size(json_array_get(pairs, 0)), nulls);
    json_decref(root);
    return 0;
}

int main(int argc, char **argv)
{
    const char *kind = argc > 1 ? argv[1] : "";
    long number[8] = {0};
    for (int k = 2; k < argc && k < 8; k++)
        number[k] = atol(argv[k]);
    state = argc > 3 ? (uint64_t)number[argc > 6 ? 6 : 3] : 0;
    if (strcmp(kind, "gauss") == 0)
        gauss(number[2], argc > 4 ? atof(argv[4]) : 1, argc > 5 ? atof(argv[5]) : 0, false);
    else if (strcmp(kind, "bad") == 0)
        gauss(number[2], 1, 0, true);
    else if (strcmp(kind, "images") == 0)
        images(number[2], number[3], number[4], number[5]);
    else if (strcmp(kind, "whole") == 0)
        whole(number[2]);
    else if (strcmp(kind, "idx") == 0)
        idx(number[2], number[4] != 0);
    else if (strcmp(kind, "raw") == 0 && argc > 3) {
        header(argv[2]);
        for (long k = 0; k < number[3]; k++)
            putchar(0);
    } else if (strcmp(kind, "values") == 0)
        return print_values();
    else if (strcmp(kind, "json") == 0)
        return check_json();
    else
        return 2;
    return 0;
}
