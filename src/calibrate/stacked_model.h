#pragma once

// Models stacked on a roofline, learnt from sums over whole networks. A kernel costs max(operations / rate,
// bytes / bandwidth) + launch, each by class of kernels. Which side of the maximum counts is not known before
// the rates are, and rates are not before that is: they are found in turn (least squares on relative errors,
// as of the additive model). Classes that no network isolates are held near the others' rates.

#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "calibrate/additive_model.h"
#include "device/device_profile.h"
#include "predictors/pricing.h"
#include "predictors/refinement.h"

namespace foretime {

/// What is stacked; the numbers follow kModelKinds.
enum class ModelKind : std::uint8_t {
  additive,     // physics times trees (calibrate/additive_model.h)
  roofline,     // rates by class
  refined,      // and the device's parallelism
  statistical,  // one rate by class, times trees
  mixed,        // refined, times trees
};
constexpr std::array<std::string_view, 5> kModelKinds = {"additive", "roofline", "refined", "statistical",
                                                         "mixed"};

constexpr bool has_trees(ModelKind kind) {
  return kind != ModelKind::roofline && kind != ModelKind::refined;
}

/// A kernel as a roofline sees it.
struct RooflineKernel {
  KernelConfig config;
  RooflineAmounts amounts;

  bool operator==(const RooflineKernel& other) const {
    return config == other.config && amounts.operations == other.amounts.operations &&
           amounts.bytes == other.amounts.bytes;
  }
};

/// The part of a stacked model that is no trees.
struct StackedBase {
  Roofline roofline;  // every class has its rates
  Refinement refinement;
  double floor_ms = 0;  // no kernel is faster before correction
};

/// Milliseconds by kernel.
std::vector<double> base_times(const StackedBase& base, std::span<const RooflineKernel> kernels);

/// Makes every time so many times as long.
void scale(StackedBase& base, double factor);

/// The parallelism of a device, of kinds that know it; empty for others. Scanned for along every dimension of
/// the classes that multiply: step sizes from 2 to 128, and how much of the loss of a part-filled step shows.
/// What lowers the error of the chosen networks stays.
Refinement scan_steps(ModelKind kind, const AdditiveProblem& problem, std::span<const RooflineKernel> kernels,
                      std::span<const std::uint32_t> chosen);

/// Fits the base of a model of that kind on the chosen networks. `problem` gives networks and latencies;
/// `kernels` are its kernels. `known`: the parallelism; null: it is scanned for. REQUIRES: the kind is not
/// additive.
StackedBase fit_base(ModelKind kind, const AdditiveProblem& problem, std::span<const RooflineKernel> kernels,
                     std::span<const std::uint32_t> chosen, const Refinement* known = nullptr);

}  // namespace foretime
