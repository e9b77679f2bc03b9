#include "graph/graph.h"

#include "graph/graph_data.h"

namespace foretime {

Graph::Graph() {
  static const auto kEmpty = [] {
    auto data = std::make_shared<Data>();
    data->first_consumer = {0};
    return data;
  }();
  data_ = kEmpty;
}

const std::string& Graph::name() const {
  return data_->name;
}
std::span<const Node> Graph::nodes() const {
  return data_->nodes;
}
std::span<const Tensor> Graph::tensors() const {
  return data_->tensors;
}
const Node& Graph::operator[](NodeId id) const {
  return data_->nodes[index(id)];
}
const Tensor& Graph::operator[](TensorId id) const {
  return data_->tensors[index(id)];
}
std::span<const TensorId> Graph::inputs() const {
  return data_->inputs;
}
std::span<const TensorId> Graph::outputs() const {
  return data_->outputs;
}
std::span<const TensorId> Graph::captures() const {
  return data_->captures;
}

std::span<const NodeId> Graph::consumers(TensorId id) const {
  const std::size_t begin = data_->first_consumer[index(id)];
  const std::size_t end = data_->first_consumer[index(id) + 1];
  return std::span(data_->consumers).subspan(begin, end - begin);
}

std::optional<TensorId> Graph::find_tensor(std::string_view name) const {
  const std::uint32_t found = data_->by_name.find(name, data_->tensors);
  if (found == NameIndex::kNone) return std::nullopt;
  return TensorId{found};
}

std::span<const std::pair<std::string, std::int64_t>> Graph::opsets() const {
  return data_->opsets;
}

std::int64_t Graph::opset(std::string_view domain) const {
  for (const auto& [name, version] : data_->opsets) {
    if (name == domain) return version;
  }
  return 0;
}

std::span<const std::pair<std::string, std::string>> Graph::metadata() const {
  return data_->metadata;
}

}  // namespace foretime
