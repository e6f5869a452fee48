/* iclab data: which data sets there are, whether they are whole, and getting them. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/common.h"
#include "core/progress.h"
#include "core/table.h"
#include "core/team.h"
#include "trainer/data.h"
#include "trainer/data_check.h"
#include "trainer/data_fetch.h"

/* Images decoded at a time, and the side image files are resized to: enough to see that they can be read. */
enum { PIECE = 256, SIDE = 32 };

struct settings {
    const char *root, *to, *from;
    bool quiet;
    uint64_t threads;
};

static const struct settings defaults = {0};

static const struct icl_option options[] = {
    ICL_STRING_OPTION("root", 0, "DIR", struct settings, root,
                      "list, check: the folder of the data sets (default $ICLAB_DATA or ~/.local/share/iclab)"),
    ICL_STRING_OPTION("to", 0, "DIR", struct settings, to, "fetch: the same folder"),
    ICL_STRING_OPTION("from", 0, "URL", struct settings, from,
                      "fetch: take the files from URL/FILE, not from their own address"),
    ICL_FLAG_OPTION("quiet", 'q', struct settings, quiet, "show no progress"),
    CLI_THREADS_OPTION(struct settings, threads),
};

static const struct icl_command command = {
    .name = "iclab data",
    .positionals = "list | check NAME | fetch NAME",
    .summary = "Lists the data sets, checks one that is there, or fetches one.",
    .least_positionals = 1,
    .most_positionals = 2,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .defaults = &defaults,
    .settings_size = sizeof defaults,
};

static const char notes[] =
    "list   prints a row a data set, with its terms and where it was found.\n"
    "check  compares the size and checksum of every file, then reads every image and counts the labels.\n"
    "fetch  downloads by curl, goes on with what an earlier call has left, and checks before a file gets its name.\n";

/* One call: what the actions share. */
struct action {
    const struct settings *settings;
    const char *name;
    struct cli_call *call;
    struct icl_table table;
    size_t wrong;
    char first_wrong[200];
};

/* ---- list ------------------------------------------------------------------------------------------------------ */

static void list_count(struct icl_table *table, uint64_t value)
{
    if (value != 0)
        icl_table_count(table, value);
    else
        icl_table_text(table, "-");
}

static void list_row(struct icl_table *table, const struct icl_data_set *set, const char *root)
{
    char size[32], path[ICL_DATA_PATH];
    uint64_t bytes = 0;
    bool known = true;
    for (const struct icl_data_file *file = set->file; file->name != NULL; file++) {
        bytes += file->bytes;
        known = known && file->bytes != 0;
    }
    snprintf(size, sizeof size, "%zux%zux%zu", set->height, set->width, set->channels);
    const bool made = set->format == ICL_DATA_PLANTED;
    const bool found = made || icl_data_locate(set, root, path, NULL) == ICL_OK;
    icl_table_text(table, set->name);
    icl_table_count(table, set->train);
    icl_table_count(table, set->valid);
    icl_table_text(table, size);
    icl_table_count(table, set->classes);
    list_count(table, known ? bytes : 0);
    icl_table_text(table, set->terms);
    icl_table_text(table, made ? "made" : found ? path : "missing");
}

static icl_status list(struct action *action, struct icl_error *err)
{
    char *header = NULL;
    if (asprintf(&header, "command: %s\nsize: height x width x channels; bytes: of the download", action->call->line) <
        0)
        return icl_fail_memory(err, "a header");
    const icl_status status =
        icl_table_open(&action->table, "-", header, "name\ttrain\tvalid\tsize\tclasses\tbytes\tterms\twhere", err);
    free(header);
    ICL_TRY(status);
    for (const struct icl_data_set *set = icl_data_sets; set->name != NULL; set++)
        list_row(&action->table, set, action->settings->root);
    return icl_table_close(&action->table, err);
}

/* ---- check ----------------------------------------------------------------------------------------------------- */

static void check_row(struct icl_table *table, const char *kind, const char *name, const char *state)
{
    icl_table_text(table, kind);
    icl_table_text(table, name);
    icl_table_text(table, state);
}

