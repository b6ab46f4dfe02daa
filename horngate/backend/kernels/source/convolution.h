// Convolution: sums over windows, by which both a convolution and its input's gradient are computed, and the gradient
// of the kernel. Images are (samples, three spatial axes, channels), kernels (window, channels in / groups, channels out).
#pragma once

#include "tiles.h"
#include "windows.h"

namespace horngate {

constexpr int64_t kPanel = kMostVectors * kLanes;  // results computed side by side
constexpr int64_t kSourceCache = 96 << 10, kGradientCache = 64 << 10;  // floats that a piece of work may touch
constexpr int64_t kProductPositions = 256;  // for which sums are kept in registers, where a window is one position

struct Images {
  float* data;
  int64_t samples, sizes[kAxes], channels;

  int64_t sample() const { return sizes[0] * sizes[1] * sizes[2] * channels; }
  int64_t at(int64_t n, int64_t d, int64_t h, int64_t w) const {
    return (((n * sizes[0] + d) * sizes[1] + h) * sizes[2] + w) * channels;
  }
};

struct Kernel {
  float* data;
  int64_t window[kAxes], in, out;  // in: of a group, out: of all
  const float* at(int64_t d, int64_t h, int64_t w) const {
    return data + ((d * window[1] + h) * window[2] + w) * in * out;
  }
};

// to[result] = finish(sum over taps and channels of from[where the tap sees] * kernel[tap]), group by group.
struct WindowSum {
  Images from;
  Kernel kernel;
  Images to;
  int64_t groups;
  bool transposed;  // sum over the kernel's output channels, for the gradient of its input
  Walk walks[kAxes];
  Finish finish;

  int64_t taken() const { return from.channels / groups; }
  int64_t given() const { return to.channels / groups; }
  int64_t panels() const { return ceil_div(given(), kPanel); }
  int64_t taps(int axis) const { return walks[axis].taps.size(); }
  int64_t panel_size() const { return taps(0) * taps(1) * taps(2) * taken() * kPanel; }

  // Whether the taps of a row see neighbours, so that their channels form one long vector.
  bool in_one_run() const {
    const auto& row = walks[2].taps;
    return groups == 1 && row.back().offset - row.front().offset + 1 == (int64_t)row.size();
  }
  int64_t length() const { return in_one_run() ? taps(2) * taken() : taken(); }  // of what lies side by side

