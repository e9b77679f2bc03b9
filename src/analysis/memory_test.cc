#include "analysis/memory.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "graph/graph_builder.h"
#include "graph/graph_text.h"

namespace foretime::analysis {
namespace {

struct Row {
  std::string what;
  std::string graph;
  std::string peak;           // bytes, layer, what is alive; "…" when incomplete
  std::string no_alias = {};  // the same without aliases; empty: no different
};

std::string text_of(const Graph& graph, const Peak& peak) {
  std::string out = std::to_string(peak.bytes.value);
  if (peak.at) out += " " + graph[*peak.at].name + ":";
  for (const TensorId id : peak.alive) out += " " + graph[id].name;
  return out + (peak.complete ? "" : " …");
}

TEST(Memory, ByHand) {
  const std::vector<Row> rows = {
      {"a layer's input and output live together",
       R"(input x: float32[4]  a: float32[8] = Relu(x)  b: float32[2] = Relu(a)  output b)", "48 a: a x"},
      {"the first layer that reaches it",
       R"(input x: float32[4]  a: float32[4] = Relu(x)  b: float32[4] = Relu(a)  output b)", "32 a: x a"},
      {"nothing is computed in place; a residual lives on",
       R"(input x: float32[4]  a: float32[4] = Relu(x)  b: float32[4] = Relu(a)  y: float32[4] = Add(b, x)  output y)",
       "48 b: x a b"},
      {"graph outputs live to the end",
       R"(input x: float32[4]  a: float32[100] = Relu(x)  b: float32[4] = Relu(x)  c: float32[4] = Relu(b)  output a, c)",
       "432 b: a x b"},
      {"an input that is an output lives to the end",
       R"(input x: float32[4]  a: float32[4] = Relu(x)  b: float32[4] = Relu(a)  output b, x)",
       "48 b: x a b"},
      {"an unused output lives one step",
       R"(input x: float32[4]  a: float32[4], lost: float32[9] = Op(x)  b: float32[16] = Relu(a)  output b)",
       "80 b: b a"},
      {"so does a layer's that nobody reads",
       R"(input x: float32[4]  lost: float32[9] = Op(x)  b: float32[4] = Relu(x)  output b)",
       "52 lost: lost x"},
      {"an unused input is nowhere",
       R"(input x: float32[4], y: float32[400]  b: float32[4] = Relu(x)  output b)", "32 b: x b"},
      {"graph inputs live from the start",
       R"(input x: float32[4], y: float32[4]  a: float32[9] = Relu(x)  b: float32[1] = Add(a, y)  output b)",
       "68 a: a x y"},
      {"constants never count",
       R"(input x: float32[4]  const c: float32[400] = omitted  b: float32[4] = Op(x, c)  output b)",
       "32 b: x b"},
      {"a view is its input's buffer",
       R"(input x: float32[4]  const s: int64[2] = {2, 2}
          r: float32[2,2] = Reshape(x, s)  y: float32[4] = Add(r, x)  output y)",
       "32 y: x y", "48 y: x r y"},
      {"alive until its last alias is used",
       R"(input x: float32[4]  i: float32[4] = Identity(x)  a: float32[1] = Relu(x)  f: float32[1,4] = Flatten(i)
          b: float32[4] = Relu(a)  y: float32[4] = Add(f, b)  output y)",
       "48 y: x b y", "48 y: f b y"},
      {"a view that is an output keeps its buffer",
       R"(input x: float32[4]  u: float32[1,4] = Unsqueeze(x)  a: float32[2] = Op(x)  b: float32[2] = Op(a)  output u, b)",
       "32 b: x a b", "40 a: x u a"},
      {"the mask of a Dropout is no view",
       R"(input x: float32[4]  y: float32[4], mask: bool[4] = Dropout(x)  z: float32[4] = Op(y, mask)  output z)",
       "36 z: x z mask", "36 y: x y mask"},
      {"a view of a constant is a buffer",
       R"(input x: float32[4]  const c: float32[4] = omitted  i: float32[4] = Identity(c)  y: float32[4] = Add(x, i)  output y)",
       "48 y: x i y"},
      {"bytes by data type; two to the byte", R"(input x: int4[5]  y: float16[5] = Op(x)  output y)",
       "13 y: y x"},
      {"empty tensors", R"(input x: float32[0,4]  y: float32[0,4] = Relu(x)  output y)", "0 y: x y"},
      {"names at their bound", R"(input x: float32[b(1..8),4]  y: float32[b(1..8),4] = Relu(x)  output y)",
       "256 y: x y"},
      {"sizes that nobody knows", R"(input x: float32[4]  y: float32[h] = Op(x)  z = Op(y)  output z)",
       "16 y: x y …"},
      {"a body on top of what is alive outside, its captures not twice",
       R"(input x: float32[4], c: bool[]
          v: float32[4] = If(c) {
            then_branch = graph { capture x: float32[4]  a: float32[100] = Op(x)  b: float32[4] = Op(a)  output b },
            else_branch = graph { capture x: float32[4]  i: float32[4] = Identity(x)  output i }}
          y: float32[4] = Add(v, x)  output y)",
       "449 v: x v c"},
      {"no layers", R"(input x: float32[4]  output x)", "0"},
  };
  for (const Row& row : rows) {
    const Graph graph = parse_text("graph {" + row.graph + "}", row.what);
    EXPECT_EQ(text_of(graph, peak_memory(graph)), row.peak) << row.what;
    const std::string& copied = row.no_alias.empty() ? row.peak : row.no_alias;
    EXPECT_EQ(text_of(graph, peak_memory(graph, false)), copied) << row.what;
  }
}

