// Resampling, and moving elements between channels and space. Sizes follow ONNX Runtime: a scaled size is
// computed in single precision and cut off.

#include <algorithm>
#include <cmath>
#include <string>

#include "ops/families.h"
#include "ops/infer_context.h"
#include "ops/shape_rules.h"
#include "ops/work.h"

namespace foretime::ops {
namespace {

constexpr const char* kMs = "com.microsoft";

// --- Resize and Upsample

std::int64_t scaled_number(std::int64_t size, double scale) {
  if (size == Dim::kUnbounded) return Dim::kUnbounded;
  const float scaled = static_cast<float>(size) * static_cast<float>(scale);
  if (!(scaled >= 0)) return 0;
  return scaled < 9e18f ? static_cast<std::int64_t>(scaled) : Dim::kUnbounded;
}

Dim scaled(const Dim& size, double scale) {
  if (size.is_number()) return scaled_number(size.number(), scale);
  // Halving and doubling keep the arithmetic of names.
  constexpr double kLargest = 1 << 20;
  if (scale >= 1 && scale <= kLargest && scale == std::floor(scale)) {
    return size * Dim(static_cast<std::int64_t>(scale));
  }
  const double inverse = 1 / scale;
  if (inverse >= 1 && inverse <= kLargest && inverse == std::floor(inverse)) {
    return floor_div(size, Dim(static_cast<std::int64_t>(inverse)));
  }
  return Dim::named("(" + to_string(size) + " * " + std::to_string(scale) + ")",
                    scaled_number(size.lower(), scale), scaled_number(size.upper(), scale));
}

/// The axes that scales or sizes speak of, in their order.
std::vector<std::size_t> resized_axes(const InferContext& ctx, std::size_t rank, std::size_t given) {
  std::vector<std::size_t> axes;
  for (const std::int64_t axis : ctx.attributes().integers("axes")) {
    axes.push_back(normalized_axis(axis, rank));
  }
  if (axes.empty()) {
    for (std::size_t axis = 0; axis < rank; ++axis) axes.push_back(axis);
  }
  if (given != axes.size()) {
    throw Error(
        "", "has " + std::to_string(given) + " scales or sizes for " + std::to_string(axes.size()) + " axes",
        "one for each axis");
  }
  return axes;
}

/// One scale for all axes, so that no size (or at least one) is beyond the wanted ones.
void keep_aspect_ratio(Shape& out, const std::vector<std::size_t>& axes, const std::vector<Dim>& wanted,
                       bool not_larger) {
  float scale = not_larger ? std::numeric_limits<float>::max() : 0;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const Dim& size = out[axes[i]];
    if (!size.is_number() || !wanted[i].is_number()) {
      // Not larger than wanted is a bound; not smaller is none.
      for (std::size_t k = 0; k < axes.size(); ++k) {
        out[axes[k]] = Dim::named("(" + to_string(out[axes[k]]) + " to " + to_string(wanted[k]) + ")", 0,
                                  not_larger ? wanted[k].upper() : Dim::kUnbounded);
      }
      return;
    }
    if (size.number() <= 0) return;
    const float here = static_cast<float>(wanted[i].number()) / static_cast<float>(size.number());
    scale = not_larger ? std::min(scale, here) : std::max(scale, here);
  }
  for (const std::size_t axis : axes) {
    const float size = std::round(scale * static_cast<float>(out[axis].number()));
    out[axis] = !(size >= 0) ? 0 : size < 9e18f ? static_cast<std::int64_t>(size) : Dim::kUnbounded;
  }
}

/// Whether an input is there and is not the empty tensor that stands for a left-out one in old files.
bool holds_numbers(const InferContext& ctx, std::size_t input) {
  if (!ctx.has(input)) return false;
  const Shape* shape = ctx.shape(input);
  return shape == nullptr || shape->size() != 1 || !(shape->front() == Dim(0));
}

std::optional<Shape> by_scales(InferContext& ctx, const Shape& in, const std::vector<double>& scales) {
  Shape out = in;
  const auto axes = resized_axes(ctx, in.size(), scales.size());
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (!(scales[i] > 0)) throw Error("", "has a scale of " + std::to_string(scales[i]), "more than 0");
    out[axes[i]] = scaled(in[axes[i]], scales[i]);
  }
  return out;
}