static icl_status check_file(void *context, const struct icl_file_check *check, struct icl_error *err)
{
    static const char *const states[] = {"ok", "differs", "missing", "unknown"};
    struct action *action = context;
    (void)err;
    check_row(&action->table, "file", check->name, states[check->state]);
    icl_table_count(&action->table, check->bytes);
    icl_table_text(&action->table, check->md5[0] != '\0' ? check->md5 : "-");
    icl_table_text(&action->table, "-");
    icl_table_text(&action->table, "-");
    if ((check->state == ICL_FILE_DIFFERS || check->state == ICL_FILE_MISSING) && action->wrong++ == 0)
        snprintf(action->first_wrong, sizeof action->first_wrong, "%.150s %s", check->name, states[check->state]);
    return ICL_OK;
}

/* Reads every image of an open split. */
static icl_status read_all(const struct icl_data *data, struct icl_team *team, bool quiet, struct icl_error *err)
{
    const struct icl_data_info *info = icl_data_info(data);
    float *images = malloc(PIECE * info->height * info->width * info->channels * sizeof *images);
    uint32_t *labels = malloc(PIECE * sizeof *labels);
    icl_status status = images != NULL && labels != NULL ? ICL_OK : icl_fail_memory(err, "images");
    struct icl_progress progress;
    icl_progress_begin(&progress, info->split == ICL_SPLIT_TRAIN ? "train" : "valid", info->count, quiet);
    for (size_t first = 0; first < info->count && status == ICL_OK; first += PIECE) {
        const size_t n = info->count - first < PIECE ? info->count - first : PIECE;
        status = icl_data_batch(data, NULL, 0, 0, NULL, first, n, team, images, labels, err);
        icl_progress_step(&progress, n);
    }
    icl_progress_end(&progress);
    free(images);
    free(labels);
    return status;
}

static icl_status count_classes(struct action *action, struct icl_data *const split[2], struct icl_error *err)
{
    const size_t classes = icl_data_info(split[0])->classes;
    size_t *count = calloc(2 * classes, sizeof *count);
    if (count == NULL) return icl_fail_memory(err, "labels");
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; i < icl_data_info(split[s])->count; i++)
            count[2 * icl_data_label(split[s], i) + s]++;
    for (size_t k = 0; k < classes; k++) {
        char number[24];
        const char *name = icl_data_class_name(split[0], k);
        snprintf(number, sizeof number, "%zu", k);
        check_row(&action->table, "class", name != NULL ? name : number, "-");
        icl_table_text(&action->table, "-");
        icl_table_text(&action->table, "-");
        icl_table_count(&action->table, count[2 * k]);
        icl_table_count(&action->table, count[2 * k + 1]);
    }
    free(count);
    return ICL_OK;
}

static icl_status check_splits(struct action *action, const struct icl_data_set *set, struct icl_team *team,
                               struct icl_error *err)
{
    const size_t expected[] = {set->train, set->valid};
    struct icl_data *split[2] = {NULL, NULL};
    icl_status status = ICL_OK;
    for (int s = 0; s < 2 && status == ICL_OK; s++) {
        status = icl_data_open(action->name, s == 0 ? ICL_SPLIT_TRAIN : ICL_SPLIT_VALID, 0,
                               set->format == ICL_DATA_FOLDERS ? SIDE : 0, action->settings->root, &split[s], err);
        if (status == ICL_OK) status = read_all(split[s], team, action->settings->quiet, err);
        if (status == ICL_OK && expected[s] != 0 && icl_data_info(split[s])->count != expected[s] &&
            action->wrong++ == 0)
            snprintf(action->first_wrong, sizeof action->first_wrong, "%zu images for %s instead of %zu",
                     icl_data_info(split[s])->count, s == 0 ? "training" : "validation", expected[s]);
    }
    if (status == ICL_OK) status = count_classes(action, split, err);
    icl_data_close(split[0]);
    icl_data_close(split[1]);
    return status;
}

