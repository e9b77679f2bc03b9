#pragma once

#include <string_view>
#include <vector>

namespace foretime::annette {

/// A file of rules/annette/, compiled in by cmake/embed.cmake.
struct EmbeddedRules {
  std::string_view name;  // of the file, without ".rules"
  std::string_view text;
};

/// Sorted by name.
std::vector<EmbeddedRules> embedded_rules();

}  // namespace foretime::annette
