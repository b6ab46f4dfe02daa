// Recurrent layers: SimpleRNN, GRU and LSTM over all steps of time, forward and back.
//
// A thread takes some of the samples through all steps, as no sample depends on another: threads never wait for each
// other, and results are the same for any number of them. U is brought into the order of the tiles once for all steps.
// Arrays are (samples, steps, ...); the gates are side by side in the last axis.
#pragma once

#include <cstring>

#include "activations.h"
#include "threads.h"
#include "tiles.h"

namespace horngate {

constexpr int64_t kPanelWidth = kMostVectors * kLanes;
constexpr int64_t kMostTogether = 2 * kMostRows;  // samples that a thread takes through time together

enum class Cell : int64_t { kSimpleRNN = 1, kGRU = 3, kLSTM = 4 };  // the number of gates

struct Rnn {
  Cell cell;
  int64_t samples, steps, units, states;
  Activation activation, inner;
  const float* valid;    // (samples, steps): where it is 0, a step changes nothing; or null
  const float* dropout;  // (gates, samples, units): through which each gate sees h; or null

  int64_t gates() const { return (int64_t)cell; }
  int64_t width() const { return gates() * units; }
  bool is_valid(int64_t sample, int64_t step) const { return !valid || valid[sample * steps + step] != 0; }
  const float* mask(int64_t gate, int64_t sample) const { return dropout + (gate * samples + sample) * units; }
};

// Calls `work(j, numbers)` for the vectors of a row; `numbers` loads and stores as many as there are.
struct Whole {
  Vector load(const float* from) const { return horngate::load(from); }
  void store(float* to, Vector v) const { horngate::store(to, v); }
};
struct Part {
  int64_t count;
  Vector load(const float* from) const {
    Vector v{};
    std::memcpy(&v, from, count * 4);
    return v;
  }
  void store(float* to, Vector v) const { std::memcpy(to, &v, count * 4); }
};
template <class Work>
inline __attribute__((always_inline)) void for_vectors(int64_t units, const Work& work) {
  int64_t j = 0;
  for (; j + kLanes <= units; j += kLanes) work(j, Whole{});
  if (j < units) work(j, Part{units - j});
}

// A matrix (inner, outer) in panels of columns: each of them (inner, width), filled up with zeros.
class Panels {
 public:
  // Element (k, o) is at from[k * inner_step + o * outer_step].
  Panels(ffi::ThreadPool& pool, const float* from, int64_t inner, int64_t outer, int64_t inner_step, int64_t outer_step)
      : inner_(inner), outer_(outer), data_(inner * round_up(outer, kPanelWidth)) {
    parallel_for(pool, ceil_div(outer, kPanelWidth), [&](int64_t p) {
      const int64_t first = p * kPanelWidth, held = std::min(kPanelWidth, outer - first), width = width_of(held);
      float* to = data_.get() + p * inner * kPanelWidth;
      for (int64_t k = 0; k < inner; k++)
        for (int64_t o = 0; o < width; o++)
          to[k * width + o] = o < held ? from[k * inner_step + (first + o) * outer_step] : 0;
    });
  }

  // y = x @ rows [first, first + length), for `count` rows of x.
  void multiply(const float* x, int64_t x_step, int64_t count, int64_t first, int64_t length, float* y,
                int64_t y_step) const {
    const int64_t tiles = ceil_div(count, kMostRows), no_offset = 0;
    for (int64_t o = 0; o < outer_; o += kPanelWidth) {
      const int64_t held = std::min(kPanelWidth, outer_ - o);
      const float* panel = data_.get() + o * inner_ + first * width_of(held);
      for (int64_t t = 0; t < tiles; t++) {
        const int64_t low = count * t / tiles, high = count * (t + 1) / tiles;
        run_tile(ProductTile{x + low * x_step, x_step, &no_offset, 1, length, panel, y + low * y_step + o, y_step, held,
                             Finish{}},
                 high - low, held > kLanes ? 2 : 1);
      }
    }
  }

 private:
  static int64_t width_of(int64_t held) { return held > kLanes ? 2 * kLanes : kLanes; }

