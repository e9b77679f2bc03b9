#pragma once

#include <string>

#include "base/diagnostics.h"
#include "formats/nnmeter/raw_graph.h"
#include "graph/graph.h"

namespace foretime::nnmeter {

/// The network in ONNX's operators and NCHW, with the names of the file. What nn-Meter's files leave out is
/// made up: constants without values for the inputs that no node makes, one graph input for each shape that a
/// node without producers reads; a diagnostic says so. Error, with where = `origin`: the graph has a cycle.
Graph to_graph(const RawGraph& raw, const std::string& origin, Diagnostics& diagnostics);

}  // namespace foretime::nnmeter
