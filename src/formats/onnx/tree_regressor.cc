#include "formats/onnx/tree_regressor.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "base/error.h"

namespace foretime::onnx {
namespace {

using Integers = std::vector<std::int64_t>;

constexpr std::array<std::string_view, 4> kAround = {"Cast", "Identity", "Reshape", "Flatten"};

class Reader {
 public:
  Reader(const Node& node, const std::string& origin) : node_(node), origin_(origin) {}

  Forest read() {
    check_settings();
    read_nodes();
    add_leaf_values();
    return forest();
  }

 private:
  struct Part {
    std::vector<Tree::Node> nodes;  // in the order of the file
    std::map<std::int64_t, std::uint32_t> places;
  };

  Error error(const std::string& what, const std::string& accepted = {}) const {
    return {origin_, "TreeEnsembleRegressor: " + what, accepted};
  }

  std::vector<std::string> texts(const char* name) const {
    const Attribute* found = node_.attributes.find(name);
    const auto* list = found == nullptr ? nullptr : std::get_if<std::vector<std::string>>(found);
    return list == nullptr ? std::vector<std::string>{} : *list;
  }

  template <typename List>
  const List& sized(const List& list, std::size_t size, const char* name) const {
    if (list.size() != size) {
      throw error(std::string(name) + " has " + std::to_string(list.size()) + " items", std::to_string(size));
    }
    return list;
  }

  void check_settings() const;
  void read_nodes();
  Tree::Node split(const std::string& mode, float threshold, std::uint32_t yes, std::uint32_t no) const;
  std::uint32_t place(const Part& part, std::int64_t tree, std::int64_t id) const;
  void add_leaf_values();
  std::uint32_t root_of(const Part& part, std::int64_t tree) const;
  Forest forest() const;

