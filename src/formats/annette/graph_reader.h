#pragma once

#include <string>

#include "base/diagnostics.h"
#include "formats/annette/raw_graph.h"
#include "graph/graph.h"

namespace foretime::annette {

/// The network in ONNX's operators and NCHW, with the names of the file; parents lists are its edges. What
/// the file leaves out is made up: constants without values for weights and lost operands. Where attributes
/// and stated shapes disagree, padding gives way, else the layer keeps its stated shape and its type as an
/// operator of the domain "annette". Diagnostics tell of all of it.
/// Error, with where = `origin`: sizes are names (it lists them), layers form a cycle.
Graph to_graph(const RawGraph& raw, const std::string& origin, Diagnostics& diagnostics);

}  // namespace foretime::annette
