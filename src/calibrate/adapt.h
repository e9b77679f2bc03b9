#pragma once

#include "calibrate/fitted.h"

namespace foretime {

/// What a network's predicted time is made of, milliseconds.
struct Parts {
  std::vector<double> columns;  // paid for each physical column, corrections by trees included
  double rest = 0;              // in no column
};
/// `times` are those of the model's kernels.
Parts parts_of(const AdditiveProblem& problem, const AdditiveModel& model, std::span<const double> times,
               std::uint32_t network);

/// The model moved towards a few networks of a kind it was not fitted on. Each physical column's price is
/// multiplied by a ≥ 0 that minimises Σ (q·a − 1)² + λ Σ (a_j − 1)², where q_j is the column's share of a
/// network's measured time, corrections by trees included. λ = max(0.001, 7 / n³) for n networks: one network
/// says that something is off, ten say what.
Fitted adapt(const Observations& observations, const Fitted& fitted, const Chosen& few);

/// The model of another device moved to the one of which few networks were measured: first every price by one
/// factor s (log s is the mean of log measured / predicted), then each column's as in `adapt`, held near s by
/// λ Σ (a_j / s − 1)² with λ = 0.01. Without networks it is the model as it was.
Fitted transfer(const Observations& observations, const Fitted& fitted, const Chosen& few);

}  // namespace foretime
