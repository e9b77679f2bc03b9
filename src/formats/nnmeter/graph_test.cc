// Raw graphs to Graphs and back. The files of nn-Meter are not part of the project: FORETIME_SHARED, or
// ../shared, names where they are.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "base/mapped_file.h"
#include "formats/format.h"
#include "formats/nnmeter/graph_reader.h"
#include "formats/nnmeter/graph_writer.h"
#include "formats/nnmeter/nni_ir.h"
#include "graph/graph_text.h"

namespace foretime::nnmeter {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::string node(const std::string& name, const std::string& type, const std::string& attributes,
                 const std::string& shapes, const std::string& inbounds) {
  return "\"" + name + "\": {\"attr\": {\"type\": \"" + type + "\", \"attr\": {" + attributes + "}, " +
         shapes + "}, \"inbounds\": [" + inbounds + "], \"outbounds\": []}";
}

std::string text_of(const std::string& nodes) {
  Diagnostics diagnostics;
  return to_text(to_graph(parse_raw_graph("{" + nodes + "}", "g", diagnostics), "g", diagnostics));
}

TEST(NnMeterGraph, OfOnnxGetsItsNamesAndOrder) {
  EXPECT_EQ(
      text_of(
          node("c", "Conv", R"("kernel_shape": [3, 3], "group": 1, "auto_pad": "b'NOTSET'")",
               R"("input_shape": [[1, 8, 8, 3], [4, 3, 3, 3], [4]], "output_shape": [[1, 6, 6, 4]])", "") +
          "," +
          node("s", "Split", R"("axis": 1)",
               R"("input_shape": [[1, 6, 6, 4]], "output_shape": [[1, 6, 6, 2], [1, 6, 6, 2]])", "\"c\"") +
          "," +
          node("a", "Add", "",
               R"("input_shape": [[1, 6, 6, 2], [1, 6, 6, 2]], "output_shape": [[1, 6, 6, 2]])",
               "\"s\", \"s\"")),
      R"(graph {
  opset "" 17
  input input: float32[1,3,8,8]
  const c/1: float32[4,3,3,3] = omitted
  const c/2: float32[4] = omitted
  const s/split: int64[2] = {2, 2}
  c: float32[1,4,6,6] = Conv(input, c/1, c/2) {kernel_shape = [3, 3], group = 1}
  s: float32[1,2,6,6], "s:1": float32[1,2,6,6] = Split(c, s/split) {axis = 1}
  a: float32[1,2,6,6] = Add(s, "s:1")
  output a
}
)");
}

TEST(NnMeterGraph, OfTensorFlowBecomesOnnx) {
  const std::string shapes = R"("input_shape": [[1, 8, 8, 4]], "output_shape": [[1, 8, 8, 4]])";
  EXPECT_EQ(
      text_of(
          node("x", "Placeholder", "", R"("input_shape": [], "output_shape": [[1, 8, 8, 4]])", "") + "," +
          node(
              "d", "DepthwiseConv2dNative",
              R"("weight_shape": [3, 3, 4, 1], "kernel_shape": [3, 3], "strides": [1, 1], "padding": "SAME")",
              shapes, "\"x\"") +
          "," + node("b", "BiasAdd", "", shapes, "\"d\"") + "," + node("r", "Relu6", "", shapes, "\"b\"") +
          "," + node("k", "Const", R"("constant": [3.0])", R"("input_shape": [], "output_shape": [[]])", "") +
          "," +
          node("m", "Mul", "", R"("input_shape": [[1, 8, 8, 4], []], "output_shape": [[1, 8, 8, 4]])",
               "\"r\", \"k\"") +
          "," + node("n", "FusedBatchNorm", "", shapes, "\"m\", \"gone\"") + "," +
          node("t", "ConcatV2", R"("axis": [3])",
               R"("input_shape": [[1, 8, 8, 4], [1, 8, 8, 4]], "output_shape": [[1, 8, 8, 8]])",
               "\"n\", \"m\"") +
          "," +
          node("g", "Mean", R"("reduction_indices": [1, 2])",
               R"("input_shape": [[1, 8]], "output_shape": [[1, 8]])", "\"t\"") +
          "," +
          node("h", "Reshape", R"("shape": [-1, 8])", R"("input_shape": [[1, 8]], "output_shape": [[-1, 8]])",
               "\"g\"") +
          "," + node("f", "MatMul", "", R"("input_shape": [[-1, 8]], "output_shape": [[-1, 10]])", "\"h\"")),
      R"(graph {
  opset "" 17
  input x: float32[1,4,8,8]
  const k: float32[] = {3.0}
  const d/weight: float32[4,1,3,3] = omitted
  const b/bias: float32[4,1,1] = omitted
  const r/min: float32[] = {0.0}
  const r/max: float32[] = {6.0}
  const n/scale: float32[4] = omitted
  const n/offset: float32[4] = omitted
  const n/mean: float32[4] = omitted
  const n/variance: float32[4] = omitted
  const h/shape: int64[2] = {-1, 8}
  const f/weight: float32[8,10] = omitted
  d: float32[1,4,8,8] = Conv(x, d/weight) {kernel_shape = [3, 3], strides = [1, 1], auto_pad = "SAME_UPPER", group = 4} from DepthwiseConv2dNative
  b: float32[1,4,8,8] = Add(d, b/bias) from BiasAdd
  r: float32[1,4,8,8] = Clip(b, r/min, r/max) from Relu6
  m: float32[1,4,8,8] = Mul(r, k)
  n: float32[1,4,8,8] = BatchNormalization(m, n/scale, n/offset, n/mean, n/variance) from FusedBatchNorm
  t: float32[1,8,8,8] = Concat(n, m) {axis = 1} from ConcatV2
  g: float32[1,8] = ReduceMean(t) {axes = [2, 3], keepdims = 0} from Mean
  h: float32[batch,8] = Reshape(g, h/shape)
  f: float32[batch,10] = MatMul(h, f/weight)
  output f
}
)");
}

