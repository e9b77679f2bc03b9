#include "ops/views.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "ops/conv_layout.h"

namespace foretime::ops {
namespace {

std::int64_t size_of(const Dim& dim) {
  return std::max<std::int64_t>(0, dim.upper());
}

/// Null when the tensor is left out, or a size is unknown or without bound.
const Shape* bounded_shape(const Graph& graph, const std::vector<TensorId>& ids, std::size_t i) {
  if (i >= ids.size() || ids[i] == kNoTensor) return nullptr;
  const std::optional<Shape>& shape = graph[ids[i]].type.shape;
  const auto unbounded = [](const Dim& dim) { return dim.upper() == Dim::kUnbounded; };
  return !shape || std::any_of(shape->begin(), shape->end(), unbounded) ? nullptr : &*shape;
}

std::optional<Sizes> sizes_of(const Graph& graph, const std::vector<TensorId>& ids, std::size_t i) {
  const Shape* shape = bounded_shape(graph, ids, i);
  if (shape == nullptr) return std::nullopt;
  std::optional<Sizes> sizes(std::in_place);
  for (const Dim& dim : *shape) sizes->push_back(size_of(dim));
  return sizes;
}

/// Where an operator keeps its weight and its bias.
struct ConvForm {
  std::string_view op;
  std::size_t weight;
  std::size_t bias;
};
constexpr std::array<ConvForm, 8> kConvForms = {{{"Conv", 1, 2},
                                                 {"ConvTranspose", 1, 2},
                                                 {"FusedConv", 1, 2},
                                                 {"ConvInteger", 1, 99},
                                                 {"QLinearConv", 3, 8},
                                                 {"DeformConv", 1, 3},
                                                 {"NhwcConv", 1, 2},
                                                 {"NhwcFusedConv", 1, 2}}};

Sizes or_ones(const std::vector<std::int64_t>& given, std::size_t rank) {
  return given.size() == rank ? Sizes(given.begin(), given.end()) : Sizes(rank, 1);
}

/// Where an operator keeps its two matrices.
struct GemmForm {
  std::string_view op;
  std::size_t a;
  std::size_t b;
  std::size_t bias;
};
constexpr std::array<GemmForm, 10> kGemmForms = {{{"MatMul", 0, 1, 99},
                                                  {"FusedMatMul", 0, 1, 99},
                                                  {"TransposeMatMul", 0, 1, 99},
                                                  {"Gemm", 0, 1, 2},
                                                  {"FusedGemm", 0, 1, 2},
                                                  {"MatMulInteger", 0, 1, 99},
                                                  {"MatMulIntegerToFloat", 0, 1, 6},
                                                  {"DynamicQuantizeMatMul", 0, 1, 4},
                                                  {"QLinearMatMul", 0, 3, 99},
                                                  {"FULLY_CONNECTED", 0, 1, 2}}};

}  // namespace

std::int64_t product(std::span<const std::int64_t> sizes) {
  std::int64_t out = 1;
  for (const std::int64_t size : sizes) out = saturating_mul(out, size);
  return out;
}

std::optional<Sizes> input_sizes(const Graph& graph, const Node& node, std::size_t input) {
  return sizes_of(graph, node.inputs, input);
}

std::optional<Sizes> output_sizes(const Graph& graph, const Node& node, std::size_t output) {
  return sizes_of(graph, node.outputs, output);
}

std::optional<std::int64_t> input_elements(const Graph& graph, const Node& node, std::size_t input) {
  const auto sizes = input_sizes(graph, node, input);
  return sizes ? std::optional(product(*sizes)) : std::nullopt;
}

std::optional<std::int64_t> output_elements(const Graph& graph, const Node& node, std::size_t output) {
  const auto sizes = output_sizes(graph, node, output);
  return sizes ? std::optional(product(*sizes)) : std::nullopt;
}

bool has_input(const Node& node, std::size_t input) {
  return input < node.inputs.size() && node.inputs[input] != kNoTensor;
}

Macs ConvView::macs() const {
  const std::int64_t positions = product(transposed ? input : output);
  const std::int64_t channels =
      transposed ? saturating_mul(in_channels, out_channels / std::max<std::int64_t>(1, groups))
                 : saturating_mul(out_channels, in_channels / std::max<std::int64_t>(1, groups));
  return {product({batch, positions, channels, product(kernel)})};
}

bool is_conv(const Node& node) {
  return std::any_of(kConvForms.begin(), kConvForms.end(),
                     [&](const ConvForm& form) { return form.op == node.op; });
}

bool is_gemm(const Node& node) {
  return std::any_of(kGemmForms.begin(), kGemmForms.end(),
                     [&](const GemmForm& form) { return form.op == node.op; });
}

std::optional<ConvView> conv_view(const Graph& graph, const Node& node) {
  const auto form =
      std::find_if(kConvForms.begin(), kConvForms.end(), [&](const ConvForm& f) { return f.op == node.op; });
  if (form == kConvForms.end()) return std::nullopt;
  const Shape* x = bounded_shape(graph, node.inputs, 0);
  const Shape* w = bounded_shape(graph, node.inputs, form->weight);
  const Shape* y = bounded_shape(graph, node.outputs, 0);
  if (x == nullptr || w == nullptr || y == nullptr || x->size() < 3 || w->size() != x->size() ||
      y->size() != x->size())
    return std::nullopt;

  std::optional<ConvView> made(std::in_place);
  ConvView& view = *made;
  const std::size_t rank = x->size() - 2;
  const ConvLayout layout = conv_layout(node, x->size());
  const auto add_spatial = [&](Sizes& sizes, const Shape& shape, std::size_t first) {
    for (std::size_t i = 0; i < rank; ++i) sizes.push_back(size_of(shape[i + first]));
  };
  view.transposed = node.op == "ConvTranspose";
  view.batch = size_of((*x)[0]);
  view.in_channels = size_of((*x)[layout.channel]);
  view.out_channels = size_of((*y)[layout.channel]);
  view.groups = std::max<std::int64_t>(1, node.attributes.integer("group", 1));
  add_spatial(view.input, *x, layout.space);
  add_spatial(view.output, *y, layout.space);
  add_spatial(view.kernel, *w, layout.weight_space);
  view.strides = or_ones(node.attributes.integers("strides"), rank);
  view.dilations = or_ones(node.attributes.integers("dilations"), rank);
  view.bias = has_input(node, form->bias);
  return made;
}

std::optional<PoolView> pool_view(const Graph& graph, const Node& node) {
  const auto x = input_sizes(graph, node, 0);
  const auto y = output_sizes(graph, node, 0);
  if (!x || !y || x->size() < 3 || y->size() != x->size()) return std::nullopt;
  const bool channels_last = node.op == "NhwcMaxPool" || node.attributes.integer("channels_last", 0) != 0;
  const std::size_t rank = x->size() - 2;
  const std::size_t space = channels_last ? 1 : 2;
  const auto spatial = [&](const Sizes& sizes) {
    const auto* begin = sizes.begin() + space;
    return Sizes(begin, begin + rank);
  };
  PoolView view;
  view.batch = (*x)[0];
  view.channels = (*x)[channels_last ? x->size() - 1 : 1];
  view.input = spatial(*x);
  view.output = spatial(*y);
  const std::vector<std::int64_t>& kernel = node.attributes.integers("kernel_shape");
  view.kernel = Sizes(kernel.begin(), kernel.end());
  view.strides = or_ones(node.attributes.integers("strides"), rank);
  return view;
}

Macs GemmView::macs() const {
  return {product({batch, m, k, n})};
}

std::optional<GemmView> gemm_view(const Graph& graph, const Node& node) {
  const auto form =
      std::find_if(kGemmForms.begin(), kGemmForms.end(), [&](const GemmForm& f) { return f.op == node.op; });
  if (form == kGemmForms.end()) return std::nullopt;
  auto a = input_sizes(graph, node, form->a);
  auto b = input_sizes(graph, node, form->b);
  const auto y = output_sizes(graph, node, 0);
  if (!a || !b || !y || a->empty() || b->empty()) return std::nullopt;

  GemmView view;
  view.bias = has_input(node, form->bias);
  if (node.op == "FULLY_CONNECTED") {  // as many rows of k as the input holds, by a matrix [n, k]
    view.k = b->back();
    view.n = b->front();
    view.m = product(*a) / std::max<std::int64_t>(1, view.k);
    return view;
  }
  const bool transposed_a = node.attributes.integer("transA", 0) != 0 && a->size() >= 2;
  const bool batch_last = node.attributes.integer("transBatchA", 0) != 0;  // the rows then stand first
  view.k = !transposed_a ? a->back() : batch_last ? a->front() : (*a)[a->size() - 2];
  const bool row = a->size() == 1;  // a vector on either side stands for a row or a column
  const bool column = b->size() == 1;
  const std::size_t matrix_axes = (row ? 0u : 1u) + (column ? 0u : 1u);
  if (y->size() < matrix_axes) return std::nullopt;
  view.n = column ? 1 : y->back();
  view.m = row ? 1 : (*y)[y->size() - matrix_axes];
  view.batch = product(std::span(y->begin(), y->size() - matrix_axes));
  return view;
}

}  // namespace foretime::ops
