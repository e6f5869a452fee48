/* Windows of images as rows of a matrix, and back. */
#include "kernels/cuda/conv_pieces.h"
#include "kernels/cuda/pack.h"

namespace
{
constexpr unsigned threads = 256;

/* Sizes as 32-bit numbers: dividing by them is cheap. */
struct window_shape {
    std::uint32_t height, width, in, window, stride, padding, out_height, out_width, images;
};

window_shape narrowed(const icl_conv_shape *s, std::size_t images)
{
    const auto narrow = [](std::size_t n) { return static_cast<std::uint32_t>(n); };
    return {narrow(s->height),  narrow(s->width),      narrow(s->in),        narrow(s->window), narrow(s->stride),
            narrow(s->padding), narrow(s->out_height), narrow(s->out_width), narrow(images)};
}

/* One row of a window is a run of pixels that lie side by side: blockDim.x threads copy it, blockDim.y runs a block. */
template <class Bits> __global__ void gather_kernel(window_shape s, const Bits *x, Bits *columns)
{
    const std::uint32_t runs = s.images * s.out_height * s.out_width * s.window, length = s.window * s.in;
    for (std::uint32_t run = blockIdx.x * blockDim.y + threadIdx.y; run < runs; run += gridDim.x * blockDim.y) {
        const std::uint32_t ky = run % s.window, position = run / s.window;
        const std::uint32_t ox = position % s.out_width, line = position / s.out_width;
        const std::uint32_t oy = line % s.out_height, image = line / s.out_height;
        const std::uint32_t row = oy * s.stride + ky - s.padding; /* far above the height where it is negative */
        const std::uint32_t first = (ox * s.stride - s.padding) * s.in, width = s.width * s.in;
        const Bits *from = x + static_cast<std::size_t>(image * s.height + (row < s.height ? row : 0)) * width;
        Bits *to = columns + static_cast<std::size_t>(run) * length;
        for (std::uint32_t j = threadIdx.x; j < length; j += blockDim.x) {
            const std::uint32_t at = first + j;
            to[j] = row < s.height && at < width ? from[at] : Bits{0};
        }
    }
}

/* A thread a number of dx. */
template <class T> __global__ void scatter_kernel(window_shape s, const float *columns, T *dx, bool add)
{
    const std::uint32_t count = s.images * s.height * s.width * s.in, step = s.window * s.in;
    for (std::uint32_t e = blockIdx.x * blockDim.x + threadIdx.x; e < count; e += gridDim.x * blockDim.x) {
        const std::uint32_t i = e % s.in, pixel = e / s.in;
        const std::uint32_t column = pixel % s.width + s.padding, line = pixel / s.width;
        const std::uint32_t row = line % s.height + s.padding, image = line / s.height;
        float sum = 0.0F;
        for (std::uint32_t ky = row % s.stride; ky < s.window && ky <= row; ky += s.stride) {
            const std::uint32_t oy = (row - ky) / s.stride;
            if (oy >= s.out_height) continue;
            for (std::uint32_t kx = column % s.stride; kx < s.window && kx <= column; kx += s.stride) {
                const std::uint32_t ox = (column - kx) / s.stride;
                if (ox >= s.out_width) continue;
                const std::uint32_t position = (image * s.out_height + oy) * s.out_width + ox;
                sum += columns[static_cast<std::size_t>(position * s.window + ky) * step + kx * s.in + i];
            }
        }
        dx[e] = cuda_narrow<T>::of(add ? cuda_wide(dx[e]) + sum : sum);
    }
}
} // namespace

void cuda_conv_gather(cuda_device *device, const icl_conv_shape *shape, std::size_t images, icl_storage storage,
                      const void *x, void *columns)
{
    const window_shape s = narrowed(shape, images);
    const std::size_t runs = images * shape->out_height * shape->out_width * shape->window;
    unsigned lanes = 4;
    while (lanes < 32 && lanes < shape->window * shape->in)
        lanes *= 2;
    const dim3 block(lanes, threads / lanes), grid(cuda_blocks(runs, threads / lanes, 1U << 20));
    if (storage == ICL_STORAGE_F32)
        cuda_launch(device, "windows", gather_kernel<std::uint32_t>, grid, block, 0, s,
                    static_cast<const std::uint32_t *>(x), static_cast<std::uint32_t *>(columns));
    else
        cuda_launch(device, "windows", gather_kernel<std::uint16_t>, grid, block, 0, s,
                    static_cast<const std::uint16_t *>(x), static_cast<std::uint16_t *>(columns));
}

void cuda_conv_scatter(cuda_device *device, const icl_conv_shape *shape, std::size_t images, icl_storage storage,
                       const float *columns, void *dx, bool add)
{
    const window_shape s = narrowed(shape, images);
    const dim3 grid(cuda_blocks(images * shape->height * shape->width * shape->in, threads, 1U << 20));
    if (storage == ICL_STORAGE_F32)
        cuda_launch(device, "windows back", scatter_kernel<float>, grid, dim3(threads), 0, s, columns,
                    static_cast<float *>(dx), add);
    else
        cuda_launch(device, "windows back", scatter_kernel<icl_bf16>, grid, dim3(threads), 0, s, columns,
                    static_cast<icl_bf16 *>(dx), add);
}
