#pragma once

// A fitted model of a device with what it needs to say how sure it is.

#include <functional>
#include <optional>
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
  std::optional<StackedBase> base;          // of stacked kinds, instead of the model's columns
  std::vector<double> times;                // by kernel of the observations
  std::unordered_set<std::uint32_t> known;  // cells of kernels in at least kLeastNetworks of those fitted on
  std::vector<IntervalStep> intervals;      // empty: not calibrated
  IntervalStretch stretch;                  // of these

  constexpr static int kLeastNetworks = 2;
};

/// Fits on the chosen networks, without intervals, a model of the kind that the observations were made for.
/// Of stacked kinds: `known` is a parallelism found before; null: it is scanned for. Of the additive kind:
/// only kernels of the networks `needed` get times; null: all do.
Fitted fit(const Observations& observations, const Chosen& chosen, const AdditiveOptions& options,
           const Refinement* known = nullptr, const Chosen* needed = nullptr);

/// How far off a network was predicted that its model did not see.
struct Residual {
  double novelty = 0;
  double log_error = 0;     // absolute
  double milliseconds = 0;  // predicted
};

struct Calibrated {
  Fitted fitted;
  /// The folds' predictions of all chosen networks, in their order: what the profile reports as accuracy.
  std::vector<Scored> held_out;
  /// The same of what was timed by itself, by part of the problem, ms; 0 of networks that are not chosen.
  std::vector<double> held_out_parts;
  std::vector<Residual> residuals;  // of all chosen networks, in their order
  std::vector<Residual> abroad;     // of networks whose whole family was left out
};

/// Fits on the chosen networks, with intervals by cross-validation among them: networks of known families are
/// predicted by models that did not see them (five folds by structure), whole families by models without
/// theirs; `apart` are the options of these models. The 90 % quantile of their errors is taken in steps of
/// novelty, each step at least as wide as the one before (split conformal, Mondrian by novelty: Vovk,
/// Gammerman, Shafer 2005). All these models are fitted at the same time, one on a processor. Error: no two
/// networks differ.
Calibrated fit_with_intervals(const Observations& observations, const Chosen& chosen,
                              const AdditiveOptions& options, const AdditiveOptions& apart,
                              const StepProgress& progress);

/// How much less longer runs are off than shorter ones, by the errors of some of the chosen networks; few of
/// them say nothing. Before set_intervals, which scales errors by it (normalised conformal prediction:
/// Papadopoulos and others 2002).
void set_stretch(std::span<const std::size_t> places, Calibrated& calibrated);

/// Intervals for all by the errors of some of the chosen networks alone; `places` among the chosen.
void set_intervals(const Observations& observations, std::span<const std::size_t> places,
                   Calibrated& calibrated);

/// One network's time with its interval.
Scored predict(const Observations& observations, const Fitted& fitted, std::uint32_t network);

/// Share of the network's predicted time in kernels unlike those that were fitted on.
double novelty(const Observations& observations, const Fitted& fitted, std::uint32_t network);

}  // namespace foretime
