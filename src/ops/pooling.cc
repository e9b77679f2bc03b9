// Pooling: a reduction over windows, or over everything. Sizes follow ONNX Runtime, whose last window must
// begin inside the image or its left padding: one that would begin in the right padding is dropped.

#include <algorithm>
#include <string>

#include "ops/families.h"
#include "ops/infer_context.h"
#include "ops/shape_rules.h"
#include "ops/work.h"

namespace foretime::ops {
namespace {

constexpr const char* kMs = "com.microsoft";

/// How a window moves along one axis.
struct Window {
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t pad_head = 0;
  std::int64_t pad_tail = 0;

  /// Elements from the first to the last that it covers.
  std::int64_t extent() const { return saturating_add(saturating_mul(dilation, kernel - 1), 1); }
};

std::vector<std::int64_t> per_axis(const InferContext& ctx, std::string_view name, std::size_t axes,
                                   std::int64_t otherwise, std::int64_t least) {
  std::vector<std::int64_t> values = ctx.attributes().integers(name);
  if (values.empty()) values.assign(axes, otherwise);
  if (values.size() != axes) {
    throw Error("", std::string(name) + " has " + std::to_string(values.size()) + " numbers",
                std::to_string(axes));
  }
  for (const std::int64_t value : values) {
    if (value < least) {
      throw Error("", std::string(name) + " holds " + std::to_string(value),
                  "at least " + std::to_string(least));
    }
  }
  return values;
}

std::vector<Window> windows_of(const InferContext& ctx, std::size_t rank) {
  const std::size_t axes = rank - 2;
  if (!ctx.attributes().has("kernel_shape")) throw Error("", "has no kernel_shape", "it is needed");
  const auto kernel = per_axis(ctx, "kernel_shape", axes, 1, 1);
  const auto strides = per_axis(ctx, "strides", axes, 1, 1);
  const auto dilations = per_axis(ctx, "dilations", axes, 1, 1);
  const auto pads = per_axis(ctx, "pads", 2 * axes, 0, 0);
  std::vector<Window> windows;
  for (std::size_t i = 0; i < axes; ++i) {
    windows.push_back({kernel[i], strides[i], dilations[i], pads[i], pads[axes + i]});
  }
  return windows;
}

/// Number of places at which a window with explicit pads is evaluated.
Dim places(const Dim& size, const Window& window, bool ceil) {
  const std::int64_t pads = saturating_add(window.pad_head, window.pad_tail);
  const Dim room = size + Dim(saturating_add(pads, -window.extent()));
  if (room.upper() < 0) {
    throw Error("",
                "a window over " + std::to_string(window.extent()) + " elements does not fit into " +
                    to_string(size) + " with pads " + std::to_string(window.pad_head) + " and " +
                    std::to_string(window.pad_tail),
                "a window no larger than the padded input");
  }
  // One addition at most, so that a size that pooling keeps keeps its name.
  const std::int64_t fixed = saturating_add(pads, -window.extent());
  const Dim stride(window.stride);
  if (!ceil) return floor_div(size + Dim(saturating_add(fixed, window.stride)), stride);
  const Dim rounded_up =
      floor_div(size + Dim(saturating_add(fixed, saturating_add(window.stride, window.stride - 1))), stride);
  const Dim beginning_inside =
      floor_div(size + Dim(saturating_add(window.pad_head, window.stride - 1)), stride);
  return min(rounded_up, beginning_inside);
}

Dim pooled_size(const Dim& size, Window window, std::string_view auto_pad, bool ceil) {
  if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") {
    // The pads are chosen as if the window had no holes, so dilation costs places.
    const Dim undilated = floor_div(size + Dim(window.stride - 1), Dim(window.stride));
    return undilated + floor_div(Dim(saturating_add(window.kernel, -window.extent())), Dim(window.stride));
  }
  if (auto_pad == "VALID") window.pad_head = window.pad_tail = 0;
  return places(size, window, ceil);
}

bool channels_last(const InferContext& ctx) {
  return ctx.node().op == "NhwcMaxPool" || ctx.attributes().integer("channels_last", 0) != 0;
}

/// The input's shape, which has a batch, channels and at least one spatial axis; null if it is not known.
const Shape* image_shape(const InferContext& ctx) {
  const Shape* shape = ctx.shape(0);
  if (shape != nullptr && shape->size() < 3) {
    throw Error("", "input 0 is " + to_string(*shape), "batch, channels and at least one spatial axis");
  }
  return shape;
}

void infer_pool(InferContext& ctx) {
  std::optional<Shape> out;
  if (const Shape* in = image_shape(ctx)) {
    out = *in;
    const std::size_t first = channels_last(ctx) ? 1 : 2;
    const std::string auto_pad = ctx.attributes().text("auto_pad", "NOTSET");
    const bool ceil = ctx.attributes().integer("ceil_mode", 0) != 0;
    const std::vector<Window> windows = windows_of(ctx, in->size());
    for (std::size_t i = 0; i < windows.size(); ++i) {
      (*out)[first + i] = pooled_size((*in)[first + i], windows[i], auto_pad, ceil);
    }
  }
  ctx.set(0, ctx.dtype(0), out);
  ctx.set(1, DataType::int64, out);
}

void infer_global_pool(InferContext& ctx) {
  std::optional<Shape> out;
  if (const Shape* in = image_shape(ctx)) {
    out = *in;
    const std::size_t first = channels_last(ctx) ? 1 : 2;
    for (std::size_t i = 0; i < in->size() - 2; ++i) (*out)[first + i] = 1;
  }
  ctx.set(0, ctx.dtype(0), std::move(out));
}

/// Every element goes back to the place it came from: the sizes that pooling without rounding came from,
/// or those of input 2.
void infer_unpool(InferContext& ctx) {
  const Shape* in = image_shape(ctx);
  if (ctx.has(2)) {
    if (const Value* sizes = ctx.value(2); sizes != nullptr && !sizes->real) {
      return ctx.set(0, ctx.dtype(0), Shape(sizes->ints));
    }
    return ctx.set(0, ctx.dtype(0), std::nullopt);
  }
  std::optional<Shape> out;
  if (in != nullptr) {
    out = *in;
    const std::vector<Window> windows = windows_of(ctx, in->size());
    for (std::size_t i = 0; i < windows.size(); ++i) {
      const Window& w = windows[i];
      const std::int64_t pads = saturating_add(w.pad_head, w.pad_tail);
      (*out)[i + 2] = ((*in)[i + 2] - Dim(1)) * Dim(w.stride) + Dim(saturating_add(w.kernel, -pads));
    }
  }
  ctx.set(0, ctx.dtype(0), std::move(out));
}

/// `per` FLOPs for each element of the window, for each element of the output, and `more`.
template <int per, int more>
std::optional<Work> window_work(const Graph& graph, const Node& node) {
  const auto view = pool_view(graph, node);
  const auto elements = output_elements(graph, node, 0);
  if (!view || !elements) return std::nullopt;
  const Flops each = Flops{product(view->kernel)} * per + Flops{more};
  return Work{{}, each * *elements};
}

std::optional<Work> global_lp_work(const Graph& graph, const Node& node) {
  const auto in = input_elements(graph, node, 0);
  const auto out = output_elements(graph, node, 0);
  if (!in || !out) return std::nullopt;
  return Work{{}, Flops{*in} * 2 + Flops{*out}};
}

std::optional<Work> quantized_global_work(const Graph& graph, const Node& node) {
  const auto in = input_elements(graph, node, 0);
  const auto out = output_elements(graph, node, 0);
  if (!in || !out) return std::nullopt;
  return Work{{}, Flops{*in} + Flops{*out} * 6};
}

constexpr std::string_view kPerWindow = "∏kernel per output element";
constexpr std::string_view kPerInput = "1 per input element";

constexpr OpSpec kSpecs[] = {
    {"MaxPool", "", 1, 1, 2, "x", infer_pool, window_work<1, 0>, kPerWindow},
    {"AveragePool", "", 1, 1, 1, "x", infer_pool, window_work<1, 0>, kPerWindow},
    {"LpPool", "", 1, 1, 1, "x", infer_pool, window_work<2, 1>,
     "power and sum of the window, and a root: 2·∏kernel + 1 per output element"},
    {"GlobalMaxPool", "", 1, 1, 1, "x", infer_global_pool, per_input<1>, kPerInput},
    {"GlobalAveragePool", "", 1, 1, 1, "x", infer_global_pool, per_input<1>, kPerInput},
    {"GlobalLpPool", "", 1, 1, 1, "x", infer_global_pool, global_lp_work,
     "power and sum, and a root: 2 per input element, 1 per output element"},
    {"MaxUnpool", "", 2, 3, 1, "xii", infer_unpool, no_work, "moves data only"},

    {"NhwcMaxPool", kMs, 1, 1, 1, "x", infer_pool, window_work<1, 0>, kPerWindow},
    {"MaxpoolWithMask", kMs, 2, 2, 1, "xx", infer_pool, window_work<2, 0>,
     "mask and compare: 2·∏kernel per output element"},
    {"QLinearAveragePool", kMs, 2, 5, 1, "xi", infer_pool, window_work<1, 6>,
     "∏kernel, dequantised and quantised: ∏kernel + 6 per output element"},
    {"QLinearGlobalAveragePool", kMs, 5, 5, 1, "xi", infer_global_pool, quantized_global_work,
     "1 per input element; dequantised, quantised: 6 per output element"},
};

}  // namespace

std::span<const OpSpec> pooling_specs() {
  return kSpecs;
}

}  // namespace foretime::ops
