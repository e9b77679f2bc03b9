#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kernels/rules.h"

namespace foretime {

/// A block's pattern, ready to be looked for. It matches around a node when
///   - operators are the pattern's words (or of their sets), operands of Add and Mul in either order;
///   - an input of the pattern stands for one activation wherever it occurs, a constant for a constant: of
///     about the same value where both have one;
///   - attributes that the pattern states are the same;
///   - nobody outside reads what is made inside, but for the last node's output.
/// Further operands of a node are constants.
class Pattern {
 public:
  Pattern(const Block& block, const RuleSet& rules);

  const std::string& name() const { return name_; }
  /// The operators that a match may end with.
  const std::vector<std::string>& last_words() const { return words_[index(last_)]; }
  /// The nodes of the match that ends with `last`, in execution order; empty: there is none.
  std::vector<NodeId> match(const Graph& graph, NodeId last) const;

 private:
  friend class Matching;
  /// May a match end with this node, as far as its operands' operators tell?
  bool may_end_with(const Graph& graph, const Node& node) const;

  std::string name_;
  Graph pattern_;
  NodeId last_ = kNoNode;
  std::vector<std::vector<std::string>> words_;  // by node of the pattern
};

}  // namespace foretime
