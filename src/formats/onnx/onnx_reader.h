#pragma once

#include <memory>

#include "base/diagnostics.h"
#include "base/mapped_file.h"
#include "graph/graph.h"

namespace foretime::onnx {

/// Whether the bytes look like the beginning of an ONNX model: a protobuf whose first fields are
/// ModelProto's.
bool looks_like_onnx(std::string_view bytes);

/// Reads an ONNX model. Weights are located in the mapped file (or in the files it names as external data,
/// beside it) and never read; functions of the model are inlined; Constant nodes become constants. Error: the
/// file is truncated or no ONNX, external data is missing, or the graph breaks a promise of Graph.
Graph read_onnx(const std::shared_ptr<const MappedFile>& file, Diagnostics& diagnostics);

}  // namespace foretime::onnx
