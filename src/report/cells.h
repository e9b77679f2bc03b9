#pragma once

// From values of results to cells of documents.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/model.h"
#include "report/document.h"

namespace foretime::report {

inline Cell cell(double number) {
  return number;
}

template <typename Tag, typename Number>
Cell cell(const Quantity<Tag, Number>& quantity) {
  return quantity.value;
}

template <typename Value>
Cell cell(const std::optional<Value>& maybe) {
  return maybe ? cell(*maybe) : Cell{};
}

/// The cells, moved: a list in braces would copy each text.
template <typename... Cells>
Row row_of(Cells&&... cells) {
  Row row;
  row.reserve(sizeof...(cells));
  (row.emplace_back(std::forward<Cells>(cells)), ...);
  return row;
}

/// "1x3x224x224"; "scalar"; "?" when not even the rank is known.
std::string shape_text(const std::optional<Shape>& shape);

/// Shapes of several tensors, "1x8, 1x8".
std::string shapes_text(const std::vector<api::TensorInfo>& tensors);

/// `part` of `whole` in percent; not known when there is no whole.
Cell share(double part, double whole);

/// "1 model", "2 models".
std::string counted(std::int64_t number, std::string_view noun);

/// The table of what failed; without columns when nothing did.
Table failure_table(const std::vector<api::Failure>& failures);

}  // namespace foretime::report
