// Activation functions of a vector of numbers, and their slopes from their values.
#pragma once

#include "vectors.h"

namespace horngate {

enum class Activation : int64_t { kLinear, kRelu, kHardSigmoid, kSigmoid, kTanh, kCount };

// exp(x), to about 1e-7 relative; x is held within what a float's exponent can tell.
static inline __attribute__((always_inline)) Vector exponential(Vector given) {
  Vector x = given;
  x = x > 88.0f ? spread(88.0f) : x;
  x = x < -87.0f ? spread(-87.0f) : x;
  const float kRounder = 12582912.0f;  // 1.5 * 2^23: a sum with it has no digits behind the point
  const Vector whole = x * 1.44269504f + kRounder, n = whole - kRounder;
  const Vector r = x - n * 0.693359375f + n * 2.12194440e-4f;  // ln 2 in two parts
  Vector p = r * 1.39421609e-3f + 8.36377591e-3f;  // minimax on |r| <= ln 2 / 2
  p = ((p * r + 4.16663624e-2f) * r + 0.166665733f) * r + 0.5f;
  const Mask exponent = (Mask)whole << 23;
  const Vector power = (Vector)((Mask)(p * r * r + r + 1.0f) + exponent);
  return given != given ? given : power;  // the bits of what is no number may make any exponent
}

// tanh(x), to about 2e-7 relative: a polynomial near 0, where 1 - 2 / (e^2x + 1) would lose digits.
static inline __attribute__((always_inline)) Vector hyperbolic_tangent(Vector x) {
  const Vector size = x < 0 ? -x : x, s = x * x;
  Vector p = s * -6.11318834e-3f + 2.10100785e-2f;  // minimax on |x| <= 0.625
  p = ((p * s - 5.38540706e-2f) * s + 0.133327946f) * s - 0.333333284f;
  const Vector far = 1.0f - 2.0f / (exponential(size + size) + 1.0f);
  return size < 0.625f ? x + x * s * p : x < 0 ? -far : far;
}

static inline __attribute__((always_inline)) Vector activate(Activation activation, Vector x) {
  switch (activation) {
    case Activation::kRelu: return rectified(x);
    case Activation::kSigmoid: return 1.0f / (1.0f + exponential(-x));
    case Activation::kTanh: return hyperbolic_tangent(x);
    case Activation::kHardSigmoid: {
      const Vector y = x * 0.2f + 0.5f, held = y < 0 ? Vector{} : y;
      return held > 1.0f ? spread(1.0f) : held;
    }
    default: return x;
  }
}

// The derivative where the value is y; where that is no number, the one between the bounds.
static inline __attribute__((always_inline)) Vector slope(Activation activation, Vector y) {
  switch (activation) {
    case Activation::kRelu: return y <= 0 ? Vector{} : spread(1.0f);
    case Activation::kSigmoid: return y * (1.0f - y);
    case Activation::kTanh: return 1.0f - y * y;
    case Activation::kHardSigmoid: return (y <= 0) | (y >= 1.0f) ? Vector{} : spread(0.2f);
    default: return spread(1.0f);
  }
}

}  // namespace horngate
