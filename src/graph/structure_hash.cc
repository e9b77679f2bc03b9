#include "graph/structure_hash.h"

#include <bit>
#include <string_view>
#include <type_traits>
#include <vector>

namespace foretime {
namespace {

/// FNV-1a over 64-bit words, with a final mix of each.
class Hash {
 public:
  void add(std::uint64_t word) {
    word ^= word >> 32;
    word *= 0x9e3779b97f4a7c15U;
    value_ = (value_ ^ word ^ (word >> 29)) * 0x100000001b3U;
  }
  void add(std::string_view text) {
    add(text.size());
    for (const char c : text) add(static_cast<std::uint64_t>(static_cast<unsigned char>(c)));
  }
  template <typename T>
  void add(const std::vector<T>& items) {
    add(items.size());
    for (const T& item : items) add_item(item);
  }
  std::uint64_t value() const { return value_; }

 private:
  void add_item(std::int64_t item) { add(static_cast<std::uint64_t>(item)); }
  void add_item(float item) { add(std::uint64_t{std::bit_cast<std::uint32_t>(item)}); }
  void add_item(const std::string& item) { add(std::string_view(item)); }

  std::uint64_t value_ = 0xcbf29ce484222325U;
};

void add_attribute(Hash& hash, const Attribute& attribute) {
  std::visit(
      [&](const auto& value) {
        using Value = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, std::int64_t>) {
          hash.add(static_cast<std::uint64_t>(value));
        } else if constexpr (std::is_same_v<Value, float>) {
          hash.add(std::uint64_t{std::bit_cast<std::uint32_t>(value)});
        } else if constexpr (std::is_same_v<Value, std::string>) {
          hash.add(std::string_view(value));
        } else if constexpr (!std::is_same_v<Value, TensorAttribute>) {
          hash.add(value);
        }
      },
      attribute);
}

void add_graph(Hash& hash, const Graph& graph) {
  // Tensors by the order in which they appear: their own numbers depend on how the graph was read.
  std::vector<std::uint64_t> number(graph.tensors().size());
  std::uint64_t next = 1;
  const auto add_tensor = [&](TensorId id) {
    if (id == kNoTensor) return hash.add(std::uint64_t{0});
    if (number[index(id)] == 0) {
      number[index(id)] = next++;
      const TensorType& type = graph[id].type;
      hash.add(static_cast<std::uint64_t>(type.dtype));
      if (type.shape) {
        for (const Dim& dim : *type.shape) hash.add(static_cast<std::uint64_t>(dim.upper()));
      }
    }
    hash.add(number[index(id)]);
  };
  for (const TensorId input : graph.inputs()) add_tensor(input);
  for (const Node& node : graph.nodes()) {
    hash.add(std::string_view(node.op));
    for (const TensorId input : node.inputs) add_tensor(input);
    for (const TensorId output : node.outputs) add_tensor(output);
    for (const auto& [name, value] : node.attributes) {
      hash.add(std::string_view(name));
      add_attribute(hash, value);
    }
    for (const Subgraph& subgraph : node.subgraphs) add_graph(hash, subgraph.body);
  }
  for (const TensorId output : graph.outputs()) add_tensor(output);
}

}  // namespace

std::uint64_t structure_hash(const Graph& graph) {
  Hash hash;
  add_graph(hash, graph);
  return hash.value();
}

}  // namespace foretime
