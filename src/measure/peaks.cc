#include "measure/peaks.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

#include "base/error.h"
#include "measure/best_rate.h"
#include "measure/fma_loops.h"
#include "measure/stream_loops.h"

namespace foretime {
namespace {

constexpr std::size_t kMega = std::size_t{1024} * 1024;
constexpr std::size_t kSmallestBuffer = 64 * kMega;
constexpr std::size_t kLargestBuffer = 512 * kMega;

/// Keeps a result that nobody reads from being computed away.
template <typename Value>
void keep(const Value& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

double probe_flops(const FmaLoop& loop, Milliseconds budget) {
  // About 2 ms a repetition: long for the clock, short enough to fall between two neighbours' turns.
  constexpr std::int64_t kRounds = 1 << 20;
  // The values run towards term / (1 - factor) = 50 and stay there: no overflow, no slow denormal numbers.
  constexpr float kFactor = 0.99f;
  constexpr float kTerm = 0.5f;
  std::vector<float> values(static_cast<std::size_t>(loop.numbers()), 1.0f);
  const double work = 2.0 * static_cast<double>(kRounds) * loop.numbers();
  return best_rate(work, budget, [&] {
    loop.run(kFactor, kTerm, kRounds, values.data());
    keep(values);
  });
}

/// Far beyond the last cache, so that no repetition finds what an earlier one left there.
std::size_t buffer_size(const CpuDescription& cpu, const ProbeOptions& options) {
  if (options.buffer_bytes != 0) return options.buffer_bytes;
  constexpr std::size_t kTimesTheCache = 4;
  constexpr std::size_t kShareOfMemory = 8;
  const std::size_t memory = static_cast<std::size_t>(std::max(::sysconf(_SC_PHYS_PAGES), 0L)) *
                             static_cast<std::size_t>(std::max(::sysconf(_SC_PAGESIZE), 0L));
  const std::size_t most = std::clamp(memory / kShareOfMemory, kSmallestBuffer, kLargestBuffer);
  return std::clamp(kTimesTheCache * cpu.last_cache_bytes, kSmallestBuffer, most);
}

/// Memory that is really there: every page has been written.
template <typename Number>
std::vector<Number> filled(std::size_t bytes) {
  try {
    return std::vector<Number>(bytes / sizeof(Number), Number{1});
  } catch (const std::bad_alloc&) {
    throw Error("host", "no memory to probe its bandwidth", std::to_string(bytes / kMega) + " MB are needed");
  }
}

// The buffer is walked in slices, each a repetition of its own, so that one disturbed moment spoils one
// slice. The walk goes round and round: a slice comes again only after all the others.
constexpr std::size_t kSlices = 8;

double probe_read(std::size_t bytes, Milliseconds budget) {
  const std::vector<std::uint64_t> buffer = filled<std::uint64_t>(bytes);
  const std::size_t length = buffer.size() / kSlices;
  std::size_t slice = 0;
  return best_rate(static_cast<double>(length * sizeof(std::uint64_t)), budget, [&] {
    keep(stream_read(std::span(buffer).subspan(slice * length, length)));
    slice = (slice + 1) % kSlices;
  });
}

double probe_triad(std::size_t bytes, Milliseconds budget) {
  constexpr std::size_t kArrays = 3;
  std::vector<float> buffer = filled<float>(bytes);
  const std::size_t array = buffer.size() / kArrays;
  const std::size_t length = array / kSlices;
  std::size_t slice = 0;
  return best_rate(static_cast<double>(kArrays * length * sizeof(float)), budget, [&] {
    const auto part = [&](std::size_t i) {
      return std::span(buffer).subspan(i * array + slice * length, length);
    };
    stream_triad(part(0), part(1), part(2), 0.5f);
    keep(buffer);
    slice = (slice + 1) % kSlices;
  });
}

void small_work(std::size_t bytes) {
  const std::vector<char> scratch(bytes);
  keep(scratch);
}

Milliseconds probe_call(Milliseconds budget) {
  constexpr int kCalls = 100000;  // about 2 ms, as above
  constexpr std::size_t kScratchBytes = 256;
  void (*volatile work)(std::size_t) = small_work;  // volatile: looked up at each call, never inlined
  const double calls_per_s = best_rate(kCalls, budget, [&] {
    for (int i = 0; i < kCalls; ++i) work(kScratchBytes);
  });
  constexpr double kMsPerSecond = 1000;
  return {kMsPerSecond / calls_per_s};
}

}  // namespace

HostPeaks probe_peaks(const CpuDescription& cpu, const ProbeOptions& options) {
  // Shares of the budget; arithmetic first, because it also wakes the processor up.
  constexpr double kForFlops = 0.3, kForRead = 0.3, kForTriad = 0.3, kForCalls = 0.1;
  const FmaLoop& loop = widest_fma_loop();
  const std::size_t bytes = buffer_size(cpu, options);
  HostPeaks peaks;
  peaks.loop = loop.name;
  peaks.flops_per_s = probe_flops(loop, options.budget * kForFlops);
  peaks.read_bytes_per_s = probe_read(bytes, options.budget * kForRead);
  peaks.triad_bytes_per_s = probe_triad(bytes, options.budget * kForTriad);
  peaks.call_overhead = probe_call(options.budget * kForCalls);
  return peaks;
}

}  // namespace foretime
