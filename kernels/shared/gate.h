/* The multiplier that dropout gives an element, for host and device. */
#ifndef ICLAB_KERNELS_SHARED_GATE_H
#define ICLAB_KERNELS_SHARED_GATE_H

#include "kernels/layers.h"
#include "kernels/shared/draws.h"

/* A mask made ready: what does not depend on the element. */
struct icl_gates {
    struct icl_philox_base base;
    enum icl_gate gate;
    uint64_t threshold;       /* a gate is open when its word is below it */
    double open;              /* what an open gate multiplies by */
    double sd;                /* of the noise of a Gaussian gate */
    uint64_t plane, channels; /* of the shape: elements of a sample */
};

/* The draw of an element. */
ICL_HD uint64_t icl_gate_draw(const struct icl_gates *gates, uint64_t element)
{
    if (gates->gate != ICL_GATE_SHARED) return element;
    return element / gates->plane * gates->channels + element % gates->channels;
}

ICL_HD double icl_gate_factor(const struct icl_gates *gates, uint64_t element)
{
    if (gates->gate == ICL_GATE_GAUSSIAN) return 1.0 + gates->sd * icl_draw_normal(&gates->base, element);
    const uint32_t word = icl_draw_word(&gates->base, icl_gate_draw(gates, element));
    return word < gates->threshold ? gates->open : 0.0;
}

#endif