std::optional<Shape> by_sizes(InferContext& ctx, const Shape& in, const std::vector<Dim>& sizes) {
  Shape out = in;
  const auto axes = resized_axes(ctx, in.size(), sizes.size());
  const std::string policy = ctx.attributes().text("keep_aspect_ratio_policy", "stretch");
  if (policy != "stretch") {
    keep_aspect_ratio(out, axes, sizes, policy == "not_larger");
  } else {
    for (std::size_t i = 0; i < axes.size(); ++i) out[axes[i]] = sizes[i];
  }
  return out;
}

/// The new shape, if the scales or sizes that decide it are known.
std::optional<Shape> resized_shape(InferContext& ctx, const Shape& in) {
  const std::vector<float> attribute = ctx.attributes().reals("scales");
  if (!attribute.empty()) return by_scales(ctx, in, {attribute.begin(), attribute.end()});
  const std::size_t scales = ctx.inputs() == 2 ? 1 : 2;  // Upsample and the first Resize have no roi
  if (holds_numbers(ctx, 3)) {
    const Value* sizes = ctx.value(3);
    return sizes != nullptr && !sizes->real ? by_sizes(ctx, in, sizes->ints) : std::nullopt;
  }
  if (!holds_numbers(ctx, scales)) throw Error("", "has neither scales nor sizes", "one of them");
  const Value* factors = ctx.value(scales);
  return factors != nullptr && factors->real ? by_scales(ctx, in, factors->reals) : std::nullopt;
}

void infer_resize(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  if (in == nullptr) return ctx.set(0, ctx.dtype(0), std::nullopt);
  if (const auto out = resized_shape(ctx, *in)) return ctx.set(0, ctx.dtype(0), *out);
  set_running(ctx, 0, ctx.dtype(0), in->size());
}

/// FLOPs of one element interpolated along `axes` axes: `taps` products per axis, summed.
std::optional<std::int64_t> flops_per_sample(std::string_view mode, std::int64_t axes) {
  if (mode == "nearest" || axes == 0) return 0;
  const std::int64_t taps = mode == "cubic" || mode == "bicubic" ? 4 : 2;
  std::int64_t points = 1;
  for (std::int64_t i = 0; i < axes; ++i) points = saturating_mul(points, taps);
  return saturating_mul(points, 2) - 1;
}

std::optional<Work> resize_work(const Graph& graph, const Node& node) {
  const auto in = input_sizes(graph, node, 0);
  const auto out = output_sizes(graph, node, 0);
  if (!in || !out || in->size() != out->size()) return std::nullopt;
  std::int64_t axes = 0;
  for (std::size_t i = 0; i < in->size(); ++i) axes += (*in)[i] != (*out)[i] ? 1 : 0;
  const auto each = flops_per_sample(node.attributes.text("mode", "nearest"), axes);
  if (!each) return std::nullopt;
  return Work{{}, Flops{product(*out)} * *each};
}

// --- Sampling at given places

/// X[N,C,…], grid[N,places…,axes] → [N,C,places…].
void infer_grid_sample(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  const Shape* grid = ctx.shape(1);
  std::optional<Shape> out;
  if (in != nullptr && grid != nullptr) {
    if (in->size() < 3 || grid->size() != in->size()) {
      throw Error("", "samples " + to_string(*in) + " at a grid of " + to_string(*grid),
                  "two tensors of the same rank, at least 3");
    }
    out = Shape{(*in)[0], (*in)[1]};
    out->insert(out->end(), grid->begin() + 1, grid->end() - 1);
  }
  ctx.set(0, ctx.dtype(0), std::move(out));
}

std::optional<Work> grid_sample_work(const Graph& graph, const Node& node) {
  const auto out = output_sizes(graph, node, 0);
  if (!out || out->size() < 3) return std::nullopt;
  const auto axes = static_cast<std::int64_t>(out->size()) - 2;
  const auto each = flops_per_sample(node.attributes.text("mode", "linear"), axes);
  if (!each) return std::nullopt;
  return Work{{}, Flops{product(*out)} * *each};
}

