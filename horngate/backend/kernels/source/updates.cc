// One step of Adam in one pass over the arrays, of which XLA makes three; what it writes may lie where it reads.
#include "handlers.h"
#include "threads.h"
#include "vectors.h"

namespace horngate {

constexpr int64_t kPiece = 1 << 14;  // numbers that a thread takes at once

static inline float root(float x) { return __builtin_sqrtf(x); }
static inline Vector root(Vector x) {
  Vector roots;
  for (int64_t i = 0; i < kLanes; i++) roots[i] = __builtin_sqrtf(x[i]);
  return roots;
}

struct Adam {
  float rate, beta_1, beta_2, epsilon;
  const float *p, *g, *m, *v;
  float *next_p, *next_m, *next_v;

  template <class Lane>
  void run(int64_t i) const {
    const Lane slope = get<Lane>(g + i);
    const Lane mean = beta_1 * get<Lane>(m + i) + (1 - beta_1) * slope;
    const Lane square = beta_2 * get<Lane>(v + i) + (1 - beta_2) * (slope * slope);
    put(next_m + i, mean), put(next_v + i, square);
    put(next_p + i, get<Lane>(p + i) - rate * mean / (root(square) + epsilon));
  }

  void run(int64_t first, int64_t last) const {
    for (; first + kLanes <= last; first += kLanes) run<Vector>(first);
    for (; first < last; first++) run<float>(first);
  }
};

// The arrays of a call: p, g, m and v of each parameter, and then the next p, m and v.
struct Parameters {
  int64_t models, count;
  std::vector<float*> arrays;  // p of all parameters, g of all, ...
  std::vector<int64_t> sizes;  // of each parameter of one of the models, which lie side by side in the arrays

  float* at(int64_t kind, int64_t parameter, int64_t model) const {
    return arrays[kind * count + parameter] + model * sizes[parameter];
  }
};

// Checks all arrays, and takes them together.
static ffi::Error gather(const Array& numbers, ffi::RemainingArgs taken, ffi::RemainingRets given, Parameters& all) {
  all.models = numbers.element_count() / 4, all.count = taken.size() / 4;
  if (numbers.element_count() % 4 || !all.models) return refuse("Adam takes four numbers for each model");
  if (taken.size() % 4 || (int64_t)given.size() != 3 * all.count) return refuse("Adam takes four arrays and gives three");
  const auto take = [&](ffi::ErrorOr<Array> array) {
    if (!array.has_value()) return false;
    const int64_t place = all.arrays.size(), size = array->element_count() / all.models;
    if (place < all.count) all.sizes.push_back(size);
    all.arrays.push_back(array->typed_data());
    return size * all.models == (int64_t)array->element_count() && size == all.sizes[place % all.count];
  };
  bool fits = true;
  for (size_t i = 0; i < taken.size(); i++) fits = fits && take(taken.get<Array>(i));
  for (size_t i = 0; i < given.size(); i++) {
    auto result = given.get<Array>(i);
    fits = fits && result.has_value() && take(**result);
  }
  if (!fits) return refuse("all arrays of a parameter must be of float32 and have its size");
  return ffi::Error::Success();
}

struct Piece {
  int64_t model, parameter, first;
};

// numbers: of each model the rate, beta_1, beta_2 and epsilon.
static ffi::Error adam(ffi::ThreadPool pool, Array numbers, ffi::RemainingArgs taken, ffi::RemainingRets given) {
  Parameters all;
  if (auto error = gather(numbers, taken, given, all); error.failure()) return error;
  std::vector<Piece> pieces;
  int64_t numbers_in_all = 0;
  for (int64_t model = 0; model < all.models; model++)
    for (int64_t i = 0; i < all.count; i++) {
      for (int64_t first = 0; first < all.sizes[i]; first += kPiece) pieces.push_back({model, i, first});
      numbers_in_all += all.sizes[i];
    }
  const auto update = [&](int64_t i) {
    const auto [model, parameter, first] = pieces[i];
    const auto at = [&, model = model, parameter = parameter](int64_t kind) { return all.at(kind, parameter, model); };
    const float* own = numbers.typed_data() + model * 4;
    Adam{own[0], own[1], own[2], own[3], at(0), at(1), at(2), at(3), at(4), at(5), at(6)}
        .run(first, std::min(all.sizes[parameter], first + kPiece));
  };
  if (numbers_in_all < kPiece)  // done before another thread would wake up
    for (size_t i = 0; i < pieces.size(); i++) update(i);
  else
    parallel_for(pool, pieces.size(), update);
  return ffi::Error::Success();
}

}  // namespace horngate

#pragma GCC visibility push(default)

XLA_FFI_DEFINE_HANDLER_SYMBOL(horngate_adam, horngate::adam,
                              xla::ffi::Ffi::Bind().Ctx<xla::ffi::ThreadPool>().Arg<horngate::Array>()
                                  .RemainingArgs().RemainingRets());

#pragma GCC visibility pop
