#include "cli/parse.h"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "base/suggest.h"

namespace foretime::cli {
namespace {

bool is_value_flag(const Command& command, const std::string& word) {
  return std::any_of(command.flags.begin(), command.flags.end(),
                     [&](std::string_view name) { return name == word && !flag_named(name).value.empty(); });
}

/// `--sort -macs` becomes `--sort=-macs`: the parser would take the value for a flag.
std::vector<std::string> with_dashes_bound(const Command& command, std::span<const std::string> words) {
  std::vector<std::string> bound;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool value_follows = i + 1 < words.size() && words[i + 1].starts_with('-') &&
                               !words[i + 1].starts_with("--") && is_value_flag(command, words[i]);
    if (value_follows) {
      bound.push_back(words[i] + "=" + words[i + 1]);
      ++i;
    } else {
      bound.push_back(words[i]);
    }
  }
  return bound;
}

[[noreturn]] void fail_unknown(const Command& command, const std::vector<std::string>& extras) {
  const auto dashed = std::find_if(extras.begin(), extras.end(),
                                   [](const std::string& word) { return word.starts_with('-'); });
  if (dashed == extras.end()) {
    throw UsageError(std::string(command.name), fmt::format("'{}' is one word too many", extras.front()),
                     fmt::format("foretime {} {}", command.name, command.operands));
  }
  const std::string name = dashed->substr(0, dashed->find('='));
  const std::vector<std::string> known(command.flags.begin(), command.flags.end());
  const std::string close = closest(name, known);
  throw UsageError(name, fmt::format("{} has no such flag", command.name),
                   close.empty() ? fmt::format("see foretime {} --help", command.name)
                                 : fmt::format("did you mean {}?", close));
}

void check_operands(const Command& command, const std::vector<std::string>& operands) {
  if (operands.size() > command.most) fail_unknown(command, {operands[command.most]});
  if (operands.size() < command.least) {
    throw UsageError(std::string(command.name),
                     operands.empty() ? "needs an argument" : "needs one more argument",
                     fmt::format("foretime {} {}", command.name, command.operands));
  }
}

/// Values given to each flag, in the order of the flags; a switch has one empty value per time.
struct Given {
  const Flag* flag = nullptr;
  std::vector<std::string> values;
  bool on = false;
};

void add_flag(CLI::App& app, Given& given) {
  const std::string name(given.flag->name);
  if (given.flag->value.empty()) {
    app.add_flag(name, given.on);
  } else {
    app.add_option(name, given.values)->take_all()->allow_extra_args(false);
  }
}

void parse_words(CLI::App& app, const Command& command, std::span<const std::string> words) {
  std::vector<std::string> reversed = with_dashes_bound(command, words);
  std::reverse(reversed.begin(), reversed.end());  // the parser takes words off the end
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ExtrasError&) {
    fail_unknown(command, app.remaining());
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string text = error.what();  // "--format: 1 required TEXT missing"
    throw UsageError(text.substr(0, text.find(':')), "needs a value");
  } catch (const CLI::ParseError& error) {
    throw UsageError(std::string(command.name), error.what());
  }
}

void apply(Arguments& arguments, const Given& given) {
  if (given.on) given.flag->set(arguments, "");
  constexpr std::array<std::string_view, 7> kRepeatable = {
      "--dim", "--shape", "--device", "--from", "--input", "--runtime-option", "--runtime-option-b"};
  const bool once = std::find(kRepeatable.begin(), kRepeatable.end(), given.flag->name) == kRepeatable.end();
  if (once && given.values.size() > 1)
    throw UsageError(std::string(given.flag->name), "is given twice", "once is enough");
  for (const std::string& value : given.values) given.flag->set(arguments, value);
}

/// The JSON is a contract: it holds the whole result, in its own order.
void check_selection(const Arguments& arguments) {
  const report::Selection& selection = arguments.selection;
  const bool selects = !selection.columns.empty() || !selection.sort.empty() || selection.top;
  if (!selects || arguments.format != OutputFormat::json) return;
  throw UsageError("--format json", "always holds the whole result: it takes no --columns, --sort, --top",
                   "with table, csv, markdown or html they work");
}

/// Elsewhere each number of threads is a measurement of its own.
void check_threads(const Command& command, const Arguments& arguments) {
  if (arguments.threads.size() < 2 || command.name == "calibrate") return;
  throw UsageError("--threads", fmt::format("is given {} numbers", arguments.threads.size()),
                   "one number; several only for calibrate");
}

}  // namespace

Arguments parse(const Command& command, std::span<const std::string> words) {
  CLI::App app;
  app.set_help_flag("");
  std::vector<Given> given(command.flags.size());
  for (std::size_t i = 0; i < given.size(); ++i) {
    given[i].flag = &flag_named(command.flags[i]);
    add_flag(app, given[i]);
  }
  Arguments arguments;
  if (command.most > 0) {
    constexpr int kNoLimit = 1 << 20;  // too many are counted below, where the message is ours
    app.add_option("operands", arguments.operands)->expected(0, kNoLimit);
  }
  parse_words(app, command, words);
  for (const Given& flag : given) apply(arguments, flag);
  check_operands(command, arguments.operands);
  check_selection(arguments);
  check_threads(command, arguments);
  return arguments;
}

}  // namespace foretime::cli
