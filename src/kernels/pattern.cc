#include "kernels/pattern.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/error.h"
#include "base/small_vector.h"

namespace foretime {
namespace {

/// Constants of about this relative difference are the same: 0.16666 and 1/6.
constexpr double kSame = 1e-3;
constexpr std::size_t kFewValues = 64;

bool same_value(const Tensor& wanted, const Tensor& given) {
  if (given.constant == nullptr) return false;
  const auto value = reals(*wanted.constant, wanted.type, 1);
  const auto values = reals(*given.constant, given.type, kFewValues);
  if (!value || value->empty() || !values) return true;
  return std::all_of(values->begin(), values->end(), [&](double each) {
    return std::abs(each - value->front()) <= kSame * std::max(1e-6, std::abs(value->front()));
  });
}

bool commutes(std::string_view op) {
  return op == "Add" || op == "Mul";
}

}  // namespace

/// One attempt: which tensors and nodes of the network stand for those of the pattern.
class Matching {
 public:
  Matching(const Pattern& pattern, const Graph& graph)
      : pattern_(pattern),
        graph_(graph),
        nodes_(pattern.pattern_.nodes().size(), kNoNode),
        tensors_(pattern.pattern_.tensors().size(), kNoTensor) {}

  bool node(NodeId wanted, NodeId given) {
    if (nodes_[index(wanted)] != kNoNode) return nodes_[index(wanted)] == given;
    const Node& want = pattern_.pattern_[wanted];
    const Node& give = graph_[given];
    const std::vector<std::string>& words = pattern_.words_[index(wanted)];
    if (std::find(words.begin(), words.end(), give.op) == words.end()) return false;
    for (const auto& [name, value] : want.attributes) {
      const Attribute* attribute = give.attributes.find(name);
      if (attribute == nullptr || !same(value, *attribute)) return false;
    }
    nodes_[index(wanted)] = given;
    if (operands(want, give, false)) return true;
    if (want.inputs.size() == 2 && commutes(give.op) && operands(want, give, true)) return true;
    nodes_[index(wanted)] = kNoNode;
    return false;
  }

  /// In execution order; empty if somebody outside reads what is made inside.
  std::vector<NodeId> result() const {
    std::vector<NodeId> found;
    for (const NodeId given : nodes_) {
      if (given != kNoNode) found.push_back(given);
    }
    std::sort(found.begin(), found.end());
    const auto inside = [&](NodeId id) { return std::binary_search(found.begin(), found.end(), id); };
    for (std::size_t i = 0; i + 1 < found.size(); ++i) {
      for (const TensorId output : graph_[found[i]].outputs) {
        if (output == kNoTensor) continue;
        const auto readers = graph_.consumers(output);
        const auto outputs = graph_.outputs();
        if (!std::all_of(readers.begin(), readers.end(), inside)) return {};
        if (std::find(outputs.begin(), outputs.end(), output) != outputs.end()) return {};
      }
    }
    return found;
  }

 private:
  static bool same(const Attribute& a, const Attribute& b) {
    if (a.index() != b.index() || std::holds_alternative<TensorAttribute>(a)) return false;
    return std::visit(
        [&](const auto& value) {
          using Value = std::decay_t<decltype(value)>;
          if constexpr (std::is_same_v<Value, TensorAttribute>) {
            return false;
          } else {
            return value == std::get<Value>(b);
          }
        },
        a);
  }

  bool operands(const Node& want, const Node& give, bool swapped) {
    if (give.inputs.size() < want.inputs.size()) return false;
    const auto nodes = nodes_;  // of what fails in the middle, nothing stays
    const auto tensors = tensors_;
    for (std::size_t i = 0; i < give.inputs.size(); ++i) {
      const bool fits = i < want.inputs.size()
                            ? tensor(want.inputs[swapped ? 1 - i : i], give.inputs[i])
                            : give.inputs[i] == kNoTensor || graph_[give.inputs[i]].constant;
      if (fits) continue;
      nodes_ = nodes;
      tensors_ = tensors;
      return false;
    }
    return true;
  }

  bool tensor(TensorId wanted, TensorId given) {
    if (wanted == kNoTensor || given == kNoTensor) return wanted == given;
    const Tensor& want = pattern_.pattern_[wanted];
    const Tensor& give = graph_[given];
    if (want.constant != nullptr) return same_value(want, give);
    if (want.producer != kNoNode) return give.producer != kNoNode && node(want.producer, give.producer);
    if (give.constant != nullptr) return false;
    TensorId& known = tensors_[index(wanted)];
    if (known == kNoTensor) known = given;
    return known == given;
  }

  const Pattern& pattern_;
  const Graph& graph_;
  SmallVector<NodeId, 16> nodes_;      // by node of the pattern
  SmallVector<TensorId, 32> tensors_;  // by input of the pattern
};

Pattern::Pattern(const Block& block, const RuleSet& rules) : name_(block.name), pattern_(block.pattern) {
  last_ = pattern_[pattern_.outputs()[0]].producer;
  if (last_ == kNoNode) throw Error("block " + name_, "its output is an input", "the output of a node");
  for (const Node& node : pattern_.nodes()) words_.push_back(words_of(rules, node.op));
}

bool Pattern::may_end_with(const Graph& graph, const Node& node) const {
  const Node& want = pattern_[last_];
  return std::all_of(want.inputs.begin(), want.inputs.end(), [&](TensorId input) {
    const NodeId wanted = input == kNoTensor ? kNoNode : pattern_[input].producer;
    if (wanted == kNoNode) return true;
    const std::vector<std::string>& words = words_[index(wanted)];
    return std::any_of(node.inputs.begin(), node.inputs.end(), [&](TensorId given) {
      const NodeId producer = given == kNoTensor ? kNoNode : graph[given].producer;
      return producer != kNoNode && std::find(words.begin(), words.end(), graph[producer].op) != words.end();
    });
  });
}

std::vector<NodeId> Pattern::match(const Graph& graph, NodeId last) const {
  if (!may_end_with(graph, graph[last])) return {};
  Matching matching(*this, graph);
  return matching.node(last_, last) ? matching.result() : std::vector<NodeId>{};
}

}  // namespace foretime