/// theta[N,2,3], size[N,C,H,W] → [N,H,W,2]; or with one more axis.
void infer_affine_grid(InferContext& ctx) {
  const Value* size = ctx.value(1);
  if (size != nullptr && !size->real && (size->size() == 4 || size->size() == 5)) {
    Shape out{size->ints[0]};
    out.insert(out.end(), size->ints.begin() + 2, size->ints.end());
    out.emplace_back(static_cast<std::int64_t>(size->size()) - 2);
    return ctx.set(0, ctx.dtype(0), std::move(out));
  }
  const Shape* theta = shape_of_rank(ctx, 0, 3);
  if (theta == nullptr || !(*theta)[1].is_number()) return ctx.set(0, ctx.dtype(0), std::nullopt);
  set_running(ctx, 0, ctx.dtype(0), (*theta)[1].number() == 3 ? 5 : 4);
}

std::optional<Work> affine_grid_work(const Graph& graph, const Node& node) {
  const auto out = output_sizes(graph, node, 0);
  if (!out || out->empty()) return std::nullopt;
  return Work{{}, Flops{product(*out)} * saturating_add(saturating_mul(out->back(), 2), 1)};
}

// --- Regions

/// X[N,C,H,W], regions[R,…] → [R,C,height,width].
void set_regions(InferContext& ctx, const Dim& height, const Dim& width) {
  const Shape* in = shape_of_rank(ctx, 0, 4);
  const Shape* regions = shape_of_rank(ctx, 1, 2);
  std::optional<Shape> out;
  if (in != nullptr && regions != nullptr) out = Shape{(*regions)[0], (*in)[1], height, width};
  ctx.set(0, ctx.dtype(0), std::move(out));
}

void infer_roi_align(InferContext& ctx) {
  set_regions(ctx, ctx.attributes().integer("output_height", 1), ctx.attributes().integer("output_width", 1));
}

void infer_max_roi_pool(InferContext& ctx) {
  const auto pooled = ctx.attributes().integers("pooled_shape");
  if (pooled.size() != 2) {
    throw Error("", "pooled_shape has " + std::to_string(pooled.size()) + " numbers", "2");
  }
  set_regions(ctx, pooled[0], pooled[1]);
}

void infer_crop_and_resize(InferContext& ctx) {
  const Value* size = ctx.value(3);
  const bool known = size != nullptr && !size->real && size->size() == 2;
  const Dim height = known ? size->ints[0] : ctx.running(Dim::kUnbounded, ".height");
  const Dim width = known ? size->ints[1] : ctx.running(Dim::kUnbounded, ".width");
  set_regions(ctx, height, width);
}

std::optional<Work> roi_align_work(const Graph& graph, const Node& node) {
  const auto elements = output_elements(graph, node, 0);
  if (!elements) return std::nullopt;
  // With a ratio of 0 the number of samples depends on the region; detectors train with 2.
  const std::int64_t given = node.attributes.integer("sampling_ratio", 0);
  const std::int64_t ratio = given > 0 ? given : 2;
  return Work{{}, Flops{*elements} * saturating_mul(8, saturating_mul(ratio, ratio))};
}

std::optional<Work> max_roi_pool_work(const Graph& graph, const Node& node) {
  const auto in = input_sizes(graph, node, 0);
  const auto out = output_sizes(graph, node, 0);
  if (!in || !out || in->size() != 4 || out->size() != 4) return std::nullopt;
  return Work{{}, Flops{product({(*out)[0], (*in)[1], (*in)[2], (*in)[3]})}};
}

// --- Moving elements

void infer_center_crop_pad(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  if (in == nullptr) return ctx.set(0, ctx.dtype(0), std::nullopt);
  const Value* sizes = ctx.value(1);
  if (sizes == nullptr || sizes->real) return set_running(ctx, 0, ctx.dtype(0), in->size());
  Shape out = *in;
  const auto axes = resized_axes(ctx, in->size(), sizes->size());
  for (std::size_t i = 0; i < axes.size(); ++i) out[axes[i]] = sizes->ints[i];
  ctx.set(0, ctx.dtype(0), std::move(out));
}

