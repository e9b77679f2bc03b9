#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace foretime {

/// Reads a document without making one: `events` is told what stands there, in order. Keys may occur several
/// times in an object. Error: as parse_json; `events` refused (returned false) what is JSON.
void read_json(std::string_view text, const std::string& origin, nlohmann::json_sax<Json>& events);

}  // namespace foretime
