// The rows of a batch, gathered from where NumPy keeps the samples: they need not be copied to the device's memory first.
#include <cstring>

#include "handlers.h"
#include "threads.h"
#include "vectors.h"

namespace horngate {

constexpr int64_t kBytesAtOnce = 1 << 16;  // copied by a thread before it takes more

using Words = ffi::Buffer<ffi::U32>;

// address: the lower and the upper half of where the first row lies; numbers: how many rows there are, and a row's bytes.
static ffi::Error rows(ffi::ThreadPool pool, Words address, Words chosen, ffi::Result<ffi::AnyBuffer> given,
                       Numbers numbers) {
  const int64_t wanted = chosen.element_count();
  if (address.element_count() != 2 || numbers.size() != 2) return refuse("rows lie at one address");
  const int64_t count = numbers[0], bytes = numbers[1], together = kBytesAtOnce / (bytes + 1) + 1;
  if (bytes < 0 || (int64_t)given->size_bytes() != wanted * bytes) return refuse("a row must be given for each number");
  const uint32_t* indices = chosen.typed_data();
  for (int64_t i = 0; i < wanted; i++)
    if (indices[i] >= count) return refuse("there is no row of that number");
  const char* from = (const char*)(uintptr_t)((uint64_t)address.typed_data()[1] << 32 | address.typed_data()[0]);
  char* to = (char*)given->untyped_data();
  parallel_for(pool, ceil_div(wanted, together), [&](int64_t piece) {
    for (int64_t i = piece * together; i < std::min(wanted, (piece + 1) * together); i++)
      std::memcpy(to + i * bytes, from + indices[i] * bytes, bytes);
  });
  return ffi::Error::Success();
}

}  // namespace horngate

#pragma GCC visibility push(default)

XLA_FFI_DEFINE_HANDLER_SYMBOL(horngate_rows, horngate::rows,
                              xla::ffi::Ffi::Bind().Ctx<xla::ffi::ThreadPool>().Arg<horngate::Words>()
                                  .Arg<horngate::Words>().Ret<xla::ffi::AnyBuffer>()
                                  .Attr<horngate::Numbers>("numbers"));

#pragma GCC visibility pop