TEST(NnMeterGraph, HasOneInputForEachShape) {
  const std::string shapes = R"("input_shape": [[1, 4]], "output_shape": [[1, 4]])";
  const std::string text =
      text_of(node("input", "Relu", "", shapes, "") + "," + node("b", "Relu", "", shapes, ""));
  EXPECT_THAT(text, HasSubstr("input \"input#2\": float32[1,4]\n")) << text;
  EXPECT_THAT(text, HasSubstr("input: float32[1,4] = Relu(\"input#2\")")) << text;
  EXPECT_THAT(text, HasSubstr("b: float32[1,4] = Relu(\"input#2\")")) << text;
}

TEST(NnMeterGraph, LooksUpIndicesFromOutside) {
  EXPECT_EQ(text_of(node("e", "Gather", R"("axis": 0)",
                         R"("input_shape": [[30, 8], [1, 5]], "output_shape": [[1, 5, 8]])", "")),
            R"(graph {
  opset "" 17
  input input: int64[1,5]
  const e/0: float32[30,8] = omitted
  e: float32[1,5,8] = Gather(e/0, input) {axis = 0}
  output e
}
)");
}

TEST(NnMeterGraph, RefusesCycles) {
  const std::string shapes = R"("input_shape": [[1, 4]], "output_shape": [[1, 4]])";
  EXPECT_THROW(text_of(node("a", "Relu", "", shapes, "\"b\"") + "," + node("b", "Relu", "", shapes, "\"a\"")),
               Error);
}

TEST(NnMeterGraph, IsWrittenAsGetIrDoes) {
  const Graph graph = parse_text(R"(graph {
    input x: float32[n,3,8,8]
    const w: float32[4,3,3,3] = omitted
    c: y: float32[n,4,6,6] = Conv(x, w) {auto_pad = "VALID", kernel_shape = [3, 3], skipped = strings ["a"]}
    a: z: float32[n,4,6,6] = Relu(y)
    output z
  })",
                                 "g");
  EXPECT_EQ(to_json(from_graph(graph)), R"({
    "a": {
        "attr": {
            "attr": {},
            "input_shape": [
                [
                    -1,
                    6,
                    6,
                    4
                ]
            ],
            "output_shape": [
                [
                    -1,
                    6,
                    6,
                    4
                ]
            ],
            "type": "Relu"
        },
        "inbounds": [
            "c"
        ],
        "outbounds": []
    },
    "c": {
        "attr": {
            "attr": {
                "auto_pad": "b'VALID'",
                "kernel_shape": [
                    3,
                    3
                ]
            },
            "input_shape": [
                [
                    -1,
                    8,
                    8,
                    3
                ],
                [
                    4,
                    3,
                    3,
                    3
                ]
            ],
            "output_shape": [
                [
                    -1,
                    6,
                    6,
                    4
                ]
            ],
            "type": "Conv"
        },
        "inbounds": [],
        "outbounds": [
            "a"
        ]
    }
})");
}

/// A node without what the Graph cannot keep: attributes in order, and those that nn-Meter never reads.
std::string shown(const RawNode& node) {
  std::string text = node.name + " " + node.type;
  for (const auto* shapes : {&node.input_shapes, &node.output_shapes}) {
    for (const RawShape& shape : *shapes) {
      text += " [";
      for (const std::int64_t size : shape) text += std::to_string(size) + ",";
    }
  }
  for (const char* name : {"kernel_shape", "strides", "pads", "dilations"}) {
    for (const std::int64_t value : node.attributes.integers(name))
      text += std::string(" ") + name + std::to_string(value);
  }
  for (const char* name : {"group", "axis"}) text += " " + std::to_string(node.attributes.integer(name, -1));
  for (const std::string& producer : node.inbounds) text += " <" + producer;
  return text;
}

