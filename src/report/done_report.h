#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"

namespace foretime::report {

/// A verb whose result is a file: which, and what there is to note.
std::string done_json(std::string_view verb, const std::string& path, const Diagnostics& diagnostics);
/// The same of several files: the first is `output`, all are `outputs`. REQUIRES: there is one.
std::string done_json(std::string_view verb, const std::vector<std::string>& paths,
                      const Diagnostics& diagnostics);

}  // namespace foretime::report
