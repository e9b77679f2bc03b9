#include "formats/annette/graph_writer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "ops/views.h"
#include "ops/windows.h"

namespace foretime::annette {
namespace {

/// Channels last, for ranks that have channels.
template <typename Items>
Items channels_last(Items items) {
  if (items.size() == 3 || items.size() == 4) std::rotate(items.begin() + 1, items.begin() + 2, items.end());
  return items;
}

Integers raw_shape(const Shape& shape) {
  Integers sizes;
  for (const Dim& size : shape) sizes.push_back(size.is_number() ? size.number() : -1);
  return channels_last(std::move(sizes));
}

/// [h, w] as [1, h, w, 1], or with other ends.
Integers framed(const Integers& plane, std::int64_t end) {
  Integers all = {end};
  all.insert(all.end(), plane.begin(), plane.end());
  all.push_back(end);
  return all;
}

/// [top, left, bottom, right] as [0, top, left, 0, 0, bottom, right, 0].
Integers framed_pads(const Integers& pads) {
  const auto half = static_cast<std::ptrdiff_t>(pads.size() / 2);
  Integers all = framed({pads.begin(), pads.begin() + half}, 0);
  const Integers ends = framed({pads.begin() + half, pads.end()}, 0);
  all.insert(all.end(), ends.begin(), ends.end());
  return all;
}

std::int64_t number_axis(std::int64_t axis, std::size_t rank) {
  const auto count = static_cast<std::int64_t>(rank);
  if (axis < 0) axis += count;
  if (rank != 3 && rank != 4) return axis;
  return axis == 0 ? 0 : axis == 1 ? count - 1 : axis - 1;
}

struct Rename {
  std::string_view onnx;
  std::string_view annette;
};
constexpr std::array kNames = {
    Rename{"BatchNormalization", "BatchNorm"},
    Rename{"Gemm", "FullyConnected"},
    Rename{"Pow", "Power"},
    Rename{"MaxPool", "Pool"},
    Rename{"AveragePool", "Pool"},
    Rename{"GlobalMaxPool", "Pool"},
    Rename{"GlobalAveragePool", "Pool"},
    Rename{"LpPool", "Pool"},
};

class LayerWriter {
 public:
  LayerWriter(const Graph& graph, const Node& node) : graph_(graph), node_(node) {}

  void write(RawLayer& layer) {
    const auto renamed =
        std::find_if(kNames.begin(), kNames.end(), [&](const Rename& row) { return row.onnx == node_.op; });
    layer.type = renamed == kNames.end() ? node_.op : std::string(renamed->annette);
    if (node_.op == "Conv" || node_.op == "ConvTranspose") convolution(layer);
    if (layer.type == "Pool") pooling(layer);
    if (node_.op == "MatMul" && is_constant(1)) layer.type = "FullyConnected";
    if (node_.op == "Clip" && is_relu6()) layer.type = "Relu6";
    if (node_.op == "Resize") {
      layer.type =
          node_.attributes.text("mode", "nearest") == "nearest" ? "ResizeNearestNeighbor" : "ResizeBilinear";
    }
    if (node_.op == "Pad") padding(layer);
    axes(layer);
    for (const auto& [name, value] : node_.attributes) keep(layer, name, value);
  }

 private:
  const Tensor* input(std::size_t place) const {
    const bool there = place < node_.inputs.size() && node_.inputs[place] != kNoTensor;
    return there ? &graph_[node_.inputs[place]] : nullptr;
  }
  bool is_constant(std::size_t place) const {
    const Tensor* tensor = input(place);
    return tensor != nullptr && tensor->constant != nullptr;
  }
  std::size_t rank() const {
    const Tensor* tensor = input(0);
    return tensor == nullptr || !tensor->type.shape ? 0 : tensor->type.shape->size();
  }

  void set(RawLayer& layer, std::string key, Value value) {
    written_.insert(key);
    layer.attributes.emplace_back(std::move(key), std::move(value));
  }

