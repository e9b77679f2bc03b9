#pragma once

#include <string>
#include <vector>

#include "api/inspect.h"
#include "report/document.h"

namespace foretime::report {

/// "foretime.inspect/1" (docs/json.md). Of a batch: one object with `inspections` and `failures`.
/// REQUIRES: a batch, or exactly one result.
std::string inspect_json(const api::Inspections& inspections);

/// One model: its layers (with kernels asked for: these, too, and CSV holds them instead). A batch: a row per
/// model.
Document inspect_document(const api::Inspections& inspections);

}  // namespace foretime::report
