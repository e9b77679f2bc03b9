// Convolutions of any number of spatial dimensions, plain, transposed, deformable, quantised and fused.

#include <algorithm>
#include <utility>

#include "ops/conv_layout.h"
#include "ops/families.h"
#include "ops/infer_context.h"
#include "ops/windows.h"
#include "ops/work.h"

namespace foretime::ops {
namespace {

constexpr const char* kMs = "com.microsoft";

std::int64_t groups_of(const InferContext& ctx) {
  const std::int64_t groups = ctx.attributes().integer("group", 1);
  if (groups < 1) throw Error("attribute group", "has the value " + std::to_string(groups), "1 or more");
  return groups;
}

/// Shape of a convolution's output.
std::optional<Shape> conv_shape(const InferContext& ctx, std::size_t weight) {
  const Shape* x = ctx.shape(0);
  const Shape* w = ctx.shape(weight);
  if (x == nullptr || w == nullptr) return std::nullopt;
  if (x->size() < 3) throw Error("", "input has shape " + to_string(*x), "rank 3 or more");
  if (w->size() != x->size()) {
    throw Error("", "weight has shape " + to_string(*w),
                "rank " + std::to_string(x->size()) + ", as the input");
  }
  const std::size_t rank = x->size() - 2;
  const ConvLayout layout = conv_layout(ctx.node(), x->size());
  const Dim& channels = (*x)[layout.channel];
  const Dim& per_group = (*w)[layout.weight_in];
  const std::int64_t groups = groups_of(ctx);
  if (channels.is_number() && per_group.is_number() &&
      channels.number() != saturating_mul(per_group.number(), groups)) {
    throw Error("", "input has " + to_string(channels) + " channels",
                "the weight " + to_string(*w) + " wants " + std::to_string(per_group.number()) + " in " +
                    std::to_string(groups) + (groups == 1 ? " group" : " groups"));
  }
  std::vector<std::int64_t> kernel;
  for (std::size_t i = 0; i < rank; ++i) kernel.push_back((*w)[i + layout.weight_space].upper());
  const Windows windows = Windows::read(ctx.attributes(), kernel, rank);
  Shape out = *x;
  out[layout.channel] = (*w)[layout.weight_out];
  for (std::size_t i = 0; i < rank; ++i) {
    out[i + layout.space] = windows.count((*x)[i + layout.space], i);
  }
  return out;
}

void infer_conv(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), conv_shape(ctx, 1));
}
void infer_conv_integer(InferContext& ctx) {
  ctx.set(0, DataType::int32, conv_shape(ctx, 1));
}

void infer_qlinear_conv(InferContext& ctx) {
  ctx.set(0, ctx.dtype(7), conv_shape(ctx, 3));
}

/// size·stride reversed: stride·(size − 1) + output_padding + extent − pads, unless `output_shape` says it.
std::optional<Shape> transposed_shape(const InferContext& ctx) {
  const Shape* x = ctx.shape(0);
  const Shape* w = ctx.shape(1);
  if (x == nullptr || w == nullptr) return std::nullopt;
  if (x->size() < 3 || w->size() != x->size()) {
    throw Error("", "input has shape " + to_string(*x) + ", weight " + to_string(*w),
                "equal ranks of 3 or more");
  }
  const ConvLayout layout = conv_layout(ctx.node(), x->size());
  const Dim& channels = (*x)[layout.channel];
  const Dim& wanted_channels = (*w)[layout.weight_in];
  if (channels.is_number() && wanted_channels.is_number() && channels != wanted_channels) {
    throw Error("", "input has " + to_string(channels) + " channels",
                "the weight wants " + to_string(wanted_channels));
  }
  const std::size_t rank = x->size() - 2;
  std::vector<std::int64_t> kernel;
  for (std::size_t i = 0; i < rank; ++i) kernel.push_back((*w)[i + layout.weight_space].upper());
  const Windows windows = Windows::read(ctx.attributes(), kernel, rank);
  std::vector<std::int64_t> more = ctx.attributes().integers("output_padding");
  more.resize(rank, 0);
  std::vector<std::int64_t> wanted = ctx.attributes().integers("output_shape");
  if (wanted.size() > rank) wanted.erase(wanted.begin(), wanted.end() - static_cast<std::ptrdiff_t>(rank));
  Shape out = *x;
  out[layout.channel] = (*w)[layout.weight_out] * Dim(groups_of(ctx));
  for (std::size_t i = 0; i < rank; ++i) {
    const Dim& size = (*x)[i + layout.space];
    Dim& made = out[i + layout.space];
    const std::int64_t stride = windows.strides[i];
    if (wanted.size() == rank) {
      made = wanted[i];
    } else if (windows.auto_pad == "SAME_UPPER" || windows.auto_pad == "SAME_LOWER") {
      made = size * Dim(stride);
    } else {
      const std::int64_t padding = windows.auto_pad == "VALID" ? 0 : windows.pads[i] + windows.pads[i + rank];
      made = max((size - 1) * Dim(stride) + Dim(more[i]) + Dim(windows.extent(i) - padding), 0);
    }
  }
  return out;
}

