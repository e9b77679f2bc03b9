#include "kernels/configure.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "ops/op_spec.h"
#include "ops/views.h"

namespace foretime {
namespace {

using Sizes = std::vector<std::int64_t>;

/// Operators whose kind their family does not tell.
constexpr std::array<std::pair<std::string_view, Kind>, 37> kByOp = {{
    {"LSTM", Kind::recurrent},
    {"GRU", Kind::recurrent},
    {"RNN", Kind::recurrent},
    {"DynamicQuantizeLSTM", Kind::recurrent},
    {"Softmax", Kind::softmax},
    {"LogSoftmax", Kind::softmax},
    {"Exp", Kind::transcendental},
    {"Log", Kind::transcendental},
    {"Tanh", Kind::transcendental},
    {"Sigmoid", Kind::transcendental},
    {"Erf", Kind::transcendental},
    {"Gelu", Kind::transcendental},
    {"FastGelu", Kind::transcendental},
    {"QuickGelu", Kind::transcendental},
    {"Swish", Kind::transcendental},
    {"Mish", Kind::transcendental},
    {"Elu", Kind::transcendental},
    {"Celu", Kind::transcendental},
    {"Selu", Kind::transcendental},
    {"Softplus", Kind::transcendental},
    {"MaxPool", Kind::max_pool},
    {"AveragePool", Kind::average_pool},
    {"GlobalAveragePool", Kind::global_pool},
    {"GlobalMaxPool", Kind::global_pool},
    {"Concat", Kind::concat},
    {"Split", Kind::split},
    {"Slice", Kind::split},
    {"Transpose", Kind::transpose},
    {"Reshape", Kind::reshape},
    {"Flatten", Kind::reshape},
    {"Squeeze", Kind::reshape},
    {"Unsqueeze", Kind::reshape},
    {"Identity", Kind::none},
    {"Dropout", Kind::none},
    {"Shape", Kind::none},
    {"Size", Kind::none},
    {"ReduceMean", Kind::reduce},
}};

constexpr std::array<std::pair<std::string_view, Kind>, 6> kByFamily = {{
    {"pooling", Kind::average_pool},
    {"normalization", Kind::normalization},
    {"reduction", Kind::reduce},
    {"elementwise", Kind::elementwise},
    {"matmul", Kind::matmul},
    {"attention", Kind::matmul},
}};

struct BlockInfo {
  std::string_view name;
  Kind kind;
  std::uint8_t activation;
};
/// Blocks of rules/common.rules.
constexpr std::array kBlocks{
    BlockInfo{"hard_swish", Kind::elementwise, kHardSwish},
    BlockInfo{"hard_sigmoid", Kind::elementwise, kHardSigmoid},
    BlockInfo{"silu", Kind::transcendental, kTranscendental},
    BlockInfo{"gelu", Kind::transcendental, kTranscendental},
    BlockInfo{"layer_norm", Kind::normalization, 0},
    BlockInfo{"channel_shuffle", Kind::transpose, 0},
};

template <typename Table>
const typename Table::value_type* lookup(const Table& table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const auto& row) {
    if constexpr (requires { row.name; }) {
      return row.name == name;
    } else {
      return row.first == name;
    }
  });
  return found == table.end() ? nullptr : &*found;
}

/// Inputs of a concatenation whose places are told apart.
constexpr std::size_t kMostPlaces = 64;

std::int32_t narrow(std::int64_t size) {
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(size, 0, std::numeric_limits<std::int32_t>::max()));
}

/// A tensor as images: batch, channels, height, width. Of rank 5 (a channel shuffle) the two axes behind the
/// batch are channels; of rank 3 the last one (tokens of so many features).
struct Extent {
  std::int64_t batch = 1;
  std::int64_t channels = 1;
  std::int64_t height = 1;
  std::int64_t width = 1;

  std::int64_t positions() const { return saturating_mul(height, width); }
  bool operator==(const Extent&) const = default;
};

Extent extent_of(const Sizes& sizes) {
  switch (sizes.size()) {
    case 0:
      return {};
    case 1:
      return {1, sizes[0]};
    case 2:
      return {sizes[0], sizes[1]};
    case 3:
      return {sizes[0], sizes[2], sizes[1]};
    case 4:
      return {sizes[0], sizes[1], sizes[2], sizes[3]};
    default:
      return {sizes[0], saturating_mul(sizes[1], sizes[2]), sizes[3],
              ops::product({sizes.begin() + 4, sizes.end()})};
  }
}

