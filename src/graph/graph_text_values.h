#pragma once

// The parts of the text form that name nothing of the graph: types, values and plain attributes.

#include "graph/attribute.h"
#include "graph/graph_text_cursor.h"

namespace foretime {

/// The tokens at the cursor begin a type: "float32[", "seq(".
bool at_type(const GraphTextCursor& cursor, int distance = 0);

TensorType parse_type(GraphTextCursor& cursor);

/// Error: they are not those of `type`.
ConstantData parse_values(GraphTextCursor& cursor, const TensorType& type);

/// Any attribute but a graph.
Attribute parse_attribute(GraphTextCursor& cursor);

}  // namespace foretime
