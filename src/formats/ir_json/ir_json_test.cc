#include "formats/ir_json/ir_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "graph/graph_text.h"

namespace foretime {
namespace {

using ::testing::HasSubstr;

std::string message_of(const std::string& text) {
  try {
    (void)parse_ir_json(text, "net.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

/// A document with these keys beside the version.
std::string document(const std::string& keys) {
  return "{\"foretime.graph\": 1, " + keys + "}";
}

constexpr const char* kText = R"text(graph "all of it" {
  opset "" 17
  opset "com.microsoft" 1
  metadata producer "é\"\n"
  metadata raw "\xff"
  input x: float32[batch(1..64),3,"(n + 1)",k(-2..)]
  input untyped
  input half: seq(undefined[?])
  const w: float32[64,3,7,7] = omitted
  const shape: int64[] = derived
  const b: int64[2] = {1, -1}
  const "_": bool[3] = {true, false, true}
  const h: float16[4] = {0.33325195, inf, nan, -6.1035156e-05}
  const u: uint64[1] = {18446744073709551615}
  const d: float64[2] = {0.1, -0.0}
  conv1: y: float32[batch,64] = Conv(x, w, _) {strides = [2, 2], auto_pad = "VALID"}
  p, _, "\xff": int64[?] = MaxPool(y) from MAX_POOL_2D in model.stem
  print: () = com.microsoft::Print(p)
  z = Op(b) {f = 1.0, g = -1e-05, i = inf, j = nan, fs = [0.1, 2.0], fi = [0.1, -inf], e = [], ef = floats [], es = strings [], ss = ["a", "\xff"], s = "inf", t = float32[2] {1.0, -0.0}, big = float32[1000] omitted}
  v = If(z) {then_branch = graph yes {
    capture p: float32[1]
    capture inner = y
    q = Add(p, inner)
    output q
  }, else_branch = graph {
    capture p
    output p
  }}
  output v
  output "\xff"
}
)text";

TEST(IrJson, CarriesWhatTheTextCarries) {
  const std::string json = to_ir_json(parse_text(kText, "net.txt"));
  EXPECT_EQ(to_text(parse_ir_json(json, "net.json")), kText) << json;
  EXPECT_EQ(to_ir_json(parse_ir_json(json, "net.json")), json);
  EXPECT_TRUE(is_ir_json(json));
  EXPECT_FALSE(is_ir_json("{\"nodes\": []}"));
  EXPECT_FALSE(is_ir_json(""));
}

TEST(IrJson, PutsANodeOnALine) {
  const char* text =
      "graph g {\n  opset \"\" 17\n  input x: float32[1,n]\n  const w: float32[2] = {0.1, 2.0}\n"
      "  c: y: float32[1,n(0..9)] = Conv(x, w, _) {pads = [1, 1]}\n  output y\n}\n";
  EXPECT_EQ(to_ir_json(parse_text(text, "net.txt")), R"({
  "foretime.graph": 1,
  "name": "g",
  "opsets": {"":17},
  "inputs": ["x"],
  "outputs": ["y"],
  "tensors": [
    {"name":"x","dtype":"float32","shape":[1,"n"]},
    {"name":"w","dtype":"float32","shape":[2],"values":[0.1,2.0]},
    {"name":"y","dtype":"float32","shape":[1,{"name":"n","lower":0,"upper":9}]}
  ],
  "nodes": [
    {"name":"c","op":"Conv","inputs":["x","w",null],"outputs":["y"],"attributes":{"pads":[1,1]}}
  ]
}
)");
}

TEST(IrJson, ReadsWhatIsWrittenByHand) {
  struct Case {
    std::string json;
    const char* text;
  };
  const Case cases[] = {
      {document(
           R"("inputs": ["x"], "outputs": ["y"], "nodes": [{"op": "Relu", "inputs": ["x"], "outputs": ["y"]}])"),
       "graph {\n  input x\n  y = Relu(x)\n  output y\n}\n"},
      {document(R"("inputs": [{"name": "x", "dtype": "float32", "shape": [1, "n"]}], "outputs": ["x"])"),
       "graph {\n  input x: float32[1,n]\n  output x\n}\n"},
      {document(
           R"("outputs": ["c"], "tensors": [{"name": "c", "dtype": "float16", "shape": [3], "values": [1, 0.5, "nan"]}])"),
       "graph {\n  const c: float16[3] = {1.0, 0.5, nan}\n  output c\n}\n"},
      {document(
           R"("inputs": ["x"], "outputs": ["y"], "opsets": [["", 17]], "nodes": [{"op": "A", "inputs": ["x"], "outputs": ["y"],
          "attributes": {"a": true, "b": {"float": 1}, "c": [1, 2.5], "d": {"hex": "FF00"}, "e": {"floats": [1]}}}])"),
       "graph {\n  opset \"\" 17\n  input x\n"
       "  y = A(x) {a = 1, b = 1.0, c = [1.0, 2.5], d = \"\\xff\\x00\", e = [1.0]}\n  output y\n}\n"},
  };
  for (const Case& each : cases) {
    ASSERT_EQ(message_of(each.json), "no error");
    EXPECT_EQ(to_text(parse_ir_json(each.json, "net.json")), each.text);
  }
}

