#pragma once

#include <string>

#include "api/predict.h"
#include "report/document.h"

namespace foretime::report {

/// "foretime.predict/1" (docs/json.md).
std::string predict_json(const api::PredictResult& result);

/// One model: a row per device. Several: a row per model with the devices side by side, then what the
/// devices' numbers rest on. With `kernels`: these of every prediction, too, and CSV holds them instead.
Document predict_document(const api::PredictResult& result, bool kernels);

}  // namespace foretime::report
