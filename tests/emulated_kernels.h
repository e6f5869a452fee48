/* Kernels for tests of the emulated CUDA runtime (t_kernels_emulated.c), and calls of its API that a test makes. */
#ifndef ICLAB_TESTS_EMULATED_KERNELS_H
#define ICLAB_TESTS_EMULATED_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Of CUDA's error numbers those that are expected. */
enum {
    EMULATED_OK = 0,
    EMULATED_INVALID = 1,
    EMULATED_NO_MEMORY = 2,
    EMULATED_CONFIGURATION = 9,
    EMULATED_ADDRESS = 700,
    EMULATED_LAUNCH = 719,
    EMULATED_CAPTURE = 900,
    EMULATED_SPOILT = 901
};

/* One kernel on a queue of its own: out has `n` numbers, -1 each at first; returns the first error. */
typedef int emulated_kernel(unsigned grid, unsigned block, int *out, size_t n);
emulated_kernel emulated_reverse;         /* each block turns the numbers of its threads round, with a barrier */
emulated_kernel emulated_reverse_hastily; /* the same without */
emulated_kernel emulated_every_thread;    /* 3-D: adds 1 for each thread of each block; block.z is 2, grid.y 3 */
emulated_kernel emulated_early_end;       /* odd threads end before a barrier; even ones count themselves behind it */
emulated_kernel emulated_votes;           /* per thread: or, and, count, ballot, any, all */
emulated_kernel emulated_shuffles;        /* per thread: direct, down 3, up 3, xor 5; each also of width 8 */
emulated_kernel emulated_halves;          /* each half of a warp for itself, a different number of times */
emulated_kernel emulated_fresh_shared;    /* per block: whether shared memory was all 0xFF, which it then changes */
emulated_kernel emulated_much_shared;     /* asks for 100 KiB */
emulated_kernel emulated_block_order;     /* the order of blocks */

/* Mistakes that end the process, or are told: the first error. */
enum emulated_mistake {
    EMULATED_HOST_READS,      /* the host reads device memory */
    EMULATED_HOST_WRITES,     /* ... between two waits */
    EMULATED_JUST_BEHIND,     /* a thread writes the byte behind its array */
    EMULATED_JUST_BEFORE,     /* ... before */
    EMULATED_FAR_BEHIND,      /* 4096 bytes behind it */
    EMULATED_SHARED_BEHIND,   /* 16 bytes behind shared memory */
    EMULATED_NULL,            /* a thread writes at 0 */
    EMULATED_DEEP,            /* a thread without end */
    EMULATED_FOR_EVER,        /* half of a warp waits for all lanes, the rest at a barrier */
    EMULATED_LANE_GONE,       /* a lane ends while others wait for it */
    EMULATED_NO_LANE,         /* a mask of lanes that do not exist */
    EMULATED_NOT_IN_MASK,     /* a lane that is not in its own mask */
    EMULATED_DISAGREE,        /* lanes with different masks */
    EMULATED_HOST_ARGUMENT,   /* a kernel is given host memory */
    EMULATED_HOST_IN_STRUCT,  /* ... in a struct */
    EMULATED_RELEASED,        /* a graph uses memory that was released */
    EMULATED_RELEASED_STRUCT, /* ... that a struct points to */
    EMULATED_UPLOAD_TOO_FAR,
    EMULATED_UPLOAD_TO_HOST,
    EMULATED_DOWNLOAD_FROM_HOST,
    EMULATED_COPY_ONTO_ITSELF,
    EMULATED_CLEAR_TOO_FAR,
    EMULATED_RELEASE_TWICE,
    EMULATED_NO_THREADS,
    EMULATED_TOO_MANY_THREADS,
    EMULATED_UNASKED_SHARED, /* 48 KiB and more without cudaFuncSetAttribute */
    EMULATED_UPLOAD_RECORDED,
    EMULATED_WAIT_RECORDED,
    EMULATED_TAKE_RECORDED,
    EMULATED_MISTAKES
};
int emulated_mistake(enum emulated_mistake mistake);

/* Uploads from memory of the host, pinned or not, which changes before the queue is done; *got what arrived. */
int emulated_late_change(bool pinned, int *got);

#ifdef __cplusplus
}
#endif

#endif
