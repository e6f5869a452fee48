/* The work of a run, cut into independent jobs; with --resume every finished job is kept as a piece on disk. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "config.h"
#include "core/atomic_file.h"
#include "core/npy.h"
#include "core/progress.h"
#include "core/threads.h"
#include "experiments/run_internal.h"

/* One independent piece of a run; which member of the run it belongs to says the kind. */
struct job {
    enum { JOB_POOLED, JOB_PANEL, JOB_SWEEP, JOB_TRIO, JOB_OCTET, JOB_BN } kind;
    size_t which, block, keep;
};

struct crew {
    struct run *run;
    const char *pieces;                /* the folder of finished jobs; NULL: they are not kept */
    unsigned long images[MOST_PANELS]; /* what the activations are, in the names of the panels' pieces: a checksum */
    struct job *job;
    struct icl_workspace **workspaces;
    struct icl_progress progress;
};

/* ---- pieces --------------------------------------------------------------------------------------------------- */

enum { PATH_SIZE = 4096, MOST_SPANS = 6 };

/* Where the numbers of a job lie: chunks of the blocks of its series. */
struct spans {
    size_t count, total;
    double *data[MOST_SPANS];
    size_t size[MOST_SPANS];
};

/* Appends part `part` of `parts` equal parts of block b. */
static void add_span(struct spans *s, const struct icl_series *series, size_t b, size_t part, size_t parts)
{
    if (series->block == NULL) return;
    const size_t size = series->size / parts;
    s->data[s->count] = series->block + b * series->size + part * size;
    s->size[s->count++] = size;
    s->total += size;
}

static void add_spans(struct spans *s, const struct icl_series *series, size_t count, size_t b)
{
    for (size_t i = 0; i < count; i++)
        add_span(s, &series[i], b, 0, 1);
}

static struct spans spans_of(const struct run *run, const struct job *j)
{
    struct spans s = {0};
    switch (j->kind) {
    case JOB_POOLED:
        s = (struct spans){1, 1, {run->sweep[j->which].mi[0].pooled + j->keep}, {1}};
        break;
    case JOB_PANEL: {
        const struct icl_panel *panel = &run->panel[j->which];
        for (size_t e = 0; e < panel->mi_count; e++)
            add_span(&s, &panel->mi[e], j->block, j->keep, ICL_PANEL_KEEPS);
        add_span(&s, &panel->moments, j->block, j->keep, ICL_PANEL_KEEPS);
        break;
    }
    case JOB_SWEEP: {
        const struct icl_sweep *sweep = &run->sweep[j->which];
        add_spans(&s, sweep->mi, ICL_MI_SERIES, j->block);
        add_spans(&s, &sweep->correlation, 1, j->block);
        add_spans(&s, &sweep->entropy, 1, j->block);
        add_spans(&s, &sweep->coactive, 1, j->block);
        break;
    }
    case JOB_TRIO:
        add_spans(&s, run->trio.tc, ICL_MI_SERIES, j->block);
        break;
    case JOB_OCTET:
        add_spans(&s, &run->octet.spectrum, 1, j->block);
        break;
    case JOB_BN:
        add_spans(&s, run->bn.mi, ICL_MI_SERIES, j->block);
        add_spans(&s, &run->bn.correlation, 1, j->block);
        break;
    }
    return s;
}

static bool piece_path(const struct crew *crew, const struct job *j, char *path)
{
    static const char *const kinds[] = {"pooled", "panel", "sweep", "trio", "octet", "bn"};
    const struct run *run = crew->run;
    const bool of_sweep = j->kind == JOB_SWEEP || j->kind == JOB_POOLED;
    const char *name = "all";
    if (j->kind == JOB_PANEL) name = run->panel[j->which].name;
    if (of_sweep) name = run->sweep[j->which].law->name;
    const unsigned gate = of_sweep ? (unsigned)run->sweep[j->which].gate : 0;
    return snprintf(path, PATH_SIZE, "%s/%s-%s-%u-%08lx-%zu-%zu.npy", crew->pieces, kinds[j->kind], name, gate,
                    j->kind == JOB_PANEL ? crew->images[j->which] : 0, j->block, j->keep) < PATH_SIZE;
}

/* Fills a job from its piece. A piece that is missing, damaged or of another size is as good as none: the job is done.
 */
static bool load_piece(const struct crew *crew, const struct job *j)
{
    char path[PATH_SIZE];
    struct icl_array array;
    if (!piece_path(crew, j, path) || access(path, R_OK) != 0 || icl_npy_read(path, &array, NULL) != ICL_OK)
        return false;
    const struct spans s = spans_of(crew->run, j);
    const bool fits = array.ndim == 1 && array.dtype == ICL_F64 && array.shape[0] == s.total;
    const double *from = array.data;
    for (size_t i = 0; fits && i < s.count; from += s.size[i++])
        memcpy(s.data[i], from, s.size[i] * sizeof *from);
    icl_array_free(&array);
    return fits;
}

static icl_status save_piece(const struct crew *crew, const struct job *j, struct icl_error *err)
{
    char path[PATH_SIZE];
    const struct spans s = spans_of(crew->run, j);
    struct icl_array array = {.ndim = 1, .shape = {s.total}, .data = malloc((s.total + 1) * sizeof(double))};
    if (array.data == NULL) return icl_fail_memory(err, "a finished piece");
    double *to = array.data;
    for (size_t i = 0; i < s.count; to += s.size[i++])
        memcpy(to, s.data[i], s.size[i] * sizeof *to);
    const struct icl_npy_format format = {.dtype = ICL_F64};
    const icl_status status = piece_path(crew, j, path)
                                  ? icl_npy_write(path, &array, &format, err)
                                  : icl_fail(err, ICL_ERR_USAGE, "%s: the path is too long", crew->pieces);
    icl_array_free(&array);
    return status;
}

