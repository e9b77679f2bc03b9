#include "zoo/sweep.h"

#include <array>
#include <utility>

#include "base/checked.h"
#include "base/error.h"
#include "zoo/layers.h"
#include "zoo/sweep_layers.h"

namespace foretime::zoo {
namespace {

constexpr std::array<std::string_view, 8> kParts = {
    "", "first", "second", "both", "first_tapped", "both_tapped", "padded", "padding"};
constexpr std::int64_t kMostNumbers = std::int64_t{1}
                                      << 28;  // in one tensor: a slip of the hand must not fill the disk
constexpr std::int64_t kNarrow = 3;           // channels of what enters and leaves a padded network

/// The layers from `begin` to `end`, each under its name behind `prefix`, and a number where the name comes
/// twice; what each of them makes.
std::vector<Value> layers_of(Value x, const SweepNetwork& network, std::size_t begin, std::size_t end,
                             const std::string& prefix = "") {
  std::map<std::string, int> times;
  std::vector<Value> made;
  for (std::size_t i = begin; i < end; ++i) {
    const std::string& layer = network.layers[i];
    const SweepLayer& what = *sweep_layer(layer);
    if (what.image && x.rank() != 4) throw Error("", layer + " stands behind a layer that makes no image");
    const int before = times[layer]++;
    const std::string name = prefix + layer + (before == 0 ? "" : std::to_string(before + 1));
    x = what.append(x, name, network.columns);
    made.push_back(x);
  }
  return made;
}

/// A layer that reads it, in whatever order it lies in memory, and makes little: the means, or the maxima.
Value pooled(const Value& x, const std::string& prefix, bool mean) {
  const Scope scope(*x.net, prefix + (mean ? "tap" : "end"));
  Sizes one = x.sizes;
  if (x.rank() == 4) {
    one[2] = one[3] = 1;
    return x.net->append({mean ? "GlobalAveragePool" : "GlobalMaxPool", {x.id}}, one);
  }
  one.back() = 1;
  return x.net->append({mean ? "ReduceMean" : "ReduceMax", {x.id, x.net->integers({-1}).id}}, one);
}

void check_sizes(const Graph& graph) {
  for (const Tensor& tensor : graph.tensors()) {
    if (!tensor.type.shape) continue;
    std::int64_t numbers = 1;
    for (const Dim& size : *tensor.type.shape)
      numbers = saturating_mul(numbers, size.is_number() ? size.number() : 1);
    if (numbers > kMostNumbers)
      throw Error("", tensor.name + " has " + std::to_string(numbers) + " numbers", "at most 2^28");
  }
}

/// Sizes behind the first layer of a pair, found on a network that is thrown away.
Sizes sizes_between(const SweepNetwork& network, const Sizes& input) {
  Network scratch("scratch");
  return layers_of(scratch.input("input", input), network, network.begin, network.begin + 1)[0].sizes;
}

Sizes input_sizes(const SweepNetwork& network) {
  const auto at = [&](const char* column) { return network.columns.at(column); };
  return {at("batch_size"), at("channels"), at("height"), at("width")};
}

/// Between two narrow convolutions, or these alone.
void append_padded(Network& net, const SweepNetwork& network) {
  Sizes sizes = input_sizes(network);
  sizes[1] = kNarrow;
  const bool layers = network.part == SweepPart::padded;
  const char* wide = layers ? "channels" : "filters";
  Value x = conv(net.input("input", sizes), "widen", {.out = network.columns.at(wide), .bias = true});
  if (layers) x = layers_of(x, network, network.begin, network.layers.size()).back();
  if (x.rank() != 4)
    throw Error("", network.layers.back() + " makes no image, which cannot be narrowed", "padding of images");
  net.output(conv(x, "narrow", {.out = kNarrow, .bias = true}));
}

}  // namespace

std::string_view name_of(SweepPart part) {
  return kParts[static_cast<std::size_t>(part)];
}

void append(Network& net, const SweepNetwork& network) {
  if (network.part == SweepPart::padded || network.part == SweepPart::padding)
    return append_padded(net, network);
  Sizes sizes = input_sizes(network);
  std::size_t begin = network.begin;
  std::size_t end = network.part == SweepPart::whole ? network.layers.size() : begin + 2;
  if (network.part == SweepPart::first || network.part == SweepPart::first_tapped) --end;
  if (network.part == SweepPart::second) {
    sizes = sizes_between(network, sizes);
    ++begin;
  }
  const bool tapped =
      network.part == SweepPart::first_tapped || network.part == SweepPart::both_tapped;
  for (int copy = 1; copy <= network.copies; ++copy) {
    // Inputs of their own: equal work on the same numbers would be done once.
    const std::string prefix = copy == 1 ? "" : "copy" + std::to_string(copy) + "_";
    const Value x = net.input(prefix + "input", sizes);
    const std::vector<Value> made = layers_of(x, network, begin, end, prefix);
    if (tapped) net.output(pooled(made.front(), prefix, true));
    // Large outputs would be brought into the order of files.
    net.output(network.taps ? pooled(made.back(), prefix, false) : made.back());
  }
}

Graph build(const SweepNetwork& network) {
  try {
    Network net(network.id);
    append(net, network);
    Graph graph = std::move(net).build();
    check_sizes(graph);
    return graph;
  } catch (const Error& error) {
    throw Error(network.id, error.what());
  }
}

}  // namespace foretime::zoo
