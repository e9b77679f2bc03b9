#pragma once

#include <string>
#include <string_view>

#include "base/diagnostics.h"

namespace foretime::report {

/// A verb whose result is a file: which, and what there is to note.
std::string done_json(std::string_view verb, const std::string& path, const Diagnostics& diagnostics);

}  // namespace foretime::report