  int64_t inner_, outer_;
  Floats data_;
};

using PanelsOfGates = std::vector<std::unique_ptr<Panels>>;

// Calls `work(first sample, number of samples)` in parallel.
template <class Work>
void for_samples(ffi::ThreadPool& pool, int64_t samples, const Work& work) {
  const int64_t threads = std::max<int64_t>(1, pool.num_threads());
  const int64_t blocks = std::min(samples, round_up(ceil_div(samples, kMostTogether), threads));
  parallel_for(pool, blocks, [&](int64_t i) {
    const int64_t first = samples * i / blocks;
    work(first, samples * (i + 1) / blocks - first);
  });
}

// What the way back needs of the way forward; null where it will not be taken.
struct Kept {
  float* before;  // (states, samples, steps, units): the states before each step
  float* values;  // (samples, steps, gates x units): the gates' values
};

// Some of the samples on their way forward.
class Forward {
 public:
  Forward(const Rnn& rnn, const PanelsOfGates& U, int64_t first, int64_t count)
      : rnn_(rnn), U_(U), first_(first), count_(count), units_(rnn.units),
        states_(rnn.states * count * units_), fed_(count * rnn.width()), values_(count * rnn.width()),
        seen_(count * units_), reset_(count * units_) {}

  void run(const float* z, const float* states, float* outputs, float* last, Kept kept) {
    for (int64_t s = 0; s < rnn_.states; s++)
      std::memcpy(state(s), states + (s * rnn_.samples + first_) * units_, count_ * units_ * 4);
    for (int64_t t = 0; t < rnn_.steps; t++) {
      if (kept.before) keep_states(t, kept.before);
      step(z, t);
      for (int64_t r = 0; r < count_; r++) {
        const int64_t row = (first_ + r) * rnn_.steps + t;
        std::memcpy(outputs + row * units_, state(0) + r * units_, units_ * 4);
        if (kept.values) std::memcpy(kept.values + row * rnn_.width(), values(r), rnn_.width() * 4);
      }
    }
    for (int64_t s = 0; s < rnn_.states; s++)
      std::memcpy(last + (s * rnn_.samples + first_) * units_, state(s), count_ * units_ * 4);
  }

 private:
  float* state(int64_t s) const { return states_.get() + s * count_ * units_; }
  float* values(int64_t r) const { return values_.get() + r * rnn_.width(); }
  float* fed(int64_t r) const { return fed_.get() + r * rnn_.width(); }

  void keep_states(int64_t t, float* before) const {
    for (int64_t s = 0; s < rnn_.states; s++)
      for (int64_t r = 0; r < count_; r++)
        std::memcpy(before + (((s * rnn_.samples) + first_ + r) * rnn_.steps + t) * units_,
                    state(s) + r * units_, units_ * 4);
  }

  // fed of a gate = h U, h seen through the gate's mask.
  void feed(int64_t gate, const float* h) const {
    if (rnn_.dropout) {
      for (int64_t r = 0; r < count_; r++) {
        const float* mask = rnn_.mask(gate, first_ + r);
        for (int64_t j = 0; j < units_; j++) seen_.get()[r * units_ + j] = h[r * units_ + j] * mask[j];
      }
      h = seen_.get();
    }
    U_[gate]->multiply(h, units_, count_, 0, units_, fed_.get() + gate * units_, rnn_.width());
  }

  // values[r][gate] = activation of z + fed.
  void activate_gates(const float* z, int64_t t, int64_t from, int64_t to, Activation activation) const {
    for (int64_t r = 0; r < count_; r++) {
      const float* own = z + ((first_ + r) * rnn_.steps + t) * rnn_.width();
      for (int64_t g = from; g < to; g++)
        for_vectors(units_, [&](int64_t j, auto numbers) {
          const int64_t i = g * units_ + j;
          numbers.store(values(r) + i, activate(activation, numbers.load(own + i) + numbers.load(fed(r) + i)));
        });
    }
  }

  // Calls `work(row of values, place in the states, numbers)` for the samples whose step t is valid.
  template <class Work>
  void for_valid(int64_t t, const Work& work) const {
    for (int64_t r = 0; r < count_; r++)
      if (rnn_.is_valid(first_ + r, t))
        for_vectors(units_, [&](int64_t j, auto numbers) { work(values(r) + j, r * units_ + j, numbers); });
  }