std::optional<Extent> extent_of(const Graph& graph, TensorId id) {
  const std::optional<Shape>& shape = graph[id].type.shape;
  if (!shape) return std::nullopt;
  Sizes sizes;
  for (const Dim& dim : *shape) {
    if (dim.upper() == Dim::kUnbounded) return std::nullopt;
    sizes.push_back(std::max<std::int64_t>(0, dim.upper()));
  }
  return extent_of(sizes);
}

std::uint8_t activation_of(const Unit& unit, std::string_view op) {
  if (!unit.block.empty()) {
    const BlockInfo* block = lookup(kBlocks, unit.block);
    return block == nullptr ? 0 : block->activation;
  }
  if (op == "HardSwish") return kHardSwish;
  if (op == "HardSigmoid") return kHardSigmoid;
  if (op == "Relu" || op == "Clip" || op == "LeakyRelu" || op == "PRelu" || op == "ThresholdedRelu")
    return kRelu;
  return unit.kind == Kind::transcendental ? kTranscendental : 0;
}

bool is_data_movement(Kind kind) {
  return kind == Kind::split || kind == Kind::transpose || kind == Kind::data_movement;
}

/// Builds the configuration of one kernel.
class Configuration {
 public:
  Configuration(const Units& units, UnitId root) : units_(units), root_(units.list[root]), id_(root) {
    kernel_.anchor = root_.layers[0];
    kernel_.config.kind = root_.kind;
  }

  Kernel build() {
    kernel_.layers = root_.layers;
    for (const UnitId member : root_.members) {
      const Unit& unit = units_.list[member];
      kernel_.layers.insert(kernel_.layers.end(), unit.layers.begin(), unit.layers.end());
    }
    std::sort(kernel_.layers.begin(), kernel_.layers.end());
    if (root_.kind == Kind::none) return std::move(kernel_);
    add_work();
    add_traffic();
    set_sizes();
    set_operator();
    for (const UnitId member : root_.members) add_fused(units_.list[member]);
    set_neighbours();
    return std::move(kernel_);
  }

 private:
  const Graph& graph() const { return *units_.first(id_).graph; }
  const Node& node() const { return *units_.first(id_).node; }
  UnitId end() const { return root_.members.empty() ? id_ : root_.members.back(); }

  void add_work();
  void add_traffic();
  void add_elements(const TensorType& type, std::int64_t& floats);
  void set_sizes();
  void set_concat(const std::vector<Extent>& inputs);
  void set_operator();
  void set_conv(const ops::ConvView& view);
  void set_pool(const ops::PoolView& view);
  void set_gemm(const ops::GemmView& view);
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
  Kernel kernel_;
};

void Configuration::add_work() {
  ops::Work sum;
  bool known = true;
  for (const std::uint32_t layer : kernel_.layers) {
    const analysis::Layer& at = units_.costs().layers[layer];
    if (!at.work) {
      known = false;
      continue;
    }
    sum.macs += at.work->macs;
    sum.flops += at.work->flops;
  }
  if (known) kernel_.work = sum;
  kernel_.repetitions = units_.first(id_).repetitions;
}

void Configuration::add_elements(const TensorType& type, std::int64_t& floats) {
  if (!type.shape) {
    kernel_.sized = false;
    return;
  }
  const std::int64_t elements = elements_of(*type.shape);
  if (elements == kSaturated) {
    kernel_.sized = false;
  } else if (is_float(type.dtype)) {
    floats = saturating_add(floats, elements);
  } else {
    kernel_.other_bytes = saturating_add(kernel_.other_bytes, bytes_of(type.dtype, elements));
  }
}

/// What enters from other kernels, what leaves, and the constants of all layers. A Gather reads no more than
/// it writes.
void Configuration::add_traffic() {
  const ops::OpSpec* spec = ops::find_spec(node().domain, node().op);
  const bool gathers = spec != nullptr && spec->traffic == ops::Traffic::gathers && !node().outputs.empty();
  std::vector<UnitId> members = {id_};
  members.insert(members.end(), root_.members.begin(), root_.members.end());
  for (const UnitId member : members) {
    const Unit& unit = units_.list[member];
    const Graph& in = *units_.first(member).graph;
    for (std::size_t i = 0; i < unit.inputs.size(); ++i) {
      const UnitId producer = unit.producers[i];
      if (producer != kNoUnit && units_.list[producer].root == id_) continue;
      const bool first = gathers && i == 0;
      add_elements(first ? in[node().outputs[0]].type : in[unit.inputs[i]].type, kernel_.activation_elements);
    }
    for (const std::uint32_t layer : unit.layers) {
      const Node& each = *units_.costs().layers[layer].node;
      for (std::size_t i = 0; i < each.inputs.size(); ++i) {
        if (each.inputs[i] == kNoTensor || in[each.inputs[i]].constant == nullptr) continue;
        const bool first = gathers && i == 0;
        add_elements(first ? in[each.outputs[0]].type : in[each.inputs[i]].type, kernel_.weight_elements);
      }
    }
  }
  const analysis::Layer& last = units_.last(end());
  for (const TensorId output : last.node->outputs) {
    if (output != kNoTensor) add_elements((*last.graph)[output].type, kernel_.activation_elements);
  }
  for (std::int64_t* amount :
       {&kernel_.activation_elements, &kernel_.weight_elements, &kernel_.other_bytes}) {
    *amount = saturating_mul(*amount, kernel_.repetitions);
  }
}

