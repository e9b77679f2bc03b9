#pragma once

#include <string>
#include <vector>

#include "predictors/annette/estimate.h"

namespace foretime::annette {

/// A place where ANNETTE's estimate is wrong by what it knows itself.
struct Correction {
  std::string code;      // kebab-case, stable
  std::string message;   // one sentence
  std::string where;     // the first layer it is about
  double effect_ms = 0;  // of doing it right: positive where ANNETTE's total is too small
};

/// Layers that ANNETTE drops, counts twice, prices without their operations, reads only the first input of,
/// or whose operations it counts by the wrong size; one correction for each sort, dropped and repeated layers
/// each by name. Effects come from the same layer model, and so say nothing about the mistakes of its
/// numbers.
std::vector<Correction> corrections(const Network& network, const NetworkEstimate& estimate,
                                    const LayerModel& model);

}  // namespace foretime::annette
