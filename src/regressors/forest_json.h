#pragma once

#include <string>
#include <string_view>

#include "regressors/forest.h"

namespace foretime {

/// A forest as python/foretime_export_forest.py writes it (docs/forests.md).
/// Error, with where = "origin: /path": no such JSON; arrays of different lengths; broken trees.
Forest parse_forest_json(std::string_view text, const std::string& origin);

}  // namespace foretime
