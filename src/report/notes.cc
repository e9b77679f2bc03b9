#include "report/notes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <map>
#include <string_view>
#include <tuple>

#include "report/numbers.h"

namespace foretime::report {
namespace {

constexpr std::size_t kPlacesShown = 3;
constexpr std::size_t kMessagesShown = 3;  // of one code

struct Group {
  const Diagnostic* first = nullptr;  // gives severity, code and message
  std::vector<std::string> places;
  std::size_t count = 0;
};

std::vector<Group> group(const Diagnostics& diagnostics) {
  std::vector<Group> groups;
  std::map<std::tuple<Severity, std::string_view, std::string_view>, std::size_t> index;
  for (const Diagnostic& diagnostic : diagnostics) {
    const auto key = std::tuple<Severity, std::string_view, std::string_view>(
        diagnostic.severity, diagnostic.code, diagnostic.message);
    const auto [entry, fresh] = index.emplace(key, groups.size());
    if (fresh) groups.push_back({&diagnostic, {}, 0});
    Group& group = groups[entry->second];
    ++group.count;
    const bool told = !group.places.empty() && group.places.back() == diagnostic.where;
    if (!diagnostic.where.empty() && !told) group.places.push_back(diagnostic.where);
  }
  std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
    return a.first->severity == Severity::warning && b.first->severity != Severity::warning;
  });
  return groups;
}

const char* severity_of(const Group& group) {
  return group.first->severity == Severity::warning ? "warning" : "note";
}

std::string line_of(const Group& group) {
  const Diagnostic& first = *group.first;
  std::string text = fmt::format("{}: {}: {}", severity_of(group), first.code, first.message);
  std::vector<std::string> places = group.places;
  const bool more = places.size() > kPlacesShown;
  if (more) places.resize(kPlacesShown);
  const std::string named = fmt::format("{}{}", fmt::join(places, ", "), more ? ", …" : "");
  if (group.count > 1)
    text += fmt::format(" ({} times{}{})", group.count, named.empty() ? "" : ": ", named);
  else if (!named.empty())
    text += fmt::format(" ({})", named);
  return printable(text);
}

}  // namespace

std::vector<std::string> grouped_notes(const Diagnostics& diagnostics) {
  const std::vector<Group> groups = group(diagnostics);
  std::map<std::string_view, std::size_t> messages;  // of one code
  for (const Group& each : groups) ++messages[each.first->code];
  std::map<std::string_view, std::size_t> shown;
  std::vector<std::string> lines;
  for (const Group& each : groups) {
    const std::string& code = each.first->code;
    const std::size_t before = shown[code]++;
    if (before < kMessagesShown) {
      lines.push_back(line_of(each));
    } else if (before == kMessagesShown) {
      lines.push_back(fmt::format("{}: {}: {} more of this kind (--format json lists them)",
                                  severity_of(each), printable(code), messages[code] - kMessagesShown));
    }
  }
  return lines;
}

}  // namespace foretime::report
