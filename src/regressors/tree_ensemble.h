#pragma once

// Sums of regression trees, flattened for inference: boosted ones and averaged forests alike.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace foretime {

/// A tree before it is flattened: what importers and the trainer make.
struct Tree {
  struct Node {
    std::int32_t feature = -1;  // -1: a leaf
    float threshold = 0;        // x < threshold goes left, everything else right
    std::uint32_t left = 0;     // index in `nodes`, greater than this node's own
    std::uint32_t right = 0;
    float value = 0;  // of a leaf
  };
  std::vector<Node> nodes;  // the root is the first
};

/// f(x) = Σ over trees of the leaf that x falls into. The same on every machine: leaves are added in the
/// order of the trees, in double precision.
class TreeEnsemble {
 public:
  /// So deep a tree cannot come from training that means well.
  constexpr static int kDeepest = 64;

  TreeEnsemble() = default;
  /// Error, with `where`: a feature that is not below `features`, a child that is not behind its parent, a
  /// threshold or value that is not finite, more than kDeepest levels, a tree without nodes.
  TreeEnsemble(std::size_t features, const std::vector<Tree>& trees, const std::string& where);

  std::size_t features() const { return features_; }
  std::size_t trees() const { return roots_.size(); }

  /// One sum per row. `rows` holds them one after the other, `features()` numbers each.
  /// REQUIRES: no number is NaN; rows.size() == sums.size() * features().
  void predict(std::span<const float> rows, std::span<double> sums) const;

  /// A compact text (base64 of the trees in depth-first order).
  std::string to_text() const;
  /// Error, with `where`: the text is broken.
  static TreeEnsemble from_text(std::string_view text, const std::string& where);

  bool operator==(const TreeEnsemble&) const = default;

 private:
  class Grower;

  /// A leaf asks for the column behind the last, which is below everything, and points at itself, so that a
  /// walk may go on for as many steps as the tree has levels without asking whether it has arrived.
  struct Flat {
    float threshold;  // of a leaf: its value
    std::uint32_t feature;
    std::uint32_t left;  // the right child is the next one

    bool operator==(const Flat&) const = default;
  };
  struct Root {
    std::uint32_t node;
    std::uint32_t levels;

    bool operator==(const Root&) const = default;
  };

  std::size_t features_ = 0;
  std::vector<Root> roots_;
  std::vector<Flat> nodes_;
};

}  // namespace foretime
