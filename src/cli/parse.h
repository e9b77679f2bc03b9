#pragma once

#include <span>
#include <string>

#include "cli/arguments.h"
#include "cli/commands.h"

namespace foretime::cli {

/// The words behind a command's name. UsageError: a flag that the command does not have, a value that is
/// missing or wrong, too few or too many operands.
Arguments parse(const Command& command, std::span<const std::string> words);

}  // namespace foretime::cli
