#include "estimators/workspace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/random.h"

enum { ALIGNMENT = 64, FIRST_BLOCK = 1 << 16, MAX_BLOCKS = 48 };

struct icl_workspace {
    unsigned char *block[MAX_BLOCKS];
    size_t size[MAX_BLOCKS];
    size_t current, used;
    double *digamma;
    size_t digamma_limit;
    double *score;
    size_t scores, score_room;
};

icl_status icl_workspace_create(struct icl_workspace **workspace, struct icl_error *err)
{
    *workspace = calloc(1, sizeof **workspace);
    return *workspace != NULL ? ICL_OK : icl_fail_memory(err, "a workspace");
}

void icl_workspace_free(struct icl_workspace *workspace)
{
    if (workspace == NULL) return;
    for (size_t i = 0; i < MAX_BLOCKS; i++)
        free(workspace->block[i]);
    free(workspace->digamma);
    free(workspace->score);
    free(workspace);
}

icl_status icl_workspaces_create(struct icl_workspace ***workspaces, unsigned threads, struct icl_error *err)
{
    struct icl_workspace **list = calloc(threads, sizeof(struct icl_workspace *));
    if (list == NULL) return icl_fail_memory(err, "workspaces");
    for (unsigned i = 0; i < threads; i++) {
        const icl_status status = icl_workspace_create(&list[i], err);
        if (status != ICL_OK) {
            icl_workspaces_free(list, threads);
            return status;
        }
    }
    *workspaces = list;
    return ICL_OK;
}

void icl_workspaces_free(struct icl_workspace **workspaces, unsigned threads)
{
    if (workspaces == NULL) return;
    for (unsigned i = 0; i < threads; i++)
        icl_workspace_free(workspaces[i]);
    free(workspaces);
}

struct icl_mark icl_workspace_mark(const struct icl_workspace *workspace)
{
    return (struct icl_mark){workspace->current, workspace->used};
}

void icl_workspace_release(struct icl_workspace *workspace, struct icl_mark mark)
{
    workspace->current = mark.block;
    workspace->used = mark.used;
}

void *icl_workspace_take(struct icl_workspace *workspace, size_t count, size_t size)
{
    if (size != 0 && count > (SIZE_MAX / 2 - ALIGNMENT) / size) return NULL;
    const size_t bytes = (count * size + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
    while (workspace->size[workspace->current] - workspace->used < bytes) {
        const size_t here = workspace->current;
        if (workspace->used == 0) { /* an unused block that is too small, or none: replace it */
            size_t wanted = here == 0 ? (size_t)FIRST_BLOCK : 2 * workspace->size[here - 1];
            if (wanted < bytes) wanted = bytes;
            free(workspace->block[here]);
            workspace->size[here] = 0;
            workspace->block[here] = aligned_alloc(ALIGNMENT, (wanted + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
            if (workspace->block[here] == NULL) return NULL;
            workspace->size[here] = wanted;
        } else {
            if (here + 1 == MAX_BLOCKS) return NULL;
            workspace->current = here + 1;
            workspace->used = 0;
        }
    }
    void *memory = workspace->block[workspace->current] + workspace->used;
    workspace->used += bytes;
    return memory;
}

/* digamma(n) for whole n >= 1: below 16 the harmonic sum, above it the asymptotic series (Abramowitz & Stegun 6.3.18),
 * whose first omitted term is under 1e-17 at n = 16. */
static double digamma_whole(size_t n)
{
    if (n < 16) {
        double sum = -0.57721566490153286061; /* minus Euler's constant */
        for (size_t i = 1; i < n; i++)
            sum += 1.0 / (double)i;
        return sum;
    }
    const double x = (double)n;
    const double u = 1.0 / (x * x);
    const double series =
        u * (1.0 / 12 - u * (1.0 / 120 - u * (1.0 / 252 - u * (1.0 / 240 - u * (1.0 / 132 - u * (691.0 / 32760))))));
    return log(x) - 0.5 / x - series;
}

const double *icl_workspace_digamma(struct icl_workspace *workspace, size_t limit)
{
    if (workspace->digamma != NULL && limit <= workspace->digamma_limit) return workspace->digamma;
    const size_t wanted = limit + limit / 4 + 64;
    double *table = realloc(workspace->digamma, (wanted + 1) * sizeof *table);
    if (table == NULL) return NULL;
    const size_t from = workspace->digamma == NULL ? 1 : workspace->digamma_limit + 1;
    table[0] = -INFINITY;
    for (size_t n = from; n <= wanted; n++)
        table[n] = digamma_whole(n);
    workspace->digamma = table;
    workspace->digamma_limit = wanted;
    return table;
}

double icl_normal_score(double part, double whole)
{
    return part > whole / 2 ? -icl_normal_quantile((whole - part) / whole) : icl_normal_quantile(part / whole);
}

const double *icl_workspace_normal_scores(struct icl_workspace *workspace, size_t m)
{
    if (m > workspace->score_room || workspace->score == NULL) {
        double *table = realloc(workspace->score, (m + 1) * sizeof *table);
        if (table == NULL) return NULL;
        workspace->score = table;
        workspace->score_room = m;
        workspace->scores = 0;
    }
    if (m != workspace->scores) {
        for (size_t r = 0; r < m - m / 2; r++)
            workspace->score[r] = icl_normal_score((double)r + .5, (double)m);
        for (size_t r = m - m / 2; r < m; r++)
            workspace->score[r] = -workspace->score[m - 1 - r];
        workspace->scores = m;
    }
    return workspace->score;
}
