#include "calibrate/fitted_profile.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "calibrate/noise.h"
#include "predictors/stack_parameters.h"

namespace foretime {
namespace {

/// Mean price of one unit of each resource in the networks fitted on, ms.
struct Prices {
  double work = 0;
  double memory = 0;
  double launch = 0;  // of a kernel
};

Prices prices_of(const Observations& observations, const Fitted& fitted, const Chosen& chosen) {
  const AdditiveProblem& problem = observations.problem();
  const Physics& physics = physics_named(observations.design().physics, "physics");
  const std::vector<std::string> names = column_names(physics);
  std::map<std::uint32_t, std::pair<double, double>> sums;  // of a resource: time, units
  double launches = 0;
  double kernels = 0;
  for (const std::uint32_t network : chosen) {
    for (const auto& [kernel, count] : problem.networks[network]) {
      kernels += static_cast<double>(count);
      for (const auto& [column, amount] : problem.physics[kernel]) {
        const double time = fitted.model.coefficients[column] * amount * static_cast<double>(count);
        if (names[column].ends_with(":launch")) {
          launches += time;
          continue;
        }
        auto& [total, units] = sums[problem.resources[column]];
        total += time;
        units += problem.ratios[column] * amount * static_cast<double>(count);
      }
    }
  }
  const auto price = [&](std::uint32_t resource) {
    const auto& [time, units] = sums[resource];
    return units > 0 ? time / units : 0;
  };
  return {price(kWorkResource), price(kMemoryResource), kernels > 0 ? launches / kernels : 0};
}

Roofline roofline_of(const Observations& observations, const Fitted& fitted, const Chosen& chosen) {
  constexpr double kSlowest = 1e-12;  // ms; keeps rates finite where a resource was never paid for
  const Physics& physics = physics_named(observations.design().physics, "physics");
  const Prices prices = prices_of(observations, fitted, chosen);
  Roofline roofline;
  roofline.peak_ops_per_s = physics.ops_per_work * 1e3 / std::max(prices.work, kSlowest);
  roofline.peak_bytes_per_s = physics.bytes_per_memory * 1e3 / std::max(prices.memory, kSlowest);
  roofline.kernel_overhead_ms = prices.launch;
  roofline.network_overhead_ms = fitted.model.overhead;
  return roofline;
}

AdditiveParameters parameters_of(const Observations& observations, const Fitted& fitted) {
  AdditiveParameters parameters;
  parameters.physics = observations.design().physics;
  parameters.features = observations.design().features;
  parameters.coefficients = fitted.model.coefficients;
  parameters.corrections = fitted.model.corrections;
  parameters.overhead_ms = fitted.model.overhead;
  parameters.floor_ms = fitted.model.floor;
  parameters.intervals = fitted.intervals;
  parameters.stretch = fitted.stretch;
  parameters.known = fitted.known;
  return parameters;
}

/// Of a stacked kind.
void store_stack(const Observations& observations, const Fitted& fitted, Predictor& predictor) {
  const ModelKind kind = observations.design().kind;
  StackParameters parameters;
  parameters.refinement = fitted.base->refinement;
  predictor.roofline = fitted.base->roofline;
  if (has_trees(kind)) {
    parameters.floor_ms = fitted.base->floor_ms;
    parameters.intervals = fitted.intervals;
    parameters.known = fitted.known;
    Estimator corrections;
    for (const std::string& name : observations.design().features) corrections.inputs.push_back({name});
    corrections.table = "corrections";
    corrections.forest.trees = fitted.model.corrections;
    parameters.estimators.push_back(std::move(corrections));
  } else {
    const double factor = std::exp(fitted.intervals.back().log_error);
    predictor.roofline.interval_low = std::max(1 / factor, 1e-3);
    predictor.roofline.interval_high = std::min(factor, 1e3);
  }
  store(parameters, kModelKinds[static_cast<std::size_t>(kind)], predictor);
}

AccuracyReport accuracy_of(const Observations& observations, const Chosen& chosen,
                           const std::vector<Scored>& held_out) {
  AccuracyReport report;
  report.method = "five-fold cross-validation over networks, equal structures together";
  report.figures = score(held_out);
  std::map<std::string, std::vector<Scored>> families;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    families[observations.networks()[chosen[i]].family].push_back(held_out[i]);
  }
  for (const auto& [family, rows] : families) {
    if (!family.empty()) report.families.emplace(family, score(rows));
  }
  return report;
}

}  // namespace

DeviceProfile fitted_profile(const Observations& observations, const Fitted& fitted, const Chosen& chosen,
                             const std::vector<Scored>& held_out, DeviceProfile like) {
  DeviceProfile profile = std::move(like);
  profile.fusion_rules = observations.design().fusion_rules;
  if (fitted.base) {
    store_stack(observations, fitted, profile.predictor);
  } else {
    profile.predictor.roofline = roofline_of(observations, fitted, chosen);
    store(parameters_of(observations, fitted), profile.predictor);
  }
  profile.accuracy = accuracy_of(observations, chosen, held_out);
  profile.noise_floor_percent = noise_floor_percent(observations.networks());
  return profile;
}

}  // namespace foretime
