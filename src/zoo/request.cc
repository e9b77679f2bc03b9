#include "zoo/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/error.h"

namespace foretime::zoo {
namespace {

/// Where an option goes and what it may be. The bounds keep every size far from overflow.
struct Option {
  std::string_view key;
  std::int64_t Request::*number;  // null: the width
  double lowest;
  double highest;
};

constexpr std::array kOptions{
    Option{"batch", &Request::batch, 1, 65536},
    Option{"resolution", &Request::resolution, 1, 8192},
    Option{"classes", &Request::classes, 1, 1'000'000},
    Option{"seq", &Request::seq, 1, 65536},
    Option{"width", nullptr, 0.05, 16},
    Option{"kernel", &Request::kernel, 1, 63},
    Option{"depth", &Request::depth, 0, 65536},
    Option{"seed", &Request::seed, 0, 1e15},
    Option{"around", &Request::around, 0, 1e15},
    Option{"part", &Request::part, 0, 2},
};

const Option* find_option(std::string_view key) {
  const auto* found =
      std::find_if(kOptions.begin(), kOptions.end(), [&](const Option& o) { return o.key == key; });
  return found == kOptions.end() ? nullptr : found;
}

/// The part of `text` before the first `mark`; `text` keeps what is behind it.
std::string_view cut(std::string_view& text, char mark) {
  const std::size_t at = text.find(mark);
  const std::string_view before = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view{} : text.substr(at + 1);
  return before;
}

template <typename Number>
bool parse_number(std::string_view text, Number& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

Specification parse_specification(std::string_view text) {
  const std::string where = fmt::format("zoo specification '{}'", text);
  if (text.starts_with("zoo:")) text.remove_prefix(4);
  Specification specification;
  std::string_view head = cut(text, '?');
  specification.name = cut(head, '@');
  specification.version = head;
  while (!text.empty()) {
    std::string_view value = cut(text, '&');
    const std::string key(cut(value, '='));
    if (value.empty()) throw Error(where, fmt::format("'{}' has no value", key), "key=value&key=value…");
    const auto same = [&](const auto& option) { return option.first == key; };
    if (std::any_of(specification.options.begin(), specification.options.end(), same)) {
      throw Error(where, fmt::format("'{}' is given twice", key));
    }
    specification.options.emplace_back(key, value);
  }
  return specification;
}

bool is_option(std::string_view key) {
  return find_option(key) != nullptr;
}

void set_option(Request& request, std::string_view key, std::string_view value) {
  const Option& option = *find_option(key);
  std::int64_t whole = 0;
  double number = 0;
  bool good = option.number != nullptr ? parse_number(value, whole) : parse_number(value, number);
  if (option.number != nullptr) number = static_cast<double>(whole);
  good = good && number >= option.lowest && number <= option.highest;
  if (!good) {
    throw Error("zoo:" + request.name, fmt::format("{}={} is not possible", key, value),
                fmt::format("a{} number from {} to {}", option.number != nullptr ? " whole" : "",
                            option.lowest, option.highest));
  }
  if (option.number != nullptr) {
    request.*option.number = whole;
  } else {
    request.width = number;
  }
}

}  // namespace foretime::zoo
