#include "report/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

#include "base/utf8.h"

namespace foretime::report {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// Decimals that leave three significant digits after rounding: 9.996 is 10.0, not 10.00.
int decimals_of(double magnitude) {
  if (magnitude >= 99.95) return 0;
  if (magnitude >= 9.995) return 1;
  if (magnitude >= 0.9995) return 2;
  constexpr int kMost = 9;  // below a billionth nothing of ours is meaningful
  return std::min(kMost, 2 - static_cast<int>(std::floor(std::log10(magnitude * 1.0005))));
}

/// Most of what a table costs is this: std::to_chars takes half as long as fmt here.
std::string fixed(double value, int decimals) {
  std::array<char, 330> text;  // 309 digits before the point
  const auto end = std::to_chars(text.begin(), text.end(), value, std::chars_format::fixed, decimals).ptr;
  return {text.begin(), end};
}

std::string three_digits(double value) {
  if (value == 0) return "0";
  if (!std::isfinite(value)) return "?";
  return fixed(value, decimals_of(std::abs(value)));
}

/// Divides by `base` until three digits are enough for what is in front of the point.
Human scaled(double value, double base, const std::array<std::string_view, 7>& suffixes) {
  std::size_t step = 0;
  while (std::abs(value) >= base - 0.5 && step + 1 < suffixes.size()) {
    value /= base;
    ++step;
  }
  const bool whole = step == 0 && value == std::floor(value);
  return {whole ? fixed(value, 0) : three_digits(value), suffixes[step]};
}

Human human_number(double value, Unit unit) {
  switch (unit) {
    case Unit::count:
      return scaled(value, 1000, {"", "K", "M", "G", "T", "P", "E"});
    case Unit::bytes:
      return scaled(value, 1024, {"B", "KB", "MB", "GB", "TB", "PB", "EB"});
    case Unit::milliseconds:
      return {three_digits(value), "ms"};
    case Unit::percent:
      return {std::isfinite(value) ? fixed(value, 1) : "?", "%"};
    default:
      return {three_digits(value), ""};
  }
}

}  // namespace

Human human(const Cell& cell, Unit unit) {
  if (const auto* text = std::get_if<std::string>(&cell)) return {printable(*text), ""};
  if (const auto* whole = std::get_if<std::int64_t>(&cell)) {
    if (unit == Unit::text) return {std::to_string(*whole), ""};
    return human_number(static_cast<double>(*whole), unit);
  }
  if (const auto* real = std::get_if<double>(&cell)) return human_number(*real, unit);
  return {unit == Unit::text ? "" : "?", ""};
}

std::string human_text(const Cell& cell, Unit unit) {
  const Human parts = human(cell, unit);
  return parts.suffix.empty() ? parts.number : parts.number + " " + std::string(parts.suffix);
}

std::string shortest(double value) {
  return fmt::format("{}", value);
}

std::string printable(const std::string& text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
  if (plain) return text;  // as nearly all names are
  std::string clean;
  clean.reserve(text.size());
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t length = utf8_character(rest);
    const auto first = static_cast<unsigned char>(rest[0]);
    // C0, DEL, and C1 (U+0080 to U+009F, which start with C2), some of which terminals obey.
    const bool control = first < 0x20 || first == 0x7F ||
                         (length == 2 && first == 0xC2 && static_cast<unsigned char>(rest[1]) < 0xA0);
    clean += length == 0 || control ? kReplacement : rest.substr(0, length);
    rest.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return clean;
}

}  // namespace foretime::report