  const Node& node_;
  const std::string& origin_;
  std::map<std::int64_t, Part> trees_;
  std::int64_t features_ = 1;
};

void Reader::check_settings() const {
  const std::string transform = node_.attributes.text("post_transform", "NONE");
  if (transform != "NONE") throw error("post_transform is " + transform, "NONE");
  const std::string aggregate = node_.attributes.text("aggregate_function", "SUM");
  if (aggregate != "SUM" && aggregate != "AVERAGE")
    throw error("aggregate_function is " + aggregate, "SUM, AVERAGE");
  const std::int64_t targets = node_.attributes.integer("n_targets", 1);
  if (targets != 1) throw error("has " + std::to_string(targets) + " targets", "1");
  for (const char* name : {"nodes_values_as_tensor", "target_weights_as_tensor", "base_values_as_tensor"}) {
    if (node_.attributes.has(name))
      throw error(std::string(name) + " is not read", "numbers of single precision");
  }
}

std::uint32_t Reader::place(const Part& part, std::int64_t tree, std::int64_t id) const {
  const auto found = part.places.find(id);
  if (found == part.places.end()) {
    throw error("tree " + std::to_string(tree) + " has no node " + std::to_string(id));
  }
  return found->second;
}

/// `yes`: where the mode's comparison holds.
Tree::Node Reader::split(const std::string& mode, float threshold, std::uint32_t yes,
                         std::uint32_t no) const {
  const bool with_equal = mode == "BRANCH_LEQ" || mode == "BRANCH_GT";
  Tree::Node node;
  node.threshold = threshold_below(static_cast<double>(threshold), with_equal);
  if (mode == "BRANCH_LEQ" || mode == "BRANCH_LT") {
    node.left = yes;
    node.right = no;
  } else if (mode == "BRANCH_GT" || mode == "BRANCH_GTE") {
    node.left = no;
    node.right = yes;
  } else {
    throw error("mode " + mode, "BRANCH_LEQ, BRANCH_LT, BRANCH_GTE, BRANCH_GT, LEAF");
  }
  return node;
}

void Reader::read_nodes() {
  const Integers trees = node_.attributes.integers("nodes_treeids");
  const std::size_t count = trees.size();
  if (count == 0) throw error("has no nodes_treeids", "at least a leaf");
  const Integers ids = sized(node_.attributes.integers("nodes_nodeids"), count, "nodes_nodeids");
  const Integers features = sized(node_.attributes.integers("nodes_featureids"), count, "nodes_featureids");
  const Integers yes = sized(node_.attributes.integers("nodes_truenodeids"), count, "nodes_truenodeids");
  const Integers no = sized(node_.attributes.integers("nodes_falsenodeids"), count, "nodes_falsenodeids");
  const std::vector<float> thresholds = sized(node_.attributes.reals("nodes_values"), count, "nodes_values");
  const std::vector<std::string> modes = sized(texts("nodes_modes"), count, "nodes_modes");
  for (std::size_t i = 0; i < count; ++i) {
    Part& part = trees_[trees[i]];
    if (!part.places.emplace(ids[i], static_cast<std::uint32_t>(part.places.size())).second) {
      throw error("tree " + std::to_string(trees[i]) + " has node " + std::to_string(ids[i]) + " twice");
    }
  }
  for (std::size_t i = 0; i < count; ++i) {
    Part& part = trees_[trees[i]];
    Tree::Node node;
    if (modes[i] != "LEAF") {
      node = split(modes[i], thresholds[i], place(part, trees[i], yes[i]), place(part, trees[i], no[i]));
      if (features[i] < 0 || features[i] > UINT16_MAX) {
        throw error("a split on feature " + std::to_string(features[i]), "0 to 65535");
      }
      node.feature = static_cast<std::int32_t>(features[i]);
      features_ = std::max(features_, features[i] + 1);
    }
    part.nodes.push_back(node);
  }
}

void Reader::add_leaf_values() {
  const Integers trees = node_.attributes.integers("target_treeids");
  const Integers ids = sized(node_.attributes.integers("target_nodeids"), trees.size(), "target_nodeids");
  const Integers targets = sized(node_.attributes.integers("target_ids"), trees.size(), "target_ids");
  const std::vector<float> weights =
      sized(node_.attributes.reals("target_weights"), trees.size(), "target_weights");
  for (std::size_t i = 0; i < trees.size(); ++i) {
    if (targets[i] != 0) throw error("a weight of target " + std::to_string(targets[i]), "0");
    const auto part = trees_.find(trees[i]);
    if (part == trees_.end())
      throw error("a weight of tree " + std::to_string(trees[i]) + ", which has no nodes");
    Tree::Node& node = part->second.nodes[place(part->second, trees[i], ids[i])];
    if (node.feature >= 0) throw error("a weight of node " + std::to_string(ids[i]) + ", which is no leaf");
    node.value += weights[i];
  }
}

/// The one node that is nobody's child.
std::uint32_t Reader::root_of(const Part& part, std::int64_t tree) const {
  std::vector<bool> child(part.nodes.size());
  for (const Tree::Node& node : part.nodes) {
    if (node.feature >= 0) child[node.left] = child[node.right] = true;
  }
  const auto roots = std::count(child.begin(), child.end(), false);
  if (roots != 1)
    throw error("tree " + std::to_string(tree) + " has " + std::to_string(roots) + " roots", "1");
  return static_cast<std::uint32_t>(std::find(child.begin(), child.end(), false) - child.begin());
}

Forest Reader::forest() const {
  std::vector<Tree> trees;
  for (const auto& [id, part] : trees_) {
    trees.push_back(in_order(part.nodes, root_of(part, id), origin_ + ": tree " + std::to_string(id)));
  }
  Forest forest;
  forest.trees = TreeEnsemble(static_cast<std::size_t>(features_), trees, origin_);
  if (node_.attributes.text("aggregate_function", "SUM") == "AVERAGE") {
    forest.scale = 1.0 / static_cast<double>(trees.size());
  }
  const std::vector<float> base = node_.attributes.reals("base_values");
  if (base.size() > 1) throw error("has " + std::to_string(base.size()) + " base values", "at most 1");
  if (!base.empty()) forest.base = static_cast<double>(base[0]);
  return forest;
}

}  // namespace

Forest tree_regressor(const Graph& graph, const std::string& origin) {
  const Node* found = nullptr;
  for (const Node& node : graph.nodes()) {
    const bool regressor = node.domain == "ai.onnx.ml" && node.op == "TreeEnsembleRegressor";
    const bool around = std::find(kAround.begin(), kAround.end(), node.op) != kAround.end();
    if (!regressor && !around) throw Error(origin, "holds a " + node.op, "a TreeEnsembleRegressor alone");
    if (regressor && found != nullptr) throw Error(origin, "holds two TreeEnsembleRegressor", "one");
    if (regressor) found = &node;
  }
  if (found == nullptr) throw Error(origin, "holds no TreeEnsembleRegressor", "one");
  return Reader(*found, origin).read();
}

}  // namespace foretime::onnx
