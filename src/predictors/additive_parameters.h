#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "device/device_profile.h"
#include "kernels/kernel_graph.h"
#include "regressors/tree_ensemble.h"

namespace foretime {

/// Predictor kind of a profile that was fitted on whole networks (docs/fitting.md).
constexpr std::string_view kAdditiveKind = "additive";

/// Of networks of which at most this share of time is spent in kernels unlike those that were fitted on, nine
/// in ten are predicted within a factor of exp(±log_error).
struct IntervalStep {
  double novelty = 0;    // 0 … 1, ascending
  double log_error = 0;  // at least 0
};

/// The error of the first step that is not below this novelty; of the last one for anything newer.
/// REQUIRES: there is a step.
double log_error_at(const std::vector<IntervalStep>& steps, double novelty);

/// The parameters of an additive profile: t(kernel) = max(Σ coefficients · physics, floor) · exp(Σ trees).
struct AdditiveParameters {
  std::string physics;                // by name (kernels/physics.h)
  std::vector<double> coefficients;   // milliseconds by column of the physics
  std::vector<std::string> features;  // by name (kernels/features.h)
  TreeEnsemble corrections;
  double overhead_ms = 0;                   // of the network
  double floor_ms = 0;                      // of a kernel, before correction
  std::vector<IntervalStep> intervals;      // at least one; networks beyond the last one get its error
  std::unordered_set<std::uint32_t> known;  // cells of kernels that were fitted on
};

/// Corrections beyond e^6 say that something is wrong, not that a kernel is 400 times slower.
constexpr double kMostCorrection = 6;

/// Kernels of one cell resemble each other: the same kind, window and stride, and sizes within a factor of
/// about 2.
std::uint32_t cell_of(const KernelConfig& config);
/// What a cell's kernels are, whatever their sizes.
constexpr std::uint32_t sort_of_cell(std::uint32_t cell) {
  return cell / (64 * 64 * 8);
}

/// Into a profile's predictor; unpriced columns are left out.
void store(const AdditiveParameters& parameters, Predictor& predictor);
/// Error, with `where`: a key that is missing or wrong; physics, columns or features that this program does
/// not have; numbers that are not finite.
AdditiveParameters parse_additive_parameters(const Predictor& predictor, const std::string& where);

}  // namespace foretime