  void step(const float* z, int64_t t) const {
    float *h = state(0), *c = state(1);
    const int64_t n = units_;
    switch (rnn_.cell) {
      case Cell::kSimpleRNN:
        feed(0, h);
        activate_gates(z, t, 0, 1, rnn_.activation);
        return for_valid(t, [&](const float* value, int64_t i, auto numbers) {
          numbers.store(h + i, numbers.load(value));
        });
      case Cell::kGRU:
        feed(0, h), feed(1, h);
        activate_gates(z, t, 0, 2, rnn_.inner);
        reset(h);
        feed(2, reset_.get());
        activate_gates(z, t, 2, 3, rnn_.activation);
        return for_valid(t, [&](const float* value, int64_t i, auto numbers) {
          const Vector z = numbers.load(value), candidate = numbers.load(value + 2 * n);
          numbers.store(h + i, z * numbers.load(h + i) + (1.0f - z) * candidate);
        });
      case Cell::kLSTM:
        for (int64_t gate = 0; gate < 4; gate++) feed(gate, h);
        activate_gates(z, t, 0, 2, rnn_.inner);
        activate_gates(z, t, 2, 3, rnn_.activation);
        activate_gates(z, t, 3, 4, rnn_.inner);
        return for_valid(t, [&](const float* value, int64_t j, auto numbers) {
          const Vector i = numbers.load(value), f = numbers.load(value + n), u = numbers.load(value + 2 * n);
          const Vector next = f * numbers.load(c + j) + i * u;
          numbers.store(c + j, next);
          numbers.store(h + j, numbers.load(value + 3 * n) * activate(rnn_.activation, next));
        });
    }
  }

  void reset(const float* h) const {
    for (int64_t r = 0; r < count_; r++)
      for_vectors(units_, [&](int64_t j, auto numbers) {
        const int64_t i = r * units_ + j;
        numbers.store(reset_.get() + i, numbers.load(values(r) + units_ + j) * numbers.load(h + i));
      });
  }

  const Rnn& rnn_;
  const PanelsOfGates& U_;
  int64_t first_, count_, units_;
  Floats states_, fed_, values_, seen_, reset_;
};

// Some of the samples on their way back.
class Backward {
 public:
  // U is turned: (gates x units, units).
  Backward(const Rnn& rnn, const Panels& U, Kept kept, int64_t first, int64_t count)
      : rnn_(rnn), U_(U), kept_(kept), first_(first), count_(count), units_(rnn.units),
        states_(rnn.states * count * units_), direct_(count * units_), product_(count * units_),
        gradients_(count * rnn.width()) {}

  // of_outputs, of_last: the gradients that come in; of_z, of_states: those that go out.
  void run(const float* of_outputs, const float* of_last, float* of_z, float* of_states) {
    for (int64_t s = 0; s < rnn_.states; s++)
      std::memcpy(state(s), of_last + (s * rnn_.samples + first_) * units_, count_ * units_ * 4);
    for (int64_t t = rnn_.steps - 1; t >= 0; t--) {
      for (int64_t r = 0; r < count_; r++) begin(r, t, of_outputs);
      step(t);
      for (int64_t r = 0; r < count_; r++)
        std::memcpy(of_z + row(r, t) * rnn_.width(), gradients(r), rnn_.width() * 4);
    }
    for (int64_t s = 0; s < rnn_.states; s++)
      std::memcpy(of_states + (s * rnn_.samples + first_) * units_, state(s), count_ * units_ * 4);
  }

 private:
  float* state(int64_t s) const { return states_.get() + s * count_ * units_; }
  float* gradients(int64_t r) const { return gradients_.get() + r * rnn_.width(); }
  int64_t row(int64_t r, int64_t t) const { return (first_ + r) * rnn_.steps + t; }

  // The gradient of h receives that of the output. Where the step is not valid all of it goes past the step.
  void begin(int64_t r, int64_t t, const float* of_outputs) const {
    const bool valid = rnn_.is_valid(first_ + r, t);
    for_vectors(units_, [&](int64_t j, auto numbers) {
      const int64_t i = r * units_ + j;
      const Vector gradient = numbers.load(state(0) + i) + numbers.load(of_outputs + row(r, t) * units_ + j);
      numbers.store(state(0) + i, gradient);
      numbers.store(direct_.get() + i, valid ? Vector{} : gradient);
    });
    if (!valid) std::memset(gradients(r), 0, rnn_.width() * 4);
  }

