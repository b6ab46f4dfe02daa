// Convolution of each channel by itself: a weighted sum over windows, vectors of channels at a time.
#pragma once

#include "pooling.h"

namespace horngate {

inline bool is_depthwise(const Geometry& geometry, const Kernel& kernel) {
  return geometry.groups > 1 && kernel.in == 1 && kernel.out == geometry.groups;
}

struct DepthwiseSum {
  const Images x, y;
  const float* weights;  // (taps, channels)
  Finish finish;

  template <class Lane>
  void run(const Seen& seen, int64_t n, int64_t result, int64_t c) const {
    Lane sum = finish.bias ? get<Lane>(finish.bias + c) : Lane{};
    seen.each([&](int64_t d, int64_t h, int64_t w, int64_t tap) {
      sum += get<Lane>(x.data + x.at(n, d, h, w) + c) * get<Lane>(weights + tap * x.channels + c);
    });
    if (finish.relu) sum = rectified(sum);
    put(y.data + result + c, sum);
  }
};

// dx, which begins at 0, sums over windows.
struct DepthwiseInputGradient {
  const Images g, dx;
  const float* weights;

  template <class Lane>
  void run(const Seen& seen, int64_t n, int64_t result, int64_t c) const {
    const Lane given = get<Lane>(g.data + result + c);
    seen.each([&](int64_t d, int64_t h, int64_t w, int64_t tap) {
      float* to = dx.data + dx.at(n, d, h, w) + c;
      put(to, get<Lane>(to) + given * get<Lane>(weights + tap * dx.channels + c));
    });
  }
};

// Adds to the sums of a share: (taps, channels), then the bias's.
struct DepthwiseKernelGradient {
  const Images x, g;
  float *sums, *bias;

  template <class Lane>
  void run(const Seen& seen, int64_t n, int64_t result, int64_t c) const {
    const Lane given = get<Lane>(g.data + result + c);
    put(bias + c, get<Lane>(bias + c) + given);
    seen.each([&](int64_t d, int64_t h, int64_t w, int64_t tap) {
      float* to = sums + tap * x.channels + c;
      put(to, get<Lane>(to) + given * get<Lane>(x.data + x.at(n, d, h, w) + c));
    });
  }
};

// Shares of samples that depend on the number of threads alone, so that the sums come out the same each time.
inline void depthwise_kernel_gradient(ffi::ThreadPool& pool, const Geometry& geometry, const KernelGradient& gradient) {
  const int64_t channels = gradient.x.channels, taps = gradient.taps(), size = (taps + 1) * channels;
  const int64_t samples = gradient.x.samples, blocks = ceil_div(channels, kChannelsAtOnce);
  const int64_t count = std::min<int64_t>(samples, std::max<int64_t>(1, pool.num_threads()));
  Floats shares(count * size);
  std::memset(shares.get(), 0, count * size * 4);
  parallel_for(pool, count * blocks, [&](int64_t i) {
    const int64_t share = i / blocks, first = i % blocks * kChannelsAtOnce;
    float* sums = shares.get() + share * size;
    const DepthwiseKernelGradient kind{gradient.x, gradient.g, sums, sums + taps * channels};
    for (int64_t n = samples * share / count; n < samples * (share + 1) / count; n++)
      for_results(geometry, gradient.g, kind, n, first, std::min(channels, first + kChannelsAtOnce));
  });
  for (int64_t i = 0; i < size; i++) {
    float sum = 0;
    for (int64_t share = 0; share < count; share++) sum += shares.get()[share * size + i];
    if (i < taps * channels) gradient.kernel.data[i] = sum;
    else if (gradient.bias) gradient.bias[i - taps * channels] = sum;
  }
}

}  // namespace horngate
