// Sums over the rows of (rows, channels) that normalization needs, each in one pass over the data.
#pragma once

#include "convolution.h"

namespace horngate {

constexpr int64_t kRowsAtOnce = 128;  // summed before they are merged with those before them: keeps float32 sums exact

// Channels [first, last) by vectors and what is left by single floats: `work.template run<Lane>(channel)`.
template <class Work>
inline void by_lanes(int64_t first, int64_t last, const Work& work) {
  int64_t c = first;
  for (; c + kLanes <= last; c += kLanes) work.template run<Vector>(c);
  for (; c < last; c++) work.template run<float>(c);
}

// Two sums a channel, kept in shares of rows that depend on the number of threads alone.
struct RowShares {
  int64_t rows, channels, count;
  Floats sums;  // (shares, 2, channels)

  RowShares(ffi::ThreadPool& pool, int64_t rows, int64_t channels)
      : rows(rows), channels(channels),
        count(std::clamp<int64_t>(rows / kRowsAtOnce, 1, 4 * std::max<int64_t>(1, pool.num_threads()))),
        sums(count * 2 * channels) {}

  int64_t begin(int64_t share) const { return rows * share / count; }
  float* first(int64_t share) const { return sums.get() + share * 2 * channels; }
  float* second(int64_t share) const { return first(share) + channels; }
};

// Merges means and sums of squared distances from them: Chan, Golub and LeVeque, "Updating formulae and a pairwise
// algorithm for computing sample variances", 1979.
template <class Lane>
inline void merge_moments(float held, float more, Lane& mean, Lane& squares, Lane new_mean, Lane new_squares) {
  const Lane apart = new_mean - mean;
  mean += apart * (more / (held + more));
  squares += new_squares + apart * apart * (held * more / (held + more));
}

// Mean and sum of squares of some rows of a share; the first of them is taken off all, so that no digits are lost.
struct MomentsOfRows {
  const float* x;
  int64_t rows, channels, held;
  float *means, *squares;

  template <class Lane>
  void run(int64_t c) const {
    const Lane origin = get<Lane>(x + c);
    Lane sum = Lane{}, square = Lane{};
    for (int64_t r = 0; r < rows; r++) {
      const Lane apart = get<Lane>(x + r * channels + c) - origin;
      sum += apart, square += apart * apart;
    }
    const float count = (float)rows;
    Lane mean = held ? get<Lane>(means + c) : Lane{}, total = held ? get<Lane>(squares + c) : Lane{};
    merge_moments<Lane>((float)held, count, mean, total, origin + sum / count, square - sum * sum / count);
    put(means + c, mean), put(squares + c, total);
  }
};

// The mean of each channel, and the mean of the squared distances from it.
inline void moments(ffi::ThreadPool& pool, const float* x, int64_t rows, int64_t channels, float* mean,
                    float* variance) {
  RowShares shares(pool, rows, channels);
  parallel_for(pool, shares.count, [&](int64_t share) {
    const int64_t begin = shares.begin(share), end = shares.begin(share + 1);
    for (int64_t row = begin; row < end; row += kRowsAtOnce)
      by_lanes(0, channels, MomentsOfRows{x + row * channels, std::min(kRowsAtOnce, end - row), channels, row - begin,
                                          shares.first(share), shares.second(share)});
  });
  for (int64_t c = 0; c < channels; c++) {
    float middle = shares.first(0)[c], squares = shares.second(0)[c];
    for (int64_t share = 1; share < shares.count; share++)
      merge_moments((float)shares.begin(share), (float)(shares.begin(share + 1) - shares.begin(share)), middle, squares,
                    shares.first(share)[c], shares.second(share)[c]);
    mean[c] = middle, variance[c] = std::max(squares, 0.0f) / (float)rows;
  }
}

// sum g and sum g * (x - mean) of some rows, added to those of a share.
struct PairedSumsOfRows {
  const float *g, *x, *mean;
  int64_t rows, channels;
  float *sums, *products;

  template <class Lane>
  void run(int64_t c) const {
    const Lane middle = get<Lane>(mean + c);
    Lane sum = Lane{}, product = Lane{};
    for (int64_t r = 0; r < rows; r++) {
      const Lane given = get<Lane>(g + r * channels + c);
      sum += given, product += given * (get<Lane>(x + r * channels + c) - middle);
    }
    put(sums + c, get<Lane>(sums + c) + sum), put(products + c, get<Lane>(products + c) + product);
  }
};

inline void paired_sums(ffi::ThreadPool& pool, const float* g, const float* x, const float* mean, int64_t rows,
                        int64_t channels, float* sums, float* products) {
  RowShares shares(pool, rows, channels);
  parallel_for(pool, shares.count, [&](int64_t share) {
    std::memset(shares.first(share), 0, 2 * channels * 4);
    for (int64_t row = shares.begin(share), end = shares.begin(share + 1); row < end; row += kRowsAtOnce)
      by_lanes(0, channels, PairedSumsOfRows{g + row * channels, x + row * channels, mean,
                                             std::min(kRowsAtOnce, end - row), channels, shares.first(share),
                                             shares.second(share)});
  });
  for (int64_t c = 0; c < channels; c++) {
    sums[c] = products[c] = 0;
    for (int64_t share = 0; share < shares.count; share++)
      sums[c] += shares.first(share)[c], products[c] += shares.second(share)[c];
  }
}

}  // namespace horngate
