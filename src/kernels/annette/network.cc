#include "kernels/annette/network.h"

#include <algorithm>
#include <numeric>
#include <variant>

#include "base/error.h"
#include "kernels/annette/condition.h"

namespace foretime::annette {
namespace {

/// Removing layers joins all above with all below: networks in use make a few edges for each layer.
constexpr std::size_t kMostJoined = 10'000'000;

MappedLayer mapped(const RawLayer& raw) {
  MappedLayer layer;
  layer.name = raw.name;
  layer.type = raw.type;
  layer.raw = &raw;
  for (const auto& [key, value] : raw.attributes) {
    if (key == "input_shape") layer.input_shape = &value;
    if (key == "output_shape") layer.output_shape = &value;
    if (key == "kernel_shape") layer.kernel_shape = &value;
    if (key == "strides") layer.strides = &value;
  }
  layer.parents.assign(raw.parents.begin(), raw.parents.end());
  return layer;
}

class Mapping {
 public:
  Mapping(const RuleSet& rules, Network& network) : rules_(rules), network_(network) {}

  void run() {
    check();
    for (const Rule& rule : rules_.rules) {
      if (const auto* remove = std::get_if<Remove>(&rule)) run(*remove);
      if (const auto* split = std::get_if<Split>(&rule)) run(*split);
    }
    const std::vector<const Fuse*> fuses = all<Fuse>(rules_);
    for (std::size_t first = 0; first < fuses.size();) {
      std::size_t end = first + 1;
      while (end < fuses.size() && same_layers(*fuses[first], *fuses[end])) ++end;
      run({fuses.begin() + static_cast<std::ptrdiff_t>(first),
           fuses.begin() + static_cast<std::ptrdiff_t>(end)});
      first = end;
    }
    sort();
    const auto gone = std::find_if(network_.order.begin(), network_.order.end(),
                                   [&](std::size_t layer) { return layers()[layer].gone; });
    if (gone == network_.order.end()) return;
    throw Error(std::string(layers()[*gone].name), "was split, and no layer was fused or removed after it",
                "a mapping that does, as ANNETTE sorts its layers anew only then");
  }

 private:
  std::vector<MappedLayer>& layers() { return network_.layers; }
  std::vector<std::uint32_t>& children(std::size_t layer) { return network_.edges.children[layer]; }
  std::vector<std::uint32_t>& parents(std::size_t layer) { return network_.edges.parents[layer]; }

  void check() const {
    for (const Rule& rule : rules_.rules) {
      const bool known = std::holds_alternative<Remove>(rule) || std::holds_alternative<Split>(rule) ||
                         std::holds_alternative<Fuse>(rule) || std::holds_alternative<WordSet>(rule);
      if (!known)
        throw Error("mapping", "has a rule that ANNETTE does not know", "set, remove, split and fuse");
      if (const auto* fuse = std::get_if<Fuse>(&rule);
          fuse != nullptr && fuse->consumers.value_or(Consumers::none) != Consumers::none)
        throw Error("mapping", "fuses into several consumers, which ANNETTE never does");
    }
  }

  static bool same_layers(const Fuse& a, const Fuse& b) {
    return a.producer == b.producer && a.consumer == b.consumer && a.kind == b.kind;
  }

  /// Words outlive the rules here.
  std::string_view kept(const std::string& text) { return network_.texts->emplace_back(text); }

  void run(const Remove& rule) {
    for (const std::string& word : rule.words) {
      for (const std::string& type : words_of(rules_, word)) {
        for (const std::size_t layer : sorted()) {
          if (!layers()[layer].gone && layers()[layer].type == type) remove(layer);
        }
      }
    }
  }

  void run(const Split& rule) {
    if (rule.chain.empty()) return;
    for (const std::string& type : words_of(rules_, rule.word)) {
      for (const std::size_t layer : sorted()) {
        if (!layers()[layer].gone && layers()[layer].type == type) split(layer, rule.chain);
      }
    }
  }

  void run(const std::vector<const Fuse*>& alternatives) {
    const Fuse& rule = *alternatives.front();
    const std::string_view kind = kept(rule.kind);
    for (const std::string& producer : words_of(rules_, rule.producer)) {
      for (const std::string& word : words_of(rules_, rule.consumer)) {
        const std::string_view consumer = kept(word);
        for (const std::size_t layer : sorted()) {
          MappedLayer& first = layers()[layer];
          if (first.gone || first.type != producer || children(layer).size() != 1) continue;
          const std::size_t second = children(layer).front();
          if (layers()[second].type != consumer || !any_holds(alternatives, first, layers()[second]))
            continue;
          first.fused.emplace_back(consumer, static_cast<std::uint32_t>(second));
          remove(second);
          if (!kind.empty()) first.type = kind;
        }
      }
    }
  }

