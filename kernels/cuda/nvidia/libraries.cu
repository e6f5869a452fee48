/* Opens cuBLAS and cuDNN. */
#include "kernels/cuda/nvidia/libraries.h"

#include <dlfcn.h>

#include <cstdio>
#include <new>

namespace
{
constexpr std::size_t blas_workspace = std::size_t{32}
                                       << 20; /* what cuBLAS takes for itself on compute capability 9.0 */

/* ---- cuDNN ---- */

#if CUDA_HAS_CUDNN
#define TEXT_OF(name)  #name
#define VALUE_OF(name) TEXT_OF(name)
const char *const dnn_file = "libcudnn.so." VALUE_OF(CUDNN_MAJOR);

struct dnn_symbol {
    const char *name;
    void **to;
};

/* ICL_ERR_MEMORY stops the opening; without cuDNN for any other reason, `why` says so. */
icl_status open_dnn(cuda_device *device, cuda_libraries *libraries, char *why, std::size_t size, icl_error *err)
{
    if (!cuda_dnn_load(&libraries->dnn, why, size)) return ICL_OK;
    const cuda_dnn &dnn = libraries->dnn;
    cudnnStatus_t status = dnn.cudnnCreate(&libraries->dnn_handle);
    if (status != CUDNN_STATUS_SUCCESS) libraries->dnn_handle = nullptr;
    if (status == CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED ||
        status == CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED)
        return icl_fail(err, ICL_ERR_MEMORY, "%s: no memory for cuDNN", device->base.facts.name);
    if (status == CUDNN_STATUS_SUCCESS) status = dnn.cudnnSetStream(libraries->dnn_handle, device->queue);
    if (status == CUDNN_STATUS_SUCCESS) return ICL_OK;
    std::snprintf(why, size, "%s", dnn.cudnnGetErrorString(status));
    if (libraries->dnn_handle != nullptr) (void)dnn.cudnnDestroy(libraries->dnn_handle);
    libraries->dnn_handle = nullptr;
    return ICL_OK;
}
#endif

/* ---- cuBLAS ---- */

icl_status blas_failure(const cuda_device *device, cublasStatus_t status, icl_error *err)
{
    return icl_fail(err, status == CUBLAS_STATUS_ALLOC_FAILED ? ICL_ERR_MEMORY : ICL_ERR_DEVICE, "%s: cuBLAS: %s (%s)",
                    device->base.facts.name, cublasGetStatusString(status), cublasGetStatusName(status));
}

icl_status open_blas(cuda_device *device, cuda_libraries *libraries, icl_error *err)
{
    cublasStatus_t status = cublasCreate(&libraries->blas);
    if (status != CUBLAS_STATUS_SUCCESS) {
        libraries->blas = nullptr;
        return blas_failure(device, status, err);
    }
    if (cudaMalloc(&libraries->workspace, blas_workspace) != cudaSuccess) {
        (void)cudaGetLastError();
        libraries->workspace = nullptr;
        return icl_fail(err, ICL_ERR_MEMORY, "%s: no %zu MiB for cuBLAS", device->base.facts.name,
                        blas_workspace >> 20);
    }
    /* The stream first: setting it puts the workspace back to cuBLAS' own. */
    const auto math = static_cast<cublasMath_t>(CUBLAS_DEFAULT_MATH | CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION);
    status = cublasSetStream(libraries->blas, device->queue);
    if (status == CUBLAS_STATUS_SUCCESS)
        status = cublasSetWorkspace(libraries->blas, libraries->workspace, blas_workspace);
    if (status == CUBLAS_STATUS_SUCCESS) status = cublasSetAtomicsMode(libraries->blas, CUBLAS_ATOMICS_NOT_ALLOWED);
    if (status == CUBLAS_STATUS_SUCCESS) status = cublasSetPointerMode(libraries->blas, CUBLAS_POINTER_MODE_HOST);
    if (status == CUBLAS_STATUS_SUCCESS) status = cublasSetMathMode(libraries->blas, math);
    return status == CUBLAS_STATUS_SUCCESS ? ICL_OK : blas_failure(device, status, err);
}

/* ---- both ---- */

/* A version in the form that both libraries have from cuDNN 9 on: 91900 is 9.19.0. */
struct version {
    unsigned major, minor, patch;
};
version version_of(std::size_t number)
{
    return {static_cast<unsigned>(number / 10000), static_cast<unsigned>(number / 100 % 100),
            static_cast<unsigned>(number % 100)};
}

void set_version(cuda_libraries *libraries, const char *why)
{
    int number = 0;
    (void)cublasGetVersion(libraries->blas, &number);
    const version blas = version_of(static_cast<std::size_t>(number));
    char *text = libraries->version;
    const std::size_t size = sizeof libraries->version;
#if CUDA_HAS_CUDNN
    if (libraries->dnn_handle != nullptr) {
        const version dnn = version_of(libraries->dnn.cudnnGetVersion());
        std::snprintf(text, size, "cuBLAS %u.%u.%u, cuDNN %u.%u.%u", blas.major, blas.minor, blas.patch, dnn.major,
                      dnn.minor, dnn.patch);
        return;
    }
#endif
    std::snprintf(text, size, "cuBLAS %u.%u.%u, no cuDNN (%.60s)", blas.major, blas.minor, blas.patch, why);
}
} // namespace

#if CUDA_HAS_CUDNN
bool cuda_dnn_load(cuda_dnn *dnn, char *why, std::size_t size)
{
    void *library = dlopen(dnn_file, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        std::snprintf(why, size, "%s cannot be loaded", dnn_file);
        return false;
    }
    const dnn_symbol symbols[] = {
#define SYMBOL(name) {#name, reinterpret_cast<void **>(&dnn->name)},
        CUDA_DNN_FUNCTIONS(SYMBOL)
#undef SYMBOL
    };
    for (const dnn_symbol &symbol : symbols) {
        *symbol.to = dlsym(library, symbol.name);
        if (*symbol.to == nullptr) {
            std::snprintf(why, size, "%s has no %s", dnn_file, symbol.name);
            return false;
        }
    }
    return true;
}
#endif

icl_status cuda_libraries_open(cuda_device *device, icl_error *err)
{
    char why[160] = "built without cudnn.h";
    device->libraries = new (std::nothrow) cuda_libraries{};
    if (device->libraries == nullptr) return icl_fail_memory(err, "the libraries of a device");
    icl_status status = open_blas(device, device->libraries, err);
#if CUDA_HAS_CUDNN
    if (status == ICL_OK) status = open_dnn(device, device->libraries, why, sizeof why, err);
#endif
    if (status != ICL_OK) {
        cuda_libraries_close(device);
        return status;
    }
    set_version(device->libraries, why);
    return ICL_OK;
}

void cuda_libraries_close(cuda_device *device)
{
    cuda_libraries *libraries = device->libraries;
    if (libraries == nullptr) return;
#if CUDA_HAS_CUDNN
    if (libraries->dnn_handle != nullptr) (void)libraries->dnn.cudnnDestroy(libraries->dnn_handle);
#endif
    if (libraries->blas != nullptr) (void)cublasDestroy(libraries->blas);
    if (libraries->workspace != nullptr) (void)cudaFree(libraries->workspace);
    delete libraries;
    device->libraries = nullptr;
}

const char *cuda_libraries_version(const cuda_device *device)
{
    return device->libraries->version;
}
