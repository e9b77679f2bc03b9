#pragma once

#include <string_view>

namespace foretime {

/// Of this program: "0.1.0".
std::string_view version();

}  // namespace foretime
