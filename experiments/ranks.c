#include "experiments/ranks.h"

#include <stdbool.h>
#include <stdlib.h>

#include "config.h"
#include "core/threads.h"

/* A count in the environment, as mpirun sets it; 0 where there is none. */
static int from_environment(const char *name)
{
    const char *text = getenv(name);
    return text != NULL ? atoi(text) : 0;
}

unsigned icl_ranks_threads(const struct icl_ranks *ranks, unsigned threads)
{
    const unsigned share = icl_processor_count() / (unsigned)(ranks->neighbours > 1 ? ranks->neighbours : 1);
    return threads > 0 ? threads : share > 0 ? share : 1;
}

#ifdef ICL_MPI

#include <dlfcn.h>
#include <mpi.h>

/* Open MPI's library, opened by a process that is part of a job and by no other. */
static const char library_name[] = "libmpi.so.40";

/* A function of the library with the type that mpi.h declares; the union turns dlsym's pointer into it. */
#define FUNCTION(ranks, name)                                                                                          \
    ((union {                                                                                                          \
         void *object;                                                                                                 \
         __typeof__(&name) function;                                                                                   \
     }){dlsym((ranks)->library, #name)}                                                                                \
         .function)

/* MPI_COMM_WORLD would have to be linked. */
static MPI_Comm world(const struct icl_ranks *ranks)
{
    return (MPI_Comm)dlsym(ranks->library, "ompi_mpi_comm_world");
}

icl_status icl_ranks_begin(struct icl_ranks *ranks, struct icl_error *err)
{
    *ranks = (struct icl_ranks){.size = 1, .neighbours = 1};
    if (from_environment("OMPI_COMM_WORLD_SIZE") == 0) return ICL_OK;
    ranks->library = dlopen(library_name, RTLD_NOW | RTLD_GLOBAL);
    if (ranks->library == NULL) return icl_fail(err, ICL_ERR_USAGE, "started by mpirun, but %s", dlerror());
    __typeof__(&MPI_Init) begin = FUNCTION(ranks, MPI_Init);
    __typeof__(&MPI_Comm_rank) rank = FUNCTION(ranks, MPI_Comm_rank);
    __typeof__(&MPI_Comm_size) size = FUNCTION(ranks, MPI_Comm_size);
    const bool whole = begin != NULL && rank != NULL && size != NULL && FUNCTION(ranks, MPI_Abort) != NULL &&
                       FUNCTION(ranks, MPI_Finalize) != NULL && world(ranks) != NULL;
    if (!whole) return icl_fail(err, ICL_ERR_USAGE, "started by mpirun, but %s is not that of Open MPI", library_name);
    if (begin(NULL, NULL) != MPI_SUCCESS || rank(world(ranks), &ranks->rank) != MPI_SUCCESS ||
        size(world(ranks), &ranks->size) != MPI_SUCCESS)
        return icl_fail(err, ICL_ERR_IO, "MPI did not start");
    const int local = from_environment("OMPI_COMM_WORLD_LOCAL_SIZE");
    ranks->neighbours = local > 0 ? local : ranks->size;
    return ICL_OK;
}

void icl_ranks_end(struct icl_ranks *ranks)
{
    if (ranks->library != NULL) FUNCTION(ranks, MPI_Finalize)();
    ranks->library = NULL; /* stays open: libraries of MPI do not like to be unloaded */
}

void icl_ranks_abort(struct icl_ranks *ranks, int code)
{
    if (ranks->library != NULL) FUNCTION(ranks, MPI_Abort)(world(ranks), code);
}

#else

icl_status icl_ranks_begin(struct icl_ranks *ranks, struct icl_error *err)
{
    *ranks = (struct icl_ranks){.size = 1, .neighbours = 1};
    if (from_environment("OMPI_COMM_WORLD_SIZE") == 0) return ICL_OK;
    return icl_fail(err, ICL_ERR_USAGE, "started by mpirun, but this iclab was built without MPI (make MPI=auto)");
}

void icl_ranks_end(struct icl_ranks *ranks)
{
    (void)ranks;
}

void icl_ranks_abort(struct icl_ranks *ranks, int code)
{
    (void)ranks;
    (void)code;
}

#endif
