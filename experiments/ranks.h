/* The processes of an MPI job. They share work through the locks of experiments/runs.h and send no messages: MPI says
 * who they are, and ends them together. */
#ifndef ICLAB_EXPERIMENTS_RANKS_H
#define ICLAB_EXPERIMENTS_RANKS_H

#include "core/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct icl_ranks {
    int rank, size; /* 0 of 1 without MPI */
    int neighbours; /* ranks on this machine, this one included */
    void *library;  /* of MPI, NULL where it is not used */
};

/* Where mpirun (Open MPI) started the process, joins the job; loads the library of MPI only then. Otherwise the process
 * is rank 0 of 1. Started by mpirun but built without MPI (make MPI=no), or no library: ICL_ERR_USAGE. */
icl_status icl_ranks_begin(struct icl_ranks *ranks, struct icl_error *err);

/* Leaves the job; returns when all ranks have come here. */
void icl_ranks_end(struct icl_ranks *ranks);

/* Ends the whole job with this exit code; does nothing in a process that is alone. */
void icl_ranks_abort(struct icl_ranks *ranks, int code);

/* `threads` where it is not 0, otherwise this rank's share of the processors, at least 1. */
unsigned icl_ranks_threads(const struct icl_ranks *ranks, unsigned threads);

#ifdef __cplusplus
}
#endif

#endif
