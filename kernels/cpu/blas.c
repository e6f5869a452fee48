/* The products of OpenBLAS, loaded at run time: the library picks its code when it is loaded, does not know processors
 * younger than itself, and can be told only by environment variables that are set before. */
#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/cpu/variants.h"

/* The CBLAS interface: enumerations and whole numbers are int in Debian's 32-bit-integer build. */
enum { CBLAS_COLUMN_MAJOR = 102, CBLAS_PLAIN = 111, CBLAS_TRANSPOSED = 112, CBLAS_UPPER = 121 };
typedef void cblas_dsyrk_function(int order, int triangle, int trans, int n, int k, double alpha, const double *a,
                                  int lda, double beta, double *c, int ldc);
typedef void cblas_dgemm_function(int order, int trans_a, int trans_b, int m, int n, int k, double alpha,
                                  const double *a, int lda, const double *b, int ldb, double beta, double *c, int ldc);
typedef void cblas_sgemm_function(int order, int trans_a, int trans_b, int m, int n, int k, float alpha, const float *a,
                                  int lda, const float *b, int ldb, float beta, float *c, int ldc);

static cblas_dsyrk_function *dsyrk;
static cblas_dgemm_function *dgemm;
static cblas_sgemm_function *sgemm;

/* Whether the library's whole numbers can say it. */
static bool fits(size_t rows, size_t a_cols, size_t b_cols, size_t stride)
{
    return rows > 0 && a_cols > 0 && b_cols > 0 && rows <= INT_MAX && a_cols <= INT_MAX && b_cols <= INT_MAX &&
           stride <= INT_MAX;
}

enum { MIRROR_BLOCK = 8 };

static void gram_openblas(const double *x, size_t rows, size_t cols, size_t stride, double *gram)
{
    if (!fits(rows, cols, cols, stride)) {
        icl_kernels_reference()->gram(x, rows, cols, stride, gram);
        return;
    }
    dsyrk(CBLAS_COLUMN_MAJOR, CBLAS_UPPER, CBLAS_TRANSPOSED, (int)cols, (int)rows, 1.0, x, (int)stride, 0.0, gram,
          (int)cols);
    /* The other triangle, in blocks that stay in the cache both ways. */
    for (size_t block = 0; block < cols; block += MIRROR_BLOCK)
        for (size_t j = block + 1; j < cols; j++)
            for (size_t i = block; i < j && i < block + MIRROR_BLOCK; i++)
                gram[i * cols + j] = gram[j * cols + i];
}

/* Row-major a_cols x b_cols is column-major b_cols x a_cols: b' a. */
static void product_openblas(const double *a, const double *b, size_t rows, size_t a_cols, size_t b_cols, size_t stride,
                             double *out)
{
    if (!fits(rows, a_cols, b_cols, stride)) {
        icl_kernels_reference()->product(a, b, rows, a_cols, b_cols, stride, out);
        return;
    }
    dgemm(CBLAS_COLUMN_MAJOR, CBLAS_TRANSPOSED, CBLAS_PLAIN, (int)b_cols, (int)a_cols, (int)rows, 1.0, b, (int)stride,
          a, (int)stride, 0.0, out, (int)b_cols);
}

static void product_f32_openblas(const float *a, const float *b, size_t rows, size_t a_cols, size_t b_cols,
                                 size_t stride, float *out)
{
    if (!fits(rows, a_cols, b_cols, stride)) {
        icl_kernels_reference()->product_f32(a, b, rows, a_cols, b_cols, stride, out);
        return;
    }
    sgemm(CBLAS_COLUMN_MAJOR, CBLAS_TRANSPOSED, CBLAS_PLAIN, (int)b_cols, (int)a_cols, (int)rows, 1.0F, b, (int)stride,
          a, (int)stride, 0.0F, out, (int)b_cols);
}

/* The name OpenBLAS has for what this processor can do; NULL: let it look for itself. */
static const char *core_type(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512cd"))
        return "SkylakeX";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "Haswell";
#endif
    return NULL;
}

/* Sets a variable for the time of loading; what it was before is given to restore_variable. */
static char *set_variable(const char *name, const char *value)
{
    const char *old = getenv(name);
    char *kept = old == NULL ? NULL : strdup(old);
    setenv(name, value, 1);
    return kept;
}

static void restore_variable(const char *name, char *kept)
{
    if (kept == NULL)
        unsetenv(name);
    else
        setenv(name, kept, 1);
    free(kept);
}

static void *load_library(void)
{
    const char *core = getenv("OPENBLAS_CORETYPE") == NULL ? core_type() : NULL;
    char *threads = set_variable("OPENBLAS_NUM_THREADS", "1");
    if (core != NULL) setenv("OPENBLAS_CORETYPE", core, 1);
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) library = dlopen("libopenblas.so", RTLD_NOW | RTLD_LOCAL);
    if (core != NULL) unsetenv("OPENBLAS_CORETYPE");
    restore_variable("OPENBLAS_NUM_THREADS", threads);
    return library;
}

bool icl_cpu_override_blas(struct kernels *table)
{
    void *library = load_library();
    if (library == NULL) return false;
    dsyrk = (cblas_dsyrk_function *)dlsym(library, "cblas_dsyrk");
    dgemm = (cblas_dgemm_function *)dlsym(library, "cblas_dgemm");
    sgemm = (cblas_sgemm_function *)dlsym(library, "cblas_sgemm");
    char *(*core_name)(void) = (char *(*)(void))dlsym(library, "openblas_get_corename");
    int (*thread_count)(void) = (int (*)(void))dlsym(library, "openblas_get_num_threads");
    /* A copy that someone else loaded with more threads would give other bits on other machines: it stays unused. */
    if (dsyrk == NULL || dgemm == NULL || sgemm == NULL || core_name == NULL || thread_count == NULL ||
        thread_count() != 1) {
        dlclose(library);
        return false;
    }
    table->gram = gram_openblas;
    table->product = product_openblas;
    table->product_f32 = product_f32_openblas;
    table->blas = "openblas";
    table->blas_core = core_name();
    return true; /* the library stays loaded to the end of the process */
}
