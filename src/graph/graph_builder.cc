#include "graph/graph_builder.h"

#include <algorithm>
#include <functional>
#include <map>
#include <queue>
#include <utility>

#include "graph/graph_data.h"

namespace foretime {

/// What only building needs: who has claimed which name.
struct GraphBuilder::Names {
  NameIndex nodes;
  std::map<std::string, std::uint32_t, std::less<>> variants;  // of a node's name: how many were handed out
  std::vector<bool> has_source;  // per tensor: input, constant, capture or output of a node
};

GraphBuilder::GraphBuilder(std::string name, std::string origin)
    : origin_(std::move(origin)), data_(std::make_shared<Graph::Data>()), names_(std::make_unique<Names>()) {
  data_->name = std::move(name);
}
GraphBuilder::GraphBuilder(GraphBuilder&&) noexcept = default;
GraphBuilder& GraphBuilder::operator=(GraphBuilder&&) noexcept = default;
GraphBuilder::~GraphBuilder() = default;

Error GraphBuilder::error(const std::string& what, const std::string& accepted) const {
  return Error(origin_.empty() ? "graph " + data_->name : origin_, what, accepted);
}

void GraphBuilder::reserve(std::size_t nodes, std::size_t tensors) {
  data_->nodes.reserve(nodes);
  data_->tensors.reserve(tensors);
  data_->by_name.reserve(tensors);
  names_->nodes.reserve(nodes);
  names_->has_source.reserve(tensors);
}

void GraphBuilder::set_opset(std::string domain, std::int64_t version) {
  data_->opsets.emplace_back(std::move(domain), version);
}

void GraphBuilder::add_metadata(std::string key, std::string value) {
  data_->metadata.emplace_back(std::move(key), std::move(value));
}

TensorId GraphBuilder::tensor(std::string_view name) {
  if (name.empty()) throw error("a tensor has an empty name");
  const auto next = static_cast<std::uint32_t>(data_->tensors.size());
  const std::uint32_t found = data_->by_name.find_or_add(name, next, data_->tensors);
  if (found != next) return TensorId{found};
  data_->tensors.emplace_back().name = name;
  names_->has_source.push_back(false);
  return TensorId{next};
}

std::optional<TensorId> GraphBuilder::find(std::string_view name) const {
  const std::uint32_t found = data_->by_name.find(name, data_->tensors);
  if (found == NameIndex::kNone) return std::nullopt;
  return TensorId{found};
}

const Tensor& GraphBuilder::operator[](TensorId id) const {
  return data_->tensors[index(id)];
}

void GraphBuilder::set_type(TensorId id, TensorType type) {
  data_->tensors[index(id)].type = std::move(type);
}

void GraphBuilder::set_quantization(TensorId id, std::shared_ptr<const Quantization> quantization) {
  data_->tensors[index(id)].quantization = std::move(quantization);
}

std::vector<TensorId> GraphBuilder::undefined() const {
  std::vector<TensorId> ids;
  for (std::size_t i = 0; i < names_->has_source.size(); ++i) {
    if (!names_->has_source[i]) ids.push_back(TensorId{static_cast<std::uint32_t>(i)});
  }
  return ids;
}

void GraphBuilder::claim(TensorId id, std::string_view as) {
  if (names_->has_source[index(id)]) {
    throw error("tensor '" + data_->tensors[index(id)].name + "' is defined twice, the second time by " +
                std::string(as));
  }
  names_->has_source[index(id)] = true;
}

TensorId GraphBuilder::add_input(std::string_view name, TensorType type) {
  const TensorId id = tensor(name);
  claim(id, "a graph input");
  set_type(id, std::move(type));
  data_->inputs.push_back(id);
  return id;
}

TensorId GraphBuilder::add_constant(std::string_view name, TensorType type,
                                    std::shared_ptr<const ConstantData> data) {
  const TensorId id = tensor(name);
  claim(id, "a constant");
  set_type(id, std::move(type));
  data_->tensors[index(id)].constant = std::move(data);
  return id;
}

TensorId GraphBuilder::add_constant(std::string_view name, TensorType type, ConstantData data) {
  return add_constant(name, std::move(type), std::make_shared<const ConstantData>(std::move(data)));
}

TensorId GraphBuilder::add_capture(std::string_view name, TensorType type) {
  const TensorId id = tensor(name);
  claim(id, "a capture");
  set_type(id, std::move(type));
  data_->captures.push_back(id);
  return id;
}

NodeId GraphBuilder::add_node(Node node) {
  const NodeId id{static_cast<std::uint32_t>(data_->nodes.size())};
  if (node.name.empty()) {
    const auto output = std::find_if(node.outputs.begin(), node.outputs.end(),
                                     [](TensorId tensor) { return tensor != kNoTensor; });
    if (output == node.outputs.end())
      throw error("a node of type " + node.op + " has neither name nor outputs");
    node.name = unused_node_name(data_->tensors[index(*output)].name);
  }
  const auto position = static_cast<std::uint32_t>(index(id));
  if (names_->nodes.find_or_add(node.name, position, data_->nodes) != position) {
    throw error("two nodes are named '" + node.name + "'");
  }
  for (const TensorId output : node.outputs) {
    if (output == kNoTensor) continue;
    claim(output, "node '" + node.name + "'");
    data_->tensors[index(output)].producer = id;
  }
  data_->nodes.push_back(std::move(node));
  return id;
}

void GraphBuilder::add_output(TensorId id) {
  data_->outputs.push_back(id);
}

std::string GraphBuilder::unused_node_name(std::string_view wanted) {
  std::string name(wanted);
  const auto taken = [&] { return names_->nodes.find(name, data_->nodes) != NameIndex::kNone; };
  if (!taken()) return name;
  std::uint32_t& variants = names_->variants.emplace(wanted, 1).first->second;
  do {
    name = std::string(wanted) + "#" + std::to_string(++variants);
  } while (taken());
  return name;
}

Graph GraphBuilder::build() && {
  if (data_->outputs.empty()) throw error("the graph has no outputs", "at least one output is needed");
  for (const TensorId output : data_->outputs) {
    if (!names_->has_source[index(output)]) {
      throw error("output '" + data_->tensors[index(output)].name + "' is produced by no node");
    }
  }
  for (const Node& node : data_->nodes) {
    const auto check = [&](TensorId id) {
      if (id == kNoTensor || names_->has_source[index(id)]) return;
      throw error("node '" + node.name + "' reads '" + data_->tensors[index(id)].name +
                  "', which nothing produces");
    };
    std::for_each(node.inputs.begin(), node.inputs.end(), check);
    for (const Subgraph& subgraph : node.subgraphs) {
      std::for_each(subgraph.captures.begin(), subgraph.captures.end(), check);
    }
  }
  index_consumers();
  sort_nodes();
  return Graph(std::move(data_));
}

/// Tensors that a node reads, those captured by its bodies included; each may occur several times.
template <typename F>
static void for_each_read(const Node& node, F f) {
  for (const TensorId id : node.inputs) {
    if (id != kNoTensor) f(id);
  }
  for (const Subgraph& subgraph : node.subgraphs)
    std::for_each(subgraph.captures.begin(), subgraph.captures.end(), f);
}

void GraphBuilder::index_consumers() {
  const std::size_t tensors = data_->tensors.size();
  // A node that reads a tensor twice counts once: reads come in node order, so the last reader tells.
  std::vector<NodeId> last(tensors, kNoNode);
  const auto each_consumer = [&](auto f) {
    std::fill(last.begin(), last.end(), kNoNode);
    for (std::size_t i = 0; i < data_->nodes.size(); ++i) {
      const NodeId node{static_cast<std::uint32_t>(i)};
      for_each_read(data_->nodes[i], [&](TensorId id) {
        if (std::exchange(last[index(id)], node) != node) f(id, node);
      });
    }
  };
  auto& first = data_->first_consumer;
  first.assign(tensors + 1, 0);
  each_consumer([&](TensorId id, NodeId) { ++first[index(id) + 1]; });
  for (std::size_t i = 0; i < tensors; ++i) first[i + 1] += first[i];
  std::vector<std::uint32_t> next(first.begin(), first.end() - 1);
  data_->consumers.resize(first[tensors]);
  each_consumer([&](TensorId id, NodeId node) { data_->consumers[next[index(id)]++] = node; });
}

void GraphBuilder::sort_nodes() {
  const std::size_t count = data_->nodes.size();
  const auto produced_later = [&](std::size_t reader) {
    bool later = false;
    for_each_read(data_->nodes[reader], [&](TensorId id) {
      const NodeId producer = data_->tensors[index(id)].producer;
      later = later || (producer != kNoNode && index(producer) >= reader);
    });
    return later;
  };
  bool sorted = true;
  for (std::size_t i = 0; sorted && i < count; ++i) sorted = !produced_later(i);
  if (sorted) return;

  // Kahn's algorithm; of the nodes that are ready, the one that was added first goes first.
  std::vector<std::uint32_t> waiting_for(count, 0);
  for (const Tensor& tensor : data_->tensors) {
    if (tensor.producer == kNoNode) continue;
    const auto id = static_cast<TensorId>(&tensor - data_->tensors.data());
    const std::size_t begin = data_->first_consumer[index(id)];
    const std::size_t end = data_->first_consumer[index(id) + 1];
    for (std::size_t i = begin; i < end; ++i) ++waiting_for[index(data_->consumers[i])];
  }
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < count; ++i) {
    if (waiting_for[i] == 0) ready.push(i);
  }
  std::vector<Node> order;
  order.reserve(count);
  std::vector<std::size_t> new_place(count, count);
  while (!ready.empty()) {
    const std::size_t i = ready.top();
    ready.pop();
    new_place[i] = order.size();
    order.push_back(data_->nodes[i]);
    for (const TensorId output : data_->nodes[i].outputs) {
      if (output == kNoTensor) continue;
      const std::size_t end = data_->first_consumer[index(output) + 1];
      for (std::size_t c = data_->first_consumer[index(output)]; c < end; ++c) {
        const std::size_t reader = index(data_->consumers[c]);
        if (--waiting_for[reader] == 0) ready.push(reader);
      }
    }
  }
  if (order.size() < count) {
    // Whoever is left waits for somebody who is left: walking back as many steps as there are nodes ends on a
    // cycle.
    auto stuck =
        static_cast<std::size_t>(std::find(new_place.begin(), new_place.end(), count) - new_place.begin());
    std::vector<std::size_t> before(count, count);  // found once per node: a node may have very many inputs
    for (std::size_t step = 0; step < count; ++step) {
      if (before[stuck] == count) {
        for_each_read(data_->nodes[stuck], [&](TensorId id) {
          const NodeId producer = data_->tensors[index(id)].producer;
          if (producer != kNoNode && new_place[index(producer)] == count) before[stuck] = index(producer);
        });
      }
      stuck = before[stuck];
    }
    throw error("the graph has a cycle through node '" + data_->nodes[stuck].name + "'");
  }
  data_->nodes = std::move(order);
  for (Tensor& tensor : data_->tensors) {
    if (tensor.producer == kNoNode) continue;
    tensor.producer = NodeId{static_cast<std::uint32_t>(new_place[index(tensor.producer)])};
  }
  index_consumers();
}

}  // namespace foretime
