/* Rounding that a GPU's units do. */
#ifndef ICLAB_EMULATED_ROUNDING_H
#define ICLAB_EMULATED_ROUNDING_H

#include <cstdint>
#include <cstring>

namespace icl_emulated
{
/* To 10 bits of mantissa: to nearest, ties away from zero; what is not finite stays. */
inline float rounded_to_tf32(float x)
{
    std::uint32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    if ((bits & 0x7F800000U) == 0x7F800000U) return x;
    bits = (bits + 0x1000U) & ~0x1FFFU;
    std::memcpy(&x, &bits, sizeof x);
    return x;
}
} // namespace icl_emulated

#endif
