// Recurrent layers. Their inputs come as [steps, batch, inputs], or with `layout` 1 as [batch, steps,
// inputs].

#include <algorithm>
#include <string>

#include "ops/families.h"
#include "ops/infer_context.h"
#include "ops/recurrent_view.h"
#include "ops/shape_rules.h"
#include "ops/work.h"

namespace foretime::ops {
namespace {

constexpr const char* kMs = "com.microsoft";

std::int64_t directions_of(const Node& node) {
  return node.attributes.text("direction", "forward") == "bidirectional" ? 2 : 1;
}

bool batch_first(const Node& node) {
  return node.attributes.integer("layout", 0) != 0;
}

/// Size of the hidden state: the attribute, or what the recurrent weights say.
std::optional<Dim> hidden_size(const InferContext& ctx) {
  const std::int64_t stated = ctx.attributes().integer("hidden_size", 0);
  if (stated > 0) return Dim(stated);
  const Shape* recurrent = shape_of_rank(ctx, 2, 3);
  if (recurrent == nullptr) return std::nullopt;
  return ctx.node().op == "DynamicQuantizeLSTM" ? (*recurrent)[1] : (*recurrent)[2];
}

/// Outputs: the states of all steps, the last one, and for LSTM the last cell.
void infer_recurrent(InferContext& ctx) {
  const Shape* in = shape_of_rank(ctx, 0, 3);
  const auto hidden = hidden_size(ctx);
  std::optional<Shape> all;
  std::optional<Shape> last;
  if (in != nullptr && hidden) {
    const Dim directions = directions_of(ctx.node());
    if (batch_first(ctx.node())) {
      all = Shape{(*in)[0], (*in)[1], directions, *hidden};
      last = Shape{(*in)[0], directions, *hidden};
    } else {
      all = Shape{(*in)[0], directions, (*in)[1], *hidden};
      last = Shape{directions, (*in)[1], *hidden};
    }
  }
  ctx.set(0, ctx.dtype(0), all);
  ctx.set(1, ctx.dtype(0), last);
  ctx.set(2, ctx.dtype(0), last);
}

std::int64_t gates_of(std::string_view op) {
  if (op == "LSTM" || op == "DynamicQuantizeLSTM") return 4;
  if (op == "GRU") return 3;
  return op == "RNN" ? 1 : 0;
}

/// Arithmetic between the products, per state: gates (a sigmoid is 4, tanh 1) and how they are combined.
template <int between>
std::optional<Work> recurrent_work(const Graph& graph, const Node& node) {
  const auto view = recurrent_view(graph, node);
  if (!view) return std::nullopt;
  const std::int64_t each = between + (view->bias ? view->gates : 0) + (view->peepholes ? 6 : 0);
  return work_of(view->macs(), Flops{view->states()} * each);
}

constexpr std::string_view kLstmRule =
    "directions·steps·batch·4·hidden·(inputs + hidden) multiply-accumulates; three sigmoids, two tanh, 4 to "
    "combine, 4 for the bias, 6 for peepholes: 18 to 28 FLOPs per state";

constexpr OpSpec kSpecs[] = {
    {"LSTM", "", 3, 8, 3, "xwwbixxw", infer_recurrent, recurrent_work<18>, kLstmRule},
    {"GRU", "", 3, 6, 2, "xwwbix", infer_recurrent, recurrent_work<14>,
     "directions·steps·batch·3·hidden·(inputs + hidden) multiply-accumulates; two sigmoids, tanh, 5 to "
     "combine, 3 for the bias: 14 or 17 FLOPs per state"},
    {"RNN", "", 3, 6, 2, "xwwbix", infer_recurrent, recurrent_work<1>,
     "directions·steps·batch·hidden·(inputs + hidden) multiply-accumulates; tanh, 1 for the bias: 1 or 2 "
     "FLOPs per state"},
    {"DynamicQuantizeLSTM", kMs, 3, 12, 3, "xwwbixxwi", infer_recurrent, recurrent_work<18>, kLstmRule},
};

}  // namespace

std::int64_t RecurrentView::states() const {
  return saturating_mul(saturating_mul(directions, steps), saturating_mul(batch, hidden));
}

Macs RecurrentView::macs() const {
  return {saturating_mul(states(), saturating_mul(gates, saturating_add(inputs, hidden)))};
}

std::optional<RecurrentView> recurrent_view(const Graph& graph, const Node& node) {
  const std::int64_t gates = gates_of(node.op);
  const auto in = input_sizes(graph, node, 0);
  const auto recurrent = input_sizes(graph, node, 2);
  if (gates == 0 || !in || in->size() != 3 || !recurrent || recurrent->size() != 3) return std::nullopt;
  RecurrentView view;
  view.directions = directions_of(node);
  view.steps = (*in)[batch_first(node) ? 1 : 0];
  view.batch = (*in)[batch_first(node) ? 0 : 1];
  view.inputs = (*in)[2];
  view.gates = gates;
  const std::int64_t stated = node.attributes.integer("hidden_size", 0);
  view.hidden = stated > 0 ? stated : (*recurrent)[node.op == "DynamicQuantizeLSTM" ? 1 : 2];
  view.bias = has_input(node, 3);
  view.peepholes = gates == 4 && has_input(node, 7);
  return view;
}

std::span<const OpSpec> recurrent_specs() {
  return kSpecs;
}

}  // namespace foretime::ops
