#include "passes/join_bias.h"

#include <array>
#include <optional>
#include <vector>

#include "passes/graph_edit.h"

namespace foretime::passes {
namespace {

/// Sizes of a tensor of floats, all of them known.
std::optional<std::vector<std::int64_t>> sizes_of(const Tensor& tensor) {
  if (tensor.type.dtype != DataType::float32 || !tensor.type.shape || !is_static(*tensor.type.shape))
    return std::nullopt;
  std::vector<std::int64_t> sizes;
  for (const Dim& dim : *tensor.type.shape) sizes.push_back(dim.number());
  return sizes;
}

TensorType floats(const std::vector<std::int64_t>& sizes) {
  return {DataType::float32, Shape(sizes.begin(), sizes.end())};
}

class Joining {
 public:
  explicit Joining(const Graph& graph) : edit_(graph), readers_(edit_.readers()) {}

  Graph run() {
    std::vector<Node> nodes;
    const std::vector<Node> before = edit_.nodes;
    std::vector<bool> joined(before.size(), false);
    for (std::size_t i = 0; i < before.size(); ++i) {
      // The sum stands where both of its operands are there.
      if (const auto product = product_of(before[i])) joined[*product] = true;
    }
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (joined[i]) continue;
      if (const auto product = product_of(before[i])) {
        join(before[*product], before[i], nodes);
      } else {
        nodes.push_back(before[i]);
      }
    }
    edit_.nodes = std::move(nodes);
    return std::move(edit_).build();
  }

 private:
  /// The place of the matrix product that `sum` adds a constant vector to, if nobody else reads it.
  std::optional<std::size_t> product_of(const Node& sum) const {
    if (sum.op != "Add" || !sum.domain.empty() || sum.inputs.size() != 2) return std::nullopt;
    const std::size_t constant = edit_.is_constant(sum.inputs[0]) ? 0 : 1;
    const TensorId between = sum.inputs[1 - constant];
    const NodeId producer = edit_.before()[between].producer;
    if (!edit_.is_constant(sum.inputs[constant]) || producer == kNoNode ||
        readers_[index(between)].size() != 1)
      return std::nullopt;
    const Node& product = edit_.before()[producer];
    if (product.op != "MatMul" || !product.domain.empty() || !edit_.is_constant(product.inputs[1]))
      return std::nullopt;
    const auto left = sizes_of(edit_[product.inputs[0]]);
    const auto right = sizes_of(edit_[product.inputs[1]]);
    const auto bias = sizes_of(edit_[sum.inputs[constant]]);
    const bool fits = left && right && bias && left->size() >= 2 && right->size() == 2 && bias->size() == 1 &&
                      (*bias)[0] == (*right)[1];
    return fits ? std::optional(index(producer)) : std::nullopt;
  }

  TensorId reshaped(TensorId from, const std::vector<std::int64_t>& sizes, const std::string& name,
                    std::vector<Node>& nodes) {
    const TensorId to = edit_.add(name, floats(sizes));
    nodes.push_back(reshape(from, to, sizes, name));
    return to;
  }
  Node reshape(TensorId from, TensorId to, const std::vector<std::int64_t>& sizes, const std::string& name) {
    const TensorId wanted =
        edit_.add_constant(name + "/shape", {DataType::int64, Shape{static_cast<std::int64_t>(sizes.size())}},
                           ConstantData::of(sizes));
    Node node;
    node.name = name;
    node.op = "Reshape";
    node.inputs = {from, wanted};
    node.outputs = {to};
    return node;
  }

  void join(const Node& product, const Node& sum, std::vector<Node>& nodes) {
    const TensorId bias = sum.inputs[edit_.is_constant(sum.inputs[0]) ? 0 : 1];
    const std::vector<std::int64_t> sizes = *sizes_of(edit_[product.inputs[0]]);
    Node gemm = product;
    gemm.op = "Gemm";
    gemm.attributes = {};
    if (sizes.size() == 2) {
      gemm.inputs.push_back(bias);
      gemm.outputs = sum.outputs;
      nodes.push_back(std::move(gemm));
      return;
    }
    std::int64_t rows = 1;
    for (std::size_t axis = 0; axis + 1 < sizes.size(); ++axis) rows *= sizes[axis];
    const std::int64_t columns = (*sizes_of(edit_[bias]))[0];
    gemm.inputs[0] = reshaped(product.inputs[0], {rows, sizes.back()}, product.name + "/rows", nodes);
    gemm.inputs.push_back(bias);
    gemm.outputs = {edit_.add(product.name + "/sum", floats({rows, columns}))};
    nodes.push_back(gemm);
    std::vector<std::int64_t> wanted = sizes;
    wanted.back() = columns;
    nodes.push_back(reshape(gemm.outputs[0], sum.outputs[0], wanted, product.name + "/restored"));
  }

  GraphEdit edit_;
  std::vector<std::vector<std::size_t>> readers_;
};

}  // namespace

Graph join_bias(const Graph& graph) {
  return Joining(graph).run();
}

}  // namespace foretime::passes
