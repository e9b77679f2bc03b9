#include "measure/stream_loops.h"

#include <cstddef>
#include <cstring>

namespace foretime {
namespace {

// Four vectors of 16 bytes make one cache line of 64: every processor has such vectors, and wider ones gain
// nothing where memory is the limit.
typedef std::uint64_t Vector __attribute__((vector_size(16)));
constexpr std::size_t kVectors = 4;
constexpr std::size_t kLine = kVectors * sizeof(Vector) / sizeof(std::uint64_t);

// A prefetcher follows one stream only so fast. On an EPYC of 2021: one stream 15 GB/s, two 20, four 24,
// eight 24.
constexpr std::size_t kStreams = 4;

Vector sum_of_line(const std::uint64_t* numbers) {
  Vector line[kVectors];
  std::memcpy(&line, numbers, sizeof line);
  return (line[0] + line[1]) + (line[2] + line[3]);
}

}  // namespace

std::uint64_t stream_read(std::span<const std::uint64_t> numbers) {
  const std::size_t each = numbers.size() / kStreams / kLine * kLine;
  Vector sums[kStreams] = {};
  for (std::size_t i = 0; i < each; i += kLine) {
    for (std::size_t s = 0; s < kStreams; ++s) sums[s] += sum_of_line(&numbers[s * each + i]);
  }
  std::uint64_t total = 0;
  for (const Vector& sum : sums) total += sum[0] + sum[1];
  for (const std::uint64_t number : numbers.subspan(kStreams * each)) total += number;
  return total;
}

void stream_triad(std::span<float> out, std::span<const float> a, std::span<const float> b, float factor) {
  typedef float Floats
      __attribute__((vector_size(16)));  // by hand: not every optimisation level makes vectors
  constexpr std::size_t kLanes = sizeof(Floats) / sizeof(float);
  const Floats factors = Floats{} + factor;
  std::size_t i = 0;
  for (; i + kLanes <= out.size(); i += kLanes) {
    Floats x, y;
    std::memcpy(&x, a.data() + i, sizeof x);
    std::memcpy(&y, b.data() + i, sizeof y);
    x += factors * y;
    std::memcpy(out.data() + i, &x, sizeof x);
  }
  for (; i < out.size(); ++i) out[i] = a[i] + factor * b[i];
}

}  // namespace foretime
