#include "formats/nnmeter/translate.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace foretime::nnmeter {
namespace {

using Integers = std::vector<std::int64_t>;

/// ONNX strings look like Python's bytes: b'NOTSET'.
std::string unwrapped(const std::string& text) {
  const bool wrapped = text.size() >= 3 && text.starts_with("b'") && text.ends_with("'");
  return wrapped ? text.substr(2, text.size() - 3) : text;
}

/// An integer or a list of them, as a list.
Integers integers(const RawNode& node, std::string_view name) {
  const Attribute* found = node.attributes.find(name);
  if (found == nullptr) return {};
  if (const auto* list = std::get_if<Integers>(found)) return *list;
  if (const auto* one = std::get_if<std::int64_t>(found)) return {*one};
  return {};
}

std::string text(const RawNode& node, std::string_view name) {
  const Attribute* found = node.attributes.find(name);
  const auto* held = found == nullptr ? nullptr : std::get_if<std::string>(found);
  return held == nullptr ? std::string() : unwrapped(*held);
}

/// Height and width out of [h, w], one number, or TensorFlow's [1, h, w, 1].
Integers plane(Integers sizes) {
  if (sizes.size() == 1) return {sizes[0], sizes[0]};
  if (sizes.size() == 4) return {sizes[1], sizes[2]};
  return sizes;
}

const RawShape* shape_at(const std::vector<RawShape>& shapes, std::size_t place) {
  return place < shapes.size() ? &shapes[place] : nullptr;
}

std::int64_t channels(const std::vector<RawShape>& shapes) {
  return shapes.empty() || shapes[0].empty() ? -1 : shapes[0].back();
}

/// Kernel size, strides, dilations and padding, whoever spelt them.
void set_window(const RawNode& node, Attributes& out) {
  for (const char* name : {"kernel_shape", "ksize", "ks"}) {
    if (Integers size = plane(integers(node, name)); !size.empty()) out.set("kernel_shape", std::move(size));
  }
  for (const char* name : {"strides", "dilations"}) {
    if (Integers values = plane(integers(node, name)); !values.empty()) out.set(name, std::move(values));
  }
  const std::string padding = text(node, "padding");
  if (padding == "SAME") return out.set("auto_pad", std::string("SAME_UPPER"));
  if (padding == "VALID") return out.set("auto_pad", std::string("VALID"));
  if (const std::string pad = text(node, "auto_pad"); !pad.empty() && pad != "NOTSET") {
    return out.set("auto_pad", pad);
  }
  Integers pads = integers(node, "pads");
  if (pads.size() == 1) pads.assign(4, pads[0]);
  if (pads.size() == 2) pads = {pads[0], pads[1], pads[0], pads[1]};
  if (!pads.empty()) out.set("pads", std::move(pads));
}

/// Everything under its own name.
void copy_attributes(const RawNode& node, Attributes& out) {
  std::vector<std::pair<std::string, Attribute>> items;
  for (const auto& [name, value] : node.attributes) {
    const auto* string = std::get_if<std::string>(&value);
    items.emplace_back(name, string == nullptr ? value : Attribute(unwrapped(*string)));
  }
  out = Attributes(std::move(items));
}

LostConstant lost(std::string name, const Integers& sizes) {
  return {std::move(name), {sizes.begin(), sizes.end()}, {}, {}, false};
}

LostConstant lost_integers(std::string name, Integers values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return {std::move(name), {count}, std::move(values), {}, true};
}

bool all_known(const Integers& sizes) {
  return std::all_of(sizes.begin(), sizes.end(), [](std::int64_t size) { return size >= 0; });
}

/// `weights`: of the whole operator, [out, in, height, width].
void add_weights(const Integers& weights, std::size_t inputs, Translation& out) {
  if (inputs < 2 && all_known(weights)) out.constants.push_back(lost("weight", weights));
}

void convolution(const RawNode& node, std::size_t inputs, Translation& out) {
  set_window(node, out.attributes);
  const Integers stated = integers(node, "group");
  const std::int64_t group = stated.empty() ? 1 : stated[0];
  out.attributes.set("group", group);
  const Integers kernel = out.attributes.integers("kernel_shape");
  const Integers stored = integers(node, "weight_shape");
  const std::int64_t each = group > 0 ? channels(node.input_shapes) / group : -1;
  const std::int64_t in = stored.size() == 4 ? stored[2] : each;
  const std::int64_t count = stored.size() == 4 ? stored[3] : channels(node.output_shapes);
  if (kernel.size() == 2) add_weights({count, in, kernel[0], kernel[1]}, inputs, out);
}

void depthwise(const RawNode& node, std::size_t inputs, Translation& out) {
  set_window(node, out.attributes);
  const Integers stored = integers(node, "weight_shape");
  const std::int64_t in = stored.size() == 4 ? stored[2] : channels(node.input_shapes);
  const std::int64_t multiplier = stored.size() == 4 ? stored[3] : 1;
  const Integers kernel = out.attributes.integers("kernel_shape");
  out.attributes.set("group", in);
  const bool sane = in > 0 && multiplier > 0;
  if (sane && kernel.size() == 2) {
    add_weights({saturating_mul(in, multiplier), 1, kernel[0], kernel[1]}, inputs, out);
  }
}

void pooling(const RawNode& node, std::size_t, Translation& out) {
  set_window(node, out.attributes);
  for (const char* name : {"ceil_mode", "count_include_pad", "storage_order"}) {
    if (const Attribute* found = node.attributes.find(name)) out.attributes.set(name, *found);
  }
}

void normalization(const RawNode& node, std::size_t inputs, Translation& out) {
  for (const char* name : {"epsilon", "momentum"}) {
    if (const Attribute* found = node.attributes.find(name)) out.attributes.set(name, *found);
  }
  const std::int64_t count = channels(node.output_shapes);
  if (inputs >= 5 || count < 0) return;
  out.most_inputs = 1;
  for (const char* name : {"scale", "offset", "mean", "variance"})
    out.constants.push_back(lost(name, {count}));
}

void bias(const RawNode& node, std::size_t inputs, Translation& out) {
  const std::int64_t count = channels(node.output_shapes);
  if (inputs >= 2 || count < 0) return;
  const bool image = node.output_shapes[0].size() == 4;
  out.constants.push_back(lost("bias", image ? Integers{count, 1, 1} : Integers{count}));
}

void relu6(const RawNode&, std::size_t inputs, Translation& out) {
  if (inputs != 1) return;
  out.constants.push_back({"min", {}, {}, {0.0F}, false});
  out.constants.push_back({"max", {}, {}, {6.0F}, false});
}

/// Over height and width, whatever shape the file says the input has: nn-Meter's overwrites it.
void mean(const RawNode& node, std::size_t, Translation& out) {
  Integers axes = integers(node, "reduction_indices");
  const bool image = axes == Integers{1, 2};
  out.attributes.set("axes", image ? Integers{2, 3} : axes);
  const bool keeps = !node.output_shapes.empty() && node.output_shapes[0].size() == 4;
  out.attributes.set("keepdims", std::int64_t{keeps ? 1 : 0});
}

/// An axis of NHWC, in NCHW.
std::int64_t onnx_axis(std::int64_t axis, const RawNode& node) {
  constexpr std::array<std::int64_t, 4> kAxes = {0, 2, 3, 1};
  const bool image = !node.output_shapes.empty() && node.output_shapes[0].size() == 4;
  if (!image || axis < -4 || axis > 3) return axis;
  return kAxes[static_cast<std::size_t>(axis < 0 ? axis + 4 : axis)];
}

/// TensorFlow's axis is a list of one number and counts NHWC, ONNX's is a number.
void set_axis(const RawNode& node, const char* name, Translation& out) {
  const Integers axes = integers(node, name);
  if (axes.empty()) return;
  const bool list = std::holds_alternative<Integers>(*node.attributes.find(name));
  out.attributes.set("axis", list ? onnx_axis(axes[0], node) : axes[0]);
}

void concatenation(const RawNode& node, std::size_t, Translation& out) {
  set_axis(node, "axis", out);
}

/// Sizes of the outputs along the axis; nothing, where one is not known.
Integers split_sizes(const RawNode& node, std::int64_t axis) {
  Integers sizes;
  for (const RawShape& raw : node.output_shapes) {
    const std::optional<Shape> shape = onnx_shape(raw);
    const std::int64_t rank = shape ? std::ssize(*shape) : 0;
    const std::int64_t at = axis < 0 ? axis + rank : axis;
    if (at < 0 || at >= rank || !(*shape)[static_cast<std::size_t>(at)].is_number()) return {};
    sizes.push_back((*shape)[static_cast<std::size_t>(at)].number());
  }
  return sizes;
}

void split(const RawNode& node, std::size_t inputs, Translation& out) {
  copy_attributes(node, out.attributes);
  out.attributes.erase("split_dim");
  set_axis(node, "axis", out);
  set_axis(node, "split_dim", out);
  if (out.attributes.has("split")) return;
  const Attribute* axis = out.attributes.find("axis");
  const auto* number = axis == nullptr ? nullptr : std::get_if<std::int64_t>(axis);
  Integers sizes = split_sizes(node, number == nullptr ? 0 : *number);
  if (sizes.size() < 2) return;
  out.attributes.erase("num_outputs");
  out.most_inputs = inputs > 1 ? 1 : SIZE_MAX;
  out.constants.push_back(lost_integers("split", std::move(sizes)));
}

void product(const RawNode& node, std::size_t inputs, Translation& out) {
  copy_attributes(node, out.attributes);
  const std::int64_t in = channels(node.input_shapes);
  const std::int64_t count = channels(node.output_shapes);
  if (inputs < 2 && in >= 0 && count >= 0) out.constants.push_back(lost("weight", {in, count}));
}

/// Integers that shape the output and are lost, from the shapes.
void shaping(const RawNode& node, std::size_t inputs, Translation& out) {
  copy_attributes(node, out.attributes);
  out.attributes.erase("shape");
  const RawShape* raw = shape_at(node.output_shapes, 0);
  const auto shape = raw == nullptr ? std::nullopt : onnx_shape(*raw);
  if (!shape) return;
  Integers sizes;
  for (const Dim& size : *shape) sizes.push_back(size.is_number() ? size.number() : -1);
  out.most_inputs = inputs > 1 ? 1 : SIZE_MAX;
  out.constants.push_back(lost_integers("shape", std::move(sizes)));
}

/// The difference of the sizes at the end of each axis; which part stands before is not known.
void padding(const RawNode& node, std::size_t, Translation& out) {
  copy_attributes(node, out.attributes);
  const RawShape* in = shape_at(node.input_shapes, 0);
  const RawShape* result = shape_at(node.output_shapes, 0);
  if (node.attributes.has("pads") || in == nullptr || result == nullptr || in->size() != result->size())
    return;
  const auto before = onnx_shape(*in);
  const auto after = onnx_shape(*result);
  if (!before || !after) return;
  Integers pads(2 * in->size(), 0);
  for (std::size_t i = 0; i < in->size(); ++i) {
    if ((*before)[i].is_number() && (*after)[i].is_number()) {
      pads[in->size() + i] = (*after)[i].number() - (*before)[i].number();
    }
  }
  out.most_inputs = 1;
  out.constants.push_back(lost_integers("pads", std::move(pads)));
}

/// As much as there is of the output, from the beginning: where the slice begins is not known.
void slicing(const RawNode& node, std::size_t, Translation& out) {
  copy_attributes(node, out.attributes);
  const RawShape* result = shape_at(node.output_shapes, 0);
  if (node.attributes.has("starts") || result == nullptr) return;
  const auto shape = onnx_shape(*result);
  if (!shape || !is_static(*shape)) return;
  Integers ends;
  for (const Dim& size : *shape) ends.push_back(size.number());
  out.most_inputs = 1;
  out.constants.push_back(lost_integers("starts", Integers(ends.size(), 0)));
  out.constants.push_back(lost_integers("ends", std::move(ends)));
}

void same(const RawNode& node, std::size_t, Translation& out) {
  copy_attributes(node, out.attributes);
}

struct Row {
  std::string_view type;
  std::string_view op;
  void (*translate)(const RawNode&, std::size_t inputs, Translation&);
};

constexpr std::array<Row, 45> kRows = {{
    {"Conv", "Conv", convolution},
    {"Conv2D", "Conv", convolution},
    {"conv", "Conv", convolution},
    {"DepthwiseConv2dNative", "Conv", depthwise},
    {"dwconv", "Conv", depthwise},
    {"MaxPool", "MaxPool", pooling},
    {"maxpool", "MaxPool", pooling},
    {"AvgPool", "AveragePool", pooling},
    {"AveragePool", "AveragePool", pooling},
    {"avgpool", "AveragePool", pooling},
    {"FusedBatchNorm", "BatchNormalization", normalization},
    {"FusedBatchNormV3", "BatchNormalization", normalization},
    {"BatchNormalization", "BatchNormalization", normalization},
    {"bn", "BatchNormalization", normalization},
    {"BiasAdd", "Add", bias},
    {"Biasadd", "Add", bias},
    {"Relu6", "Clip", relu6},
    {"Mean", "ReduceMean", mean},
    {"gap", "GlobalAveragePool", same},
    {"Concat", "Concat", concatenation},
    {"ConcatV2", "Concat", concatenation},
    {"concat", "Concat", concatenation},
    {"Split", "Split", split},
    {"split", "Split", split},
    {"MatMul", "MatMul", product},
    {"fc", "MatMul", product},
    {"Reshape", "Reshape", shaping},
    {"reshape", "Reshape", shaping},
    {"Expand", "Expand", shaping},
    {"Pad", "Pad", padding},
    {"Slice", "Slice", slicing},
    {"AddV2", "Add", same},
    {"RealDiv", "Div", same},
    {"add", "Add", same},
    {"sub", "Sub", same},
    {"mul", "Mul", same},
    {"div", "Div", same},
    {"relu", "Relu", same},
    {"sigmoid", "Sigmoid", same},
    {"hardsigmoid", "HardSigmoid", same},
    {"hswish", "HardSwish", same},
    {"softmax", "Softmax", same},
    {"transpose", "Transpose", same},
    {"pad", "Pad", padding},
    {"flatten", "Flatten", same},
}};

}  // namespace

std::optional<Shape> onnx_shape(const RawShape& shape) {
  Shape sizes;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] < 0 && i > 0) return std::nullopt;
    sizes.push_back(shape[i] < 0 ? Dim::named("batch") : Dim(shape[i]));
  }
  if (sizes.size() == 4) std::rotate(sizes.begin() + 1, sizes.begin() + 3, sizes.end());
  return sizes;
}

Translation translate(const RawNode& node, std::size_t inputs) {
  Translation out;
  const auto row =
      std::find_if(kRows.begin(), kRows.end(), [&](const Row& each) { return each.type == node.type; });
  out.op = row == kRows.end() ? node.type : std::string(row->op);
  (row == kRows.end() ? same : row->translate)(node, inputs, out);
  return out;
}

}  // namespace foretime::nnmeter
