#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "report/document.h"

namespace foretime::report {

/// Which part of a result's main table to show.
struct Selection {
  std::vector<std::string> columns;  // keys, in this order; empty: the usual ones
  std::string sort;                  // a key, with '-' in front for descending; empty: as it came
  std::optional<std::size_t> top;    // so many rows; totals stay those of all rows
};

/// Applies it to the document's selectable tables and to what CSV prints.
/// Error: a key that no such table has (it names those there are).
void select(Document& document, const Selection& selection);

}  // namespace foretime::report
