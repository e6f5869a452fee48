/* What the families of networks are written with. A function of a family gets the image and returns the logits; orders
 * and conversions are known here alone, so that a network is described once for all of them (docs/networks.md). */
#ifndef ICLAB_TRAINER_NETWORKS_INTERNAL_H
#define ICLAB_TRAINER_NETWORKS_INTERNAL_H

#include "trainer/spec.h"

/* A network that is being built. */
struct icl_blueprint {
    struct icl_network *network;
    struct icl_train_spec spec; /* normalised */
    icl_node_id image;
    size_t classes;
};

/* The logits of the network. Failures are remembered by the network. */
typedef icl_node_id icl_family_function(const struct icl_blueprint *b);
icl_family_function icl_build_thread06, icl_build_thread07, icl_build_resnet20, icl_build_resnet56, icl_build_resnet110,
    icl_build_resnet164, icl_build_resnet50, icl_build_xresnet18, icl_build_xresnet34, icl_build_xresnet50,
    icl_build_xresnet18_lib, icl_build_xresnet34_lib, icl_build_xresnet50_lib, icl_build_xresnet34_prefix;

/* A weight layer in `out` channels: what the order puts around a convolution.
 *   conv-bn-relu           conv, BN, ReLU
 *   other orders, full     stage, conv; the first layer (its input is the image) has no stage
 *   other orders, naive    stage, conv
 * where a stage is ReLU, then BN (ic, bn-after), then dropout (ic, drop-only). */
struct icl_layer {
    size_t out, window, stride;
};
icl_node_id icl_build_layer(const struct icl_blueprint *b, icl_node_id x, struct icl_layer layer);

/* A residual block: its weight layers and its shortcut, which projects (1x1) where the shape changes. */
struct icl_block {
    struct icl_layer layer[3];
    size_t layers;
    bool pooled;  /* a strided shortcut is an average pool (2, ceil), then a projection only if the width changes;
                     otherwise a projection with that stride */
    bool at_zero; /* the BN of the last layer begins with scale 0 (conv-bn-relu and naive) */
};
icl_node_id icl_build_block(const struct icl_blueprint *b, icl_node_id x, const struct icl_block *block);

/* The end: the stage of the last weight layer if it is still missing (full), the mean over positions, a linear layer.
 */
icl_node_id icl_build_head(const struct icl_blueprint *b, icl_node_id x);

/* What the order is made of. */
bool icl_order_has_norm(enum icl_order order);
bool icl_order_has_drop(enum icl_order order);

/* Blocks have one place only for the shortcut to set out from: the input of the block. */
bool icl_skip_is_fixed(const struct icl_train_spec *spec);
/* False for unknown names, too. */
bool icl_network_has_blocks(const char *name);
/* Name, skip place and conversion of a specification: ICL_ERR_USAGE naming the option. */
icl_status icl_network_check(const struct icl_train_spec *spec, struct icl_error *err);

#endif
