#include "regressors/tree_ensemble.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <unordered_map>

#include "base/error.h"
#include "base/packed.h"

namespace foretime {
namespace {

/// Rows that walk a tree together.
constexpr std::size_t kTogether = 64;
constexpr std::uint8_t kLeafMark = 1;  // in the text
constexpr std::uint32_t kMostTrees = 1U << 20;
constexpr std::size_t kMostNodes = std::size_t{1} << 27;

}  // namespace

/// Takes the nodes of tree after tree in depth-first order, left before right.
class TreeEnsemble::Grower {
 public:
  Grower(TreeEnsemble& ensemble, const std::string& where) : to_(ensemble), where_(where) {}

  void start() {
    to_.roots_.push_back(next());
    level_ = 0;
    grows_ = true;
  }
  /// Are there nodes still to come?
  bool grows() const { return grows_; }

  void leaf(float value) {
    if (!std::isfinite(value)) throw Error(where_, "a leaf that is no finite number");
    to_.nodes_.push_back({kLeaf, static_cast<std::uint32_t>(to_.values_.size())});
    to_.values_.push_back(value);
    grows_ = !open_.empty();
    if (!grows_) return;
    to_.nodes_[open_.back().node].right = next();
    level_ = open_.back().level + 1;
    open_.pop_back();
  }
  void split(std::size_t feature, float threshold) {
    if (feature >= to_.features_ || !std::isfinite(threshold)) {
      throw Error(where_, "a split on feature " + std::to_string(feature),
                  "one of " + std::to_string(to_.features_) + ", at a finite number");
    }
    if (level_ >= kDeepest) throw Error(where_, "a tree of more than 64 levels");
    if (to_.nodes_.size() > kMostNodes) throw Error(where_, "more than 2^27 nodes");
    const auto at = static_cast<std::uint32_t>(feature);
    const auto [known, fresh] =
        numbers_.try_emplace(std::uint64_t{at} << 32 | std::bit_cast<std::uint32_t>(threshold),
                             static_cast<std::uint32_t>(found_.size()));
    if (fresh) found_.push_back({at, threshold, known->second});
    open_.push_back({next(), level_++});
    to_.nodes_.push_back({known->second, 0});
  }
  /// After the last tree: numbers the splits as predict wants them.
  void finish();

 private:
  /// A node whose right child is still to come.
  struct Open {
    std::uint32_t node;
    int level;
  };
  struct Split {
    std::uint32_t feature;
    float threshold;
    std::uint32_t number;  // as it was met

    auto operator<=>(const Split&) const = default;
  };
  struct Hash {
    std::size_t operator()(std::uint64_t key) const {
      key *= 0x9e3779b97f4a7c15U;
      return key ^ key >> 32;
    }
  };

  std::uint32_t next() const { return static_cast<std::uint32_t>(to_.nodes_.size()); }

  TreeEnsemble& to_;
  const std::string& where_;
  std::vector<Open> open_;
  int level_ = 0;  // of the next node
  bool grows_ = false;
  std::vector<Split> found_;                                        // each once
  std::unordered_map<std::uint64_t, std::uint32_t, Hash> numbers_;  // of splits, by feature and threshold
};

void TreeEnsemble::Grower::finish() {
  std::sort(found_.begin(), found_.end());
  std::vector<std::uint32_t> number(found_.size());
  for (const Split& split : found_) {
    const auto at = static_cast<std::uint32_t>(to_.thresholds_.size());
    number[split.number] = at;
    to_.thresholds_.push_back(split.threshold);
    if (to_.splits_.empty() || to_.splits_.back().feature != split.feature)
      to_.splits_.push_back({split.feature, at, at});
    to_.splits_.back().end = at + 1;
  }
  for (Flat& node : to_.nodes_) {
    if (node.split != kLeaf) node.split = number[node.split];
  }
}

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
  grower.finish();
}

TreeEnsemble::TreeEnsemble(std::size_t features, std::span<const Term> terms) : features_(features) {
  const std::string where = "a sum of trees";
  Grower grower(*this, where);
  for (const auto& [from, weight] : terms) {
    const std::vector<std::uint32_t> feature_of = from.features_of_splits();
    for (const Flat& node : from.nodes_) {
      if (!grower.grows()) grower.start();
      if (node.split == kLeaf) {
        grower.leaf(static_cast<float>(weight * static_cast<double>(from.values_[node.right])));
      } else {
        grower.split(feature_of[node.split], from.thresholds_[node.split]);
      }
    }
  }
  grower.finish();
}