  // Whether so few results belong to a position that vectors go along what they are summed over.
  bool is_narrow() const { return 2 * given() <= kLanes && length() >= 2 * kLanes; }
};

inline int64_t vectors_of(int64_t width) { return width > kLanes ? 2 : 1; }

// One tap of a panel: (channels taken, width of the panel), filled up with zeros.
inline float* pack_tap(const WindowSum& sum, const float* weights, int64_t group, int64_t first, float* to) {
  const int64_t taken = sum.taken(), given = sum.given(), stride = sum.kernel.out;
  const int64_t held = std::min(kPanel, given - first), width = vectors_of(held) * kLanes;
  for (int64_t c = 0; c < taken; c++, to += width) {
    if (sum.transposed)
      for (int64_t o = 0; o < held; o++) to[o] = weights[(first + o) * stride + group * taken + c];
    else
      std::memcpy(to, weights + c * stride + group * given + first, held * 4);
    for (int64_t o = held; o < width; o++) to[o] = 0;
  }
  return to;
}

// The kernel in the order in which `DotTile` reads it: by result, tap and channel.
inline void pack_narrow(const WindowSum& sum, float* to) {
  const int64_t taken = sum.taken(), given = sum.given(), stride = sum.kernel.out;
  for (int64_t result = 0; result < sum.groups * given; result++)
    for (const Tap& d : sum.walks[0].taps)
      for (const Tap& h : sum.walks[1].taps)
        for (const Tap& w : sum.walks[2].taps) {
          const float* weights = sum.kernel.at(d.number, h.number, w.number);
          const int64_t group = result / given, o = result % given;
          for (int64_t c = 0; c < taken; c++)
            *to++ = sum.transposed ? weights[o * stride + group * taken + c] : weights[c * stride + result];
        }
}

// The kernel in the order in which the tiles read it: by group, panel and tap.
inline void pack(ffi::ThreadPool& pool, const WindowSum& sum, float* packed) {
  const int64_t planes = sum.taps(0), panels = sum.panels();
  parallel_for(pool, sum.groups * panels * planes, [&](int64_t i) {
    const int64_t plane = i % planes, panel = i / planes % panels, group = i / planes / panels;
    const int64_t first = panel * kPanel, width = vectors_of(sum.given() - first) * kLanes;
    float* to = packed + (group * panels + panel) * sum.panel_size();
    to += plane * sum.taps(1) * sum.taps(2) * sum.taken() * width;
    for (const Tap& h : sum.walks[1].taps)
      for (const Tap& w : sum.walks[2].taps)
        to = pack_tap(sum, sum.kernel.at(sum.walks[0].taps[plane].number, h.number, w.number), group, first, to);
  });
}

// How far in a view the taps are from the first one.
inline std::vector<int64_t> tap_offsets(const Walk* walks, const View& view, int64_t channels, bool in_one_run) {
  std::vector<int64_t> offsets;
  for (const Tap& d : walks[0].taps)
    for (const Tap& h : walks[1].taps)
      for (const Tap& w : walks[2].taps) {
        offsets.push_back((d.offset - walks[0].taps[0].offset) * view.plane +
                          (h.offset - walks[1].taps[0].offset) * view.row +
                          (w.offset - walks[2].taps[0].offset) * channels);
        if (in_one_run) break;
      }
  return offsets;
}

// Results that are computed in one go: a plane of a sample, and of it some rows and columns.
struct Piece {
  int64_t sample, plane, rows[2], columns[2];

  View view(const Images& images, const Walk* walks) const {
    const int64_t from[] = {plane, rows[0], columns[0]}, to[] = {plane + 1, rows[1], columns[1]};
    return view_of(images.data + sample * images.sample(), images.sizes, images.channels, walks, from, to);
  }
};

// How results are cut into pieces: what a piece sees, `floats` for each result of the source and of the results
// themselves, is to stay in the cache. A single row is cut into columns.
struct Cut {
  int64_t planes, rows, columns, rows_at_once, columns_at_once;

  Cut(const Walk* walks, int64_t floats, int64_t cache, int64_t samples, int64_t threads)
      : planes(walks[0].count), rows(walks[1].count), columns(walks[2].count), rows_at_once(1),
        columns_at_once(columns) {
    const int64_t most = std::max<int64_t>(1, cache / std::max<int64_t>(1, floats * walks[0].reach()));
    if (rows > 1) {
      rows_at_once = std::clamp<int64_t>(most / (columns * walks[2].stride * walks[1].stride), 1, rows);
      while (rows_at_once > 1 && count(samples) < 4 * threads) rows_at_once = (rows_at_once + 1) / 2;
    } else {
      columns_at_once = std::min(columns, std::max<int64_t>(1, most / walks[2].stride / kMostRows) * kMostRows);
      while (columns_at_once > kMostRows && count(samples) < 4 * threads)
        columns_at_once = round_up((columns_at_once + 1) / 2, kMostRows);
    }
  }

