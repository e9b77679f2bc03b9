#pragma once

#include <string>
#include <vector>

#include "base/diagnostics.h"

namespace foretime::report {

/// Diagnostics as people want them: one line per code and message, warnings first, with how often and the
/// first places: "warning: unknown-operator: no rule for Foo (2 times: a, b)".
std::vector<std::string> grouped_notes(const Diagnostics& diagnostics);

}  // namespace foretime::report
