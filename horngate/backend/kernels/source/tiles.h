// The innermost loops of convolution: small products whose sums stay in registers.
#pragma once

#include "vectors.h"

namespace horngate {

// What is done to a finished sum before it is stored: a bias is added, and what is negative set to 0.
struct Finish {
  const float* bias = nullptr;
  bool relu = false;
};

// y[m][0 .. width) = finish(sum over t, k of x[m * x_step + offsets[t] + k] * panel[t][k][:])
struct ProductTile {
  const float* x;
  int64_t x_step;
  const int64_t* offsets;
  int64_t taps, length;
  const float* panel;
  float* y;
  int64_t y_step, width;
  Finish finish;

  template <int Rows, int Vectors>
  void run() const {
    Vector sum[Rows][Vectors];
#pragma GCC unroll 16
    for (int m = 0; m < Rows; m++)
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; v++) sum[m][v] = Vector{};
    const float* weights = panel;
    // Four rows share a pointer: there are not registers enough for one each.
    constexpr int kPointers = (Rows + 3) / 4;
    const int64_t step = x_step, step3 = 3 * x_step;
    for (int64_t t = 0; t < taps; t++) {
      const float* rows[kPointers];
#pragma GCC unroll 4
      for (int i = 0; i < kPointers; i++) rows[i] = x + offsets[t] + 4 * i * step;
#pragma GCC unroll 2
      for (int64_t k = 0; k < length; k++) {
        Vector w[Vectors];
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; v++) w[v] = load(weights + v * kLanes);
        weights += Vectors * kLanes;
#pragma GCC unroll 16
        for (int m = 0; m < Rows; m++) {
          const float* row = rows[m / 4];
          const Vector xs = spread(m % 4 == 0 ? *row : m % 4 == 1 ? row[step] : m % 4 == 2 ? row[2 * step] : row[step3]);
#pragma GCC unroll 2
          for (int v = 0; v < Vectors; v++) sum[m][v] += xs * w[v];
        }
#pragma GCC unroll 4
        for (int i = 0; i < kPointers; i++) rows[i]++;
      }
    }
    finish_and_store<Rows, Vectors>(sum);
  }

  template <int Rows, int Vectors>
  void finish_and_store(Vector (&sum)[Rows][Vectors]) const {
    const bool whole = width == Vectors * kLanes;
    float bias[Vectors * kLanes] = {}, row[Vectors * kLanes];
    if (finish.bias)
      for (int64_t i = 0; i < width; i++) bias[i] = finish.bias[i];
#pragma GCC unroll 16
    for (int m = 0; m < Rows; m++) {
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; v++) {
        if (finish.bias) sum[m][v] += load(bias + v * kLanes);
        if (finish.relu) sum[m][v] = rectified(sum[m][v]);
        store((whole ? y + m * y_step : row) + v * kLanes, sum[m][v]);
      }
      if (!whole)
        for (int64_t i = 0; i < width; i++) y[m * y_step + i] = row[i];
    }
  }
};

// y[m][o] = finish(sum over t, k of x[m * x_step + offsets[t] + k] * weights[o][t][k]): for few results, whose vectors
// would be mostly empty, the vectors go along k.
struct DotTile {
  static constexpr int kRows = 8;
  const float* x;
  int64_t x_step;
  const int64_t* offsets;
  int64_t taps, length;
  const float* weights;
  float* y;
  int64_t y_step, width;
  Finish finish;

  template <int Rows, int>
  void run() const {
    for (int64_t o = 0; o < width; o++) {
      Vector sum[Rows];
      float rest[Rows] = {};
#pragma GCC unroll 8
      for (int m = 0; m < Rows; m++) sum[m] = Vector{};
      const float* w = weights + o * taps * length;
      for (int64_t t = 0; t < taps; t++, w += length) {
        const float* from = x + offsets[t];
        int64_t k = 0;
        for (; k + kLanes <= length; k += kLanes) {
          const Vector given = load(w + k);
#pragma GCC unroll 8
          for (int m = 0; m < Rows; m++) sum[m] += load(from + m * x_step + k) * given;
        }
        for (; k < length; k++)
          for (int m = 0; m < Rows; m++) rest[m] += from[m * x_step + k] * w[k];
      }
      for (int m = 0; m < Rows; m++) {
        float total = rest[m] + (finish.bias ? finish.bias[o] : 0);
        for (int64_t lane = 0; lane < kLanes; lane++) total += sum[m][lane];
        y[m * y_step + o] = finish.relu ? rectified(total) : total;
      }
    }
  }
};

// sums[m][:] += sum over r, c of x[r * x_row + c * x_step + m] * g[r * g_row + c * g_step + :]
struct OuterTile {
  const float* x;
  int64_t x_row, x_step;
  const float* g;
  int64_t g_row, g_step;
  int64_t rows, columns;
  float* sums;
  int64_t sums_step;

  template <int Rows, int Vectors>
  void run() const {
    Vector sum[Rows][Vectors];
#pragma GCC unroll 16
    for (int m = 0; m < Rows; m++)
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; v++) sum[m][v] = load(sums + m * sums_step + v * kLanes);
    for (int64_t r = 0; r < rows; r++) {
      const float *xs = x + r * x_row, *gs = g + r * g_row;
#pragma GCC unroll 2
      for (int64_t c = 0; c < columns; c++, xs += x_step, gs += g_step) {
        Vector given[Vectors];
#pragma GCC unroll 2
        for (int v = 0; v < Vectors; v++) given[v] = load(gs + v * kLanes);
#pragma GCC unroll 16
        for (int m = 0; m < Rows; m++) {
          const Vector x_m = spread(xs[m]);
#pragma GCC unroll 2
          for (int v = 0; v < Vectors; v++) sum[m][v] += x_m * given[v];
        }
      }
    }
#pragma GCC unroll 16
    for (int m = 0; m < Rows; m++)
#pragma GCC unroll 2
      for (int v = 0; v < Vectors; v++) store(sums + m * sums_step + v * kLanes, sum[m][v]);
  }
};

// Runs a tile with as many rows and vectors as there are: each number is a loop of its own, unrolled.
template <class Tile, int Rows = kMostRows>
inline void run_tile(const Tile& tile, int64_t rows, int64_t vectors) {
  if constexpr (Rows > 0) {
    if (rows < Rows) return run_tile<Tile, Rows - 1>(tile, rows, vectors);
    if (vectors == 2) tile.template run<Rows, 2>();
    else tile.template run<Rows, 1>();
  }
}

}  // namespace horngate