  int64_t across() const { return ceil_div(columns, columns_at_once); }
  int64_t down() const { return ceil_div(rows, rows_at_once); }
  int64_t count(int64_t samples) const { return samples * planes * down() * across(); }
  Piece piece(int64_t i) const {
    const int64_t row = i / across() % down() * rows_at_once, column = i % across() * columns_at_once;
    const int64_t plane = i / across() / down();
    return {plane / planes, plane % planes, {row, std::min(rows, row + rows_at_once)},
            {column, std::min(columns, column + columns_at_once)}};
  }
};

// Calls `run(x, y, count)` for up to `most` neighbouring results at a time: what the first sees, where it is stored.
template <class Run>
inline void for_neighbours(const WindowSum& sum, const Piece& piece, const View& view, int64_t group, int64_t channel,
                           int64_t most, const Run& run) {
  const Walk &rows = sum.walks[1], &columns = sum.walks[2];
  const int64_t count = piece.columns[1] - piece.columns[0], tiles = ceil_div(count, most);
  const int64_t step = columns.stride * sum.from.channels;
  const int64_t plane = sum.walks[0].first + piece.plane * sum.walks[0].apart;
  for (int64_t q = piece.rows[0]; q < piece.rows[1]; q++)
    for (int64_t t = 0; t < tiles; t++) {
      const int64_t low = count * t / tiles, high = count * (t + 1) / tiles;
      const float* x = view.data + (q - piece.rows[0]) * rows.stride * view.row + low * step + group * sum.taken();
      float* y = sum.to.data + channel + sum.to.at(piece.sample, plane, rows.first + q * rows.apart,
                                                   columns.first + (piece.columns[0] + low) * columns.apart);
      run(x, y, high - low);
    }
}

// The results of one group and panel in a piece.
inline void panel_results(const WindowSum& sum, const Piece& piece, const View& view,
                          const std::vector<int64_t>& offsets, const float* packed, int64_t group, int64_t panel) {
  const int64_t first = panel * kPanel, width = std::min(kPanel, sum.given() - first);
  const int64_t channel = group * sum.given() + first;
  const float* weights = packed + (group * sum.panels() + panel) * sum.panel_size();
  Finish finish = sum.finish;
  if (finish.bias) finish.bias += channel;
  for_neighbours(sum, piece, view, group, channel, kMostRows, [&](const float* x, float* y, int64_t count) {
    const ProductTile tile{x, sum.walks[2].stride * sum.from.channels, offsets.data(), (int64_t)offsets.size(),
                           sum.length(), weights, y, sum.walks[2].apart * sum.to.channels, width, finish};
    run_tile(tile, count, vectors_of(width));
  });
}

// The results of one group in a piece, where they are few.
inline void narrow_results(const WindowSum& sum, const Piece& piece, const View& view,
                           const std::vector<int64_t>& offsets, const float* packed, int64_t group) {
  const int64_t channel = group * sum.given(), taps = offsets.size();
  Finish finish = sum.finish;
  if (finish.bias) finish.bias += channel;
  for_neighbours(sum, piece, view, group, channel, DotTile::kRows, [&](const float* x, float* y, int64_t count) {
    const DotTile tile{x, sum.walks[2].stride * sum.from.channels, offsets.data(), taps, sum.length(),
                       packed + channel * taps * sum.length(), y, sum.walks[2].apart * sum.to.channels, sum.given(),
                       finish};
    run_tile<DotTile, DotTile::kRows>(tile, count, 1);
  });
}

inline void zero_results(ffi::ThreadPool& pool, const Images& to, const Walk* walks) {
  parallel_for(pool, to.samples * walks[0].count * walks[1].count, [&](int64_t i) {
    const int64_t h = i % walks[1].count, d = i / walks[1].count % walks[0].count;
    float* row = to.data + to.at(i / walks[1].count / walks[0].count, walks[0].first + d * walks[0].apart,
                                 walks[1].first + h * walks[1].apart, walks[2].first);
    for (int64_t w = 0; w < walks[2].count; w++)
      std::memset(row + w * walks[2].apart * to.channels, 0, to.channels * 4);
  });
}

inline void window_sum(ffi::ThreadPool& pool, const WindowSum& sum) {
  for (const Walk& walk : sum.walks)
    if (walk.count == 0) return;
  if (!sum.taps(0) || !sum.taps(1) || !sum.taps(2)) return zero_results(pool, sum.to, sum.walks);
  const bool narrow = sum.is_narrow();
  Floats packed(sum.groups * (narrow ? sum.given() * sum.panel_size() / kPanel : sum.panels() * sum.panel_size()));
  narrow ? pack_narrow(sum, packed.get()) : pack(pool, sum, packed.get());
  const Cut cut(sum.walks, sum.from.channels, kSourceCache, sum.from.samples, pool.num_threads());
  parallel_for(pool, cut.count(sum.from.samples), [&](int64_t i) {
    const Piece piece = cut.piece(i);
    const View view = piece.view(sum.from, sum.walks);
    const auto offsets = tap_offsets(sum.walks, view, sum.from.channels, sum.in_one_run());
    for (int64_t group = 0; group < sum.groups; group++) {
      if (narrow) narrow_results(sum, piece, view, offsets, packed.get(), group);
      else
        for (int64_t panel = 0; panel < sum.panels(); panel++)
          panel_results(sum, piece, view, offsets, packed.get(), group, panel);
    }
  });
}

// The gradient of the kernel: x seen by each window, times g, summed over samples and positions. That of the bias, where
// it is wanted, is the sum of g alone.
struct KernelGradient {
  Images x, g;
  Kernel kernel;
  float* bias;
  int64_t groups;
  Walk walks[kAxes];