TEST(NnMeterGraph, OfOnnxSurvivesReadingAndWriting) {
  const char* shared = std::getenv("FORETIME_SHARED");
  const fs::path root =
      shared != nullptr ? fs::path(shared) : fs::path(FORETIME_SOURCE_DIR) / ".." / "shared";
  const fs::path folder = root / "data" / "nnmeter" / "ir";
  if (!fs::exists(folder)) GTEST_SKIP() << "needs data/nnmeter in FORETIME_SHARED or ../shared";
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto file = MappedFile::open(entry.path().string());
    EXPECT_EQ(detect_format(*file).name, "nnmeter-ir");
    Diagnostics diagnostics;
    const RawGraph raw = parse_raw_graph(file->text(), "g", diagnostics);
    if (raw.nodes[0].type == "Placeholder") continue;  // from TensorFlow: comes back in ONNX's words
    const RawGraph again = from_graph(to_graph(raw, "g", diagnostics));
    ASSERT_EQ(again.nodes.size(), raw.nodes.size()) << entry.path();
    for (std::size_t i = 0; i < raw.nodes.size(); ++i) {
      if (raw.nodes[i].type == "Pad") continue;  // its integers are made up
      EXPECT_EQ(shown(again.nodes[i]), shown(raw.nodes[i])) << entry.path();
    }
  }
}

constexpr const char* kNni = R"({"_model": {"inputs": ["x"], "outputs": ["y"], "nodes": {
  "conv": {"operation": {"type": "__torch__.torch.nn.modules.conv.Conv2d", "parameters": {"kernel_size": 3,
           "stride": [2, 2], "padding": 1, "groups": 1, "bias": null,
           "input_shape": [[1, 3, 8, 8]], "output_shape": [[1, 4, 4, 4]]}}},
  "list": {"operation": {"type": "prim::ListConstruct", "parameters": {}}},
  "cat": {"operation": {"type": "aten::cat", "parameters": {"dim": 1},
          "attributes": {"input_shape": [[1, 4, 4, 4], [1, 4, 4, 4]], "output_shape": [1, 8, 4, 4]}}}},
  "edges": [{"head": ["conv", 0], "tail": ["cat", 1]}, {"head": ["conv", null], "tail": ["cat", 0]},
            {"head": ["_inputs", 0], "tail": ["conv", 0]}]}})";

TEST(NniIr, IsReadAsNnMeterMapsIt) {
  ASSERT_TRUE(is_nni_ir(kNni));
  EXPECT_FALSE(is_raw_graph(kNni));
  Diagnostics diagnostics;
  const RawGraph raw = parse_nni_ir(kNni, "m", diagnostics);
  ASSERT_EQ(raw.nodes.size(), 2U);
  ASSERT_EQ(diagnostics.size(), 1U);
  EXPECT_EQ(diagnostics[0].where, "list");
  EXPECT_EQ(raw.nodes[0].type, "conv");
  EXPECT_EQ(raw.nodes[0].attributes.integers("ks"), (RawShape{3, 3}));
  EXPECT_EQ(to_text(to_graph(raw, "m", diagnostics)), R"(graph {
  opset "" 17
  input input: float32[1,3,8,8]
  const conv/weight: float32[4,3,3,3] = omitted
  conv: float32[1,4,4,4] = Conv(input, conv/weight) {kernel_shape = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1], group = 1} from conv
  cat: float32[1,8,4,4] = Concat(conv, conv) {axis = 1} from concat
  output cat
}
)");
}

TEST(NniIr, SaysWhatIsWrong) {
  const auto message = [](const std::string& nodes) -> std::string {
    Diagnostics ignored;
    try {
      parse_nni_ir(R"({"_model": {"nodes": )" + nodes + "}}", "m", ignored);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message("[]"), "m: is no NNI model ({\"_model\": {\"nodes\": …}})");
  EXPECT_EQ(message("{}"), "m: holds no node whose input_shape is known");
  EXPECT_EQ(message(R"({"a": {}})"), "m: a: has no operation type");
  EXPECT_EQ(message(R"({"a": {"operation": {"type": "_cell", "cell_name": "c"}}})"),
            "m: a: is a cell (a model that was flattened, as nn-Meter does first)");
  EXPECT_EQ(message(R"({}, "edges": 1)"), "m: has edges that are no list ([{\"head\": …, \"tail\": …}])");
  EXPECT_EQ(message(R"({}, "edges": [{"head": ["a", 0]}])"),
            "m: has an edge that does not name its ends ({\"head\": [\"a\", 0], \"tail\": [\"b\", 0]})");
}

}  // namespace
}  // namespace foretime::nnmeter
