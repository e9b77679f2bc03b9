#pragma once

// nn-Meter's graph as its files hold it: one JSON object, whose keys are the names of the nodes. What
// nn-Meter makes of a network depends on the order of the keys and on shapes that may be wrong, so its kernel
// detector (kernels/nn_meter) walks this and not a Graph, which keeps neither.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "graph/attribute.h"

namespace foretime::nnmeter {

/// Batch included; rank 4 is NHWC; empty: a scalar; -1: not known.
using RawShape = std::vector<std::int64_t>;

struct RawNode {
  std::string name;
  std::string type;       // TensorFlow's or ONNX's name, or nn-Meter's own ("conv")
  Attributes attributes;  // under the names in the file
  std::vector<RawShape> input_shapes;
  std::vector<RawShape> output_shapes;
  std::vector<std::string> inbounds;  // producers, one for each occurrence; some may name no node
};

struct RawGraph {
  std::vector<RawNode> nodes;  // in the order of the keys; names are unique
};

/// The text is a JSON object of nodes: its first member has `attr`, `inbounds` or `outbounds` first.
bool is_raw_graph(std::string_view text);

/// Error, with where = "origin:line:column" or "origin: NODE": the text is not JSON, or no graph. Attributes
/// that are neither numbers, strings nor lists of these are left out, with a diagnostic; `outbounds` is not
/// read, `inbounds` says the same. Takes time and memory linear in the text.
RawGraph parse_raw_graph(std::string_view text, const std::string& origin, Diagnostics& diagnostics);

/// As nn-Meter's `get_ir` writes it: keys sorted, indented by 4.
std::string to_json(const RawGraph& graph);

}  // namespace foretime::nnmeter
