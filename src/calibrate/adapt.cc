#include "calibrate/adapt.h"

#include <algorithm>
#include <cmath>

#include "regressors/nnls.h"

namespace foretime {
namespace {

/// Of transfer. Between two GPUs of a kind, with ten networks, 0.003 to 0.03 do alike (99.5 % within ±10 %);
/// with 0.0001 or 1 it is 94 and 80 %.
constexpr double kTransferStrength = 0.01;

/// The model with its columns' prices multiplied, each near `prior`, and the rest by `prior`.
Fitted reprice(const Observations& observations, const Fitted& fitted, const Chosen& few, double prior,
               double lambda) {
  const AdditiveProblem& problem = observations.problem();
  NormalEquations equations(problem.columns);
  for (const std::uint32_t network : few) {
    Parts parts = parts_of(problem, fitted.model, fitted.times, network);
    for (double& column : parts.columns) column /= problem.latencies[network];
    equations.add(parts.columns, 1 - prior * parts.rest / problem.latencies[network]);
  }
  const std::vector<double> priors(problem.columns, prior);
  const std::vector<double> multipliers =
      equations.non_negative(priors, lambda / static_cast<double>(few.size()));
  Fitted repriced = fitted;
  for (std::size_t j = 0; j < problem.columns; ++j) repriced.model.coefficients[j] *= multipliers[j];
  repriced.model.overhead *= prior;
  repriced.model.floor *= prior;
  // Trees correct as they did: only bases change.
  for (std::uint32_t kernel = 0; kernel < repriced.times.size(); ++kernel) {
    const double before = base_time(fitted.model, problem, kernel);
    if (before > 0) repriced.times[kernel] *= base_time(repriced.model, problem, kernel) / before;
  }
  for (const std::uint32_t network : few) {
    for (const auto& [kernel, times] : problem.networks[network])
      repriced.known.insert(observations.cells()[kernel]);
  }
  return repriced;
}

/// Stacked kinds have no columns: classes of kernels take their place.
Fitted adapt_classes(const Observations& observations, const Fitted& fitted, const Chosen& few,
                     double lambda) {
  const AdditiveProblem& problem = observations.problem();
  const std::span<const KernelClass> classes = kernel_classes();
  const auto class_of = [&](std::uint32_t kernel) {
    const std::string_view name = info(observations.kernels()[kernel].config.kind).kernel_class;
    const auto found = std::find_if(classes.begin(), classes.end(),
                                    [&](const KernelClass& each) { return each.name == name; });
    return static_cast<std::size_t>(found - classes.begin());
  };
  NormalEquations equations(classes.size());
  for (const std::uint32_t network : few) {
    std::vector<double> shares(classes.size());
    for (const auto& [kernel, count] : problem.networks[network]) {
      shares[class_of(kernel)] +=
          fitted.times[kernel] * static_cast<double>(count) / problem.latencies[network];
    }
    equations.add(shares, 1);
  }
  const std::vector<double> multipliers = equations.non_negative(std::vector<double>(classes.size(), 1),
                                                                 lambda / static_cast<double>(few.size()));
  Fitted adapted = fitted;
  for (std::uint32_t kernel = 0; kernel < adapted.times.size(); ++kernel)
    adapted.times[kernel] *= multipliers[class_of(kernel)];
  return adapted;
}

}  // namespace

Parts parts_of(const AdditiveProblem& problem, const AdditiveModel& model, std::span<const double> times,
               std::uint32_t network) {
  Parts parts{std::vector<double>(problem.columns), model.overhead};
  for (const auto& [kernel, count] : problem.networks[network]) {
    double base = 0;
    for (const auto& [column, amount] : problem.physics[kernel]) base += model.coefficients[column] * amount;
    const double time = times[kernel] * static_cast<double>(count);
    if (base < model.floor || base == 0) {
      parts.rest += time;
      continue;
    }
    for (const auto& [column, amount] : problem.physics[kernel])
      parts.columns[column] += model.coefficients[column] * amount / base * time;
  }
  return parts;
}

Fitted adapt(const Observations& observations, const Fitted& fitted, const Chosen& few) {
  const double count = static_cast<double>(few.size());
  const double lambda = std::max(0.001, 7 / (count * count * count));
  if (fitted.base) return adapt_classes(observations, fitted, few, lambda);
  return reprice(observations, fitted, few, 1, lambda);
}

Fitted transfer(const Observations& observations, const Fitted& fitted, const Chosen& few) {
  if (few.empty()) return fitted;
  const AdditiveProblem& problem = observations.problem();
  double sum = 0;
  for (const std::uint32_t network : few) {
    sum += std::log(problem.latencies[network] / network_time(fitted.model, problem, fitted.times, network));
  }
  return reprice(observations, fitted, few, std::exp(sum / static_cast<double>(few.size())),
                 kTransferStrength);
}

}  // namespace foretime
