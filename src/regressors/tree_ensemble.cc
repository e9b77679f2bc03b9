#include "regressors/tree_ensemble.h"

#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "base/error.h"
#include "base/packed.h"

namespace foretime {
namespace {

constexpr float kEverything = std::numeric_limits<float>::infinity();
/// Rows that walk a tree side by side: enough for the processor to overlap their memory accesses.
constexpr std::size_t kTogether = 8;
constexpr std::uint8_t kLeaf = 1;
constexpr std::uint32_t kMostTrees = 1U << 20;

struct Pending {
  std::uint32_t from;  // in the given tree
  std::uint32_t to;    // in the flattened one
  int level;
};

}  // namespace

TreeEnsemble::TreeEnsemble(std::size_t features, const std::vector<Tree>& trees, const std::string& where)
    : features_(features) {
  for (const Tree& tree : trees) {
    if (tree.nodes.empty()) throw Error(where, "a tree without nodes", "at least a leaf");
    const auto root = static_cast<std::uint32_t>(nodes_.size());
    int levels = 0;
    nodes_.emplace_back();
    std::vector<Pending> left = {{0, root, 0}};
    while (!left.empty()) {
      const Pending at = left.back();
      left.pop_back();
      const Tree::Node& node = tree.nodes[at.from];
      levels = std::max(levels, at.level);
      if (node.feature < 0) {
        if (!std::isfinite(node.value)) throw Error(where, "a leaf that is no finite number");
        nodes_[at.to] = {kEverything, 0, at.to, node.value};
        continue;
      }
      const bool forward = node.left > at.from && node.right > at.from && node.left < tree.nodes.size() &&
                           node.right < tree.nodes.size();
      if (!forward) throw Error(where, "a child that does not stand behind its parent", "a tree");
      if (static_cast<std::size_t>(node.feature) >= features || !std::isfinite(node.threshold)) {
        throw Error(where, "a split on feature " + std::to_string(node.feature),
                    "one of " + std::to_string(features) + ", at a finite number");
      }
      if (at.level >= kDeepest) throw Error(where, "a tree of more than 64 levels");
      if (nodes_.size() > (std::size_t{1} << 27)) throw Error(where, "more than 2^27 nodes");
      const auto child = static_cast<std::uint32_t>(nodes_.size());
      nodes_[at.to] = {node.threshold, static_cast<std::uint32_t>(node.feature), child, 0};
      nodes_.resize(nodes_.size() + 2);
      left.push_back({node.right, child + 1, at.level + 1});
      left.push_back({node.left, child, at.level + 1});
    }
    roots_.push_back({root, static_cast<std::uint32_t>(levels)});
  }
}

void TreeEnsemble::predict(std::span<const float> rows, std::span<double> sums) const {
  const Flat* nodes = nodes_.data();
  std::fill(sums.begin(), sums.end(), 0.0);
  // Trees outside, rows inside: a tree stays in the nearest cache while all rows walk it.
  for (const Root& root : roots_) {
    for (std::size_t first = 0; first < sums.size(); first += kTogether) {
      const std::size_t count = std::min(kTogether, sums.size() - first);
      std::array<const float*, kTogether> row{};
      for (std::size_t i = 0; i < kTogether; ++i) {
        row[i] = rows.data() + (first + std::min(i, count - 1)) * features_;
      }
      std::array<std::uint32_t, kTogether> at;
      at.fill(root.node);
      for (std::uint32_t level = 0; level < root.levels; ++level) {
        for (std::size_t i = 0; i < kTogether; ++i) {
          const Flat& node = nodes[at[i]];
          at[i] = node.left + static_cast<std::uint32_t>(!(row[i][node.feature] < node.threshold));
        }
      }
      for (std::size_t i = 0; i < count; ++i) sums[first + i] += static_cast<double>(nodes[at[i]].value);
    }
  }
}

std::string TreeEnsemble::to_text() const {
  Packer packer;
  packer.add(static_cast<std::uint32_t>(features_));
  packer.add(static_cast<std::uint32_t>(roots_.size()));
  for (const Root& root : roots_) {
    std::vector<std::uint32_t> left = {root.node};
    while (!left.empty()) {
      const Flat& node = nodes_[left.back()];
      const bool leaf = node.left == left.back();
      left.pop_back();
      if (leaf) {
        packer.add(kLeaf);
        packer.add(node.value);
        continue;
      }
      packer.add(std::uint8_t{0});
      packer.add(static_cast<std::uint16_t>(node.feature));
      packer.add(node.threshold);
      left.push_back(node.left + 1);
      left.push_back(node.left);
    }
  }
  return packer.base64();
}

TreeEnsemble TreeEnsemble::from_text(std::string_view text, const std::string& where) {
  Unpacker unpacker(text, where);
  const auto features = unpacker.take<std::uint32_t>();
  const auto count = unpacker.take<std::uint32_t>();
  if (count > kMostTrees)
    throw Error(where, "says it has " + std::to_string(count) + " trees", "at most 2^20");
  std::vector<Tree> trees;
  for (std::uint32_t i = 0; i < count; ++i) {
    Tree& tree = trees.emplace_back();
    // Parents whose right child is still to come.
    std::vector<std::uint32_t> open;
    do {
      const auto at = static_cast<std::uint32_t>(tree.nodes.size());
      Tree::Node node;
      const bool leaf = unpacker.take<std::uint8_t>() == kLeaf;
      if (leaf) {
        node.value = unpacker.take<float>();
      } else {
        node.feature = unpacker.take<std::uint16_t>();
        node.threshold = unpacker.take<float>();
        node.left = at + 1;
        open.push_back(at);
      }
      tree.nodes.push_back(node);
      if (!leaf) continue;
      if (open.empty()) break;
      tree.nodes[open.back()].right = at + 1;
      open.pop_back();
    } while (true);
  }
  unpacker.finish();
  return {features, trees, where};
}

}  // namespace foretime
