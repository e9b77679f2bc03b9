// Raw graphs to Graphs and back. ANNETTE's files are not part of the project: FORETIME_SHARED, or ../shared,
// names where they are.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "base/mapped_file.h"
#include "formats/annette/graph_reader.h"
#include "formats/annette/graph_writer.h"
#include "formats/mmdnn/model.h"
#include "graph/graph_text.h"

namespace foretime::annette {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

RawGraph raw(const std::string& layers) {
  return parse_raw_graph("{\"name\": \"n\", \"layers\": {" + layers + "}}", "g");
}

constexpr const char* kInput = R"("x": {"type": "DataInput", "parents": [], "children": ["c"],
                                        "output_shape": [-1, 8, 8, 4]})";

std::string text_of(const std::string& layers, Diagnostics& diagnostics) {
  return to_text(to_graph(raw(std::string(kInput) + layers), "g", diagnostics));
}

TEST(AnnetteGraph, GetsOnnxsNamesAndOrder) {
  Diagnostics diagnostics;
  const std::string text = text_of(R"(,
    "c": {"type": "Conv", "parents": ["x"], "children": ["d"], "output_shape": [-1, 4, 4, 6],
          "kernel_shape": [3, 3, 2, 6], "strides": [1, 2, 2, 1], "pads": [0, 0, 0, 0, 0, 1, 1, 0]},
    "d": {"type": "DepthwiseConv", "parents": ["c"], "children": ["r"], "output_shape": [-1, 4, 4, 6],
          "kernel_shape": [3, 3, 1, 6], "strides": [1, 1, 1, 1]},
    "r": {"type": "Relu6", "parents": ["d"], "children": ["f"], "output_shape": [-1, 4, 4, 6]},
    "k": {"type": "Concat", "parents": ["c", "r"], "children": ["p"], "output_shape": [-1, 4, 4, 12], "axis": 3},
    "p": {"type": "Pool", "parents": ["k"], "children": ["f"], "output_shape": [-1, 1, 1, 12],
          "kernel_shape": [1, -1, -1, 1], "pooling_type": "AVG"},
    "f": {"type": "FullyConnected", "parents": ["p"], "children": [], "output_shape": [-1, 1, 1, 10]}
  )",
                                   diagnostics);
  EXPECT_EQ(text, R"(graph n {
  opset "" 17
  input x: float32[batch,4,8,8]
  const c/weight: float32[6,2,3,3] = omitted
  const d/weight: float32[6,1,3,3] = omitted
  const r/min: float32[] = {0.0}
  const r/max: float32[] = {6.0}
  const f/weight: float32[12,10] = omitted
  c: float32[batch,6,4,4] = Conv(x, c/weight) {group = 2, kernel_shape = [3, 3], strides = [2, 2], pads = [0, 0, 1, 1]}
  d: float32[batch,6,4,4] = Conv(c, d/weight) {group = 6, kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1]} from DepthwiseConv
  r: float32[batch,6,4,4] = Clip(d, r/min, r/max) from Relu6
  k: float32[batch,12,4,4] = Concat(c, r) {axis = 1}
  p: float32[batch,12,1,1] = GlobalAveragePool(k) from Pool
  f/flat: float32[batch,12] = Flatten(p)
  f: float32[batch,10] = MatMul(f/flat, f/weight) from FullyConnected
  output f
}
)");
}

struct Odd {
  const char* layers;
  const char* code;
  const char* part;  // of the graph's text
};

TEST(AnnetteGraph, TellsOfWhatIsOdd) {
  const Odd table[] = {
      {R"(, "c": {"type": "DataInput", "parents": ["x"], "children": [], "output_shape": [-1, 4, 4, 6]})",
       "layer-opaque", "c: float32[1,6,4,4] = annette::Unknown(x) from DataInput"},
      {R"(, "c": {"type": "Relu", "parents": ["x"], "children": [], "output_shape": [-1, 9, 9, 4]})",
       "layer-opaque", "annette::Relu(x)"},
      {R"(, "c": {"type": "Conv", "parents": ["x"], "children": [], "output_shape": [-1, 8, 8, 6],
           "kernel_shape": [3, 3, 4, 6], "strides": [1, 1, 1, 1], "pads": [0, 0, 0, 0, 0, 0, 0, 0]})",
       "padding-assumed", "pads = [1, 1, 1, 1]"},
      {R"(, "c": {"type": "Mul", "parents": ["x"], "children": [], "output_shape": [-1, 8, 8, 4]})",
       "operand-lost", "Mul(x, c/operand)"},
      {R"(, "c": {"type": "Add", "parents": ["x", "gone"], "children": []})", "parent-missing",
       "Add(x, c/operand)"},
      {R"(, "c": {"type": "Relu", "parents": [], "children": [], "input_shape": [1, 3]})", "input-assumed",
       "Relu(c/input)"},
      {R"(, "c": {"type": "Relu", "parents": ["x"], "children": ["c"]})", "children-disagree", "Relu(x)"},
  };
  for (const Odd& odd : table) {
    Diagnostics diagnostics;
    EXPECT_THAT(text_of(odd.layers, diagnostics), HasSubstr(odd.part));
    EXPECT_THAT(diagnostics, ::testing::Contains(::testing::Field(&Diagnostic::code, odd.code)))
        << odd.layers;
  }
}

TEST(AnnetteGraph, OfTemplatesIsRefused) {
  Diagnostics diagnostics;
  const RawGraph graph = raw(R"("x": {"type": "DataInput", "parents": [], "children": [],
                                      "output_shape": ["batch_size", "width", "2*width", 3]})");
  try {
    to_graph(graph, "t.json", diagnostics);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "t.json: is a template: instead of sizes it has the columns batch_size, width "
                 "(--dim batch_size=N for each of them)");
  }
}

