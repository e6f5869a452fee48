/* The table of architectures: names, builders, what they are. docs/adding.md says how to add one. */
#include <stdio.h>
#include <string.h>

#include "trainer/networks_internal.h"

/* ROW(name, function, residual blocks, a line about it) */
#define ARCHITECTURES(ROW)                                                                                             \
    ROW("thread06", icl_build_thread06, false, "4 convolutions of stride 2, 8 to 32 wide (the course's net 06)")       \
    ROW("thread07", icl_build_thread07, false, "5 convolutions of stride 2, 8 to 64 wide (net 07, the thread's)")      \
    ROW("resnet20", icl_build_resnet20, true, "ResNet for small images, 9 basic blocks of 16 to 64")                   \
    ROW("resnet56", icl_build_resnet56, true, "ResNet for small images, 27 basic blocks of 16 to 64")                  \
    ROW("resnet110", icl_build_resnet110, true, "ResNet for small images, 54 basic blocks of 16 to 64")                \
    ROW("resnet164", icl_build_resnet164, true, "ResNet for small images, 54 bottlenecks of 64 to 256")                \
    ROW("resnet50", icl_build_resnet50, true, "ResNet for large images, 16 bottlenecks of 256 to 2048")                \
    ROW("xresnet18", icl_build_xresnet18, true, "XResNet, 8 basic blocks, stem 32, 64, 64")                            \
    ROW("xresnet34", icl_build_xresnet34, true, "XResNet, 16 basic blocks, stem 32, 64, 64")                           \
    ROW("xresnet50", icl_build_xresnet50, true, "XResNet, 16 bottlenecks, stem 32, 64, 64")                            \
    ROW("xresnet18-lib", icl_build_xresnet18_lib, true, "the same with the library's stem 32, 32, 64")                 \
    ROW("xresnet34-lib", icl_build_xresnet34_lib, true, "the same with the library's stem 32, 32, 64")                 \
    ROW("xresnet50-lib", icl_build_xresnet50_lib, true, "the same with the library's stem 32, 32, 64")                 \
    ROW("xresnet34-prefix", icl_build_xresnet34_prefix, true, "XResNet with the blocks of before May 2019: 1x1, 3x3")

static const struct architecture {
    icl_family_function *build;
    bool blocks;
    const char *summary;
} architectures[] = {
#define ROW(name, build, blocks, summary) {build, blocks, summary},
    ARCHITECTURES(ROW)
#undef ROW
};

const char *const icl_network_names[] = {
#define ROW(name, build, blocks, summary) name,
    ARCHITECTURES(ROW)
#undef ROW
        NULL};

static const struct architecture *find(const char *name)
{
    for (size_t i = 0; icl_network_names[i] != NULL; i++)
        if (strcmp(icl_network_names[i], name) == 0) return &architectures[i];
    return NULL;
}

const char *icl_network_summary(const char *name)
{
    const struct architecture *found = find(name);
    return found == NULL ? NULL : found->summary;
}

bool icl_network_has_blocks(const char *name)
{
    const struct architecture *found = find(name);
    return found != NULL && found->blocks;
}

bool icl_skip_is_fixed(const struct icl_train_spec *spec)
{
    return spec->order == ICL_ORDER_CONV_BN_RELU || spec->conversion == ICL_CONVERSION_NAIVE;
}

static icl_status unknown(const char *name, struct icl_error *err)
{
    char known[512] = "";
    for (size_t i = 0; icl_network_names[i] != NULL; i++) {
        const size_t length = strlen(known);
        snprintf(known + length, sizeof known - length, "%s%s", i == 0 ? "" : ", ", icl_network_names[i]);
    }
    return icl_fail(err, ICL_ERR_USAGE, "--net: no network '%s'; there are %s", name, known);
}

icl_status icl_network_check(const struct icl_train_spec *spec, struct icl_error *err)
{
    const struct architecture *found = find(spec->net);
    if (found == NULL) return unknown(spec->net, err);
    if (spec->order == ICL_ORDER_CONV_BN_RELU && spec->conversion != ICL_CONVERSION_FULL)
        return icl_fail(err, ICL_ERR_USAGE, "--conversion %s: order conv-bn-relu converts nothing",
                        icl_conversion_names[spec->conversion]);
    if (spec->skip == ICL_SKIP_CONV) return ICL_OK;
    if (!found->blocks)
        return icl_fail(err, ICL_ERR_USAGE, "--skip %s: %s has no residual blocks", icl_skip_names[spec->skip],
                        spec->net);
    if (icl_skip_is_fixed(spec) && spec->skip != ICL_SKIP_RELU)
        return icl_fail(err, ICL_ERR_USAGE,
                        "--skip %s: with %s the shortcut sets out behind the ReLU that ends a block",
                        icl_skip_names[spec->skip],
                        spec->order == ICL_ORDER_CONV_BN_RELU ? "order conv-bn-relu" : "conversion naive");
    return ICL_OK;
}

icl_status icl_network_build(const struct icl_train_spec *spec, size_t height, size_t width, size_t channels,
                             size_t classes, struct icl_network *network, struct icl_error *err)
{
    icl_network_init(network);
    ICL_TRY(icl_network_check(spec, err));
    struct icl_blueprint b = {.network = network, .spec = *spec, .classes = classes};
    icl_train_spec_normalise(&b.spec);
    b.image = icl_network_input(network, height, width, channels);
    const icl_status status = icl_network_finish(network, find(spec->net)->build(&b), err);
    if (status != ICL_OK) icl_network_free(network);
    return status;
}
