#pragma once

#include <string_view>
#include <vector>

namespace foretime::runtime {

/// A file of rules/runtime/, compiled in by cmake/embed.cmake: what a runtime fuses, by the runtime's name.
struct EmbeddedRules {
  std::string_view name;  // of the file, without ".rules"
  std::string_view text;
};

/// Sorted by name.
std::vector<EmbeddedRules> embedded_rules();

}  // namespace foretime::runtime
