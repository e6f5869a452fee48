#include "trainer/device_bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trainer/bench_internal.h"
#include "trainer/device_bench_internal.h"

enum { LOSSES = 20, MEDIAN_OF = 9, MOST_STEPS = 4096, WARM = 3 };
static const double tolerance = 1e-3, turn_seconds = .1;

static bool wanted(const struct icl_device_bench_options *options, const char *net)
{
    return options->only == NULL || strstr(net, options->only) != NULL;
}

/* A device that failed ends all; anything else is a line. */
static icl_status fail_line(FILE *out, const struct step_form *form, const struct icl_error *failure,
                            struct icl_device_bench_counts *counts, struct icl_error *err)
{
    counts->failed++;
    fprintf(out, "%s\t%s\tFAILED: %s\n", form->net, icl_order_names[form->order], failure->message);
    return failure->status == ICL_ERR_DEVICE ? icl_fail(err, ICL_ERR_DEVICE, "%s", failure->message) : ICL_OK;
}

/* ---- losses ----------------------------------------------------------------------------------------------------- */

#define F32  ICL_STORAGE_F32, ICL_PRODUCT_F32
#define TF32 ICL_STORAGE_F32, ICL_PRODUCT_TF32
#define BF16 ICL_STORAGE_BF16, ICL_PRODUCT_F32

/* Batches that the processor's plain convolutions do in seconds. */
static const struct step_form loss_forms[] = {
    {"thread07", ICL_ORDER_CONV_BN_RELU, 28, 1, 128, F32, .05},
    {"thread07", ICL_ORDER_IC, 28, 1, 128, F32, .05},
    {"thread07", ICL_ORDER_NONE, 28, 1, 128, F32, .05},
    {"resnet20", ICL_ORDER_CONV_BN_RELU, 32, 3, 32, F32, .01},
    {"resnet20", ICL_ORDER_IC, 32, 3, 32, F32, .01},
    {"resnet110", ICL_ORDER_IC, 32, 3, 8, F32, .001},
    {"xresnet18", ICL_ORDER_CONV_BN_RELU, 64, 3, 16, F32, .01},
    {"xresnet34", ICL_ORDER_IC, 64, 3, 16, F32, .01},
};
static const struct step_form small_loss_forms[] = {{"thread06", ICL_ORDER_IC, 12, 1, 16, F32, .02},
                                                    {"thread06", ICL_ORDER_CONV_BN_RELU, 9, 3, 5, F32, .05}};

/* The largest difference from the processor's losses, and the largest from those of a second run. */
static icl_status compare_losses(struct icl_device *device, const struct step_form *form, uint64_t seed, double *apart,
                                 double *first, bool *repeated, struct icl_error *err)
{
    struct step_rig rig;
    double loss[LOSSES], processor[LOSSES] = {0};
    *apart = *first = NAN;
    *repeated = true;
    for (int run = 0; run < 2; run++) {
        ICL_TRY(rig_create(&rig, device, form, seed, LOSSES, err));
        icl_status status = rig_run(&rig, err);
        for (int k = 0; status == ICL_OK && k < LOSSES; k++) {
            const double value = rig.outcomes[k].loss / (double)form->batch;
            if (run > 0 && memcmp(&value, &loss[k], sizeof value) != 0) *repeated = false;
            loss[k] = value;
        }
        if (status == ICL_OK && run == 0) status = rig_processor_losses(&rig, processor, err);
        rig_free(&rig);
        ICL_TRY(status);
    }
    *first = processor[0];
    *apart = 0;
    for (int k = 0; k < LOSSES; k++) {
        const double difference = fabs(loss[k] - processor[k]) / fmax(1.0, fabs(*first));
        if (!(difference <= *apart)) *apart = difference; /* a NaN stays the largest */
        if (isnan(difference)) break;
    }
    return ICL_OK;
}

icl_status icl_bench_device_losses(struct icl_device *device, const struct icl_device_bench_options *options, FILE *out,
                                   struct icl_device_bench_counts *counts, struct icl_error *err)
{
    const bool small = device->facts.emulated;
    const struct step_form *forms = small ? small_loss_forms : loss_forms;
    const size_t count =
        small ? sizeof small_loss_forms / sizeof *small_loss_forms : sizeof loss_forms / sizeof *loss_forms;
    icl_device_describe(device, out);
    fprintf(out, "net\torder\tsize\tbatch\tlosses\tfirst\tlargest_difference\tagain\tcheck\n");
    for (size_t f = 0; f < count; f++) {
        const struct step_form *form = &forms[f];
        struct icl_error failure;
        double apart, first;
        bool repeated;
        if (!wanted(options, form->net)) continue;
        if (compare_losses(device, form, options->seed, &apart, &first, &repeated, &failure) != ICL_OK) {
            ICL_TRY(fail_line(out, form, &failure, counts, err));
            continue;
        }
        const bool right = apart <= tolerance && repeated;
        *(right ? &counts->passed : &counts->failed) += 1;
        fprintf(out, "%s\t%s\t%zu\t%zu\t%d\t%.6g\t%.3g\t%s\t%s\n", form->net, icl_order_names[form->order], form->size,
                form->batch, LOSSES, first, apart, repeated ? "same bits" : "OTHER BITS", right ? "1 of 1" : "FAILED");
        fflush(out);
    }
    return ICL_OK;
}

