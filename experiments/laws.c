/* The registry of laws and their samplers. Samplers use + - * / sqrt and kernels/random.h only, so that every machine
 * draws the same bits. */
#include "experiments/laws.h"

#include <math.h>
#include <string.h>

#include "experiments/laws_truth.h"
#include "kernels/random.h"

enum {
    ROLES = 8,   /* streams set aside for each law */
    CHUNK = 1024 /* draws kept on the stack at a time */
};

static struct icl_stream stream_of(const struct icl_law *law, uint32_t role, uint64_t seed, uint32_t step)
{
    return (struct icl_stream){
        .seed = seed, .purpose = ICL_PURPOSE_LAW, .layer = law->index * ROLES + role, .step = step};
}

/* ----------------------------------------------------------------- samplers */

/* Roles 0 and 1. */
static void sample_gauss(const struct icl_law *law, uint64_t seed, uint32_t step, size_t n, double *x, double *y)
{
    const struct icl_stream first = stream_of(law, 0, seed, step), second = stream_of(law, 1, seed, step);
    const double rho = law->rho, rest = sqrt((1 - rho) * (1 + rho));
    icl_random_normal(&first, 0, n, x);
    icl_random_normal(&second, 0, n, y);
    for (size_t i = 0; i < n; i++)
        y[i] = rho * x[i] + rest * y[i];
}

/* A bivariate normal over sqrt(chi2 / nu), chi2 the sum of nu squared normals. Roles 0 .. nu + 1. */
static void sample_student(const struct icl_law *law, uint64_t seed, uint32_t step, size_t n, double *x, double *y)
{
    _Static_assert(2 + ICL_STUDENT_NU <= ROLES, "a stream for each normal");
    double normal[CHUNK], chi2[CHUNK];
    sample_gauss(law, seed, step, n, x, y);
    for (size_t start = 0; start < n; start += CHUNK) {
        const size_t count = n - start < CHUNK ? n - start : CHUNK;
        memset(chi2, 0, sizeof chi2);
        for (uint32_t k = 0; k < ICL_STUDENT_NU; k++) {
            const struct icl_stream stream = stream_of(law, 2 + k, seed, step);
            icl_random_normal(&stream, start, count, normal);
            for (size_t i = 0; i < count; i++)
                chi2[i] += normal[i] * normal[i];
        }
        for (size_t i = 0; i < count; i++) {
            const double scale = sqrt(ICL_STUDENT_NU / chi2[i]);
            x[start + i] *= scale;
            y[start + i] *= scale;
        }
    }
}

/* Roles 0 and 1 the noise, 2 the common sign. */
static void sample_bimodal(const struct icl_law *law, uint64_t seed, uint32_t step, size_t n, double *x, double *y)
{
    const struct icl_stream first = stream_of(law, 0, seed, step), second = stream_of(law, 1, seed, step),
                            signs = stream_of(law, 2, seed, step);
    double uniform[CHUNK];
    icl_random_normal(&first, 0, n, x);
    icl_random_normal(&second, 0, n, y);
    for (size_t start = 0; start < n; start += CHUNK) {
        const size_t count = n - start < CHUNK ? n - start : CHUNK;
        icl_random_uniform(&signs, start, count, uniform);
        for (size_t i = 0; i < count; i++) {
            const double hump = uniform[i] < 0.5 ? -ICL_BIMODAL_SHIFT : ICL_BIMODAL_SHIFT;
            x[start + i] += hump;
            y[start + i] += hump;
        }
    }
}

/* One uniform a sample picks the cell. Role 0. */
static void sample_finite(const struct icl_law *law, uint64_t seed, uint32_t step, size_t n, double *x, double *y)
{
    const struct icl_finite_law *finite = icl_finite_law_of(law);
    const struct icl_stream stream = stream_of(law, 0, seed, step);
    icl_random_uniform(&stream, 0, n, x);
    for (size_t i = 0; i < n; i++) {
        const double percent = 100 * x[i];
        const size_t cells = finite->size * finite->size;
        unsigned below = 0; /* percent of the cells before and including `cell` */
        size_t cell = 0;
        while ((below += finite->percent[cell / finite->size][cell % finite->size]) <= percent && cell + 1 < cells)
            cell++;
        x[i] = finite->value[cell / finite->size];
        y[i] = finite->value[cell % finite->size];
    }
}

static void sample_relu(const struct icl_law *law, uint64_t seed, uint32_t step, size_t n, double *x, double *y)
{
    sample_gauss(law, seed, step, n, x, y);
    for (size_t i = 0; i < n; i++) {
        x[i] = x[i] > 0 ? x[i] : 0;
        y[i] = y[i] > 0 ? y[i] : 0;
    }
}

static void sample_relubn(const struct icl_law *law, uint64_t seed, uint32_t step, size_t n, double *x, double *y)
{
    sample_relu(law, seed, step, n, x, y);
    for (size_t i = 0; i < n; i++) {
        x[i] = (x[i] - ICL_RELU_MEAN) / ICL_RELU_SD;
        y[i] = (y[i] - ICL_RELU_MEAN) / ICL_RELU_SD;
    }
}

