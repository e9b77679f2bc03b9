#include "kernels/detector.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "graph/graph_text.h"
#include "kernels/common_rules.h"

namespace foretime {
namespace {

/// "kind: layer layer" of every kernel, in execution order.
std::string kernels_of(const std::string& rules, const std::string& body) {
  const Graph graph = parse_text("graph { opset \"\" 17 " + body + " }", "test");
  const Detector detector(parse_rules(rules + std::string(common_rules()), "test"));
  const KernelGraph kernels = detector.detect(analysis::layers(graph));
  std::string text;
  for (const Kernel& kernel : kernels.kernels) {
    text += (text.empty() ? "" : "; ") + std::string(info(kernel.kind()).name) + ":";
    for (const std::uint32_t layer : kernels.layers_of(kernel)) text += " " + kernels.network->name(layer);
  }
  return text;
}

struct Case {
  std::string what;
  std::string rules;
  std::string graph;
  std::string kernels;
};

const std::string kX = "input x: float32[1,16,8,8] ";
const std::string kScalars =
    "const three: float32[] = {3.0} const six: float32[] = {6.0} const sixth: float32[] = {0.1666667} "
    "const half: float32[] = {0.5} const one: float32[] = {1.0} const root: float32[] = {1.4142135} "
    "const lo: float32[] = {0.0} ";

std::string elementwise(const std::string& body, const std::string& output) {
  return kX + kScalars + body + " output " + output;
}

TEST(Detector, KnowsTheSpellingsOfExporters) {
  const std::vector<Case> cases = {
      {"x·clip(x+3)/6", "",
       elementwise("a: s = Add(x, three) b: r = Clip(s, lo, six) c: m = Mul(x, r) d: y = Div(m, six)", "y"),
       "elementwise: a b c d"},
      {"operands exchanged", "",
       elementwise("a: s = Add(three, x) b: r = Relu(s) c: m = Mul(r, x) d: y = Mul(sixth, m)", "y"),
       "elementwise: a b c d"},
      {"x·(clip(x+3)/6)", "",
       elementwise("a: s = Add(x, three) b: r = Clip(s, lo, six) c: m = Div(r, six) d: y = Mul(x, m)", "y"),
       "elementwise: a b c d"},
      {"TensorFlow's factor", "",
       elementwise("a: s = Add(x, three) b: r = Clip(s, lo, six) c: m = Mul(r, sixth) d: y = Mul(x, m)", "y"),
       "elementwise: a b c d"},
      {"x·hard_sigmoid(x)", "", elementwise("a: h = HardSigmoid(x) b: y = Mul(x, h)", "y"),
       "elementwise: a b"},
      {"hard_sigmoid(x)·x", "", elementwise("a: h = HardSigmoid(x) b: y = Mul(h, x)", "y"),
       "elementwise: a b"},
      {"hard sigmoid", "",
       elementwise("a: s = Add(x, three) b: r = Clip(s, lo, six) c: y = Div(r, six)", "y"),
       "elementwise: a b c"},
      {"no hard swish of another tensor", "",
       elementwise("z = Relu(x) a: h = HardSigmoid(x) b: y = Mul(z, h)", "y"),
       "elementwise: z; elementwise: a; elementwise: b"},
      {"nothing changes", "", elementwise("a: m = Mul(x, one) b: s = Add(lo, m) c: y = Relu(s)", "y"),
       "none: a; none: b; elementwise: c"},
      {"the same type again", "",
       elementwise("a: m: float32[1,16,8,8] = Cast(x) {to = 1} b: y: float16[1,16,8,8] = Cast(m) {to = 10}",
                   "y"),
       "none: a; elementwise: b"},
      {"silu", "", elementwise("a: s = Sigmoid(x) b: y = Mul(x, s)", "y"), "transcendental: a b"},
      {"silu, exchanged", "", elementwise("a: s = Sigmoid(x) b: y = Mul(s, x)", "y"), "transcendental: a b"},
      {"gelu by erf", "",
       elementwise(
           "a: d = Div(x, root) b: e = Erf(d) c: p = Add(e, one) d: m = Mul(x, p) e: y = Mul(m, half)", "y"),
       "transcendental: a b c d e"},
      {"gelu, half of p", "",
       elementwise(
           "a: d = Div(x, root) b: e = Erf(d) c: p = Add(e, one) d: h = Mul(p, half) e: y = Mul(x, h)", "y"),
       "transcendental: a b c d e"},
      {"gelu, half of x", "",
       elementwise(
           "a: d = Div(x, root) b: e = Erf(d) c: p = Add(one, e) d: h = Mul(x, half) e: y = Mul(h, p)", "y"),
       "transcendental: a b c d e"},
      {"gelu by tanh", "",
       elementwise("a: q = Pow(x, three) b: k = Mul(q, half) c: s = Add(x, k) d: u = Mul(s, root) e: t = "
                   "Tanh(u) f: p = Add(t, one) g: h = Mul(x, half) h: y = Mul(h, p)",
                   "y"),
       "transcendental: a b c d e f g h"},
      {"layer norm", "",
       "input x: float32[1,8,64] const two: float32[] = {2.0} const eps: float32[] = {1e-5} const g: "
       "float32[64] = omitted const bias: float32[64] = omitted a: m = ReduceMean(x) {axes = [-1]} b: d = "
       "Sub(x, m) c: q = Pow(d, two) d: v = ReduceMean(q) {axes = [-1]} e: e1 = Add(v, eps) f: r = Sqrt(e1) "
       "g: n = Div(d, r) h: k = Mul(n, g) i: y = Add(k, bias) output y",
       "normalization: a b c d e f g h i"},
      {"layer norm without weights", "",
       "input x: float32[1,8,64] const two: float32[] = {2.0} const eps: float32[] = {1e-5} a: m = "
       "ReduceMean(x) {axes = [-1]} b: d = Sub(x, m) c: q = Pow(d, two) d: v = ReduceMean(q) {axes = [-1]} "
       "e: e1 = Add(v, eps) f: r = Sqrt(e1) g: y = Div(d, r) output y",
       "normalization: a b c d e f g"},
      {"root of the mean square, with a cast to the same type", "",
       "input x: float32[1,8,64] const two: float32[] = {2.0} const eps: float32[] = {1e-5} const one: "
       "float32[] = "
       "{1.0} const g: float32[64] = omitted a: q = Pow(x, two) b: m = ReduceMean(q) {axes = [-1]} c: e = "
       "Add(m, eps) d: r = Sqrt(e) e: f = Div(one, r) f: n: float32[1,8,64] = Mul(x, f) g: k: "
       "float32[1,8,64] = "
       "Cast(n) {to = 1} h: y = Mul(g, k) output y",
       "normalization: a b c d e f g h"},
      {"channel shuffle", "",
       "input x: float32[1,16,8,8] const c: int64[5] = {1,2,8,8,8} const e: int64[4] = {1,16,8,8} a: r = "
       "Reshape(x, c) b: t = Transpose(r) {perm = [0,2,1,3,4]} c: y = Reshape(t, e) output y",
       "transpose: a b c"},
  };
  for (const Case& each : cases) EXPECT_EQ(kernels_of(each.rules, each.graph), each.kernels) << each.what;
}

TEST(Detector, BlocksEndWhereOthersReadInside) {
  const std::vector<Case> cases = {
      {"read inside", "", elementwise("a: s = Sigmoid(x) b: y = Mul(x, s) c: z = Relu(s)", "y output z"),
       "transcendental: a; elementwise: b; elementwise: c"},
      {"network output inside", "", elementwise("a: s = Sigmoid(x) b: y = Mul(x, s)", "y output s"),
       "transcendental: a; elementwise: b"},
      {"other constant",
       "block plus_three = graph { input x const c: float32[] = {3.0} s = Add(x, c) y = Relu(s) output y }\n",
       elementwise("a: s = Add(x, six) b: y = Relu(s)", "y"), "elementwise: a; elementwise: b"},
      {"that constant",
       "block plus_three = graph { input x const c: float32[] = {3.0} s = Add(x, c) y = Relu(s) output y }\n",
       elementwise("a: s = Add(x, three) b: y = Relu(s)", "y"), "other: a b"},
      {"attributes must be the same",
       "block far = graph { input x y = Softmax(x) {axis = 2} z = Relu(y) output z }\n",
       elementwise("a: y = Softmax(x) {axis = 1} b: z = Relu(y)", "z"), "softmax: a; elementwise: b"},
      {"own blocks come first",
       "block wide = graph { input x a = Sigmoid(x) b = Mul(x, a) c = Relu(b) output c }\n",
       elementwise("a: s = Sigmoid(x) b: m = Mul(x, s) c: y = Relu(m)", "y"), "other: a b c"},
  };
  for (const Case& each : cases) EXPECT_EQ(kernels_of(each.rules, each.graph), each.kernels) << each.what;
}

const std::string kConv =
    "input x: float32[1,16,8,8] const w: float32[16,16,1,1] = omitted const dw: float32[16,1,3,3] = omitted ";

TEST(Detector, FusesPairsInTheOrderOfExecution) {
  const std::string c = "c: y: float32[1,16,8,8] = Conv(x, w) ";
  const std::vector<Case> cases = {
      {"conv and relu", "fuse conv + Relu\n", kConv + c + "r: z: float32[1,16,8,8] = Relu(y) output z",
       "conv: c r"},
      {"no rule", "fuse conv + Clip\n", kConv + c + "r: z: float32[1,16,8,8] = Relu(y) output z",
       "conv: c; elementwise: r"},
      {"by operator", "fuse Conv + Relu\n", kConv + c + "r: z: float32[1,16,8,8] = Relu(y) output z",
       "conv: c r"},
      {"conv does not mean depthwise", "fuse conv + Relu\n",
       kConv +
           "c: y: float32[1,16,6,6] = Conv(x, dw) {group = 16} r: z: float32[1,16,6,6] = Relu(y) output z",
       "depthwise_conv: c; elementwise: r"},
      {"a chain", "fuse conv + Relu\nfuse conv + Add\n",
       kConv + c +
           "r: z: float32[1,16,8,8] = Relu(y) a: s: float32[1,16,8,8] = Add(z, x) q: t: float32[1,16,8,8] = "
           "Relu(s) output t",
       "conv: c r a q"},
      {"the other operand comes later", "fuse conv + Add\n",
       kConv + c + "d: u: float32[1,16,8,8] = Conv(x, w) a: s: float32[1,16,8,8] = Add(y, u) output s",
       "conv: c; conv: d a"},
      {"two consumers", "fuse conv + Relu\n",
       kConv + c + "r: z: float32[1,16,8,8] = Relu(y) q: s: float32[1,16,8,8] = Sigmoid(y) output z output s",
       "conv: c; elementwise: r; transcendental: q"},
      {"two consumers, first joins", "fuse conv + Relu consumers first\n",
       kConv + c + "r: z: float32[1,16,8,8] = Relu(y) q: s: float32[1,16,8,8] = Sigmoid(y) output z output s",
       "conv: c r; transcendental: q"},
      {"a network output stays apart", "fuse conv + Relu\n",
       kConv + c + "r: z: float32[1,16,8,8] = Relu(y) output z output y", "conv: c; elementwise: r"},
      {"sets", "set cut = Relu Clip\nfuse conv + cut\n",
       kConv + c + "r: z: float32[1,16,8,8] = Clip(y) output z", "conv: c r"},
      {"blocks by name", "fuse conv + silu\n",
       kConv + c + "s: z: float32[1,16,8,8] = Sigmoid(y) m: t: float32[1,16,8,8] = Mul(y, z) output t",
       "conv: c s m"},
      {"removed layers are seen through", "remove Identity\nfuse conv + Relu\n",
       kConv + c + "i: v: float32[1,16,8,8] = Identity(y) r: z: float32[1,16,8,8] = Relu(v) output z",
       "conv: c r; none: i"},
      {"conditions hold", "fuse conv + MaxPool where consumer.kernel_shape[1] == 2\n",
       kConv + c + "p: z: float32[1,16,4,4] = MaxPool(y) {kernel_shape = [2, 2], strides = [2, 2]} output z",
       "conv: c p"},
      {"conditions do not hold", "fuse conv + MaxPool where consumer.kernel_shape[1] == 3\n",
       kConv + c + "p: z: float32[1,16,4,4] = MaxPool(y) {kernel_shape = [2, 2], strides = [2, 2]} output z",
       "conv: c; max_pool: p"},
      {"of the producer", "fuse depthwise_conv + Relu where producer.group > 8 and producer.group <= 16\n",
       kConv +
           "c: y: float32[1,16,6,6] = Conv(x, dw) {group = 16} r: z: float32[1,16,6,6] = Relu(y) output z",
       "depthwise_conv: c r"},
      {"an absent attribute fulfils nothing", "fuse conv + Relu where producer.group == 1\n",
       kConv + c + "r: z: float32[1,16,8,8] = Relu(y) output z", "conv: c; elementwise: r"},
      {"texts", "fuse conv + Relu where producer.auto_pad == SAME_UPPER\n",
       kConv + "c: y: float32[1,16,8,8] = Conv(x, w) {auto_pad = \"SAME_UPPER\"} r: z: float32[1,16,8,8] = "
               "Relu(y) output z",
       "conv: c r"},
  };
  for (const Case& each : cases) EXPECT_EQ(kernels_of(each.rules, each.graph), each.kernels) << each.what;
}

TEST(Detector, UnfusedIsALayerAKernel) {
  const Graph graph =
      parse_text("graph { opset \"\" 17 " + kX + "a: y = Relu(x) b: z = Identity(y) output z }", "test");
  const KernelGraph kernels = unfused(analysis::layers(graph));
  ASSERT_EQ(kernels.kernels.size(), 2U);
  EXPECT_EQ(kernels.kernels[1].kind(), Kind::none);
}

TEST(Detector, RefusesRulesItCannotApply) {
  const auto message = [](const std::string& rules) -> std::string {
    try {
      Detector detector(parse_rules(rules, "test"));
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message("split Softplus = Exp Log\n"),
            "fusion rules: `split` is for compatibility modes only (set, remove, block, consumers, fuse)");
  std::string many;
  for (int i = 0; i < 33; ++i) many += "fuse a" + std::to_string(i) + " + b" + std::to_string(i) + "\n";
  EXPECT_EQ(message(many), "fusion rules: the pairs use more than 64 words (sets count as their words)");
  EXPECT_EQ(message("fuse a + b where producer.k[-1] == 2\n"),
            "test:1: a place in a list is a number from 0");
  EXPECT_EQ(message("block b = graph { input x output x }\n"),
            "block b: its output is an input (the output of a node)");
}

/// Anything quadratic in the branches takes minutes here, and the runner's patience.
TEST(Detector, TakesWideNetworks) {
  constexpr int kBranches = 100'000;
  std::string branches;
  std::string operands;
  for (int i = 0; i < kBranches; ++i) {
    const std::string name = "r" + std::to_string(i);
    branches += name + ": float32[1,16,8,8] = Relu(x) ";
    operands += (i == 0 ? "" : ",") + name;
  }
  const Graph graph =
      parse_text("graph { opset \"\" 17 " + kX + branches + "y: float32[1,1600000,8,8] = Concat(" + operands +
                     ") {axis = 1} output y }",
                 "test");
  const Detector detector(parse_rules("fuse elementwise + concat\n", "test"));
  const KernelGraph kernels = detector.detect(analysis::layers(graph));
  // The last branch is the one that takes the concatenation in: all else that it reads is there by then.
  ASSERT_EQ(kernels.kernels.size(), static_cast<std::size_t>(kBranches));
  EXPECT_EQ(kernels.layers_of(kernels.kernels.back()).size(), 2U);
}

/// Between numbers of floats and their integers: "v: v: float32[…] = DequantizeLinear(q, …)".
std::string dequantized(const std::string& to, const std::string& from) {
  return to + ": " + to + ": float32[1,4] = DequantizeLinear(" + from + ", s, z) ";
}
std::string quantized(const std::string& to, const std::string& from) {
  return to + ": " + to + ": uint8[1,4] = QuantizeLinear(" + from + ", s, z) ";
}
std::string floats(const std::string& to, const std::string& operation) {
  return to + ": " + to + ": float32[1,4] = " + operation + " ";
}

TEST(Detector, RunsLayersBetweenConversionsOnIntegers) {
  const std::string begin = "const s: float32[] = {0.5} const z: uint8[] = {128} input q: uint8[1,4] ";
  const std::string rules = "integer Add Gemm Split\nfuse gemm + Add\n";
  const std::vector<Case> cases = {
      {"with what is before it and behind it", rules,
       begin + dequantized("a", "q") + floats("b", "Add(a, s)") + quantized("c", "b") + "output c",
       "elementwise: a b c"},
      {"a cut saturates", rules,
       begin + dequantized("a", "q") + floats("b", "Add(a, s)") + floats("r", "Relu(b)") +
           quantized("c", "r") + "output c",
       "elementwise: a b r c"},
      {"not without the rule", "",
       begin + dequantized("a", "q") + floats("b", "Add(a, s)") + quantized("c", "b") + "output c",
       "elementwise: a; elementwise: b; elementwise: c"},
      {"not where the result stays in floats", rules,
       begin + dequantized("a", "q") + floats("b", "Add(a, s)") + "output b",
       "elementwise: a; elementwise: b"},
      {"not where somebody reads floats", rules,
       begin + dequantized("a", "q") + floats("b", "Add(a, s)") + quantized("c", "b") +
           floats("d", "Neg(b)") + "output c, d",
       "elementwise: a; elementwise: b; elementwise: c; elementwise: d"},
      {"what two of them read is nobody's, and costs nothing", rules,
       begin + dequantized("a", "q") + floats("b", "Add(a, s)") + quantized("c", "b") +
           floats("d", "Add(s, a)") + quantized("e", "d") + "output c, e",
       "none: a; elementwise: b c; elementwise: d e"},
      {"what others read in floats runs", rules,
       begin + dequantized("a", "q") + floats("b", "Add(a, s)") + quantized("c", "b") +
           floats("d", "Neg(a)") + "output c, d",
       "elementwise: a; elementwise: b c; elementwise: d"},
      {"integers join no floats", rules,
       begin + "const w: float32[4,4] = omitted " + dequantized("a", "q") + floats("g", "Gemm(a, w)") +
           quantized("b", "g") + dequantized("c", "b") + floats("d", "Add(c, s)") + quantized("e", "d") +
           "output e",
       "gemm: a g b; elementwise: c d e"},
  };
  for (const Case& each : cases) EXPECT_EQ(kernels_of(each.rules, each.graph), each.kernels) << each.what;
}

TEST(Detector, MovesIntegersOnlyWithTheirScale) {
  const std::string begin =
      "const s: float32[] = {0.5} const t: float32[] = {0.5} const u: float32[] = {0.25} const z: uint8[] = "
      "{128} const shape: int64[2] = {2, 2} input q: uint8[1,4] " +
      dequantized("a", "q") + "r: r: float32[2,2] = Reshape(a, shape) ";
  const auto kernels = [&](const std::string& scale) {
    return kernels_of("integer Reshape\n",
                      begin + "c: c: uint8[2,2] = QuantizeLinear(r, " + scale + ", z) output c");
  };
  EXPECT_EQ(kernels("s"), "reshape: a r c");
  EXPECT_EQ(kernels("t"), "reshape: a r c");
  EXPECT_EQ(kernels("u"), "elementwise: a; reshape: r; elementwise: c");
}

TEST(Detector, KnowsIntegersByTheirBytes) {
  const Graph graph =
      parse_text("graph { const s: float32[] = {0.5} const z: uint8[] = {128} input q: uint8[1,4] " +
                     dequantized("a", "q") + floats("b", "Add(a, s)") + quantized("c", "b") +
                     dequantized("d", "c") + "output d }",
                 "test");
  const KernelGraph kernels = Detector(parse_rules("integer Add\n", "test")).detect(analysis::layers(graph));
  ASSERT_EQ(kernels.kernels.size(), 2U);
  EXPECT_EQ(kernels.kernels[0].config.element_bytes, 1);
  EXPECT_EQ(kernels.kernels[1].config.element_bytes, 4);
  EXPECT_EQ(kernels.network->name(kernels.kernels[0].anchor), "b");
}

}  // namespace
}  // namespace foretime