void Configuration::set_sizes() {
  KernelConfig& config = kernel_.config;
  std::vector<Extent> inputs;
  for (const TensorId input : root_.inputs) {
    const auto extent = extent_of(graph(), input);
    if (!extent) {
      kernel_.sized = false;
      return;
    }
    inputs.push_back(*extent);
  }
  const analysis::Layer& last = units_.last(id_);
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
  config.inputs = narrow(static_cast<std::int64_t>(inputs.size()));
  if (inputs.empty()) return;
  config.in_height = narrow(inputs[0].height);
  config.in_width = narrow(inputs[0].width);
  config.in_channels = narrow(inputs[0].channels);
  if (inputs.size() > 1) {
    config.second_channels = narrow(inputs[1].channels);
    config.second_elements = ops::product({inputs[1].batch, inputs[1].channels, inputs[1].positions()});
  }
  if (config.kind == Kind::concat) set_concat(inputs);
  // Elementwise kernels work at the size of their result.
  const bool unequal = inputs.size() > 1 && inputs[0] != inputs[1];
  if (config.kind == Kind::elementwise && (unequal || inputs[0] != *made)) config.kind = Kind::broadcast;
}

void Configuration::set_concat(const std::vector<Extent>& inputs) {
  KernelConfig& config = kernel_.config;
  std::int64_t channels = 0;
  std::int64_t slices = 0;
  config.slices_whole = true;
  for (const Extent& input : inputs) {
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
    kernel_.config.activations = activation_of(root_, {});
    return;
  }
  const Kind kind = kernel_.config.kind;
  if (ops::is_conv(node())) {
    if (const auto conv = ops::conv_view(graph(), node())) set_conv(*conv);
    return;
  }
  if (kind == Kind::max_pool || kind == Kind::average_pool) {
    if (const auto pool = ops::pool_view(graph(), node())) set_pool(*pool);
  } else if (kind == Kind::gemm || kind == Kind::matmul) {
    if (const auto gemm = ops::gemm_view(graph(), node())) set_gemm(*gemm);
  } else {
    kernel_.config.activations = activation_of(root_, node().op);
  }
}