/* ---- work ----------------------------------------------------------------------------------------------------- */

static icl_status do_job(void *context, size_t item, unsigned worker, struct icl_error *err)
{
    struct crew *crew = context;
    const struct job *j = &crew->job[item];
    struct icl_workspace *ws = crew->workspaces[worker];
    struct run *run = crew->run;
    icl_status status = ICL_OK;
    if (crew->pieces != NULL && load_piece(crew, j)) {
        icl_progress_step(&crew->progress, 1);
        return ICL_OK;
    }
    switch (j->kind) {
    case JOB_POOLED:
        status = icl_sweep_pooled(&run->sweep[j->which], j->keep, ws, err);
        break;
    case JOB_PANEL:
        status = icl_panel_work(&run->panel[j->which], j->block, j->keep, ws, err);
        break;
    case JOB_SWEEP:
        status = icl_sweep_block(&run->sweep[j->which], j->block, ws, err);
        break;
    case JOB_TRIO:
        status = icl_trio_block(&run->trio, j->block, ws, err);
        break;
    case JOB_OCTET:
        status = icl_octet_block(&run->octet, j->block, ws, err);
        break;
    case JOB_BN:
        status = icl_bn_check_block(&run->bn, j->block, ws, err);
        break;
    }
    if (status == ICL_OK && crew->pieces != NULL) status = save_piece(crew, j, err);
    icl_progress_step(&crew->progress, 1);
    return status;
}

static size_t list_jobs(const struct run *run, struct job *job)
{
    size_t count = 0;
    for (size_t s = 0; s < run->sweeps; s++) /* the longest first */
        for (size_t keep = 0; keep < run->sweep[s].levels; keep++, count++)
            if (job != NULL) job[count] = (struct job){JOB_POOLED, s, 0, keep};
    for (size_t p = 0; p < run->panels; p++)
        for (size_t b = 0; b < run->panel[p].neurons->blocks; b++)
            for (size_t keep = 0; keep < ICL_PANEL_KEEPS; keep++, count++)
                if (job != NULL) job[count] = (struct job){JOB_PANEL, p, b, keep};
    for (size_t b = 0; b < run->size->blocks; b++) {
        for (size_t s = 0; s < run->sweeps; s++, count++)
            if (job != NULL) job[count] = (struct job){JOB_SWEEP, s, b, 0};
        const struct {
            bool wanted;
            struct job job;
        } single[] = {{run->has_trio, {JOB_TRIO, 0, b, 0}},
                      {run->has_octet, {JOB_OCTET, 0, b, 0}},
                      {run->has_bn, {JOB_BN, 0, b, 0}}};
        for (size_t k = 0; k < sizeof single / sizeof single[0]; k++) {
            if (!single[k].wanted) continue;
            if (job != NULL) job[count] = single[k].job;
            count++;
        }
    }
    return count;
}

/* The folder of the pieces of this version, size and seed; made if --resume asks for it. */
static icl_status make_pieces_folder(const struct run *run, const char *out, char *path, struct icl_error *err)
{
    if (snprintf(path, PATH_SIZE, "%s/pieces/%s-%s-%llu", out, ICL_VERSION, run->size->name,
                 (unsigned long long)run->options->seed) >= PATH_SIZE)
        return icl_fail(err, ICL_ERR_USAGE, "%s: the path is too long", out);
    return icl_make_folders(path, err);
}

static unsigned long checksum_of_images(const struct icl_panel *panel)
{
    const struct icl_neurons *n = panel->neurons;
    const size_t all = n->relu.height * n->relu.width * n->relu.channels;
    uLong sum = crc32_z(0, (const unsigned char *)n->relu.data, n->relu.samples * all * sizeof *n->relu.data);
    if (panel->norm == ICL_NORM_TRAINED) { /* the others follow from the activations */
        sum = crc32_z(sum, (const unsigned char *)n->scale[panel->norm], all * sizeof(float));
        sum = crc32_z(sum, (const unsigned char *)n->shift[panel->norm], all * sizeof(float));
    }
    return sum;
}

icl_status do_jobs(struct run *run, const char *out, struct icl_error *err)
{
    char pieces[PATH_SIZE];
    if (run->options->resume) ICL_TRY(make_pieces_folder(run, out, pieces, err));
    const unsigned threads = run->options->threads != 0 ? run->options->threads : icl_processor_count();
    const size_t count = list_jobs(run, NULL);
    struct crew crew = {
        .run = run, .pieces = run->options->resume ? pieces : NULL, .job = malloc((count + 1) * sizeof *crew.job)};
    if (crew.job == NULL) return icl_fail_memory(err, "the list of jobs");
    list_jobs(run, crew.job);
    for (size_t p = 0; run->options->resume && p < run->panels; p++)
        crew.images[p] = checksum_of_images(&run->panel[p]);
    icl_status status = icl_workspaces_create(&crew.workspaces, threads, err);
    if (status == ICL_OK) {
        icl_progress_begin(&crew.progress, "measuring", count, run->options->quiet);
        status = icl_parallel_for(threads, count, do_job, &crew, err);
        icl_progress_end(&crew.progress);
    }
    icl_workspaces_free(crew.workspaces, threads);
    free(crew.job);
    return status;
}
