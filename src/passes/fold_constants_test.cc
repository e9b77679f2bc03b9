#include "passes/fold_constants.h"

#include <gtest/gtest.h>

#include "graph/graph_text.h"

namespace foretime::passes {
namespace {

Graph folded(const std::string& text) {
  const Graph graph = parse_text(text, "test");
  Diagnostics diagnostics;
  return fold_constants(graph, ops::infer(graph, {}, diagnostics));
}

struct Row {
  std::string what;
  std::string before;
  std::string after;
};

TEST(FoldConstants, Rewrites) {
  const std::vector<Row> rows = {
      {"a chain folds to its value; what it was computed from stays to be counted, what nobody read goes",
       R"(graph {
  input x: float32[2,3,4]
  const at: int64[1] = {1}
  const rest: int64[1] = {-1}
  const unused: float32[2] = {1.0, 2.0}
  shape = Shape(x)
  size = Gather(shape, at)
  wanted = Concat(size, rest) {axis = 0}
  y = Reshape(x, wanted)
  output y
})",
       R"(graph {
  input x: float32[2,3,4]
  const at: int64[1] = {1}
  const rest: int64[1] = {-1}
  const shape: int64[3] = {2, 3, 4}
  const size: int64[1] = {3}
  const wanted: int64[2] = {3, -1}
  y: float32[3,8] = Reshape(x, wanted)
  output y
}
)"},
      {"types of integers keep their width",
       R"(graph {
  input x: float32[2]
  const a: int32[1] = {-5}
  b = Neg(a)
  c = Cast(b) {to = 9}
  d = Cast(b) {to = 11}
  y = Op(x, b, c, d)
  output y
})",
       R"(graph {
  input x: float32[2]
  const a: int32[1] = {-5}
  const b: int32[1] = {5}
  const c: bool[1] = {true}
  const d: float64[1] = derived
  y = Op(x, b, c, d)
  output y
}
)"},
      {"a constant output stays an output",
       R"(graph {
  input x: float32[2,3]
  shape = Shape(x)
  y = Relu(x)
  output shape, y
})",
       R"(graph {
  input x: float32[2,3]
  const shape: int64[2] = {2, 3}
  y: float32[2,3] = Relu(x)
  output shape
  output y
}
)"},
      {"random numbers differ from run to run",
       R"(graph {
  r = RandomNormal() {shape = [2]}
  y = Relu(r)
  output y
})",
       R"(graph {
  r: float32[2] = RandomNormal() {shape = [2]}
  y: float32[2] = Relu(r)
  output y
}
)"},
      {"a size with a name is not constant",
       R"(graph {
  input x: float32[h,3]
  shape = Shape(x)
  y = ConstantOfShape(shape)
  output y
})",
       R"(graph {
  input x: float32[h,3]
  shape: int64[2] = Shape(x)
  y: float32[h,3] = ConstantOfShape(shape)
  output y
}
)"},
      {"the branch that is taken stands inline, under the If's output name",
       R"(graph {
  input x: float32[2]
  const yes: bool[] = {true}
  v = If(yes) {then_branch = graph {
    capture x
    const k: float32[1] = {2.0}
    a = Mul(x, k)
    b = Relu(a)
    output b
  }, else_branch = graph {
    capture x
    c = Tanh(x)
    output c
  }}
  y = Exp(v)
  output y, v
})",
       R"(graph {
  input x: float32[2]
  const k: float32[1] = {2.0}
  v/a: a: float32[2] = Mul(x, k)
  v/b: v: float32[2] = Relu(a)
  y: float32[2] = Exp(v)
  output y
  output v
}
)"},
      {"outputs keep their names when the branch hands on what is there",
       R"(graph {
  input x: float32[2]
  const yes: bool[] = {true}
  a = Neg(x)
  v, w, u = If(yes) {then_branch = graph {
    capture a
    const k: float32[1] = {2.0}
    b = Relu(a)
    output a, k, b
  }, else_branch = graph {
    capture a
    const k: float32[1] = {3.0}
    output a, k, a
  }}
  y = Exp(u)
  output v, w, y
})",
       R"(graph {
  input x: float32[2]
  const w: float32[1] = {2.0}
  a: float32[2] = Neg(x)
  v/b: u: float32[2] = Relu(a)
  v: float32[2] = Identity(a)
  y: float32[2] = Exp(u)
  output v
  output w
  output y
}
)"},
      {"nested, with captures of captures, and names that clash",
       R"(graph {
  input x: float32[2]
  const no: bool[] = {false}
  a = Neg(x)
  v = If(no) {then_branch = graph {
    capture x
    output x
  }, else_branch = graph {
    capture outer = x
    capture no
    a = Abs(outer)
    w = If(no) {then_branch = graph {
      capture a
      output a
    }, else_branch = graph {
      capture inner = outer
      capture a
      s = Add(inner, a)
      output s
    }}
    output w
  }}
  y = Add(v, a)
  output y
})",
       R"(graph {
  input x: float32[2]
  a: float32[2] = Neg(x)
  v/a: "a'": float32[2] = Abs(x)
  v/w/s: v: float32[2] = Add(x, "a'")
  y: float32[2] = Add(v, a)
  output y
}
)"},
      {"an If that is decided by what folds before it",
       R"(graph {
  input x: float32[1,3]
  const at: int64[1] = {0}
  const one: int64[1] = {1}
  shape = Shape(x)
  size = Gather(shape, at)
  is_one = Equal(size, one)
  v = If(is_one) {then_branch = graph {
    capture x  capture at
    a = Squeeze(x, at)
    output a
  }, else_branch = graph {
    capture x
    b = Identity(x)
    output b
  }}
  output v
})",
       R"(graph {
  input x: float32[1,3]
  const at: int64[1] = {0}
  v/a: v: float32[3] = Squeeze(x, at)
  output v
}
)"},
      {"bodies fold with captured constants, and capture only what they still read",
       R"(graph {
  input x: float32[2,3]
  input n: int64[]
  const two: int64[1] = {2}
  const w: float32[3] = omitted
  four = Mul(two, two)
  z = Loop(n, _, x) {body = graph {
    input i: int64[], go: bool[], s: float32[2,3]
    capture four
    capture w
    capture two
    keep = Identity(go)
    wide = Expand(w, pair)
    pair = Concat(two, three) {axis = 0}
    const three: int64[1] = {3}
    t = Mul(s, wide)
    output keep, t
  }}
  output z
})",
       R"(graph {
  input x: float32[2,3]
  input n: int64[]
  const two: int64[1] = {2}
  const w: float32[3] = omitted
  z: float32[2,3] = Loop(n, _, x) {body = graph {
    input i: int64[]
    input go: bool[]
    input s: float32[2,3]
    capture w: float32[3]
    capture two: int64[1]
    const three: int64[1] = {3}
    const pair: int64[2] = {2, 3}
    const wide: float32[2,3] = derived
    keep: bool[] = Identity(go)
    t: float32[2,3] = Mul(s, wide)
    output keep
    output t
  }}
  output z
}
)"},
      {"unknown operators stay, even with constant inputs",
       R"(graph {
  const a: int64[1] = {1}
  y = my.domain::Op(a)
  output y
})",
       R"(graph {
  const a: int64[1] = {1}
  y = my.domain::Op(a)
  output y
}
)"},
  };
  for (const Row& row : rows) EXPECT_EQ(to_text(folded(row.before)), row.after) << row.what;
}

