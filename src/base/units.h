#pragma once

#include <compare>
#include <concepts>
#include <cstdint>

#include "base/checked.h"

namespace foretime {

/// A number that carries its unit in its type up to the printer; the tag names the unit.
/// Whole numbers saturate instead of overflowing (base/checked.h).
template <typename Tag, typename Number>
struct Quantity {
  Number value{};

  constexpr auto operator<=>(const Quantity&) const = default;
  friend constexpr Quantity operator+(Quantity a, Quantity b) {
    if constexpr (std::integral<Number>) return {saturating_add(a.value, b.value)};
    return {static_cast<Number>(a.value + b.value)};
  }
  friend constexpr Quantity operator*(Quantity a, Number factor) {
    if constexpr (std::integral<Number>) return {saturating_mul(a.value, factor)};
    return {static_cast<Number>(a.value * factor)};
  }
  constexpr Quantity& operator+=(Quantity other) { return *this = *this + other; }
};

using Macs = Quantity<struct MacsTag, std::int64_t>;            // multiply-accumulates
using Flops = Quantity<struct FlopsTag, std::int64_t>;          // floating-point operations; 1 MAC = 2 FLOPs
using Bytes = Quantity<struct BytesTag, std::int64_t>;          // bytes
using Milliseconds = Quantity<struct MillisecondsTag, double>;  // wall time

}  // namespace foretime
