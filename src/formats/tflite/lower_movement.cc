// Operators that move, cut or join: their axes are looked up in the order in which the tensor is stored.

#include <algorithm>

#include "formats/tflite/lowering.h"
#include "formats/tflite/options.h"

namespace foretime::tflite {
namespace {

using schema::BuiltinOptions;

std::int32_t place_of(const Perm& perm, std::size_t axis) {
  return static_cast<std::int32_t>(std::find(perm.begin(), perm.end(), axis) - perm.begin());
}

void reshape(Lowering& low) {
  low.reshape(low.input(0), low.output());
}

void pass_on(Lowering& low) {
  low.rename(low.input(0), low.output(), identity(low.sizes(low.input(0)).size()));
}

void transpose(Lowering& low) {
  const std::size_t rank = low.sizes(low.input(0)).size();
  Perm axes;
  for (const std::int64_t axis : low.node().attributes.integers("perm"))
    axes.push_back(low.axis_of(axis, rank));
  if (axes.empty()) {
    axes = identity(rank);
    std::reverse(axes.begin(), axes.end());
  }
  low.rename(low.input(0), low.output(), axes);
}

void concat(Lowering& low) {
  const Sizes sizes = low.sizes(low.output());
  const std::size_t axis = low.axis_of(low.node().attributes.integer("axis", 0), sizes.size());
  Perm perm = identity(sizes.size());
  std::int64_t most = -1;
  for (const TensorId id : low.node().inputs) {
    if (low.is_constant(id) || count(low.sizes(id)) <= most) continue;
    most = count(low.sizes(id));
    perm = low.layout(id);
  }
  std::vector<int> parts;
  for (const TensorId id : low.node().inputs) parts.push_back(low.at(id, perm));
  if (parts.size() == 1) return pass_on(low);
  low.set(low.emit("CONCATENATION", parts, permuted(sizes, perm), low.dtype(low.output()),
                   options_of(BuiltinOptions::Concatenation, schema::CreateConcatenationOptions,
                              place_of(perm, axis), schema::Activation::NONE)),
          perm);
}

void split(Lowering& low) {
  const TensorId x = low.input(0);
  const Perm perm = low.layout(x);
  const std::size_t axis = low.axis_of(low.node().attributes.integer("axis", 0), perm.size());
  Sizes lengths;
  std::vector<Sizes> shapes;
  for (const TensorId output : low.node().outputs) {
    if (output == kNoTensor) low.refuse("one of its outputs is left out");
    lengths.push_back(low.sizes(output)[axis]);
    shapes.push_back(permuted(low.sizes(output), perm));
  }
  const auto parts = static_cast<std::int32_t>(lengths.size());
  const std::vector<int> made = low.emit_many(
      "SPLIT_V", {low.at(x, perm), low.constant(lengths), low.constant(Sizes{place_of(perm, axis)}, {})},
      shapes, low.dtype(x), options_of(BuiltinOptions::SplitV, schema::CreateSplitOptions, parts));
  for (std::size_t i = 0; i < made.size(); ++i) low.set(low.node().outputs[i], made[i], perm);
}

void slice(Lowering& low) {
  const TensorId x = low.input(0);
  const Sizes from = low.sizes(x);
  const Sizes to = low.sizes(low.output());
  const Sizes starts = low.integers("starts", 1);
  Sizes axes = low.integers("axes", 3);
  const Sizes steps = low.integers("steps", 4);
  if (axes.empty()) {
    for (std::size_t i = 0; i < starts.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  }
  Sizes begin(from.size(), 0);
  Sizes stride(from.size(), 1);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t axis = low.axis_of(axes[i], from.size());
    stride[axis] = i < steps.size() ? steps[i] : 1;
    if (stride[axis] < 1) low.refuse("it steps backwards", "steps of 1 or more");
    const std::int64_t start = starts[i] < 0 ? starts[i] + from[axis] : starts[i];
    begin[axis] = std::clamp<std::int64_t>(start, 0, from[axis]);
  }
  const Perm perm = low.layout(x);
  const Sizes shape = permuted(to, perm);
  const bool strided = std::any_of(stride.begin(), stride.end(), [](std::int64_t step) { return step != 1; });
  const int tensor = low.at(x, perm);
  if (!strided) {
    return low.set(low.emit("SLICE", {tensor, low.constant(permuted(begin, perm)), low.constant(shape)},
                            shape, low.dtype(x), plain(BuiltinOptions::Slice)),
                   perm);
  }
  Sizes end;
  for (std::size_t i = 0; i < from.size(); ++i)
    end.push_back(std::min(from[i], begin[i] + to[i] * stride[i]));
  low.set(low.emit("STRIDED_SLICE",
                   {tensor, low.constant(permuted(begin, perm)), low.constant(permuted(end, perm)),
                    low.constant(permuted(stride, perm))},
                   shape, low.dtype(x),
                   options_of(BuiltinOptions::StridedSlice, schema::CreateStridedSliceOptions, 0, 0, 0, 0, 0,
                              false)),
          perm);
}

void pad(Lowering& low) {
  const TensorId x = low.input(0);
  const Sizes sizes = low.sizes(x);
  Sizes pads = low.integers("pads", 1);
  Sizes axes = low.integers("axes", 3);
  if (axes.empty()) {
    for (std::size_t i = 0; i < sizes.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  }
  if (pads.size() != 2 * axes.size()) low.refuse("its pads do not fit its axes");
  const std::string mode = low.node().attributes.text("mode", "constant");
  const Perm perm = low.layout(x);
  Sizes paddings(2 * sizes.size(), 0);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const auto place = static_cast<std::size_t>(place_of(perm, low.axis_of(axes[i], sizes.size())));
    paddings[2 * place] = pads[i];
    paddings[2 * place + 1] = pads[i + axes.size()];
    if (pads[i] < 0 || pads[i + axes.size()] < 0) low.refuse("it cuts", "pads of 0 or more");
  }
  const int wanted = low.constant(paddings, {static_cast<std::int64_t>(sizes.size()), 2});
  const Sizes shape = permuted(low.sizes(low.output()), perm);
  const int tensor = low.at(x, perm);
  if (mode == "reflect") {
    return low.set(low.emit("MIRROR_PAD", {tensor, wanted}, shape, low.dtype(x),
                            options_of(BuiltinOptions::MirrorPad, schema::CreateMirrorPadOptions,
                                       schema::MirrorPadMode::REFLECT)),
                   perm);
  }
  if (mode != "constant") low.refuse("its mode is " + mode, "constant, reflect");
  const double value = low.has(2) ? low.scalar(2).value_or(0) : low.node().attributes.real("value", 0);
  if (value == 0) {
    return low.set(low.emit("PAD", {tensor, wanted}, shape, low.dtype(x), plain(BuiltinOptions::Pad)), perm);
  }
  low.set(low.emit("PADV2", {tensor, wanted, low.constant(static_cast<float>(value))}, shape, low.dtype(x),
                   plain(BuiltinOptions::PadV2)),
          perm);
}

void gather(Lowering& low) {
  const Sizes data = low.sizes(low.input(0));
  const Sizes indices = low.sizes(low.input(1));
  const std::size_t axis = low.axis_of(low.node().attributes.integer("axis", 0), data.size());
  const Sizes shape = low.sizes(low.output());
  const int tensor = low.at(low.input(0), identity(data.size()));
  // TFLite counts from the front only.
  int places = -1;
  if (const auto known = low.integers(1)) {
    Sizes counted = *known;
    for (std::int64_t& place : counted) place += place < 0 ? data[axis] : 0;
    places = low.constant(counted, indices);
  } else {
    places = low.at(low.input(1), identity(indices.size()));
  }
  low.set(low.emit("GATHER", {tensor, places}, shape, low.dtype(low.input(0)),
                   options_of(BuiltinOptions::Gather, schema::CreateGatherOptions,
                              static_cast<std::int32_t>(axis), 0)),
          identity(shape.size()));
}

void expand(Lowering& low) {
  const Sizes to = low.sizes(low.output());
  const Perm perm = identity(to.size());
  const int tensor = low.operand(low.input(0), to.size(), perm);
  low.set(low.emit("BROADCAST_TO", {tensor, low.constant(to)}, to, low.dtype(low.input(0)),
                   plain(BuiltinOptions::BroadcastTo)),
          perm);
}

void tile(Lowering& low) {
  const Perm perm = low.layout(low.input(0));
  const Sizes repeats = low.integers("repeats", 1);
  if (repeats.size() != perm.size()) low.refuse("its repeats do not fit its input");
  low.set(
      low.emit("TILE", {low.at(low.input(0), perm), low.constant(permuted(repeats, perm))},
               permuted(low.sizes(low.output()), perm), low.dtype(low.input(0)), plain(BuiltinOptions::Tile)),
      perm);
}

constexpr LowerRow kRows[] = {
    {"Reshape", reshape},     {"Flatten", reshape},  {"Squeeze", reshape},
    {"Unsqueeze", reshape},   {"Identity", pass_on}, {"Dropout", pass_on},
    {"Transpose", transpose}, {"Concat", concat},    {"Split", split},
    {"Slice", slice},         {"Pad", pad},          {"Gather", gather},
    {"Expand", expand},       {"Tile", tile},
};

}  // namespace

std::span<const LowerRow> movement_lowerings() {
  return kRows;
}

}  // namespace foretime::tflite