/// A document whose one node reads x and gives y.
std::string one_node(const std::string& keys) {
  return document(
      "\"inputs\": [\"x\"], \"outputs\": [\"y\"], \"nodes\": [{\"op\": \"A\", \"inputs\": [\"x\"], "
      "\"outputs\": [\"y\"], " +
      keys + "}]");
}

/// A document that defines and gives one constant.
std::string constant(const std::string& keys) {
  return document("\"outputs\": [\"c\"], \"tensors\": [{\"name\": \"c\", " + keys + "}]");
}

TEST(IrJson, SaysWhereWhatAndWhatElse) {
  struct Case {
    std::string json;
    const char* message;
  };
  const Case cases[] = {
      {"[]", "net.json: is no graph of Foretime (an object with the key \"foretime.graph\": 1)"},
      {"{}", "net.json: is no graph of Foretime (an object with the key \"foretime.graph\": 1)"},
      {"{\"foretime.graph\": 2}", "net.json: /foretime.graph: unknown version 2 (1)"},
      {"{\n\"a\" 1}",
       "net.json:2:5: syntax error while parsing object separator - unexpected number literal; expected ':'"},
      {document("\"output\": [\"y\"]"), "net.json: unknown key 'output' (did you mean outputs?)"},
      {document("\"inputs\": [\"x\"]"), "net.json: the graph has no outputs (at least one output is needed)"},
      {document("\"outputs\": [\"y\"]"),
       "net.json: /outputs/0: nothing produces 'y' (an input, a constant, a capture or a node's output)"},
      {document("\"outputs\": [\"c\"], \"nodes\": [{\"op\": \"A\", \"inputs\": [null, \"b\"], \"outputs\": "
                "[\"c\"]}]"),
       "net.json: /nodes/0/inputs/1: nothing produces 'b' (an input, a constant, a capture or a node's "
       "output)"},
      {document("\"inputs\": [\"x\"], \"outputs\": [\"x\"], \"tensors\": [{\"name\": \"gone\"}]"),
       "net.json: nothing produces 'gone' (an input, a constant, a capture or a node's output)"},
      {document("\"inputs\": [\"x\", \"x\"], \"outputs\": [\"x\"]"),
       "net.json: /inputs/1: tensor 'x' is defined twice, the second time by a graph input"},
      {document("\"inputs\": [\"\"]"), "net.json: /inputs/0: a tensor has an empty name"},
      {document("\"inputs\": [7]"), "net.json: /inputs/0: is no string (text in quotes)"},
      {document("\"inputs\": {}"), "net.json: /inputs: is no list (expected [ … ])"},
      {document("\"inputs\": [{\"hex\": \"0g\"}]"),
       "net.json: /inputs/0: has no bytes (pairs of hexadecimal digits)"},
      {document("\"nodes\": [{}]"), "net.json: /nodes/0: has no key 'op' (the operator, as ONNX names it)"},
      {document("\"nodes\": [3]"), "net.json: /nodes/0: is no object (expected { … })"},
      {document("\"nodes\": [{\"op\": \"A\", \"input\": []}]"),
       "net.json: /nodes/0: unknown key 'input' (did you mean inputs?)"},
      {document("\"nodes\": [{\"op\": \"A\"}]"),
       "net.json: /nodes/0: a node of type A has neither name nor outputs"},
      {document("\"inputs\": [\"x\"], \"nodes\": [{\"op\": \"A\", \"outputs\": [\"y\", \"y\"]}]"),
       "net.json: /nodes/0/outputs/1: tensor 'y' is defined twice"},
      {one_node("\"attributes\": {\"a/b\": null}"),
       "net.json: /nodes/0/attributes/a~1b: is no attribute (a number, a string, a list, {\"tensor\": …} or "
       "{\"graph\": …})"},
      {one_node("\"attributes\": {\"a\": 1e39}"),
       "net.json: /nodes/0/attributes/a: is no float (a number of that range, \"inf\", \"-inf\" or \"nan\")"},
      {one_node("\"attributes\": {\"a\": [1, \"b\"]}"),
       "net.json: /nodes/0/attributes/a/0: is no string (text in quotes)"},
      {one_node("\"attributes\": {\"a\": [[1]]}"),
       "net.json: /nodes/0/attributes/a/0: is no integer (an integer of 64 bits)"},
      {one_node("\"attributes\": [[\"a\", 1], [\"a\", 2]]"),
       "net.json: /nodes/0/attributes/1/1: attribute 'a' is given twice"},
      {one_node("\"attributes\": {\"a\": {}}"),
       "net.json: /nodes/0/attributes/a: names no kind of attribute (one key, such as \"tensor\")"},
      {one_node("\"attributes\": {\"a\": {\"graph\": {\"outputs\": [\"o\"]}}}"),
       "net.json: /nodes/0/attributes/a/graph/outputs/0: nothing produces 'o' (an input, a constant, a "
       "capture or "
       "a node's output)"},
      {one_node("\"attributes\": {\"a\": 18446744073709551615}"),
       "net.json: /nodes/0/attributes/a: is too large (an integer of 64 bits)"},
      {constant("\"dtype\": \"flaot32\""),
       "net.json: /tensors/0/dtype: unknown type 'flaot32' (did you mean float32?)"},
      {constant("\"dtype\": \"int8\", \"shape\": [3], \"values\": [1, 2]"),
       "net.json: /tensors/0/values: 2 values for int8[3] (3 are needed)"},
      {constant("\"dtype\": \"int8\", \"shape\": [2], \"values\": [1, 300]"),
       "net.json: /tensors/0/values/1: is no int8 (a number of that type, in a flat list)"},
      {constant("\"values\": [1]"),
       "net.json: /tensors/0/values: a constant of type undefined[?] cannot have values here (null, or a "
       "type like "
       "int64[2] or float32[3,4])"},
      {constant("\"shape\": [{\"name\": \"n\", \"lower\": 3, \"upper\": 2}]"),
       "net.json: /tensors/0/shape/0: no number lies in these bounds (lower is at most upper)"},
      {constant("\"shape\": [1.5]"), "net.json: /tensors/0/shape/0: is no integer (an integer of 64 bits)"},
      {document("\"outputs\": [\"x\"], \"captures\": [{\"name\": \"x\", \"outer\": \"y\"}]"),
       "net.json: /captures/0: no graph lies around this one (a name)"},
  };
  for (const Case& each : cases) EXPECT_EQ(message_of(each.json), each.message) << each.json;
}

