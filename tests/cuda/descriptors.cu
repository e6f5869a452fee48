/* What can be asked of cuDNN without a device: whether it can be loaded, takes the descriptors of the convolutions of
 * the networks here, and sees their outputs as we do. Prints TAP. */
#include <cstdio>

#include "kernels/cuda/nvidia/conv_cudnn.cu"

bool cuda_note(cuda_device *, cudaError_t error, const char *)
{
    return error == cudaSuccess;
}
void cuda_note_text(cuda_device *, icl_status, const char *)
{
}

namespace
{
struct given {
    std::size_t side, in, out, window, stride, padding;
};

/* First layers of 1 and 3 channels, the thread's net, residual nets, their short cuts and stems; odd ones. */
constexpr given shapes[] = {{28, 1, 8, 5, 2, 2},    {14, 8, 16, 3, 2, 1},  {7, 16, 32, 3, 2, 1},  {4, 32, 32, 3, 2, 1},
                            {32, 3, 16, 3, 1, 1},   {32, 16, 16, 3, 1, 1}, {32, 16, 32, 3, 2, 1}, {32, 16, 32, 1, 2, 0},
                            {8, 64, 64, 3, 1, 1},   {128, 3, 32, 3, 2, 1}, {64, 32, 64, 3, 1, 1}, {224, 3, 64, 7, 2, 3},
                            {7, 512, 512, 3, 1, 1}, {13, 10, 33, 2, 3, 1}, {9, 33, 1, 7, 3, 6},   {11, 3, 10, 5, 2, 0}};

bool is_seen(const cuda_dnn &dnn, const given &g, std::size_t images, icl_storage storage, icl_product_rule rule,
             bool spoilt)
{
    const std::size_t out = (g.side + 2 * g.padding - g.window) / g.stride + 1;
    const icl_device_conv_form form = {
        {g.side, g.side, g.in, g.out, g.window, g.stride, g.padding, out, out + (spoilt ? 1 : 0), false},
        images,
        storage,
        rule,
        true,
        true};
    cuda_conv_library *l = new cuda_conv_library{};
    l->dnn = &dnn;
    const bool well = is_well(make_descriptors(l)) && is_well(set_descriptors(l, &form)) && shapes_agree(l, &form);
    cuda_conv_library_release(l);
    return well;
}
} // namespace

int main()
{
    char why[160];
    cuda_dnn dnn;
    if (!cuda_dnn_load(&dnn, why, sizeof why)) {
        std::printf("1..1\nok 1 - descriptors # SKIP %s\n", why);
        return 0;
    }
    unsigned bad = 0, count = 0, spoilt = 0;
    for (const given &g : shapes)
        for (const std::size_t images : {std::size_t{1}, std::size_t{7}, std::size_t{512}})
            for (const int kind : {0, 1, 2}) {
                const icl_storage storage = kind == 2 ? ICL_STORAGE_BF16 : ICL_STORAGE_F32;
                const icl_product_rule rule = kind == 1 ? ICL_PRODUCT_TF32 : ICL_PRODUCT_F32;
                count++;
                bad += !is_seen(dnn, g, images, storage, rule, false);
                spoilt += is_seen(dnn, g, images, storage, rule, true);
            }
    std::printf("1..2\n# cuDNN %zu, %u convolutions\n", dnn.cudnnGetVersion(), count);
    std::printf("%s 1 - cuDNN takes the descriptors and sees our outputs (%u do not agree)\n", bad ? "not ok" : "ok",
                bad);
    std::printf("%s 2 - a wrong output is noticed (%u not)\n", spoilt ? "not ok" : "ok", spoilt);
    return bad || spoilt;
}
