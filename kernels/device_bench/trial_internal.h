/* One kernel at one size on a device, with its inputs: what the checks and the clocks of a device share. Rows of other
 * layers (estimators, trainer) are made of the same. */
#ifndef ICLAB_KERNELS_DEVICE_BENCH_TRIAL_INTERNAL_H
#define ICLAB_KERNELS_DEVICE_BENCH_TRIAL_INTERNAL_H

#include "kernels/device.h"
#include "kernels/device_bench.h"
#include "kernels/kernels.h"

#pragma GCC visibility push(hidden) /* internal: not part of the library */

enum { TRIAL_SETS = 3, TRIAL_GUARD = 256, TRIAL_POISON = 0xff };

/* Device memory, `sets` times, with a guard behind each. */
struct trial_area {
    struct trial_area *next;
    char *memory;
    size_t bytes, stride; /* of one set; from one set to the next */
    void *host;           /* the bytes of trial_read, or NULL */
};

/* Host memory that goes with a trial. */
struct trial_host {
    struct trial_host *next;
    _Alignas(64) char bytes[];
};

/* Which peak a rate is held against. */
enum trial_peak { TRIAL_COPY, TRIAL_F32, TRIAL_TF32, TRIAL_BF16, TRIAL_F64, TRIAL_NO_PEAK };

struct trial {
    struct icl_device *device;
    const struct icl_device_kernels *call;
    const struct kernels *reference;
    struct icl_stream stream; /* of the inputs */
    uint64_t drawn;
    unsigned form;  /* which of the row's */
    bool measuring; /* large inputs, nothing is checked */
    bool tiny;      /* measuring, but on a device whose time means nothing */
    unsigned set;   /* of this call of the kernel */
    unsigned sets;
    struct trial_area *areas;
    struct trial_host *hosts;
    void *state;    /* of the row */
    char label[96]; /* form and size, set by make */
    double amount;  /* bytes that must be moved, or operations */
    enum trial_peak peak;
    char problem[320]; /* the first check that failed, or "" */
    icl_status status; /* of the first failure */
    struct icl_error error;
};

/* A kernel, or a few that go together. Adding one is one such line. */
struct trial_row {
    const char *name;
    size_t members[8]; /* of struct icl_device_kernels: what it checks (offsetof), ended by 0 */
    unsigned checked;  /* forms 0 .. checked - 1 are checked */
    unsigned measured; /* forms 0 .. measured - 1 are measured */
    /* Takes and fills memory, sets state, label, amount and peak. Failures: t->status. */
    void (*make)(struct trial *t);
    void (*work)(struct trial *t);  /* puts the kernel into the queue */
    void (*check)(struct trial *t); /* work was called once */
    void (*end)(struct trial *t);   /* frees what is no area and no host memory; NULL: nothing; state may be NULL */
};
#define TRIAL_MEMBER(member) offsetof(struct icl_device_kernels, member)
#define TRIAL_LAYER(member)  TRIAL_MEMBER(layers.member)
#define TRIAL_PAIRS(member)  TRIAL_MEMBER(pairs.member)

/* The rows of each family; each ends with a row without name. */
extern const struct trial_row trial_rows_queue[], trial_rows_stage[], trial_rows_norm[], trial_rows_pool[],
    trial_rows_step[], trial_rows_batch[], trial_rows_conv[], trial_rows_pairs[], trial_rows_neighbours[];

/* ---- running ------------------------------------------------------------------------------------------------------
 */

/* What icl_bench_device does, for rows of one's own. `covered`: a byte a member of the table that has a check, may be
 * NULL. */
icl_status trial_run_rows(struct icl_device *device, const struct trial_row *rows,
                          const struct icl_device_bench_options *options, const struct icl_device_peaks *peaks,
                          FILE *out, unsigned char *covered, struct icl_device_bench_counts *counts,
                          struct icl_error *err);
/* Measures a row, prints its lines and puts the rates (per second) into rates[enum trial_peak]; a row that is not there
 * is a line. */