  // Calls `work(gate values, h before, c before, gradients of the gates, place in the states, numbers)`.
  template <class Work>
  void for_valid(int64_t t, const Work& work) const {
    for (int64_t r = 0; r < count_; r++) {
      if (!rnn_.is_valid(first_ + r, t)) continue;
      const float *values = kept_.values + row(r, t) * rnn_.width(), *h = kept_.before + row(r, t) * units_;
      const float* c = h + (rnn_.states - 1) * rnn_.samples * rnn_.steps * units_;
      for_vectors(units_, [&](int64_t j, auto numbers) {
        work(values + j, numbers.load(h + j), numbers.load(c + j), gradients(r) + j, r * units_ + j, numbers);
      });
    }
  }

  // to (+)= the gradient of what the gates [from, from + gates) see of h.
  void feed_back(int64_t from, int64_t gates, float* to, bool add) const {
    const int64_t width = rnn_.width();
    if (!add) std::memset(to, 0, count_ * units_ * 4);
    const int64_t together = rnn_.dropout ? 1 : gates;
    for (int64_t gate = from; gate < from + gates; gate += together) {
      U_.multiply(gradients_.get() + gate * units_, width, count_, gate * units_, together * units_, product_.get(),
                  units_);
      for (int64_t r = 0; r < count_; r++) {
        const float* mask = rnn_.dropout ? rnn_.mask(gate, first_ + r) : nullptr;
        for_vectors(units_, [&](int64_t j, auto numbers) {
          const int64_t i = r * units_ + j;
          const Vector product = numbers.load(product_.get() + i);
          numbers.store(to + i, numbers.load(to + i) + (mask ? product * numbers.load(mask + j) : product));
        });
      }
    }
  }

  void step(int64_t t) const {
    float *dh = state(0), *direct = direct_.get();
    const int64_t n = units_;
    const Activation activation = rnn_.activation, inner = rnn_.inner;
    switch (rnn_.cell) {
      case Cell::kSimpleRNN:
        for_valid(t, [&](const float* value, Vector, Vector, float* dz, int64_t i, auto numbers) {
          numbers.store(dz, numbers.load(dh + i) * slope(activation, numbers.load(value)));
        });
        break;
      case Cell::kGRU:
        for_valid(t, [&](const float* value, Vector h, Vector, float* dz, int64_t i, auto numbers) {
          const Vector z = numbers.load(value), candidate = numbers.load(value + 2 * n), d = numbers.load(dh + i);
          numbers.store(dz, d * (h - candidate) * slope(inner, z));
          numbers.store(dz + 2 * n, d * (1.0f - z) * slope(activation, candidate));
          numbers.store(direct + i, d * z);
        });
        feed_back(2, 1, dh, false);  // now dh is the gradient of r h
        for_valid(t, [&](const float* value, Vector h, Vector, float* dz, int64_t i, auto numbers) {
          const Vector r = numbers.load(value + n), d = numbers.load(dh + i);
          numbers.store(dz + n, d * h * slope(inner, r));
          numbers.store(direct + i, numbers.load(direct + i) + d * r);
        });
        break;
      case Cell::kLSTM:
        lstm_step(t);
        break;
    }
    std::swap_ranges(dh, dh + count_ * n, direct);
    feed_back(0, rnn_.cell == Cell::kGRU ? 2 : rnn_.gates(), dh, true);
  }

  void lstm_step(int64_t t) const {
    float *dh = state(0), *dc = state(1);
    const int64_t n = units_;
    const Activation activation = rnn_.activation, inner = rnn_.inner;
    for_valid(t, [&](const float* value, Vector, Vector c, float* dz, int64_t place, auto numbers) {
      const Vector i = numbers.load(value), f = numbers.load(value + n), u = numbers.load(value + 2 * n);
      const Vector o = numbers.load(value + 3 * n), d = numbers.load(dh + place);
      const Vector squashed = activate(activation, f * c + i * u);
      const Vector of_c = numbers.load(dc + place) + d * o * slope(activation, squashed);
      numbers.store(dz, of_c * u * slope(inner, i));
      numbers.store(dz + n, of_c * c * slope(inner, f));
      numbers.store(dz + 2 * n, of_c * i * slope(activation, u));
      numbers.store(dz + 3 * n, d * squashed * slope(inner, o));
      numbers.store(dc + place, of_c * f);
    });
  }

  const Rnn& rnn_;
  const Panels& U_;
  Kept kept_;
  int64_t first_, count_, units_;
  Floats states_, direct_, product_, gradients_;
};

}  // namespace horngate
