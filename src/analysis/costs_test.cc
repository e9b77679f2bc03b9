#include "analysis/costs.h"

#include <gtest/gtest.h>

#include "base/checked.h"
#include "graph/graph_builder.h"
#include "graph/graph_text.h"

namespace foretime::analysis {
namespace {

std::string text_of(const std::optional<Bytes>& bytes) {
  return bytes ? std::to_string(bytes->value) : "-";
}

/// A line per layer: its name, MACs/FLOPs, parameters/bytes of weights, bytes read/written; "-": not known.
std::string table(const Costs& costs) {
  std::string out;
  for (const Layer& layer : costs.layers) {
    const std::string work =
        layer.work ? std::to_string(layer.work->macs.value) + "/" + std::to_string(layer.work->flops.value)
                   : "-";
    out += layer.name + " " + work + " " + std::to_string(layer.parameters) + "/" +
           std::to_string(layer.weight_bytes.value) + " " + text_of(layer.read_bytes) + "/" +
           text_of(layer.write_bytes) + "\n";
  }
  return out;
}

std::string codes(const Diagnostics& diagnostics) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) {
    out += (out.empty() ? "" : " ") + diagnostic.code + "@" + diagnostic.where;
  }
  return out;
}

struct Row {
  std::string what;
  std::string graph;
  std::string layers;
  std::string diagnostics = {};
};

void check(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    Diagnostics diagnostics;
    const Graph graph = parse_text("graph {" + row.graph + "}", row.what);
    EXPECT_EQ(table(costs(graph, diagnostics)), row.layers) << row.what;
    EXPECT_EQ(codes(diagnostics), row.diagnostics) << row.what;
  }
}

TEST(Costs, Parameters) {
  check({
      {"weight and bias",
       R"(input x: float32[1,3,4,4]  const w: float32[2,3,3,3] = omitted  const b: float32[2] = omitted
          y: float32[1,2,2,2] = Conv(x, w, b)  output y)",
       "y 216/440 56/224 192/32\n"},
      {"a bias of one element was learnt, too",
       R"(input x: float32[1,3]  const w: float32[3,1] = omitted  const b: float32[1] = omitted
          y: float32[1,1] = Gemm(x, w, b)  output y)",
       "y 3/7 4/16 12/4\n"},
      {"a constant used twice counts once, at its first layer",
       R"(input x: float32[2,2]  const w: float32[2,2] = omitted
          a: float32[2,2] = MatMul(x, w)  y: float32[2,2] = MatMul(a, w)  output y)",
       "a 8/16 4/16 16/16\ny 8/16 0/0 16/16\n"},
      {"of several elements in Add, Mul, Concat, but not elsewhere, and no scalars",
       R"(input x: float32[1,4]  const c: float32[4] = omitted  const d: float32[1,4] = omitted
          const e: float32[1,4] = omitted  const s: float32[] = {2.0}  const f: float32[4] = omitted
          a: float32[1,4] = Add(x, c)  b: float32[1,4] = Mul(d, a)  k: float32[2,4] = Concat(b, e) {axis = 0}
          t: float32[2,4] = Mul(k, s)  u: float32[2,4] = Sub(t, f)  y: float32[2,4] = Div(u, f)  output y)",
       "a 0/4 4/16 16/16\nb 0/4 4/16 16/16\nk 0/0 4/16 16/32\nt 0/8 0/4 32/32\nu 0/8 0/16 32/32\n"
       "y 0/8 0/0 32/32\n"},
      {"not learnt where it is used first, but learnt where it is used later",
       R"(input x: float32[4]  const c: float32[4] = omitted
          a: float32[4] = Sub(x, c)  y: float32[4] = Add(a, c)  output y)",
       "a 0/4 0/16 16/16\ny 0/4 4/0 16/16\n"},
      {"running statistics are stored, not learnt",
       R"(input x: float32[1,3,2]  const s: float32[3] = omitted  const b: float32[3] = omitted
          const m: float32[3] = omitted  const v: float32[3] = omitted
          y: float32[1,3,2] = BatchNormalization(x, s, b, m, v)  output y)",
       "y 0/24 6/48 24/24\n"},
      {"a table of embeddings; tables of integers were not learnt",
       R"(input i: int64[2]  const t: float32[10,4] = omitted  const n: int64[10,4] = omitted
          const q: int8[10,4] = omitted
          a: float32[2,4] = Gather(t, i)  b: int64[2,4] = Gather(n, i)  c: int8[2,4] = Gather(q, i)  output a, b, c)",
       "a 0/0 40/160 16/32\nb 0/0 0/320 16/64\nc 0/0 40/40 16/8\n"},
      {"integers that meet an activation are not learnt, masks neither",
       R"(input i: int64[2]  const n: int64[2] = {1, 2}  const m: bool[2] = {true, false}
          const k: int32[2] = {1, 2}  j: int32[2] = Cast(i) {to = 6}
          a: int64[2] = Add(i, n)  y: bool[4] = Concat(m, m)  b: int32[2] = Add(j, k)  output a, y, b)",
       "j 0/0 0/0 16/8\na 0/2 0/16 16/16\ny 0/0 0/2 0/4\nb 0/2 0/8 8/8\n"},
      {"quantised weights and their bias count, their scales and zero points do not",
       R"(input x: uint8[1,2,3,3]  const s: float32[] = {0.5}  const z: uint8[] = {3}
          const w: int8[4,2,3,3] = omitted  const ws: float32[4] = omitted  const wz: int8[4] = omitted
          const b: int32[4] = omitted
          y: uint8[1,4,1,1] = QLinearConv(x, s, z, w, ws, wz, s, z, b)  output y)",
       "y 72/156 76/113 18/4\n"},
      {"bits: four to the half byte",
       R"(input x: float32[1,8]  const w: int4[8,3] = omitted
          y: float32[1,3] = MatMul(x, w)  output y)",
       "y 24/48 24/12 32/12\n"},
  });
}

