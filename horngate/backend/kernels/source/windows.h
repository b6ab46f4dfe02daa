// Where the windows of a convolution stand, and the part of an image that some of them see.
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include "threads.h"
#include "vectors.h"

namespace horngate {

constexpr int kAxes = 3;  // images with fewer spatial axes have sizes of 1 in front

// One element of a window along an axis: how far from the window's first position, and its number in the kernel.
struct Tap {
  int64_t offset, number;
};

// Along one axis: result i stands at first + i * apart, and sees the source at i * stride + a tap's offset.
struct Walk {
  int64_t count, first, apart, stride;
  std::vector<Tap> taps;  // by rising offset

  int64_t reach() const { return taps.back().offset + 1 - taps.front().offset; }
};

// The spatial sizes, window, strides, dilation and padding before the data of a correlation.
struct Geometry {
  int64_t sizes[kAxes], outputs[kAxes], window[kAxes], strides[kAxes], pads[kAxes], dilation[kAxes], groups;

  // How the outputs see the inputs.
  Walk forward(int axis) const {
    Walk walk{outputs[axis], 0, 1, strides[axis], {}};
    for (int64_t k = 0; k < window[axis]; k++) walk.taps.push_back({k * dilation[axis] - pads[axis], k});
    return walk;
  }

  // How the inputs at phase, phase + stride, ... are seen by the outputs.
  Walk backward(int axis, int64_t phase) const {
    const int64_t stride = strides[axis];
    Walk walk{ceil_div(std::max<int64_t>(0, sizes[axis] - phase), stride), phase, stride, 1, {}};
    for (int64_t k = window[axis] - 1; k >= 0; k--) {
      const int64_t distance = phase + pads[axis] - k * dilation[axis];
      if (distance % stride == 0) walk.taps.push_back({distance / stride, k});
    }
    return walk;
  }
};

// A box of an image: where it begins, and how many floats its planes and rows are apart.
struct View {
  const float* data;
  int64_t plane, row;
};

// The box [low, high) of an image (sizes, channels), copied only where a part of it is outside: there it is 0.
inline View view_of(const float* image, const int64_t* sizes, int64_t channels, const int64_t* low,
                    const int64_t* high) {
  const int64_t row = sizes[2] * channels, plane = sizes[1] * row;
  bool inside = true;
  for (int axis = 0; axis < kAxes; axis++) inside &= low[axis] >= 0 && high[axis] <= sizes[axis];
  if (inside) return {image + low[0] * plane + low[1] * row + low[2] * channels, plane, row};
  const int64_t width = (high[2] - low[2]) * channels, height = high[1] - low[1];
  float* to = scratch(kInput, (high[0] - low[0]) * height * width);
  const View copy{to, height * width, width};
  const int64_t first = std::clamp(int64_t{0}, low[2], high[2]);
  const int64_t last = std::max(first, std::min(sizes[2], high[2]));
  for (int64_t d = low[0]; d < high[0]; d++)
    for (int64_t h = low[1]; h < high[1]; h++, to += width) {
      if (d < 0 || d >= sizes[0] || h < 0 || h >= sizes[1]) {
        std::memset(to, 0, width * 4);
        continue;
      }
      const int64_t before = (first - low[2]) * channels, held = (last - first) * channels;
      std::memset(to, 0, before * 4);
      std::memcpy(to + before, image + d * plane + h * row + first * channels, held * 4);
      std::memset(to + before + held, 0, (width - before - held) * 4);
    }
  return copy;
}

// The box that the results [from, to) of each axis see.
inline View view_of(const float* image, const int64_t* sizes, int64_t channels, const Walk* walks, const int64_t* from,
                    const int64_t* to) {
  int64_t low[kAxes], high[kAxes];
  for (int axis = 0; axis < kAxes; axis++) {
    const Walk& walk = walks[axis];
    low[axis] = from[axis] * walk.stride + walk.taps.front().offset;
    high[axis] = (to[axis] - 1) * walk.stride + walk.taps.back().offset + 1;
  }
  return view_of(image, sizes, channels, low, high);
}

}  // namespace horngate
