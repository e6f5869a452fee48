/* Training the list, and reading what the claims need from the folders of its runs. */
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "core/cells.h"
#include "experiments/training_internal.h"
#include "trainer/data_sets.h"

enum { PATH_SIZE = 4096 };
static const double GUESS = .1; /* of ten classes */

static icl_status open_cells(const char *folder, const char *name, struct icl_cells *cells, struct icl_error *err)
{
    char path[PATH_SIZE];
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= PATH_SIZE)
        return icl_fail(err, ICL_ERR_USAGE, "%s: the path is too long", folder);
    return icl_cells_read(path, cells, err);
}

static icl_status number_at(const struct icl_cells *cells, size_t row, const char *name, double *value,
                            struct icl_error *err)
{
    size_t column;
    ICL_TRY(icl_cells_column(cells, name, &column, err));
    return icl_cell_number(cells, row, column, value, err);
}

static icl_status read_epochs(const struct icl_cells *cells, struct training_curves *curves, struct icl_error *err)
{
    for (size_t row = 0; row < cells->rows && row < MOST_EPOCHS; row++) {
        ICL_TRY(number_at(cells, row, "valid_accuracy", &curves->valid[row], err));
        ICL_TRY(number_at(cells, row, "train_accuracy", &curves->train, err));
        ICL_TRY(number_at(cells, row, "open_accuracy", &curves->open, err));
        curves->epochs = row + 1;
    }
    return ICL_OK;
}

/* Sums over the stages at one recorded step. */
struct step_sums {
    double step, count, mean, sd, least, most;
};

static void close_step(const struct step_sums *s, struct training_curves *curves)
{
    if (s->count == 0) return;
    const double spread = s->least > 0 ? log(s->most / s->least) : s->most > 0 ? INFINITY : NAN;
    if (isnan(curves->early_spread) && s->step > 0) curves->early_spread = spread; /* step 0: nothing is learnt yet */
    curves->mean_size = s->mean / s->count;
    curves->sd_size = s->sd / s->count;
    curves->sd_spread = spread;
}

static icl_status read_layers(const struct icl_cells *cells, struct training_curves *curves, struct icl_error *err)
{
    struct step_sums sums = {0};
    size_t place;
    ICL_TRY(icl_cells_column(cells, "place", &place, err));
    for (size_t row = 0; row < cells->rows; row++) {
        double step, mean, sd;
        if (strcmp(icl_cell(cells, row, place), "relu") != 0) continue;
        ICL_TRY(number_at(cells, row, "step", &step, err));
        ICL_TRY(number_at(cells, row, "mean", &mean, err));
        ICL_TRY(number_at(cells, row, "sd", &sd, err));
        if (step != sums.step || sums.count == 0) {
            close_step(&sums, curves);
            sums = (struct step_sums){.step = step, .least = sd, .most = sd};
        }
        sums.count += 1;
        sums.mean += fabs(mean);
        sums.sd += sd;
        sums.least = sd < sums.least ? sd : sums.least;
        sums.most = sd > sums.most ? sd : sums.most;
    }
    close_step(&sums, curves);
    return ICL_OK;
}

icl_status training_read(const char *folder, const struct icl_train_result *result, bool with_layers,
                         struct training_curves *curves, struct icl_error *err)
{
    *curves = (struct training_curves){.train = NAN,
                                       .open = NAN,
                                       .mean_size = NAN,
                                       .sd_size = NAN,
                                       .sd_spread = NAN,
                                       .early_spread = NAN,
                                       .diverged = result->outcome == ICL_OUTCOME_DIVERGED};
    struct icl_cells cells;
    ICL_TRY(open_cells(folder, "epochs.tsv", &cells, err));
    icl_status status = read_epochs(&cells, curves, err);
    icl_cells_free(&cells);
    if (status == ICL_OK && with_layers) {
        ICL_TRY(open_cells(folder, "layers.tsv", &cells, err));
        status = read_layers(&cells, curves, err);
        icl_cells_free(&cells);
    }
    if (status == ICL_OK && !curves->diverged && curves->epochs == 0)
        status = icl_fail(err, ICL_ERR_INPUT, "%s/epochs.tsv: has no row", folder);
    if (status == ICL_OK && curves->diverged) { /* the epochs that it did not live to see are those of guessing */
        curves->epochs = curves->epochs < MOST_EPOCHS ? curves->epochs + 1 : MOST_EPOCHS;
        curves->valid[curves->epochs - 1] = GUESS;
    }
    return status;
}

static void say_run(void *context, const struct icl_run_note *note)
{
    if (*(const bool *)context || note->waiting) return;
    fprintf(stderr, "training %zu of %zu: %s\n", note->place, note->count, note->name);
}

bool training_data_are_there(struct icl_error *missing)
{
    struct icl_train_spec spec;
    struct icl_data_choice choice;
    char folder[ICL_DATA_PATH], path[ICL_DATA_PATH + 64];
    icl_train_spec_default(&spec);
    if (icl_data_choose(spec.data, &choice, missing) != ICL_OK ||
        icl_data_locate(&choice.set, NULL, folder, missing) != ICL_OK)
        return false;
    for (const struct icl_data_file *file = choice.set.file; file->name != NULL; file++) { /* gzipped or plain */
        const int plain = (int)(strlen(file->name) - strlen(".gz"));
        snprintf(path, sizeof path, "%s/%s", folder, file->name);
        const bool zipped = access(path, F_OK) == 0;
        snprintf(path, sizeof path, "%s/%.*s", folder, plain, file->name);
        if (zipped || access(path, F_OK) == 0) continue;
        icl_fail(missing, ICL_ERR_INPUT, "%s: %s is not there: %s", folder, file->name, choice.set.how);
        return false;
    }
    return true;
}

static icl_status count_images(const struct icl_train_spec *spec, enum icl_split split, size_t limit, size_t *count,
                               struct icl_error *err)
{
    struct icl_data *data;
    ICL_TRY(icl_data_open(spec->data, split, limit, spec->size, NULL, &data, err));
    *count = icl_data_info(data)->count;
    icl_data_close(data);
    return ICL_OK;
}

icl_status training_do(struct training *training, const struct icl_verify_options *options, const char *out,
                       struct icl_error *err)
{
    bool stopped = false, quiet = options->quiet;
    if (training->count == 0) return ICL_OK;
    const struct icl_runs_options runs = {.out = out,
                                          .threads = options->threads,
                                          .quiet = true,
                                          .command = options->command,
                                          .note = say_run,
                                          .note_context = &quiet};
    const struct icl_train_spec *spec = &training->run[0].spec;
    ICL_TRY(count_images(spec, ICL_SPLIT_TRAIN, 0, &training->train_images, err));
    ICL_TRY(count_images(spec, ICL_SPLIT_VALID, spec->valid_limit, &training->valid_images, err));
    ICL_TRY(icl_runs_do(training->run, training->count, &runs, &stopped, err));
    for (size_t r = 0; r < training->count; r++) {
        const struct icl_run *run = &training->run[r];
        char folder[PATH_SIZE], name[ICL_RUN_NAME];
        icl_run_name(run, name);
        if (snprintf(folder, sizeof folder, "%s/runs/%s", out, name) >= PATH_SIZE)
            return icl_fail(err, ICL_ERR_USAGE, "%s: the path is too long", out);
        ICL_TRY(training_read(folder, &run->result, true, &training->member[r].curves, err));
    }
    training->done = true;
    return ICL_OK;
}
