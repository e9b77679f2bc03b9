#pragma once

#include <cstdint>
#include <string>

#include "formats/weights/weights.h"
#include "graph/graph.h"

namespace foretime::onnx {

struct WriteOptions {
  Weights weights = Weights::original;
  std::uint64_t seed = 0;  // of Weights::random; the same seed gives the same bytes
  /// A model whose constants take more bytes keeps them in a file `<path>.data` beside it: a protobuf message
  /// ends at 2 GiB, and what is not weights needs room, too.
  std::uint64_t most_bytes_inside = 1'900'000'000;
};

/// Writes an ONNX model through a temporary file: what was at `path` is replaced as a whole or not at all.
/// Weights are streamed, never held. What ONNX has no place for is lost: bounds of named sizes; source_op and
/// module_path go to metadata of the nodes, which read_onnx understands. Error: a constant cannot be written
/// as asked (see formats/weights/weights.h), the model is too large, or the file cannot be written.
void write_onnx(const Graph& graph, const std::string& path, const WriteOptions& options = {});

/// The same bytes in memory. Error, too: the model needs a file for its weights.
std::string to_onnx(const Graph& graph, const WriteOptions& options = {});

}  // namespace foretime::onnx