void infer_conv_transpose(InferContext& ctx) {
  ctx.set(0, ctx.dtype(0), transposed_shape(ctx));
}

/// Each of its two convolution-like parts as stated in the operator's definition: im2col and product.
std::optional<Work> conv_work(const Graph& graph, const Node& node) {
  const auto view = conv_view(graph, node);
  const auto outputs = output_elements(graph, node, 0);
  if (!view || !outputs) return std::nullopt;
  std::int64_t per_output = view->bias ? 1 : 0;
  if (!node.attributes.text("activation", "").empty()) ++per_output;
  if (node.op == "QLinearConv") per_output += 2;  // rescale and round
  if (node.op == "DeformConv") {
    // Each sampled value is interpolated from four neighbours (7 FLOPs) and weighed by the mask.
    const std::int64_t samples =
        product({view->batch, view->in_channels, product(view->output), product(view->kernel)});
    return work_of(view->macs(), Flops{*outputs} * per_output + Flops{samples} * 8);
  }
  return work_of(view->macs(), Flops{*outputs} * per_output);
}

constexpr const char* kRule =
    "MACs: batch · output positions · output channels · input channels/groups · kernel; "
    "bias and fused activation 1 per output element";
constexpr const char* kTransposedRule =
    "MACs: batch · input positions · input channels · output channels/groups · "
    "kernel; bias 1 per output element";

constexpr OpSpec kSpecs[] = {
    {"Conv", "", 2, 3, 1, "xwb", infer_conv, conv_work, kRule},
    {"ConvTranspose", "", 2, 3, 1, "xwb", infer_conv_transpose, conv_work, kTransposedRule},
    {"DeformConv", "", 3, 5, 1, "xwxbx", infer_conv, conv_work,
     "as Conv, and 8 per sampled value for interpolation and mask"},
    {"ConvInteger", "", 2, 4, 1, "xwii", infer_conv_integer, conv_work, kRule},
    {"QLinearConv", "", 8, 9, 1, "xiiwiiiib", infer_qlinear_conv, conv_work,
     "as Conv, and 2 per output element for rescaling"},
    {"QLinearConv", kMs, 8, 9, 1, "xiiwiiiib", infer_qlinear_conv, conv_work,
     "as Conv, and 2 per output element for rescaling"},
    {"FusedConv", kMs, 2, 4, 1, "xwbx", infer_conv, conv_work, kRule},
    {"NhwcConv", kMs, 2, 3, 1, "xwb", infer_conv, conv_work, kRule},
    {"NhwcFusedConv", kMs, 2, 4, 1, "xwbx", infer_conv, conv_work, kRule},
};

}  // namespace

std::span<const OpSpec> convolution_specs() {
  return kSpecs;
}

}  // namespace foretime::ops
