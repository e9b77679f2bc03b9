#pragma once

#include <string>

#include "api/calibrate.h"
#include "api/probe_fusion.h"
#include "report/document.h"

namespace foretime::report {

/// "foretime.calibrate/1" (docs/json.md): as fit, and what was measured.
std::string calibrate_json(const api::CalibrateResult& result);
Document calibrate_document(const api::CalibrateResult& result);

/// "foretime.calibrate/1" of --probe-fusion: the neighbours instead.
std::string probe_json(const api::ProbeResult& result);
Document probe_document(const api::ProbeResult& result);

}  // namespace foretime::report
