// Operators of TFLite that ONNX has no like of, under TFLite's names. A TFLite file states the shape of every
// tensor, so those whose shapes depend on contents or states keep what the file says.

#include <algorithm>
#include <utility>

#include "ops/families.h"
#include "ops/infer_context.h"
#include "ops/shape_rules.h"
#include "ops/work.h"

namespace foretime::ops {
namespace {

constexpr const char* kTflite = "tflite";

/// What the file declares stands.
void as_declared(InferContext&) {}

/// Positions of elements that are not zero: [n, rank].
void infer_where(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  if (in == nullptr) return;
  const Dim n = ctx.running(bounded_elements(ctx, 0).value_or(Dim::kUnbounded));
  ctx.set(0, DataType::int64, Shape{n, Dim(static_cast<std::int64_t>(in->size()))});
}

void infer_unique(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  if (in == nullptr) return;
  ctx.set(0, ctx.dtype(0), Shape{ctx.running(bounded_elements(ctx, 0).value_or(Dim::kUnbounded))});
  ctx.set(1, DataType::int32, *in);
}

void infer_pack(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  if (in == nullptr) return;
  Shape out = *in;
  const std::size_t axis = normalized_axis(ctx.attributes().integer("axis", 0), in->size() + 1);
  out.insert(out.begin() + static_cast<std::ptrdiff_t>(axis), Dim(static_cast<std::int64_t>(ctx.inputs())));
  ctx.set(0, ctx.dtype(0), std::move(out));
  Value value = Value::of(std::vector<Dim>{});
  for (std::size_t i = 0; i < ctx.inputs(); ++i) {  // sizes put together one by one
    const auto size = ctx.scalar(i);
    if (!size || !in->empty()) return;
    value.ints.push_back(*size);
  }
  ctx.set_value(0, std::move(value));
}

void infer_unpack(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  if (in == nullptr || in->empty()) return;
  Shape out = *in;
  const std::size_t axis = normalized_axis(ctx.attributes().integer("axis", 0), in->size());
  out.erase(out.begin() + static_cast<std::ptrdiff_t>(axis));
  for (std::size_t i = 0; i < ctx.outputs(); ++i) ctx.set(i, ctx.dtype(0), out);
}

/// Constant bounds without new axes and ellipses; `shrink_axis_mask` drops axes. Contents of vectors (of
/// sizes) are followed.
void infer_strided_slice(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  const auto begin = ctx.numbers(1);
  const auto end = ctx.numbers(2);
  const auto strides = ctx.numbers(3);
  const auto mask = [&](const char* name, std::size_t i) {
    return i < 32 && (ctx.attributes().integer(name, 0) >> i & 1) != 0;
  };
  const bool plain = ctx.attributes().integer("ellipsis_mask", 0) == 0 &&
                     ctx.attributes().integer("new_axis_mask", 0) == 0 &&
                     ctx.attributes().integer("offset", 0) == 0;
  if (in == nullptr || !plain || !begin || !end || !strides || begin->size() > in->size() ||
      begin->size() != end->size() || begin->size() != strides->size()) {
    return;
  }
  Shape out;
  std::vector<std::size_t> picked;
  for (std::size_t i = 0; i < in->size(); ++i) {
    const Dim& dim = (*in)[i];
    if (i >= begin->size()) {
      out.push_back(dim);
      continue;
    }
    if (!dim.is_number()) return;
    const std::int64_t size = dim.number();
    const std::int64_t stride = mask("shrink_axis_mask", i) ? 1 : (*strides)[i];
    const auto from_front = [&](std::int64_t place) {
      return place < 0 ? saturating_add(place, size) : place;
    };
    const std::int64_t low = stride > 0 ? 0 : -1;
    const std::int64_t high = stride > 0 ? size : size - 1;
    if (stride == 0) throw Error("", "a stride is 0", "a number other than 0");
    std::int64_t first =
        mask("begin_mask", i) ? (stride > 0 ? 0 : size - 1) : std::clamp(from_front((*begin)[i]), low, high);
    if (mask("shrink_axis_mask", i)) {
      if (i == 0 && first < size) picked.push_back(static_cast<std::size_t>(first));
      continue;
    }
    const std::int64_t last =
        mask("end_mask", i) ? (stride > 0 ? size : -1) : std::clamp(from_front((*end)[i]), low, high);
    const std::int64_t span = stride > 0 ? last - first : first - last;
    const std::int64_t step = stride > 0 ? stride : -std::max(stride, -Dim::kUnbounded);
    const std::int64_t count = span <= 0 ? 0 : (span - 1) / step + 1;
    out.emplace_back(count);
    for (std::int64_t k = 0; i == 0 && in->size() == 1 && ctx.value(0) != nullptr && k < count; ++k) {
      picked.push_back(static_cast<std::size_t>(first + k * stride));
    }
  }
  ctx.set(0, ctx.dtype(0), std::move(out));
  if (in->size() == 1 && ctx.value(0) != nullptr) ctx.set_value(0, ctx.value(0)->pick(picked));
}

/// The last two axes become `fft_length`, of the last one the half that is not conjugate.
void infer_rfft(InferContext& ctx) {
  const Shape* in = ctx.shape(0);
  const auto length = ctx.numbers(1);
  if (in == nullptr || in->size() < 2 || !length || length->size() != 2) return;
  Shape out = *in;
  out[out.size() - 2] = (*length)[0];
  out.back() = (*length)[1] / 2 + 1;
  ctx.set(0, ctx.dtype(0), std::move(out));
}

void infer_rank(InferContext& ctx) {
  ctx.set(0, DataType::int32, Shape{});
  if (const Shape* in = ctx.shape(0)) {
    ctx.set_value(0, Value::of(std::vector<Dim>{Dim(static_cast<std::int64_t>(in->size()))}));
  }
}

/// Rows of the input, each through all elements of the weights at these inputs; `between` FLOPs per output
/// element.
std::optional<Work> recurrent_cells(const Graph& graph, const Node& node, std::size_t first_weight,
                                    std::size_t last_weight, std::int64_t between) {
  const auto x = input_sizes(graph, node, 0);
  const auto y = output_elements(graph, node, 0);
  if (!x || x->empty() || !y) return std::nullopt;
  const std::int64_t rows = product(*x) / std::max<std::int64_t>(1, x->back());
  std::int64_t weights = 0;
  for (std::size_t i = first_weight; i <= last_weight; ++i) {
    if (!has_input(node, i)) continue;
    const auto elements = input_elements(graph, node, i);
    if (!elements) return std::nullopt;
    weights = saturating_add(weights, *elements);
  }
  return work_of(Macs{saturating_mul(rows, weights)}, Flops{*y} * between);
}

/// Inputs 1–4 weigh the input and 5–8 the state; 16 projects.
std::optional<Work> lstm_work(const Graph& graph, const Node& node) {
  auto work = recurrent_cells(graph, node, 1, 8, 22);
  if (!work || !has_input(node, 16)) return work;
  const auto projection = recurrent_cells(graph, node, 16, 16, 0);
  if (!projection) return std::nullopt;
  return Work{work->macs + projection->macs, work->flops + projection->flops};
}

std::optional<Work> bidirectional_lstm_work(const Graph& graph, const Node& node) {
  const auto forward = recurrent_cells(graph, node, 1, 8, 22);
  const auto backward = recurrent_cells(graph, node, 18, 25, 22);
  if (!forward || !backward) return std::nullopt;
  return Work{forward->macs + backward->macs, forward->flops + backward->flops};
}

std::optional<Work> rnn_work(const Graph& graph, const Node& node) {
  return recurrent_cells(graph, node, 1, 2, 2);
}

/// Each feature [filters, inputs] once, each memory [filters, steps] once.
std::optional<Work> svdf_work(const Graph& graph, const Node& node) {
  return recurrent_cells(graph, node, 1, 2, 2);
}

/// A transform of 2·n·log₂ n multiply-accumulates.
std::optional<Work> rfft_work(const Graph& graph, const Node& node) {
  const auto elements = input_elements(graph, node, 0);
  if (!elements) return std::nullopt;
  std::int64_t log = 0;
  while ((std::int64_t{1} << log) < *elements && log < 40) ++log;
  return Work{{}, Flops{*elements} * (2 * log)};
}

constexpr OpSpec moves(std::string_view name, int min_inputs, int max_inputs, std::string_view roles,
                       void (*infer)(InferContext&) = as_declared, int max_outputs = 1) {
  return {name, kTflite, min_inputs, max_inputs, max_outputs, roles, infer, no_work, "moves data only"};
}

/// Keeps or makes something that lasts from run to run, so it is never constant.
constexpr OpSpec stateful(std::string_view name, int min_inputs, int max_inputs) {
  return {name,        kTflite, min_inputs,        max_inputs,       1,   "xi",
          as_declared, no_work, "moves data only", Traffic::streams, true};
}

constexpr OpSpec control(std::string_view name) {
  return {name,
          kTflite,
          0,
          kAny,
          kAny,
          "x",
          as_declared,
          no_work,
          "its body, once; the body's layers carry the cost",
          Traffic::streams,
          true};
}

constexpr OpSpec kSpecs[] = {
    moves("PACK", 1, kAny, "x", infer_pack),
    moves("UNPACK", 1, 1, "x", infer_unpack, kAny),
    moves("STRIDED_SLICE", 4, 4, "xi", infer_strided_slice),
    moves("SLICE", 3, 3, "xi"),
    moves("PAD", 2, 2, "xi"),
    moves("PADV2", 3, 3, "xi"),
    moves("MIRROR_PAD", 2, 2, "xi"),
    moves("TRANSPOSE", 2, 2, "xi"),
    moves("SPLIT", 2, 2, "ix", as_declared, kAny),
    moves("SPLIT_V", 3, 3, "xi", as_declared, kAny),
    moves("GATHER", 2, 2, "ti"),
    moves("SCATTER_ND", 3, 3, "ixi"),
    moves("ONE_HOT", 4, 4, "i"),
    moves("FILL", 2, 2, "ix"),
    moves("ZEROS_LIKE", 1, 1, "x", like_first),
    moves("REVERSE_V2", 2, 2, "xi", like_first),
    moves("SPACE_TO_DEPTH", 1, 1, "x"),
    moves("DEPTH_TO_SPACE", 1, 1, "x"),
    moves("SPACE_TO_BATCH_ND", 3, 3, "xi"),
    moves("BATCH_TO_SPACE_ND", 3, 3, "xi"),
    moves("MATRIX_DIAG", 1, 1, "x"),
    moves("MATRIX_SET_DIAG", 2, 2, "x"),
    moves("SPARSE_TO_DENSE", 4, 4, "ii"),
    moves("DENSIFY", 1, 1, "w"),
    moves("BROADCAST_ARGS", 2, 2, "i"),
    moves("DYNAMIC_UPDATE_SLICE", 3, 3, "xxi", like_first),
    moves("EMBEDDING_LOOKUP", 2, 2, "it"),
    moves("HASHTABLE_LOOKUP", 3, 3, "iit", as_declared, 2),
    moves("SELECT", 3, 3, "xxx"),
    moves("WHERE", 1, 1, "x", infer_where),
    moves("UNIQUE", 1, 1, "x", infer_unique, 2),
    moves("REAL", 1, 1, "x"),
    moves("IMAG", 1, 1, "x"),
    moves("BITCAST", 1, 1, "x"),
    {"RANK", kTflite, 1, 1, 1, "x", infer_rank, no_work, "reads no elements", Traffic::metadata},
    {"COMPLEX_ABS", kTflite, 1, 1, 1, "x", as_declared, per_input<4>, "4 per input element"},
    {"BUCKETIZE", kTflite, 1, 1, 1, "x", as_declared, per_input<1>, "1 per input element"},
    {"L2_POOL_2D", kTflite, 1, 1, 1, "x", as_declared, per_input<2>, "2 per input element"},
    {"SEGMENT_SUM", kTflite, 2, 2, 1, "xi", as_declared, per_input<1>, "1 per input element"},
    {"UNSORTED_SEGMENT_SUM", kTflite, 3, 3, 1, "xi", as_declared, per_input<1>, "1 per input element"},
    {"UNSORTED_SEGMENT_PROD", kTflite, 3, 3, 1, "xi", as_declared, per_input<1>, "1 per input element"},
    {"UNSORTED_SEGMENT_MAX", kTflite, 3, 3, 1, "xi", as_declared, per_input<1>, "1 per input element"},
    {"UNSORTED_SEGMENT_MIN", kTflite, 3, 3, 1, "xi", as_declared, per_input<1>, "1 per input element"},
    {"RFFT2D", kTflite, 2, 2, 1, "xi", infer_rfft, rfft_work, "2·n·log₂ n over n input elements"},
    {"LSTM", kTflite, 2, 24, 4, "xwwwwwwwwwwwbbbbwbxxssss", as_declared, lstm_work,
     "rows · (input and recurrent weights, projection) multiply-accumulates; 22 per output element"},
    {"UNIDIRECTIONAL_SEQUENCE_LSTM", kTflite, 2, 24, 1, "xwwwwwwwwwwwbbbbwbxxssss", as_declared, lstm_work,
     "as LSTM, for each step"},
    {"BIDIRECTIONAL_SEQUENCE_LSTM", kTflite, 2, 48, 2, "xwwwwwwwwwwwbbbbwbwwwwwwwwwwwbbbbwbxxxxxwwwwwwww",
     as_declared, bidirectional_lstm_work, "as LSTM, for each step and direction"},
    {"RNN", kTflite, 5, 5, 1, "xwwbx", as_declared, rnn_work,
     "rows · weights multiply-accumulates; 2 per output element"},
    {"UNIDIRECTIONAL_SEQUENCE_RNN", kTflite, 5, 5, 1, "xwwbx", as_declared, rnn_work,
     "as RNN, for each step"},
    {"SVDF", kTflite, 4, 5, 1, "xwwbx", as_declared, svdf_work,
     "rows · weights multiply-accumulates; 2 per output element"},
    {"NON_MAX_SUPPRESSION_V4", kTflite, 5, 5, 2, "xxi", as_declared, per_input<1>, "1 per input element"},
    {"NON_MAX_SUPPRESSION_V5", kTflite, 6, 6, 3, "xxi", as_declared, per_input<1>, "1 per input element"},
    stateful("RANDOM_STANDARD_NORMAL", 1, 1),
    stateful("RANDOM_UNIFORM", 1, 1),
    stateful("MULTINOMIAL", 2, 2),
    stateful("VAR_HANDLE", 0, 0),
    stateful("READ_VARIABLE", 1, 1),
    stateful("ASSIGN_VARIABLE", 2, 2),
    stateful("HASHTABLE", 0, 0),
    stateful("HASHTABLE_FIND", 3, 3),
    stateful("HASHTABLE_IMPORT", 3, 3),
    stateful("HASHTABLE_SIZE", 1, 1),
    control("WHILE"),
    control("CALL"),
    control("CALL_ONCE"),
    control("STABLEHLO_WHILE"),
    control("STABLEHLO_COMPOSITE"),
};

}  // namespace

std::span<const OpSpec> tflite_specs() {
  return kSpecs;
}

}  // namespace foretime::ops
