#include "formats/onnx/onnx_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "formats/onnx/onnx_testing.h"

namespace foretime::onnx {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// Fields of GraphProto, by number.
constexpr int kNode = 1;
constexpr int kConstant = 5;
constexpr int kInput = 11;
constexpr int kOutput = 12;
constexpr int kSparse = 15;

/// A graph from x to y through these fields.
std::string graph(Fields fields, const std::string& output = "y") {
  return message({{kInput, value("x", {2})}}) + message(fields) +
         message({{kOutput, message({{1, output}})}});
}

std::string text_of(const std::string& graph_bytes, const std::string& more = {}) {
  std::string text = read_text(model_of(graph_bytes, more));
  const std::string opset = "  opset \"\" 20\n";
  if (const std::size_t at = text.find(opset); at != std::string::npos) text.erase(at, opset.size());
  return text;
}

std::string floats(std::initializer_list<float> values) {
  const std::vector<float> held(values);
  return {reinterpret_cast<const char*>(held.data()), held.size() * sizeof(float)};
}

TEST(OnnxReader, ReadsValuesInEveryForm) {
  struct Case {
    std::string tensor;
    const char* printed;
  };
  const std::string one_float = std::string("\x25", 1) + floats({1});  // field 4, wire type fixed32
  const std::string one_double = std::string("\x51\0\0\0\0\0\0\xf8\x3f", 9);
  const Case cases[] = {
      {tensor("c", 1, {2}, message({{9, floats({1, 2})}})), "float32[2] = {1.0, 2.0}"},
      {tensor("c", 1, {2}, message({{4, floats({1, 2})}})), "float32[2] = {1.0, 2.0}"},
      {tensor("c", 1, {2}, one_float + one_float), "float32[2] = {1.0, 1.0}"},
      {tensor("c", 1, {3}, one_float + message({{4, floats({2, 3})}})), "float32[3] = {1.0, 2.0, 3.0}"},
      {tensor("c", 1, {3}, message({{4, floats({2, 3})}}) + one_float), "float32[3] = {2.0, 3.0, 1.0}"},
      {tensor("c", 11, {1}, one_double), "float64[1] = {1.5}"},
      {tensor("c", 7, {2}, varint_field(7, -1) + varint_field(7, 300)), "int64[2] = {-1, 300}"},
      {tensor("c", 7, {2}, message({{7, std::string("\x03\xac\x02")}})), "int64[2] = {3, 300}"},
      {tensor("c", 6, {1}, varint_field(5, -7)), "int32[1] = {-7}"},
      {tensor("c", 9, {2}, message({{5, std::string("\x01\0", 2)}})), "bool[2] = {true, false}"},
      {tensor("c", 10, {1}, varint_field(5, 0x3c00)), "float16[1] = {1.0}"},
      {tensor("c", 13, {}, varint_field(11, 9)), "uint64[] = {9}"},
      {tensor("c", 22, {3}, message({{9, std::string("\x78\x0f")}})), "int4[3] = {-8, 7, -1}"},
      {tensor("c", 1, {0}), "float32[0] = {}"},
      {tensor("c", 1, {2}), "float32[2] = omitted"},
      {tensor("c", 8, {1}, message({{6, "text"}})), "string[1] = omitted"},
  };
  for (const Case& each : cases) {
    EXPECT_THAT(text_of(graph({{kConstant, each.tensor}}, "c")),
                HasSubstr(std::string("  const c: ") + each.printed + "\n"));
  }
}

TEST(OnnxReader, TakesInitialisersForConstantsEvenIfListedAsInputs) {
  EXPECT_EQ(
      text_of(graph({{kInput, value("w", {1})},
                     {kConstant, tensor("w", 1, {1}, message({{9, floats({3})}}))},
                     {kNode, node("Mul", {"x", "w"}, {"y"})}})),
      "graph {\n  input x: float32[2]\n  const w: float32[1] = {3.0}\n  y = Mul(x, w)\n  output y\n}\n");
}

TEST(OnnxReader, KnowsSparseConstantsByType) {
  const std::string sparse = message({{1, tensor("w", 1, {1}, message({{9, floats({3})}}))}}) +
                             varint_field(3, 4) + varint_field(3, 5);
  EXPECT_THAT(text_of(graph({{kSparse, sparse}, {kNode, node("Mul", {"x", "w"}, {"y"})}})),
              HasSubstr("  const w: float32[4,5] = omitted\n"));
}

TEST(OnnxReader, KeepsWhatNodesAreCalled) {
  const std::string scopes =
      message({{9, message({{1, "pkg.torch.onnx.name_scopes"}, {2, "['', 'a', 'a.0', 'conv']"}})}});
  EXPECT_EQ(text_of(graph({{kNode, node("Relu", {"x"}, {"a"}, message({{3, "n"}}))},
                           {kNode, node("Relu", {"a"}, {"b"}, message({{3, "n"}}))},
                           {kNode, node("Relu", {"b"}, {"c"}, message({{3, "/stem/act/Relu"}}))},
                           {kNode, node("Relu", {"c"}, {"d"}, scopes)},
                           {kNode, node("Print", {"d"}, {})},
                           {kNode, node("Clip", {"d", "", ""}, {"y", ""})}})),
            "graph {\n  input x: float32[2]\n  n: a = Relu(x)\n  \"n#2\": b = Relu(a)\n"
            "  /stem/act/Relu: c = Relu(b) in stem/act\n  d = Relu(c) in a.0\n  Print: () = Print(d)\n"
            "  y = Clip(d)\n  output y\n}\n");
}

TEST(OnnxReader, TurnsConstantNodesIntoConstants) {
  const std::string held = message(
      {{5, message({{1, "value"}, {5, tensor("", 7, {1}, varint_field(7, 4))}}) + varint_field(20, 4)}});
  EXPECT_EQ(text_of(graph({{kNode, node("Constant", {}, {"c"}, held)},
                           {kNode, node("Constant", {}, {"d"}, int_attribute("value_int", 3))},
                           {kNode, node("Op", {"c", "d"}, {"y"})}})),
            "graph {\n  input x: float32[2]\n  const c: int64[1] = {4}\n  d = Constant() {value_int = 3}\n"
            "  y = Op(c, d)\n  output y\n}\n");
}

TEST(OnnxReader, FindsWhatBodiesCapture) {
  const std::string inner =
      message({{kNode, node("Add", {"x", "w"}, {"r"})}, {kOutput, message({{1, "r"}})}});
  const std::string outer = message({{2, "loop"},
                                     {kNode, node("If", {"c"}, {"q"}, graph_attribute("then_branch", inner))},
                                     {kOutput, message({{1, "q"}})},
                                     {kOutput, message({{1, "c"}})}});
  EXPECT_EQ(text_of(graph({{kInput, value("c", {})},
                           {kConstant, tensor("w", 1, {1})},
                           {kNode, node("Loop", {"", "c"}, {"y"}, graph_attribute("body", outer))}})),
            R"(graph {
  input x: float32[2]
  input c: float32[]
  const w: float32[1] = omitted
  y = Loop(_, c) {body = graph loop {
    opset "" 20
    capture c
    capture x
    capture w
    q = If(c) {then_branch = graph {
      opset "" 20
      capture x
      capture w
      r = Add(x, w)
      output r
    }}
    output q
    output c
  }}
  output y
}
)");
}

