#pragma once

#include <string>
#include <string_view>

#include "graph/graph.h"

namespace foretime {

/// The network that stands inside a row, made ready like one from a file: sizes bound, types inferred,
/// constants folded. `json` is Foretime's own form (docs/ir-json.md) or nn-Meter's, told apart by content.
/// Error, where `where` leads the message: neither of these, an operator that is not known (its cost would
/// be), sizes that do not fit.
Graph inline_graph(std::string_view json, const std::string& where);

}  // namespace foretime
