#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace foretime {

/// As parse_json, but keys may occur several times in an object, as in files that Python wrote and reads:
/// iterating meets all of them, in their order.
Json parse_json_with_repeated_keys(std::string_view text, const std::string& origin);

}  // namespace foretime
