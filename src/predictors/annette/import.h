#pragma once

#include <functional>
#include <string>

#include "base/diagnostics.h"
#include "device/device_profile.h"
#include "kernels/rules.h"
#include "predictors/annette/layer_model.h"
#include "regressors/forest.h"

namespace foretime::annette {

/// The forest that stands for a pickle (est_model). Error: there is none.
using FindForest = std::function<Forest(const std::string& est_model)>;

/// A layer model of ANNETTE as a profile of ours, of the kind that its entries are of: roofline, refined,
/// statistical, mixed. `mapping`: its mapping model, or null. Identity but for `device`, and provenance, are
/// for the caller. Types of layers become classes and kinds of kernels, height and width get one convention,
/// rates count as ours do (docs/annette.md); what has no place in a profile is a diagnostic. Error, with
/// where = "origin: TYPE": no entry Base; rates that no profile may hold; an estimator that is missing, or
/// that asks for what kernels do not have.
DeviceProfile profile_of(const LayerEntries& model, const RuleSet* mapping, const std::string& origin,
                         const FindForest& find_forest, Diagnostics& diagnostics);

/// A mapping model in the words of our rules, one a line. What our rules cannot say is left out, with a
/// diagnostic.
std::string fusion_rules_of(const RuleSet& mapping, Diagnostics& diagnostics);

}  // namespace foretime::annette
