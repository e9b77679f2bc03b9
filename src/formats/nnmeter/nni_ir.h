#pragma once

#include <string>
#include <string_view>

#include "base/diagnostics.h"
#include "formats/nnmeter/raw_graph.h"

namespace foretime::nnmeter {

/// The text is a JSON object of graphs with nodes and edges, one of them called `_model`.
bool is_nni_ir(std::string_view text);

/// The root graph of an NNI model (Retiarii's graph IR, flattened) as nn-Meter maps it: types and attributes
/// under nn-Meter's names, shapes from NCHW to NHWC, nodes without input_shape left out with a diagnostic.
/// Error, with where = "origin" or "origin: NODE": the text is no such model, or it has cells inside.
RawGraph parse_nni_ir(std::string_view text, const std::string& origin, Diagnostics& diagnostics);

}  // namespace foretime::nnmeter
