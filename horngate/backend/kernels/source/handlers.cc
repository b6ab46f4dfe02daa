// What XLA calls: every shape is checked here, before any memory is touched.
#include <string>

#include "depthwise.h"
#include "handlers.h"
#include "moments.h"
#include "winograd.h"

namespace horngate {

static Images images_of(float* data, Array::Dimensions shape) {
  return {data, shape[0], {shape[1], shape[2], shape[3]}, shape[4]};
}

static Kernel kernel_of(float* data, Array::Dimensions shape) {
  return {data, {shape[0], shape[1], shape[2]}, shape[3], shape[4]};
}

// numbers: strides, zeros before the data and dilation of three axes each, then the groups.
static ffi::Error check(Array::Dimensions x, Array::Dimensions W, Array::Dimensions y, Numbers numbers) {
  if (x.size() != 5 || W.size() != 5 || y.size() != 5) return refuse("data and kernel must have five axes");
  if (numbers.size() != 10) return refuse("ten numbers place the windows of a convolution");
  const int64_t groups = numbers[9];
  if (groups < 1 || W[4] % groups != 0) return refuse("the filters must be a multiple of the groups");
  if (x[4] != W[3] * groups) return refuse("the kernel is for another number of channels");
  if (y[4] != W[4]) return refuse("the result must have a channel for each filter");
  if (x[0] != y[0]) return refuse("data and result must hold as many samples");
  for (int axis = 0; axis < kAxes; axis++) {
    if (W[axis] < 1 || numbers[axis] < 1 || numbers[6 + axis] < 1)
      return refuse("window, strides and dilation must be positive");
  }
  return ffi::Error::Success();
}

static bool is_empty(const Array& array) { return array.element_count() == 0; }

// Without a bias there is an empty one.
static ffi::Error check_bias(const Array& bias, const Array& W) {
  const auto filters = (size_t)W.dimensions()[4];
  if (is_empty(bias) || bias.element_count() == filters) return ffi::Error::Success();
  return refuse("the bias must have a number for each filter");
}

static Geometry geometry_of(Array::Dimensions x, Array::Dimensions W, Array::Dimensions y, Numbers numbers) {
  Geometry geometry;
  for (int axis = 0; axis < kAxes; axis++) {
    geometry.sizes[axis] = x[1 + axis], geometry.outputs[axis] = y[1 + axis], geometry.window[axis] = W[axis];
    geometry.strides[axis] = numbers[axis], geometry.pads[axis] = numbers[3 + axis];
    geometry.dilation[axis] = numbers[6 + axis];
  }
  geometry.groups = numbers[9];
  return geometry;
}

static void fill_with_zeros(Result& array) { std::memset(array->typed_data(), 0, array->size_bytes()); }

// Where a window sees only its own position, all positions are made one long row: it fills the tiles best.
static void flatten_where_pointwise(Geometry& geometry, Images& x, Images& y) {
  for (int axis = 0; axis < kAxes; axis++) {
    const bool plain = geometry.window[axis] == 1 && geometry.strides[axis] == 1 && geometry.pads[axis] == 0;
    if (!plain || geometry.sizes[axis] != geometry.outputs[axis]) return;
  }
  for (Images* images : {&x, &y}) {
    images->sizes[2] *= images->samples * images->sizes[0] * images->sizes[1];
    images->samples = images->sizes[0] = images->sizes[1] = 1;
  }
  std::copy(x.sizes, x.sizes + kAxes, geometry.sizes);
  std::copy(x.sizes, x.sizes + kAxes, geometry.outputs);
}

static void sum_windows(ffi::ThreadPool& pool, const Geometry& geometry, const WindowSum& sum) {
  if (suits_tiles(geometry, sum.taken(), sum.given())) window_sum_by_tiles(pool, sum);
  else window_sum(pool, sum);
}

static ffi::Error correlate(ffi::ThreadPool pool, Array x, Array W, Array bias, Result y, Numbers numbers, bool relu) {
  if (auto error = check(x.dimensions(), W.dimensions(), y->dimensions(), numbers); error.failure()) return error;
  if (auto error = check_bias(bias, W); error.failure()) return error;
  if (is_empty(*y)) return ffi::Error::Success();
  Geometry geometry = geometry_of(x.dimensions(), W.dimensions(), y->dimensions(), numbers);
  Images from = images_of(x.typed_data(), x.dimensions()), to = images_of(y->typed_data(), y->dimensions());
  flatten_where_pointwise(geometry, from, to);
  WindowSum sum{from, kernel_of(W.typed_data(), W.dimensions()), to, geometry.groups, false,
                {geometry.forward(0), geometry.forward(1), geometry.forward(2)},
                {is_empty(bias) ? nullptr : bias.typed_data(), relu}};
  if (is_depthwise(geometry, sum.kernel)) {
    for_all_results(pool, geometry, to, DepthwiseSum{from, to, sum.kernel.data, sum.finish});
    return ffi::Error::Success();
  }
  sum_windows(pool, geometry, sum);
  return ffi::Error::Success();
}

static ffi::Error input_gradient(ffi::ThreadPool pool, Array y, Array W, Result x, Numbers numbers) {
  if (auto error = check(x->dimensions(), W.dimensions(), y.dimensions(), numbers); error.failure()) return error;
  if (is_empty(*x)) return ffi::Error::Success();
  if (is_empty(y)) return fill_with_zeros(x), ffi::Error::Success();
  Geometry geometry = geometry_of(x->dimensions(), W.dimensions(), y.dimensions(), numbers);
  Images from = images_of(y.typed_data(), y.dimensions()), to = images_of(x->typed_data(), x->dimensions());
  flatten_where_pointwise(geometry, to, from);
  WindowSum sum{from, kernel_of(W.typed_data(), W.dimensions()), to, geometry.groups, true, {}, {}};
  if (is_depthwise(geometry, sum.kernel)) {
    for_all_results(pool, geometry, from, DepthwiseInputGradient{from, to, sum.kernel.data}, to.data);
    return ffi::Error::Success();
  }
  for (int64_t d = 0; d < geometry.strides[0]; d++)
    for (int64_t h = 0; h < geometry.strides[1]; h++)
      for (int64_t w = 0; w < geometry.strides[2]; w++) {
        sum.walks[0] = geometry.backward(0, d), sum.walks[1] = geometry.backward(1, h);
        sum.walks[2] = geometry.backward(2, w);
        sum_windows(pool, geometry, sum);
      }
  return ffi::Error::Success();
}

static ffi::Error gradient_of_kernel(ffi::ThreadPool pool, Array x, Array y, Result W, Result bias, Numbers numbers) {
  if (auto error = check(x.dimensions(), W->dimensions(), y.dimensions(), numbers); error.failure()) return error;
  if (auto error = check_bias(*bias, *W); error.failure()) return error;
  if (is_empty(*W)) return fill_with_zeros(bias), ffi::Error::Success();
  if (is_empty(x) || is_empty(y)) return fill_with_zeros(W), fill_with_zeros(bias), ffi::Error::Success();
  Geometry geometry = geometry_of(x.dimensions(), W->dimensions(), y.dimensions(), numbers);
  Images seen = images_of(x.typed_data(), x.dimensions()), given = images_of(y.typed_data(), y.dimensions());
  flatten_where_pointwise(geometry, seen, given);
  const KernelGradient gradient{seen, given,
                                kernel_of(W->typed_data(), W->dimensions()),
                                is_empty(*bias) ? nullptr : bias->typed_data(), geometry.groups,
                                {geometry.forward(0), geometry.forward(1), geometry.forward(2)}};
  if (is_depthwise(geometry, gradient.kernel)) depthwise_kernel_gradient(pool, geometry, gradient);
  else if (suits_tiles(geometry, x.dimensions()[4], y.dimensions()[4])) kernel_gradient_by_tiles(pool, gradient);
  else kernel_gradient(pool, gradient);
  return ffi::Error::Success();
}

// numbers: window, strides and positions before the data, of three axes each.
static ffi::Error check_pooling(const Array& data, const Array& results, Numbers numbers) {
  const auto x = data.dimensions(), y = results.dimensions();
  if (x.size() != 5 || y.size() != 5) return refuse("what is pooled must have five axes");
  if (numbers.size() != 9) return refuse("nine numbers place the windows of pooling");
  if (x[0] != y[0] || x[4] != y[4]) return refuse("data and result must hold as many samples and channels");
  for (int i = 0; i < 2 * kAxes; i++)
    if (numbers[i] < 1) return refuse("window and strides must be positive");
  return ffi::Error::Success();
}

static Geometry pooling_geometry(const Array& data, const Array& results, Numbers numbers) {
  Geometry geometry{};
  std::fill(geometry.dilation, geometry.dilation + kAxes, 1);
  for (int axis = 0; axis < kAxes; axis++) {
    geometry.sizes[axis] = data.dimensions()[1 + axis], geometry.outputs[axis] = results.dimensions()[1 + axis];
    geometry.window[axis] = numbers[axis], geometry.strides[axis] = numbers[3 + axis];
    geometry.pads[axis] = numbers[6 + axis];
  }
  return geometry;
}

static bool alike(const Array& a, const Array& b) {
  const auto first = a.dimensions(), second = b.dimensions();
  return first.size() == second.size() && std::equal(first.begin(), first.end(), second.begin());
}

static Images images_of(const Array& array) { return images_of(array.typed_data(), array.dimensions()); }

static ffi::Error max_pool(ffi::ThreadPool pool, Array x, Result y, Numbers numbers) {
  if (auto error = check_pooling(x, *y, numbers); error.failure()) return error;
  for_all_results(pool, pooling_geometry(x, *y, numbers), images_of(*y), Maximum{images_of(x), images_of(*y)});
  return ffi::Error::Success();
}

static ffi::Error max_pool_gradient(ffi::ThreadPool pool, Array x, Array y, Array g, Result dx, Numbers numbers) {
  if (auto error = check_pooling(x, y, numbers); error.failure()) return error;
  if (!alike(y, g) || !alike(x, *dx)) return refuse("a gradient must have the shape of what it belongs to");
  const MaximumGradient kind{images_of(x), images_of(y), images_of(g), images_of(*dx)};
  for_all_results(pool, pooling_geometry(x, y, numbers), images_of(y), kind, dx->typed_data());
  return ffi::Error::Success();
}

static ffi::Error max_pool_pick(ffi::ThreadPool pool, Array x, Array y, Array t, Result out, Numbers numbers) {
  if (auto error = check_pooling(x, y, numbers); error.failure()) return error;
  if (!alike(x, t) || !alike(y, *out)) return refuse("a gradient must have the shape of what it belongs to");
  const MaximumPick kind{images_of(x), images_of(y), images_of(t), images_of(*out)};
  for_all_results(pool, pooling_geometry(x, y, numbers), images_of(y), kind);
  return ffi::Error::Success();
}

static ffi::Error mean_pool(ffi::ThreadPool pool, Array x, Result y, Numbers numbers) {
  if (auto error = check_pooling(x, *y, numbers); error.failure()) return error;
  for_all_results(pool, pooling_geometry(x, *y, numbers), images_of(*y), Mean{images_of(x), images_of(*y)});
  return ffi::Error::Success();
}

static ffi::Error mean_pool_gradient(ffi::ThreadPool pool, Array g, Result dx, Numbers numbers) {
  if (auto error = check_pooling(*dx, g, numbers); error.failure()) return error;
  const MeanGradient kind{images_of(g), images_of(*dx)};
  for_all_results(pool, pooling_geometry(*dx, g, numbers), images_of(g), kind, dx->typed_data());
  return ffi::Error::Success();
}

// x (rows, channels); each of `others` has a number for each channel.
static ffi::Error check_rows(const Array& x, std::initializer_list<const Array*> others) {
  if (x.dimensions().size() != 2) return refuse("rows of channels must have two axes");
  for (const Array* other : others)
    if (other->dimensions().size() != 1 || other->dimensions()[0] != x.dimensions()[1])
      return refuse("there must be a number for each channel");
  return ffi::Error::Success();
}

static ffi::Error moments_of(ffi::ThreadPool pool, Array x, Result mean, Result variance) {
  if (auto error = check_rows(x, {&*mean, &*variance}); error.failure()) return error;
  if (is_empty(x)) return fill_with_zeros(mean), fill_with_zeros(variance), ffi::Error::Success();
  moments(pool, x.typed_data(), x.dimensions()[0], x.dimensions()[1], mean->typed_data(), variance->typed_data());
  return ffi::Error::Success();
}

static ffi::Error paired_sums_of(ffi::ThreadPool pool, Array g, Array x, Array mean, Result sums, Result products) {
  if (auto error = check_rows(x, {&mean, &*sums, &*products}); error.failure()) return error;
  if (!alike(g, x)) return refuse("a gradient must have the shape of what it belongs to");
  if (is_empty(x)) return fill_with_zeros(sums), fill_with_zeros(products), ffi::Error::Success();
  paired_sums(pool, g.typed_data(), x.typed_data(), mean.typed_data(), x.dimensions()[0], x.dimensions()[1],
              sums->typed_data(), products->typed_data());
  return ffi::Error::Success();
}

}  // namespace horngate

