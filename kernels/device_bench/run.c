/* Rows at work: checks, clocks, and the table that comes out. */
#include <stdlib.h>
#include <string.h>

#include "kernels/bench_internal.h"
#include "kernels/device_bench/trial_internal.h"

enum { MEDIAN_OF = 9, SLOW_MEDIAN_OF = 3, LEAST_CALLS = TRIAL_SETS, MOST_CALLS = 2000 };
static const double turn_seconds = .01; /* that one figure of a median takes, or one call */
static const double slow_seconds = .3;  /* of a call */

static const struct trial_row *const families[] = {trial_rows_queue, trial_rows_stage, trial_rows_norm,
                                                   trial_rows_conv,  trial_rows_pool,  trial_rows_step,
                                                   trial_rows_batch, trial_rows_pairs, trial_rows_neighbours};

enum { MEMBERS = sizeof(struct icl_device_kernels) / sizeof(void (*)(void)) };
_Static_assert(sizeof(struct icl_device_kernels) % sizeof(void (*)(void)) == 0, "a table of functions alone");

/* ---- one trial -------------------------------------------------------------------------------------------------- */

static void begin(struct trial *t, struct icl_device *device, const struct trial_row *row, unsigned form,
                  bool measuring, uint64_t seed)
{
    uint32_t name = 0; /* inputs of a kernel of their own */
    for (const char *c = row->name; *c != '\0'; c++)
        name = (name * 31 + (unsigned char)*c) & 0xffffff;
    *t = (struct trial){.device = device,
                        .call = device->call,
                        .reference = icl_kernels_reference(),
                        .stream = {seed, ICL_PURPOSE_LAW, name, form + (measuring ? 1U << 16 : 0)},
                        .form = form,
                        .measuring = measuring,
                        .tiny = measuring && device->facts.emulated,
                        .sets = measuring && !device->facts.emulated ? TRIAL_SETS : 1,
                        .peak = TRIAL_NO_PEAK};
    row->make(t);
}

static void end(struct trial *t, const struct trial_row *row)
{
    if (row->end != NULL) row->end(t);
    for (struct trial_area *area = t->areas; area != NULL; area = area->next)
        t->call->release(t->device, area->memory);
    for (struct trial_host *next, *host = t->hosts; host != NULL; host = next) {
        next = host->next;
        free(host);
    }
}

/* Nothing was written behind an array. */
static void check_guards(struct trial *t)
{
    unsigned char guard[2 * TRIAL_GUARD];
    for (struct trial_area *area = t->areas; area != NULL && t->status == ICL_OK; area = area->next) {
        struct icl_error err;
        const size_t bytes = area->stride - area->bytes;
        t->call->download(t->device, area->memory + area->bytes, bytes, guard);
        trial_fail(t, t->call->finish(t->device, &err), &err);
        for (size_t i = 0; i < bytes && t->status == ICL_OK; i++)
            if (guard[i] != TRIAL_POISON) {
                trial_problem(t, "written behind an array of %zu bytes", area->bytes);
                return;
            }
    }
}

/* Every other form as recorded work. */
static void work_once(struct trial *t, const struct trial_row *row)
{
    struct icl_error err;
    if (t->form % 2 == 0) {
        row->work(t);
        return;
    }
    struct icl_device_graph *graph;
    t->call->record_begin(t->device);
    row->work(t);
    trial_fail(t, t->call->record_end(t->device, &graph, &err), &err);
    if (t->status == ICL_OK) t->call->replay(t->device, graph);
    t->call->graph_release(t->device, graph);
}

static void check_form(struct icl_device *device, const struct trial_row *row, unsigned form, uint64_t seed,
                       struct trial *t)
{
    struct icl_error err;
    begin(t, device, row, form, false, seed);
    if (t->status == ICL_OK) work_once(t, row);
    trial_fail(t, device->call->finish(device, &err), &err);
    if (t->status == ICL_OK) row->check(t);
    check_guards(t);
    end(t, row);
}

struct clocked {
    struct trial *trial;
    const struct trial_row *row;
};

static void next_set(void *context)
{
    const struct clocked *clocked = context;
    clocked->trial->set = (clocked->trial->set + 1) % clocked->trial->sets;
    clocked->row->work(clocked->trial);
}

static void clock_calls(struct trial *t, struct clocked *clocked, unsigned calls, double *seconds)
{
    struct icl_error err;
    trial_fail(t, t->call->time(t->device, next_set, clocked, calls, seconds, &err), &err);
    *seconds /= calls;
}