void Configuration::set_conv(const ops::ConvView& view) {
  KernelConfig& config = kernel_.config;
  const auto at = [](const Sizes& sizes, std::size_t axis) {
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
  const auto at = [](const Sizes& sizes, std::size_t axis) {
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

void Configuration::add_fused(const Unit& unit) {
  KernelConfig& config = kernel_.config;
  const std::string_view op = units_.costs().layers[unit.layers[0]].node->op;
  if (unit.kind == Kind::normalization) {
    ++config.fused_norms;
    return;
  }
  if (unit.kind == Kind::max_pool || unit.kind == Kind::average_pool) {
    config.fused_pool = true;
    return;
  }
  ++config.fused;
  config.activations = static_cast<std::uint8_t>(config.activations | activation_of(unit, op));
  const bool two = unit.inputs.size() > 1;
  if (two && op == "Add") ++config.fused_adds;
  if (two && op == "Mul") ++config.fused_muls;
}

void Configuration::set_neighbours() {
  KernelConfig& config = kernel_.config;
  for (std::size_t i = 0; i < root_.producers.size(); ++i) {
    const UnitId producer = root_.producers[i];
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
      config.moved_channels = narrow(config.moved_channels + channels_of(root_.inputs[i]));
    }
    if (i == 1) {
      config.second_producer = kernel.kind;
      config.second_readers = readers;
    }
    if (i != 0) continue;
    config.producer = kernel.kind;
    config.first_readers = readers;
    config.producer_relu =
        kernel.root != producer || (activation_of(kernel, units_.first(kernel.root).node->op) & kRelu) != 0;
    if (!kernel.producers.empty() && kernel.producers[0] != kNoUnit) {
      config.grand_producer = kernel_of(kernel.producers[0]).kind;
    }
    const std::vector<UnitId>& siblings = units_.list[producer].consumers;
    config.sibling = narrow(std::lower_bound(siblings.begin(), siblings.end(), id_) - siblings.begin());
  }
  set_consumers();
}

void Configuration::set_consumers() {
  KernelConfig& config = kernel_.config;
  const std::vector<UnitId>& consumers = units_.list[end()].consumers;
  config.consumers = narrow(static_cast<std::int64_t>(consumers.size()));
  for (std::size_t i = 0; i < consumers.size(); ++i) {
    const Unit& consumer = units_.list[consumers[i]];
    const Kind kind = kernel_of(consumers[i]).kind;
    if (i == 0) config.consumer = kind;
    config.last_consumer = kind;
    const std::string_view op = units_.costs().layers[consumer.layers[0]].node->op;
    const bool relu = kind == Kind::elementwise && (activation_of(consumer, op) & kRelu) != 0;
    config.add_consumers += kind == Kind::elementwise && op == "Add" && consumer.inputs.size() > 1;
    config.concat_consumers += kind == Kind::concat;
    config.conv_consumers += kind == Kind::conv;
    config.depthwise_consumers += kind == Kind::depthwise_conv;
    config.relu_consumers += relu;
    config.pool_consumers += kind == Kind::max_pool || kind == Kind::average_pool;
    config.other_consumers += kind != Kind::conv && kind != Kind::depthwise_conv && kind != Kind::max_pool &&
                              kind != Kind::average_pool && kind != Kind::gemm;
    if (kind == Kind::concat && config.concat_place == 0) {
      // Each of n inputs looks for its place: without a limit that were quadratic.
      const std::size_t looked_at = std::min(consumer.producers.size(), kMostPlaces);
      const auto first = consumer.producers.begin();
      config.concat_place =
          narrow(std::find(first, first + static_cast<std::ptrdiff_t>(looked_at), end()) - first) + 1;
    }
    if (i == 0) {
      const Unit& kernel = kernel_of(consumers[i]);
      const UnitId last = kernel.members.empty() ? kernel.root : kernel.members.back();
      const std::vector<UnitId>& next = units_.list[last].consumers;
      if (!next.empty()) config.grand_consumer = kernel_of(next[0]).kind;
    }
  }
}

}  // namespace

Kind kind_of_block(std::string_view name) {
  if (const BlockInfo* block = lookup(kBlocks, name)) return block->kind;
  for (const KindInfo& kind : kinds()) {
    if (kind.name == name) return kind.kind;
  }
  return Kind::other;
}

Kind kind_of(const analysis::Layer& layer) {
  const Node& node = *layer.node;
  const ops::OpSpec* spec = ops::find_spec(node.domain, node.op);
  if (!node.subgraphs.empty()) return Kind::none;
  if (spec == nullptr) return Kind::other;
  if (ops::is_conv(node)) {
    if (node.op == "ConvTranspose") return Kind::conv_transpose;
    // Only grouped ones need a closer look.
    const bool grouped = node.attributes.integer("group", 1) > 1;
    const auto conv = grouped ? ops::conv_view(*layer.graph, node) : std::nullopt;
    return conv && conv->depthwise() ? Kind::depthwise_conv : Kind::conv;
  }
  if (ops::is_gemm(node)) {
    const auto constant = [&](TensorId id) {
      return id != kNoTensor && (*layer.graph)[id].constant != nullptr;
    };
    return std::any_of(node.inputs.begin(), node.inputs.end(), constant) ? Kind::gemm : Kind::matmul;
  }
  if (const auto* row = lookup(kByOp, spec->name)) {
    if (row->second != Kind::reduce) return row->second;
    // A mean over the image is what others call global pooling.
    const auto in = ops::input_sizes(*layer.graph, node, 0);
    const auto out = ops::output_sizes(*layer.graph, node, 0);
    const bool image = in && out && in->size() == 4;
    return image && ops::product(*out) == (*in)[0] * (*in)[1] ? Kind::global_pool : Kind::reduce;
  }
  if (const auto* row = lookup(kByFamily, ops::family_of(*spec))) return row->second;
  if (spec->traffic == ops::Traffic::view || spec->traffic == ops::Traffic::metadata) return Kind::none;
  return layer.work && layer.work->flops.value == 0 ? Kind::data_movement : Kind::other;
}

Kernel configure(const Units& units, UnitId root) {
  return Configuration(units, root).build();
}

}  // namespace foretime