  /// Strides, padding as numbers, and dilations. `in`, `out`: sizes of the plane.
  void window(RawLayer& layer, const Integers& kernel, const Integers& in, const Integers& out) {
    ops::Windows windows = ops::Windows::read(node_.attributes, kernel, kernel.size());
    const std::size_t rank = kernel.size();
    if (windows.auto_pad.starts_with("SAME")) {
      for (std::size_t i = 0; i < rank; ++i) {
        const std::int64_t total =
            std::max<std::int64_t>(0, (out[i] - 1) * windows.strides[i] + windows.extent(i) - in[i]);
        const std::int64_t less = total / 2;
        const bool upper = windows.auto_pad == "SAME_UPPER";
        windows.pads[i] = upper ? less : total - less;
        windows.pads[rank + i] = upper ? total - less : less;
      }
    }
    set(layer, "strides", {framed(windows.strides, 1)});
    set(layer, "pads", {framed_pads(windows.pads)});
    if (node_.attributes.has("dilations")) set(layer, "dilations", {framed(windows.dilations, 1)});
    written_.insert({"auto_pad", "kernel_shape"});
  }

  void convolution(RawLayer& layer);
  void pooling(RawLayer& layer);
  void padding(RawLayer& layer);

  bool is_relu6() const {
    const auto is = [&](std::size_t place, double wanted) {
      const Tensor* tensor = input(place);
      if (tensor == nullptr || tensor->constant == nullptr) return false;
      const auto values = reals(*tensor->constant, tensor->type, 1);
      return values && values->size() == 1 && (*values)[0] == wanted;
    };
    return is(1, 0) && is(2, 6);
  }

  void axes(RawLayer& layer) {
    const Attribute* axis = node_.attributes.find("axis");
    const auto* number = axis == nullptr ? nullptr : std::get_if<std::int64_t>(axis);
    if (number != nullptr) set(layer, "axis", {number_axis(*number, rank())});
    if (node_.op != "Transpose") return;
    Integers perm = node_.attributes.integers("perm");
    if (perm.empty()) return;
    for (std::int64_t& place : perm) place = number_axis(place, perm.size());
    set(layer, "perm", {channels_last(std::move(perm))});
  }

  /// Under its own name what has no place in ANNETTE's form.
  void keep(RawLayer& layer, const std::string& name, const Attribute& attribute) {
    if (written_.contains(name) || name == "parents" || name == "children" || name == "type") return;
    std::visit(
        [&](const auto& held) {
          using T = std::decay_t<decltype(held)>;
          if constexpr (std::is_same_v<T, float>) {
            set(layer, name, {static_cast<double>(held)});
          } else if constexpr (std::is_same_v<T, std::vector<float>>) {
            Values values;
            for (const float each : held) values.push_back({static_cast<double>(each)});
            set(layer, name, {std::move(values)});
          } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
            Values values;
            for (const std::string& each : held) values.push_back({each});
            set(layer, name, {std::move(values)});
          } else if constexpr (!std::is_same_v<T, TensorAttribute>) {
            set(layer, name, {held});
          }
        },
        attribute);
  }

  const Graph& graph_;
  const Node& node_;
  std::unordered_set<std::string> written_ = {"output_shape", "input_shape"};
};

/// [sizes…, channels in per group, channels out].
void LayerWriter::convolution(RawLayer& layer) {
  const auto view = ops::conv_view(graph_, node_);
  if (!view) throw Error(node_.name, "is a convolution whose sizes are not known");
  Integers kernel = view->kernel;
  const bool flat = kernel.size() == 1;
  if (view->transposed) {
    kernel.insert(kernel.end(), {view->in_channels, view->out_channels});
  } else if (view->depthwise()) {
    kernel.insert(kernel.end(), {view->out_channels, 1});
  } else {
    kernel.insert(kernel.end(),
                  {view->in_channels / std::max<std::int64_t>(1, view->groups), view->out_channels});
  }
  layer.type = view->transposed ? "ConvTranspose" : view->depthwise() ? "DepthwiseConv" : "Conv";
  if (flat) layer.type += "1d";
  set(layer, "kernel_shape", {std::move(kernel)});
  window(layer, view->kernel, view->input, view->output);
}

void LayerWriter::pooling(RawLayer& layer) {
  const auto view = ops::pool_view(graph_, node_);
  if (!view) throw Error(node_.name, "is a pooling whose sizes are not known");
  const bool global = view->kernel.empty();
  const Integers kernel = global ? view->input : view->kernel;
  if (kernel.size() == 1) layer.type = "Pool1d";
  set(layer, "kernel_shape", {framed(kernel, 1)});
  set(layer, "pooling_type", {std::string(node_.op.find("Max") != std::string::npos ? "MAX" : "AVG")});
  if (global) {
    set(layer, "strides", {framed(Integers(kernel.size(), 1), 1)});
    set(layer, "pads", {framed_pads(Integers(2 * kernel.size(), 0))});
  } else {
    window(layer, kernel, view->input, view->output);
  }
}

/// The padding of NCHW as that of NHWC, where it is a constant.
void LayerWriter::padding(RawLayer& layer) {
  const Tensor* pads = input(1);
  if (pads == nullptr || pads->constant == nullptr) return;
  constexpr std::size_t kMost = 64;
  const auto values = integers(*pads->constant, pads->type, kMost);
  if (!values || values->size() % 2 != 0) return;
  const auto half = static_cast<std::ptrdiff_t>(values->size() / 2);
  Integers all = channels_last(Integers(values->begin(), values->begin() + half));
  const Integers ends = channels_last(Integers(values->begin() + half, values->end()));
  all.insert(all.end(), ends.begin(), ends.end());
  set(layer, "pads", {std::move(all)});
}

class Writer {
 public:
  explicit Writer(const Graph& graph) : graph_(graph) {}