/* The median time of a call; calls of seconds are few. */
static void measure(struct trial *t, const struct trial_row *row, double *median)
{
    struct clocked clocked = {t, row};
    double seconds[MEDIAN_OF] = {0};
    *median = 0.0;
    if (t->status == ICL_OK) clock_calls(t, &clocked, 1, seconds); /* warms up */
    if (t->status != ICL_OK || t->tiny) return;
    const bool slow = seconds[0] > slow_seconds;
    if (!slow) clock_calls(t, &clocked, LEAST_CALLS, seconds);
    const double wanted = seconds[0] > 0.0 ? turn_seconds / seconds[0] : MOST_CALLS;
    const unsigned calls = slow                   ? 1
                           : wanted < LEAST_CALLS ? LEAST_CALLS
                           : wanted > MOST_CALLS  ? MOST_CALLS
                                                  : (unsigned)wanted;
    const unsigned turns = slow ? SLOW_MEDIAN_OF : MEDIAN_OF;
    for (unsigned k = 0; k < turns && t->status == ICL_OK; k++)
        clock_calls(t, &clocked, calls, &seconds[k]);
    if (t->status == ICL_OK) *median = icl_bench_median(seconds, turns);
}

/* ---- the table -------------------------------------------------------------------------------------------------- */

void icl_device_describe(const struct icl_device *device, FILE *out)
{
    fprintf(out, "# device: %s, %s, %u multiprocessors, %.0f MiB\n", device->facts.name, device->facts.version,
            device->facts.multiprocessors, (double)device->facts.memory / 0x1p20);
    if (device->facts.emulated) fprintf(out, "# the processor played the device: nothing is measured\n");
}

void trial_print_head(const struct icl_device *device, FILE *out)
{
    icl_device_describe(device, out);
    fprintf(out, "kernel\tform\tseconds\tamount\tunit\trate\tpercent_of_peak\tpeak\tchecks\n");
}

static double peak_of(const struct icl_device_peaks *peaks, enum trial_peak peak)
{
    const double rates[] = {peaks->copy, peaks->f32, peaks->tf32, peaks->bf16, peaks->f64, 0.0};
    return rates[peak];
}

static void print_figures(FILE *out, const struct trial *t, double seconds, const struct icl_device_peaks *peaks)
{
    static const char *const names[] = {"copy", "f32", "tf32", "bf16", "f64", "-"};
    static const char *const units[] = {"B", "op", "op", "op", "op", "samples"};
    const double peak = peak_of(peaks, t->peak);
    if (!(seconds > 0.0)) {
        fprintf(out, "\t-\t%.0f\t%s\t-\t-\t%s", t->amount, units[t->peak], names[t->peak]);
        return;
    }
    fprintf(out, "\t%.4g\t%.0f\t%s\t%.4g", seconds, t->amount, units[t->peak], t->amount / seconds);
    if (peak > 0.0)
        fprintf(out, "\t%.1f", 100.0 * t->amount / seconds / peak);
    else
        fprintf(out, "\t-");
    fprintf(out, "\t%s", names[t->peak]);
}

struct run {
    struct icl_device *device;
    const struct icl_device_bench_options *options;
    const struct icl_device_peaks *peaks;
    FILE *out;
    struct icl_device_bench_counts *counts;
    double *rates; /* NULL, or by enum trial_peak */
    bool lost;     /* the device */
    struct icl_error error;
};

static void note_lost(struct run *run, const struct trial *t)
{
    if (t->status == ICL_ERR_DEVICE && !run->lost) {
        run->lost = true;
        run->error = t->error;
    }
}

/* Returns how many were right. */
static unsigned check_row(struct run *run, const struct trial_row *row)
{
    unsigned right = 0;
    for (unsigned form = 0; form < row->checked && !run->lost; form++) {
        struct trial t;
        check_form(run->device, row, form, run->options->seed, &t);
        note_lost(run, &t);
        if (t.status == ICL_OK && t.problem[0] == '\0') {
            right++;
            run->counts->passed++;
            continue;
        }
        run->counts->failed++;
        fprintf(run->out, "%s\t%s\t-\t-\t-\t-\t-\t-\tFAILED: %s\n", row->name, t.label,
                t.status == ICL_OK ? t.problem : t.error.message);
    }
    return right;
}