TEST(AnnetteGraph, WithACycleIsRefused) {
  Diagnostics diagnostics;
  const RawGraph graph = raw(R"("a": {"type": "Relu", "parents": ["a"], "children": []})");
  EXPECT_THROW(to_graph(graph, "g", diagnostics), Error);
}

TEST(AnnetteWriter, SaysWhatItCannotExpress) {
  const std::pair<const char*, const char*> table[] = {
      {"graph { input x: float32[1,4] a: float32[1,4] = Relu(x) \"b:1\": float32[1,4] = Relu(a) output "
       "\"b:1\" }",
       "b:1: its name holds a colon"},
      {"graph { input x: float32[1,4] a = Relu(x) output a }", "a: the shape of 'a' is not known"},
  };
  for (const auto& [text, message] : table) {
    try {
      from_graph(parse_text(text, "g"));
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr(message));
    }
  }
}

fs::path shared() {
  const char* home = std::getenv("FORETIME_SHARED");
  return fs::path(home != nullptr ? home : FORETIME_SOURCE_DIR "/../shared") / "data/annette";
}

void bind_batch(RawLayer& layer) {
  for (auto& [key, value] : layer.attributes) {
    auto* sizes = std::get_if<Integers>(&value.held);
    if (key == "output_shape" && sizes != nullptr && !sizes->empty()) sizes->front() = 1;
  }
}

TEST(AnnetteWriter, GivesBackEveryNetwork) {
  if (!fs::exists(shared())) GTEST_SKIP() << shared() << " is not there: set FORETIME_SHARED";
  int networks = 0;
  for (const auto& entry : fs::recursive_directory_iterator(shared() / "graphs")) {
    if (entry.path().extension() != ".json") continue;
    const auto file = MappedFile::open(entry.path().string());
    RawGraph graph = parse_raw_graph(file->text(), file->path());
    if (!columns(graph).empty()) continue;
    for (RawLayer& layer : graph.layers) bind_batch(layer);
    Diagnostics diagnostics;
    try {
      const RawGraph written = from_graph(to_graph(graph, file->path(), diagnostics));
      const RawGraph again = from_graph(to_graph(written, file->path(), diagnostics));
      EXPECT_EQ(to_json(again), to_json(written)) << entry.path();
    } catch (const Error& error) {
      // Layers of unknown type have shapes that nobody knows, and so have those behind them.
      EXPECT_THAT(error.what(), HasSubstr("not known")) << entry.path();
    }
    ++networks;
  }
  EXPECT_EQ(networks, 37);
}

/// Without the characters that ANNETTE deletes from names.
std::string stripped(std::string name) {
  std::erase_if(name, [](char c) { return c == ':' || c == ' ' || c == '/' || c == '.'; });
  return name;
}

void strip(RawGraph& graph) {
  for (RawLayer& layer : graph.layers) {
    layer.name = stripped(layer.name);
    for (std::string& name : layer.parents) name = stripped(name);
    for (std::string& name : layer.children) name = stripped(name);
    std::sort(layer.attributes.begin(), layer.attributes.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
  }
}

TEST(Mmdnn, BecomesTheGraphThatAnnetteMadeOfIt) {
  if (!fs::exists(shared())) GTEST_SKIP() << shared() << " is not there: set FORETIME_SHARED";
  for (const std::string name : {"cf_resnet50", "mobilenet_v1", "reid", "squeezenet", "squeezenet1_0"}) {
    const auto model = MappedFile::open((shared() / "mmdnn" / (name + ".pb")).string());
    const auto file = MappedFile::open((shared() / "graphs" / (name + ".json")).string());
    ASSERT_TRUE(mmdnn::is_protobuf(model->text())) << name;
    Diagnostics diagnostics;
    RawGraph made = mmdnn::read_raw_graph(model->text(), model->path(), diagnostics);
    RawGraph expected = parse_raw_graph(file->text(), file->path());
    if (name.starts_with("squeeze")) {  // theirs was made before the axis was copied
      for (RawLayer& layer : made.layers) {
        std::erase_if(layer.attributes, [](const auto& member) { return member.first == "axis"; });
      }
    }
    strip(made);
    strip(expected);
    EXPECT_EQ(made.layers, expected.layers) << name;
  }
}

TEST(Mmdnn, IsReadWholeAndItsJsonToo) {
  const fs::path seeds = FORETIME_SOURCE_DIR "/tests/fuzz/seeds/mmdnn";
  Diagnostics diagnostics;
  const auto binary = MappedFile::open((seeds / "small.pb").string());
  const auto json = MappedFile::open((seeds / "small.json").string());
  EXPECT_TRUE(mmdnn::is_json(json->text()));
  EXPECT_FALSE(mmdnn::is_protobuf(json->text()));
  const RawGraph one = mmdnn::read_raw_graph(binary->text(), binary->path(), diagnostics);
  EXPECT_EQ(diagnostics.at(0).code, "node-dropped");
  const RawGraph other = mmdnn::read_raw_graph(json->text(), json->path(), diagnostics);
  for (const RawGraph* graph : {&one, &other}) {
    ASSERT_EQ(graph->layers.size(), 3U);
    EXPECT_EQ(graph->name, "small");
    EXPECT_EQ(graph->layers[1].type, "DepthwiseConv");
    EXPECT_EQ(*sizes(graph->layers[1], "kernel_shape"), (Integers{3, 3, 1, 1}));
    EXPECT_EQ(*graph->layers[2].find("pooling_type")->as<std::string>(), "MAX");
  }
}

}  // namespace
}  // namespace foretime::annette
