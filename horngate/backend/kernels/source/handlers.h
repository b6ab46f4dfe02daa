// What the entries that XLA calls have in common.
#pragma once

#include <string>

#include "xla/ffi/api/ffi.h"

namespace horngate {

namespace ffi = xla::ffi;

using Array = ffi::Buffer<ffi::F32>;
using Result = ffi::Result<Array>;
using Numbers = ffi::Span<const int64_t>;

inline ffi::Error refuse(const std::string& why) { return ffi::Error::InvalidArgument("horngate kernels: " + why); }

}  // namespace horngate
