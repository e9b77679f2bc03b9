#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/rules.h"

namespace foretime::annette {

/// ANNETTE's names of the mappings that are built in, and "none".
std::vector<std::string> mappings();

/// Error: no mapping of that name.
RuleSet mapping_for(std::string_view name);

/// The text of a file that a mapping model names.
using ReadFile = std::function<std::string(const std::string& path)>;

/// A mapping model as ANNETTE's JSON has it. A classifier (`est_model`) that is a decision tree in JSON
/// (docs/annette.md) becomes one rule for each way to its class 1, with conditions; `read` gives its text.
/// Error, with where = "origin" or "origin: RULE": the text is no mapping model, or needs a pickle.
RuleSet mapping_of_json(std::string_view text, const std::string& origin, const ReadFile& read);

}  // namespace foretime::annette
