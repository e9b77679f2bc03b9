#include "formats/ncnn/layers.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <string>
#include "base/checked.h"

namespace foretime::ncnn {

TensorId spatial(Network& net, TensorId x) {
  return net.rank(x) == 2 ? net.add("Unsqueeze", {x, net.integers("axes", {2, 3})}) : x;
}

TensorId flat(Network& net, TensorId x) {
  return net.rank(x) == 2 ? x : net.add("Flatten", {x}, {{"axis", std::int64_t{1}}});
}

std::int64_t axis_of(const Layer& layer, int key) {
  const std::int64_t axis = layer.integer(key, 0);
  return axis < 0 ? axis : axis + 1;
}

namespace {

/// 0 w, 1 h, 2 c: as many axes as are stated.
Shape stated_shape(const Layer& layer, int width, int height, int channels) {
  Shape shape = {1};
  for (const int key : {channels, height, width}) {
    const std::int64_t size = layer.integer(key, 0);
    if (size > 0) shape.emplace_back(size);
  }
  return shape;
}

void read_input(Network& net) {
  Shape shape = stated_shape(net.layer(), 0, 1, 2);
  if (shape.size() == 1 && !net.stated_shapes().empty()) shape = net.stated_shapes().front();
  if (shape.size() < 2) shape = {1, Dim::named("c"), Dim::named("h"), Dim::named("w")};
  net.set_top(0, net.input(std::move(shape)));
}

void read_memory(Network& net) {
  net.set_top(0, net.weight("data", stated_shape(net.layer(), 0, 1, 2)));
}

/// The blob itself, as often as it is wanted. Of several, those without a copy remain outputs.
void read_copies(Network& net) {
  for (std::size_t i = 0; i < net.layer().tops.size(); ++i) {
    net.set_top(i, net.bottom(net.layer().bottoms.size() == 1 ? 0 : i));
  }
}

void read_concat(Network& net) {
  net.set_top(0, net.add("Concat", net.bottoms(), {{"axis", axis_of(net.layer(), 0)}}));
}

void read_slice(Network& net) {
  const TensorId x = net.bottom(0);
  const std::int64_t axis = axis_of(net.layer(), 1);
  const auto rank = static_cast<std::int64_t>(net.rank(x));
  const std::int64_t place = axis < 0 ? axis + rank : axis;
  if (place < 0 || place >= rank) net.fail("cuts along an axis that its blob does not have");
  std::int64_t rest = net.size(x, static_cast<std::size_t>(place));
  Integers sizes = net.layer().integers(0);
  sizes.resize(net.layer().tops.size(), kNotStated);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    // What is not stated shares the rest evenly.
    if (sizes[i] == kNotStated) sizes[i] = rest / static_cast<std::int64_t>(sizes.size() - i);
    rest -= sizes[i];
  }
  const auto made = net.add("Split", {x, net.integers("sizes", sizes)}, {{"axis", axis}}, sizes.size());
  for (std::size_t i = 0; i < made.size(); ++i) net.set_top(i, made[i]);
}

/// By starts and ends along axes (9, 10, 11), or by offsets and sizes of the three inner axes.
void read_crop(Network& net) {
  const Layer& layer = net.layer();
  const TensorId x = net.bottom(0);
  Integers starts = layer.integers(9);
  Integers ends = layer.integers(10);
  Integers axes = layer.integers(11);
  if (!starts.empty()) {
    if (axes.empty()) {
      axes.resize(starts.size());
      std::iota(axes.begin(), axes.end(), 0);
    }
    for (std::int64_t& axis : axes) axis += axis < 0 ? 0 : 1;
  } else {
    struct Side {
      int offset, size, behind;
    };
    constexpr Side kSides[] = {{0, 3, 6}, {1, 4, 7}, {2, 5, 8}};  // width, height, channels
    for (std::size_t i = 0; i < std::size(kSides) && i + 1 < net.rank(x); ++i) {
      const std::size_t axis = net.rank(x) - 1 - i;
      const std::int64_t size = net.size(x, axis);
      const std::int64_t start = layer.integer(kSides[i].offset, 0);
      const std::int64_t wanted =
          layer.bottoms.size() > 1 ? net.size(net.bottom(1), axis) : layer.integer(kSides[i].size, 0);
      starts.push_back(start);
      ends.push_back(wanted > 0 ? start + wanted : size - layer.integer(kSides[i].behind, 0));
      axes.push_back(static_cast<std::int64_t>(axis));
    }
  }
  for (std::int64_t& end : ends) end = end == kNotStated ? std::int64_t{1} << 31 : end;
  net.set_top(0, net.add("Slice", {x, net.integers("starts", starts), net.integers("ends", ends),
                                   net.integers("axes", axes)}));
}

void read_padding(Network& net) {
  const Layer& layer = net.layer();
  constexpr const char* kModes[] = {"constant", "edge", "reflect"};
  const TensorId x = net.bottom(0);
  const Integers before = {0, layer.integer(7, 0), layer.integer(0, 0), layer.integer(2, 0)};
  const Integers after = {0, layer.integer(8, 0), layer.integer(1, 0), layer.integer(3, 0)};
  const std::size_t skipped = 4 - std::min<std::size_t>(net.rank(x), 4);
  Integers pads;
  for (const Integers& side : {before, after}) {
    for (std::size_t i = 0; i < 4; ++i) {
      if (i == 0 || i > skipped) pads.push_back(side[i]);
    }
  }
  const auto mode = static_cast<std::size_t>(std::clamp<std::int64_t>(layer.integer(4, 0), 0, 2));
  net.set_top(0, net.add("Pad", {x, net.integers("pads", pads)}, {{"mode", std::string(kModes[mode])}}));
}

/// 0 w, 1 h, 2 c: -1 is what is left, 0 as it is.
void read_reshape(Network& net) {
  const Layer& layer = net.layer();
  const TensorId x = net.bottom(0);
  Integers sizes = {1};
  const std::pair<int, std::size_t> keys[] = {{2, 3}, {1, 2}, {0, 1}};  // and how far from the inside
  for (const auto& [key, inside] : keys) {
    const std::int64_t size = layer.integer(key, kNotStated);
    if (size == kNotStated) continue;
    sizes.push_back(size == 0 && inside < net.rank(x) ? net.size(x, net.rank(x) - inside) : size);
  }
  net.set_top(0, net.add("Reshape", {x, net.integers("shape", sizes)}));
}

void read_permute(Network& net) {
  const TensorId x = net.bottom(0);
  const std::int64_t order = net.layer().integer(0, 0);
  // From the inside: which axis becomes w, h, c.
  constexpr std::int64_t kThree[][3] = {{3, 2, 1}, {2, 3, 1}, {3, 1, 2}, {1, 3, 2}, {2, 1, 3}, {1, 2, 3}};
  const std::size_t rank = net.rank(x);
  if (rank == 3 && (order == 0 || order == 1)) {
    net.set_top(0, net.add("Transpose", {x}, {{"perm", order == 0 ? Integers{0, 1, 2} : Integers{0, 2, 1}}}));
  } else if (rank == 4 && order >= 0 && order < static_cast<std::int64_t>(std::size(kThree))) {
    const auto& inner = kThree[order];
    net.set_top(0, net.add("Transpose", {x}, {{"perm", Integers{0, inner[2], inner[1], inner[0]}}}));
  } else {
    net.fail("has the order " + std::to_string(order), "0 to 5, of 3 axes; 0 or 1, of 2");
  }
}

void read_shuffle(Network& net) {
  const TensorId x = net.bottom(0);
  if (net.rank(x) != 4) net.fail("shuffles what has no channels");
  std::int64_t groups = net.layer().integer(0, 1);
  const std::int64_t channels = net.size(x, 1);
  if (groups < 1 || channels % groups != 0) net.fail("has groups that do not divide its channels");
  if (net.layer().integer(1, 0) != 0) groups = channels / groups;
  const TensorId split = net.add("Reshape", {x, net.integers("groups", {1, groups, channels / groups, -1})});
  const TensorId turned = net.add("Transpose", {split}, {{"perm", Integers{0, 2, 1, 3}}});
  const TensorId together = net.add("Reshape", {turned, net.add("Shape", {x})});
  net.set_shape(together, net.shape(x));
  net.set_top(0, together);
}

void read_interp(Network& net) {
  const Layer& layer = net.layer();
  constexpr const char* kModes[] = {"nearest", "nearest", "linear", "cubic"};
  const TensorId x = spatial(net, net.bottom(0));
  const auto mode = static_cast<std::size_t>(std::clamp<std::int64_t>(layer.integer(0, 0), 0, 3));
  const std::int64_t height = layer.integer(3, 0);
  const std::int64_t width = layer.integer(4, 0);
  const Attributes attributes = {{"mode", std::string(kModes[mode])},
                                 {"coordinate_transformation_mode", std::string("asymmetric")}};
  const TensorId none = net.reals("roi", {});
  if (height > 0 && width > 0) {
    const TensorId sizes = net.integers("sizes", {1, net.size(x, 1), height, width});
    net.set_top(0, net.add("Resize", {x, none, net.reals("scales", {}), sizes}, attributes));
    return;
  }
  const TensorId scales =
      net.reals("scales", {1, 1, static_cast<float>(layer.real(1, 1)), static_cast<float>(layer.real(2, 1))});
  net.set_top(0, net.add("Resize", {x, none, scales}, attributes));
}

void read_reduction(Network& net) {
  constexpr const char* kOperators[] = {"ReduceSum", "ReduceL1",     "ReduceSumSquare", "ReduceMean",
                                        "ReduceMax", "ReduceMin",    "ReduceProd",      "ReduceL1",
                                        "ReduceL2",  "ReduceLogSum", "ReduceLogSumExp"};
  const Layer& layer = net.layer();
  const std::int64_t kind = layer.integer(0, 0);
  if (kind < 0 || kind >= static_cast<std::int64_t>(std::size(kOperators))) {
    net.fail("has the operation " + std::to_string(kind), "0 to 10");
  }
  const TensorId x = net.bottom(0);
  Integers axes = layer.integers(3);
  if (layer.integer(1, 1) != 0 || axes.empty()) {
    axes.clear();
    for (std::size_t axis = 1; axis < net.rank(x); ++axis)
      axes.push_back(static_cast<std::int64_t>(axis) - 1);
  }
  for (std::int64_t& axis : axes) axis += axis < 0 ? 0 : 1;
  net.set_top(0, net.add(kOperators[kind], {x, net.integers("axes", axes)},
                         {{"keepdims", std::int64_t{layer.integer(4, 0) != 0 ? 1 : 0}}}));
}

/// Boxes follow from sizes alone: a constant.
void read_prior_box(Network& net) {
  const Layer& layer = net.layer();
  const TensorId x = net.bottom(0);
  for (std::size_t i = 1; i < layer.bottoms.size(); ++i) (void)net.bottom(i);
  const auto smallest = static_cast<std::int64_t>(layer.integers(0).size());
  const auto largest = static_cast<std::int64_t>(layer.integers(1).size());
  const auto ratios = static_cast<std::int64_t>(layer.integers(2).size());
  const std::int64_t flip = layer.integer(7, 1) != 0 ? 2 : 1;
  const std::int64_t boxes = smallest * (1 + ratios * flip) + largest;
  const std::int64_t numbers = saturating_mul(4 * boxes, saturating_mul(net.size(x, 2), net.size(x, 3)));
  net.set_top(0, net.weight("boxes", {1, 2, numbers}));
}

void read_flatten(Network& net) {
  net.set_top(0, flat(net, net.bottom(0)));
}

}  // namespace

Readings movement_layers() {
  static constexpr std::pair<std::string_view, Reading> kAll[] = {
      {"Concat", read_concat},      {"Crop", read_crop},
      {"Dropout", read_copies},     {"Flatten", read_flatten},
      {"Input", read_input},        {"Interp", read_interp},
      {"MemoryData", read_memory},  {"Noop", read_copies},
      {"Padding", read_padding},    {"Permute", read_permute},
      {"PriorBox", read_prior_box}, {"Reduction", read_reduction},
      {"Reshape", read_reshape},    {"ShuffleChannel", read_shuffle},
      {"Slice", read_slice},        {"Split", read_copies},
  };
  return kAll;
}

}  // namespace foretime::ncnn
