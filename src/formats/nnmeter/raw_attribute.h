#pragma once

#include <optional>

#include "base/json.h"
#include "graph/attribute.h"

namespace foretime::nnmeter {

/// A JSON value as an attribute: numbers, strings, lists of either; absent for anything else. Booleans are 0
/// and 1; a list with one float in it is a list of floats.
std::optional<Attribute> attribute_of(const Json& json);

}  // namespace foretime::nnmeter
