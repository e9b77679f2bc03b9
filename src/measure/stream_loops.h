#pragma once

// Loops that do nothing but move memory. Over arrays far larger than the last cache they show its bandwidth.

#include <cstdint>
#include <span>

namespace foretime {

/// Reads every number once and returns the sum of all (wrapping around). 8 bytes a number.
std::uint64_t stream_read(std::span<const std::uint64_t> numbers);

/// out = a + factor * b, STREAM's "triad": two reads and one write, 12 bytes an element.
/// REQUIRES: three spans of one size that do not overlap.
void stream_triad(std::span<float> out, std::span<const float> a, std::span<const float> b, float factor);

}  // namespace foretime
