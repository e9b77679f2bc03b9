#include "regressors/forest.h"

#include <cmath>
#include <limits>

#include "base/error.h"

namespace foretime {

void Forest::predict(std::span<const float> rows, std::span<double> results) const {
  trees.predict(rows, results);
  for (double& result : results) result = base + scale * result;
}

float threshold_below(double threshold, bool below_or_equal) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  if (!(std::abs(threshold) < static_cast<double>(std::numeric_limits<float>::max()))) return kInfinity;
  const float near = static_cast<float>(threshold);
  const double at = static_cast<double>(near);
  // x ≤ threshold holds up to the last float that is not above it; the next one is where it ends.
  const bool ends_behind = below_or_equal ? at <= threshold : at < threshold;
  return ends_behind ? std::nextafter(near, kInfinity) : near;
}

Tree in_order(std::span<const Tree::Node> nodes, std::uint32_t root, const std::string& where) {
  if (nodes.empty()) throw Error(where, "a tree without nodes", "at least a leaf");
  Tree tree;
  std::vector<bool> reached(nodes.size());
  struct Pending {
    std::uint32_t from;
    std::uint32_t parent;  // in `tree`
    bool left;
  };
  std::vector<Pending> pending = {{root, 0, true}};
  while (!pending.empty()) {
    const Pending next = pending.back();
    pending.pop_back();
    if (next.from >= nodes.size()) {
      throw Error(where, "a child " + std::to_string(next.from), "one of " + std::to_string(nodes.size()));
    }
    if (reached[next.from])
      throw Error(where, "node " + std::to_string(next.from) + " has two parents", "a tree");
    reached[next.from] = true;
    const auto at = static_cast<std::uint32_t>(tree.nodes.size());
    if (at > 0) (next.left ? tree.nodes[next.parent].left : tree.nodes[next.parent].right) = at;
    const Tree::Node& node = tree.nodes.emplace_back(nodes[next.from]);
    if (node.feature < 0) continue;
    pending.push_back({node.right, at, false});
    pending.push_back({node.left, at, true});
  }
  return tree;
}

}  // namespace foretime
