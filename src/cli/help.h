#pragma once

#include <string>
#include <string_view>

#include "cli/commands.h"

namespace foretime::cli {

std::string help();
std::string help_of(const Command& command);
/// Of a group: "zoo".
std::string help_of_group(std::string_view group);

}  // namespace foretime::cli
