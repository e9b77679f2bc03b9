#include "passes/quantize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/error.h"
#include "graph/graph_text.h"
#include "ops/infer.h"
#include "passes/annotate_types.h"
#include "passes/fold_normalization.h"
#include "passes/guess_ranges.h"
#include "passes/join_bias.h"
#include "passes/spell_out.h"

namespace foretime::passes {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pointwise;

Graph typed(const std::string& body) {
  const Graph graph = parse_text("graph { " + body + " }", "test");
  Diagnostics diagnostics;
  return annotate_types(graph, ops::infer(graph, {}, diagnostics));
}

/// "Conv(x,w) Relu(y)": operators with the tensors they read, in order.
std::string shown(const Graph& graph) {
  std::string text;
  for (const Node& node : graph.nodes()) {
    text += (text.empty() ? "" : " ") + node.op + "(";
    for (const TensorId id : node.inputs) text += (text.back() == '(' ? "" : ",") + graph[id].name;
    text += ")";
  }
  return text;
}

std::vector<double> reals_of(const Graph& graph, const std::string& name) {
  const Tensor& tensor = graph[graph.find_tensor(name).value()];
  return reals(*tensor.constant, tensor.type, 100).value();
}
std::vector<std::int64_t> integers_of(const Graph& graph, const std::string& name) {
  const Tensor& tensor = graph[graph.find_tensor(name).value()];
  return integers(*tensor.constant, tensor.type, 100).value();
}

/// Operators of the quantised network in order; conversions are written < (Quantize) and > (Dequantize).
std::string operators(const std::string& body) {
  std::string text;
  const Graph graph = quantize(typed(body));
  for (const Node& node : graph.nodes()) {
    const bool conversion = node.op.ends_with("quantizeLinear") || node.op == "QuantizeLinear";
    text += (text.empty() ? "" : " ");
    text += !conversion ? node.op : node.op == "QuantizeLinear" ? "<" : ">";
  }
  return text;
}

TEST(Quantize, PutsConversionsWhereThereAreIntegerKernels) {
  struct Row {
    std::string what;
    std::string graph;
    std::string operators;
  };
  const std::vector<Row> rows = {
      {"weights and bias are integers, the cut is what saturation does",
       R"(input x: float32[1,3,8,8] const w: float32[4,3,3,3] = omitted const b: float32[4] = omitted
          c = Conv(x, w, b) y = Relu(c) output y)",
       "< > > > Conv < >"},
      {"a sum of two; what reads a tensor twice shares its conversions",
       "input x: float32[1,4] a = Add(x, x) y = Add(a, x) output y", "< > Add < > Add < >"},
      {"what moves goes along, what has no integer kernel stays in floats",
       R"(input x: float32[1,4] const s: int64[2] = {4, 1}
          a = Add(x, x) b = Reshape(a, s) c = Erf(b) y = Neg(c) output y)",
       "< > Add < > Reshape < > Erf Neg"},
      {"what moves does not begin it", "input x: float32[1,4] a = Transpose(x) b = Sigmoid(a) output b",
       "Transpose < > Sigmoid < >"},
      {"a constant that meets an activation",
       "input x: float32[1,2] const c: float32[2] = {0.5, -1.0} y = Mul(x, c) output y", "< > > Mul < >"},
      {"a cut of what others read, too, stays",
       "input x: float32[1,4] a = Add(x, x) b = Relu(a) c = Add(a, b) output c",
       "< > Add < > Relu < > Add < >"},
      {"only normalisation's activations are integers",
       R"(input x: float32[1,4] const s: float32[4] = omitted const b: float32[4] = omitted
          y = LayerNormalization(x, s, b) output y)",
       "< > LayerNormalization < >"},
      {"indices stay what they are",
       R"(input i: int64[3] const t: float32[5,2] = omitted e = Gather(t, i) y = Sigmoid(e) output y)",
       "> Gather < > Sigmoid < >"},
  };
  for (const Row& row : rows) EXPECT_EQ(operators(row.graph), row.operators) << row.what;
}