/* ---- times ------------------------------------------------------------------------------------------------------ */

static const struct {
    const char *net;
    size_t size, channels, batch;
} nets[] = {{"thread07", 28, 1, 128},  {"thread07", 28, 1, 512},  {"resnet20", 32, 3, 128},
            {"resnet110", 32, 3, 128}, {"xresnet18", 128, 3, 32}, {"xresnet34", 128, 3, 32}},
  small_nets[] = {{"thread06", 9, 1, 3}};
static const enum icl_order orders[] = {ICL_ORDER_CONV_BN_RELU, ICL_ORDER_IC};
static const struct precision {
    const char *name;
    enum icl_storage storage;
    enum icl_product_rule rule;
} precisions[] = {{"f32", F32}, {"tf32", TF32}, {"bf16", BF16}};
enum { ORDERS = sizeof orders / sizeof *orders, PRECISIONS = sizeof precisions / sizeof *precisions };

static void one_step(void *context)
{
    rig_step(context);
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median time of a step; 0 on an emulated device. */
static icl_status time_steps(struct step_rig *rig, double *median, struct icl_error *err)
{
    const struct icl_device_kernels *call = rig->device->call;
    double seconds[MEDIAN_OF];
    *median = 0;
    ICL_TRY(call->time(rig->device, one_step, rig, rig->device->facts.emulated ? 1 : WARM, seconds, err));
    if (rig->device->facts.emulated) return ICL_OK;
    ICL_TRY(call->time(rig->device, one_step, rig, WARM, seconds, err));
    const double once = seconds[0] / WARM, fitting = once > 0 ? turn_seconds / once : 1;
    const unsigned steps = fitting < 1 ? 1 : fitting > MOST_STEPS ? MOST_STEPS : (unsigned)fitting;
    for (int k = 0; k < MEDIAN_OF; k++) {
        rig_rewind(rig);
        ICL_TRY(call->time(rig->device, one_step, rig, steps, &seconds[k], err));
        seconds[k] /= steps;
    }
    qsort(seconds, MEDIAN_OF, sizeof *seconds, ascending);
    *median = seconds[MEDIAN_OF / 2];
    return ICL_OK;
}

static void print_step(FILE *out, const struct step_form *form, const struct precision *precision, double seconds,
                       double operations, double peak)
{
    fprintf(out, "%s\t%s\t%zux%zux%zu\t%zu\t%s", form->net, icl_order_names[form->order], form->size, form->size,
            form->channels, form->batch, precision->name);
    if (!(seconds > 0)) {
        fprintf(out, "\t-\t-\t%.0f\t-\t-\n", operations);
        return;
    }
    fprintf(out, "\t%.4g\t%.0f\t%.0f\t%.4g", seconds, (double)form->batch / seconds, operations, operations / seconds);
    if (peak > 0)
        fprintf(out, "\t%.1f\n", 100 * operations / seconds / peak);
    else
        fprintf(out, "\t-\n");
}

static icl_status time_form(struct icl_device *device, const struct step_form *form, uint64_t seed, double *seconds,
                            double *operations, struct icl_error *err)
{
    struct step_rig rig;
    ICL_TRY(rig_create(&rig, device, form, seed, device->facts.emulated ? 1 : MOST_STEPS, err));
    const icl_status status = time_steps(&rig, seconds, err);
    *operations = 2 * (double)form->batch * bench_convs_multiply_adds(&rig.network);
    rig_free(&rig);
    return status;
}

icl_status icl_bench_device_steps(struct icl_device *device, const struct icl_device_bench_options *options,
                                  const struct icl_device_peaks *peaks, FILE *out,
                                  struct icl_device_bench_counts *counts, struct icl_error *err)
{
    const double peak[PRECISIONS] = {peaks->f32, peaks->tf32, peaks->bf16};
    const bool small = device->facts.emulated;
    const size_t count = small ? sizeof small_nets / sizeof *small_nets : sizeof nets / sizeof *nets;
    icl_device_describe(device, out);
    fprintf(out,
            "net\torder\timages\tbatch\tprecision\tseconds\timages_per_second\toperations\trate\tpercent_of_peak\n");
    for (size_t row = 0; row < count * ORDERS * PRECISIONS; row++) {
        const size_t n = row / (ORDERS * PRECISIONS), p = row % PRECISIONS;
        const enum icl_order order = orders[row / PRECISIONS % ORDERS];
        const struct precision *precision = &precisions[p];
        struct step_form form = {.order = order, .storage = precision->storage, .rule = precision->rule, .rate = 1e-3};
        form.net = small ? small_nets[n].net : nets[n].net;
        form.size = small ? small_nets[n].size : nets[n].size;
        form.channels = small ? small_nets[n].channels : nets[n].channels;
        form.batch = small ? small_nets[n].batch : nets[n].batch;
        if (!wanted(options, form.net)) continue;
        struct icl_error failure;
        double seconds, operations;
        if (time_form(device, &form, options->seed, &seconds, &operations, &failure) != ICL_OK) {
            ICL_TRY(fail_line(out, &form, &failure, counts, err));
            continue;
        }
        print_step(out, &form, precision, seconds, operations, peak[p]);
        fflush(out);
    }
    return ICL_OK;
}
