#include "kernels/cpu/onednn_library.h"

#if DNNL_VERSION_MAJOR == 2

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "kernels/cpu/variants.h"

static struct icl_onednn library;
static const struct icl_onednn *usable;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool find_functions(void *handle)
{
    bool all = true;
    void *symbol;
#define FIND(name)                                                                                                     \
    symbol = dlsym(handle, "dnnl_" #name);                                                                             \
    library.name = (__typeof__(library.name))symbol;                                                                   \
    all = all && symbol != NULL;
    ICL_ONEDNN_FUNCTIONS(FIND)
#undef FIND
    return all;
}

/* Only a library that does its work on the calling thread, or can be told to, returns bits that do not depend on the
 * number of threads. */
static bool find_threads(void *handle, unsigned runtime)
{
    if (runtime == DNNL_RUNTIME_SEQ) return true;
    if (runtime != DNNL_RUNTIME_OMP) return false;
    library.omp_get_max_threads = (int (*)(void))dlsym(handle, "omp_get_max_threads");
    library.omp_set_num_threads = (void (*)(int))dlsym(handle, "omp_set_num_threads");
    return library.omp_get_max_threads != NULL && library.omp_set_num_threads != NULL;
}

static void limit_instructions(void)
{
#if defined(__x86_64__)
    const char *best = icl_cpu_best()->name;
    if (strcmp(best, "portable") == 0) library.set_max_cpu_isa(dnnl_cpu_isa_sse41);
    if (strcmp(best, "avx2") == 0) library.set_max_cpu_isa(dnnl_cpu_isa_avx2);
#endif
}

static void load(void)
{
    void *handle = dlopen("libdnnl.so.2", RTLD_LAZY | RTLD_LOCAL);
    if (handle == NULL) return;
    if (find_functions(handle)) {
        const dnnl_version_t *version = library.version();
        snprintf(library.text, sizeof library.text, "onednn %d.%d.%d", version->major, version->minor, version->patch);
        if (version->major == DNNL_VERSION_MAJOR && find_threads(handle, version->cpu_runtime)) {
            limit_instructions();
            const int threads = icl_onednn_enter(&library);
            if (library.engine_create(&library.engine, dnnl_cpu, 0) == dnnl_success) usable = &library;
            icl_onednn_leave(&library, threads);
        }
    }
    if (usable == NULL) dlclose(handle); /* otherwise it stays to the end of the process */
}

const struct icl_onednn *icl_onednn(void)
{
    pthread_once(&once, load);
    return usable;
}

#else
typedef int icl_onednn_is_of_another_version;
#endif