TEST(Quantize, RoundsWeightsByChannelAndBiasesInStepsOfSums) {
  const Graph graph = quantize(typed(R"(input x: float32[1,2] const w: float32[2,2] = {1.0, -0.5, 0.25, -2.0}
      const b: float32[2] = {1.0, -1.0} y = Gemm(x, w, b) {transB = 1} output y)"));
  EXPECT_THAT(integers_of(graph, "w_quantized"), ElementsAre(127, -64, 16, -127));
  const std::vector<double> scales = reals_of(graph, "w_scale");
  EXPECT_THAT(scales, Pointwise(DoubleNear(1e-6), {1.0 / 127, 2.0 / 127}));
  const double step = reals_of(graph, "x_scale")[0];
  const std::vector<std::int64_t> bias = integers_of(graph, "y/b_quantized");
  EXPECT_NEAR(static_cast<double>(bias[0]) * scales[0] * step, 1, scales[0] * step);
  EXPECT_NEAR(static_cast<double>(bias[1]) * scales[1] * step, -1, scales[1] * step);
  EXPECT_EQ(integers_of(graph, "x_zero_point"), std::vector<std::int64_t>{128});
  EXPECT_EQ(graph[graph.outputs()[0]].name, "y");
}

TEST(Quantize, MakesNoValuesWhereThereWereNone) {
  const Graph graph = quantize(
      typed("input x: float32[1,3,4,4] const w: float32[2,3,1,1] = omitted y = Conv(x, w) output y"));
  const Tensor& weight = graph[*graph.find_tensor("w_quantized")];
  EXPECT_EQ(weight.constant->encoding, Encoding::omitted);
  EXPECT_EQ(weight.type.dtype, DataType::int8);
  EXPECT_THAT(reals_of(graph, "w_scale"), Pointwise(DoubleNear(1e-6), {1.0 / 127, 1.0 / 127}));
}

TEST(Quantize, RefusesWhatItCannotQuantise) {
  const auto message = [](const std::string& body) -> std::string {
    try {
      quantize(typed(body));
      return "quantised";
    } catch (const Error& error) {
      return error.what();
    }
  };
  EXPECT_THAT(message("input x: float32[2] y = Erf(x) output y"), HasSubstr("has nothing to quantise"));
  EXPECT_THAT(message("input x: int64[2] y = Add(x, x) output y"), HasSubstr("has nothing to quantise"));
  EXPECT_THAT(message(R"(input x: float32[2] const s: float32[] = {1.0} q = QuantizeLinear(x, s)
                         y = DequantizeLinear(q, s) output y)"),
              HasSubstr("is quantised already"));
}

TEST(FoldNormalization, ScalesWeightsAndMovesBiases) {
  const std::string norm = R"(const s: float32[2] = {2.0, 1.0} const m: float32[2] = {3.0, 0.0}
      const e: float32[2] = {1.0, -1.0} const v: float32[2] = {4.0, 1.0} c = Conv(x, w, b)
      y = BatchNormalization(c, s, e, m, v) {epsilon = 0.0} output y)";
  const Graph graph = fold_normalization(typed(R"(input x: float32[1,1,2,2]
      const w: float32[2,1,1,1] = {3.0, 5.0} const b: float32[2] = {1.0, 2.0} )" +
                                               norm));
  ASSERT_EQ(graph.nodes().size(), 1U);
  const Node& conv = graph.nodes()[0];
  EXPECT_THAT(reals_of(graph, graph[conv.inputs[1]].name), ElementsAre(3.0, 5.0));  // 3 · 2/√4, 5 · 1/√1
  EXPECT_THAT(reals_of(graph, graph[conv.inputs[2]].name), ElementsAre(-1.0, 1.0));  // (1 − 3) · 1 + 1, 2 − 1
  EXPECT_EQ(graph[conv.outputs[0]].name, "y");

  const Graph unknown = fold_normalization(typed(R"(input x: float32[1,1,2,2]
      const w: float32[2,1,1,1] = omitted const b: float32[2] = {1.0, 2.0} )" +
                                                 norm));
  ASSERT_EQ(unknown.nodes().size(), 1U);
  EXPECT_EQ(unknown[unknown.nodes()[0].inputs[1]].constant->encoding, Encoding::omitted);
}