  bool any_holds(const std::vector<const Fuse*>& alternatives, const MappedLayer& producer,
                 const MappedLayer& consumer) const {
    return std::any_of(alternatives.begin(), alternatives.end(), [&](const Fuse* rule) {
      return std::all_of(rule->where.begin(), rule->where.end(), [&](const Condition& condition) {
        return holds(condition, network_, condition.of_consumer ? consumer : producer);
      });
    });
  }

  /// Neighbours are joined; what they list anew stands at the end of their lists.
  void remove(std::size_t layer) {
    const std::vector<std::uint32_t> above = parents(layer);  // copies: a layer may list itself
    const std::vector<std::uint32_t> below = children(layer);
    const std::vector<std::string_view> names = layers()[layer].parents;
    for (const std::uint32_t parent : above) {
      if (parent == kNoLayer) {
        throw Error(std::string(layers()[layer].name),
                    "has a parent that is no layer, and cannot be merged or removed");
      }
      std::erase(children(parent), static_cast<std::uint32_t>(layer));
      children(parent).insert(children(parent).end(), below.begin(), below.end());
    }
    for (const std::uint32_t child : below) {
      erase_parent(child, layer);
      parents(child).insert(parents(child).end(), above.begin(), above.end());
      layers()[child].parents.insert(layers()[child].parents.end(), names.begin(), names.end());
    }
    layers()[layer].gone = true;
    stale_ = true;
    joined_ += above.size() * below.size();
    if (joined_ > kMostJoined)
      throw Error("mapping", "removing layers joins too many others with each other");
  }

  void erase_parent(std::size_t layer, std::size_t parent) {
    std::vector<std::uint32_t>& edges = parents(layer);
    std::vector<std::string_view>& names = layers()[layer].parents;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < edges.size(); ++i) {
      if (edges[i] == parent) continue;
      edges[kept] = edges[i];
      names[kept++] = names[i];
    }
    edges.resize(kept);
    names.resize(kept);
  }

  /// The order is not made anew: ANNETTE waits for the next removal.
  void split(std::size_t layer, const std::vector<std::string>& chain) {
    const auto first = static_cast<std::uint32_t>(layers().size());
    const auto last = first + static_cast<std::uint32_t>(chain.size()) - 1;
    for (std::uint32_t id = first; id <= last; ++id) {
      const std::string& type = chain[id - first];
      MappedLayer link = layers()[layer];
      link.name = kept(std::string(link.name) + "_" + type);
      link.type = kept(type);
      if (id > first) link.parents = {layers().back().name};
      layers().push_back(std::move(link));
      network_.edges.parents.push_back(id > first ? std::vector<std::uint32_t>{id - 1} : parents(layer));
      network_.edges.children.push_back(id < last ? std::vector<std::uint32_t>{id + 1} : children(layer));
    }
    const auto old = static_cast<std::uint32_t>(layer);
    for (const std::uint32_t parent : parents(layer)) {
      if (parent != kNoLayer) std::replace(children(parent).begin(), children(parent).end(), old, first);
    }
    for (const std::uint32_t child : children(layer)) {
      for (std::size_t i = 0; i < parents(child).size(); ++i) {
        if (parents(child)[i] != old) continue;
        parents(child)[i] = last;
        layers()[child].parents[i] = layers()[last].name;
      }
    }
    layers()[layer].gone = true;
  }

  void sort() {
    if (!stale_) return;
    keys_.clear();
    for (std::size_t i = 0; i < layers().size(); ++i) {
      if (!layers()[i].gone) keys_.push_back(i);
    }
    network_.order = evaluation_order(network_.edges, keys_);
    stale_ = false;
  }

  /// The order at the beginning of a pass.
  std::vector<std::size_t> sorted() {
    sort();
    return network_.order;
  }

  const RuleSet& rules_;
  Network& network_;
  std::vector<std::size_t> keys_;
  bool stale_ = false;
  std::size_t joined_ = 0;  // edges made by removing
};

}  // namespace

const MappedLayer* Network::fused(const MappedLayer& layer, std::string_view type) const {
  const auto found = std::find_if(layer.fused.rbegin(), layer.fused.rend(),
                                  [&](const auto& each) { return each.first == type; });
  return found == layer.fused.rend() ? nullptr : &layers[found->second];
}

Network load(const RawGraph& graph) {
  Network network;
  network.texts = std::make_shared<std::deque<std::string>>();
  network.edges = edges_of(graph);
  network.layers.reserve(graph.layers.size());
  for (const RawLayer& layer : graph.layers) network.layers.push_back(mapped(layer));
  std::vector<std::size_t> keys(graph.layers.size());
  std::iota(keys.begin(), keys.end(), std::size_t{0});
  network.order = evaluation_order(network.edges, keys);
  return network;
}

void apply(const RuleSet& rules, Network& network) {
  Mapping(rules, network).run();
}

}  // namespace foretime::annette
