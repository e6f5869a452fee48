/* Figures: every gnuplot script of plots/ whose tables this run wrote. */
#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/threads.h"
#include "experiments/gnuplot_internal.h"
#include "experiments/run_internal.h"

enum { PATH_SIZE = 4096, LINE_SIZE = 1024 };

/* ---- old results ---------------------------------------------------------------------------------------------- */

static bool ends_with(const char *name, const char *const *endings)
{
    for (; *endings != NULL; endings++) {
        const size_t length = strlen(name), end = strlen(*endings);
        if (length > end && strcmp(name + length - end, *endings) == 0) return true;
    }
    return false;
}

/* Whether a file in tables/ or figures/ has a name that iclab gives; all others are the user's. */
static bool is_ours(const char *name)
{
    static const char *const stems[] = {"condition.",      "correlation.",       "eigenvalues.", "entropy.",
                                        "trained_",        "training_",          "evidence.",    "exponent.",
                                        "fmnist_",         "law_curves.",        "mi.",          "mi_ratio.",
                                        "exponent_curve.", "total_correlation.", "verdicts."};
    const bool of_claim = name[0] == 'c' && isdigit((unsigned char)name[1]) && isdigit((unsigned char)name[2]);
    for (size_t i = 0; i < sizeof stems / sizeof stems[0]; i++)
        if (strncmp(name, stems[i], strlen(stems[i])) == 0) return true;
    return of_claim && name[3] == '_';
}

static icl_status clear_folder(const char *out, const char *folder, const char *const *endings, struct icl_error *err)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", out, folder);
    DIR *directory = opendir(path);
    if (directory == NULL) return ICL_OK;
    icl_status status = ICL_OK;
    for (const struct dirent *entry; status == ICL_OK && (entry = readdir(directory)) != NULL;) {
        if (!ends_with(entry->d_name, endings) || !is_ours(entry->d_name)) continue;
        if (unlinkat(dirfd(directory), entry->d_name, 0) != 0)
            status = icl_fail(err, ICL_ERR_IO, "%s/%s: cannot be replaced", path, entry->d_name);
    }
    closedir(directory);
    return status;
}

icl_status clear_results(const char *out, struct icl_error *err)
{
    static const char *const tables[] = {".tsv", NULL}, *const figures[] = {".svg", ".png", ".pdf", NULL};
    char path[PATH_SIZE];
    if (snprintf(path, sizeof path, "%s/claims.tsv", out) >= PATH_SIZE)
        return icl_fail(err, ICL_ERR_USAGE, "%s: the path is too long", out);
    if (access(path, F_OK) != 0) return ICL_OK; /* not a folder of results: nothing in it is ours */
    ICL_TRY(clear_folder(out, "tables", tables, err));
    return clear_folder(out, "figures", figures, err);
}

/* ---- the scripts ---------------------------------------------------------------------------------------------- */

/* Copies what stands behind "# key:" into `value`; a key that comes again continues the text. */
static void take_field(const char *line, const char *key, char *value, size_t size)
{
    const size_t length = strlen(key);
    if (strncmp(line, key, length) != 0) return;
    line += length;
    while (*line == ' ')
        line++;
    const size_t used = strlen(value);
    snprintf(value + used, size - used, "%s%.*s", used > 0 ? " " : "", (int)strcspn(line, "\r\n"), line);
}

static bool read_figure(const char *folder, const char *script, struct figure *figure)
{
    char path[PATH_SIZE], line[LINE_SIZE];
    *figure = (struct figure){0};
    const size_t stem = strlen(script) - strlen(".gp");
    if (stem >= sizeof figure->name || snprintf(path, sizeof path, "%s/%s", folder, script) >= PATH_SIZE) return false;
    memcpy(figure->name, script, stem);
    FILE *file = fopen(path, "r");
    if (file == NULL) return false;
    while (fgets(line, sizeof line, file) != NULL && line[0] == '#') {
        take_field(line, "# title:", figure->title, sizeof figure->title);
        take_field(line, "# needs:", figure->needs, sizeof figure->needs);
        take_field(line, "# claims:", figure->claims, sizeof figure->claims);
        take_field(line, "# caption:", figure->caption, sizeof figure->caption);
    }
    fclose(file);
    return figure->title[0] != '\0' && figure->needs[0] != '\0';
}

static bool tables_are_there(const char *out, const char *needs)
{
    char list[sizeof((struct figure *)0)->needs], path[PATH_SIZE], *rest = list;
    snprintf(list, sizeof list, "%s", needs);
    for (const char *name; (name = strsep(&rest, " ")) != NULL;) {
        if (name[0] == '\0') continue;
        if (snprintf(path, sizeof path, "%s/%s", out, name) >= PATH_SIZE || access(path, R_OK) != 0) return false;
    }
    return true;
}

/* Whether the figure belongs to a claim of this run. */
static bool is_wanted(const struct run *run, const struct figure *figure)
{
    char list[sizeof figure->claims], *rest = list;
    snprintf(list, sizeof list, "%s", figure->claims);
    for (const char *id; (id = strsep(&rest, " ")) != NULL;) {
        if (strcmp(id, "all") == 0) return true;
        for (size_t i = 0; i < run->registry.count; i++)
            if (run->finding[i].selected && !run->finding[i].set_aside &&
                icl_claim_matches(&run->registry.claim[i], id))
                return true;
    }
    return false;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct figure *)a)->name, ((const struct figure *)b)->name);
}

static void list_figures(struct run *run, const char *folder, const char *out)
{
    static const char *const scripts[] = {".gp", NULL};
    DIR *directory = opendir(folder);
    if (directory == NULL) return;
    for (const struct dirent *entry; run->figures < MOST_FIGURES && (entry = readdir(directory)) != NULL;) {
        struct figure *figure = &run->figure[run->figures];
        if (ends_with(entry->d_name, scripts) && read_figure(folder, entry->d_name, figure) && is_wanted(run, figure) &&
            tables_are_there(out, figure->needs))
            run->figures++;
    }
    closedir(directory);
    qsort(run->figure, run->figures, sizeof run->figure[0], by_name);
}

/* ---- gnuplot -------------------------------------------------------------------------------------------------- */

struct drawing {
    struct run *run;
    const char *folder, *out;
};

static icl_status draw_one(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    (void)worker;
    (void)err;
    const struct drawing *d = context;
    struct figure *figure = &d->run->figure[item];
    figure->drawn = draw_script(d->folder, figure->name, d->out);
    return ICL_OK;
}

icl_status draw_figures(struct run *run, const char *out, struct icl_error *err)
{
    char folder[PLOTS_PATH];
    const char *missing = find_plots(folder);
    if (missing != NULL) {
        leave_out(run, "the figures: %s", missing);
        return ICL_OK;
    }
    list_figures(run, folder, out);
    struct drawing drawing = {run, folder, out};
    ICL_TRY(icl_parallel_for(run->options->threads, run->figures, draw_one, &drawing, err));
    for (size_t f = 0; f < run->figures; f++)
        if (!run->figure[f].drawn)
            leave_out(run, "figure %s: gnuplot found nothing to draw, or failed", run->figure[f].name);
    return ICL_OK;
}
