#include "report/cells.h"

#include <fmt/format.h>

namespace foretime::report {

std::string shape_text(const std::optional<Shape>& shape) {
  if (!shape) return "?";
  if (shape->empty()) return "scalar";
  std::string text;
  for (const Dim& dim : *shape) {
    if (!text.empty()) text += 'x';
    text += to_string(dim);
  }
  return text;
}

std::string shapes_text(const std::vector<api::TensorInfo>& tensors) {
  std::string text;
  for (const api::TensorInfo& tensor : tensors) {
    if (!text.empty()) text += ", ";
    text += shape_text(tensor.type.shape);
  }
  return text;
}

std::string counted(std::int64_t number, std::string_view noun) {
  return fmt::format("{} {}{}", number, noun, number == 1 ? "" : "s");
}

Cell share(double part, double whole) {
  return whole > 0 ? Cell{100.0 * part / whole} : Cell{};
}

Table failure_table(const std::vector<api::Failure>& failures) {
  if (failures.empty()) return {};
  Table table;
  table.title = "Failed";
  table.columns = {{"model", "model", Unit::text, 0, false, true}, {"error", "error", Unit::text}};
  for (const api::Failure& failure : failures) table.rows.push_back({failure.model, failure.error});
  return table;
}

}  // namespace foretime::report
