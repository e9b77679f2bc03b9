#include "cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>

#include "base/mapped_file.h"
#include "report/notes.h"
#include "report/numbers.h"
#include "report/printers.h"

namespace foretime::cli {
namespace {

bool to_stdout(const Arguments& arguments) {
  return arguments.output.empty() || arguments.output == "-";
}

/// 0: not a terminal, so as wide as it gets.
int terminal_width(const Arguments& arguments) {
  winsize size{};
  if (!to_stdout(arguments) || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

bool has_color(const Arguments& arguments) {
  if (arguments.color != Color::automatic) return arguments.color == Color::always;
  const char* refused = std::getenv("NO_COLOR");  // https://no-color.org: any value but the empty one
  if (refused != nullptr && *refused != '\0') return false;
  return to_stdout(arguments) && ::isatty(STDOUT_FILENO) == 1;
}

std::string printed(const Arguments& arguments, const report::Document& document) {
  switch (arguments.format) {
    case OutputFormat::csv:
      return report::print_csv(document);
    case OutputFormat::markdown:
      return report::print_markdown(document);
    case OutputFormat::html:
      return report::print_html(document);
    default:
      return report::print_terminal(document, {terminal_width(arguments), has_color(arguments)});
  }
}

}  // namespace

void show_document(const Arguments& arguments, report::Document document) {
  try {
    report::select(document, arguments.selection);
  } catch (const Error& error) {
    throw UsageError("", error.what());
  }
  write_result(arguments, printed(arguments, document));
  // The other formats carry them inside.
  const bool apart = arguments.format == OutputFormat::table || arguments.format == OutputFormat::csv;
  if (apart) write_notes(arguments, document.diagnostics);
}

void write_result(const Arguments& arguments, std::string_view text) {
  if (!to_stdout(arguments)) return write_file(arguments.output, text);
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (written && std::fflush(stdout) == 0) return;
  if (errno == EPIPE) return;  // nobody reads on: not our failure
  throw Error("stdout", fmt::format("cannot write: {}", std::strerror(errno)));
}

void write_notes(const Arguments& arguments, const Diagnostics& diagnostics) {
  if (arguments.quiet) return;
  for (const std::string& note : report::grouped_notes(diagnostics)) fmt::print(stderr, "{}\n", note);
}

void write_error(std::string_view message) {
  fmt::print(stderr, "foretime: {}\n", report::printable(std::string(message)));
}

void write_stats(const Arguments& arguments, const api::Stages& stages) {
  if (!arguments.stats) return;
  // Stages of the same name, one per model of a batch, are one line.
  std::vector<std::pair<std::string, double>> sums;
  std::map<std::string, std::size_t> index;
  for (const auto& [name, time] : stages) {
    const auto [entry, fresh] = index.emplace(name, sums.size());
    if (fresh) sums.emplace_back(name, 0.0);
    sums[entry->second].second += time.value;
  }
  for (const auto& [name, time] : sums) fmt::print(stderr, "{:>10}  {:9.3f} ms\n", name, time);
}

}  // namespace foretime::cli