/// A FunctionProto as the model's field.
std::string function(const std::string& name, std::vector<std::string> inputs,
                     std::vector<std::string> outputs, std::vector<std::string> nodes,
                     const std::string& more = {}) {
  std::string bytes = message({{1, name}, {10, "f"}});
  for (std::string& input : inputs) bytes += message({{4, std::move(input)}});
  for (std::string& output : outputs) bytes += message({{5, std::move(output)}});
  for (std::string& each : nodes) bytes += message({{7, std::move(each)}});
  return message({{25, bytes + more}});
}

const std::string kInF = message({{7, "f"}});

TEST(OnnxReader, InlinesFunctions) {
  const std::string inner =
      function("inner", {"a", "b"}, {"o", "p"},
               {node("Op", {"a", "b"}, {"o"}, reference("axis", "k") + message({{3, "op"}})),
                node("Relu", {"o"}, {"p"}, reference("none", "absent"))});
  const std::string outer = function("outer", {"u", "v"}, {"w", "u"},
                                     {node("inner", {"u"}, {"t"}, kInF + reference("k", "axis")),
                                      node("inner", {"t", "v"}, {"w"}, kInF + int_attribute("k", 5))});
  EXPECT_EQ(text_of(graph({{kNode, node("outer", {"x", "x"}, {"y", "z"},
                                        kInF + message({{3, "call"}}) + int_attribute("axis", 1))},
                           {kNode, node("outer", {"z"}, {"q"}, kInF)}}),
                    outer + inner),
            R"(graph {
  input x: float32[2]
  call/t/op: call/t = Op(x) {axis = 1}
  call/t/p = Relu(call/t)
  call/w/op: y = Op(call/t, x) {axis = 5}
  call/w/p = Relu(y)
  z = Identity(x)
  q/t/op: q/t = Op(z)
  q/t/p = Relu(q/t)
  q/w/op: q = Op(q/t) {axis = 5}
  q/w/p = Relu(q)
  output y
}
)");
}