TEST(FoldNormalization, LeavesWhatOthersRead) {
  const Graph graph = fold_normalization(typed(R"(input x: float32[1,1,2,2]
      const w: float32[1,1,1,1] = omitted const s: float32[1] = omitted
      c = Conv(x, w) y = BatchNormalization(c, s, s, s, s) z = Relu(c) output y, z)"));
  EXPECT_EQ(shown(graph), "Conv(x,w) BatchNormalization(c,s,s,s,s) Relu(c)");
}

TEST(JoinBias, MakesOneGemmOfProductAndSum) {
  EXPECT_EQ(shown(join_bias(typed(R"(input x: float32[2,3] const w: float32[3,4] = omitted
      const b: float32[4] = omitted m = MatMul(x, w) y = Add(b, m) output y)"))),
            "Gemm(x,w,b)");
  const Graph rows = join_bias(typed(R"(input x: float32[2,5,3] const w: float32[3,4] = omitted
      const b: float32[4] = omitted m = MatMul(x, w) y = Add(m, b) output y)"));
  EXPECT_EQ(shown(rows), "Reshape(x,m/rows/shape) Gemm(m/rows,w,b) Reshape(m/sum,m/restored/shape)");
  EXPECT_EQ(integers_of(rows, "m/rows/shape"), (std::vector<std::int64_t>{10, 3}));
  EXPECT_EQ(integers_of(rows, "m/restored/shape"), (std::vector<std::int64_t>{2, 5, 4}));
  EXPECT_EQ(to_string(rows[rows.outputs()[0]].type), "float32[2,5,4]");
  EXPECT_EQ(shown(join_bias(typed(R"(input x: float32[2,3] const w: float32[3,4] = omitted
      const b: float32[2,4] = omitted m = MatMul(x, w) y = Add(m, b) output y)"))),
            "MatMul(x,w) Add(m,b)");
}

TEST(SpellOut, DropsWhatDoesNothing) {
  EXPECT_EQ(shown(spell_out(typed(
                "input x: float32[2] a = Identity(x) b = Relu(a) c = Dropout(b) y = HardSwish(c) output y"))),
            "Relu(x) HardSigmoid(b) Mul(b,y/gate)");
  EXPECT_EQ(shown(spell_out(typed("input x: float32[2] y = Identity(x) output y"))), "Identity(x)");
}

TEST(GuessRanges, CarriesSizesFromOperatorToOperator) {
  const Graph graph = typed(R"(input x: float32[1,4] const two: float32[] = {2.0} const six: float32[] = {6.0}
      const zero: float32[] = {0.0} a = Mul(x, two) b = Relu(a) c = Clip(a, zero, six) d = Sigmoid(a)
      e = Add(x, a) output b, c, d, e)");
  const std::vector<Range> ranges = guess_ranges(graph);
  const auto range = [&](const std::string& name) { return ranges[index(*graph.find_tensor(name))]; };
  EXPECT_EQ(range("two").high, 2);
  EXPECT_EQ(range("two").low, 0);
  EXPECT_NEAR(range("a").high, 2 * range("x").high, 1e-9);
  EXPECT_EQ(range("b").low, 0);
  EXPECT_GT(range("b").high, 0);
  EXPECT_EQ(range("c").high, 6);
  EXPECT_EQ(range("d").low, 0);
  EXPECT_EQ(range("d").high, 1);
  EXPECT_NEAR(range("e").high, std::sqrt(5) * range("x").high, 1e-9);
}

}  // namespace
}  // namespace foretime::passes
