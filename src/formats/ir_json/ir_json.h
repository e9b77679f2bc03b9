#pragma once

#include <string>
#include <string_view>

#include "graph/graph.h"

namespace foretime {

/// The JSON form of a graph, described in docs/ir-json.md: one line for each node and tensor. It carries what
/// the text form (graph/graph_text.h) carries.
std::string to_ir_json(const Graph& graph);

/// Error, with where = "origin:line:column": the text is not JSON; with where = "origin: /nodes/3/inputs/1":
/// it is no graph. Takes time and memory linear in the text.
Graph parse_ir_json(std::string_view text, std::string origin);

/// The text is a JSON document of this kind: its first key says so.
bool is_ir_json(std::string_view text);

}  // namespace foretime
