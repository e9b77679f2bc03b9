#include "formats/annette/translate.h"

#include <algorithm>
#include <array>
#include <utility>

namespace foretime::annette {
namespace {

using Translations = std::vector<Translation>;

Integers attribute(const Layer& layer, std::string_view name) {
  const Integers* found = sizes(layer.raw, name);
  return found == nullptr ? Integers{} : *found;
}

std::string text(const Layer& layer, std::string_view name) {
  const Value* found = layer.raw.find(name);
  const auto* held = found == nullptr ? nullptr : found->as<std::string>();
  return held == nullptr ? std::string() : *held;
}

/// The size at a place of the first input, or of the stated output; -1: not known.
std::int64_t size_at(const Shape* shape, std::size_t place) {
  return shape != nullptr && place < shape->size() && (*shape)[place].is_number() ? (*shape)[place].number()
                                                                                  : -1;
}
const Shape* first_input(const Layer& layer) {
  return layer.inputs.empty() ? nullptr : &layer.inputs[0];
}
std::int64_t channels_in(const Layer& layer) {
  return size_at(first_input(layer), 1);
}
std::int64_t channels_out(const Layer& layer) {
  return size_at(layer.stated, 1);
}

LostConstant lost(std::string name, const Integers& shape) {
  return {std::move(name), {shape.begin(), shape.end()}, {}, {}, false};
}
LostConstant lost_integers(std::string name, Integers values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return {std::move(name), {count}, std::move(values), {}, true};
}
LostConstant lost_real(std::string name, float value) {
  return {std::move(name), {}, {}, {value}, false};
}

/// The sizes between batch and channels of [1, h, w, 1].
Integers middle(const Integers& sizes) {
  return sizes.size() < 3 ? Integers{} : Integers(sizes.begin() + 1, sizes.end() - 1);
}

/// [0, top, left, 0, 0, bottom, right, 0] as ONNX has it.
Integers onnx_pads(const Integers& pads) {
  if (pads.size() < 6 || pads.size() % 2 != 0) return {};
  const auto half = static_cast<std::ptrdiff_t>(pads.size() / 2);
  Integers out = middle({pads.begin(), pads.begin() + half});
  const Integers ends = middle({pads.begin() + half, pads.end()});
  out.insert(out.end(), ends.begin(), ends.end());
  return out;
}

/// Padding with which a window of these sizes gives the stated output, as even as it can be; nothing, if
/// none does.
Integers fitted_pads(const Layer& layer, const Integers& kernel, const Integers& strides,
                     const Integers& dilations) {
  const Shape* in = first_input(layer);
  Integers begins;
  Integers ends;
  for (std::size_t i = 0; i < kernel.size(); ++i) {
    const std::int64_t size = size_at(in, i + 2);
    const std::int64_t out = size_at(layer.stated, i + 2);
    const std::int64_t stride = i < strides.size() ? strides[i] : 1;
    const std::int64_t dilation = i < dilations.size() ? dilations[i] : 1;
    constexpr std::int64_t kLargest = 1 << 24;
    for (const std::int64_t number : {size, out, stride, dilation, kernel[i]}) {
      if (number < 1 || number > kLargest) return {};
    }
    const std::int64_t window = (kernel[i] - 1) * dilation + 1;
    const std::int64_t total = std::max<std::int64_t>(0, (out - 1) * stride + window - size);
    begins.push_back(total / 2);
    ends.push_back(total - total / 2);
  }
  begins.insert(begins.end(), ends.begin(), ends.end());
  return begins;
}

/// The translation with the padding of the file, and with the one that fits.
Translations with_windows(const Layer& layer, Translation translation, const Integers& kernel) {
  const Integers strides = middle(attribute(layer, "strides"));
  const Integers dilations = middle(attribute(layer, "dilations"));
  translation.attributes.set("kernel_shape", kernel);
  if (strides.size() == kernel.size()) translation.attributes.set("strides", strides);
  const bool dilated = dilations.size() == kernel.size() && !translation.op.ends_with("Pool");
  if (dilated) translation.attributes.set("dilations", dilations);
  Translations all;
  const auto add = [&](const Integers& pads) {
    if (pads.size() != 2 * kernel.size()) return;
    translation.attributes.set("pads", pads);
    all.push_back(translation);
  };
  add(onnx_pads(attribute(layer, "pads")));
  add(fitted_pads(layer, kernel, strides, dilated ? dilations : Integers{}));
  if (all.empty()) all.push_back(std::move(translation));
  return all;
}

bool positive(const Integers& sizes) {
  return std::all_of(sizes.begin(), sizes.end(), [](std::int64_t size) { return size > 0; });
}

/// kernel_shape is [sizes…, in per group, out].
Translations convolution(const Layer& layer) {
  const Integers kernel = attribute(layer, "kernel_shape");
  const std::int64_t in = channels_in(layer);
  if (kernel.size() < 3 || in < 1) return {};
  const std::int64_t each = kernel[kernel.size() - 2];
  const std::int64_t stored = kernel.back();
  const std::int64_t count = channels_out(layer) > 0 ? channels_out(layer) : stored;
  const Integers window(kernel.begin(), kernel.end() - 2);
  if (each < 1 || count < 1 || in % each != 0 || !positive(window)) return {};
  Translation out{"Conv", {{"group", in / each}}, {}};
  Integers weight = {count, each};
  weight.insert(weight.end(), window.begin(), window.end());
  out.constants.push_back(lost("weight", weight));
  return with_windows(layer, std::move(out), window);
}

/// kernel_shape is [sizes…, C, 1] or [sizes…, 1, C], depending on where the file comes from.
Translations depthwise(const Layer& layer) {
  const Integers kernel = attribute(layer, "kernel_shape");
  const std::int64_t in = channels_in(layer);
  if (kernel.size() < 3 || in < 1) return {};
  const Integers window(kernel.begin(), kernel.end() - 2);
  const std::int64_t count = channels_out(layer) > 0 ? channels_out(layer) : in;
  if (count % in != 0 || !positive(window)) return {};
  Translation out{"Conv", {{"group", in}}, {}};
  Integers weight = {count, 1};
  weight.insert(weight.end(), window.begin(), window.end());
  out.constants.push_back(lost("weight", weight));
  return with_windows(layer, std::move(out), window);
}

Translations transposed(const Layer& layer) {
  const Integers kernel = attribute(layer, "kernel_shape");
  const std::int64_t in = channels_in(layer);
  if (kernel.size() < 3 || in < 1) return {};
  const std::int64_t other = kernel.back() == in ? kernel[kernel.size() - 2] : kernel.back();
  const std::int64_t count = channels_out(layer) > 0 ? channels_out(layer) : other;
  const Integers window(kernel.begin(), kernel.end() - 2);
  if (count < 1 || !positive(window)) return {};
  Translation out{"ConvTranspose", {{"kernel_shape", window}}, {}};
  const Integers strides = middle(attribute(layer, "strides"));
  if (strides.size() == window.size()) out.attributes.set("strides", strides);
  Integers weight = {in, count};
  weight.insert(weight.end(), window.begin(), window.end());
  out.constants.push_back(lost("weight", weight));
  Translation padded = out;
  if (Integers pads = onnx_pads(attribute(layer, "pads")); !pads.empty()) {
    padded.attributes.set("pads", std::move(pads));
  }
  Integers stated;
  for (std::size_t i = 0; i < window.size(); ++i) stated.push_back(size_at(layer.stated, i + 2));
  if (!positive(stated)) return {padded};
  out.attributes.set("output_shape", stated);
  return {padded, out};
}

Translations pooling(const Layer& layer) {
  const bool maximum = text(layer, "pooling_type") == "MAX";
  const Integers window = middle(attribute(layer, "kernel_shape"));
  const Value* flag = layer.raw.find("global_pooling");
  const auto* global = flag == nullptr ? nullptr : flag->as<bool>();
  const bool whole = (global != nullptr && *global) || !positive(window) || window.empty() ||
                     text(layer, "pooling_type") == "GLOBAVG";
  if (whole) return {{maximum ? "GlobalMaxPool" : "GlobalAveragePool", {}, {}}};
  return with_windows(layer, {maximum ? "MaxPool" : "AveragePool", {}, {}}, window);
}

Translations normalization(const Layer& layer) {
  const std::int64_t count = channels_in(layer);
  if (count < 0) return {};
  Translation out{"BatchNormalization", {}, {}};
  for (const char* name : {"scale", "offset", "mean", "variance"})
    out.constants.push_back(lost(name, {count}));
  return {out};
}

/// With one input the other one was a constant.
Translations pairwise(const Layer& layer, std::string op) {
  Translation out{std::move(op), {}, {}};
  if (layer.inputs.size() == 1) out.constants.push_back(lost("operand", {}));
  if (layer.inputs.size() > 2) out.op = "Sum";
  return {out};
}

Translations addition(const Layer& layer) {
  return pairwise(layer, "Add");
}
Translations product_of_elements(const Layer& layer) {
  return layer.inputs.size() > 2 ? Translations{} : pairwise(layer, "Mul");
}
Translations division(const Layer& layer) {
  return layer.inputs.size() > 2 ? Translations{} : pairwise(layer, "Div");
}
Translations difference(const Layer& layer) {
  return layer.inputs.size() > 2 ? Translations{} : pairwise(layer, "Sub");
}
Translations power(const Layer& layer) {
  return layer.inputs.size() > 2 ? Translations{} : pairwise(layer, "Pow");
}

Translations relu6(const Layer&) {
  return {{"Clip", {}, {lost_real("min", 0), lost_real("max", 6)}}};
}

/// The last axis of NHWC or NC, in ONNX's order.
std::int64_t channel_axis(const Layer& layer) {
  const Shape* in = first_input(layer);
  return in != nullptr && in->size() > 2 ? 1 : -1;
}

Translations softmax(const Layer& layer) {
  return {{"Softmax", {{"axis", channel_axis(layer)}}, {}}};
}

/// The stated axis, in ONNX's order, or else one of all of them.
Translations concatenation(const Layer& layer) {
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

Translations product(const Layer& layer) {
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

Translations shaping(const Layer& layer) {
  Integers shape = stated_sizes(layer);
  if (shape.empty()) return {};
  shape[0] = -1;
  return {{"Reshape", {}, {lost_integers("shape", std::move(shape))}, false, 1}};
}

Translations flattening(const Layer& layer) {
  Translations all = {{"Flatten", {}, {}}};
  for (Translation& other : shaping(layer)) all.push_back(std::move(other));
  return all;
}

/// Over all axes of the plane, or over one of them.
Translations mean(const Layer& layer) {
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

Translations padding(const Layer& layer) {
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
Translations resized_linearly(const Layer& layer) {
  return resizing(layer, "linear");
}
Translations resized_nearest(const Layer& layer) {
  return resizing(layer, "nearest");
}

/// As much as there is of the output, from the beginning: where the slice begins is not known.
Translations slicing(const Layer& layer) {
  const Integers ends = stated_sizes(layer);
  if (ends.size() < 2 || !positive({ends.begin() + 1, ends.end()})) return {};
  Integers axes;
  for (std::int64_t i = 1; i < std::ssize(ends); ++i) axes.push_back(i);
  return {{"Slice",
           {},
           {lost_integers("starts", Integers(axes.size(), 0)),
            lost_integers("ends", {ends.begin() + 1, ends.end()}), lost_integers("axes", axes)}}};
}

Translations space_to_depth(const Layer& layer) {
  const std::int64_t before = size_at(first_input(layer), 2);
  const std::int64_t after = size_at(layer.stated, 2);
  if (before < 1 || after < 1) return {};
  return {{"SpaceToDepth", {{"blocksize", before / after}}, {}}};
}

Translations same(const Layer& layer) {
  return {{layer.raw.type, {}, {}}};
}

struct Row {
  std::string_view type;
  Translations (*translate)(const Layer&);
};

constexpr std::array kRows = {
    Row{"Conv", convolution},
    Row{"Conv1d", convolution},
    Row{"DepthwiseConv", depthwise},
    Row{"DepthwiseConv1d", depthwise},
    Row{"ConvTranspose", transposed},
    Row{"ConvTranspose2d", transposed},
    Row{"Pool", pooling},
    Row{"Pool1d", pooling},
    Row{"BatchNorm", normalization},
    Row{"Add", addition},
    Row{"Mul", product_of_elements},
    Row{"Div", division},
    Row{"RealDiv", division},
    Row{"Sub", difference},
    Row{"Power", power},
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
    Row{"ResizeBilinear", resized_linearly},
    Row{"ResizeNearestNeighbor", resized_nearest},
    Row{"Slice", slicing},
    Row{"SpaceToDepth", space_to_depth},
    Row{"Relu", same},
    Row{"LeakyRelu", same},
    Row{"Clip", same},
    Row{"Softplus", same},
    Row{"Tanh", same},
    Row{"Sigmoid", same},
    Row{"Exp", same},
    Row{"Log", same},
    Row{"Dropout", same},
    Row{"Shape", same},
};

}  // namespace

std::vector<Translation> translations(const Layer& layer) {
  const auto row =
      std::find_if(kRows.begin(), kRows.end(), [&](const Row& each) { return each.type == layer.raw.type; });
  if (row == kRows.end() || layer.inputs.empty()) return {};
  return row->translate(layer);
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