/// An empty derived constant: `sources` of it hold values, `rules` only say how.
TensorId derive(GraphBuilder& builder, const char* name, Shape shape, std::vector<TensorId> values,
                const std::vector<TensorId>& rules = {}) {
  ConstantData data;
  data.encoding = Encoding::derived;
  data.value_sources = values.size();
  data.sources = std::move(values);
  data.sources.insert(data.sources.end(), rules.begin(), rules.end());
  return builder.add_constant(name, {DataType::float32, std::move(shape)}, std::move(data));
}

TensorId multiply(GraphBuilder& builder, const char* name, TensorId a, TensorId b) {
  Node node;
  node.op = "MatMul";
  node.inputs = {a, b};
  node.outputs = {builder.tensor(name)};
  builder.set_type(node.outputs[0], {DataType::float32, Shape{2, 4}});
  const TensorId out = node.outputs[0];
  builder.add_node(std::move(node));
  return out;
}

// Dequantised and transposed weights count as what the file holds; a second use of the same values adds
// nothing.
TEST(Costs, DerivedConstantsCountAsTheirSources) {
  GraphBuilder builder("test");
  const TensorId x = builder.add_input("x", {DataType::float32, Shape{2, 4}});
  const TensorId w = builder.add_constant("w", {DataType::int8, Shape{4, 4}}, ConstantData{});
  const TensorId scale = builder.add_constant("scale", {DataType::float32, Shape{4}}, ConstantData{});
  const TensorId real = derive(builder, "real", {4, 4}, {w}, {scale});
  const TensorId turned = derive(builder, "turned", {4, 4}, {real});
  const TensorId y = multiply(builder, "y", x, turned);
  builder.add_output(multiply(builder, "z", y, real));
  Diagnostics diagnostics;
  const Graph graph = std::move(builder).build();
  EXPECT_EQ(table(costs(graph, diagnostics)), "y 32/64 16/32 32/32\nz 32/64 0/0 32/32\n");
}

