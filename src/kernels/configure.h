#pragma once

#include <optional>
#include <vector>

#include "kernels/units.h"

namespace foretime {

/// A tensor as images: batch, channels, height, width. Of rank 5 (a channel shuffle) the two axes behind the
/// batch are channels; of rank 3 the last one (tokens of so many features).
struct Extent {
  std::int64_t batch = 1;
  std::int64_t channels = 1;
  std::int64_t height = 1;
  std::int64_t width = 1;

  std::int64_t positions() const { return saturating_mul(height, width); }
  bool operator==(const Extent&) const = default;
};

/// Appends to a graph the kernels that units make together: sizes, fused arithmetic, neighbours, what is
/// read.
class Configurator {
 public:
  /// REQUIRES: both outlive this.
  Configurator(const Units& units, KernelGraph& graph) : units_(units), graph_(graph) {}

  void add(UnitId root);

 private:
  const Units& units_;
  KernelGraph& graph_;
  std::vector<Extent> extents_;  // of the kernel at hand
};

}  // namespace foretime
