// What XLA calls for recurrent layers: every size is checked here, before any memory is touched.
#include "recurrence.h"

#include "handlers.h"

namespace horngate {

static bool has(const Array& array, const std::vector<int64_t>& sizes) {
  return std::vector<int64_t>(array.dimensions().begin(), array.dimensions().end()) == sizes;
}

// numbers: samples, steps, units, number of gates, activation, inner activation.
static Rnn rnn_of(Numbers numbers, const Array& valid, const Array& dropout) {
  return {(Cell)numbers[3], numbers[0], numbers[1], numbers[2], numbers[3] == 4 ? 2 : 1, (Activation)numbers[4],
          (Activation)numbers[5], valid.element_count() ? valid.typed_data() : nullptr,
          dropout.element_count() ? dropout.typed_data() : nullptr};
}

static ffi::Error check(Numbers numbers, const Array& U, const Array& valid, const Array& dropout) {
  if (numbers.size() != 6) return refuse("six numbers describe a layer");
  if (numbers[0] < 1 || numbers[1] < 1 || numbers[2] < 1) return refuse("samples, steps and units must be above 0");
  if (numbers[3] != 1 && numbers[3] != 3 && numbers[3] != 4) return refuse("no cell has that many gates");
  const int64_t kinds = (int64_t)Activation::kCount;
  for (int i : {4, 5})
    if (numbers[i] < 0 || numbers[i] >= kinds) return refuse("no activation has that number");
  const Rnn rnn = rnn_of(numbers, valid, dropout);
  if (!has(U, {rnn.units, rnn.width()})) return refuse("U does not fit the layer");
  if (rnn.valid && !has(valid, {rnn.samples, rnn.steps})) return refuse("the mask does not fit the layer");
  if (rnn.dropout && !has(dropout, {rnn.gates(), rnn.samples, rnn.units}))
    return refuse("the dropout masks do not fit the layer");
  return ffi::Error::Success();
}

static bool fits_states(const Array& array, const Rnn& s) { return has(array, {s.states, s.samples, s.units}); }
static bool fits_before(const Array& a, const Rnn& s) { return has(a, {s.states, s.samples, s.steps, s.units}); }
static bool fits_gates(const Array& array, const Rnn& s) { return has(array, {s.samples, s.steps, s.width()}); }
static bool fits_outputs(const Array& array, const Rnn& s) { return has(array, {s.samples, s.steps, s.units}); }

static ffi::Error rnn_forward(ffi::ThreadPool pool, Array z, Array U, Array states, Array valid, Array dropout,
                                Result outputs, Result last, Result before, Result values, Numbers numbers) {
  if (auto error = check(numbers, U, valid, dropout); error.failure()) return error;
  const Rnn rnn = rnn_of(numbers, valid, dropout);
  if (!fits_gates(z, rnn) || !fits_states(states, rnn)) return refuse("z or the states do not fit the layer");
  if (!fits_outputs(*outputs, rnn) || !fits_states(*last, rnn)) return refuse("the results do not fit the layer");
  const bool keeps = before->element_count() > 0;
  if (keeps && !(fits_before(*before, rnn) && fits_gates(*values, rnn)))
    return refuse("what is kept does not fit the layer");
  const Kept kept{keeps ? before->typed_data() : nullptr, keeps ? values->typed_data() : nullptr};
  PanelsOfGates panels;
  for (int64_t gate = 0; gate < rnn.gates(); gate++)
    panels.push_back(std::make_unique<Panels>(pool, U.typed_data() + gate * rnn.units, rnn.units, rnn.units,
                                              rnn.width(), 1));
  for_samples(pool, rnn.samples, [&](int64_t first, int64_t count) {
    Forward(rnn, panels, first, count)
        .run(z.typed_data(), states.typed_data(), outputs->typed_data(), last->typed_data(), kept);
  });
  return ffi::Error::Success();
}

static ffi::Error rnn_backward(ffi::ThreadPool pool, Array U, Array before, Array values, Array valid, Array dropout,
                                 Array of_outputs, Array of_last, Result of_z, Result of_states, Numbers numbers) {
  if (auto error = check(numbers, U, valid, dropout); error.failure()) return error;
  const Rnn rnn = rnn_of(numbers, valid, dropout);
  if (!fits_before(before, rnn) || !fits_gates(values, rnn)) return refuse("what was kept does not fit the layer");
  if (!fits_outputs(of_outputs, rnn) || !fits_states(of_last, rnn))
    return refuse("the gradients do not fit the layer");
  if (!fits_gates(*of_z, rnn) || !fits_states(*of_states, rnn)) return refuse("the results do not fit the layer");
  const Panels turned(pool, U.typed_data(), rnn.width(), rnn.units, 1, rnn.width());
  const Kept kept{before.typed_data(), values.typed_data()};
  for_samples(pool, rnn.samples, [&](int64_t first, int64_t count) {
    Backward(rnn, turned, kept, first, count)
        .run(of_outputs.typed_data(), of_last.typed_data(), of_z->typed_data(), of_states->typed_data());
  });
  return ffi::Error::Success();
}

}  // namespace horngate

#pragma GCC visibility push(default)

XLA_FFI_DEFINE_HANDLER_SYMBOL(horngate_rnn_forward, horngate::rnn_forward,
                              xla::ffi::Ffi::Bind().Ctx<xla::ffi::ThreadPool>().Arg<horngate::Array>()
                                  .Arg<horngate::Array>().Arg<horngate::Array>().Arg<horngate::Array>()
                                  .Arg<horngate::Array>().Ret<horngate::Array>().Ret<horngate::Array>()
                                  .Ret<horngate::Array>().Ret<horngate::Array>().Attr<horngate::Numbers>("numbers"));
XLA_FFI_DEFINE_HANDLER_SYMBOL(horngate_rnn_backward, horngate::rnn_backward,
                              xla::ffi::Ffi::Bind().Ctx<xla::ffi::ThreadPool>().Arg<horngate::Array>()
                                  .Arg<horngate::Array>().Arg<horngate::Array>().Arg<horngate::Array>()
                                  .Arg<horngate::Array>().Arg<horngate::Array>().Arg<horngate::Array>()
                                  .Ret<horngate::Array>().Ret<horngate::Array>().Attr<horngate::Numbers>("numbers"));

#pragma GCC visibility pop