/* ----------------------------------------------------------------- registry */

enum { GAUSS, STUDENT, BIMODAL, DISCRETE, BINARY, RELU, RELUBN, LAWS };

/* corr of a bivariate normal after max(.,0): (rho P + s/(2 pi) - 1/(2 pi)) / (1/2 - 1/(2 pi)), s = sqrt(1 - rho^2),
 * P = 1/4 + asin(rho)/(2 pi); here at rho = .75. mean/sd is 1/sqrt(pi - 1). */
#define RELU_CORR         0.68901134378894259136
#define RELU_MEAN_OVER_SD 0.68333169612148085984

static const struct icl_law laws[LAWS] = {
    [GAUSS] = {.name = "gauss",
               .index = GAUSS,
               .description = "bivariate normal, rho = .75",
               .centred = true,
               .rho = 0.75,
               .corr = 0.75,
               .sample = sample_gauss,
               .mi = icl_gauss_mi,
               .mi_after = icl_atomless_mi_after,
               .entropy = icl_gauss_entropy,
               .entropy_after = icl_atomless_entropy_after},
    [STUDENT] = {.name = "student",
                 .index = STUDENT,
                 .description = "bivariate Student t, nu = 5, rho = .6",
                 .centred = true,
                 .rho = 0.6,
                 .corr = 0.6,
                 .sample = sample_student,
                 .mi = icl_student_mi,
                 .mi_after = icl_atomless_mi_after,
                 .entropy = icl_student_entropy,
                 .entropy_after = icl_atomless_entropy_after},
    [BIMODAL] = {.name = "bimodal",
                 .index = BIMODAL,
                 .description = "x = 1.5 s + e, y = 1.5 s + f, s = +-1 fair, e and f standard normal",
                 .centred = true,
                 .rho = 9.0 / 13, /* 1.5^2 / (1.5^2 + 1) */
                 .corr = 9.0 / 13,
                 .sample = sample_bimodal,
                 .mi = icl_bimodal_mi,
                 .mi_after = icl_atomless_mi_after,
                 .entropy = icl_bimodal_entropy,
                 .entropy_after = icl_atomless_entropy_after},
    [DISCRETE] = {.name = "discrete",
                  .index = DISCRETE,
                  .description = "16 cells on {-2,-1,1,2}^2, positive dependence",
                  .discrete = true,
                  .centred = true,
                  .rho = 0.5,
                  .corr = 0.5,
                  .sample = sample_finite,
                  .mi = icl_finite_mi,
                  .mi_after = icl_finite_mi_after,
                  .entropy = icl_finite_entropy,
                  .entropy_after = icl_finite_entropy_after},
    [BINARY] = {.name = "binary",
                .index = BINARY,
                .description = "x,y in {0,1}, P(0,0) = P(1,1) = .35: an atom at zero",
                .discrete = true,
                .atom_at_zero = true,
                .rho = 0.4,
                .corr = 0.4,
                .mean_over_sd = 1,
                .sample = sample_finite,
                .mi = icl_finite_mi,
                .mi_after = icl_finite_mi_after,
                .entropy = icl_finite_entropy,
                .entropy_after = icl_finite_entropy_after},
    [RELU] = {.name = "relu",
              .index = RELU,
              .description = "max(u,0), max(v,0) of a bivariate normal, rho = .75: an atom at zero",
              .atom_at_zero = true,
              .rho = 0.75,
              .corr = RELU_CORR,
              .mean_over_sd = RELU_MEAN_OVER_SD,
              .sample = sample_relu,
              .mi = icl_relu_mi,
              .mi_after = icl_relu_mi_after,
              .entropy = icl_relu_entropy,
              .entropy_after = icl_relu_entropy_after},
    [RELUBN] = {.name = "relubn",
                .index = RELUBN,
                .description = "relu standardised by its exact mean and sd: the atom moved away from zero",
                .centred = true,
                .rho = 0.75,
                .corr = RELU_CORR,
                .sample = sample_relubn,
                .mi = icl_relu_mi,
                .mi_after = icl_atomless_mi_after,
                .entropy = icl_relubn_entropy,
                .entropy_after = icl_atomless_entropy_after},
};

const struct icl_law *icl_law_at(size_t index)
{
    return index < LAWS ? &laws[index] : NULL;
}

const struct icl_law *icl_law_by_name(const char *name)
{
    for (size_t i = 0; i < LAWS; i++)
        if (strcmp(laws[i].name, name) == 0) return &laws[i];
    return NULL;
}

const struct icl_finite_law *icl_finite_law_of(const struct icl_law *law)
{
    static const struct icl_finite_law discrete = {
        .size = 4,
        .value = {-2, -1, 1, 2},
        .percent = {{10, 6, 3, 1}, {6, 14, 7, 3}, {3, 7, 14, 6}, {1, 3, 6, 10}},
    };
    static const struct icl_finite_law binary = {.size = 2, .value = {0, 1}, .percent = {{35, 15}, {15, 35}}};
    return law->index == DISCRETE ? &discrete : &binary;
}
