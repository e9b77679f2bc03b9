// Transforms of signals, windows, running sums, random draws, and small matrix algebra.

#include <algorithm>
#include <bit>
#include <string>

#include "ops/families.h"
#include "ops/infer_context.h"
#include "ops/shape_rules.h"
#include "ops/value.h"
#include "ops/work.h"

namespace foretime::ops {
namespace {

constexpr const char* kMs = "com.microsoft";

Dim half_spectrum(const Dim& length) {
  return floor_div(length, 2) + Dim(1);
}

// --- Fourier transforms

/// The axis is an attribute up to opset 19 (by default 1), an input from then on (by default the last but
/// one).
std::optional<std::size_t> dft_axis(const InferContext& ctx, std::size_t rank) {
  if (ctx.has(2)) {
    const auto axis = ctx.scalar(2);
    if (!axis || !axis->is_number()) return std::nullopt;
    return normalized_axis(axis->number(), rank);
  }
  return normalized_axis(ctx.attributes().integer("axis", ctx.opset() < 20 ? 1 : -2), rank);
}

/// [batch, places…, 1 or 2]: real or complex numbers; of real ones, or to real ones, half a spectrum will do.
void infer_dft(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  if (in == nullptr) return ctx.set(0, ctx.dtype(0), std::nullopt);
  if (in->size() < 2) {
    throw Error("", "input 0 is " + to_string(*in), "places, and an axis of 1 or 2 for real or complex");
  }
  const auto axis = dft_axis(ctx, in->size());
  if (!axis) return set_running(ctx, 0, ctx.dtype(0), in->size());
  const bool one_sided = ctx.attributes().integer("onesided", 0) != 0;
  const bool to_real = one_sided && ctx.attributes().integer("inverse", 0) != 0;
  Dim length = to_real ? ((*in)[*axis] - Dim(1)) * Dim(2) : (*in)[*axis];
  if (ctx.has(1)) {
    const auto stated = ctx.scalar(1);
    length = stated ? *stated : ctx.running(Dim::kUnbounded);
  }
  Shape out = *in;
  out[*axis] = one_sided && !to_real ? half_spectrum(length) : length;
  out.back() = to_real ? 1 : 2;
  ctx.set(0, ctx.dtype(0), std::move(out));
}

/// signal[batch, length, 1 or 2] → [batch, frames, bins, 2].
void infer_stft(InferContext& ctx) {
  const Shape* signal = ctx.shape(0);
  const Shape* window = ctx.shape(2);
  if (signal == nullptr || signal->size() < 2) return ctx.set(0, ctx.dtype(0), std::nullopt);
  std::optional<Dim> frame = ctx.scalar(3);
  if (!frame && !ctx.has(3) && window != nullptr && window->size() == 1) frame = (*window)[0];
  const std::optional<Dim> step = ctx.scalar(1);
  const Dim& length = (*signal)[1];
  Dim frames = 0;
  Dim bins = 0;
  if (frame && step) {
    if (step->upper() < 1) throw Error("", "has a frame step of " + to_string(*step), "at least 1");
    frames = floor_div(length - *frame, *step) + Dim(1);
  } else {
    frames = ctx.running(length.upper(), ".frames");
  }
  if (frame) {
    bins = ctx.attributes().integer("onesided", 1) != 0 ? half_spectrum(*frame) : *frame;
  } else {
    bins = ctx.running(length.upper(), ".bins");
  }
  ctx.set(0, ctx.dtype(0), Shape{(*signal)[0], frames, bins, 2});
}

/// 5·n·log₂n for each of `transforms` of length n.
Flops fourier(std::int64_t transforms, std::int64_t n) {
  if (n < 2) return {};
  const auto stages = static_cast<std::int64_t>(std::bit_width(static_cast<std::uint64_t>(n - 1)));
  return Flops{product({transforms, n, stages, 5})};
}

std::optional<Work> dft_work(const Graph& graph, const Node& node) {
  const auto in = input_sizes(graph, node, 0);
  const auto out = output_sizes(graph, node, 0);
  if (!in || !out || in->size() != out->size() || in->size() < 2) return std::nullopt;
  // The transformed axis is the one that changes; where none does, any place on it will do for the product.
  std::int64_t length = 1;
  std::int64_t others = 1;
  bool found = false;
  for (std::size_t axis = 0; axis + 1 < in->size(); ++axis) {
    if (!found && (*in)[axis] != (*out)[axis]) {
      length = std::max((*in)[axis], (*out)[axis]);
      found = true;
    } else {
      others = saturating_mul(others, (*in)[axis]);
    }
  }
  if (!found) {
    const std::size_t axis = in->size() > 2 ? in->size() - 2 : 0;
    length = (*in)[axis];
    others = length > 0 ? others / length : 0;
  }
  return Work{{}, fourier(others, length)};
}

std::optional<Work> stft_work(const Graph& graph, const Node& node) {
  const auto out = output_sizes(graph, node, 0);
  if (!out || out->size() != 4) return std::nullopt;
  const bool half = node.attributes.integer("onesided", 1) != 0;
  const std::int64_t frame = half ? std::max<std::int64_t>(0, saturating_mul((*out)[2] - 1, 2)) : (*out)[2];
  const std::int64_t frames = product({(*out)[0], (*out)[1]});
  return Work{{}, fourier(frames, frame) + Flops{saturating_mul(frames, frame)}};
}

/// [bins of half a spectrum, mel bins].
void infer_mel_weights(InferContext& ctx) {
  const Dim mel = ctx.scalar(0).value_or(Dim::named(ctx.node().name + ".mel"));
  const Dim length = ctx.scalar(1).value_or(Dim::named(ctx.node().name + ".length"));
  ctx.set(0, dtype_attribute(ctx, "output_datatype", DataType::float32), Shape{half_spectrum(length), mel});
}

void infer_window(InferContext& ctx) {
  const auto size = ctx.scalar(0);
  const Dim length = size ? *size : ctx.running(Dim::kUnbounded);
  ctx.set(0, dtype_attribute(ctx, "output_datatype", DataType::float32), Shape{length});
}

// --- Running sums and triangles

Dim joined(const Dim& a, const Dim& b, bool multiplies) {
  return multiplies ? a * b : a + b;
}

/// Sums or products along one axis of known contents. `strides` of the axis, elements apart.
template <bool multiplies>
void infer_cumulative(InferContext& ctx) {
  like_first(ctx);
  const Value* in = ctx.value(0);
  const auto axis = ctx.scalar(1);
  if (in == nullptr || in->real || !axis || !axis->is_number()) return;
  const Shape& shape = *ctx.shape(0);
  const std::size_t along = normalized_axis(axis->number(), shape.size());
  const std::size_t stride = strides_of(shape)[along];
  const auto length = static_cast<std::size_t>(shape[along].number());
  const bool reverse = ctx.attributes().integer("reverse", 0) != 0;
  const bool exclusive = ctx.attributes().integer("exclusive", 0) != 0;
  Value out = *in;
  for (std::size_t element = 0; element < in->size(); ++element) {
    if ((element / stride) % length != 0) continue;  // one row begins at each of these
    Dim total = multiplies ? 1 : 0;
    for (std::size_t i = 0; i < length; ++i) {
      const std::size_t at = element + (reverse ? length - 1 - i : i) * stride;
      const Dim before = total;
      total = joined(total, in->ints[at], multiplies);
      out.ints[at] = exclusive ? before : total;
    }
  }
  ctx.set_value(0, std::move(out));
}

/// Keeps what lies on or above the k-th diagonal, or on or below.
void infer_trilu(InferContext& ctx) {
  like_first(ctx);
  const Value* in = ctx.value(0);
  const Shape* shape = ctx.shape(0);
  const auto offset = ctx.has(1) ? ctx.scalar(1) : std::optional<Dim>(0);
  if (shape != nullptr && shape->size() < 2) {
    throw Error("", "input 0 is " + to_string(*shape), "a matrix, or a batch of them");
  }
  if (in == nullptr || !offset || !offset->is_number()) return;
  const bool upper = ctx.attributes().integer("upper", 1) != 0;
  Value out = *in;
  std::size_t element = 0;
  for_each_position(*shape, [&](const std::vector<std::size_t>& position) {
    const auto row = static_cast<std::int64_t>(position[position.size() - 2]);
    const auto column = static_cast<std::int64_t>(position.back());
    const std::int64_t diagonal = saturating_add(row, offset->number());
    const bool kept = upper ? column >= diagonal : column <= diagonal;
    if (!kept && out.real) out.reals[element] = 0;
    if (!kept && !out.real) out.ints[element] = 0;
    ++element;
  });
  ctx.set_value(0, std::move(out));
}

// --- Draws, matrices, bits, images

void infer_bernoulli(InferContext& ctx) {
  ctx.set(0, dtype_attribute(ctx, "dtype", ctx.dtype(0)), ctx.type(0).shape);
}

void infer_multinomial(InferContext& ctx) {
  const Shape* in = shape_of_rank(ctx, 0, 2);
  std::optional<Shape> out;
  if (in != nullptr) out = Shape{(*in)[0], ctx.attributes().integer("sample_size", 1)};
  ctx.set(0, dtype_attribute(ctx, "dtype", DataType::int32), std::move(out));
}

void infer_determinant(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  if (in == nullptr) return ctx.set(0, ctx.dtype(0), std::nullopt);
  if (in->size() < 2) throw Error("", "input 0 is " + to_string(*in), "a matrix, or a batch of them");
  ctx.set(0, ctx.dtype(0), Shape(in->begin(), in->end() - 2));
}

/// thirds/3 · n³ for each n×n matrix.
template <int thirds>
std::optional<Work> matrix_work(const Graph& graph, const Node& node) {
  const auto in = input_sizes(graph, node, 0);
  if (!in || in->size() < 2) return std::nullopt;
  const std::int64_t n = in->back();
  return Work{{}, Flops{saturating_mul(saturating_mul(product(*in), n), thirds) / 3}};
}

void infer_bit_cast(InferContext& ctx) {
  const DataType to = dtype_attribute(ctx, "to", DataType::undefined);
  const DataType from = ctx.dtype(0);
  if (from != DataType::undefined && bits_of(from) != bits_of(to)) {
    throw Error("", "reads elements of " + std::string(name_of(from)) + " as " + std::string(name_of(to)),
                "a type of as many bits");
  }
  ctx.set(0, to, ctx.type(0).shape);
}

void infer_image_decoder(InferContext& ctx) {
  const bool grey = ctx.attributes().text("pixel_format", "RGB") == "Grayscale";
  ctx.set(
      0, DataType::uint8,
      Shape{ctx.running(Dim::kUnbounded, ".height"), ctx.running(Dim::kUnbounded, ".width"), grey ? 1 : 3});
}

constexpr OpSpec window(std::string_view name, std::optional<Work> (*work)(const Graph&, const Node&),
                        std::string_view rule) {
  return {name, "", 1, 1, 1, "i", infer_window, work, rule};
}

constexpr OpSpec random_draw(std::string_view name, void (*infer)(InferContext&)) {
  return {name, "", 1, 1, 1, "x", infer, per_output<1>, "1 per output element", Traffic::streams, true};
}

constexpr std::string_view kMoves = "moves data only";

constexpr OpSpec kSpecs[] = {
    {"DFT", "", 1, 3, 1, "xi", infer_dft, dft_work, "5·n·⌈log₂n⌉ for each transform of length n"},
    {"STFT", "", 2, 4, 1, "xixi", infer_stft, stft_work,
     "window and transform: n + 5·n·⌈log₂n⌉ for each frame of length n"},
    {"MelWeightMatrix", "", 5, 5, 1, "i", infer_mel_weights, per_output<4>,
     "two slopes, their minimum, a limit: 4 per element"},
    window("HannWindow", per_output<4>, "angle, cosine, product, sum: 4 per element"),
    window("HammingWindow", per_output<4>, "angle, cosine, product, sum: 4 per element"),
    window("BlackmanWindow", per_output<8>, "two angles, cosines, products, sums: 8 per element"),
    {"CumSum", "", 2, 2, 1, "xi", infer_cumulative<false>, per_output<1>, "1 per element"},
    {"CumProd", "", 2, 2, 1, "xi", infer_cumulative<true>, per_output<1>, "1 per element"},
    {"Trilu", "", 1, 2, 1, "xi", infer_trilu, no_work, kMoves},
    {"Trilu", kMs, 1, 2, 1, "xi", infer_trilu, no_work, kMoves},
    random_draw("Bernoulli", infer_bernoulli),
    random_draw("Multinomial", infer_multinomial),
    {"Det", "", 1, 1, 1, "x", infer_determinant, matrix_work<2>, "2/3·n³ for each n×n matrix"},
    {"Inverse", kMs, 1, 1, 1, "x", like_first, matrix_work<6>, "2·n³ for each n×n matrix"},
    {"BitCast", "", 1, 1, 1, "x", infer_bit_cast, no_work, kMoves},
    {"ImageDecoder", "", 1, 1, 1, "x", infer_image_decoder, no_work, "decoding is not counted"},
};

}  // namespace

std::span<const OpSpec> signal_specs() {
  return kSpecs;
}

}  // namespace foretime::ops