  int64_t given() const { return kernel.out / groups; }
  int64_t width() const { return round_up(given(), kLanes); }  // of a row of sums
  int64_t taps() const { return kernel.window[0] * kernel.window[1] * kernel.window[2]; }
  int64_t rows() const { return groups * taps() * kernel.in; }
  int64_t size() const { return (rows() + (bias ? groups : 0)) * width(); }  // the bias's sums stand behind the others

  // Whether so few results belong to a position that vectors go along the channels that are seen.
  bool is_narrow() const { return 2 * given() <= kLanes && kernel.in % kLanes == 0; }
};

// g with the channels of each group filled up to whole vectors, for the rows of a piece of work.
inline const float* filled_up(const KernelGradient& gradient, const float* g, int64_t positions) {
  const int64_t given = gradient.given(), width = gradient.width();
  if (given == width) return g;
  float* to = scratch(kOutput, positions * gradient.groups * width);
  for (int64_t i = 0; i < positions * gradient.groups; i++) {
    std::memcpy(to + i * width, g + i * given, given * 4);
    std::memset(to + i * width + given, 0, (width - given) * 4);
  }
  return to;
}

inline void add_positions(const float* g, int64_t positions, int64_t width, float* sums) {
  for (int64_t i = 0; i < positions; i++, g += width)
    for (int64_t o = 0; o < width; o += kLanes) store(sums + o, load(sums + o) + load(g + o));
}

// Adds what a piece contributes. Neighbouring taps of a row see one long vector.
inline void add_piece(const KernelGradient& gradient, const Piece& piece, float* sums) {
  const auto& [x, g, kernel, bias, groups, walks] = gradient;
  const View view = piece.view(x, walks);
  const int64_t rows = piece.rows[1] - piece.rows[0], columns = piece.columns[1] - piece.columns[0];
  const float* given = filled_up(gradient, g.data + g.at(piece.sample, piece.plane, piece.rows[0], piece.columns[0]),
                                 rows * columns);
  const int64_t width = gradient.width(), g_step = groups * width;
  const bool in_one_run = groups == 1 && walks[2].reach() == (int64_t)walks[2].taps.size();
  const auto offsets = tap_offsets(walks, view, x.channels, in_one_run);
  const int64_t height = in_one_run ? kernel.window[2] * kernel.in : kernel.in, tiles = ceil_div(height, kMostRows);
  for (int64_t group = 0; group < groups; group++)
    for (int64_t t = 0; t < (int64_t)offsets.size(); t++)
      for (int64_t column = 0; column < width; column += kPanel)
        for (int64_t tile = 0; tile < tiles; tile++) {
          const int64_t low = height * tile / tiles, high = height * (tile + 1) / tiles;
          const OuterTile outer{view.data + offsets[t] + group * kernel.in + low, walks[1].stride * view.row,
                                walks[2].stride * x.channels, given + group * width + column, columns * g_step, g_step,
                                rows, columns,
                                sums + ((group * (int64_t)offsets.size() + t) * height + low) * width + column, width};
          run_tile(outer, high - low, vectors_of(width - column));
        }
  if (bias) add_positions(given, rows * columns, g_step, sums + gradient.rows() * width);
}

// `add_piece` for few results. The sums are by group, run of taps and result; those of the bias stand behind them.
inline void add_narrow(const KernelGradient& gradient, const Piece& piece, float* sums) {
  const auto& [x, g, kernel, bias, groups, walks] = gradient;
  const View view = piece.view(x, walks);
  const int64_t rows = piece.rows[1] - piece.rows[0], columns = piece.columns[1] - piece.columns[0];
  const float* from = g.data + g.at(piece.sample, piece.plane, piece.rows[0], piece.columns[0]);
  const int64_t given = gradient.given(), g_step = groups * given;
  const bool in_one_run = groups == 1 && walks[2].reach() == (int64_t)walks[2].taps.size();
  const auto offsets = tap_offsets(walks, view, x.channels, in_one_run);
  const int64_t height = in_one_run ? kernel.window[2] * kernel.in : kernel.in, runs = offsets.size();
  for (int64_t group = 0; group < groups; group++)
    for (int64_t t = 0; t < runs; t++)
      for (int64_t low = 0; low < height; low += kPanel) {
        const OuterTile outer{from + group * given, columns * g_step, g_step,
                              view.data + offsets[t] + group * kernel.in + low, walks[1].stride * view.row,
                              walks[2].stride * x.channels, rows, columns,
                              sums + (group * runs + t) * given * height + low, height};
        run_tile<OuterTile, kLanes / 2>(outer, given, vectors_of(height - low));
      }
  for (int64_t i = 0; bias && i < rows * columns * g_step; i++) sums[gradient.rows() * given + i % g_step] += from[i];
}

// The sums of `add_narrow` in the order of those of `add_piece`.
inline void turn_narrow(const KernelGradient& gradient, const float* from, float* to) {
  const auto& walks = gradient.walks;
  const bool in_one_run = gradient.groups == 1 && walks[2].reach() == (int64_t)walks[2].taps.size();
  const int64_t height = in_one_run ? gradient.kernel.window[2] * gradient.kernel.in : gradient.kernel.in;
  const int64_t given = gradient.given(), width = gradient.width();
  for (int64_t row = 0; row < gradient.rows(); row++)
    for (int64_t o = 0; o < given; o++)
      to[row * width + o] = from[row / height * height * given + o * height + row % height];
  for (int64_t i = 0; gradient.bias && i < gradient.groups * given; i++)
    to[(gradient.rows() + i / given) * width + i % given] = from[gradient.rows() * given + i];
}

// Columns [low, high) of the positions of a piece, one position after the other.
inline void pack_columns(const float* from, int64_t row, int64_t step, int64_t rows, int64_t columns, int64_t low,
                         int64_t high, float* to) {
  for (int64_t q = 0; q < rows; q++)
    for (int64_t c = 0; c < columns; c++, to += high - low)
      std::memcpy(to, from + q * row + c * step + low, (high - low) * 4);
}

// `add_piece` for a window of one position: a product of matrices, whose parts are packed, as each is read many times.
inline void add_product(const KernelGradient& gradient, const Piece& piece, float* sums) {
  const auto& [x, g, kernel, bias, groups, walks] = gradient;
  const View view = piece.view(x, walks);
  const int64_t rows = piece.rows[1] - piece.rows[0], columns = piece.columns[1] - piece.columns[0];
  const int64_t positions = rows * columns, width = gradient.width(), tiles = ceil_div(kernel.in, kMostRows);
  const float* given = filled_up(gradient, g.data + g.at(piece.sample, piece.plane, piece.rows[0], piece.columns[0]),
                                 positions);
  float *packed = scratch(kPackedInput, positions * kernel.in), *panel = scratch(kPackedOutput, positions * kPanel);
  for (int64_t tile = 0; tile < tiles; tile++) {
    const int64_t low = kernel.in * tile / tiles, high = kernel.in * (tile + 1) / tiles;
    pack_columns(view.data, walks[1].stride * view.row, walks[2].stride * x.channels, rows, columns, low, high,
                 packed + low * positions);
  }
  for (int64_t first = 0; first < width; first += kPanel) {
    const int64_t last = std::min(width, first + kPanel), step = last - first;
    pack_columns(given, 0, width, 1, positions, first, last, panel);
    for (int64_t tile = 0; tile < tiles; tile++) {
      const int64_t low = kernel.in * tile / tiles, high = kernel.in * (tile + 1) / tiles;
      const OuterTile outer{packed + low * positions, 0, high - low, panel, 0, step, 1, positions,
                            sums + low * width + first, width};
      run_tile(outer, high - low, vectors_of(step));
    }
  }
  if (bias) add_positions(given, positions, width, sums + gradient.rows() * width);
}

// One row of the sums of all shares, without what filled it up.
inline void add_shares(const KernelGradient& gradient, const float* shares, int64_t count, int64_t row, float* to) {
  const float* from = shares + row * gradient.width();
  std::memcpy(to, from, gradient.given() * 4);
  for (int64_t share = 1; share < count; share++)
    for (int64_t o = 0; o < gradient.given(); o++) to[o] += from[share * gradient.size() + o];
}

// The sums of all shares, in the kernel's own order.
inline void add_all_shares(ffi::ThreadPool& pool, const KernelGradient& gradient, const float* shares, int64_t count) {
  const Kernel& kernel = gradient.kernel;
  const int64_t given = gradient.given(), taps = gradient.taps(), groups = gradient.groups;
  parallel_for(pool, taps, [&](int64_t tap) {
    for (int64_t c = 0; c < kernel.in; c++)
      for (int64_t group = 0; group < groups; group++)
        add_shares(gradient, shares, count, (group * taps + tap) * kernel.in + c,
                   kernel.data + (tap * kernel.in + c) * kernel.out + group * given);
  });
  for (int64_t group = 0; gradient.bias && group < groups; group++)
    add_shares(gradient, shares, count, gradient.rows() + group, gradient.bias + group * given);
}

// The work is cut into shares that depend on the number of threads alone, so that the sums come out the same each time.
inline void kernel_gradient(ffi::ThreadPool& pool, const KernelGradient& gradient) {
  const int64_t threads = std::max<int64_t>(1, pool.num_threads()), size = gradient.size();
  const int64_t floats = gradient.x.channels + gradient.kernel.out;
  const bool is_narrow = gradient.is_narrow(), is_product = !is_narrow && gradient.taps() == 1 && gradient.groups == 1;
  const Cut cut(gradient.walks, floats, is_product ? kProductPositions * floats : kGradientCache, gradient.x.samples,
                threads);
  const int64_t pieces = cut.count(gradient.x.samples);
  const int64_t count = std::clamp<int64_t>(threads * (size <= kGradientCache / 2 ? 4 : 1), 1, pieces);
  Floats shares(count * size);
  parallel_for(pool, count, [&](int64_t share) {
    float* sums = shares.get() + share * size;
    std::memset(sums, 0, size * 4);
    const auto add = is_narrow ? add_narrow : is_product ? add_product : add_piece;
    float* to = is_narrow ? scratch(kPackedOutput, size) : sums;
    if (is_narrow) std::memset(to, 0, size * 4);
    for (int64_t i = pieces * share / count; i < pieces * (share + 1) / count; i++) add(gradient, cut.piece(i), to);
    if (is_narrow) turn_narrow(gradient, to, sums);
  });
  add_all_shares(pool, gradient, shares.get(), count);
}

}  // namespace horngate