/// input[N, C·∏block, places], image sizes, block sizes → [N, C, image sizes…].
void infer_col2im(InferContext& ctx) {
  const Shape* in = shape_of_rank(ctx, 0, 3);
  const Value* image = ctx.value(1);
  const Value* block = ctx.value(2);
  if (in == nullptr || image == nullptr || image->real || block == nullptr || block->real) {
    return ctx.set(0, ctx.dtype(0), std::nullopt);
  }
  Dim elements = 1;
  for (const Dim& size : block->ints) elements = elements * size;
  Shape out{(*in)[0], floor_div((*in)[1], elements)};
  out.insert(out.end(), image->ints.begin(), image->ints.end());
  ctx.set(0, ctx.dtype(0), std::move(out));
}

template <bool to_space>
void infer_blocks(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  std::optional<Shape> out;
  if (in != nullptr) {
    const std::int64_t size = ctx.attributes().integer("blocksize", 0);
    if (size < 1) throw Error("", "has blocksize " + std::to_string(size), "at least 1");
    if (in->size() < 3) {
      throw Error("", "input 0 is " + to_string(*in), "batch, channels and at least one spatial axis");
    }
    out = *in;
    std::int64_t block = 1;
    for (std::size_t i = 2; i < in->size(); ++i) {
      block = saturating_mul(block, size);
      (*out)[i] = to_space ? (*in)[i] * Dim(size) : floor_div((*in)[i], size);
    }
    (*out)[1] = to_space ? floor_div((*in)[1], block) : (*in)[1] * Dim(block);
  }
  ctx.set(0, ctx.dtype(0), std::move(out));
}

constexpr std::string_view kSampleRule =
    "nearest: 0; linear: 2ᵃ, cubic: 4ᵃ products summed over the a axes that change, per output element";
constexpr std::string_view kGridRule =
    "nearest: 0; linear: 2ᵃ, cubic: 4ᵃ products summed over the a spatial axes, per output element";
constexpr std::string_view kMoves = "moves data only";

constexpr OpSpec kSpecs[] = {
    {"Resize", "", 1, 4, 1, "xi", infer_resize, resize_work, kSampleRule},
    {"Upsample", "", 1, 2, 1, "xi", infer_resize, resize_work, kSampleRule},
    {"GridSample", "", 2, 2, 1, "xx", infer_grid_sample, grid_sample_work, kGridRule},
    {"GridSample", kMs, 2, 2, 1, "xx", infer_grid_sample, grid_sample_work, kGridRule},
    {"AffineGrid", "", 2, 2, 1, "xi", infer_affine_grid, affine_grid_work,
     "a row of a by a + 1 numbers times a point: 2a + 1 per output element"},
    {"RoiAlign", "", 3, 3, 1, "xxi", infer_roi_align, roi_align_work,
     "8 per bilinear sample, sampling_ratio² samples (4 when it is adaptive) per output element"},
    {"MaxRoiPool", "", 2, 2, 1, "xx", infer_max_roi_pool, max_roi_pool_work,
     "at most one comparison per region and element of its image"},
    {"CropAndResize", kMs, 4, 4, 1, "xxii", infer_crop_and_resize, per_output<7>,
     "a bilinear sample: 7 per output element"},
    {"CenterCropPad", "", 2, 2, 1, "xi", infer_center_crop_pad, no_work, kMoves, Traffic::gathers},
    {"Col2Im", "", 3, 3, 1, "xi", infer_col2im, per_input<1>, "an addition per input element"},
    {"DepthToSpace", "", 1, 1, 1, "x", infer_blocks<true>, no_work, kMoves},
    {"SpaceToDepth", "", 1, 1, 1, "x", infer_blocks<false>, no_work, kMoves},
};

}  // namespace

std::span<const OpSpec> resize_specs() {
  return kSpecs;
}

}  // namespace foretime::ops
