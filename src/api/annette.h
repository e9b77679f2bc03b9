#pragma once

#include <string>
#include <vector>

#include "api/predict.h"
#include "kernels/rules.h"

namespace foretime::api {

/// ANNETTE's own estimate: a network, a mapping model, a layer model.
struct AnnetteRequest {
  std::vector<std::string> models;  // paths, folders, zoo:NAME
  std::string mapping;  // annette_mappings(), or a path to a mapping model (.json) or to rules (.rules)
  std::string layers;   // annette_layer_models(), or a path to a layer model
  Bindings bindings;
};

/// Names of what is built in.
std::vector<std::string> annette_mappings();
std::vector<std::string> annette_layer_models();

/// Error: no mapping of that name; a file that is no mapping model.
RuleSet annette_mapping(const std::string& name_or_path);

/// Order, counts and times as ANNETTE computes them, its mistakes included; where it is wrong, a diagnostic
/// says so. ANNETTE's and MMdnn's files are taken as they are stored, all others as `convert --to annette`
/// writes them. Kernels are ANNETTE's layers, their `config` its counts and roofs. There are no intervals.
/// Error: a mapping or layer model that is none, or that needs what was never published; as predict().
PredictResult predict_annette(const AnnetteRequest& request);

}  // namespace foretime::api
