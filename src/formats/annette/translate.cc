#include "formats/annette/translate.h"

#include <algorithm>
#include <array>
#include <utility>

#include "formats/annette/windows.h"

namespace foretime::annette {
namespace {

LostConstant lost_integers(std::string name, Integers values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return {std::move(name), {count}, std::move(values), {}, true};
}
LostConstant lost_real(std::string name, float value) {
  return {std::move(name), {}, {}, {value}, false};
}

Translations normalization(const Layer& layer, const char*) {
  const std::int64_t count = channels_in(layer);
  if (count < 0) return {};
  Translation out{"BatchNormalization", {}, {}};
  for (const char* name : {"scale", "offset", "mean", "variance"})
    out.constants.push_back(lost(name, {count}));
  return {out};
}

/// With one input the other one was a constant. Only additions have more than two.
Translations pairwise(const Layer& layer, const char* op) {
  if (layer.inputs.size() > 2)
    return std::string_view(op) == "Add" ? Translations{{"Sum", {}, {}}} : Translations{};
  Translation out{op, {}, {}};
  if (layer.inputs.size() == 1) out.constants.push_back(lost("operand", {}));
  return {out};
}

Translations relu6(const Layer&, const char*) {
  return {{"Clip", {}, {lost_real("min", 0), lost_real("max", 6)}}};
}

/// The last axis of NHWC or NC, in ONNX's order.
std::int64_t channel_axis(const Layer& layer) {
  const Shape* in = first_input(layer);
  return in != nullptr && in->size() > 2 ? 1 : -1;
}

Translations softmax(const Layer& layer, const char*) {
  return {{"Softmax", {{"axis", channel_axis(layer)}}, {}}};
}

/// The stated axis, in ONNX's order, or else one of all of them.
Translations concatenation(const Layer& layer, const char*) {
  const auto rank = layer.inputs.empty() ? 0 : std::ssize(layer.inputs[0]);
  Translations all;
  const auto add = [&](std::int64_t axis) { all.push_back({"Concat", {{"axis", axis}}, {}}); };
  const Value* stated = layer.raw.find("axis");
  const auto* number = stated == nullptr ? nullptr : stated->as<std::int64_t>();
  if (number != nullptr) {
    const std::int64_t axis = *number < 0 ? *number + rank : *number;
    add(rank < 3 || axis == 0 ? axis : axis == rank - 1 ? 1 : axis + 1);
  }
  for (std::int64_t axis = 1; axis < std::min<std::ptrdiff_t>(rank, 8); ++axis) add(axis);
  return all;
}

Translations product(const Layer& layer, const char*) {
  if (layer.inputs.size() == 2) return {{"MatMul", {}, {}}};
  const std::size_t rank = layer.stated == nullptr ? 0 : layer.stated->size();
  const std::int64_t count = size_at(layer.stated, rank > 2 ? 1 : rank - 1);
  const Shape* in = first_input(layer);
  if (in == nullptr || in->size() < 2) return {};
  std::int64_t features = 1;
  for (std::size_t i = 1; i < in->size(); ++i) {
    const std::int64_t size = size_at(in, i);
    if (size < 1 || size > (std::int64_t{1} << 31) / features) return {};
    features *= size;
  }
  if (count < 1) return {};
  Translation out{"MatMul", {}, {lost("weight", {features, count})}};
  out.flattens = in->size() > 2;
  return {out};
}

Integers stated_sizes(const Layer& layer) {
  Integers all;
  if (layer.stated == nullptr) return all;
  for (const Dim& size : *layer.stated) all.push_back(size.is_number() ? size.number() : -1);
  return all;
}

Translations shaping(const Layer& layer, const char*) {
  Integers shape = stated_sizes(layer);
  if (shape.empty()) return {};
  shape[0] = -1;
  return {{"Reshape", {}, {lost_integers("shape", std::move(shape))}, false, 1}};
}

Translations flattening(const Layer& layer, const char*) {
  Translations all = {{"Flatten", {}, {}}};
  for (Translation& other : shaping(layer, "")) all.push_back(std::move(other));
  return all;
}

/// Over all axes of the plane, or over one of them.
Translations mean(const Layer& layer, const char*) {
  const Shape* in = first_input(layer);
  if (in == nullptr || in->size() < 3 || in->size() > 8) return {};
  std::vector<Integers> choices(1);
  for (std::int64_t axis = 2; axis < std::ssize(*in); ++axis) {
    choices[0].push_back(axis);
    choices.push_back({axis});
  }
  Translations all;
  for (const Integers& axes : choices) {
    for (const std::int64_t keeps : {1, 0}) {
      all.push_back({"ReduceMean", {{"axes", axes}, {"keepdims", keeps}}, {}});
    }
  }
  return all;
}

Translations padding(const Layer& layer, const char*) {
  const Shape* in = first_input(layer);
  const Integers pads = attribute(layer, "pads");
  Translations all;
  if (in == nullptr) return all;
  const auto add = [&](Integers values) {
    all.push_back({"Pad", {}, {lost_integers("pads", std::move(values))}});
  };
  const Integers inner = onnx_pads(pads);
  if (inner.size() == 2 * (in->size() - 2) && in->size() > 2) {
    Integers values(2 * in->size(), 0);
    const auto half = static_cast<std::ptrdiff_t>(inner.size() / 2);
    std::copy(inner.begin(), inner.begin() + half, values.begin() + 2);
    std::copy(inner.begin() + half, inner.end(), values.begin() + 2 + std::ssize(*in));
    add(std::move(values));
  }
  Integers grown(2 * in->size(), 0);
  for (std::size_t i = 1; i < in->size(); ++i) {
    const std::int64_t before = size_at(in, i);
    const std::int64_t after = size_at(layer.stated, i);
    if (before >= 0 && after >= before) grown[in->size() + i] = after - before;
  }
  add(std::move(grown));
  return all;
}

Translations resizing(const Layer& layer, const char* mode) {
  const Integers sizes = stated_sizes(layer);
  const Shape* in = first_input(layer);
  if (in == nullptr || sizes.size() != in->size() || sizes.size() < 3 ||
      !positive({sizes.begin() + 1, sizes.end()}))
    return {};
  Integers wanted = sizes;
  wanted[0] = 1;
  std::vector<float> scales;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::int64_t size = size_at(in, i);
    scales.push_back(i == 0 || size < 1 ? 1 : static_cast<float>(sizes[i]) / static_cast<float>(size));
  }
  const auto rank = static_cast<std::int64_t>(sizes.size());
  Translation scaled{"Resize", {{"mode", std::string(mode)}}, {}};
  scaled.constants = {{}, {"scales", {rank}, {}, scales, false}};
  return {scaled};
}
/// As much as there is of the output, from the beginning: where the slice begins is not known.
Translations slicing(const Layer& layer, const char*) {
  const Integers ends = stated_sizes(layer);
  if (ends.size() < 2 || !positive({ends.begin() + 1, ends.end()})) return {};
  Integers axes;
  for (std::int64_t i = 1; i < std::ssize(ends); ++i) axes.push_back(i);
  return {{"Slice",
           {},
           {lost_integers("starts", Integers(axes.size(), 0)),
            lost_integers("ends", {ends.begin() + 1, ends.end()}), lost_integers("axes", axes)}}};
}

Translations space_to_depth(const Layer& layer, const char*) {
  const std::int64_t before = size_at(first_input(layer), 2);
  const std::int64_t after = size_at(layer.stated, 2);
  if (before < 1 || after < 1) return {};
  return {{"SpaceToDepth", {{"blocksize", before / after}}, {}}};
}

Translations same(const Layer&, const char* op) {
  return {{op, {}, {}}};
}

/// `word`: the operator or the mode that the translation is told.
struct Row {
  std::string_view type;
  Translations (*translate)(const Layer&, const char* word);
  const char* word = "";
};

constexpr std::array kRows = {
    Row{"Conv", convolution},
    Row{"Conv1d", convolution},
    Row{"DepthwiseConv", depthwise},
    Row{"DepthwiseConv1d", depthwise},
    Row{"ConvTranspose", transposed, "ConvTranspose"},
    Row{"ConvTranspose2d", transposed, "ConvTranspose"},
    Row{"Pool", pooling},
    Row{"Pool1d", pooling},
    Row{"BatchNorm", normalization},
    Row{"Add", pairwise, "Add"},
    Row{"Mul", pairwise, "Mul"},
    Row{"Div", pairwise, "Div"},
    Row{"RealDiv", pairwise, "Div"},
    Row{"Sub", pairwise, "Sub"},
    Row{"Power", pairwise, "Pow"},
    Row{"Relu6", relu6},
    Row{"Softmax", softmax},
    Row{"Concat", concatenation},
    Row{"FullyConnected", product},
    Row{"MatMul", product},
    Row{"Flatten", flattening},
    Row{"Reshape", shaping},
    Row{"Squeeze", shaping},
    Row{"Unsqueeze", shaping},
    Row{"ReduceMean", mean},
    Row{"Pad", padding},
    Row{"ResizeBilinear", resizing, "linear"},
    Row{"ResizeNearestNeighbor", resizing, "nearest"},
    Row{"Slice", slicing},
    Row{"SpaceToDepth", space_to_depth},
    Row{"Relu", same, "Relu"},
    Row{"LeakyRelu", same, "LeakyRelu"},
    Row{"Clip", same, "Clip"},
    Row{"Softplus", same, "Softplus"},
    Row{"Tanh", same, "Tanh"},
    Row{"Sigmoid", same, "Sigmoid"},
    Row{"Exp", same, "Exp"},
    Row{"Log", same, "Log"},
    Row{"Dropout", same, "Dropout"},
    Row{"Shape", same, "Shape"},
};

}  // namespace

std::vector<Translation> translations(const Layer& layer) {
  const auto row =
      std::find_if(kRows.begin(), kRows.end(), [&](const Row& each) { return each.type == layer.raw.type; });
  if (row == kRows.end() || layer.inputs.empty()) return {};
  return row->translate(layer, row->word);
}

Shape onnx_shape(const Integers& sizes) {
  Shape shape;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    shape.push_back(sizes[i] >= 0 ? Dim(sizes[i])
                                  : Dim::named(i == 0 ? "batch" : "size" + std::to_string(i)));
  }
  if (shape.size() == 3 || shape.size() == 4) std::rotate(shape.begin() + 1, shape.end() - 1, shape.end());
  return shape;
}

}  // namespace foretime::annette
