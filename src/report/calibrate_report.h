#pragma once

#include <string>

#include "api/calibrate.h"
#include "report/document.h"

namespace foretime::report {

/// "foretime.calibrate/1" (docs/json.md): as fit, and what was measured.
std::string calibrate_json(const api::CalibrateResult& result);
Document calibrate_document(const api::CalibrateResult& result);

}  // namespace foretime::report
