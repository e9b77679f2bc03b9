#include "passes/graph_edit.h"

#include <algorithm>
#include <memory>

#include "graph/graph_builder.h"

namespace foretime::passes {
namespace {

template <typename F>
void for_each_read(const Node& node, F f) {
  for (const TensorId id : node.inputs) {
    if (id != kNoTensor) f(id);
  }
  for (const Subgraph& body : node.subgraphs) std::for_each(body.captures.begin(), body.captures.end(), f);
}

}  // namespace

GraphEdit::GraphEdit(const Graph& graph)
    : nodes(graph.nodes().begin(), graph.nodes().end()),
      outputs(graph.outputs().begin(), graph.outputs().end()),
      graph_(graph),
      tensors_(graph.tensors().begin(), graph.tensors().end()) {}

TensorId GraphEdit::add(std::string wanted, TensorType type) {
  while (graph_.find_tensor(wanted) || !added_.insert(wanted).second) wanted += "'";
  const TensorId id{static_cast<std::uint32_t>(tensors_.size())};
  Tensor tensor;
  tensor.name = std::move(wanted);
  tensor.type = std::move(type);
  tensors_.push_back(std::move(tensor));
  return id;
}

TensorId GraphEdit::add_constant(std::string wanted, TensorType type, ConstantData data) {
  const TensorId id = add(std::move(wanted), std::move(type));
  (*this)[id].constant = std::make_shared<const ConstantData>(std::move(data));
  return id;
}

std::vector<std::vector<std::size_t>> GraphEdit::readers() const {
  std::vector<std::vector<std::size_t>> readers(tensors_.size());
  const auto add = [&](TensorId id, std::size_t reader) {
    std::vector<std::size_t>& list = readers[index(id)];
    if (list.empty() || list.back() != reader) list.push_back(reader);
  };
  for (std::size_t i = 0; i < nodes.size(); ++i) for_each_read(nodes[i], [&](TensorId id) { add(id, i); });
  for (const TensorId id : outputs) add(id, kOutside);
  return readers;
}

Graph GraphEdit::build() && {
  std::vector<bool> read(tensors_.size(), false);
  const auto need = [&](TensorId id) { read[index(id)] = true; };
  for (const Node& node : nodes) for_each_read(node, need);
  std::for_each(outputs.begin(), outputs.end(), need);
  for (std::size_t i = tensors_.size(); i-- > 0;) {
    if (read[i] && tensors_[i].constant != nullptr) {
      std::for_each(tensors_[i].constant->sources.begin(), tensors_[i].constant->sources.end(), need);
    }
  }
  GraphBuilder builder(graph_.name());
  for (const auto& [domain, version] : graph_.opsets()) builder.set_opset(domain, version);
  for (const auto& [key, value] : graph_.metadata()) builder.add_metadata(key, value);
  for (const Tensor& tensor : tensors_) builder.tensor(tensor.name);  // so that ids stay what they are
  for (const TensorId id : graph_.inputs()) builder.add_input((*this)[id].name, (*this)[id].type);
  for (const TensorId id : graph_.captures()) builder.add_capture((*this)[id].name, (*this)[id].type);
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    const Tensor& tensor = tensors_[i];
    const TensorId id{static_cast<std::uint32_t>(i)};
    if (tensor.constant == nullptr) {
      builder.set_type(id, tensor.type);
    } else if (read[i]) {
      builder.add_constant(tensor.name, tensor.type, tensor.constant);
    }
    builder.set_quantization(id, tensor.quantization);
  }
  for (Node& node : nodes) builder.add_node(std::move(node));
  for (const TensorId id : outputs) builder.add_output(id);
  return std::move(builder).build();
}

}  // namespace foretime::passes
