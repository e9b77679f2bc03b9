#include "report/foreign_kernels.h"

#include <algorithm>
#include <type_traits>

namespace foretime::report {
namespace {

template <typename Element>
void write_list(JsonWriter& json, const std::vector<Element>& list) {
  json.begin_array();
  for (const Element& element : list) {
    if constexpr (std::is_same_v<Element, std::vector<std::int64_t>>) {
      write_list(json, element);
    } else {
      json.value(element);
    }
  }
  json.end_array();
}

std::string text_of(std::int64_t number) {
  return std::to_string(number);
}
std::string text_of(const std::string& text) {
  return text;
}

/// Sizes with a cross between them, names with a comma.
template <typename Element>
std::string text_of(const std::vector<Element>& list) {
  std::string text;
  for (const Element& element : list) {
    if (!text.empty()) text += std::is_same_v<Element, std::int64_t> ? "x" : ", ";
    text += text_of(element);
  }
  return text;
}

Cell cell_of(const api::ConfigValue& value) {
  return std::visit(
      [](const auto& held) -> Cell {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::monostate> || std::is_same_v<Held, std::int64_t>) {
          return held;
        } else {
          return text_of(held);
        }
      },
      value);
}

Cell config_cell(const api::KernelRow& kernel, std::string_view key) {
  const auto found = std::find_if(kernel.foreign.begin(), kernel.foreign.end(),
                                  [&](const auto& item) { return item.first == key; });
  return found == kernel.foreign.end() ? Cell{} : cell_of(found->second);
}

}  // namespace

Table foreign_kernel_table(const std::vector<api::KernelRow>& kernels) {
  Table table;
  table.selectable = true;
  table.columns = {
      {.key = "name", .title = "kernel", .cut = true},
      {.key = "kind", .title = "kind", .detail = true},
      {.key = "members", .title = "layers", .rank = 6, .cut = true},
      {.key = "input_tensors", .title = "inputs", .rank = 5, .cut = true},
      {.key = "ks", .title = "ks", .rank = 1},
      {.key = "strides", .title = "strides", .rank = 1},
      {.key = "split_dim", .title = "split", .detail = true},
      {.key = "inputh", .title = "h"},
      {.key = "inputw", .title = "w", .rank = 2},
      {.key = "cin", .title = "cin"},
      {.key = "cout", .title = "cout"},
      {.key = "output_tensors", .title = "outputs", .detail = true, .cut = true},
      {.key = "inbounds", .title = "from", .rank = 4, .cut = true},
      {.key = "outbounds", .title = "to", .rank = 3, .cut = true},
  };
  for (const api::KernelRow& kernel : kernels) {
    Row& row = table.rows.emplace_back(Row{kernel.name, kernel.kind, text_of(kernel.members)});
    for (std::size_t i = 3; i < table.columns.size(); ++i) {
      row.push_back(config_cell(kernel, table.columns[i].key));
    }
  }
  return table;
}

void write_config(JsonWriter& json, const api::Config& config) {
  for (const auto& [key, value] : config) {
    json.key(key);
    std::visit(
        [&](const auto& held) {
          using Held = std::decay_t<decltype(held)>;
          if constexpr (std::is_same_v<Held, std::monostate>) {
            json.value(nullptr);
          } else if constexpr (std::is_same_v<Held, std::int64_t> || std::is_same_v<Held, std::string>) {
            json.value(held);
          } else {
            write_list(json, held);
          }
        },
        value);
  }
}

}  // namespace foretime::report
