#include "trainer/trained.h"

#include <stdlib.h>
#include <string.h>

#include "core/input.h"
#include "trainer/checkpoint_internal.h"
#include "trainer/optimise_internal.h"
#include "trainer/train.h"

enum { PATH_SIZE = 4096 };

icl_status icl_trained_spec(const char *folder, struct icl_train_spec *spec, struct icl_error *err)
{
    char path[PATH_SIZE];
    struct icl_input input;
    unsigned char *bytes;
    size_t length;
    if (snprintf(path, sizeof path, "%s/spec.txt", folder) >= PATH_SIZE)
        return icl_fail(err, ICL_ERR_USAGE, "%s: the path is too long", folder);
    ICL_TRY(icl_input_open(&input, path, err));
    icl_status status = icl_input_read_all(&input, ICL_SPEC_TEXT, &bytes, &length, err);
    icl_input_close(&input);
    ICL_TRY(status);
    char text[ICL_SPEC_TEXT + 1];
    memcpy(text, bytes, length);
    text[length] = '\0';
    free(bytes);
    return icl_train_spec_parse(text, spec, err);
}

static icl_status read_checkpoint(const char *folder, struct icl_trained *t, struct icl_error *err)
{
    char path[PATH_SIZE], text[ICL_SPEC_TEXT];
    struct icl_optimise optimise = {0};
    struct icl_train_state state;
    bool found = false;
    if (snprintf(path, sizeof path, "%s/checkpoint.bin", folder) >= PATH_SIZE)
        return icl_fail(err, ICL_ERR_USAGE, "%s: the path is too long", folder);
    const size_t count = t->network.parameter_count, running = 2 * t->network.norm_channels;
    icl_train_spec_text(&t->spec, text);
    t->parameters = malloc((count + 1) * sizeof *t->parameters);
    t->running = malloc((running + 1) * sizeof *t->running);
    if (t->parameters == NULL || t->running == NULL) return icl_fail_memory(err, "a trained network");
    ICL_TRY(icl_optimise_create(&optimise, &t->spec, icl_kernels(), NULL, count, err));
    const struct icl_train_arrays arrays = {.parameters = t->parameters,
                                            .first = optimise.first,
                                            .second = optimise.second,
                                            .running = t->running,
                                            .parameter_count = count,
                                            .first_count = optimise.first != NULL ? count : 0,
                                            .second_count = optimise.second != NULL ? count : 0,
                                            .running_count = running};
    icl_status status = icl_checkpoint_read(path, text, &state, &arrays, &found, err);
    icl_optimise_free(&optimise);
    if (status == ICL_OK && !found) status = icl_fail(err, ICL_ERR_INPUT, "%s: is not there", path);
    return status;
}

icl_status icl_trained_read(const char *folder, const struct icl_data_info *info, struct icl_trained *out,
                            struct icl_error *err)
{
    struct icl_trained t = {0};
    struct icl_train_result result;
    bool found;
    ICL_TRY(icl_trained_spec(folder, &t.spec, err));
    ICL_TRY(icl_train_result_read(folder, &t.spec, &found, &result, err));
    if (!found || result.outcome != ICL_OUTCOME_FINISHED)
        return icl_fail(err, ICL_ERR_INPUT, "%s: the run %s", folder, found ? "diverged" : "is not finished");
    ICL_TRY(icl_network_build(&t.spec, info->height, info->width, info->channels, info->classes, &t.network, err));
    const icl_status status = read_checkpoint(folder, &t, err);
    if (status == ICL_OK)
        *out = t;
    else
        icl_trained_free(&t);
    return status;
}

void icl_trained_free(struct icl_trained *trained)
{
    icl_network_free(&trained->network);
    free(trained->parameters);
    free(trained->running);
    *trained = (struct icl_trained){0};
}

icl_status icl_trained_executor(const struct icl_trained *trained, const struct icl_executor_options *options,
                                struct icl_team *team, struct icl_executor **executor, struct icl_error *err)
{
    ICL_TRY(icl_executor_create(&trained->network, options, team, executor, err));
    memcpy(icl_executor_parameters(*executor), trained->parameters,
           trained->network.parameter_count * sizeof *trained->parameters);
    memcpy(icl_executor_running(*executor), trained->running,
           2 * trained->network.norm_channels * sizeof *trained->running);
    return ICL_OK;
}
