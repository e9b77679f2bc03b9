#include "formats/onnx/census.h"

#include <algorithm>
#include <variant>

namespace foretime::onnx {
namespace {

/// The version of the format that brought the type.
std::int64_t ir_version_of(DataType type) {
  switch (type) {
    case DataType::float8e4m3fn:
    case DataType::float8e4m3fnuz:
    case DataType::float8e5m2:
    case DataType::float8e5m2fnuz:
      return 9;
    case DataType::uint4:
    case DataType::int4:
      return 10;
    case DataType::float4e2m1:
      return 11;
    case DataType::float8e8m0:
      return 12;
    case DataType::uint2:
    case DataType::int2:
      return 13;
    default:
      return 8;
  }
}

}  // namespace

std::int64_t ir_version_of_opset(std::int64_t opset) {
  if (opset <= 18) return 8;
  if (opset <= 20) return 9;
  if (opset <= 22) return 10;
  if (opset == 23) return 11;
  return opset == 24 ? 12 : 13;
}

void Census::count(const Graph& graph) {
  for (const Tensor& tensor : graph.tensors()) count(tensor.type.dtype);
  for (const Node& node : graph.nodes()) {
    domains.insert(node.domain);
    for (const auto& [name, value] : node.attributes) {
      if (const auto* tensor = std::get_if<TensorAttribute>(&value)) count(tensor->type.dtype);
    }
    for (const Subgraph& subgraph : node.subgraphs) count(subgraph.body);
  }
}

void Census::count(DataType type) {
  ir_version = std::max(ir_version, ir_version_of(type));
}

}  // namespace foretime::onnx
