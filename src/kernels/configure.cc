#include "kernels/configure.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <string_view>
#include <utility>

#include "kernels/joined_axes.h"
#include "ops/conv_layout.h"
#include "ops/views.h"

namespace foretime {
namespace {

/// Inputs of a concatenation whose places are told apart.
constexpr std::size_t kMostPlaces = 64;

std::int32_t narrow(std::int64_t size) {
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(size, 0, std::numeric_limits<std::int32_t>::max()));
}

std::optional<Extent> extent_of(const Graph& graph, TensorId id) {
  const std::optional<Shape>& shape = graph[id].type.shape;
  if (!shape) return std::nullopt;
  for (const Dim& dim : *shape) {
    if (dim.upper() == Dim::kUnbounded) return std::nullopt;
  }
  const auto at = [&](std::size_t axis) { return std::max<std::int64_t>(0, (*shape)[axis].upper()); };
  switch (shape->size()) {
    case 0:
      return Extent{};
    case 1:
      return Extent{1, at(0)};
    case 2:
      return Extent{at(0), at(1)};
    case 3:
      return Extent{at(0), at(2), at(1)};
    case 4:
      if (ops::keeps_channels_last(graph)) return Extent{at(0), at(3), at(1), at(2)};
      return Extent{at(0), at(1), at(2), at(3)};
    case 5:
      if (ops::keeps_channels_last(graph)) return Extent{at(0), saturating_mul(at(3), at(4)), at(1), at(2)};
      break;
    default:
      break;
  }
  Extent extent{at(0), saturating_mul(at(1), at(2)), at(3), 1};
  for (std::size_t axis = 4; axis < shape->size(); ++axis)
    extent.width = saturating_mul(extent.width, at(axis));
  return extent;
}

std::uint8_t activation_of(const Unit& unit) {
  if (!unit.block.empty()) return block_info(unit.block).activation;
  if (unit.op->activation == kTranscendental && unit.kind != Kind::transcendental) return 0;
  return unit.op->activation;
}

bool has_size(const TensorType& type) {
  return type.shape && elements_of(*type.shape) != kSaturated;
}

bool is_data_movement(Kind kind) {
  return kind == Kind::split || kind == Kind::transpose || kind == Kind::data_movement;
}

/// Builds one kernel.
class Configuration {
 public:
  Configuration(const Units& units, UnitId root, std::vector<Extent>& extents, KernelGraph& graph)
      : units_(units),
        root_(units.list[root]),
        id_(root),
        extents_(extents),
        to_(graph),
        kernel_(graph.kernels.emplace_back()) {
    kernel_.anchor = units.layers(root_)[0];
    kernel_.config.kind = root_.kind;
  }

  void build() {
    set_layers();
    kernel_.reads.begin = kernel_.reads.end = static_cast<std::uint32_t>(to_.reads.size());
    if (root_.kind == Kind::none) return;
    kernel_.repetitions = units_.first(root_).repetitions;
    set_reads();
    check_sizes();
    set_sizes();
    set_operator();
    add_own_activation();
    for (UnitId id = root_.next; id != kNoUnit; id = units_.list[id].next) add_fused(units_.list[id]);
    set_neighbours();
  }

 private:
  const Graph& graph() const { return *units_.first(root_).graph; }
  const Node& node() const { return *units_.first(root_).node; }
  /// The transposition of a unit, which of a block is not its first layer.
  const analysis::LayerNode& transposition(const Unit& unit) const;
  const Unit& end() const { return units_.list[root_.last]; }

  void set_layers();
  void set_reads();
  void check_sizes();
  void set_sizes();
  void set_form(TensorId output);
  void set_piece(const Shape& in, const Shape& out);
  bool skips() const;
  std::int64_t places() const;
  std::int64_t spans() const;
  std::vector<std::int64_t> permutation() const;
  void set_concat();
  void set_operator();
  void set_conv(const ops::ConvView& view);
  void set_pool(const ops::PoolView& view);
  void set_gemm(const ops::GemmView& view);
  void add_own_activation();
  void add_fused(const Unit& unit);
  void set_neighbours();
  void set_consumers();
  std::int64_t channels_of(TensorId id) const {
    const auto extent = extent_of(graph(), id);
    return extent ? extent->channels : 0;
  }
  const Unit& kernel_of(UnitId id) const { return units_.list[units_.list[id].root]; }

