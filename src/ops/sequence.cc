// Sequences of tensors, and optional values. A type says what is common to all tensors of a sequence; where
// the nodes that made the sequence are at hand, its members are known one by one, and so is its length.

#include <algorithm>
#include <string>

#include "ops/families.h"
#include "ops/infer.h"
#include "ops/infer_context.h"
#include "ops/shape_rules.h"
#include "ops/work.h"

namespace foretime::ops {
namespace {

using Members = std::vector<TensorType>;

// How many nodes back a sequence is followed, and how many members are told apart.
// The product bounds what one node of a hostile file can cost.
constexpr int kFarthest = 32;
constexpr std::size_t kMostMembers = 128;

/// What two members of a sequence have in common: sizes that differ get a name and the bounds of both.
TensorType common(const TensorType& a, const TensorType& b, const std::string& name) {
  TensorType out{a.dtype != DataType::undefined ? a.dtype : b.dtype, std::nullopt, false};
  if (!a.shape || !b.shape || a.shape->size() != b.shape->size()) return out;
  out.shape = a.shape;
  for (std::size_t axis = 0; axis < out.shape->size(); ++axis) {
    const Dim& one = (*a.shape)[axis];
    const Dim& other = (*b.shape)[axis];
    if (one == other) continue;
    (*out.shape)[axis] = Dim::named(name + "." + std::to_string(axis), std::min(one.lower(), other.lower()),
                                    std::max(one.upper(), other.upper()));
  }
  return out;
}

TensorType common(const Members& members, const std::string& name, DataType dtype) {
  if (members.empty()) return {dtype, std::nullopt, false};
  TensorType out = members[0];
  for (std::size_t i = 1; i < members.size(); ++i) out = common(out, members[i], name);
  out.sequence = false;
  return out;
}

TensorType as_sequence(TensorType type) {
  type.sequence = true;
  return type;
}

TensorType as_tensor(TensorType type) {
  type.sequence = false;
  return type;
}

// --- Members

/// The facts of a graph, as far as sequences need them.
struct Known {
  const Graph& graph;
  const Facts& facts;