void TreeEnsemble::predict(std::span<const float> rows, std::span<double> sums) const {
  std::fill(sums.begin(), sums.end(), 0.0);
  std::vector<Mask> left;
  for (std::size_t first = 0; first < sums.size(); first += kTogether) {
    const std::size_t count = std::min(kTogether, sums.size() - first);
    find_left(rows.data() + first * features_, count, left);
    add_leaves(left, sums.subspan(first, count));
  }
}

void TreeEnsemble::find_left(const float* rows, std::size_t count, std::vector<Mask>& left) const {
  left.assign(thresholds_.size() + 1, 0);
  for (const Splits& splits : splits_) {
    for (std::size_t i = 0; i < count; ++i) {
      const float value = rows[i * features_ + splits.feature];
      // The first threshold above the value; without branches, as nobody can foresee in which half it is.
      const float* at = thresholds_.data() + splits.begin;
      std::uint32_t among = splits.end - splits.begin;
      for (; among > 1; among -= among / 2) at += value < at[among / 2 - 1] ? 0 : among / 2;
      at += value < *at ? 0 : 1;
      left[static_cast<std::size_t>(at - thresholds_.data())] |= Mask{1} << i;
    }
    left[splits.end] = 0;  // rows above all of them
    // Who goes left at one goes left at all behind it.
    for (std::uint32_t i = splits.begin + 1; i < splits.end; ++i) left[i] |= left[i - 1];
  }
}

void TreeEnsemble::add_leaves(const std::vector<Mask>& left, std::span<double> sums) const {
  struct Waiting {
    Mask rows;
    std::uint32_t node;
  };
  std::array<Waiting, kDeepest + 1> waiting;
  for (const std::uint32_t root : roots_) {
    std::size_t depth = 0;
    waiting[depth++] = {~Mask{0} >> (kTogether - sums.size()), root};
    while (depth > 0) {
      auto [here, node] = waiting[--depth];
      while (nodes_[node].split != kLeaf) {
        const Mask go_left = here & left[nodes_[node].split];
        const Mask go_right = here ^ go_left;
        waiting[depth] = {go_right, nodes_[node].right};
        depth += go_left != 0 && go_right != 0;
        node = go_left != 0 ? node + 1 : nodes_[node].right;
        here = go_left != 0 ? go_left : go_right;
      }
      const double value = static_cast<double>(values_[nodes_[node].right]);
      for (; here != 0; here &= here - 1) sums[static_cast<std::size_t>(std::countr_zero(here))] += value;
    }
  }
}

std::vector<std::uint32_t> TreeEnsemble::features_of_splits() const {
  std::vector<std::uint32_t> feature_of(thresholds_.size());
  for (const Splits& each : splits_)
    std::fill(feature_of.begin() + each.begin, feature_of.begin() + each.end, each.feature);
  return feature_of;
}

std::string TreeEnsemble::to_text() const {
  Packer packer;
  packer.add(static_cast<std::uint32_t>(features_));
  packer.add(static_cast<std::uint32_t>(roots_.size()));
  const std::vector<std::uint32_t> feature_of = features_of_splits();
  for (const Flat& node : nodes_) {
    packer.add(static_cast<std::uint8_t>(node.split == kLeaf ? kLeafMark : 0));
    if (node.split != kLeaf) packer.add(static_cast<std::uint16_t>(feature_of[node.split]));
    packer.add(node.split == kLeaf ? values_[node.right] : thresholds_[node.split]);
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
  // A leaf takes 5 bytes and what splits 7, of which a tree has one less: 8 characters for a node.
  ensemble.nodes_.reserve(text.size() / 8);
  ensemble.values_.reserve(text.size() / 16);
  Grower grower(ensemble, where);
  for (std::uint32_t i = 0; i < count; ++i) {
    grower.start();
    while (grower.grows()) {
      if (unpacker.take<std::uint8_t>() == kLeafMark) {
        grower.leaf(unpacker.take<float>());
      } else {
        const auto feature = unpacker.take<std::uint16_t>();
        grower.split(feature, unpacker.take<float>());
      }
    }
  }
  unpacker.finish();
  grower.finish();
  return ensemble;
}

}  // namespace foretime