  const Units& units_;
  const Unit& root_;
  UnitId id_;
  std::vector<Extent>& extents_;
  KernelGraph& to_;
  Kernel& kernel_;
};

void Configuration::set_layers() {
  std::vector<std::uint32_t>& all = to_.layers;
  kernel_.layers.begin = static_cast<std::uint32_t>(all.size());
  for (UnitId id = id_; id != kNoUnit; id = units_.list[id].next) {
    const std::span<const std::uint32_t> layers = units_.layers(units_.list[id]);
    all.insert(all.end(), layers.begin(), layers.end());
  }
  kernel_.layers.end = static_cast<std::uint32_t>(all.size());
  // Layers of a block may stand between those of other units.
  const auto first = all.begin() + static_cast<std::ptrdiff_t>(kernel_.layers.begin);
  if (!std::is_sorted(first, all.end())) std::sort(first, all.end());
}

void Configuration::set_reads() {
  const bool gathers = root_.op->gathers && !node().outputs.empty();
  for (UnitId id = id_; id != kNoUnit; id = units_.list[id].next) {
    const Unit& unit = units_.list[id];
    const std::span<const UnitId> producers = units_.producers(unit);
    for (std::size_t i = 0; i < producers.size(); ++i) {
      if (producers[i] != kNoUnit && units_.list[producers[i]].root == id_) continue;
      to_.reads.push_back(gathers && i == 0 ? node().outputs[0] : units_.inputs(unit)[i]);
    }
  }
  kernel_.reads.end = static_cast<std::uint32_t>(to_.reads.size());
}

/// Are the sizes known of all that work_of counts?
void Configuration::check_sizes() {
  const Tensor* tensors = graph().tensors().data();
  const bool gathers = root_.op->gathers && !node().outputs.empty();
  const auto check = [&](TensorId id) {
    if (id != kNoTensor && !has_size(tensors[index(id)].type)) kernel_.sized = false;
  };
  for (const TensorId read : to_.reads_of(kernel_)) check(read);
  for (const std::uint32_t layer : to_.layers_of(kernel_)) {
    const Node& each = *units_.network().list[layer].node;
    for (std::size_t i = 0; i < each.inputs.size(); ++i) {
      if (each.inputs[i] == kNoTensor || tensors[index(each.inputs[i])].constant == nullptr) continue;
      check(gathers && i == 0 && !each.outputs.empty() ? each.outputs[0] : each.inputs[i]);
    }
  }
  for (const TensorId output : units_.last(end()).node->outputs) check(output);
}

void Configuration::set_sizes() {
  KernelConfig& config = kernel_.config;
  extents_.clear();
  for (const TensorId input : units_.inputs(root_)) {
    const auto extent = extent_of(graph(), input);
    if (!extent) {
      kernel_.sized = false;
      return;
    }
    extents_.push_back(*extent);
  }
  const analysis::LayerNode& last = units_.last(root_);
  const TensorId output = last.node->outputs.empty() ? kNoTensor : last.node->outputs[0];
  const auto made = output == kNoTensor ? std::nullopt : extent_of(*last.graph, output);
  if (!made) {
    kernel_.sized = false;
    return;
  }
  config.batch = narrow(made->batch);
  config.height = narrow(made->height);
  config.width = narrow(made->width);
  config.channels = narrow(made->channels);
  config.inputs = narrow(static_cast<std::int64_t>(extents_.size()));
  set_form(output);
  if (extents_.empty()) return;
  config.in_height = narrow(extents_[0].height);
  config.in_width = narrow(extents_[0].width);
  config.in_channels = narrow(extents_[0].channels);
  if (extents_.size() > 1) {
    config.second_channels = narrow(extents_[1].channels);
    config.second_elements = ops::product({extents_[1].batch, extents_[1].channels, extents_[1].positions()});
  }
  if (root_.block.empty() && node().op == "ScatterND") config.second_elements = places();
  if (config.kind == Kind::elementwise && root_.block.empty()) config.spans = spans();
  if (config.kind == Kind::concat) set_concat();
  if (config.batch != narrow(extents_[0].batch) &&
      (config.kind == Kind::reshape || config.kind == Kind::transpose)) {
    // What is read is what is made, however its axes are called.
    config.in_height = config.height;
    config.in_width = config.width;
    config.in_channels = config.channels;
  }
  // Elementwise kernels work at the size of their result.
  const bool unequal = extents_.size() > 1 && extents_[0] != extents_[1];
  if (config.kind == Kind::elementwise && (unequal || extents_[0] != *made)) config.kind = Kind::broadcast;
}

/// Numbers that lie side by side: until opset 13 those of all axes from one on.
bool works_along_the_last(const Graph& graph, const Node& node, std::size_t rank) {
  constexpr std::int64_t kOneAxis = 13;
  const std::int64_t axis = node.attributes.integer("axis", -1);
  return axis == -1 || axis + 1 == static_cast<std::int64_t>(rank) || graph.opset("") < kOneAxis;
}

/// Does a reduction take the last axis? REQUIRES: rank > 0.
bool reduces_the_last(const Graph& graph, const Node& node, std::size_t rank) {
  constexpr std::size_t kMostAxes = 64;
  const auto is_last = [&](std::int64_t axis) {
    return axis == -1 || axis + 1 == static_cast<std::int64_t>(rank);
  };
  if (node.attributes.find("axis") != nullptr) return is_last(node.attributes.integer("axis", 0));
  std::vector<std::int64_t> axes = node.attributes.integers("axes");
  if (axes.empty() && node.inputs.size() > 1 && node.inputs[1] != kNoTensor) {
    const Tensor& tensor = graph[node.inputs[1]];
    if (tensor.constant == nullptr) return false;
    axes = integers(*tensor.constant, tensor.type, kMostAxes).value_or(std::vector<std::int64_t>{});
  }
  return axes.empty() || std::any_of(axes.begin(), axes.end(), is_last);
}

/// Numbers that lie side by side are copied so.
bool copies_pieces(Kind kind, std::string_view op) {
  if (kind == Kind::concat || kind == Kind::split) return true;
  return kind == Kind::data_movement && (op == "Gather" || op == "Pad" || op == "Expand");
}

/// Numbers that are copied as one: of the axes at the end that stay as they are, and what is kept of the one
/// in front of these.
void Configuration::set_piece(const Shape& in, const Shape& out) {
  KernelConfig& config = kernel_.config;
  std::int64_t piece = 1;
  std::size_t axes = 0;  // from the end
  const auto at = [&](const Shape& shape) { return shape[shape.size() - 1 - axes].upper(); };
  const std::size_t most = std::min(in.size(), out.size());
  while (axes < most && at(in) == at(out)) {
    piece = saturating_mul(piece, at(out));
    ++axes;
  }
  if (axes < most && !skips()) piece = saturating_mul(piece, std::min(at(in), at(out)));
  config.inner = narrow(piece);
  config.keeps_inner = piece > 1;
}

/// Numbers side by side are not copied so: every second one is, or rows from anywhere.
bool Configuration::skips() const {
  constexpr std::size_t kSteps = 4;
  constexpr std::size_t kMostAxes = 64;
  if (node().op == "Gather") return true;
  if (node().op != "Slice" || node().inputs.size() <= kSteps) return false;
  const Tensor& tensor = graph()[node().inputs[kSteps]];
  if (tensor.constant == nullptr) return false;
  const auto steps = integers(*tensor.constant, tensor.type, kMostAxes);
  return steps && std::any_of(steps->begin(), steps->end(), [](std::int64_t step) { return step != 1; });
}

/// Of ScatterND: how many its indices name.
std::int64_t Configuration::places() const {
  const std::optional<Shape>& shape = graph()[node().inputs[1]].type.shape;
  std::int64_t product = 1;
  for (std::size_t axis = 0; shape && axis + 1 < shape->size(); ++axis)
    product = saturating_mul(product, std::max<std::int64_t>((*shape)[axis].upper(), 1));
  return product;
}

/// Operands of two shapes go on together until one of them begins anew or moves on: how often that is. A last
/// axis of one number ends every step.
std::int64_t spans_of(const Shape& a, const Shape& b) {
  const std::size_t rank = std::max(a.size(), b.size());
  const auto at = [](const Shape& shape, std::size_t axis) {  // from the end
    return axis < shape.size() ? std::max<std::int64_t>(shape[shape.size() - 1 - axis].upper(), 1) : 1;
  };
  const auto form = [&](std::size_t axis) { return std::pair(at(a, axis) > 1, at(b, axis) > 1); };
  const auto is_one = [&](std::size_t axis) { return at(a, axis) == 1 && at(b, axis) == 1; };
  std::size_t axis = rank > 0 ? 1 : 0;
  while (axis < rank && (form(axis) == form(0) || is_one(axis))) ++axis;
  std::int64_t spans = 1;
  for (; axis < rank; ++axis) spans = saturating_mul(spans, std::max(at(a, axis), at(b, axis)));
  return spans;
}

/// Of the operators that do so; 0: its operands have one shape, or it is none.
std::int64_t Configuration::spans() const {
  static constexpr std::array<std::string_view, 9> kOps = {"Add", "Sub",   "Mul", "Div", "Pow",
                                                           "Max", "PRelu", "Min", "Where"};
  if (std::find(kOps.begin(), kOps.end(), node().op) == kOps.end()) return 0;
  std::int64_t most = 0;
  for (std::size_t i = 1; i < node().inputs.size(); ++i) {
    const auto& a = graph()[node().inputs[i - 1]].type.shape;
    const auto& b = graph()[node().inputs[i]].type.shape;
    if (a && b && *a != *b) most = std::max(most, spans_of(*a, *b));
  }
  return most;
}

/// All who read it want a part of the first axis (queries, keys or values): ONNX Runtime takes them apart
/// first, and turns each by itself.
bool is_taken_apart(const Graph& graph, TensorId tensor) {
  const auto readers = graph.consumers(tensor);
  return !readers.empty() && std::all_of(readers.begin(), readers.end(), [&](NodeId reader) {
    const Node& node = graph[reader];
    return (node.op == "Split" || node.op == "Gather") && node.inputs[0] == tensor &&
           node.attributes.integer("axis", 0) == 0;
  });
}

/// What tells kernels of one kind and size apart.
void Configuration::set_form(TensorId output) {
  KernelConfig& config = kernel_.config;
  config.operation = root_.block.empty() ? root_.op->operation : operation_of(root_.block);
  config.element_bytes = static_cast<std::uint8_t>(std::max(1, bits_of(graph()[output].type.dtype) / 8));
  if (units_.inputs(root_).empty()) return;
  const Shape& in = *graph()[units_.inputs(root_)[0]].type.shape;
  const Shape& out = *units_.last(root_).graph->tensors()[index(output)].type.shape;
  config.rank = static_cast<std::uint8_t>(std::min<std::size_t>(in.size(), 255));
  if (in.empty()) return;
  config.inner = narrow(in.back().upper());
  config.keeps_inner = !out.empty() && out.back().upper() == in.back().upper();
  if (config.kind == Kind::softmax) config.keeps_inner = works_along_the_last(graph(), node(), in.size());
  if (config.kind == Kind::reduce && root_.block.empty())
    config.keeps_inner = !reduces_the_last(graph(), node(), in.size());
  if (root_.block.empty() && copies_pieces(config.kind, node().op)) {
    if (const auto& copied = graph()[node().inputs[0]].type.shape) set_piece(*copied, out);
  }
  if (config.kind != Kind::transpose) return;
  const analysis::LayerNode& turns = transposition(root_);
  const auto& shape = (*turns.graph)[turns.node->inputs[0]].type.shape;
  if (!shape) return;
  const std::vector<std::int64_t> perm = permutation();
  const bool apart = !perm.empty() && is_taken_apart(*units_.last(root_).graph, output);
  const std::vector<JoinedAxis> axes =
      apart ? joined_axes(std::span(perm).subspan(1), *shape) : joined_axes(perm, *shape);
  if (axes.empty()) return;
  // What stays at the end moves as one piece; what stays in front is done one after the other.
  config.keeps_inner = axes.back().place + 1 == static_cast<std::int64_t>(axes.size());
  config.scattered = !config.keeps_inner && axes.size() > (axes.front().place == 0 ? 3U : 2U);
  if (config.keeps_inner) config.inner = narrow(axes.back().size);
}

const analysis::LayerNode& Configuration::transposition(const Unit& unit) const {
  for (const std::uint32_t layer : units_.layers(unit)) {
    const analysis::LayerNode& each = units_.network().list[layer];
    if (each.node->op == "Transpose") return each;
  }
  return units_.first(unit);
}

/// Of a transposition and those that joined it: which axis of what the first reads becomes each; empty: that
/// is not known.
std::vector<std::int64_t> Configuration::permutation() const {
  const analysis::LayerNode& first = transposition(root_);
  std::vector<std::int64_t> all = first.node->attributes.integers("perm");
  const auto& shape = (*first.graph)[first.node->inputs[0]].type.shape;
  if (all.empty() && shape) {
    for (std::size_t axis = shape->size(); axis-- > 0;) all.push_back(static_cast<std::int64_t>(axis));
  }
  for (UnitId id = root_.next; id != kNoUnit; id = units_.list[id].next) {
    std::vector<std::int64_t> perm = transposition(units_.list[id]).node->attributes.integers("perm");
    if (perm.size() != all.size()) return {};
    for (std::int64_t& axis : perm) {
      if (axis < 0 || axis >= static_cast<std::int64_t>(all.size())) return {};
      axis = all[static_cast<std::size_t>(axis)];
    }
    all = std::move(perm);
  }
  return all;
}

void Configuration::set_concat() {
  KernelConfig& config = kernel_.config;
  std::int64_t channels = 0;
  std::int64_t slices = 0;
  config.slices_whole = true;
  for (const Extent& input : extents_) {
    channels = saturating_add(channels, input.channels);
    slices = saturating_add(slices, (input.channels + 3) / 4);
    config.widest_input = std::max(config.widest_input, narrow(input.channels));
    config.slices_whole = config.slices_whole && input.channels % 4 == 0;
  }
  config.in_channels = narrow(channels);
  config.channel_slices = narrow(slices);
}

void Configuration::set_operator() {
  if (!root_.block.empty()) {
    kernel_.config.activations = activation_of(root_);
    return;
  }
  const Kind kind = kernel_.config.kind;
  if (root_.op->conv) {
    if (const auto conv = ops::conv_view(graph(), node())) set_conv(*conv);
    return;
  }
  if (kind == Kind::max_pool || kind == Kind::average_pool) {
    if (const auto pool = ops::pool_view(graph(), node())) set_pool(*pool);
  } else if (kind == Kind::gemm || kind == Kind::matmul) {
    if (const auto gemm = ops::gemm_view(graph(), node())) set_gemm(*gemm);
  } else {
    kernel_.config.activations = activation_of(root_);
  }
  constexpr std::int32_t kCubicTaps = 4;
  if (node().op == "Resize" && node().attributes.text("mode", "") == "cubic")
    kernel_.config.kernel_height = kernel_.config.kernel_width = kCubicTaps;
}

void Configuration::set_conv(const ops::ConvView& view) {
  KernelConfig& config = kernel_.config;
  const auto at = [](const ops::Sizes& sizes, std::size_t axis) {
    return axis < sizes.size() ? narrow(sizes[axis]) : 1;
  };
  config.batch = narrow(view.batch);
  config.in_channels = narrow(view.in_channels);
  config.channels = narrow(view.out_channels);
  config.in_height = at(view.input, 0);
  config.in_width = at(view.input, 1);
  config.height = at(view.output, 0);
  config.width = at(view.output, 1);
  config.kernel_height = at(view.kernel, 0);
  config.kernel_width = at(view.kernel, 1);
  config.stride = at(view.strides, 0);
  config.dilation = at(view.dilations, 0);
  config.groups = narrow(view.groups);
  config.same = config.stride > 0 && config.height == (config.in_height + config.stride - 1) / config.stride;
}

void Configuration::set_pool(const ops::PoolView& view) {
  KernelConfig& config = kernel_.config;
  const auto at = [](const ops::Sizes& sizes, std::size_t axis) {
    return axis < sizes.size() ? narrow(sizes[axis]) : 1;
  };
  config.kernel_height = at(view.kernel, 0);
  config.kernel_width = at(view.kernel, 1);
  config.stride = at(view.strides, 0);
  config.same = config.stride > 0 && config.height == (config.in_height + config.stride - 1) / config.stride;
}

void Configuration::set_gemm(const ops::GemmView& view) {
  KernelConfig& config = kernel_.config;
  config.matrix_rows = narrow(saturating_mul(view.batch, view.m));
  config.in_channels = narrow(view.k);
  config.channels = narrow(view.n);
  // Rows stand where positions stand elsewhere.
  config.batch = 1;
  config.in_height = config.height = config.matrix_rows;
  config.in_width = config.width = 1;
}

/// An operator that applies an activation itself counts like one with the activation merged in.
void Configuration::add_own_activation() {
  const Attribute* found = node().attributes.find("activation");
  const auto* name = found == nullptr ? nullptr : std::get_if<std::string>(found);
  if (name == nullptr || name->empty() || node().domain == "tflite") return;
  KernelConfig& config = kernel_.config;
  ++config.fused;
  const bool simple = *name == "Relu" || *name == "Clip";
  config.activations = static_cast<std::uint8_t>(config.activations | (simple ? kRelu : kTranscendental));
}

void Configuration::add_fused(const Unit& unit) {
  KernelConfig& config = kernel_.config;
  if (unit.kind == Kind::normalization) {
    ++config.fused_norms;
    if (config.kind == Kind::elementwise) config.kind = Kind::normalization;
    return;
  }
  if (unit.kind == Kind::max_pool || unit.kind == Kind::average_pool) {
    config.fused_pool = true;
    return;
  }
  ++config.fused;
  config.activations = static_cast<std::uint8_t>(config.activations | activation_of(unit));
  if (activation_of(unit) == kRelu && unit.op->op != "Relu") ++config.fused_cuts;
  const bool two = unit.inputs.size() > 1;
  if (two && unit.op->add) ++config.fused_adds;
  if (two && unit.op->mul) ++config.fused_muls;
}

void Configuration::set_neighbours() {
  KernelConfig& config = kernel_.config;
  const std::span<const UnitId> producers = units_.producers(root_);
  for (std::size_t i = 0; i < producers.size(); ++i) {
    const UnitId producer = producers[i];
    if (producer == kNoUnit) {
      config.network_input = true;
      continue;
    }
    const Unit& kernel = kernel_of(producer);
    const std::int32_t readers = narrow(static_cast<std::int64_t>(units_.list[producer].consumers.size()));
    config.producer_consumers = std::max(config.producer_consumers, readers);
    config.last_producer = kernel.kind;
    if (config.kind == Kind::concat && is_data_movement(kernel.kind)) {
      ++config.moved_inputs;
      config.moved_channels = narrow(config.moved_channels + channels_of(units_.inputs(root_)[i]));
    }
    if (i == 1) {
      config.second_producer = kernel.kind;
      config.second_readers = readers;
    }
    if (i != 0) continue;
    config.producer = kernel.kind;
    config.first_readers = readers;
    config.producer_relu = kernel.root != producer || (activation_of(kernel) & kRelu) != 0;
    const std::span<const UnitId> before = units_.producers(kernel);
    if (!before.empty() && before[0] != kNoUnit) config.grand_producer = kernel_of(before[0]).kind;
    const std::span<const UnitId> siblings = units_.consumers(units_.list[producer]);
    config.sibling = narrow(std::lower_bound(siblings.begin(), siblings.end(), id_) - siblings.begin());
  }
  set_consumers();
}

void Configuration::set_consumers() {
  KernelConfig& config = kernel_.config;
  const std::span<const UnitId> consumers = units_.consumers(end());
  config.consumers = narrow(static_cast<std::int64_t>(consumers.size()));
  for (std::size_t i = 0; i < consumers.size(); ++i) {
    const Unit& consumer = units_.list[consumers[i]];
    const Kind kind = kernel_of(consumers[i]).kind;
    if (i == 0) config.consumer = kind;
    config.last_consumer = kind;
    const bool relu = kind == Kind::elementwise && (activation_of(consumer) & kRelu) != 0;
    config.add_consumers += kind == Kind::elementwise && consumer.op->add && consumer.inputs.size() > 1;
    config.concat_consumers += kind == Kind::concat;
    config.conv_consumers += kind == Kind::conv;
    config.depthwise_consumers += kind == Kind::depthwise_conv;
    config.relu_consumers += relu;
    config.pool_consumers += kind == Kind::max_pool || kind == Kind::average_pool;
    config.other_consumers += kind != Kind::conv && kind != Kind::depthwise_conv && kind != Kind::max_pool &&
                              kind != Kind::average_pool && kind != Kind::gemm;
    if (kind == Kind::concat && config.concat_place == 0) {
      // Each of n inputs looks for its place: without a limit that were quadratic.
      const std::span<const UnitId> inputs = units_.producers(consumer);
      const auto limit = inputs.begin() + static_cast<std::ptrdiff_t>(std::min(inputs.size(), kMostPlaces));
      config.concat_place = narrow(std::find(inputs.begin(), limit, root_.last) - inputs.begin()) + 1;
    }
    if (i == 0) {
      const std::span<const UnitId> next = units_.consumers(units_.list[kernel_of(consumers[i]).last]);
      if (!next.empty()) config.grand_consumer = kernel_of(next[0]).kind;
    }
  }
}

}  // namespace

void Configurator::add(UnitId root) {
  Configuration(units_, root, extents_, graph_).build();
}

}  // namespace foretime