// Two halves concatenated: both count. Chains of any length are walked.
TEST(Costs, LongChainsOfDerivedConstants) {
  GraphBuilder builder("test");
  const TensorId x = builder.add_input("x", {DataType::float32, Shape{2, 4}});
  const TensorId left = builder.add_constant("left", {DataType::float32, Shape{4, 2}}, ConstantData{});
  const TensorId right = builder.add_constant("right", {DataType::float32, Shape{4, 2}}, ConstantData{});
  TensorId w = derive(builder, "w", {4, 4}, {left, right});
  for (int i = 0; i < 100'000; ++i) w = derive(builder, ("w" + std::to_string(i)).c_str(), {4, 4}, {w});
  builder.add_output(multiply(builder, "y", x, w));
  Diagnostics diagnostics;
  const Graph graph = std::move(builder).build();
  EXPECT_EQ(table(costs(graph, diagnostics)), "y 32/64 16/64 32/32\n");
}

TEST(Costs, ProductsOfConstantsAreToldApart) {
  ConstantData product;
  product.encoding = Encoding::derived;
  product.macs = {40};
  GraphBuilder builder("test");
  const TensorId x = builder.add_input("x", {DataType::float32, Shape{2, 4}});
  const TensorId w = builder.add_constant("w", {DataType::float32, Shape{4, 4}}, std::move(product));
  builder.add_output(multiply(builder, "z", multiply(builder, "y", x, w), w));
  Diagnostics diagnostics;
  const Graph graph = std::move(builder).build();
  const Totals totals = costs(graph, diagnostics).totals;
  EXPECT_EQ(totals.folded_macs.value, 40);  // once, though two layers read it
  EXPECT_EQ(totals.macs.value, 64);
}

TEST(Costs, Traffic) {
  check({
      {"an input read twice is read once; constants are no activations",
       R"(input x: float32[4]  const c: float32[4] = omitted
          a: float32[4] = Add(x, x)  y: float32[4] = Add(a, c)  output y)",
       "a 0/4 0/0 16/16\ny 0/4 4/16 16/16\n"},
      {"views and questions about shapes move nothing",
       R"(input x: float32[2,3]  const s: int64[1] = {-1}
          a: float32[6] = Reshape(x, s)  b: float32[6] = Identity(a)  n: int64[1] = Shape(b)  output b, n)",
       "a 0/0 0/8 0/0\nb 0/0 0/0 0/0\nn 0/0 0/0 0/0\n"},
      {"what is picked is read, not where it is picked from",
       R"(input x: float32[100,4]  input i: int64[2]  const a: int64[1] = {0}  const b: int64[1] = {3}
          g: float32[2,4] = Gather(x, i)  s: float32[3,4] = Slice(x, a, b)  output g, s)",
       "g 0/0 0/0 48/32\ns 0/0 0/16 48/48\n"},
      {"several outputs", R"(input x: float32[6]  a: float32[2], b: float32[4] = Split(x)  output a, b)",
       "a 0/0 0/0 24/24\n"},
      {"nothing unknown is zero",
       R"(opset "my.domain" 1  input x: float32[4]
          a: float32[4] = my.domain::Op(x)  b = my.domain::Op(a)  y: float32[h] = Relu(b)  output y)",
       "a - 0/0 16/16\nb - 0/0 -/-\ny - 0/0 -/-\n"},
      {"names count at their bound, empty tensors nothing",
       R"(input x: float32[batch(1..8),4]  input e: float32[0,4]
          y: float32[batch(1..8),4] = Relu(x)  z: float32[0,4] = Relu(e)  output y, z)",
       "y 0/32 0/0 128/128\nz 0/0 0/0 0/0\n"},
  });
}

