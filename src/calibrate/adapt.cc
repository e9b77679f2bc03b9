#include "calibrate/adapt.h"

#include <algorithm>
#include <cmath>

#include "regressors/nnls.h"

namespace foretime {

Fitted adapt(const Observations& observations, const Fitted& fitted, const Chosen& few) {
  const AdditiveProblem& problem = observations.problem();
  const std::size_t columns = problem.columns;
  const double count = static_cast<double>(few.size());
  NormalEquations equations(columns);
  for (const std::uint32_t network : few) {
    std::vector<double> shares(columns);
    double rest = fitted.model.overhead;  // not in any column
    for (const auto& [kernel, times] : problem.networks[network]) {
      double base = 0;
      for (const auto& [column, amount] : problem.physics[kernel])
        base += fitted.model.coefficients[column] * amount;
      const double time = fitted.times[kernel] * static_cast<double>(times);
      if (base < fitted.model.floor) {
        rest += time;
        continue;
      }
      for (const auto& [column, amount] : problem.physics[kernel]) {
        shares[column] +=
            fitted.model.coefficients[column] * amount / base * time / problem.latencies[network];
      }
    }
    equations.add(shares, 1 - rest / problem.latencies[network]);
  }
  const double lambda = std::max(0.001, 7 / (count * count * count));
  const std::vector<double> ones(columns, 1);
  const std::vector<double> multipliers = equations.non_negative(ones, lambda / count);
  Fitted adapted = fitted;
  for (std::size_t j = 0; j < columns; ++j) adapted.model.coefficients[j] *= multipliers[j];
  adapted.times = kernel_times(adapted.model, problem);
  for (const std::uint32_t network : few) {
    for (const auto& [kernel, times] : problem.networks[network])
      adapted.known.insert(observations.cells()[kernel]);
  }
  return adapted;
}

}  // namespace foretime
