#pragma once

// Loops that do nothing but multiply and add float32 numbers, one for each width of vector register a
// processor may have. The fastest one a processor can run shows its arithmetic peak: nothing is loaded, and
// enough independent chains run side by side to hide the latency of each step.

#include <cstdint>
#include <span>
#include <string_view>

namespace foretime {

/// One loop. It replaces each of `numbers()` values x, `rounds` times, by x * factor + term.
struct FmaLoop {
  std::string_view name;  // "avx512f", "avx2", "sse2", "neon", …
  int lanes;              // float32 numbers in one vector
  bool (*supported)();    // can this processor run it?
  void (*run)(float factor, float term, std::int64_t rounds, float* values);

  int numbers() const;  // how many values there are: chains × lanes
};

/// Widest first; the last one runs everywhere.
std::span<const FmaLoop> fma_loops();

/// The widest loop this processor can run.
const FmaLoop& widest_fma_loop();

}  // namespace foretime
