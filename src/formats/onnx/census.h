#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "graph/graph.h"

namespace foretime::onnx {

/// The version of the format that was current when ONNX's operator set was (docs/Versioning.md of onnx).
std::int64_t ir_version_of_opset(std::int64_t opset);

/// What the head of a model has to say about everything inside it.
struct Census {
  std::int64_t ir_version = 8;  // the least that knows all its types
  std::set<std::string> domains;

  void count(const Graph& graph);
  void count(DataType type);
};

}  // namespace foretime::onnx
