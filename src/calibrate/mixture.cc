#include "calibrate/mixture.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "regressors/nnls.h"

namespace foretime {
namespace {

/// The geometric mean of measured / predicted; without networks 1.
double scale_of(const Observations& observations, const Fitted& known, const Chosen& few) {
  const AdditiveProblem& problem = observations.problem();
  if (few.empty()) return 1;
  double sum = 0;
  for (const std::uint32_t network : few)
    sum += std::log(problem.latencies[network] / network_time(known.model, problem, known.times, network));
  return std::exp(sum / static_cast<double>(few.size()));
}

/// Of the scaled models.
std::vector<double> weights_of(const Observations& observations, std::span<const Fitted* const> known,
                               std::span<const double> scales, const Chosen& few) {
  const AdditiveProblem& problem = observations.problem();
  const double devices = static_cast<double>(known.size());
  const std::vector<double> equal(known.size(), 1 / devices);
  if (few.empty()) return equal;
  NormalEquations equations(known.size());
  std::vector<double> row(known.size());
  for (const std::uint32_t network : few) {
    for (std::size_t i = 0; i < known.size(); ++i) {
      row[i] = scales[i] * network_time(known[i]->model, problem, known[i]->times, network) /
               problem.latencies[network];
    }
    equations.add(row, 1);
  }
  return equations.non_negative(equal,
                                kMixtureNoise * kMixtureNoise / (devices * static_cast<double>(few.size())));
}

/// At each step of the first model's, what the surest model says.
std::vector<IntervalStep> narrowest(std::span<const Fitted* const> known) {
  std::vector<IntervalStep> steps = known[0]->intervals;
  for (IntervalStep& step : steps) {
    for (const Fitted* each : known)
      step.log_error = std::min(step.log_error, log_error_at(each->intervals, step.novelty));
  }
  return steps;
}

}  // namespace

Fitted mix(const Observations& observations, std::span<const Fitted* const> known, const Chosen& few) {
  const AdditiveProblem& problem = observations.problem();
  std::vector<double> scales;
  for (const Fitted* each : known) scales.push_back(scale_of(observations, *each, few));
  const std::vector<double> weights = weights_of(observations, known, scales, few);
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);

  Fitted mixed;
  mixed.model.coefficients.resize(problem.columns);
  std::vector<TreeEnsemble::Term> trees;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (weights[i] == 0) continue;
    const AdditiveModel& model = known[i]->model;
    const double weight = weights[i] * scales[i];
    for (std::size_t j = 0; j < problem.columns; ++j)
      mixed.model.coefficients[j] += weight * model.coefficients[j];
    mixed.model.overhead += weight * model.overhead;
    mixed.model.floor += weight * model.floor;
    trees.push_back({model.corrections, weights[i] / sum});
    mixed.known.insert(known[i]->known.begin(), known[i]->known.end());
  }
  mixed.model.corrections = TreeEnsemble(problem.features, trees);
  mixed.times = kernel_times(mixed.model, problem);
  mixed.intervals = narrowest(known);
  for (const std::uint32_t network : few) {
    for (const auto& [kernel, count] : problem.networks[network])
      mixed.known.insert(observations.cells()[kernel]);
  }
  return mixed;
}

}  // namespace foretime
