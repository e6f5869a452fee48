/* XResNets (fast.ai course v3, 2019, after He et al. 2018): a stem of three 3x3 layers, max-pool 3/2/1, four groups of
 * blocks, shortcuts that pool before they project, and the last BN of a block beginning with scale 0. */
#include "trainer/networks_internal.h"

enum stem { STEM_NOTEBOOK, STEM_LIBRARY };
static const size_t stems[][3] = {[STEM_NOTEBOOK] = {32, 64, 64}, [STEM_LIBRARY] = {32, 32, 64}};

enum block_kind {
    BLOCK_BASIC,      /* 3x3 with the stride, 3x3 */
    BLOCK_BOTTLENECK, /* 1x1, 3x3 with the stride, 1x1 in four times the channels */
    BLOCK_PREFIX      /* before the course's repair of May 2019: 1x1, 3x3 with the stride */
};

static struct icl_block block_of(enum block_kind kind, size_t width, size_t stride)
{
    struct icl_block block = {.layers = 2, .pooled = true, .at_zero = true};
    if (kind == BLOCK_BASIC) {
        block.layer[0] = (struct icl_layer){width, 3, stride};
        block.layer[1] = (struct icl_layer){width, 3, 1};
    } else {
        block.layer[0] = (struct icl_layer){width, 1, 1};
        block.layer[1] = (struct icl_layer){width, 3, stride};
    }
    if (kind == BLOCK_BOTTLENECK) block.layer[block.layers++] = (struct icl_layer){4 * width, 1, 1};
    return block;
}

static icl_node_id xresnet(const struct icl_blueprint *b, enum stem stem, enum block_kind kind, const size_t blocks[4])
{
    icl_node_id x = b->image;
    for (size_t i = 0; i < 3; i++)
        x = icl_build_layer(b, x, (struct icl_layer){stems[stem][i], 3, i == 0 ? 2 : 1});
    x = icl_network_max_pool(b->network, x, 3, 2, 1);
    for (size_t g = 0; g < 4; g++)
        for (size_t i = 0; i < blocks[g]; i++) {
            const struct icl_block block = block_of(kind, (size_t)64 << g, g > 0 && i == 0 ? 2 : 1);
            x = icl_build_block(b, x, &block);
        }
    return icl_build_head(b, x);
}

static const size_t blocks18[4] = {2, 2, 2, 2}, blocks34[4] = {3, 4, 6, 3}, *const blocks50 = blocks34;

icl_node_id icl_build_xresnet18(const struct icl_blueprint *b)
{
    return xresnet(b, STEM_NOTEBOOK, BLOCK_BASIC, blocks18);
}

icl_node_id icl_build_xresnet34(const struct icl_blueprint *b)
{
    return xresnet(b, STEM_NOTEBOOK, BLOCK_BASIC, blocks34);
}

icl_node_id icl_build_xresnet50(const struct icl_blueprint *b)
{
    return xresnet(b, STEM_NOTEBOOK, BLOCK_BOTTLENECK, blocks50);
}

icl_node_id icl_build_xresnet18_lib(const struct icl_blueprint *b)
{
    return xresnet(b, STEM_LIBRARY, BLOCK_BASIC, blocks18);
}

icl_node_id icl_build_xresnet34_lib(const struct icl_blueprint *b)
{
    return xresnet(b, STEM_LIBRARY, BLOCK_BASIC, blocks34);
}

icl_node_id icl_build_xresnet50_lib(const struct icl_blueprint *b)
{
    return xresnet(b, STEM_LIBRARY, BLOCK_BOTTLENECK, blocks50);
}

icl_node_id icl_build_xresnet34_prefix(const struct icl_blueprint *b)
{
    return xresnet(b, STEM_NOTEBOOK, BLOCK_PREFIX, blocks34);
}
