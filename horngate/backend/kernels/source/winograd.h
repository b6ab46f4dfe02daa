// Convolution by windows of 3 x 3 in fewer products: F(2 x 2, 3 x 3) of Lavin and Gray, "Fast algorithms for convolutional
// neural networks", 2015. Tiles of 4 x 4 of the source give 2 x 2 results by 16 products instead of 36.
//
// With y = A' [(G w G') . (B' x B)] A for a tile, the gradient of w is G' [(A g A') . (B' x B)] G. Products of one
// of the 16 places for all tiles and channels are a product of matrices.
//
// The differences between places spread NaN and infinity over a tile, and may overflow where the results do not. Such
// results are found as they are written, and computed again window by window: see `Doubt`.
#pragma once

#include "convolution.h"

namespace horngate {

constexpr int kPlaces = 16;
constexpr int64_t kTiledFloats = 96 << 10;  // that a piece of work may hold at the 16 places

typedef Vector Tile[4][4];

// Whether some result is no finite number: its product with 0 is none, and neither is a sum with that.
struct Doubt {
  Vector sum = Vector{};

  void consider(Vector result) { sum += result * 0.0f; }
  bool holds() const {
    bool all = true;
    for (int64_t i = 0; i < kLanes; i++) all &= sum[i] == 0;
    return !all;
  }
};

// B' x: what is done to the columns of x, then to its rows.
static inline __attribute__((always_inline)) void source_to_places(Vector a, Vector b, Vector c, Vector d, Vector* to,
                                                                    int step) {
  to[0] = a - c, to[step] = b + c, to[2 * step] = c - b, to[3 * step] = b - d;
}

// A g: two results, or what their gradients contribute, at four places.
static inline __attribute__((always_inline)) void results_to_places(Vector a, Vector b, Vector* to, int step) {
  to[0] = a, to[step] = a + b, to[2 * step] = a - b, to[3 * step] = -b;
}

struct TileGrid {
  int64_t rows, columns, high, wide;  // results; tiles

  TileGrid(int64_t rows, int64_t columns)
      : rows(rows), columns(columns), high(ceil_div(rows, 2)), wide(ceil_div(columns, 2)) {}
  int64_t count() const { return high * wide; }
};

constexpr int64_t kFewest = 32, kMostWeights = 1 << 16;  // channels on either side; all of one tap

// Whether the 16 products pay: the transformations must be few beside them and fill whole vectors, the weights at the 16
// places stay in the cache.
inline bool suits_tiles(const Geometry& geometry, int64_t taken, int64_t given) {
  bool plain = geometry.groups == 1 && geometry.window[0] == 1 && geometry.pads[0] == 0 && geometry.strides[0] == 1;
  for (int axis = 1; axis < kAxes; axis++)
    plain &= geometry.window[axis] == 3 && geometry.strides[axis] == 1 && geometry.dilation[axis] == 1;
  return plain && taken % kLanes == 0 && given % kLanes == 0 && std::min(taken, given) >= kFewest &&
         taken * given <= kMostWeights;
}

inline int64_t tiles_at_once(int64_t channels, int64_t count) {
  const int64_t most = std::max<int64_t>(1, kTiledFloats / (kPlaces * channels * kMostRows)) * kMostRows;
  return std::min(most, count);
}

// B' x B of the tiles [first, last) of an image (rows, columns, channels): (places, tiles, channels). Tile t begins at
// (row, column) = 2 * (its place in the grid) + offset; outside the image there are zeros.
inline void transform_source(const float* image, const int64_t* sizes, int64_t channels, const TileGrid& grid,
                             const int64_t* offset, int64_t first, int64_t last, float* to) {
  const int64_t place = (last - first) * channels;
  for (int64_t t = first; t < last; t++) {
    const int64_t row = t / grid.wide * 2 + offset[0], column = t % grid.wide * 2 + offset[1];
    for (int64_t c = 0; c < channels; c += kLanes) {
      Tile x, half, whole;
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++)
#pragma GCC unroll 4
        for (int j = 0; j < 4; j++) {
          const int64_t h = row + i, w = column + j;
          const bool inside = h >= 0 && h < sizes[1] && w >= 0 && w < sizes[2];
          x[i][j] = inside ? load(image + (h * sizes[2] + w) * channels + c) : Vector{};
        }
#pragma GCC unroll 4
      for (int j = 0; j < 4; j++) source_to_places(x[0][j], x[1][j], x[2][j], x[3][j], &half[0][j], 4);
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) source_to_places(half[i][0], half[i][1], half[i][2], half[i][3], whole[i], 1);
#pragma GCC unroll 16
      for (int k = 0; k < kPlaces; k++) store(to + k * place + (t - first) * channels + c, whole[k / 4][k % 4]);
    }
  }
}