  const TensorType& type(TensorId id) const { return facts.types[index(id)]; }
  std::optional<std::vector<std::int64_t>> numbers(TensorId id) const {
    const ValuePtr& value = facts.values[index(id)];
    return value ? value->numbers() : std::nullopt;
  }
};

/// Sizes of the pieces that SplitToSequence cuts `size` into: pieces of one size (a scalar), or the given.
std::optional<std::vector<Dim>> pieces(const Known& known, const Node& node, const Dim& size) {
  if (!has_input(node, 1)) {
    if (!size.is_number() || size.number() > static_cast<std::int64_t>(kMostMembers)) return std::nullopt;
    return std::vector<Dim>(static_cast<std::size_t>(std::max<std::int64_t>(0, size.number())), Dim(1));
  }
  const auto split = known.numbers(node.inputs[1]);
  const auto& split_shape = known.type(node.inputs[1]).shape;
  if (!split || !split_shape) return std::nullopt;
  if (!split_shape->empty()) {
    if (split->size() > kMostMembers) return std::nullopt;
    return std::vector<Dim>(split->begin(), split->end());
  }
  if (split->size() != 1 || split->front() < 1 || !size.is_number()) return std::nullopt;
  if (size.number() / split->front() >= static_cast<std::int64_t>(kMostMembers)) return std::nullopt;
  std::vector<Dim> out;
  for (std::int64_t left = size.number(); left > 0; left -= split->front()) {
    out.emplace_back(std::min(left, split->front()));
  }
  return out;
}

std::optional<Members> split_members(const Known& known, const Node& node) {
  const TensorType& in = known.type(node.inputs[0]);
  if (!in.shape) return std::nullopt;
  const std::size_t axis = normalized_axis(node.attributes.integer("axis", 0), in.shape->size());
  const auto sizes = pieces(known, node, (*in.shape)[axis]);
  if (!sizes) return std::nullopt;
  const bool drops_axis = !has_input(node, 1) && node.attributes.integer("keepdims", 1) == 0;
  Members members;
  for (const Dim& size : *sizes) {
    TensorType member = in;
    if (drops_axis) {
      member.shape->erase(member.shape->begin() + static_cast<std::ptrdiff_t>(axis));
    } else {
      (*member.shape)[axis] = size;
    }
    members.push_back(std::move(member));
  }
  return members;
}

/// Where SequenceInsert and SequenceErase work; by default at the end.
std::optional<std::size_t> place(const Known& known, const Node& node, std::size_t input, std::size_t size,
                                 std::size_t otherwise) {
  if (!has_input(node, input)) return otherwise;
  const auto position = known.numbers(node.inputs[input]);
  if (!position || position->size() != 1) return std::nullopt;
  const auto length = static_cast<std::int64_t>(size);
  const std::int64_t at = position->front() < 0 ? position->front() + length : position->front();
  if (at < 0 || at > length) return std::nullopt;
  return static_cast<std::size_t>(at);
}

std::optional<Members> members_of(const Known& known, TensorId sequence, int farthest = kFarthest) {
  const NodeId producer = known.graph[sequence].producer;
  if (producer == kNoNode || farthest == 0) return std::nullopt;
  const Node& node = known.graph[producer];
  if (!node.domain.empty()) return std::nullopt;
  if (node.op == "SequenceEmpty") return Members{};
  if (node.op == "SplitToSequence") return split_members(known, node);
  if (node.op == "SequenceConstruct") {
    Members members;
    for (const TensorId id : node.inputs) members.push_back(known.type(id));
    return members.size() <= kMostMembers ? std::optional(std::move(members)) : std::nullopt;
  }
  if (node.op == "Identity") return members_of(known, node.inputs[0], farthest - 1);
  if (node.op != "SequenceInsert" && node.op != "SequenceErase") return std::nullopt;

  auto members = members_of(known, node.inputs[0], farthest - 1);
  if (!members || members->size() >= kMostMembers) return std::nullopt;
  const bool inserts = node.op == "SequenceInsert";
  if (!inserts && members->empty()) return std::nullopt;
  const std::size_t end = members->size() - (inserts ? 0 : 1);
  const auto at = place(known, node, inserts ? 2 : 1, members->size(), end);
  if (!at || *at > end) return std::nullopt;
  Members changed;
  for (std::size_t i = 0; i <= members->size(); ++i) {
    if (inserts && i == *at) changed.push_back(known.type(node.inputs[1]));
    if (i < members->size() && (inserts || i != *at)) changed.push_back((*members)[i]);
  }
  return changed;
}

std::optional<Members> members_of_input(InferContext& ctx) {
  return members_of({ctx.graph(), ctx.facts()}, ctx.node().inputs[0]);
}

// --- Sequences

void infer_construct(InferContext& ctx) {
  Members members;
  for (std::size_t i = 0; i < ctx.inputs(); ++i) members.push_back(ctx.type(i));
  ctx.set(0, as_sequence(common(members, ctx.node().name, ctx.dtype(0))));
}

void infer_empty(InferContext& ctx) {
  ctx.set(0, {dtype_attribute(ctx, "dtype", DataType::float32), std::nullopt, true});
}

void infer_insert(InferContext& ctx) {
  Members members = members_of_input(ctx).value_or(Members{as_tensor(ctx.type(0))});
  members.push_back(ctx.type(1));
  ctx.set(0, as_sequence(common(members, ctx.node().name, ctx.dtype(1))));
}

void infer_at(InferContext& ctx) {
  const auto members = members_of_input(ctx);
  const auto position = ctx.scalar(1);
  if (members && position && position->is_number()) {
    const auto length = static_cast<std::int64_t>(members->size());
    const std::int64_t at = position->number() < 0 ? position->number() + length : position->number();
    if (at < 0 || at >= length) {
      throw Error("", "takes member " + to_string(*position) + " of a sequence of " + std::to_string(length),
                  "from " + std::to_string(-length) + " to " + std::to_string(length - 1));
    }
    return ctx.set(0, as_tensor((*members)[static_cast<std::size_t>(at)]));
  }
  ctx.set(0, as_tensor(ctx.type(0)));
}

void infer_length(InferContext& ctx) {
  ctx.set(0, DataType::int64, Shape{});
  if (const auto members = members_of_input(ctx)) {
    ctx.set_value(0, Value::of(std::vector<Dim>{static_cast<std::int64_t>(members->size())}));
  }
}

void infer_split(InferContext& ctx) {
  if (const auto members = split_members({ctx.graph(), ctx.facts()}, ctx.node())) {
    return ctx.set(0, as_sequence(common(*members, ctx.node().name, ctx.dtype(0))));
  }
  TensorType member = ctx.type(0);
  if (member.shape) {
    const std::size_t axis = normalized_axis(ctx.attributes().integer("axis", 0), member.shape->size());
    Dim& size = (*member.shape)[axis];
    const auto chunk = ctx.scalar(1);
    if (!ctx.has(1)) {
      size = 1;
      if (ctx.attributes().integer("keepdims", 1) == 0) {
        member.shape->erase(member.shape->begin() + static_cast<std::ptrdiff_t>(axis));
      }
    } else {
      size =
          ctx.running(chunk && ctx.shape(1)->empty() ? std::min(chunk->upper(), size.upper()) : size.upper());
    }
  }
  ctx.set(0, as_sequence(std::move(member)));
}

/// Members that are as good as known: all, or the common type and an unknown number of them.
void infer_concat(InferContext& ctx) {
  const bool stacks = ctx.attributes().integer("new_axis", 0) != 0;
  const auto members = members_of_input(ctx);
  const TensorType member = members ? common(*members, ctx.node().name, ctx.dtype(0)) : ctx.type(0);
  if (!member.shape) return ctx.set(0, member.dtype, std::nullopt);
  Shape out = *member.shape;
  const std::size_t axis =
      normalized_axis(ctx.attributes().integer("axis", 0), out.size() + (stacks ? 1 : 0));
  Dim size = 0;
  if (!members) {
    size = ctx.running(Dim::kUnbounded);
  } else {
    for (const TensorType& one : *members) size = size + (stacks ? Dim(1) : (*one.shape)[axis]);
  }
  if (stacks) {
    out.insert(out.begin() + static_cast<std::ptrdiff_t>(axis), size);
  } else {
    out[axis] = size;
  }
  ctx.set(0, member.dtype, std::move(out));
}

/// The body runs on one member of each sequence.
void infer_map(InferContext& ctx) {
  if (ctx.node().subgraphs.empty()) throw Error("", "has no body", "it is needed");
  std::vector<TensorType> inputs;
  for (std::size_t i = 0; i < ctx.inputs(); ++i) inputs.push_back(as_tensor(ctx.type(i)));
  const Subgraph& subgraph = ctx.node().subgraphs[0];
  Facts body = infer_body(subgraph, std::move(inputs), ctx.facts(), ctx.diagnostics());
  const std::span<const TensorId> results = subgraph.body.outputs();
  for (std::size_t i = 0; i < std::min(results.size(), ctx.outputs()); ++i) {
    ctx.set(i, as_sequence(body.types[index(results[i])]));
  }
  const auto id = static_cast<std::uint32_t>(&ctx.node() - ctx.graph().nodes().data());
  std::vector<Facts> bodies;
  bodies.push_back(std::move(body));
  ctx.facts().bodies.insert_or_assign(NodeId{id}, std::move(bodies));
}

// --- Optional values: their type is that of what they may hold

void infer_optional(InferContext& ctx) {
  if (ctx.has(0)) ctx.set(0, ctx.type(0));
}

void infer_has_element(InferContext& ctx) {
  ctx.set(0, DataType::boolean, Shape{});
  if (!ctx.has(0)) ctx.set_value(0, Value::of(std::vector<Dim>{0}));
}

constexpr OpSpec moves(std::string_view name, int min_inputs, int max_inputs, std::string_view roles,
                       void (*infer)(InferContext&), Traffic traffic = Traffic::streams) {
  return {name, "", min_inputs, max_inputs, 1, roles, infer, no_work, "moves data only", traffic};
}

constexpr OpSpec kSpecs[] = {
    moves("SequenceConstruct", 1, kAny, "x", infer_construct),
    moves("SequenceEmpty", 0, 0, "x", infer_empty),
    moves("SequenceInsert", 2, 3, "xxi", infer_insert),
    moves("SequenceErase", 1, 2, "xi", like_first),
    moves("SequenceAt", 2, 2, "xi", infer_at),
    moves("SequenceLength", 1, 1, "x", infer_length, Traffic::metadata),
    moves("ConcatFromSequence", 1, 1, "x", infer_concat),
    moves("SplitToSequence", 1, 2, "xi", infer_split),
    {"SequenceMap", "", 1, kAny, kAny, "x", infer_map, no_work,
     "its body once; the body's layers carry the cost"},
    moves("Optional", 0, 1, "x", infer_optional),
    moves("OptionalGetElement", 1, 1, "x", infer_optional),
    moves("OptionalHasElement", 0, 1, "x", infer_has_element, Traffic::metadata),
};

}  // namespace

std::span<const OpSpec> sequence_specs() {
  return kSpecs;
}

}  // namespace foretime::ops
