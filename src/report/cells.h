#pragma once

// From values of results to cells of documents.

#include <optional>
#include <string>
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

/// "1x3x224x224"; "scalar"; "?" when not even the rank is known.
std::string shape_text(const std::optional<Shape>& shape);

/// Shapes of several tensors, "1x8, 1x8".
std::string shapes_text(const std::vector<api::TensorInfo>& tensors);

/// `part` of `whole` in percent; not known when there is no whole.
Cell share(double part, double whole);

/// The table of what failed; empty when nothing did.
std::vector<Table> failure_tables(const std::vector<api::Failure>& failures);

}  // namespace foretime::report