// A g A' of the same tiles of gradients (rows, columns, channels).
inline void transform_gradient(const float* image, int64_t channels, const TileGrid& grid, int64_t first, int64_t last,
                               float* to) {
  const int64_t place = (last - first) * channels;
  for (int64_t t = first; t < last; t++) {
    const int64_t row = t / grid.wide * 2, column = t % grid.wide * 2;
    for (int64_t c = 0; c < channels; c += kLanes) {
      Vector g[2][2], half[4][2];
      Tile whole;
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) {
        const int64_t h = row + i / 2, w = column + i % 2;
        g[i / 2][i % 2] =
            h < grid.rows && w < grid.columns ? load(image + (h * grid.columns + w) * channels + c) : Vector{};
      }
#pragma GCC unroll 2
      for (int j = 0; j < 2; j++) results_to_places(g[0][j], g[1][j], &half[0][j], 2);
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) results_to_places(half[i][0], half[i][1], whole[i], 1);
#pragma GCC unroll 16
      for (int k = 0; k < kPlaces; k++) store(to + k * place + (t - first) * channels + c, whole[k / 4][k % 4]);
    }
  }
}

// finish(A' m A) of the products m (places, tiles, channels), into an image (rows, columns, channels); whether all is finite.
inline bool transform_results(const float* products, int64_t channels, const TileGrid& grid, int64_t first,
                              int64_t last, const Finish& finish, float* image) {
  const int64_t place = (last - first) * channels;
  Doubt doubt;
  for (int64_t t = first; t < last; t++) {
    const int64_t row = t / grid.wide * 2, column = t % grid.wide * 2;
    for (int64_t c = 0; c < channels; c += kLanes) {
      Vector half[2][4];
#pragma GCC unroll 4
      for (int j = 0; j < 4; j++) {
        Vector m[4];
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) m[i] = load(products + (4 * i + j) * place + (t - first) * channels + c);
        half[0][j] = m[0] + m[1] + m[2], half[1][j] = m[1] - m[2] - m[3];
      }
      const Vector bias = finish.bias ? load(finish.bias + c) : Vector{};
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) {
        const Vector* m = half[i / 2];
        Vector y = (i % 2 ? m[1] - m[2] - m[3] : m[0] + m[1] + m[2]) + bias;
        doubt.consider(y);
        if (finish.relu) y = rectified(y);
        const int64_t h = row + i / 2, w = column + i % 2;
        if (h < grid.rows && w < grid.columns) store(image + (h * grid.columns + w) * channels + c, y);
      }
    }
  }
  return !doubt.holds();
}

// G w G' of one pair of channels.
inline void transform_weights(const float (&w)[3][3], float (&to)[kPlaces]) {
  float half[4][3];
  for (int j = 0; j < 3; j++) {
    half[0][j] = w[0][j], half[3][j] = w[2][j];
    half[1][j] = (w[0][j] + w[1][j] + w[2][j]) / 2, half[2][j] = (w[0][j] - w[1][j] + w[2][j]) / 2;
  }
  for (int i = 0; i < 4; i++) {
    const float* h = half[i];
    to[4 * i] = h[0], to[4 * i + 3] = h[2];
    to[4 * i + 1] = (h[0] + h[1] + h[2]) / 2, to[4 * i + 2] = (h[0] - h[1] + h[2]) / 2;
  }
}

