#include "cli/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <new>
#include <span>

#include "base/suggest.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/completion.h"
#include "cli/help.h"
#include "cli/parse.h"
#include "cli/terminal.h"

namespace foretime::cli {
namespace {

using Words = std::span<const std::string>;

bool asks_for_help(Words words) {
  const auto end = std::find(words.begin(), words.end(), "--");
  return std::any_of(words.begin(), end,
                     [](const std::string& word) { return word == "--help" || word == "-h"; });
}

int print(const std::string& text) {
  write_result({}, text);
  return 0;
}

[[noreturn]] void fail_no_command(Words words) {
  const std::string& word = words.front();
  if (word.starts_with('-')) throw UsageError(word, "a verb comes first", "see foretime --help");
  const auto members = verbs_of(word);
  if (members.empty()) throw UsageError(word, "no such verb", suggestion(word, verbs()));
  if (words.size() == 1) throw UsageError(word, "needs a verb of its own", suggestion("", members));
  throw UsageError(fmt::format("{} {}", word, words[1]), "no such verb", suggestion(words[1], members));
}

int dispatch(Words words) {
  if (words.empty()) throw UsageError("", "a verb is missing", suggestion("", verbs()));
  if (words.front() == "__complete") return print(complete(words.subspan(1)));
  if (words.front() == "--version") return print(fmt::format("foretime {}\n", version()));
  if (words.front() == "help") {
    const std::vector<std::string> topic(words.begin() + 1, words.end());
    std::vector<std::string> asked = topic;
    asked.emplace_back("--help");
    return dispatch(asked);
  }
  if (words.front() == "--help" || words.front() == "-h") return print(help());
  Words rest = words;
  const Command* command = take_command(rest);
  if (command == nullptr) {
    const bool group = !verbs_of(words.front()).empty();
    if (group && words.size() == 2 && asks_for_help(words)) return print(help_of_group(words.front()));
    fail_no_command(words);
  }
  if (asks_for_help(rest)) return print(help_of(*command));
  return command->run(parse(*command, rest));
}

}  // namespace

int run(const std::vector<std::string>& words) {
  try {
    return dispatch(words);
  } catch (const UsageError& error) {
    write_error(error.what());
    return 2;
  } catch (const std::bad_alloc&) {
    write_error("out of memory");
    return 1;
  } catch (const std::exception& error) {
    write_error(error.what());
    return 1;
  }
}

}  // namespace foretime::cli
