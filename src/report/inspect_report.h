#pragma once

#include <string>
#include <vector>

#include "api/inspect.h"
#include "report/document.h"

namespace foretime::report {

/// What `inspect` found: one model, or those of a batch that could be read.
struct Inspections {
  std::vector<api::InspectResult> results;
  std::vector<api::Failure> failures;
  bool batch = false;
  Diagnostics diagnostics;  // of the request, besides each model's own
};

/// "foretime.inspect/1" (docs/json.md). Of a batch: one object with `inspections` and `failures`.
/// REQUIRES: a batch, or exactly one result.
std::string inspect_json(const Inspections& inspections);

/// One model: its layers (with kernels asked for: these, too, and CSV holds them instead). A batch: a row per
/// model.
Document inspect_document(const Inspections& inspections);

}  // namespace foretime::report
