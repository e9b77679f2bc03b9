#pragma once

#include <string>
#include <vector>

namespace foretime {

enum class Severity { info, warning };

/// An expected gap or an assumption, part of the result: never a reason to stop.
struct Diagnostic {
  Severity severity = Severity::info;
  std::string code;     // kebab-case, stable
  std::string message;  // one sentence
  std::string where;    // node or file; may be empty
};

using Diagnostics = std::vector<Diagnostic>;

}  // namespace foretime
