#pragma once

// Tree ensembles of other programs: their trees may be linked in any order, they compare in other ways, and
// they are averaged as often as summed.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "regressors/tree_ensemble.h"

namespace foretime {

/// f(x) = base + scale · Σ over trees of the leaf that x falls into.
struct Forest {
  TreeEnsemble trees;
  double scale = 1;  // 1 / trees of an average
  double base = 0;

  /// One number per row; as TreeEnsemble::predict. Inputs are compared as float, leaves are added as double.
  void predict(std::span<const float> rows, std::span<double> results) const;
};

/// The float t for which x < t says the same of every float x as x ≤ threshold (`below_or_equal`), or as
/// x < threshold. Infinite, where no float does.
float threshold_below(double threshold, bool below_or_equal);

/// The nodes that `root` leads to, parents before their children, as TreeEnsemble wants them.
/// Error, with `where`: a child that does not exist, or that has two parents.
Tree in_order(std::span<const Tree::Node> nodes, std::uint32_t root, const std::string& where);

}  // namespace foretime
