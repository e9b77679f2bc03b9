#include "regressors/tree_ensemble.h"

#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "base/error.h"
#include "base/packed.h"

namespace foretime {
namespace {

/// Below everything that a tree splits on.
constexpr float kLowest = -std::numeric_limits<float>::infinity();
/// Rows that walk a tree side by side: enough for the processor to overlap their memory accesses, few enough
/// for its registers.
constexpr std::size_t kTogether = 8;
constexpr std::uint8_t kLeaf = 1;
constexpr std::uint32_t kMostTrees = 1U << 20;
constexpr std::size_t kMostNodes = std::size_t{1} << 27;

}  // namespace

/// Takes the nodes of tree after tree in depth-first order, left before right.
class TreeEnsemble::Grower {
 public:
  Grower(TreeEnsemble& ensemble, const std::string& where) : to_(ensemble), where_(where) {}

  void start() {
    to_.roots_.push_back({static_cast<std::uint32_t>(to_.nodes_.size()), 0});
    open_.push_back({to_.roots_.back().node, 0});
    to_.nodes_.emplace_back();
  }
  /// Are there nodes still to come?
  bool grows() const { return !open_.empty(); }

  void leaf(float value) {
    if (!std::isfinite(value)) throw Error(where_, "a leaf that is no finite number");
    const Open at = take();
    to_.nodes_[at.node] = {value, static_cast<std::uint32_t>(to_.features_), at.node};
  }
  void split(std::size_t feature, float threshold) {
    if (feature >= to_.features_ || !std::isfinite(threshold)) {
      throw Error(where_, "a split on feature " + std::to_string(feature),
                  "one of " + std::to_string(to_.features_) + ", at a finite number");
    }
    const Open at = take();
    if (at.level >= kDeepest) throw Error(where_, "a tree of more than 64 levels");
    if (to_.nodes_.size() > kMostNodes) throw Error(where_, "more than 2^27 nodes");
    const auto child = static_cast<std::uint32_t>(to_.nodes_.size());
    to_.nodes_[at.node] = {threshold, static_cast<std::uint32_t>(feature), child};
    to_.nodes_.resize(to_.nodes_.size() + 2);
    open_.push_back({child + 1, at.level + 1});
    open_.push_back({child, at.level + 1});
  }

 private:
  /// A node that was promised by its parent.
  struct Open {
    std::uint32_t node;
    std::uint32_t level;
  };

  Open take() {
    const Open at = open_.back();
    open_.pop_back();
    to_.roots_.back().levels = std::max(to_.roots_.back().levels, at.level);
    return at;
  }

  TreeEnsemble& to_;
  const std::string& where_;
  std::vector<Open> open_;
};

TreeEnsemble::TreeEnsemble(std::size_t features, const std::vector<Tree>& trees, const std::string& where)
    : features_(features) {
  Grower grower(*this, where);
  std::vector<std::uint32_t> left;  // nodes of the given tree still to be taken
  for (const Tree& tree : trees) {
    if (tree.nodes.empty()) throw Error(where, "a tree without nodes", "at least a leaf");
    grower.start();
    for (left = {0}; !left.empty();) {
      const std::uint32_t at = left.back();
      left.pop_back();
      const Tree::Node& node = tree.nodes[at];
      if (node.feature < 0) {
        grower.leaf(node.value);
        continue;
      }
      const bool forward = node.left > at && node.right > at && node.left < tree.nodes.size() &&
                           node.right < tree.nodes.size();
      if (!forward) throw Error(where, "a child that does not stand behind its parent", "a tree");
      grower.split(static_cast<std::size_t>(node.feature), node.threshold);
      left.push_back(node.right);
      left.push_back(node.left);
    }
  }
}

void TreeEnsemble::predict(std::span<const float> rows, std::span<double> sums) const {
  std::fill(sums.begin(), sums.end(), 0.0);
  if (sums.empty()) return;
  // Blocks of kTogether rows, feature by feature; the last one is filled up with its last row.
  const std::size_t blocks = (sums.size() + kTogether - 1) / kTogether;
  const std::size_t stride = (features_ + 1) * kTogether;
  std::vector<float> values(blocks * stride, kLowest);
  for (std::size_t i = 0; i < blocks * kTogether; ++i) {
    const float* row = rows.data() + std::min(i, sums.size() - 1) * features_;
    float* to = values.data() + i / kTogether * stride + i % kTogether;
    for (std::size_t feature = 0; feature < features_; ++feature) to[feature * kTogether] = row[feature];
  }
  const Flat* nodes = nodes_.data();
  // Trees outside, rows inside: a tree stays in the nearest cache while all rows walk it.
  for (const Root& root : roots_) {
    for (std::size_t block = 0; block < blocks; ++block) {
      const float* from = values.data() + block * stride;
      std::array<std::uint32_t, kTogether> at;
      at.fill(root.node);
      for (std::uint32_t level = 0; level < root.levels; ++level) {
#pragma GCC unroll 8
        for (std::size_t i = 0; i < kTogether; ++i) {
          const Flat& node = nodes[at[i]];
          at[i] =
              node.left + static_cast<std::uint32_t>(!(from[node.feature * kTogether + i] < node.threshold));
        }
      }
      const std::size_t first = block * kTogether;
      const std::size_t count = std::min(kTogether, sums.size() - first);
      for (std::size_t i = 0; i < count; ++i) sums[first + i] += static_cast<double>(nodes[at[i]].threshold);
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
        packer.add(node.threshold);
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
  TreeEnsemble ensemble;
  ensemble.features_ = features;
  ensemble.nodes_.reserve(text.size() / 6);  // a leaf takes 5 bytes, which are 20/3 characters
  Grower grower(ensemble, where);
  for (std::uint32_t i = 0; i < count; ++i) {
    grower.start();
    while (grower.grows()) {
      if (unpacker.take<std::uint8_t>() == kLeaf) {
        grower.leaf(unpacker.take<float>());
      } else {
        const auto feature = unpacker.take<std::uint16_t>();
        grower.split(feature, unpacker.take<float>());
      }
    }
  }
  unpacker.finish();
  return ensemble;
}

}  // namespace foretime
