#pragma once

// Sums of regression trees, flattened for inference: boosted ones and averaged forests alike.
//
// Rows walk a tree together, as the bits of a mask. Trees that were grown on binned numbers share their
// splits (of 16,146 nodes in a profile's 400 trees 1,006 are different), so which rows go left is found once
// for each split, and a node costs one "and" for all rows that meet in it.

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
  struct Term {
    const TreeEnsemble& trees;
    double weight;
  };
  /// The sum of the terms, each times its weight. REQUIRES: all of so many features, or without trees.
  TreeEnsemble(std::size_t features, std::span<const Term> terms);

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

  /// Nodes stand in depth-first order: a left child is the next one.
  struct Flat {
    std::uint32_t split;  // by number; kLeaf: none
    std::uint32_t right;  // its right child; of a leaf: its place in values_

    bool operator==(const Flat&) const = default;
  };
  /// Splits of one feature; they follow each other, thresholds ascending.
  struct Splits {
    std::uint32_t feature;
    std::uint32_t begin;
    std::uint32_t end;

    bool operator==(const Splits&) const = default;
  };
  constexpr static std::uint32_t kLeaf = UINT32_MAX;
  /// By split: its feature.
  std::vector<std::uint32_t> features_of_splits() const;

  /// Rows by bit.
  using Mask = std::uint64_t;
  /// Which of the rows, 64 at most, go left at each split.
  void find_left(const float* rows, std::size_t count, std::vector<Mask>& left) const;
  /// REQUIRES: `left` is of as many rows as there are sums.
  void add_leaves(const std::vector<Mask>& left, std::span<double> sums) const;

  std::size_t features_ = 0;
  std::vector<std::uint32_t> roots_;
  std::vector<Flat> nodes_;
  std::vector<float> values_;      // of leaves
  std::vector<float> thresholds_;  // by number of the split
  std::vector<Splits> splits_;     // by feature
};

}  // namespace foretime