std::string names(const Graph& graph, std::span<const TensorId> ids) {
  std::string out;
  for (const TensorId id : ids) out += (out.empty() ? "" : " ") + graph[id].name;
  return out;
}

// Weights that an exporter quantised, transposed or concatenated: the ones they were made from can be
// counted.
TEST(FoldConstants, DerivedConstantsKnowTheirSources) {
  const Graph graph = folded(R"(graph {
    input x: float32[2,3]
    const w: int8[4,3] = omitted
    const scale: float32[] = {0.5}
    const zero: int8[] = {0}
    const shape: int64[2] = {4, 3}
    f = DequantizeLinear(w, scale, zero)
    r = Reshape(f, shape)
    t = Transpose(r) {perm = [1, 0]}
    y = MatMul(x, t)
    output y
  })");
  ASSERT_EQ(graph.nodes().size(), 1u);
  const auto data = [&](const char* name) { return graph[graph.find_tensor(name).value()].constant; };
  EXPECT_EQ(data("t")->encoding, Encoding::derived);
  EXPECT_EQ(names(graph, data("t")->sources), "r");
  EXPECT_EQ(data("t")->value_sources, 1u);
  // Values first; what only says how (shape, scale, zero point) after them.
  EXPECT_EQ(names(graph, data("r")->sources), "f shape");
  EXPECT_EQ(data("r")->value_sources, 1u);
  EXPECT_EQ(names(graph, data("f")->sources), "w scale zero");
  EXPECT_EQ(data("f")->value_sources, 1u);
  EXPECT_TRUE(data("w")->sources.empty());
}

// As ONNX Runtime does: a DequantizeLinear stays with whoever reads it.
TEST(FoldConstants, ComputingWithDequantizedConstantsRuns) {
  const Graph graph = folded(R"(graph {
    input x: float32[2,3]
    const table: int8[3,4] = omitted
    const scale: float32[] = {0.5}
    const zero: int8[] = {0}
    real = DequantizeLinear(table, scale, zero)
    turned = Transpose(real) {perm = [1, 0]}
    shares = Softmax(turned)
    quantised = QuantizeLinear(shares, scale, zero)
    size = Shape(shares)
    y = MatMul(x, real)
    output y
    output quantised
    output size
  })");
  std::string ops;
  for (const Node& node : graph.nodes()) ops += node.op + " ";
  EXPECT_EQ(ops, "Softmax QuantizeLinear MatMul ");
  EXPECT_NE(graph[graph.find_tensor("turned").value()].constant, nullptr);
}

TEST(FoldConstants, ProductsOfConstantsKnowTheirMacs) {
  const Graph graph = folded(R"(graph {
  input x: float32[4,8]
  const table: float32[4,16] = omitted
  const w: float32[16,8] = omitted
  projected = MatMul(table, w)
  t = Tanh(projected)
  y = Add(x, t)
  output y
})");
  const auto constant = [&](std::string_view name) {
    return graph[graph.find_tensor(name).value()].constant;
  };
  EXPECT_EQ(constant("projected")->macs.value, 4 * 16 * 8);
  EXPECT_EQ(constant("t")->macs.value, 0);
}

}  // namespace
}  // namespace foretime::passes