static void print_checks(const struct run *run, const struct trial_row *row, unsigned right)
{
    if (!run->options->check)
        fprintf(run->out, "\t-\n");
    else
        fprintf(run->out, "\t%u of %u\n", right, row->checked);
}

static void time_row(struct run *run, const struct trial_row *row, unsigned right)
{
    for (unsigned form = 0; form < row->measured && !run->lost; form++) {
        struct trial t;
        double seconds;
        begin(&t, run->device, row, form, true, run->options->seed);
        measure(&t, row, &seconds);
        note_lost(run, &t);
        if (t.status == ICL_OK) {
            fprintf(run->out, "%s\t%s", row->name, t.label);
            print_figures(run->out, &t, seconds, run->peaks);
            print_checks(run, row, right);
            if (run->rates != NULL) run->rates[t.peak] = seconds > 0.0 ? t.amount / seconds : 0.0;
        } else {
            run->counts->failed++;
            fprintf(run->out, "%s\t%s\t-\t-\t-\t-\t-\t-\tFAILED: %s\n", row->name, t.label, t.error.message);
        }
        end(&t, row);
    }
}

/* Whether all that the row needs is there. */
static bool is_there(const struct run *run, const struct trial_row *row, unsigned char *covered)
{
    bool all = true;
    for (size_t m = 0; m < sizeof row->members / sizeof *row->members && row->members[m] != 0; m++) {
        void (*function)(void);
        memcpy(&function, (const char *)run->device->call + row->members[m], sizeof function);
        all = all && function != NULL;
        if (covered != NULL) covered[row->members[m] / sizeof function] = 1;
    }
    return all;
}

static void run_row(struct run *run, const struct trial_row *row, unsigned char *covered)
{
    const bool there = is_there(run, row, covered);
    if (run->options->only != NULL && strstr(row->name, run->options->only) == NULL) return;
    if (!there) {
        run->counts->missing++;
        fprintf(run->out, "%s\t-\t-\t-\t-\t-\t-\t-\tMISSING\n", row->name);
        return;
    }
    const unsigned right = run->options->check ? check_row(run, row) : 0;
    if (run->options->time && row->measured > 0) {
        time_row(run, row, right);
    } else {
        fprintf(run->out, "%s\t-\t-\t-\t-\t-\t-\t-", row->name);
        print_checks(run, row, right);
    }
    fflush(run->out);
}

icl_status trial_run_rows(struct icl_device *device, const struct trial_row *rows,
                          const struct icl_device_bench_options *options, const struct icl_device_peaks *peaks,
                          FILE *out, unsigned char *covered, struct icl_device_bench_counts *counts,
                          struct icl_error *err)
{
    struct run run = {.device = device, .options = options, .peaks = peaks, .out = out, .counts = counts};
    for (const struct trial_row *row = rows; row->name != NULL && !run.lost; row++)
        run_row(&run, row, covered);
    if (run.lost) return icl_fail(err, ICL_ERR_DEVICE, "%s", run.error.message);
    return ferror(out) ? icl_fail(err, ICL_ERR_IO, "the table cannot be written") : ICL_OK;
}

icl_status trial_measure_row(struct icl_device *device, const struct trial_row *row, FILE *out,
                             double rates[TRIAL_NO_PEAK], struct icl_error *err)
{
    static const struct icl_device_bench_options options = {.seed = 1, .time = true};
    const struct icl_device_peaks none = {0};
    struct icl_device_bench_counts counts = {0};
    struct run run = {
        .device = device, .options = &options, .peaks = &none, .out = out, .counts = &counts, .rates = rates};
    run_row(&run, row, NULL);
    return run.lost ? icl_fail(err, ICL_ERR_DEVICE, "%s", run.error.message) : ICL_OK;
}

icl_status icl_bench_device(struct icl_device *device, const struct icl_device_bench_options *options,
                            const struct icl_device_peaks *peaks, FILE *out, struct icl_device_bench_counts *counts,
                            struct icl_error *err)
{
    unsigned char covered[MEMBERS] = {1}; /* close: whoever opened the device */
    trial_print_head(device, out);
    for (size_t f = 0; f < sizeof families / sizeof *families; f++)
        ICL_TRY(trial_run_rows(device, families[f], options, peaks, out, covered, counts, err));
    for (size_t m = 0; m < MEMBERS; m++)
        if (!covered[m] && options->only == NULL) {
            counts->missing++;
            fprintf(out, "member %zu of the table\t-\t-\t-\t-\t-\t-\t-\tNO CHECK\n", m);
        }
    return ICL_OK;
}
