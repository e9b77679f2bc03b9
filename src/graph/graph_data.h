#pragma once

// What a Graph holds: seen by graph.cc and graph_builder.cc only.

#include <string>
#include <utility>
#include <vector>

#include "graph/graph.h"
#include "graph/name_index.h"

namespace foretime {

struct Graph::Data {
  std::string name;
  std::vector<Node> nodes;
  std::vector<Tensor> tensors;
  std::vector<TensorId> inputs;
  std::vector<TensorId> outputs;
  std::vector<TensorId> captures;
  std::vector<NodeId> consumers;              // of all tensors, one after the other
  std::vector<std::uint32_t> first_consumer;  // where each tensor's begin; one more entry than tensors
  std::vector<std::pair<std::string, std::int64_t>> opsets;
  std::vector<std::pair<std::string, std::string>> metadata;
  NameIndex by_name;  // of tensors
};

}  // namespace foretime