// The weights at the 16 places: (places, panels, channels taken, width of the panel).
inline void pack_places(ffi::ThreadPool& pool, const WindowSum& sum, float* packed) {
  const int64_t taken = sum.taken(), given = sum.given(), in = sum.kernel.in * sum.kernel.out;
  const int64_t next_in = sum.transposed ? 1 : sum.kernel.out, next_out = sum.transposed ? sum.kernel.out : 1;
  const float* taps[3][3];
  for (int i = 0; i < 9; i++)
    taps[i / 3][i % 3] = sum.kernel.at(0, sum.walks[1].taps[i / 3].number, sum.walks[2].taps[i % 3].number);
  parallel_for(pool, ceil_div(given, kPanel), [&](int64_t panel) {
    const int64_t first = panel * kPanel, width = std::min(kPanel, given - first);
    for (int64_t c = 0; c < taken; c++)
      for (int64_t o = 0; o < width; o++) {
        float w[3][3], places[kPlaces];
        for (int i = 0; i < 9; i++) w[i / 3][i % 3] = taps[i / 3][i % 3][c * next_in + (first + o) * next_out];
        transform_weights(w, places);
        for (int k = 0; k < kPlaces; k++) packed[k * in + first * taken + c * width + o] = places[k];
      }
  });
}

// The same sum for one sample, window by window.
inline void window_sum_of_sample(ffi::ThreadPool& pool, WindowSum sum, int64_t n) {
  sum.from.data += n * sum.from.sample(), sum.to.data += n * sum.to.sample();
  sum.from.samples = sum.to.samples = 1;
  window_sum(pool, sum);
}

// A `WindowSum` that `suits_tiles`.
inline void window_sum_by_tiles(ffi::ThreadPool& pool, const WindowSum& sum) {
  const TileGrid grid(sum.walks[1].count, sum.walks[2].count);
  const int64_t taken = sum.taken(), given = sum.given(), tiles = tiles_at_once(taken + given, grid.count());
  const int64_t offset[] = {sum.walks[1].taps[0].offset, sum.walks[2].taps[0].offset};
  const int64_t planes = sum.to.sizes[0], blocks = ceil_div(grid.count(), tiles);
  Floats packed(kPlaces * taken * given);
  pack_places(pool, sum, packed.get());
  std::vector<char> finite(sum.from.samples * planes * blocks);
  parallel_for(pool, finite.size(), [&](int64_t i) {
    const int64_t first = i % blocks * tiles, last = std::min(grid.count(), first + tiles), count = last - first;
    const int64_t n = i / blocks / planes, d = i / blocks % planes;
    float* source = scratch(kInput, kPlaces * tiles * taken);
    float* products = scratch(kOutput, kPlaces * tiles * given);
    transform_source(sum.from.data + sum.from.at(n, d, 0, 0), sum.from.sizes, taken, grid, offset, first, last, source);
    const int64_t no_offset = 0, parts = ceil_div(count, kMostRows);
    for (int64_t k = 0; k < kPlaces; k++)
      for (int64_t channel = 0; channel < given; channel += kPanel)
        for (int64_t part = 0; part < parts; part++) {
          const int64_t low = count * part / parts, high = count * (part + 1) / parts;
          const int64_t width = std::min(kPanel, given - channel);
          const ProductTile tile{source + (k * count + low) * taken, taken, &no_offset, 1, taken,
                                 packed.get() + (k * given + channel) * taken,
                                 products + (k * count + low) * given + channel, given, width, {}};
          run_tile(tile, high - low, vectors_of(width));
        }
    float* results = sum.to.data + sum.to.at(n, d, 0, 0);
    finite[i] = transform_results(products, given, grid, first, last, sum.finish, results);
  });
  for (int64_t n = 0, each = planes * blocks; n < sum.from.samples; n++)
    if (std::count(&finite[n * each], &finite[n * each] + each, 0)) window_sum_of_sample(pool, sum, n);
}

