/* The two convolutional networks of the fast.ai course v3 (2019), the second of which the thread used. */
#include "trainer/networks_internal.h"

/* Layers of stride 2, the first with windows of 5x5, the others 3x3. */
static icl_node_id plain(const struct icl_blueprint *b, const size_t *widths, size_t count)
{
    icl_node_id x = b->image;
    for (size_t i = 0; i < count; i++)
        x = icl_build_layer(b, x, (struct icl_layer){widths[i], i == 0 ? 5 : 3, 2});
    return icl_build_head(b, x);
}

icl_node_id icl_build_thread06(const struct icl_blueprint *b)
{
    return plain(b, (size_t[]){8, 16, 32, 32}, 4);
}

icl_node_id icl_build_thread07(const struct icl_blueprint *b)
{
    return plain(b, (size_t[]){8, 16, 32, 64, 64}, 5);
}
