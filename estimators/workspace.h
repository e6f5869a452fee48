/* Scratch memory for the estimators: a stack of buffers that grows once and is used again by every later call. */
#ifndef ICLAB_ESTIMATORS_WORKSPACE_H
#define ICLAB_ESTIMATORS_WORKSPACE_H

#include <stddef.h>
#include <stdint.h>

#include "core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One thread's scratch memory and its table of the digamma function. Not to be shared between running threads. */
struct icl_workspace;

icl_status icl_workspace_create(struct icl_workspace **workspace, struct icl_error *err);
void icl_workspace_free(struct icl_workspace *workspace);

/* One workspace for each of `threads` workers; freed together. */
icl_status icl_workspaces_create(struct icl_workspace ***workspaces, unsigned threads, struct icl_error *err);
void icl_workspaces_free(struct icl_workspace **workspaces, unsigned threads);

/* A position in the stack: memory taken after the mark is given back by the release. */
struct icl_mark {
    size_t block, used;
};
struct icl_mark icl_workspace_mark(const struct icl_workspace *workspace);
void icl_workspace_release(struct icl_workspace *workspace, struct icl_mark mark);

/* `count` elements of `size` bytes, 64-byte aligned, uninitialised; NULL when memory is short or the product
 * overflows. Valid until the release of an earlier mark. */
void *icl_workspace_take(struct icl_workspace *workspace, size_t count, size_t size);
#define ICL_TAKE(workspace, count, type) ((type *)icl_workspace_take((workspace), (count), sizeof(type)))

/* psi[n] = digamma(n) for n = 1 .. limit (psi[0] is -inf, the limit from above). NULL when memory is short. The table
 * belongs to the workspace; a later call with a larger limit may move it. */
const double *icl_workspace_digamma(struct icl_workspace *workspace, size_t limit);

/* Phi^-1(part / whole), 0 < part < whole. The upper half mirrors the lower one to the last bit, so that turning a
 * column round keeps every distance: the scores of two columns are the same numbers, and distances between them tie. */
double icl_normal_score(double part, double whole);

/* score[r] = icl_normal_score(r + 1/2, m) for r < m: the normal scores of m ranks. NULL when memory is short. Belongs
 * to the workspace; a call with another m overwrites it. O(m) where m has changed since the last call. */
const double *icl_workspace_normal_scores(struct icl_workspace *workspace, size_t m);

#ifdef __cplusplus
}
#endif

#endif
