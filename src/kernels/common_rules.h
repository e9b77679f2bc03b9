#pragma once

#include <string_view>

namespace foretime {

/// Spellings of one and the same operation, as exporters write them: blocks that every device has, in the
/// rule language (docs/fusion-rules.md). The detector knows their names.
std::string_view common_rules();

}  // namespace foretime
