#include "measure/stream_loops.h"

#include <cstddef>
#include <cstring>

namespace foretime {
namespace {

// Four vectors of 16 bytes make one cache line of 64: every processor has such vectors, and wider ones gain
// nothing where memory is the limit.
constexpr std::size_t kVectors = 4;

}  // namespace

std::uint64_t stream_read(std::span<const std::uint64_t> numbers) {
  typedef std::uint64_t Vector __attribute__((vector_size(16)));
  constexpr std::size_t kStep = kVectors * sizeof(Vector) / sizeof(std::uint64_t);
  Vector sums[kVectors] = {};
  std::size_t i = 0;
  for (; i + kStep <= numbers.size(); i += kStep) {
    Vector line[kVectors];
    std::memcpy(&line, &numbers[i], sizeof line);
    for (std::size_t v = 0; v < kVectors; ++v) sums[v] += line[v];
  }
  std::uint64_t total = 0;
  for (const Vector& sum : sums) total += sum[0] + sum[1];
  for (; i < numbers.size(); ++i) total += numbers[i];
  return total;
}

void stream_triad(std::span<float> out, std::span<const float> a, std::span<const float> b, float factor) {
  float* __restrict written = out.data();
  const float* __restrict first = a.data();
  const float* __restrict second = b.data();
  const std::size_t size = out.size();
  for (std::size_t i = 0; i < size; ++i) written[i] = first[i] + factor * second[i];
}

}  // namespace foretime
