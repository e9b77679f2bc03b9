#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/nnmeter/raw_graph.h"
#include "kernels/rules.h"

namespace foretime::nn_meter {

using nnmeter::RawGraph;
using nnmeter::RawShape;

/// A node as nn-Meter's detector has it after loading, or a block of nodes that it fused into one.
struct LoadedNode {
  std::string type;                  // canonical: "conv", "dwconv", …, or a block's name
  std::vector<std::string> members;  // names in the file
  std::vector<RawShape> input_shapes;
  std::vector<RawShape> output_shapes;
  std::optional<Attribute> ks;  // kernel size, [height, width]
  std::optional<Attribute> strides;
  std::optional<Attribute> split_dim;
  std::vector<std::size_t> inbounds;  // one for each occurrence
  std::vector<std::size_t> outbounds;
  bool gone = false;  // part of a block now
};

struct LoadedGraph {
  std::vector<LoadedNode> nodes;  // in the order of the file's keys, then blocks in the order of fusing
};

/// What nn-Meter's detector does first: edges to nodes that do not exist and nodes without edges go, types
/// become canonical by the rules' aliases, and attributes get one spelling.
LoadedGraph load(const RawGraph& raw, const RuleSet& rules);

}  // namespace foretime::nn_meter
