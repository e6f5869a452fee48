/* The arithmetic of a stage in float32 for kernels, and the arguments that its kernels share. */
#ifndef ICLAB_KERNELS_CUDA_ACTIVATION_H
#define ICLAB_KERNELS_CUDA_ACTIVATION_H

#include "kernels/cuda/pieces.h"
#include "kernels/shared/gate.h"
#include "kernels/table_internal.h"

#define ICL_REAL        float
#define ICL_TYPED(name) name##_f32
#include "kernels/shared/activation_body.h"
#undef ICL_REAL
#undef ICL_TYPED

/* Where the gate of an element comes from. */
enum cuda_gate_source {
    CUDA_GATE_NONE,
    CUDA_GATE_BITS, /* backward: kept by the way forward */
    CUDA_GATE_WORD, /* a word of its own */
    CUDA_GATE_ANY   /* whatever the mask says, element by element */
};

/* A stage as its kernels see it; T is how activations are kept. */
template <class T> struct cuda_stage {
    icl_nonlinearity act;
    icl_tap tap;
    std::size_t count; /* elements */
    unsigned channels;
    icl_divider by_channels;
    bool wide_data, wide_channels; /* may be read 16 bytes at a time */
    icl_gates gates;
    const icl_device_step *now; /* whose step the gates' base gets */
    float open;                 /* the factor of an open gate */
    const T *x, *add;
    const float *scale, *shift;
    std::uint8_t *bits;
    T *y, *tap_output;
    const T *dy, *dtap;
    const float *slope;
    T *dx, *dadd;
    bool add_dx, add_dadd;
};

template <class T> static inline cuda_stage<T> cuda_stage_of(const icl_device_stage *s)
{
    cuda_stage<T> a{};
    a.act = s->act;
    a.tap = s->tap;
    a.count = s->shape.samples * s->shape.positions * s->shape.channels;
    a.channels = static_cast<unsigned>(s->shape.channels);
    a.by_channels = icl_divider_of(static_cast<std::uint32_t>(s->shape.channels));
    if (s->dropout) {
        a.gates = icl_gates_of(&s->mask, &s->shape);
        a.open = static_cast<float>(a.gates.open);
    }
    a.now = s->now;
    a.x = static_cast<const T *>(s->x);
    a.add = static_cast<const T *>(s->add);
    a.scale = s->scale;
    a.shift = s->shift;
    a.bits = s->gates;
    a.y = static_cast<T *>(s->y);
    a.tap_output = static_cast<T *>(s->tap_output);
    a.dy = static_cast<const T *>(s->dy);
    a.dtap = static_cast<const T *>(s->dtap);
    a.slope = s->slope;
    a.dx = static_cast<T *>(s->dx);
    a.dadd = static_cast<T *>(s->dadd);
    a.add_dx = s->add_dx;
    a.add_dadd = s->add_dadd;
    a.wide_data = true;
    for (const void *memory : {s->x, s->add, static_cast<const void *>(s->y), static_cast<const void *>(s->tap_output),
                               s->dy, s->dtap, static_cast<const void *>(s->dx), static_cast<const void *>(s->dadd)})
        a.wide_data = a.wide_data && cuda_is_aligned(memory);
    a.wide_channels = cuda_is_aligned(s->scale) && cuda_is_aligned(s->shift) && cuda_is_aligned(s->slope);
    return a;
}

/* The gates with the step of now. */
static __device__ __forceinline__ icl_gates cuda_gates_now(const icl_gates &gates, const icl_device_step *now)
{
    icl_gates mine = gates;
    if (now != nullptr) mine.base.high[0] = now->step;
    return mine;
}

/* Bit k: the gate of element k of the piece, a word a gate. */
static __device__ __forceinline__ unsigned cuda_piece_gates(const icl_gates &gates, unsigned piece)
{
    const unsigned all = gates.threshold >> 32 != 0, threshold = static_cast<unsigned>(gates.threshold);
    unsigned bits = 0;
#pragma unroll
    for (unsigned half = 0; half < 2; half++) {
        std::uint32_t words[4];
        icl_philox_block(&gates.base, static_cast<std::uint64_t>(piece) * 2 + half, words);
#pragma unroll
        for (unsigned k = 0; k < 4; k++)
            bits |= (all | static_cast<unsigned>(words[k] < threshold)) << (4 * half + k);
    }
    return bits;
}

/* The factors of the elements of a piece; bits: which of them are not 0. */
template <int GATE>
static __device__ __forceinline__ unsigned cuda_piece_factors(const icl_gates &gates, float open, unsigned piece,
                                                              unsigned stored, float (&factor)[CUDA_PIECE])
{
    unsigned bits = GATE == CUDA_GATE_BITS ? stored : 0;
    if (GATE == CUDA_GATE_WORD) bits = cuda_piece_gates(gates, piece);
#pragma unroll
    for (unsigned k = 0; k < CUDA_PIECE; k++) {
        if (GATE == CUDA_GATE_ANY) {
            factor[k] = static_cast<float>(icl_gate_factor(&gates, static_cast<std::uint64_t>(piece) * CUDA_PIECE + k));
            bits |= static_cast<unsigned>(factor[k] != 0.0F) << k;
        } else {
            factor[k] = (bits >> k & 1) != 0 ? open : 0.0F;
        }
    }
    return bits;
}

/* Elements must be fewer than 2^31 pieces, channels fewer than 2^28. Notes the failure. */
bool cuda_stage_fits(cuda_device *device, const icl_shape *shape);

/* How the gates of a stage come about on the way forward, and back. */
cuda_gate_source cuda_gates_forward(const icl_device_stage *stage);
cuda_gate_source cuda_gates_backward(const icl_device_stage *stage);

/* Calls use(cuda_stage<T>, constant of the norm place, constant of the source of gates): from values to templates. */
template <class T, int NORM, class Use>
static void cuda_with_gate(const cuda_stage<T> &a, cuda_gate_source source, Use use)
{
    switch (source) {
    case CUDA_GATE_NONE:
        use(a, std::integral_constant<int, NORM>{}, std::integral_constant<int, CUDA_GATE_NONE>{});
        break;
    case CUDA_GATE_BITS:
        use(a, std::integral_constant<int, NORM>{}, std::integral_constant<int, CUDA_GATE_BITS>{});
        break;
    case CUDA_GATE_WORD:
        use(a, std::integral_constant<int, NORM>{}, std::integral_constant<int, CUDA_GATE_WORD>{});
        break;
    case CUDA_GATE_ANY:
        use(a, std::integral_constant<int, NORM>{}, std::integral_constant<int, CUDA_GATE_ANY>{});
        break;
    }
}
template <class T, class Use>
static void cuda_with_norm(const icl_device_stage *stage, cuda_gate_source source, Use use)
{
    const cuda_stage<T> a = cuda_stage_of<T>(stage);
    switch (stage->norm) {
    case ICL_NORM_ABSENT:
        cuda_with_gate<T, ICL_NORM_ABSENT>(a, source, use);
        break;
    case ICL_NORM_BEFORE:
        cuda_with_gate<T, ICL_NORM_BEFORE>(a, source, use);
        break;
    case ICL_NORM_AFTER:
        cuda_with_gate<T, ICL_NORM_AFTER>(a, source, use);
        break;
    }
}
template <class Use> static void cuda_with_stage(const icl_device_stage *stage, cuda_gate_source source, Use use)
{
    if (stage->storage == ICL_STORAGE_F32)
        cuda_with_norm<float>(stage, source, use);
    else
        cuda_with_norm<icl_bf16>(stage, source, use);
}

#endif
