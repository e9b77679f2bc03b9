#include "measure/reference.h"

#include "base/stopwatch.h"
#include "measure/fma_loops.h"
#include "measure/stream_loops.h"

namespace foretime {
namespace {

// 100,000 cycles of the narrowest loop: long against the clock's step (50 ns), short against an inference.
constexpr std::int64_t kRounds = 24'000;
// x * factor + term with |factor| < 1 neither overflows nor becomes subnormal, which would be slow.
constexpr float kFactor = 0.5F;
constexpr float kTerm = 1.0F;
constexpr double kUsPerMs = 1e3;

const FmaLoop& loop() {
  return fma_loops().back();  // the narrowest: wide vectors lower the clock of some processors
}

}  // namespace

Reference::Reference(std::size_t memory_bytes)
    : registers_(static_cast<std::size_t>(loop().numbers()), 1.0F), buffer_(memory_bytes / 8, 1) {}

double Reference::compute_us() {
  const Stopwatch watch;
  loop().run(kFactor, kTerm, kRounds, registers_.data());
  return watch.elapsed().value * kUsPerMs;
}

double Reference::memory_us() {
  const Stopwatch watch;
  sum_ += stream_read(buffer_);
  return watch.elapsed().value * kUsPerMs;
}

}  // namespace foretime
