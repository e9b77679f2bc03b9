#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "device/device_profile.h"
#include "kernels/kernel_graph.h"
#include "predictors/novelty.h"
#include "regressors/tree_ensemble.h"

namespace foretime {

/// Predictor kind of a profile that was fitted on whole networks (docs/fitting.md).
constexpr std::string_view kAdditiveKind = "additive";

/// The parameters of an additive profile: t(kernel) = max(Σ coefficients · physics, floor) · exp(Σ trees).
struct AdditiveParameters {
  std::string physics;                // by name (kernels/physics.h)
  std::vector<double> coefficients;   // milliseconds by column of the physics
  std::vector<std::string> features;  // by name (kernels/features.h)
  TreeEnsemble corrections;
  double overhead_ms = 0;                   // of the network
  double floor_ms = 0;                      // of a kernel, before correction
  std::vector<IntervalStep> intervals;      // at least one; networks beyond the last one get its error
  IntervalStretch stretch;
  std::unordered_set<std::uint32_t> known;  // cells of kernels that were fitted on
};

/// Into a profile's predictor; unpriced columns are left out.
void store(const AdditiveParameters& parameters, Predictor& predictor);
/// Error, with `where`: a key that is missing or wrong; physics, columns or features that this program does
/// not have; numbers that are not finite.
AdditiveParameters parse_additive_parameters(const Predictor& predictor, const std::string& where);

}  // namespace foretime
