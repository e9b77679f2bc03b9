#pragma once

#include <string>
#include <string_view>

#include "kernels/rules.h"

namespace foretime {

/// Spellings of one and the same operation, as exporters write them: blocks that every device has, in the
/// rule language (docs/fusion-rules.md). The detector knows their names.
std::string_view common_rules();

/// A device's own rules and, behind them, the common ones. Error: as parse_rules.
RuleSet with_common_rules(std::string_view own, const std::string& origin);

}  // namespace foretime
