/* What the tests of the architectures share. Include after cmocka.h. */
#ifndef ICLAB_TESTS_NETWORKS_SUPPORT_H
#define ICLAB_TESTS_NETWORKS_SUPPORT_H

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "trainer/spec.h"

static struct icl_error err;

static inline struct icl_train_spec spec_of(const char *net, enum icl_order order, enum icl_conversion conversion,
                                            enum icl_skip skip)
{
    struct icl_train_spec spec;
    icl_train_spec_default(&spec);
    snprintf(spec.net, sizeof spec.net, "%s", net);
    spec.order = order;
    spec.conversion = conversion;
    spec.skip = skip;
    return spec;
}

/* A network for square images of three channels and 10 classes, or of one channel for the thread's. */
static inline struct icl_network built(const struct icl_train_spec *spec, size_t side, size_t classes)
{
    struct icl_network network;
    const size_t channels = strncmp(spec->net, "thread", 6) == 0 ? 1 : 3;
    if (icl_network_build(spec, side, side, channels, classes, &network, &err) != ICL_OK) fail_msg("%s", err.message);
    return network;
}

#endif