static icl_status check_rows(struct action *action, const struct icl_data_set *set, const char *folder,
                             struct icl_error *err)
{
    bool listed = true;
    if (set->format != ICL_DATA_PLANTED) ICL_TRY(icl_data_check_files(set, folder, check_file, action, &listed, err));
    if (!listed) cli_say("note: no checksums of %s are known: its files are only read", folder);
    struct icl_team *team;
    ICL_TRY(icl_team_create((unsigned)action->settings->threads, &team, err));
    const icl_status status = check_splits(action, set, team, err);
    icl_team_free(team);
    return status;
}

static icl_status check(struct action *action, struct icl_error *err)
{
    struct icl_data_choice choice;
    char folder[ICL_DATA_PATH] = "-", *header = NULL;
    ICL_TRY(icl_data_choose(action->name, &choice, err));
    if (choice.set.format != ICL_DATA_PLANTED)
        ICL_TRY(icl_data_locate(&choice.set, action->settings->root, folder, err));
    if (asprintf(&header, "command: %s\nfolder: %s", action->call->line, folder) < 0)
        return icl_fail_memory(err, "a header");
    icl_status status = icl_table_open(&action->table, "-", header, "kind\tname\tstate\tbytes\tmd5\ttrain\tvalid", err);
    free(header);
    ICL_TRY(status);
    status = check_rows(action, &choice.set, folder, err);
    if (status != ICL_OK) {
        icl_table_abort(&action->table);
        return status;
    }
    ICL_TRY(icl_table_close(&action->table, err));
    if (action->wrong == 0) return ICL_OK;
    return icl_fail(err, ICL_ERR_INPUT, "%.200s: %zu of the things checked %s wrong, the first: %s", folder,
                    action->wrong, action->wrong == 1 ? "is" : "are", action->first_wrong);
}

/* ---- fetch ----------------------------------------------------------------------------------------------------- */

static icl_status fetch(struct action *action, struct icl_error *err)
{
    struct icl_data_choice choice;
    char root[ICL_DATA_PATH];
    bool there = false;
    ICL_TRY(icl_data_choose(action->name, &choice, err));
    ICL_TRY(icl_data_root(action->settings->to, root, err));
    const bool bar = !action->settings->quiet && isatty(STDERR_FILENO) == 1;
    ICL_TRY(icl_data_fetch(&choice.set, root, action->settings->from, bar, &there, err));
    printf("%s/%s%s\n", root, choice.set.name, there ? ": was there" : "");
    return ICL_OK;
}

static const struct verb {
    const char *name;
    bool takes_name;
    icl_status (*run)(struct action *action, struct icl_error *err);
} verbs[] = {{"list", false, list}, {"check", true, check}, {"fetch", true, fetch}};

icl_status cli_data(struct cli_call *call, struct icl_error *err)
{
    struct settings settings;
    struct icl_arguments arguments;
    bool done;
    ICL_TRY(cli_parse(&command, notes, call, &settings, &arguments, &done, err));
    if (done) return ICL_OK;
    const char *word = arguments.items[0];
    const struct verb *verb = NULL;
    for (size_t v = 0; v < sizeof verbs / sizeof *verbs; v++)
        if (strcmp(verbs[v].name, word) == 0) verb = &verbs[v];
    if (verb == NULL) return icl_fail(err, ICL_ERR_USAGE, "data: list, check or fetch, not '%.60s'", word);
    if (verb->takes_name != (arguments.count == 2))
        return icl_fail(err, ICL_ERR_USAGE, "data %s: %s", word,
                        verb->takes_name ? "which data set?" : "takes no name");
    if (settings.root != NULL && verb->run == fetch)
        return icl_fail(err, ICL_ERR_USAGE, "data fetch: --to, not --root, says where");
    if ((settings.to != NULL || settings.from != NULL) && verb->run != fetch)
        return icl_fail(err, ICL_ERR_USAGE, "data %s: --%s is for fetch", word, settings.to != NULL ? "to" : "from");
    struct action action = {
        .settings = &settings, .name = arguments.count == 2 ? arguments.items[1] : NULL, .call = call};
    return verb->run(&action, err);
}
