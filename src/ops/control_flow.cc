#include "ops/control_flow.h"

#include <algorithm>
#include <utility>

#include "ops/families.h"
#include "ops/infer.h"
#include "ops/infer_context.h"
#include "ops/work.h"

namespace foretime::ops {
namespace {

// A trip count of this size is a while-loop's "no limit".
constexpr std::int64_t kNoLimit = std::int64_t{1} << 31;

NodeId id_of(const InferContext& ctx) {
  return NodeId{static_cast<std::uint32_t>(&ctx.node() - ctx.graph().nodes().data())};
}

std::vector<TensorType> output_types(const Graph& body, const Facts& facts) {
  std::vector<TensorType> types;
  for (const TensorId output : body.outputs()) types.push_back(facts.types[index(output)]);
  return types;
}

/// What is true of both types: sizes that differ become sizes known only while running.
TensorType joined(InferContext& ctx, const TensorType& a, const TensorType& b, std::string_view suffix) {
  if (a == b) return a;
  // A sequence that is still empty says nothing of its elements.
  if (a.sequence && b.sequence && a.shape.has_value() != b.shape.has_value()) return a.shape ? a : b;
  TensorType out = a.dtype == DataType::undefined ? b : a;
  if (!a.shape || !b.shape || a.shape->size() != b.shape->size()) {
    out.shape.reset();
    return out;
  }
  for (std::size_t i = 0; i < a.shape->size(); ++i) {
    const Dim& one = (*a.shape)[i];
    const Dim& other = (*b.shape)[i];
    if (one == other) continue;
    (*out.shape)[i] =
        ctx.running(std::max(one.upper(), other.upper()), std::string(suffix) + "#" + std::to_string(i));
  }
  return out;
}

void check_bodies(const InferContext& ctx, std::size_t count) {
  if (ctx.node().subgraphs.size() != count) {
    throw Error("", "has " + std::to_string(ctx.node().subgraphs.size()) + " bodies", std::to_string(count));
  }
}

/// Facts of the branches that can run: the one that is always taken, or both. A branch that does not fit the
/// sizes at hand cannot be what runs, so the other one is; Error when neither fits.
void infer_branches(InferContext& ctx) {
  const std::span<const Subgraph> branches = ctx.node().subgraphs;
  Facts& outer = ctx.facts();
  std::vector<Facts>& bodies = outer.bodies[id_of(ctx)];
  bodies.clear();
  const int taken = constant_branch(ctx.node(), outer);
  if (taken >= 0) {
    bodies.push_back(infer_body(branches[static_cast<std::size_t>(taken)], {}, outer, ctx.diagnostics()));
    return;
  }
  std::string misfit;
  for (int branch = 0; branch < 2; ++branch) {
    try {
      bodies.push_back(infer_body(branches[static_cast<std::size_t>(branch)], {}, outer, ctx.diagnostics()));
    } catch (const Error& error) {
      if (!misfit.empty()) throw;
      misfit = error.what();
      outer.decided[id_of(ctx)] = 1 - branch;
    }
  }
  if (misfit.empty()) return;
  ctx.note(Severity::info, "branch-impossible",
           "one branch does not fit these sizes, so the other is taken: " + misfit);
}

void infer_if(InferContext& ctx) {
  check_bodies(ctx, 2);
  infer_branches(ctx);
  const std::vector<Facts>& bodies = ctx.facts().bodies[id_of(ctx)];
  const int taken = constant_branch(ctx.node(), ctx.facts());
  const Subgraph& first = ctx.node().subgraphs[taken > 0 ? 1 : 0];
  std::vector<TensorType> types = output_types(first.body, bodies[0]);
  if (taken < 0) {
    const auto others = output_types(ctx.node().subgraphs[1].body, bodies[1]);
    for (std::size_t i = 0; i < std::min(types.size(), others.size()); ++i) {
      types[i] = joined(ctx, types[i], others[i], "/" + std::to_string(i));
    }
  }
  for (std::size_t i = 0; i < std::min(types.size(), ctx.outputs()); ++i) {
    ctx.set(i, types[i]);
    const ValuePtr& value = bodies[0].values[index(first.body.outputs()[i])];
    if (taken >= 0 && value) ctx.set_value(i, *value);
  }
}

/// Infers a body whose outputs from `first` on become inputs of its next iteration: what changes from one
/// iteration to the next becomes a running size, and the body is looked at once more.
Facts infer_repeated(InferContext& ctx, const Subgraph& subgraph, std::vector<TensorType>& inputs,
                     std::size_t first_in, std::size_t first_out, std::size_t carried) {
  Diagnostics trial;
  Facts facts = infer_body(subgraph, inputs, ctx.facts(), trial);
  const std::vector<TensorType> after = output_types(subgraph.body, facts);
  bool changed = false;
  for (std::size_t i = 0; i < carried && first_out + i < after.size() && first_in + i < inputs.size(); ++i) {
    TensorType& before = inputs[first_in + i];
    if (before == after[first_out + i]) continue;
    TensorType general = joined(ctx, before, after[first_out + i], "/" + std::to_string(i));
    if (general.shape) {
      for (std::size_t a = 0; a < general.shape->size(); ++a) {
        // It may grow each time round: no bound is known.
        Dim& size = (*general.shape)[a];
        if (!size.is_number() && !(size == (*before.shape)[a])) size = Dim::named(size.name());
      }
    }
    before = std::move(general);
    changed = true;
  }
  // Each level that is looked at twice doubles the work of those below: deep ones are looked at once.
  constexpr int kDeepestRepeated = 6;
  if (!changed || ctx.facts().depth >= kDeepestRepeated) {
    ctx.diagnostics().insert(ctx.diagnostics().end(), trial.begin(), trial.end());
    return facts;
  }
  return infer_body(subgraph, inputs, ctx.facts(), ctx.diagnostics());
}

void infer_loop(InferContext& ctx) {
  check_bodies(ctx, 1);
  const Subgraph& subgraph = ctx.node().subgraphs[0];
  const std::size_t carried = ctx.inputs() > 2 ? ctx.inputs() - 2 : 0;
  std::vector<TensorType> inputs = {{DataType::int64, Shape{}, false}, {DataType::boolean, Shape{}, false}};
  for (std::size_t i = 0; i < carried; ++i) inputs.push_back(ctx.type(i + 2));
  const Facts facts = infer_repeated(ctx, subgraph, inputs, 2, 1, carried);

  const std::vector<TensorType> results = output_types(subgraph.body, facts);
  const auto limit = ctx.scalar(0);
  const bool counted = limit && limit->upper() < kNoLimit;
  for (std::size_t i = 0; i < ctx.outputs() && i + 1 < results.size(); ++i) {
    TensorType type = results[i + 1];
    if (i < carried) {
      type = joined(ctx, inputs[i + 2], type, "/out" + std::to_string(i));
    } else if (type.shape) {
      const Dim trips =
          counted && limit->is_number() ? *limit : ctx.running(counted ? limit->upper() : Dim::kUnbounded);
      type.shape->insert(type.shape->begin(), trips);
    }
    ctx.set(i, std::move(type));
  }
  ctx.facts().bodies[id_of(ctx)] = {facts};
}

/// Axis that a scan walks along an input or output.
std::size_t scan_axis(const InferContext& ctx, const char* attribute, std::size_t i, std::size_t rank) {
  const auto axes = ctx.attributes().integers(attribute);
  return normalized_axis(i < axes.size() ? axes[i] : 0, rank);
}

void infer_scan(InferContext& ctx) {
  check_bodies(ctx, 1);
  const Subgraph& subgraph = ctx.node().subgraphs[0];
  const auto walked = static_cast<std::size_t>(std::clamp<std::int64_t>(
      ctx.attributes().integer("num_scan_inputs", 1), 0, static_cast<std::int64_t>(ctx.inputs())));
  const std::size_t states = ctx.inputs() - walked;
  std::vector<TensorType> inputs;
  std::optional<Dim> length;
  for (std::size_t i = 0; i < ctx.inputs(); ++i) {
    TensorType type = ctx.type(i);
    if (i >= states && type.shape && !type.shape->empty()) {
      const std::size_t axis = scan_axis(ctx, "scan_input_axes", i - states, type.shape->size());
      if (!length) length = (*type.shape)[axis];
      type.shape->erase(type.shape->begin() + static_cast<std::ptrdiff_t>(axis));
    }
    inputs.push_back(std::move(type));
  }
  const Facts facts = infer_repeated(ctx, subgraph, inputs, 0, 0, states);
  const std::vector<TensorType> results = output_types(subgraph.body, facts);
  for (std::size_t i = 0; i < std::min(ctx.outputs(), results.size()); ++i) {
    TensorType type = results[i];
    if (i >= states && type.shape) {
      const std::size_t axis = scan_axis(ctx, "scan_output_axes", i - states, type.shape->size() + 1);
      type.shape->insert(type.shape->begin() + static_cast<std::ptrdiff_t>(axis),
                         length ? *length : ctx.running(Dim::kUnbounded));
    }
    ctx.set(i, std::move(type));
  }
  ctx.facts().bodies[id_of(ctx)] = {facts};
}

constexpr OpSpec kSpecs[] = {
    {"If", "", 1, 1, kAny, "i", infer_if, no_work, "its dearer branch; the branch's layers carry the cost"},
    {"Loop", "", 0, kAny, kAny, "x", infer_loop, no_work,
     "its body times the constant trip count, else once; the body's layers carry the cost"},
    {"Scan", "", 1, kAny, kAny, "x", infer_scan, no_work,
     "its body times the length of the axis it walks; the body's layers carry the cost"},
};

}  // namespace

std::span<const OpSpec> control_flow_specs() {
  return kSpecs;
}

Repetitions repetitions(const Graph& graph, const Node& node, const Tensor* limit) {
  if (node.op == "Loop" && node.domain.empty()) {
    if (node.inputs.empty() || node.inputs[0] == kNoTensor) return {1, true};
    if (limit == nullptr) limit = &graph[node.inputs[0]];
    if (!limit->constant) return {1, true};
    const auto trips = integers(*limit->constant, limit->type, 1);
    if (!trips || trips->size() != 1 || (*trips)[0] < 0 || (*trips)[0] >= kNoLimit) return {1, true};
    return {(*trips)[0], false};
  }
  if (node.op == "Scan" && node.domain.empty()) {
    const std::int64_t walked = std::max<std::int64_t>(1, node.attributes.integer("num_scan_inputs", 1));
    if (walked > static_cast<std::int64_t>(node.inputs.size())) return {1, true};
    const TensorId first = node.inputs[node.inputs.size() - static_cast<std::size_t>(walked)];
    if (first == kNoTensor || !graph[first].type.shape || graph[first].type.shape->empty()) return {1, true};
    const Shape& shape = *graph[first].type.shape;
    const auto axes = node.attributes.integers("scan_input_axes");
    const std::int64_t length = shape[normalized_axis(axes.empty() ? 0 : axes[0], shape.size())].upper();
    return length == Dim::kUnbounded ? Repetitions{1, true} : Repetitions{length, false};
  }
  const bool called = node.domain == "tflite" && node.op != "WHILE" && node.op != "STABLEHLO_WHILE";
  return {1, node.op != "If" && !called};
}

}  // namespace foretime::ops
