/* ResNets (He et al., CVPR 2016). For small images: three groups of n blocks, 6n+2 layers (basic blocks) or 9n+2
 * (bottlenecks), widths 16, 32, 64; ResNet-50 for large ones. Shortcuts project wherever the shape changes (option B),
 * with a BN behind the projection in order conv-bn-relu. */
#include "trainer/networks_internal.h"

/* Two 3x3 layers of `width` channels. */
static icl_node_id basic(const struct icl_blueprint *b, icl_node_id x, size_t width, size_t stride)
{
    return icl_build_block(b, x, &(struct icl_block){.layer = {{width, 3, stride}, {width, 3, 1}}, .layers = 2});
}

/* 1x1, 3x3, 1x1; `width` channels inside, four times as many out; the stride is on the 3x3. */
static icl_node_id bottleneck(const struct icl_blueprint *b, icl_node_id x, size_t width, size_t stride)
{
    const struct icl_block block = {.layer = {{width, 1, 1}, {width, 3, stride}, {4 * width, 1, 1}}, .layers = 3};
    return icl_build_block(b, x, &block);
}

typedef icl_node_id block_function(const struct icl_blueprint *b, icl_node_id x, size_t width, size_t stride);

/* Groups of blocks; each group but the first begins with stride 2 and has twice the width of the one before. */
static icl_node_id groups(const struct icl_blueprint *b, icl_node_id x, block_function *block, const size_t *blocks,
                          size_t count, size_t width)
{
    for (size_t g = 0; g < count; g++)
        for (size_t i = 0; i < blocks[g]; i++)
            x = block(b, x, width << g, g > 0 && i == 0 ? 2 : 1);
    return x;
}

static icl_node_id small(const struct icl_blueprint *b, block_function *block, size_t n)
{
    const icl_node_id x = icl_build_layer(b, b->image, (struct icl_layer){16, 3, 1});
    return icl_build_head(b, groups(b, x, block, (size_t[]){n, n, n}, 3, 16));
}

icl_node_id icl_build_resnet20(const struct icl_blueprint *b)
{
    return small(b, basic, 3);
}

icl_node_id icl_build_resnet56(const struct icl_blueprint *b)
{
    return small(b, basic, 9);
}

icl_node_id icl_build_resnet110(const struct icl_blueprint *b)
{
    return small(b, basic, 18);
}

icl_node_id icl_build_resnet164(const struct icl_blueprint *b)
{
    return small(b, bottleneck, 18);
}

icl_node_id icl_build_resnet50(const struct icl_blueprint *b)
{
    icl_node_id x = icl_build_layer(b, b->image, (struct icl_layer){64, 7, 2});
    x = icl_network_max_pool(b->network, x, 3, 2, 1);
    return icl_build_head(b, groups(b, x, bottleneck, (size_t[]){3, 4, 6, 3}, 4, 64));
}
