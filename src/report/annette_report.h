#pragma once

#include <string>

#include "api/predict.h"
#include "report/document.h"

namespace foretime::report {

/// What ANNETTE writes for a network: {"layers": {name: ms}, "sum", "hardware", "network", "model"}; of
/// several networks a list. REQUIRES: the result is predict_annette's.
std::string annette_json(const api::PredictResult& result);

/// Its table: index, name, type, time(ms), num_ops, num_inputs, num_outputs, num_weights, difficulty1..3,
/// which repeat the time, as no layer model here has difficulties.
Document annette_document(const api::PredictResult& result);

/// Where ANNETTE would keep the result of a network below its folder of results, without suffix:
/// "LAYERMODEL/NETWORK_MAPPING".
std::string annette_place(const api::PredictionRow& row);

}  // namespace foretime::report
