#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>

namespace foretime::cli {
namespace {

std::string usage_of(const Command& command) {
  std::string text = fmt::format("foretime {}", command.name);
  if (!command.operands.empty()) text += fmt::format(" {}", command.operands);
  return command.flags.empty() ? text : text + " [flags]";
}

std::string flag_and_value(const Flag& flag) {
  return flag.value.empty() ? std::string(flag.name) : fmt::format("{} {}", flag.name, flag.value);
}

/// What it is for, "{}" being the words it takes.
std::string purpose(const Flag& flag) {
  std::string what(flag.what);
  const std::size_t place = what.find("{}");
  if (place != std::string::npos)
    what.replace(place, 2, fmt::format("{}", fmt::join(choices(flag.values), ", ")));
  return what;
}

std::string flag_lines(const Command& command) {
  std::size_t column = 22;  // wide enough for the flags of most verbs
  for (const std::string_view name : command.flags) {
    column = std::max(column, flag_and_value(flag_named(name)).size());
  }
  std::string text;
  const auto add = [&](std::string_view flag, std::string_view what) {
    text += fmt::format("  {:<{}}  {}\n", flag, column, what);
  };
  for (const std::string_view name : command.flags)
    add(flag_and_value(flag_named(name)), purpose(flag_named(name)));
  add("--help", "this text");
  return text;
}

std::string command_lines(std::string_view group) {
  std::string text;
  for (const Command& command : commands()) {
    if (!group.empty() && command.name.substr(0, command.name.find(' ')) != group) continue;
    const std::string usage = command.operands.empty() ? std::string(command.name)
                                                       : fmt::format("{} {}", command.name, command.operands);
    text += fmt::format("  {:<22}  {}\n", usage, command.what);
  }
  return text;
}

}  // namespace

std::string help() {
  return fmt::format(
      "Foretime tells how long a neural network takes on a device.\n\n"
      "usage: foretime VERB ...\n\n{}\n"
      "  --help, --version       this text, the version; foretime VERB --help: more about a verb\n\n"
      "examples:\n"
      "  foretime inspect zoo:mobilenet_v2\n"
      "  foretime predict zoo:resnet50 --device ncs2\n\n"
      "exit codes: 0 done, 1 the request failed, 2 wrong usage, 3 a batch finished and some or all of it "
      "failed\n",
      command_lines(""));
}

std::string help_of(const Command& command) {
  std::string text = fmt::format("usage: {}\n\n{}\n", usage_of(command), command.what);
  if (!command.more.empty()) text += fmt::format("{}\n", command.more);
  text += fmt::format("\nflags:\n{}\nexamples:\n", flag_lines(command));
  for (const std::string_view example : command.examples) text += fmt::format("  {}\n", example);
  return text;
}

std::string help_of_group(std::string_view group) {
  return fmt::format("usage: foretime {} VERB ...\n\n{}\nforetime {} VERB --help: more about one\n", group,
                     command_lines(group), group);
}

}  // namespace foretime::cli
