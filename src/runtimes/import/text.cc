#include "runtimes/import/text.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace foretime::import {
namespace {

constexpr std::string_view kBlank = " \t\r";

/// The number that the text begins with, and how long it is.
std::optional<std::pair<double, std::size_t>> leading_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || !std::isfinite(value) || value < 0) return std::nullopt;
  return std::pair(value, static_cast<std::size_t>(end - text.data()));
}

}  // namespace

std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(number, line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(kBlank);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(kBlank) - from + 1);
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (std::size_t from = 0; (from = text.find_first_not_of(kBlank, from)) != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kBlank, from), text.size());
    words.push_back(text.substr(from, end - from));
    from = end;
  }
  return words;
}

std::optional<double> number_in(std::string_view text) {
  text = trimmed(text);
  const auto found = leading_number(text);
  if (!found || found->second != text.size()) return std::nullopt;
  return found->first;
}

std::optional<double> number_after(std::string_view text, std::string_view key) {
  const std::size_t place = text.rfind(key);
  if (place == std::string_view::npos) return std::nullopt;
  text.remove_prefix(place + key.size());
  text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size()));
  const auto found = leading_number(text);
  return found ? std::optional(found->first) : std::nullopt;
}

bool begins_array(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '[';
}

std::string at_line(const std::string& origin, std::size_t line) {
  return origin + ":" + std::to_string(line);
}

}  // namespace foretime::import