TEST(OnnxReader, TellsCallsOfTheSameNameApart) {
  const std::string call = kInF + message({{3, "n"}});
  EXPECT_THAT(text_of(graph({{kNode, node("g", {"x"}, {"a"}, call)}, {kNode, node("g", {"a"}, {"y"}, call)}}),
                      function("g", {"a"}, {"b"}, {node("Relu", {"a"}, {"h"}), node("Abs", {"h"}, {"b"})})),
              HasSubstr("  n/h = Relu(x)\n  a = Abs(n/h)\n  \"n#2/h\" = Relu(a)\n  y = Abs(\"n#2/h\")\n"));
}

TEST(OnnxReader, ChoosesFunctionsByOverload) {
  const std::string first = function("g", {"a"}, {"b"}, {node("First", {"a"}, {"b"})}, message({{13, "1"}}));
  const std::string second =
      function("g", {"a"}, {"b"}, {node("Second", {"a"}, {"b"})}, message({{13, "2"}}));
  const std::string defaults =
      function("h", {"a"}, {"b"}, {node("Op", {"a"}, {"b"}, reference("i", "i") + reference("j", "j"))},
               message({{11, message({{1, "i"}}) + varint_field(3, 7) + varint_field(20, 2)},
                        {11, message({{1, "j"}}) + varint_field(3, 8) + varint_field(20, 2)}}));
  const std::string text = text_of(graph({{kNode, node("g", {"x"}, {"a"}, kInF + message({{8, "2"}}))},
                                          {kNode, node("g", {"a"}, {"b"}, kInF + message({{8, "1"}}))},
                                          {kNode, node("h", {"b"}, {"y"}, kInF + int_attribute("j", 9))}}),
                                   first + second + defaults);
  EXPECT_THAT(text, HasSubstr("  a = Second(x)\n  b = First(a)\n  y = Op(b) {i = 7, j = 9}\n"));
}

TEST(OnnxReader, ResolvesCapturesOfBodiesInFunctions) {
  const std::string body =
      message({{kNode, node("Op", {"a", "h"}, {"r"}, reference("i", "i"))}, {kOutput, message({{1, "r"}})}});
  const std::string branching =
      function("f", {"a"}, {"b"},
               {node("Relu", {"a"}, {"h"}), node("If", {"a"}, {"b"}, graph_attribute("then_branch", body))});
  EXPECT_THAT(text_of(graph({{kNode, node("f", {"x"}, {"y"}, kInF + int_attribute("i", 3))}}), branching),
              HasSubstr("    capture a = x\n    capture h = y/h\n    r = Op(a, h) {i = 3}\n"));
}

