#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace foretime {

/// Keys stay in the order of the document.
using Json = nlohmann::ordered_json;

/// A JSON document that nobody vouches for: nested at most 512 deep, no key twice in one object. Takes time
/// and memory linear in the text (nlohmann's own reader of ordered_json takes quadratic time on an object of
/// many keys). Error, with where = "origin:line:column": the text is not JSON.
Json parse_json(std::string_view text, const std::string& origin);

}  // namespace foretime