#pragma GCC visibility push(default)

XLA_FFI_DEFINE_HANDLER_SYMBOL(horngate_correlate, horngate::correlate,
                              xla::ffi::Ffi::Bind().Ctx<xla::ffi::ThreadPool>().Arg<horngate::Array>()
                                  .Arg<horngate::Array>().Arg<horngate::Array>().Ret<horngate::Array>()
                                  .Attr<horngate::Numbers>("numbers").Attr<bool>("relu"));

XLA_FFI_DEFINE_HANDLER_SYMBOL(horngate_input_gradient, horngate::input_gradient,
                              xla::ffi::Ffi::Bind().Ctx<xla::ffi::ThreadPool>().Arg<horngate::Array>()
                                  .Arg<horngate::Array>().Ret<horngate::Array>().Attr<horngate::Numbers>("numbers"));
XLA_FFI_DEFINE_HANDLER_SYMBOL(horngate_kernel_gradient, horngate::gradient_of_kernel,
                              xla::ffi::Ffi::Bind().Ctx<xla::ffi::ThreadPool>().Arg<horngate::Array>()
                                  .Arg<horngate::Array>().Ret<horngate::Array>().Ret<horngate::Array>()
                                  .Attr<horngate::Numbers>("numbers"));

#define HORNGATE_ONE_TO_ONE                                                                                       \
  xla::ffi::Ffi::Bind().Ctx<xla::ffi::ThreadPool>().Arg<horngate::Array>().Ret<horngate::Array>()                 \
      .Attr<horngate::Numbers>("numbers")
