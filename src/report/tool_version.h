#pragma once

#include <string_view>

namespace foretime::report {

/// "0.1.0".
std::string_view tool_version();

}  // namespace foretime::report
