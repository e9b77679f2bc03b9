#pragma once

// A fitted model of a device with what it needs to say how sure it is.

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "calibrate/additive_model.h"
#include "calibrate/observations.h"
#include "calibrate/scores.h"
#include "predictors/additive_parameters.h"

namespace foretime {

/// Numbers of networks in Observations.
using Chosen = std::vector<std::uint32_t>;

/// A step of a long fit is done: `done` of `all`, and what it was.
using StepProgress = std::function<void(int done, int all, const std::string& what)>;

/// A model and where it is at home.
struct Fitted {
  AdditiveModel model;
  std::vector<double> times;                // by kernel of the observations
  std::unordered_set<std::uint32_t> known;  // cells of kernels in at least kLeastNetworks of those fitted on
  std::vector<IntervalStep> intervals;      // empty: not calibrated

  constexpr static int kLeastNetworks = 2;
};

/// Fits on the chosen networks, without intervals.
Fitted fit(const Observations& observations, const Chosen& chosen, const AdditiveOptions& options);

/// Gives it intervals by cross-validation inside `chosen`: networks of known families are predicted by models
/// that did not see them (five folds by structure), whole families by models without theirs. The 90 %
/// quantile of their errors is taken in steps of novelty, each step at least as wide as the one before (split
/// conformal, Mondrian by novelty: Vovk, Gammerman, Shafer 2005). Returns the folds' predictions of all
/// chosen networks, in their order: what the profile reports as accuracy. Error: no two networks differ.
std::vector<Scored> calibrate_intervals(const Observations& observations, const Chosen& chosen,
                                        const AdditiveOptions& options, Fitted& fitted,
                                        const StepProgress& progress);

/// One network's time with its interval.
Scored predict(const Observations& observations, const Fitted& fitted, std::uint32_t network);

/// Share of the network's predicted time in kernels unlike those that were fitted on.
double novelty(const Observations& observations, const Fitted& fitted, std::uint32_t network);

}  // namespace foretime
