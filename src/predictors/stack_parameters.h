#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "predictors/estimator.h"
#include "predictors/novelty.h"
#include "predictors/refinement.h"

namespace foretime {

/// Predictor kinds whose kernels are priced by regressors, stacked on the profile's roofline; `mixed` also
/// knows the device's parallelism.
constexpr std::string_view kStatisticalKind = "statistical";
constexpr std::string_view kMixedKind = "mixed";

/// What a predictor adds to the roofline of its profile. Its kinds fill in: roofline nothing; refined the
/// parallelism alone; statistical all but the parallelism; mixed all.
struct StackParameters {
  Refinement refinement;
  std::vector<Estimator>
      estimators;       // the first that fits a kernel prices it; without one, the refined roofline
  double floor_ms = 0;  // no kernel is faster by the roofline
  std::vector<IntervalStep> intervals;  // empty: those of the roofline
  KnownCells known;                     // of kernels fitted on; where there are intervals
};

/// Into a predictor of that kind. REQUIRES: the parameters are of that kind.
void store(const StackParameters& parameters, std::string_view kind, Predictor& predictor);
/// Error, with `where`: a key that is missing, wrong or unknown; broken trees.
StackParameters parse_stack_parameters(const Predictor& predictor, const std::string& where);

}  // namespace foretime