TEST(Costs, Bodies) {
  const std::string branches = R"(
    v: float32[2] = If(c) {then_branch = graph { capture x: float32[2]  a: float32[2] = Relu(x)  output a },
                           else_branch = graph { capture x: float32[2]  b: float32[2] = Sigmoid(x)  output b }})";
  check({
      {"the dearer branch of an If", "input x: float32[2]  input c: bool[]" + branches + " output v",
       "v 0/0 0/0 0/0\nv/b 0/8 0/0 8/8\n", "branch-assumed@v"},
      {"a product outweighs other work",
       R"(input x: float32[1,1]  input c: bool[]
    v: float32[1,1] = If(c) {
      then_branch = graph { capture x: float32[1,1]  a: float32[1,1] = MatMul(x, x)  output a },
      else_branch = graph { capture x: float32[1,1]  b: float32[1,1] = Sigmoid(x)  output b }} output v)",
       "v 0/0 0/0 0/0\nv/a 1/2 0/0 4/4\n", "branch-assumed@v"},
      {"a Loop's trips, its weights once, and a loop in it whose trip count comes from outside",
       R"(input x: float32[2,2]  const three: int64[] = {3}  const w: float32[2,2] = omitted
    l: float32[2,2] = Loop(three, _, x) {body = graph {
      input i: int64[], go: bool[], s: float32[2,2]
      capture w: float32[2,2]
      capture three: int64[]
      keep: bool[] = Identity(go)
      t: float32[2,2] = MatMul(s, w)
      u: float32[2,2] = Loop(three, _, t) {body = graph {
        input j: int64[], on: bool[], r: float32[2,2]
        stay: bool[] = Identity(on)
        q: float32[2,2] = Relu(r)
        output stay, q
      }}
      output keep, u
    }}
    output l)",
       "l 0/0 0/8 0/0\nl/keep 0/0 0/0 0/0\nl/t 24/48 4/16 48/48\nl/u 0/0 0/0 0/0\nl/u/stay 0/0 0/0 0/0\n"
       "l/u/q 0/36 0/0 144/144\n",
       "iterations-known@l iterations-known@u"},
      {"a Loop without a known trip count",
       R"(input x: float32[2]  input n: int64[]
    l: float32[2] = Loop(n, _, x) {body = graph {
      input i: int64[], go: bool[], s: float32[2]
      keep: bool[] = Identity(go)  t: float32[2] = Relu(s)  output keep, t }}
    output l)",
       "l 0/0 0/0 0/0\nl/keep 0/0 0/0 0/0\nl/t 0/2 0/0 8/8\n", "iterations-assumed@l"},
      {"a Scan walks its axis",
       R"(input x: float32[5,2]
    y: float32[5,2] = Scan(x) {num_scan_inputs = 1, body = graph {
      input row: float32[2]  t: float32[2] = Relu(row)  output t }}
    output y)",
       "y 0/0 0/0 0/0\ny/t 0/10 0/0 40/40\n", "iterations-known@y"},
      {"the members of a sequence are not counted",
       R"(input s: seq(float32[2])
    y: seq(float32[2]) = SequenceMap(s) {body = graph { input e: float32[2]  t: float32[2] = Relu(e)  output t }}
    output y)",
       "y 0/0 0/0 0/0\ny/t 0/2 0/0 8/8\n", "iterations-assumed@y"},
  });
}

TEST(Costs, TotalsAndIntensity) {
  Diagnostics diagnostics;
  const Graph graph = parse_text(R"(graph { opset "my.domain" 1
    input x: float32[1,3,4,4]  const w: float32[2,3,3,3] = omitted  const b: float32[2] = omitted
    y: float32[1,2,2,2] = Conv(x, w, b)
    z: float32[8] = Flatten(y)
    u: float32[8] = my.domain::Op(z)
    output u })",
                                 "test");
  const Costs found = costs(graph, diagnostics);
  EXPECT_EQ(found.totals.layers, 3);
  EXPECT_EQ(found.totals.macs.value, 216);
  EXPECT_EQ(found.totals.flops.value, 440);
  EXPECT_EQ(found.totals.parameters, 56);
  EXPECT_EQ(found.totals.weight_bytes.value, 224);
  EXPECT_EQ(found.totals.activation_read_bytes.value, 192 + 32);
  EXPECT_EQ(found.totals.activation_write_bytes.value, 32 + 32);
  EXPECT_EQ(found.totals.activation_sum_bytes.value, 3 * 32);
  EXPECT_EQ(found.totals.layers_without_cost, 1);
  EXPECT_DOUBLE_EQ(found.layers[0].intensity().value(), 440.0 / (192 + 32 + 224));
  EXPECT_EQ(found.layers[1].intensity(), std::nullopt);  // moves nothing
  EXPECT_EQ(found.layers[2].intensity(), std::nullopt);
}

TEST(Costs, AbsurdSizesSaturate) {
  Diagnostics diagnostics;
  const Graph graph = parse_text(R"(graph {
    input a: float32[4000000000,4000000000]  input b: float32[4000000000,4000000000]
    y: float32[4000000000,4000000000] = MatMul(a, b)
    z: float32[4000000000,4000000000] = MatMul(y, b)
    output z })",
                                 "test");
  const Costs found = costs(graph, diagnostics);
  EXPECT_EQ(found.totals.macs.value, kSaturated);
  EXPECT_EQ(found.totals.flops.value, kSaturated);
  EXPECT_GE(found.totals.activation_read_bytes.value, 0);
}

}  // namespace
}  // namespace foretime::analysis
