#include "formats/annette/walk.h"

#include <numeric>
#include <string>
#include <unordered_map>

#include "base/error.h"

namespace foretime::annette {
namespace {

/// Of files in use one layer is there twice; what is listed without end would fill the memory.
constexpr std::size_t kMostRepeats = 4;

/// The layers that list a layer as parent, once for each time, in one array.
struct Readers {
  std::vector<std::size_t> begins;  // by layer, and the end
  std::vector<std::uint32_t> layers;

  std::span<const std::uint32_t> of(std::size_t layer) const {
    return std::span(layers).subspan(begins[layer], begins[layer + 1] - begins[layer]);
  }
};

Readers readers_of(const Edges& edges, std::span<const std::size_t> keys) {
  Readers readers;
  readers.begins.resize(edges.parents.size() + 2);
  const auto each = [&](auto see) {
    for (const std::size_t layer : keys) {
      for (const std::uint32_t parent : edges.parents[layer]) {
        if (parent != kNoLayer) see(parent, static_cast<std::uint32_t>(layer));
      }
    }
  };
  each([&](std::uint32_t parent, std::uint32_t) { ++readers.begins[parent + 2]; });
  for (std::size_t i = 2; i < readers.begins.size(); ++i) readers.begins[i] += readers.begins[i - 1];
  readers.layers.resize(readers.begins.back());
  each([&](std::uint32_t parent, std::uint32_t layer) {
    readers.layers[readers.begins[parent + 1]++] = layer;
  });
  readers.begins.pop_back();
  return readers;
}

}  // namespace

Edges edges_of(const RawGraph& graph) {
  std::unordered_map<std::string_view, std::uint32_t> places;
  places.reserve(graph.layers.size());
  for (const RawLayer& layer : graph.layers)
    places.emplace(layer.name, static_cast<std::uint32_t>(places.size()));
  Edges edges;
  edges.parents.resize(graph.layers.size());
  edges.children.resize(graph.layers.size());
  for (std::size_t i = 0; i < graph.layers.size(); ++i) {
    for (const std::string& parent : graph.layers[i].parents) {
      const auto found = places.find(layer_of(parent));
      edges.parents[i].push_back(found == places.end() ? kNoLayer : found->second);
    }
    for (const std::string& child : graph.layers[i].children) {
      const auto found = places.find(child);
      if (found == places.end()) throw Error(graph.layers[i].name, "its child '" + child + "' is no layer");
      edges.children[i].push_back(found->second);
    }
  }
  return edges;
}

std::vector<std::size_t> evaluation_order(const Edges& edges, std::span<const std::size_t> keys) {
  const std::size_t count = edges.parents.size();
  std::vector<std::int64_t> open(count);
  std::vector<std::size_t> order;
  order.reserve(keys.size() + kMostRepeats);
  for (const std::size_t layer : keys) {
    open[layer] = std::ssize(edges.parents[layer]);
    if (open[layer] == 0) order.push_back(layer);
  }
  const Readers readers = readers_of(edges, keys);
  const std::size_t most = kMostRepeats * keys.size() + kMostRepeats;
  std::vector<std::int64_t> reads(count);  // how often a child reads the layer at hand
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t layer = order[i];
    for (const std::uint32_t reader : readers.of(layer)) ++reads[reader];
    for (const std::uint32_t child : edges.children[layer]) {
      open[child] -= reads[child];
      if (open[child] == 0) order.push_back(child);
    }
    for (const std::uint32_t reader : readers.of(layer)) reads[reader] = 0;
    if (order.size() > most) throw Error("", "layers without parents list each other as children");
  }
  return order;
}

std::vector<std::size_t> evaluation_order(const RawGraph& graph) {
  std::vector<std::size_t> keys(graph.layers.size());
  std::iota(keys.begin(), keys.end(), std::size_t{0});
  return evaluation_order(edges_of(graph), keys);
}

}  // namespace foretime::annette
