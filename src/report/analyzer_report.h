#pragma once

#include <string>

#include "api/inspect.h"

namespace foretime::report {

/// The table and the five total lines that DNN analyzer prints, character by character
/// (docs/dnn-analyzer.md). Shares of time are "-": it measured while it counted, inspect does not.
/// Layers without its columns (those that call no module) have no row.
std::string print_analyzer(const api::InspectResult& result);

}  // namespace foretime::report