  RawGraph write() {
    raw_.name = graph_.name();
    for (const TensorId id : graph_.inputs()) {
      RawLayer& layer = add(graph_[id].name);
      layer.type = "DataInput";
      layer.attributes.emplace_back("output_shape", Value{shape(id, layer.name)});
      makers_[id] = {raw_.layers.size() - 1, 0};
    }
    for (const Node& node : graph_.nodes()) add_node(node);
    return std::move(raw_);
  }

 private:
  struct Maker {
    std::size_t layer = 0;
    std::size_t output = 0;
  };

  RawLayer& add(const std::string& name) {
    if (name.find(':') != std::string::npos) {
      throw Error(name, "its name holds a colon, which ANNETTE reads as the number of an output");
    }
    if (!names_.insert(name).second) throw Error(name, "two layers would have this name");
    raw_.layers.push_back({name, "", {}, {}, {}});
    return raw_.layers.back();
  }

  Integers shape(TensorId id, const std::string& where) const {
    if (!graph_[id].type.shape) throw Error(where, "the shape of '" + graph_[id].name + "' is not known");
    return raw_shape(*graph_[id].type.shape);
  }

  void add_node(const Node& node) {
    if (!node.subgraphs.empty()) throw Error(node.name, "is a " + node.op + ", which ANNETTE cannot express");
    RawLayer& layer = add(node.name);
    const std::size_t place = raw_.layers.size() - 1;
    std::optional<Integers> read;
    for (const TensorId id : node.inputs) {
      const auto maker = id == kNoTensor ? makers_.end() : makers_.find(id);
      if (maker == makers_.end()) continue;  // a constant, or left out
      RawLayer& parent = raw_.layers[maker->second.layer];
      const bool first = maker->second.output == 0;
      layer.parents.push_back(first ? parent.name : parent.name + ":" + std::to_string(maker->second.output));
      if (std::find(parent.children.begin(), parent.children.end(), node.name) == parent.children.end())
        parent.children.push_back(node.name);
      if (!read) read = shape(id, node.name);
    }
    if (!node.outputs.empty() && node.outputs[0] != kNoTensor) {
      layer.attributes.emplace_back("output_shape", Value{shape(node.outputs[0], node.name)});
    }
    if (read) layer.attributes.emplace_back("input_shape", Value{*read});
    LayerWriter(graph_, node).write(layer);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] != kNoTensor) makers_[node.outputs[i]] = {place, i};
    }
  }

  const Graph& graph_;
  RawGraph raw_;
  std::unordered_set<std::string> names_;
  std::unordered_map<TensorId, Maker> makers_;
};

}  // namespace

RawGraph from_graph(const Graph& graph) {
  if (graph.opset("tflite") > 0) {
    throw Error(graph.name(), "keeps the layout of TFLite, which ANNETTE's graphs have no place for",
                "a network with channels first");
  }
  return Writer(graph).write();
}

}  // namespace foretime::annette
