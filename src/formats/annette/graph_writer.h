#pragma once

#include "formats/annette/raw_graph.h"
#include "graph/graph.h"

namespace foretime::annette {

/// A network as ANNETTE's o2a should write it: channels last, its names of layer types where it has one and
/// ONNX's elsewhere, shapes as inferred, constants left out. Attributes that ANNETTE has no place for keep
/// their ONNX names. REQUIRES: types were inferred and constants folded.
/// Error, with where = the node: a name that two layers would have or that holds a colon, which ANNETTE reads
/// as an output's number; a shape that is not known; a body of a control-flow operator.
RawGraph from_graph(const Graph& graph);

}  // namespace foretime::annette
