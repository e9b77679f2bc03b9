#pragma once

#include <algorithm>
#include <string_view>

namespace foretime::zoo {

/// The row of a family's table with that name.
/// REQUIRES: it is there (the registry names no others).
template <typename Table>
const auto& variant_named(const Table& table, std::string_view name) {
  return *std::find_if(table.begin(), table.end(), [&](const auto& variant) { return variant.name == name; });
}

}  // namespace foretime::zoo
