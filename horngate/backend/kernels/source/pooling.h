// Pooling: maxima and means over windows, and their gradients. Positions outside of the data count in neither.
#pragma once

#include <limits>

#include "convolution.h"

namespace horngate {

constexpr int64_t kChannelsAtOnce = 64;  // of a sample: a piece of work

// What one result sees of each axis: the taps [low, high) of the window are inside, at start + tap * apart.
struct Seen {
  int64_t start[kAxes], apart[kAxes], low[kAxes], high[kAxes], window[kAxes];

  int64_t count() const { return (high[0] - low[0]) * (high[1] - low[1]) * (high[2] - low[2]); }
  int64_t at(int axis, int64_t tap) const { return start[axis] + tap * apart[axis]; }

  // Calls `work(depth, row, column, number of the tap)` for each.
  template <class Work>
  void each(const Work& work) const {
    for (int64_t d = low[0]; d < high[0]; d++)
      for (int64_t h = low[1]; h < high[1]; h++)
        for (int64_t w = low[2]; w < high[2]; w++)
          work(at(0, d), at(1, h), at(2, w), (d * window[1] + h) * window[2] + w);
  }
};

inline Seen seen_by(const Geometry& geometry, const int64_t* result) {
  Seen seen;
  for (int axis = 0; axis < kAxes; axis++) {
    const int64_t apart = geometry.dilation[axis], start = result[axis] * geometry.strides[axis] - geometry.pads[axis];
    const int64_t room = geometry.sizes[axis] - start;  // up to the end of the data
    seen.start[axis] = start, seen.apart[axis] = apart, seen.window[axis] = geometry.window[axis];
    seen.low[axis] = start < 0 ? ceil_div(-start, apart) : 0;
    seen.high[axis] = room > 0 ? std::min(geometry.window[axis], ceil_div(room, apart)) : 0;
    seen.high[axis] = std::max(seen.high[axis], seen.low[axis]);
  }
  return seen;
}

// Whether x is its window's maximum. What is no number is larger than all numbers, and then `most` is none.
template <class Lane>
static inline __attribute__((always_inline)) auto is_most(Lane x, Lane most) {
  return (x == most) | (x != x);
}

// y = the maximum of x.
struct Maximum {
  const Images x, y;

  template <class Lane>
  void run(const Seen& seen, int64_t n, int64_t result, int64_t c) const {
    Lane most = Lane{} - std::numeric_limits<float>::infinity();
    seen.each([&](int64_t d, int64_t h, int64_t w, int64_t) {
      const Lane v = get<Lane>(x.data + x.at(n, d, h, w) + c);
      most = v > most ? v : most;
      most = v != v ? v : most;
    });
    put(y.data + result + c, most);
  }
};

// The first position where x is its window's maximum y gets g: dx, which begins at 0, sums over windows.
struct MaximumGradient {
  const Images x, y, g, dx;

  template <class Lane>
  void run(const Seen& seen, int64_t n, int64_t result, int64_t c) const {
    const Lane most = get<Lane>(y.data + result + c);
    Lane left = get<Lane>(g.data + result + c);
    seen.each([&](int64_t d, int64_t h, int64_t w, int64_t) {
      const int64_t at = x.at(n, d, h, w) + c;
      const Lane v = get<Lane>(x.data + at), sum = get<Lane>(dx.data + at);
      const auto here = is_most(v, most);
      put(dx.data + at, here ? sum + left : sum);
      left = here ? Lane{} : left;
    });
  }
};

// What t is at that position: the gradient of `MaximumGradient` by g.
struct MaximumPick {
  const Images x, y, t, out;

  template <class Lane>
  void run(const Seen& seen, int64_t n, int64_t result, int64_t c) const {
    const Lane most = get<Lane>(y.data + result + c);
    Lane picked = Lane{}, found = Lane{};
    seen.each([&](int64_t d, int64_t h, int64_t w, int64_t) {
      const int64_t at = x.at(n, d, h, w) + c;
      const auto here = is_most(get<Lane>(x.data + at), most);
      picked = here & (found == 0) ? get<Lane>(t.data + at) : picked;
      found = here ? Lane{} + 1 : found;
    });
    put(out.data + result + c, picked);
  }
};

struct Mean {
  const Images x, y;

  template <class Lane>
  void run(const Seen& seen, int64_t n, int64_t result, int64_t c) const {
    Lane sum = Lane{};
    seen.each([&](int64_t d, int64_t h, int64_t w, int64_t) { sum += get<Lane>(x.data + x.at(n, d, h, w) + c); });
    put(y.data + result + c, sum / (float)seen.count());
  }
};

struct MeanGradient {
  const Images g, dx;

  template <class Lane>
  void run(const Seen& seen, int64_t n, int64_t result, int64_t c) const {
    const Lane share = get<Lane>(g.data + result + c) / (float)seen.count();
    seen.each([&](int64_t d, int64_t h, int64_t w, int64_t) {
      float* to = dx.data + dx.at(n, d, h, w) + c;
      put(to, get<Lane>(to) + share);
    });
  }
};

// Runs a kind of work for the results of a sample (laid out as `results` is), in the channels [first, last).
template <class Kind>
void for_results(const Geometry& geometry, const Images& results, const Kind& kind, int64_t n, int64_t first,
                 int64_t last) {
  const int64_t whole = first + (last - first) / kLanes * kLanes;
  const int64_t halves = whole + (last - whole) / (kLanes / 2) * (kLanes / 2);
  int64_t at[kAxes];
  for (at[0] = 0; at[0] < geometry.outputs[0]; at[0]++)
    for (at[1] = 0; at[1] < geometry.outputs[1]; at[1]++)
      for (at[2] = 0; at[2] < geometry.outputs[2]; at[2]++) {
        const Seen seen = seen_by(geometry, at);
        const int64_t result = results.at(n, at[0], at[1], at[2]);
        for (int64_t c = first; c < whole; c += kLanes) kind.template run<Vector>(seen, n, result, c);
        for (int64_t c = whole; c < halves; c += kLanes / 2) kind.template run<Half>(seen, n, result, c);
        for (int64_t c = halves; c < last; c++) kind.template run<float>(seen, n, result, c);
      }
}

// The same for all samples and channels; `sums`, where there are any, are of the shape of the data and begin at 0.
template <class Kind>
void for_all_results(ffi::ThreadPool& pool, const Geometry& geometry, const Images& results, const Kind& kind,
                     float* sums = nullptr) {
  const int64_t channels = results.channels, blocks = ceil_div(channels, kChannelsAtOnce);
  const int64_t positions = geometry.sizes[0] * geometry.sizes[1] * geometry.sizes[2];
  parallel_for(pool, results.samples * blocks, [&](int64_t i) {
    const int64_t n = i / blocks, first = i % blocks * kChannelsAtOnce;
    const int64_t last = std::min(channels, first + kChannelsAtOnce);
    for (int64_t p = 0; sums && p < positions; p++)
      std::memset(sums + (n * positions + p) * channels + first, 0, (last - first) * 4);
    for_results(geometry, results, kind, n, first, last);
  });
}

}  // namespace horngate
