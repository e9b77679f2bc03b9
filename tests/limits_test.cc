// What a network may be: long, deep, huge. Each of these must end in the right numbers, in linear time, and
// without memory for elements that a small file merely mentions.

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <string>

#include "analysis/costs.h"
#include "analysis/memory.h"
#include "base/checked.h"
#include "graph/graph_text.h"
#include "passes/fold_constants.h"

namespace foretime {
namespace {

struct Result {
  Graph graph;
  analysis::Costs costs;
  analysis::Peak peak;
};

Result analysed(const std::string& text) {
  Diagnostics diagnostics;
  const Graph graph = parse_text(text, "test");
  Result result;
  result.graph = passes::fold_constants(graph, ops::infer(graph, {}, diagnostics));
  result.costs = analysis::costs(result.graph, diagnostics);
  result.peak = analysis::peak_memory(result.graph);
  return result;
}

TEST(Limits, AHundredThousandChainedNodes) {
  constexpr int kNodes = 100'000;
  std::string text = "graph { input x: float32[4]  const c: float32[4] = omitted  n0 = Relu(x)\n";
  for (int i = 1; i < kNodes; ++i) {
    text += "n" + std::to_string(i) + " = " + (i % 2 == 0 ? "Relu" : "Identity") + "(n" +
            std::to_string(i - 1) + ")\n";
  }
  const Result result = analysed(text + "y = Add(n" + std::to_string(kNodes - 1) + ", c) output y }");
  EXPECT_EQ(result.costs.totals.layers, kNodes + 1);
  EXPECT_EQ(result.costs.totals.flops.value, 4 * (kNodes / 2 + 1));
  EXPECT_EQ(result.costs.totals.parameters, 4);
  EXPECT_EQ(result.peak.bytes.value, 32);
}

TEST(Limits, AHundredThousandNodesThatFold) {
  constexpr int kNodes = 100'000;
  std::string text =
      "graph { input x: float32[4]  const one: int64[1] = {1}  const w: float32[4,4] = omitted\n";
  text += "s0 = Shape(x)  w0 = Transpose(w)\n";
  for (int i = 1; i < kNodes / 2; ++i) {
    const std::string last = std::to_string(i - 1);
    text += "s" + std::to_string(i) + " = Add(s" + last + ", one)  w" + std::to_string(i) + " = Transpose(w" +
            last + ")\n";
  }
  const std::string last = std::to_string(kNodes / 2 - 1);
  const Result result = analysed(text + "y = MatMul(x, w" + last + ")  z = Op(s" + last + ")  output y, z }");
  EXPECT_EQ(result.costs.totals.layers, 2);
  EXPECT_EQ(result.costs.totals.macs.value, 16);
  EXPECT_EQ(result.costs.totals.parameters, 16);
  const Tensor& sizes = result.graph[result.graph.find_tensor("s" + last).value()];
  EXPECT_EQ(integers(*sizes.constant, sizes.type, 1).value(), std::vector<std::int64_t>{4 + kNodes / 2 - 1});
}

// A hundred thousand readers of one tensor, and one reader of as many.
TEST(Limits, ManyReadersAndManyInputs) {
  constexpr int kNodes = 100'000;
  std::string text = "graph { input x: float32[4]\n";
  std::string all;
  for (int i = 0; i < kNodes; ++i) {
    const std::string name = "n" + std::to_string(i);
    text += name + " = Relu(x)\n";
    all += (i == 0 ? "" : ", ") + name;
  }
  const Result result = analysed(text + "y = Sum(" + all + ") output y }");
  EXPECT_EQ(result.costs.totals.flops.value, 4 * (kNodes + kNodes - 1));
  EXPECT_EQ(result.peak.bytes.value, 16 * (kNodes + 1));  // x is dead by then
}

/// `depth` loops in each other; the innermost body does `work` on s.
std::string nested(int depth, const std::string& work) {
  if (depth == 0) return work;
  return "t = Loop(two, _, s) {body = graph { input i: int64[], go: bool[], s  capture two: int64[]  "
         "keep = Identity(go)  " +
         nested(depth - 1, work) + "  output keep, t }}";
}

TEST(Limits, BodiesTwelveDeep) {
  const std::string head = "graph { input s: float32[4]  const two: int64[] = {2}  ";
  const Result same = analysed(head + nested(12, "t = Relu(s)") + " output t }");
  EXPECT_EQ(same.costs.totals.layers, 12 + 12 + 1);
  EXPECT_EQ(same.costs.totals.flops.value, 4 << 12);
  // A state that grows makes every level be looked at again.
  const Result grown = analysed(head + nested(12, "t = Concat(s, s) {axis = 0}") + " output t }");
  EXPECT_EQ(grown.costs.totals.layers, 25);
  EXPECT_FALSE(grown.peak.complete);
}

TEST(Limits, BranchesTwelveDeep) {
  std::string inner = "t = Sigmoid(s)";
  for (int i = 0; i < 12; ++i) {
    inner = "t = If(c) {then_branch = graph { capture s  capture c  " + inner +
            "  output t }, else_branch = graph { capture s  t = Relu(s)  output t }}";
  }
  const Result result = analysed("graph { input s: float32[4]  input c: bool[]  " + inner + " output t }");
  EXPECT_EQ(result.costs.totals.layers, 13);
  EXPECT_EQ(result.costs.totals.flops.value, 16);
}

TEST(Limits, HugeShapesSaturate) {
  const Result result = analysed(R"(graph {
    input a: float32[4000000000,4000000000], b: float32[4000000000,4000000000]
    p = MatMul(a, b)
    const shape: int64[1] = {-1}
    f = Reshape(p, shape)
    y = Concat(f, f) {axis = 0}
    z = Flatten(p)
    output y, z })");
  EXPECT_EQ(result.costs.totals.macs.value, kSaturated);
  EXPECT_GE(result.costs.totals.activation_sum_bytes.value, 0);
  EXPECT_GE(result.peak.bytes.value, 0);
}

std::int64_t most_bytes_so_far() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

// Tensors of 10¹² elements, constant and not, out of a kilobyte of text.
TEST(Limits, HostileSizesTakeNoMemory) {
  const std::string text = R"(graph {
    input x: float32[1]
    const big: int64[2] = {1000000, 1000000}
    const trillion: int64[] = {1000000000000}
    const zero: int64[] = {0}
    const one: int64[] = {1}
    const half: float32[1,1] = {0.5}
    c = ConstantOfShape(big) {value = int64[1] {7}}
    e = Expand(half, big)
    t = Tile(half, big)
    r = Range(zero, trillion, one)
    g = Transpose(c)
    h = Add(c, g)
    i = Concat(h, c) {axis = 1}
    j = Cast(i) {to = 1}
    k = Gather(r, zero)
    l = Slice(r, from, to)
    const from: int64[1] = {5}
    const to: int64[1] = {999999999999}
    m = NonZero(c)
    n = OneHot(l, trillion, values)
    const values: float32[2] = {0.0, 1.0}
    xe = Expand(x, big)
    xt = Tile(xe, big)
    s = Add(xe, e)
    u = Add(xe, t)
    v = Pad(x, pads)
    const pads: int64[2] = {0, 1000000000000}
    output s, u, j, k, l, m, n, xt, v })";
  const std::int64_t before = most_bytes_so_far();
  const Result result = analysed(text);
  EXPECT_LT(most_bytes_so_far() - before, 16 << 20);
  EXPECT_EQ(to_string(result.graph[result.graph.find_tensor("s").value()].type), "float32[1000000,1000000]");
  EXPECT_EQ(to_string(result.graph[result.graph.find_tensor("l").value()].type), "int64[999999999994]");
  EXPECT_GE(result.costs.totals.activation_write_bytes.value, std::int64_t{8'000'000'000'000});
}

}  // namespace
}  // namespace foretime
