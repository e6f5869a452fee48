/* result.json: what a run came to. */
#include <ctype.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

#include "core/atomic_file.h"
#include "core/input.h"
#include "core/number.h"
#include "trainer/run_folder_internal.h"

static const char *const outcomes[] = {"finished", "diverged", NULL};

/* The numbers of the file, in its order. */
static const struct member {
    const char *name;
    size_t offset;
    bool count;
} members[] = {
    {"steps", offsetof(struct icl_train_result, steps), true},
    {"epochs", offsetof(struct icl_train_result, epochs), true},
    {"valid_loss", offsetof(struct icl_train_result, valid_loss), false},
    {"valid_accuracy", offsetof(struct icl_train_result, valid_accuracy), false},
    {"train_loss", offsetof(struct icl_train_result, train_loss), false},
    {"train_accuracy", offsetof(struct icl_train_result, train_accuracy), false},
    {"open_loss", offsetof(struct icl_train_result, open_loss), false},
    {"open_accuracy", offsetof(struct icl_train_result, open_accuracy), false},
    {"best_accuracy", offsetof(struct icl_train_result, best_accuracy), false},
    {"best_epoch", offsetof(struct icl_train_result, best_epoch), true},
};
enum { MEMBERS = sizeof members / sizeof *members };

/* What a driver calls its device stands between quotes. */
static void write_text(FILE *stream, const char *text)
{
    for (; *text != '\0'; text++)
        fputc(*text == '"' || *text == '\\' || !isprint((unsigned char)*text) ? '?' : *text, stream);
}

static void write_device(FILE *stream, const struct icl_device_facts *facts)
{
    fputs(",\n \"device\": \"", stream);
    write_text(stream, facts->name);
    fputs("; ", stream);
    write_text(stream, facts->version);
    fputc('"', stream);
}

icl_status icl_run_write_result(const struct icl_run_folder *folder, const struct icl_train_spec *spec,
                                const struct icl_train_result *result, const struct icl_device *device,
                                struct icl_error *err)
{
    char path[ICL_RUN_PATH], name[ICL_SPEC_NAME], text[ICL_NUMBER_SIZE];
    struct icl_atomic_file file;
    ICL_TRY(icl_atomic_open(&file, icl_run_path(folder, "result.json", path), err));
    icl_train_spec_name(spec, name);
    fprintf(file.stream, "{\n \"outcome\": \"%s\",\n \"specification\": \"%s\"", outcomes[result->outcome], name);
    if (device != NULL) write_device(file.stream, &device->facts);
    for (int k = 0; k < MEMBERS; k++) {
        const char *at = (const char *)result + members[k].offset;
        size_t count;
        double number;
        fprintf(file.stream, ",\n \"%s\": ", members[k].name);
        if (members[k].count) {
            memcpy(&count, at, sizeof count);
            fprintf(file.stream, "%zu", count);
        } else {
            memcpy(&number, at, sizeof number);
            fputs(isfinite(number) ? icl_format_number(number, text) : "null", file.stream);
        }
    }
    fputs("\n}\n", file.stream);
    return icl_atomic_commit(&file, err);
}

static icl_status from_json(const json_t *json, const char *shown, struct icl_train_result *result,
                            struct icl_error *err)
{
    const char *word = json_string_value(json_object_get(json, "outcome"));
    int outcome = 0;
    while (outcomes[outcome] != NULL && (word == NULL || strcmp(word, outcomes[outcome]) != 0))
        outcome++;
    if (outcomes[outcome] == NULL) return icl_fail(err, ICL_ERR_INPUT, "%s: has no outcome", shown);
    struct icl_train_result read = {.outcome = (enum icl_outcome)outcome};
    for (int k = 0; k < MEMBERS; k++) {
        const json_t *value = json_object_get(json, members[k].name);
        char *at = (char *)&read + members[k].offset;
        const bool count = members[k].count;
        if (count ? !json_is_integer(value) || json_integer_value(value) < 0
                  : !json_is_number(value) && !json_is_null(value))
            return icl_fail(err, ICL_ERR_INPUT, "%s: '%s' is missing or no number", shown, members[k].name);
        const size_t whole = count ? (size_t)json_integer_value(value) : 0;
        const double number = json_is_null(value) ? NAN : json_number_value(value);
        if (count)
            memcpy(at, &whole, sizeof whole);
        else
            memcpy(at, &number, sizeof number);
    }
    *result = read;
    return ICL_OK;
}

icl_status icl_train_result_read(const char *folder, const struct icl_train_spec *spec, bool *found,
                                 struct icl_train_result *result, struct icl_error *err)
{
    if (spec != NULL) {
        char text[ICL_SPEC_TEXT];
        icl_train_spec_text(spec, text);
        return icl_run_folder_look(folder, text, true, found, result, err);
    }
    char *path = NULL;
    *found = false;
    if (asprintf(&path, "%s/result.json", folder) < 0) return icl_fail_memory(err, "a file name");
    char shown[ICL_INPUT_NAME_SIZE];
    icl_shown_path(path, "-", shown);
    FILE *stream;
    const icl_status opened = icl_open_plain(path, &stream, err);
    free(path);
    if (opened != ICL_OK || stream == NULL) return opened;
    json_error_t error;
    json_t *json = json_loadf(stream, JSON_REJECT_DUPLICATES, &error);
    fclose(stream);
    const icl_status status = json == NULL
                                  ? icl_fail(err, ICL_ERR_INPUT, "%s: line %d: %.200s", shown, error.line, error.text)
                                  : from_json(json, shown, result, err);
    json_decref(json);
    *found = status == ICL_OK;
    return status;
}