TEST(OnnxReader, BoundsWhatFunctionsUnfoldTo) {
  std::string functions;
  for (int i = 0; i < 15; ++i) {
    const std::string next = "f" + std::to_string(i + 1);
    functions += function("f" + std::to_string(i), {"a"}, {"b"},
                          std::vector<std::string>(10, node(next, {"a"}, {}, kInF + message({{3, next}}))));
  }
  EXPECT_EQ(text_of(graph({{kNode, node("f0", {"x"}, {"y"}, kInF)}}), functions),
            "error: m.onnx: its functions unfold to more than 250000 nodes");
  EXPECT_EQ(text_of(graph({{kNode, node("r", {"x"}, {"y"}, kInF)}}),
                    function("r", {"a"}, {"b"}, {node("r", {"a"}, {"b"}, kInF)})),
            "error: m.onnx: its functions call each other more than 16 deep");
  const std::string wide = message({{3, std::string(100'000, 'n')}});
  EXPECT_EQ(
      text_of(graph({{kNode, node("w", {"x"}, {"y"}, kInF)}}),
              function("w", {"a"}, {"b"}, std::vector<std::string>(300, node("v", {"a"}, {}, kInF + wide))) +
                  function("v", {"a"}, {}, {node("Op", {"a"}, {"b"}), node("Op", {"a"}, {"c"})})),
      "error: m.onnx: its functions unfold to more than 64000000 bytes");
}

TEST(OnnxReader, UnderstandsSizesThatAreNotKnown) {
  const std::string dims =
      message({{1, varint_field(1, -1)}, {1, ""}, {1, message({{2, "batch"}})}, {1, message({{2, ""}})}});
  const std::string input =
      message({{1, "i"}, {2, message({{1, varint_field(1, 1) + message({{2, dims}})}})}});
  const std::string scalar =
      message({{1, "s"}, {2, message({{1, varint_field(1, 7) + message({{2, ""}})}})}});
  const std::string rankless = message({{1, "r"}, {2, message({{1, varint_field(1, 7)}})}});
  const std::string sequence =
      message({{1, "q"}, {2, message({{4, message({{1, message({{1, varint_field(1, 1)}})}})}})}});
  const std::string optional =
      message({{1, "o"}, {2, message({{9, message({{1, message({{1, varint_field(1, 1)}})}})}})}});
  EXPECT_EQ(
      text_of(graph({{kInput, input},
                     {kInput, scalar},
                     {kInput, rankless},
                     {kInput, sequence},
                     {kInput, optional},
                     {kInput, message({{1, "n"}})}},
                    "i")),
      "graph {\n  input x: float32[2]\n  input i: float32[\"?\",\"?\",batch,\"?\"]\n  input s: int64[]\n"
      "  input r: int64[?]\n  input q: seq(float32[?])\n  input o: float32[?]\n  input n\n  output i\n}\n");
}

/// A folder of its own, with a file `weights` of 16 bytes.
class OnnxExternalData : public ::testing::Test {
 protected:
  OnnxExternalData() {
    folder_ =
        std::filesystem::path(::testing::TempDir()) /
        (std::string("onnx_external_") + ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "weights", std::ios::binary) << floats({1, 2, 3, 4});
  }
  ~OnnxExternalData() override { std::filesystem::remove_all(folder_); }

  std::string read(std::initializer_list<std::pair<std::string, std::string>> entries) const {
    std::string more = varint_field(14, 1);
    for (const auto& [key, content] : entries) more += message({{13, message({{1, key}, {2, content}})}});
    std::string text = read_text(model_of(graph({{kConstant, tensor("w", 1, {2}, more)}}, "w")),
                                 (folder_ / "m.onnx").string());
    for (std::size_t at = text.find(folder_.string()); at != std::string::npos;
         at = text.find(folder_.string())) {
      text.replace(at, folder_.string().size(), "DIR");
    }
    return text;
  }

  std::filesystem::path folder_;
};

TEST_F(OnnxExternalData, IsLocatedInTheFile) {
  EXPECT_THAT(read({{"location", "weights"}}), HasSubstr("w: float32[2] = {1.0, 2.0}"));
  EXPECT_THAT(read({{"location", "./weights"}, {"offset", "8"}, {"length", "8"}}), HasSubstr("{3.0, 4.0}"));
}

TEST_F(OnnxExternalData, SaysWhatIsWrong) {
  const std::string start = "error: DIR/m.onnx: tensor 'w': ";
  EXPECT_EQ(read({}), start + "names no file for its external data");
  EXPECT_EQ(read({{"location", "gone"}}),
            start + "its external data are in 'DIR/gone', which does not exist");
  EXPECT_EQ(read({{"location", "."}}), start + "its external data are in 'DIR/.', which does not exist");
  for (const char* outside : {"../weights", "/etc/passwd", "a/../../weights", ""}) {
    EXPECT_EQ(read({{"location", outside}}),
              start + "its external data are in '" + outside + "' (a file in the model's folder)");
  }
  EXPECT_EQ(read({{"location", "weights"}, {"offset", "12"}}),
            start + "its external data are 8 bytes at offset 12 of 'DIR/weights' (the file has 16 bytes)");
  EXPECT_EQ(read({{"location", "weights"}, {"offset", "18446744073709551615"}}),
            start +
                "its external data are 8 bytes at offset 18446744073709551615 of 'DIR/weights' (the file has "
                "16 bytes)");
  EXPECT_EQ(read({{"location", "weights"}, {"offset", "-1"}}),
            start + "its external data have the offset '-1' (a number of bytes)");
  EXPECT_EQ(read({{"location", "weights"}, {"length", "4"}}), start + "holds 4 bytes (float32[2] takes 8)");
}

TEST(OnnxReader, SaysWhatIsWrong) {
  struct Case {
    std::string bytes;
    const char* message;
  };
  const std::string relu = node("Relu", {"x"}, {"y"});
  const Case cases[] = {
      {"", "m.onnx: holds no graph (an ONNX model was expected)"},
      {"not a model", "m.onnx: is not valid ONNX: unknown pbf field type exception"},
      {varint_field(1, 8), "m.onnx: holds no graph (an ONNX model was expected)"},
      {varint_field(7, 8), "m.onnx: is not valid ONNX: a field is not of the wire type that belongs to it"},
      {std::string("\x3a\x05\x12"), "m.onnx: the file is truncated: a field runs past its end"},
      {model_of(""), "m.onnx: the graph has no outputs (at least one output is needed)"},
      {model_of(message({{kNode, relu}})),
       "m.onnx: the graph has no outputs (at least one output is needed)"},
      {model_of(graph({})), "m.onnx: output 'y' is produced by no node"},
      {model_of(graph({{kNode, node("Relu", {"q"}, {"y"})}})),
       "m.onnx: node 'y' reads 'q', which nothing produces"},
      {model_of(graph({{kNode, relu}, {kNode, relu}})),
       "m.onnx: tensor 'y' is defined twice, the second time by node 'y#2'"},
      {model_of(graph({{kInput, value("x", {2})}, {kNode, relu}})),
       "m.onnx: tensor 'x' is defined twice, the second time by a graph input"},
      {model_of(graph({{kConstant, tensor("w", 1, {1})}, {kConstant, tensor("w", 1, {1})}, {kNode, relu}})),
       "m.onnx: tensor 'w' is defined twice, the second time by a constant"},
      {model_of(graph({{kNode, node("Op", {"b"}, {"y"})}, {kNode, node("Op", {"y"}, {"b"})}})),
       "m.onnx: the graph has a cycle through node 'y'"},
      {model_of(graph({{kNode, node("", {"x"}, {"y"}, message({{3, "n"}}))}})),
       "m.onnx: node 'n' has no operator"},
      {model_of(graph({{kNode, node("Op", {"x"}, {"y"}, int_attribute("a", 1) + int_attribute("a", 1))}})),
       "m.onnx: node '' (Op) has attribute 'a' twice"},
      {model_of(graph({{kInput, value("i", {-2})}, {kNode, relu}})),
       "m.onnx: 'i' has the size -2 (0 or more, a name, or -1 if not known)"},
      {model_of(graph({{13, value("y", {-3})}, {kNode, relu}})),
       "m.onnx: 'y' has the size -3 (0 or more, a name, or -1 if not known)"},
      {model_of(graph({{kInput, value("", {})}})), "m.onnx: an input has no name"},
      {model_of(graph({{13, value("", {})}, {kNode, relu}})), "m.onnx: an output or value has no name"},
      {model_of(graph({{kConstant, tensor("", 1, {})}})), "m.onnx: an initialiser has no name"},
      {model_of(graph({{kConstant, tensor("w", 1, {-1})}})),
       "m.onnx: tensor 'w': has the size -1 (0 or more)"},
      {model_of(graph({{kConstant, tensor("w", 99, {})}})), "m.onnx: tensor 'w': has data type 99 (1 to 26)"},
      {model_of(graph({{kConstant, tensor("w", 1, {2}, message({{9, "abcd"}}))}})),
       "m.onnx: tensor 'w': holds 4 bytes (float32[2] takes 8)"},
      {model_of(graph({{kConstant, varint_field(2, 1) + message({{1, std::string(65, '\1')}, {8, "w"}})}})),
       "m.onnx: tensor 'w': has rank 65 (at most 64)"},
  };
  for (const Case& each : cases) EXPECT_EQ(read_text(each.bytes), std::string("error: ") + each.message);
}

TEST(OnnxReader, BoundsNesting) {
  std::string body = message({{kNode, node("Relu", {"x"}, {"y"})}, {kOutput, message({{1, "y"}})}});
  for (int i = 0; i < 13; ++i) {
    body = message({{kNode, node("If", {"x"}, {"y"}, graph_attribute("then_branch", body))},
                    {kOutput, message({{1, "y"}})}});
  }
  EXPECT_EQ(read_text(model_of(message({{kInput, value("x", {})}}) + body)),
            "error: m.onnx: nests bodies more than 12 deep");
}

TEST(OnnxReader, SurvivesTruncationAtEveryByte) {
  const std::string branch =
      message({{kNode, node("Add", {"x", "w"}, {"r"})}, {kOutput, message({{1, "r"}})}});
  const std::string whole = model_of(
      graph({{kConstant, tensor("w", 1, {1}, message({{9, floats({3})}}))},
             {kNode, node("f", {"x"}, {"c"}, kInF)},
             {kNode,
              node("If", {"c"}, {"y"}, graph_attribute("then_branch", branch) + int_attribute("i", 3))}}),
      function("f", {"a"}, {"b"}, {node("Relu", {"a"}, {"b"})}));
  EXPECT_THAT(read_text(whole), HasSubstr("If(c)"));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const std::string text = read_text(whole.substr(0, length));
    EXPECT_TRUE(text.starts_with("error: m.onnx: ") || text.starts_with("graph {")) << length << ": " << text;
  }
}

TEST(OnnxReader, KnowsItsFiles) {
  EXPECT_TRUE(looks_like_onnx(model_of(graph({}))));
  EXPECT_TRUE(looks_like_onnx(model_of(graph({})).substr(0, 10)));
  EXPECT_FALSE(looks_like_onnx(""));
  EXPECT_FALSE(looks_like_onnx("graph {\n  input x\n  output x\n}\n"));
  EXPECT_FALSE(looks_like_onnx("{\"schema\": \"foretime.graph/1\"}"));
}

}  // namespace
}  // namespace foretime::onnx