icl_status trial_measure_row(struct icl_device *device, const struct trial_row *row, FILE *out,
                             double rates[TRIAL_NO_PEAK], struct icl_error *err);
void trial_print_head(const struct icl_device *device, FILE *out);

/* ---- memory --------------------------------------------------------------------------------------------------------
 * All of it is the trial's and goes with it. After a failure everything returns NULL and does nothing; make, which ends
 * with a failure in t->status, may go on to its end as long as it reads nothing of that. */

void trial_fail(struct trial *t, icl_status status, const struct icl_error *err);
void *trial_host(struct trial *t, size_t bytes); /* zeros */
/* Filled with poison: bytes 0xff, which as numbers are NaN. */
struct trial_area *trial_area(struct trial *t, size_t bytes);
struct trial_area *trial_zeros(struct trial *t, size_t bytes);
/* Filled with `bytes` of the host's, which are repeated where there are fewer than `room`. */
struct trial_area *trial_upload(struct trial *t, const void *host, size_t bytes, size_t room);
/* The device memory of the current set; NULL for NULL. */
void *trial_at(const struct trial *t, const struct trial_area *area);
/* The bytes of the first set, downloaded anew; NULL after a failure. */
void *trial_read(struct trial *t, struct trial_area *area);

/* ---- numbers -------------------------------------------------------------------------------------------------------
 */

/* Numbers in the storage: what is on the device, and as floats on the host (count of them, or those that are repeated
 * when measuring). */
struct trial_numbers {
    enum icl_storage storage;
    size_t count;
    struct trial_area *area;
    float *host;
};
/* count values mean + sd N(0,1), rounded to the storage. */
struct trial_numbers trial_normal(struct trial *t, enum icl_storage storage, size_t count, double mean, double sd);
/* `count` floats of the host in the storage, repeated up to `all`. */
struct trial_area *trial_store(struct trial *t, enum icl_storage storage, const float *host, size_t count, size_t all);
/* Poisoned room for count numbers; host NULL. */
struct trial_numbers trial_room(struct trial *t, enum icl_storage storage, size_t count);
/* What is on the device now, as floats; NULL after a failure. */
const float *trial_read_floats(struct trial *t, const struct trial_numbers *numbers);
/* Host values: uniform words, normals. */
void trial_words(struct trial *t, size_t count, uint32_t *words);
double trial_uniform(struct trial *t);

uint16_t trial_to_bf16(float value); /* nearest, ties to even; finite values */
float trial_from_bf16(uint16_t bits);
float trial_rounded(enum icl_storage storage, float value);

/* ---- checks --------------------------------------------------------------------------------------------------------
 * The first that fails is kept in t->problem. A NaN is never right. */

void trial_problem(struct trial *t, const char *format, ...) ICL_PRINTF(2, 3);
void trial_same_bytes(struct trial *t, const char *what, const void *got, const void *want, size_t bytes);
/* To the last bit (0 is not -0). */
void trial_same(struct trial *t, const char *what, const float *got, const float *want, size_t count);
/* |got - want| <= absolute + relative |want|. */
void trial_near(struct trial *t, const char *what, const float *got, const float *want, size_t count, double relative,
                double absolute);
void trial_near_f64(struct trial *t, const char *what, const double *got, const double *want, size_t count,
                    double relative, double absolute);
/* |got[i] - want[i]| <= factor bound[i] + relative |want[i]| + absolute. */
void trial_within(struct trial *t, const char *what, const float *got, const float *want, const float *bound,
                  size_t count, double factor, double relative, double absolute);
/* float32: the same bits; bf16: `want` rounded, or its neighbour. */
void trial_same_stored(struct trial *t, const char *what, const struct trial_numbers *got, const float *want);

/* The reference of icl_device_step. */
struct trial_area *trial_step(struct trial *t, const struct icl_device_step *step);

const char *trial_storage_name(enum icl_storage storage);

#pragma GCC visibility pop

#endif
