#include <charconv>
#include <optional>
#include <utility>

#include "base/checked.h"
#include "formats/annette/raw_graph.h"

namespace foretime::annette {
namespace {

/// "width", "2*width", "1+width": what a template has in place of a size.
struct Column {
  std::string name;
  std::int64_t number = 1;
  char sign = '*';

  std::int64_t of(std::int64_t value) const {
    return sign == '*' ? saturating_mul(number, value) : saturating_add(number, value);
  }
};

Column column_of(const std::string& text) {
  const std::size_t at = text.find_first_of("*+");
  if (at == std::string::npos) return {text};
  Column column{text.substr(at + 1), 0, text[at]};
  const auto [end, code] = std::from_chars(text.data(), text.data() + at, column.number);
  const bool whole = code == std::errc() && end == text.data() + at && !column.name.empty();
  return whole ? column : Column{text};
}

/// Keys whose values are sizes, so that a text in them names a column.
bool holds_sizes(std::string_view key) {
  return key.ends_with("_shape") || key == "strides" || key == "dilations" || key == "pads";
}

/// Calls `see` for every text in a list of sizes, with what holds it.
template <typename ValueType, typename See>
void visit_columns(ValueType& value, See see) {
  using List = std::conditional_t<std::is_const_v<ValueType>, const Values, Values>;
  List* list = std::get_if<Values>(&value.held);
  if (list == nullptr) return;
  for (auto& item : *list) {
    if (std::holds_alternative<std::string>(item.held)) {
      see(item);
    } else {
      visit_columns(item, see);
    }
  }
}

/// A list that holds nothing but integers now takes its usual form.
void flatten(Value& value) {
  auto* list = std::get_if<Values>(&value.held);
  if (list == nullptr) return;
  Integers integers;
  for (Value& item : *list) {
    flatten(item);
    if (const auto* number = item.as<std::int64_t>()) integers.push_back(*number);
  }
  if (integers.size() == list->size()) value.held = std::move(integers);
}

}  // namespace

std::set<std::string> columns(const RawGraph& graph) {
  std::set<std::string> names;
  for (const RawLayer& layer : graph.layers) {
    for (const auto& [key, value] : layer.attributes) {
      if (!holds_sizes(key)) continue;
      visit_columns(value, [&](const Value& text) { names.insert(column_of(*text.as<std::string>()).name); });
    }
  }
  return names;
}

RawGraph with_columns(RawGraph graph, const std::map<std::string, std::int64_t>& numbers,
                      std::set<std::string>& used) {
  if (numbers.empty()) return graph;
  const auto replace = [&](Value& text) {
    const Column column = column_of(*text.as<std::string>());
    const auto number = numbers.find(column.name);
    if (number == numbers.end()) return;
    used.insert(column.name);
    text.held = column.of(number->second);
  };
  for (RawLayer& layer : graph.layers) {
    for (auto& [key, value] : layer.attributes) {
      if (!holds_sizes(key)) continue;
      visit_columns(value, replace);
      flatten(value);
    }
  }
  return graph;
}

}  // namespace foretime::annette
