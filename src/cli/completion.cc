#include "cli/completion.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/devices.h"
#include "api/zoo.h"
#include "cli/commands.h"
#include "cli/completion_scripts.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace foretime::cli {
namespace {

constexpr const char* kFiles = ":files";
constexpr std::string_view kZoo = "zoo:";

using Names = std::vector<std::string>;

Names network_names(std::string_view prefix) {
  Names names;
  for (const auto& network : api::list_zoo()) {
    names.push_back(fmt::format("{}{}", prefix, network.name));
    for (const std::string& version : network.versions) names.push_back(names.back() + "@" + version);
  }
  return names;
}

Names device_ids() {
  Names names = {"host"};
  for (const auto& entry : api::list_devices()) names.push_back(entry.id);
  names.emplace_back(kFiles);
  return names;
}

Names format_names() {
  Names names;
  for (const auto& format : api::list_formats()) {
    if (format.directions.find("write") != std::string::npos) names.push_back(format.name);
  }
  return names;
}

/// What a value of this kind may be; networks only once "zoo:" is typed, for there are many.
Names candidates(Values values, const std::string& current) {
  switch (values) {
    case Values::model:
      if (current.starts_with(kZoo)) return network_names(kZoo);
      return {std::string(kZoo), kFiles};
    case Values::network:
      return network_names("");
    case Values::device:
      return device_ids();
    case Values::model_format:
      return format_names();
    case Values::file:
      return {kFiles};
    default:
      return choices(values);
  }
}

std::string starting_with(const std::string& current, const Names& names) {
  std::string text;
  for (const std::string& name : names) {
    if (name == kFiles || name.starts_with(current)) text += name + "\n";
  }
  return text;
}

const Flag* value_flag(const Command& command, std::string_view word) {
  for (const std::string_view name : command.flags) {
    if (name == word && !flag_named(name).value.empty()) return &flag_named(name);
  }
  return nullptr;
}

/// `before`: the words between the command and the one to complete.
std::string complete_argument(const Command& command, std::span<const std::string> before,
                              const std::string& current) {
  if (!before.empty()) {
    if (const Flag* flag = value_flag(command, before.back())) {
      return starting_with(current, candidates(flag->values, current));
    }
  }
  const std::size_t equals = current.find('=');
  if (current.starts_with("--") && equals != std::string::npos) {
    const Flag* flag = value_flag(command, current.substr(0, equals));
    if (flag == nullptr) return {};
    Names names = candidates(flag->values, current.substr(equals + 1));
    for (std::string& name : names) {
      if (name != kFiles) name = current.substr(0, equals + 1) + name;
    }
    return starting_with(current, names);
  }
  if (current.starts_with('-')) {
    Names names(command.flags.begin(), command.flags.end());
    names.emplace_back("--help");
    return starting_with(current, names);
  }
  return starting_with(current, candidates(command.values, current));
}

}  // namespace

std::string complete(std::span<const std::string> words) {
  if (words.empty()) return {};
  const std::string& current = words.back();
  std::span<const std::string> before = words.first(words.size() - 1);
  if (before.empty()) {
    Names names = verbs();
    names.insert(names.end(), {"--help", "--version"});
    return starting_with(current, names);
  }
  if (before.size() == 1 && !verbs_of(before.front()).empty()) {
    return starting_with(current, verbs_of(before.front()));
  }
  const Command* command = take_command(before);
  return command == nullptr ? std::string{} : complete_argument(*command, before, current);
}

int run_completion(const Arguments& arguments) {
  const Names shells = choices(Values::shell);
  const std::string& shell = arguments.operands.front();
  const auto found = std::find(shells.begin(), shells.end(), shell);
  if (found == shells.end()) {
    throw UsageError("completion", fmt::format("'{}' is not a shell it knows", shell),
                     fmt::format("one of {}", fmt::join(shells, ", ")));
  }
  constexpr std::string_view kScripts[] = {kBashScript, kZshScript,
                                           kFishScript};  // in the order of the shells
  write_result(arguments, kScripts[found - shells.begin()]);
  return 0;
}

}  // namespace foretime::cli
