// Rules that the published figures do not reach: batches, groups, other ranks and types, and files that know
// no modules. Expected numbers are worked out by hand from the rules in docs/dnn-analyzer.md.

#include "analysis/dnn_analyzer.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "graph/graph_text.h"

namespace foretime::analysis {
namespace {

/// "name class P macs read written storage inference".
std::string text_of(const AnalyzerRow& row) {
  const std::string head = row.call.name + " " + row.call.type;
  if (!row.counts) return head + " ?";
  const AnalyzerCounts& counts = *row.counts;
  std::ostringstream text;
  text << head << ' ' << counts.parameters << ' ' << counts.macs << ' ' << counts.mem_read.value << ' '
       << counts.mem_write.value << ' ' << counts.storage.value << ' ' << counts.inference.value;
  return text.str();
}

struct Counted {
  std::vector<std::string> rows;
  AnalyzerCounts totals;
  std::vector<std::string> notes;  // "code: message"
};

Counted count(const std::string& body) {
  const Graph graph = parse_text("graph g { opset \"\" 20 " + body + " }", "test");
  Diagnostics diagnostics;
  const AnalyzerTable table = dnn_analyzer(graph, diagnostics);
  Counted counted{{}, table.totals, {}};
  for (const AnalyzerRow& row : table.rows) counted.rows.push_back(text_of(row));
  for (const Diagnostic& note : diagnostics) counted.notes.push_back(note.code + ": " + note.message);
  return counted;
}

/// The one call of a module of this class.
std::string row_of(const std::string& tensors, const std::string& out, const std::string& node,
                   const std::string& type) {
  const Counted counted =
      count("metadata zoo m " + tensors + " y: " + out + " = " + node + " from " + type + " in m output y");
  EXPECT_EQ(counted.rows.size(), 1U);
  return counted.rows.empty() ? "" : counted.rows[0];
}

struct Case {
  std::string tensors;
  std::string out;
  std::string node;
  std::string type;
  std::string expected;
};

TEST(DnnAnalyzer, CountsByClass) {
  const std::string image = "input x: float32[2,8,5,5] ";
  const std::string weights = image + "const w: float32[6,4,3,3] = omitted const b: float32[6] = omitted ";
  const std::string vector = "const a: float32[8] = omitted const c: float32[8] = omitted ";
  const std::string norm = "BatchNormalization(x, a, c, a, c)";
  const std::string linear = "const w: float32[3,7] = omitted const b: float32[7] = omitted ";
  const std::vector<Case> cases = {
      // 2 samples: the 222 weights are read twice; 2·9·8 · (3/2)·(3/2) · 6/2 MACs
      {weights, "float32[2,6,3,3]", "Conv(x, w, b) {group = 2, strides = [2, 2], pads = [1, 1, 1, 1]}",
       "Conv2d", "m Conv2d 222 972 3376 432 888 216"},
      // 6 channels in 4 groups are one each: 2·9·8 · (1/3)·3 · 1 MACs
      {image + "const w: float32[6,2,3,3] = omitted ", "float32[2,6,1,3]",
       "Conv(x, w) {group = 4, strides = [3, 1]}", "Conv2dSame", "m Conv2dSame 108 144 2464 144 432 72"},
      {"input x: float32[2,8,5] const w: float32[6,8,3] = omitted ", "float32[2,6,3]", "Conv(x, w)", "Conv1d",
       "m Conv1d 144 0 1472 144 576 72"},
      {image + "const s: float32[8,1,1] = omitted ", "float32[2,8,5,5]", "PRelu(x, s)", "PReLU",
       "m PReLU 8 400 1632 1600 32 800"},
      {image, "float32[2,8,5,5]", "LeakyRelu(x)", "LeakyReLU", "m LeakyReLU 0 400 1600 1600 0 800"},
      {image, "float32[2,8,2,2]", "MaxPool(x) {kernel_shape = [2, 2], strides = [2, 2]}", "MaxPool2d",
       "m MaxPool2d 0 400 1600 256 0 128"},
      {image + vector, "float32[2,8,5,5]", norm, "BatchNorm2d", "m BatchNorm2d 16 800 1728 1600 64 800"},
      // R is 1·7, read once per sample with the 28 parameters
      {"input x: float32[2,3] " + linear, "float32[2,7]", "Gemm(x, w, b)", "Linear",
       "m Linear 28 42 280 56 112 28"},
      {"input x: float32[1,3] " + linear, "float32[1,7]", "Gemm(x, w, b)", "Linear",
       "m Linear 28 21 112 28 112 28"},
      // tokens: 5 by 5 instead of 3 by 7
      {"input x: float32[1,5,3] " + linear, "float32[1,5,7]", "MatMul(x, w)", "Linear",
       "m Linear 21 25 84 140 84 140"},
      // 8 bytes per weight, since ids have 8
      {"input x: int64[1,5] const w: float32[9,4] = omitted ", "float32[1,5,4]", "Gather(w, x)", "Embedding",
       "m Embedding 36 0 0 0 288 80"},
      {"input x: float16[2,8,5,5] ", "float16[2,8,5,5]", "Relu(x)", "ReLU", "m ReLU 0 400 800 800 0 400"},
      {image, "float32[2,8,5,5]", "HardSwish(x)", "Hardswish", "m Hardswish 0 0 0 0 0 800"},
      {"input x: float32[n(1..4),8] ", "float32[n(1..4),8]", "Relu(x)", "ReLU", "m ReLU 0 32 128 128 0 32"},
      {"input x: float32[?] ", "float32[?]", "Relu(x)", "ReLU", "m ReLU ?"},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(row_of(each.tensors, each.out, each.node, each.type), each.expected) << each.node;
  }
}

TEST(DnnAnalyzer, MacsMayBeFractional) {
  EXPECT_EQ(row_of("input x: float32[1,1,5,5] const w: float32[1,1,1,1] = omitted ", "float32[1,1,3,3]",
                   "Conv(x, w) {strides = [2, 2]}", "Conv2d"),
            "m Conv2d 1 2.25 104 36 4 36");
}

TEST(DnnAnalyzer, CallIsARunOfNodesOfOneModule) {
  const Counted counted = count(
      "metadata zoo m input x: float32[1,2,3] const w: float32[3,4] = omitted const b: float32[4] = omitted "
      "const t: float32[4,3] = omitted "
      "p: float32[1,2,4] = MatMul(x, w) from Linear in fc "
      "q: float32[1,2,4] = Add(p, b) from Linear in fc "
      "r: float32[1,2,4] = Relu(q) "
      "s: float32[1,2,3] = MatMul(r, t) from Linear in out "
      "u: float32[1,2,4] = MatMul(s, w) from Linear in fc "
      "v: float32[1,2,4] = Add(u, b) from Linear in fc "
      "output v");
  const std::vector<std::string> rows = {"fc Linear 16 4 64 32 64 32", "out Linear 12 4 48 24 48 24",
                                         "fc Linear 16 4 64 32 64 32"};
  EXPECT_EQ(counted.rows, rows);
  EXPECT_EQ(counted.totals.parameters, 44);
  EXPECT_EQ(counted.totals.macs, 12);
  EXPECT_EQ(counted.totals.inference.value, 88);
  EXPECT_TRUE(counted.notes.empty());
}

TEST(DnnAnalyzer, LeavesOutModulesThatHoldModules) {
  const Counted counted = count(
      "metadata zoo m input x: float32[1,2,1,1] const s: float32[2] = omitted "
      "y: float32[1,2,1,1] = BatchNormalization(x, s, s, s, s) from BatchNormAct2d in bn "
      "z: float32[1,2,1,1] = Relu(y) from ReLU in bn.act output z");
  EXPECT_EQ(counted.rows, std::vector<std::string>{"bn.act ReLU 0 2 8 8 0 8"});
  EXPECT_EQ(counted.notes,
            std::vector<std::string>{"rules-inner-modules: 1 calls of BatchNormAct2d have no row, as its "
                                     "modules are counted instead"});
}

TEST(DnnAnalyzer, TakesNodesForCallsWhereModulesAreNotKnown) {
  const Counted counted = count(
      "input x: float32[1,2,4,4] const s: float32[2] = omitted const w: float32[2,2,1,1] = omitted "
      "const v: float32[2,3,1] = omitted const f: float32[2,5] = omitted "
      "const low: float32[] = {0.0} const high: float32[] = {6.0} const one: float32[] = {1.0} "
      "c: float32[1,2,4,4] = Conv(x, w) in features.0 "
      "n: float32[1,2,4,4] = BatchNormalization(c, s, s, s, s) "
      "r: float32[1,2,4,4] = Clip(n, low, high) "
      "h: float32[1,2,4,4] = Clip(r, low, one) "
      "a: float32[1,2,4,4] = Add(h, x) "
      "g: float32[1,2,1,1] = GlobalAveragePool(a) "
      "k: float32[1,2] = Flatten(g) "
      "l: float32[1,5] = Gemm(k, f) "
      "m: float32[1,5] = Mul(l, l) "
      "o: float32[1,5,1] = Unsqueeze(m, s) "
      "p: float32[1,5,5] = MatMul(o, m) "
      "output p");
  const std::vector<std::string> rows = {
      "c Conv2d 4 64 144 128 16 128", "n BatchNorm2d 4 64 144 128 16 128",  "r ReLU6 0 32 128 128 0 128",
      "h Hardtanh 0 0 0 0 0 128",     "g AdaptiveAvgPool2d 0 32 128 8 0 8", "l Linear 10 10 40 20 40 20"};
  EXPECT_EQ(counted.rows, rows);
  EXPECT_EQ(counted.notes,
            std::vector<std::string>{
                "rules-by-node: the file does not say which modules were called; each node counts as one "
                "call, but those that no module makes: 1 Add, 1 Flatten, 1 MatMul, 1 Mul, 1 Unsqueeze"});
}

TEST(DnnAnalyzer, SaysWhatItDoesNotKnow) {
  const Counted counted = count(
      "input x: float32[1,2,5] input z: float32[?] const w: float32[2,2,1] = omitted "
      "c: float32[1,2,5] = Conv(x, w) r: float32[?] = Relu(z) output c, r");
  EXPECT_EQ(counted.rows, (std::vector<std::string>{"c Conv1d 4 0 56 40 16 40", "r ReLU ?"}));
  ASSERT_EQ(counted.notes.size(), 3U);
  EXPECT_EQ(counted.notes[1],
            "rules-unknown-sizes: 1 rows have sizes that are not known, the totals lack them");
  EXPECT_EQ(counted.notes[2],
            "rules-without-macs: DNN analyzer does not support Conv1d and Conv3d: 1 of them have 0 MACs");
}

}  // namespace
}  // namespace foretime::analysis
