// Vectors of floats, as wide as the instruction set that this file is compiled for.
//
// The build compiles the kernels once for each instruction set, with HORNGATE_VECTOR_BYTES 64 (AVX-512), 32 (AVX2) or 16
// (whatever every machine of the architecture has: SSE2, NEON). The code is the same: the compiler's vector extensions.
#pragma once

#include <cstdint>

namespace horngate {

typedef float Vector __attribute__((vector_size(HORNGATE_VECTOR_BYTES)));
typedef int32_t Mask __attribute__((vector_size(HORNGATE_VECTOR_BYTES)));
typedef float Unaligned __attribute__((vector_size(HORNGATE_VECTOR_BYTES), aligned(4), may_alias));
typedef float Half __attribute__((vector_size(HORNGATE_VECTOR_BYTES / 2)));  // for 8 channels in vectors of 16
typedef float UnalignedHalf __attribute__((vector_size(HORNGATE_VECTOR_BYTES / 2), aligned(4), may_alias));

constexpr int64_t kLanes = HORNGATE_VECTOR_BYTES / 4;
constexpr int kMostVectors = 2;  // in a row of a tile
// Rows of a tile: what the registers hold beside two vectors of the panel and one broadcast number.
constexpr int kMostRows = HORNGATE_VECTOR_BYTES == 64 ? 14 : 6;

static inline __attribute__((always_inline)) Vector load(const float* from) { return *(const Unaligned*)from; }
static inline __attribute__((always_inline)) void store(float* to, Vector v) { *(Unaligned*)to = v; }
static inline __attribute__((always_inline)) Vector spread(float x) { return x - Vector{}; }

// The same code for a vector, for half a vector and for a single float.
template <class Lane>
static inline __attribute__((always_inline)) Lane get(const float* from) {
  if constexpr (sizeof(Lane) == 4) return *from;
  else if constexpr (sizeof(Lane) == sizeof(Half)) return *(const UnalignedHalf*)from;
  else return load(from);
}
static inline __attribute__((always_inline)) void put(float* to, float x) { *to = x; }
static inline __attribute__((always_inline)) void put(float* to, Half x) { *(UnalignedHalf*)to = x; }
static inline __attribute__((always_inline)) void put(float* to, Vector x) { store(to, x); }

// What is negative set to 0; of vectors and of single floats. What is no number stays as it is: no comparison holds of it.
template <class Lane>
static inline __attribute__((always_inline)) Lane rectified(Lane x) {
  return x <= 0 ? Lane{} : x;
}

constexpr int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }
constexpr int64_t round_up(int64_t a, int64_t b) { return ceil_div(a, b) * b; }

}  // namespace horngate