std::string nested(int depth) {
  std::string open;
  std::string close;
  for (int i = 1; i < depth; ++i) {
    open +=
        "\"captures\": [\"x\"], \"outputs\": [\"x\"], \"nodes\": [{\"op\": \"If\", \"name\": \"i\", "
        "\"attributes\": [[\"b\", {\"graph\": {";
    close += "}}]]}]";
  }
  return document(open + "\"captures\": [\"x\"], \"outputs\": [\"x\"]" + close);
}

TEST(IrJson, BoundsNestingAndMemory) {
  EXPECT_EQ(message_of(nested(64)), "no error");
  EXPECT_THAT(message_of(nested(65)), HasSubstr("/graph: graphs nest too deep here (at most 64 deep)"));
  EXPECT_EQ(message_of(nested(10000)), "net.json: is nested more than 512 deep");
  EXPECT_EQ(message_of(constant("\"dtype\": \"int8\", \"shape\": [99999999999, 9999999], \"values\": null")),
            "no error");
  std::string attributes = "\"a\": 1";
  for (int i = 0; i < 100000; ++i) attributes += ", \"" + std::to_string(i) + "\": 1";
  EXPECT_EQ(message_of(one_node("\"attributes\": {" + attributes + "}")), "no error") << "in linear time";
}

}  // namespace
}  // namespace foretime
