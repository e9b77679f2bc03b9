#pragma once

#include <cstdint>
#include <limits>

namespace foretime {

/// Sizes come from files nobody vouches for: sums and products of them stop at the largest number instead of
/// wrapping around, so that an absurd shape gives an absurdly large cost and never a negative one.
constexpr std::int64_t kSaturated = std::numeric_limits<std::int64_t>::max();

constexpr std::int64_t saturating_mul(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  if (!__builtin_mul_overflow(a, b, &product)) return product;
  return (a < 0) == (b < 0) ? kSaturated : std::numeric_limits<std::int64_t>::min();
}

constexpr std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return a > 0 ? kSaturated : std::numeric_limits<std::int64_t>::min();
}

}  // namespace foretime
