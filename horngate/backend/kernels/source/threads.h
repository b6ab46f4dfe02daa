// Work shared among the threads of XLA's pool, and memory for the time of a call.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <memory>
#include <new>
#include <thread>
#include <vector>

#include "xla/ffi/api/ffi.h"

namespace horngate {

namespace ffi = xla::ffi;

// Calls `work(i)` for each i below `count`; returns when all have returned.
//
// The caller takes part, and a helper that starts late touches only what it owns a share of. So this cannot wait for a
// thread that the pool will never give, and a result that depends on `i` alone is the same for any number of threads.
inline void parallel_for(ffi::ThreadPool& pool, int64_t count, const std::function<void(int64_t)>& work) {
  struct Shared {
    std::atomic<int64_t> next{0}, done{0};
    int64_t count;
    const std::function<void(int64_t)>* work;

    void take_part() {
      for (int64_t i; (i = next.fetch_add(1)) < count;) {
        (*work)(i);
        done.fetch_add(1, std::memory_order_acq_rel);
      }
    }
  };
  const int64_t helpers = std::min<int64_t>(count, std::max<int64_t>(1, pool.num_threads())) - 1;
  if (helpers <= 0) {
    for (int64_t i = 0; i < count; i++) work(i);
    return;
  }
  auto shared = std::make_shared<Shared>();
  shared->count = count;
  shared->work = &work;
  for (int64_t i = 0; i < helpers; i++) pool.Schedule([shared] { shared->take_part(); });
  shared->take_part();
  while (shared->done.load(std::memory_order_acquire) < count) std::this_thread::yield();
}

// Floats on a cache line's border, not yet written.
class Floats {
 public:
  explicit Floats(int64_t count) : data_((float*)std::aligned_alloc(64, (count * 4 + 127) / 64 * 64)) {
    if (!data_) throw std::bad_alloc();
  }
  ~Floats() { std::free(data_); }
  Floats(const Floats&) = delete;
  Floats& operator=(const Floats&) = delete;
  float* get() const { return data_; }

 private:
  float* data_;
};

// Memory that a thread keeps from call to call, one piece for each `use`.
enum Use { kInput, kOutput, kPackedInput, kPackedOutput, kUses };
inline float* scratch(Use use, int64_t count) {
  thread_local std::vector<float> pieces[kUses];
  if ((int64_t)pieces[use].size() < count) pieces[use].resize(count);
  return pieces[use].data();
}

}  // namespace horngate