#define HORNGATE_THREE_TO_ONE                                                                                     \
  xla::ffi::Ffi::Bind().Ctx<xla::ffi::ThreadPool>().Arg<horngate::Array>().Arg<horngate::Array>()                 \
      .Arg<horngate::Array>().Ret<horngate::Array>().Attr<horngate::Numbers>("numbers")
XLA_FFI_DEFINE_HANDLER_SYMBOL(horngate_max_pool, horngate::max_pool, HORNGATE_ONE_TO_ONE);
XLA_FFI_DEFINE_HANDLER_SYMBOL(horngate_max_pool_gradient, horngate::max_pool_gradient, HORNGATE_THREE_TO_ONE);
XLA_FFI_DEFINE_HANDLER_SYMBOL(horngate_max_pool_pick, horngate::max_pool_pick, HORNGATE_THREE_TO_ONE);
XLA_FFI_DEFINE_HANDLER_SYMBOL(horngate_mean_pool, horngate::mean_pool, HORNGATE_ONE_TO_ONE);
XLA_FFI_DEFINE_HANDLER_SYMBOL(horngate_mean_pool_gradient, horngate::mean_pool_gradient, HORNGATE_ONE_TO_ONE);

XLA_FFI_DEFINE_HANDLER_SYMBOL(horngate_moments, horngate::moments_of,
                              xla::ffi::Ffi::Bind().Ctx<xla::ffi::ThreadPool>().Arg<horngate::Array>()
                                  .Ret<horngate::Array>().Ret<horngate::Array>());
XLA_FFI_DEFINE_HANDLER_SYMBOL(horngate_paired_sums, horngate::paired_sums_of,
                              xla::ffi::Ffi::Bind().Ctx<xla::ffi::ThreadPool>().Arg<horngate::Array>()
                                  .Arg<horngate::Array>().Arg<horngate::Array>().Ret<horngate::Array>()
                                  .Ret<horngate::Array>());

// The widest vectors, in bytes, for which this machine has instructions: that of the library to load.
extern "C" int horngate_vector_bytes() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) return 64;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 32;
#endif
  return 16;
}

#if defined(__SANITIZE_ADDRESS__)
// Reads past the end of some memory, to prove that such builds notice.
extern "C" float horngate_read_beyond(int64_t count) {
  const horngate::Floats floats(count);
  float sum = 0;
  for (int64_t i = 0; i < 2 * count; i++) sum += floats.get()[i];
  return sum;
}
#endif

#pragma GCC visibility pop