// --- The slow, obvious twin: liveness asked for each buffer at each step, word for word as the contract has
// it.

bool is_view(const Node& node) {
  static const std::vector<std::string> kViews = {"Reshape",   "Flatten",  "Squeeze",
                                                  "Unsqueeze", "Identity", "Dropout"};
  return std::find(kViews.begin(), kViews.end(), node.op) != kViews.end();
}

/// The tensor whose buffer this one is.
TensorId root_of(const Graph& graph, TensorId id, bool alias) {
  if (!alias || graph[id].producer == kNoNode) return id;
  const Node& node = graph[graph[id].producer];
  if (!is_view(node) || node.outputs[0] != id || graph[node.inputs[0]].constant != nullptr) return id;
  return root_of(graph, node.inputs[0], alias);
}

bool reads(const Node& node, TensorId id) {
  return std::find(node.inputs.begin(), node.inputs.end(), id) != node.inputs.end();
}

bool used_from(const Graph& graph, TensorId id, std::size_t step) {
  const auto outputs = graph.outputs();
  if (std::find(outputs.begin(), outputs.end(), id) != outputs.end()) return true;
  for (std::size_t later = step; later < graph.nodes().size(); ++later) {
    if (reads(graph.nodes()[later], id)) return true;
  }
  return graph[id].producer == NodeId{static_cast<std::uint32_t>(step)};  // an unused output lives one step
}

bool exists_at(const Graph& graph, TensorId id, std::size_t step) {
  return graph[id].producer == kNoNode || index(graph[id].producer) <= step;
}

std::int64_t bytes_at(const Graph& graph, std::size_t step, bool alias) {
  std::int64_t sum = 0;
  for (std::uint32_t root = 0; root < graph.tensors().size(); ++root) {
    const TensorId buffer{root};
    if (graph[buffer].constant != nullptr || root_of(graph, buffer, alias) != buffer) continue;
    if (!exists_at(graph, buffer, step)) continue;
    bool alive = false;
    for (std::uint32_t i = 0; i < graph.tensors().size(); ++i) {
      alive = alive || (root_of(graph, TensorId{i}, alias) == buffer && used_from(graph, TensorId{i}, step));
    }
    if (alive) sum += bytes_of(graph[buffer].type).value();
  }
  return sum;
}

Graph random_graph(std::mt19937& random) {
  const auto below = [&](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
  };
  const auto type = [&] {
    return TensorType{DataType::float32, Shape{static_cast<std::int64_t>(below(20))}};
  };
  const std::vector<std::string> ops = {"Op",      "Add",      "Relu",    "Reshape",
                                        "Flatten", "Identity", "Dropout", "Squeeze"};
  GraphBuilder builder("random");
  std::vector<TensorId> known;
  for (std::size_t i = 0; i <= below(3); ++i)
    known.push_back(builder.add_input("x" + std::to_string(i), type()));
  if (below(2) == 0) known.push_back(builder.add_constant("c", type(), ConstantData{}));
  const std::size_t nodes = 1 + below(25);
  for (std::size_t n = 0; n < nodes; ++n) {
    Node node;
    node.op = ops[below(ops.size())];
    node.name = "n" + std::to_string(n);
    std::vector<TensorId> made;
    for (std::size_t i = 0; i <= below(3); ++i) node.inputs.push_back(known[below(known.size())]);
    for (std::size_t i = 0; i <= below(2); ++i) {
      made.push_back(builder.tensor(node.name + "." + std::to_string(i)));
      builder.set_type(made.back(), type());
    }
    node.outputs = made;
    builder.add_node(std::move(node));
    known.insert(known.end(), made.begin(), made.end());
  }
  builder.add_output(known.back());
  for (std::size_t i = 0; i < below(3); ++i) builder.add_output(known[below(known.size())]);
  return std::move(builder).build();
}

TEST(Memory, AsItsSlowTwin) {
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    std::mt19937 random(seed);
    const Graph graph = random_graph(random);
    for (const bool alias : {true, false}) {
      std::int64_t most = -1;
      std::size_t at = 0;
      for (std::size_t step = 0; step < graph.nodes().size(); ++step) {
        const std::int64_t now = bytes_at(graph, step, alias);
        if (now > most) at = step;
        most = std::max(most, now);
      }
      const Peak peak = peak_memory(graph, alias);
      ASSERT_EQ(peak.bytes.value, most) << "seed " << seed << (alias ? "" : " without aliases") << "\n"
                                        << to_text(graph);
      ASSERT_EQ(index(peak.at.value()), at) << "seed " << seed << "\n" << to_text(graph);
      std::int64_t alive = 0;
      for (const TensorId id : peak.alive) alive += bytes_of(graph[id].type).value();
      ASSERT_EQ(alive, most) << "seed " << seed << "\n" << to_text(graph);
      ASSERT_TRUE(peak.complete);
    }
  }
}

TEST(Memory, AbsurdSizesSaturate) {
  const Graph graph = parse_text(R"(graph {
    input a: float32[2000000000,1000000000], b: float32[2000000000,1000000000]
    y: float32[2000000000,1000000000] = Add(a, b)
    z: float32[4] = Op(y)
    output z })",
                                 "test");
  EXPECT_EQ(peak_memory(graph).bytes.value, kSaturated);
}

}  // namespace
}  // namespace foretime::analysis
