#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"
#include "cli/flags.h"

namespace foretime::cli {

/// One verb, or one of a group's ("zoo list"). The table of them all feeds dispatch, help, completion and
/// suggestions.
struct Command {
  std::string_view name;
  std::string_view operands;  // as help shows them: "MODEL..."
  std::size_t least = 0;      // how many of them
  std::size_t most = 0;
  Values values = Values::none;  // what they are
  std::string_view what;
  std::string_view more;  // a paragraph for its help; may be empty
  std::span<const std::string_view> flags;
  std::span<const std::string_view> examples;  // they work as they stand
  int (*run)(const Arguments&) = nullptr;      // the exit code
};

constexpr std::size_t kAnyNumber = static_cast<std::size_t>(-1);

std::span<const Command> commands();

/// The command that `words` begin with; takes its name off them. Null: they name none.
const Command* take_command(std::span<const std::string>& words);

/// First words of all commands, each once; or the second words of one group.
std::vector<std::string> verbs();
std::vector<std::string> verbs_of(std::string_view group);

}  // namespace foretime::cli