// Adds what the tiles [first, last) of a plane contribute at the 16 places: sums (places, channels taken, given).
inline void add_tiles(const KernelGradient& gradient, const TileGrid& grid, int64_t n, int64_t d, int64_t first,
                      int64_t last, float* sums) {
  const int64_t taken = gradient.x.channels, given = gradient.g.channels, count = last - first;
  const int64_t offset[] = {gradient.walks[1].taps[0].offset, gradient.walks[2].taps[0].offset};
  float* source = scratch(kInput, kPlaces * count * taken);
  float* results = scratch(kOutput, kPlaces * count * given);
  transform_source(gradient.x.data + gradient.x.at(n, d, 0, 0), gradient.x.sizes, taken, grid, offset, first, last,
                   source);
  transform_gradient(gradient.g.data + gradient.g.at(n, d, 0, 0), given, grid, first, last, results);
  const int64_t parts = ceil_div(taken, kMostRows);
  for (int64_t k = 0; k < kPlaces; k++)
    for (int64_t channel = 0; channel < given; channel += kPanel)
      for (int64_t part = 0; part < parts; part++) {
        const int64_t low = taken * part / parts, high = taken * (part + 1) / parts;
        const OuterTile outer{source + k * count * taken + low, 0, taken, results + k * count * given + channel, 0, given,
                              1, count, sums + (k * taken + low) * given + channel, given};
        run_tile(outer, high - low, vectors_of(given - channel));
      }
}

// G' s G of the sums s of all shares, for a channel taken; whether all is finite.
inline bool add_places(const KernelGradient& gradient, const float* shares, int64_t size, int64_t count, int64_t c) {
  const int64_t taken = gradient.x.channels, given = gradient.g.channels;
  Doubt doubt;
  for (int64_t o = 0; o < given; o += kLanes) {
    Tile s;
    Vector half[3][4];
    for (int k = 0; k < kPlaces; k++) {
      const float* from = shares + (k * taken + c) * given + o;
      s[k / 4][k % 4] = load(from);
      for (int64_t share = 1; share < count; share++) s[k / 4][k % 4] += load(from + share * size);
    }
    const Vector two = spread(2.0f);
    for (int j = 0; j < 4; j++) {
      half[0][j] = s[0][j] + (s[1][j] + s[2][j]) / two, half[1][j] = (s[1][j] - s[2][j]) / two;
      half[2][j] = (s[1][j] + s[2][j]) / two + s[3][j];
    }
    for (int i = 0; i < 3; i++) {
      const Vector* h = half[i];
      const Vector w[3] = {h[0] + (h[1] + h[2]) / two, (h[1] - h[2]) / two, (h[1] + h[2]) / two + h[3]};
      for (int j = 0; j < 3; j++) {
        doubt.consider(w[j]);
        store(gradient.kernel.data + ((i * 3 + j) * taken + c) * given + o, w[j]);
      }
    }
  }
  return !doubt.holds();
}

// A `KernelGradient` that `suits_tiles`; shares as in `kernel_gradient`.
inline void kernel_gradient_by_tiles(ffi::ThreadPool& pool, const KernelGradient& gradient) {
  const auto& [x, g, kernel, bias, groups, walks] = gradient;
  const TileGrid grid(walks[1].count, walks[2].count);
  const int64_t given = g.channels, places = kPlaces * x.channels * given, size = places + (bias ? given : 0);
  const int64_t tiles = tiles_at_once(x.channels + given, grid.count()), blocks = ceil_div(grid.count(), tiles);
  const int64_t pieces = x.samples * g.sizes[0] * blocks;
  const int64_t count = std::min<int64_t>(std::max<int64_t>(1, pool.num_threads()), pieces);
  Floats shares(count * size);
  parallel_for(pool, count, [&](int64_t share) {
    float* sums = shares.get() + share * size;
    std::memset(sums, 0, size * 4);
    for (int64_t i = pieces * share / count; i < pieces * (share + 1) / count; i++) {
      const int64_t n = i / blocks / g.sizes[0], d = i / blocks % g.sizes[0], first = i % blocks * tiles;
      add_tiles(gradient, grid, n, d, first, std::min(grid.count(), first + tiles), sums);
      if (bias && first == 0) add_positions(g.data + g.at(n, d, 0, 0), grid.rows * grid.columns, given, sums + places);
    }
  });
  std::vector<char> finite(x.channels);
  parallel_for(pool, x.channels, [&](int64_t c) { finite[c] = add_places(gradient, shares.get(), size, count, c); });
  if (std::count(finite.begin(), finite.end(), 0)) return kernel_gradient(pool, gradient);
  for (int64_t o = 0; bias && o < given; o++) {
    bias[o] = 0;
    for (int64_t share = 0; share < count; share++) bias[o] += shares.get()[share * size + places + o];
  }
}

}  // namespace horngate
