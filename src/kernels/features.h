#pragma once

// The named numbers of a kernel that a learnt model splits on: one definition for fitting and predicting. A
// profile stores the names of those it was fitted on, and loading it looks each one up here.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/kernel_graph.h"

namespace foretime {

/// Stands where a feature does not apply to a kernel: below every value that occurs.
constexpr float kMissing = -1;

struct Feature {
  std::string_view name;
  std::string_view unit;  // empty: a code, a remainder or a ratio
  double (*value)(const KernelConfig&);
  std::string_view physics = {};  // names, with blanks between, that it means something to; empty: all
};

/// Every feature there is.
std::span<const Feature> features();

/// Names of the features that models of a sort of processor use (kernels/physics.h).
std::vector<std::string> feature_names(std::string_view physics);

/// Features by name, in this order. Error, with `where`: there is none of that name.
std::vector<const Feature*> features_named(std::span<const std::string> names, const std::string& where);

/// The numbers of one kernel; none is NaN.
void append_features(std::span<const Feature* const> features, const KernelConfig& config,
                     std::vector<float>& row);

}  // namespace foretime
