#include "graph/graph_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "graph/graph_builder.h"

namespace foretime {
namespace {

using ::testing::HasSubstr;

std::string message_of(const std::string& text) {
  try {
    (void)parse_text(text, "net.txt");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

std::string reprinted(const std::string& text) {
  return to_text(parse_text(text, "net.txt"));
}

/// Everything a graph can hold, as it is printed.
constexpr const char* kEverything = R"text(graph "all of it" {
  opset "" 17
  opset "com.microsoft" 1
  metadata producer_name "py\"torch\"\n"
  input x: float32[batch(1..64),3,"(n + 1)",k(-2..)]
  input input: undefined[2]
  input untyped
  const w: float32[64,3,7,7] = omitted
  const shape: int64[] = derived
  const b: int64[2] = {1, -1}
  const "_": bool[3] = {true, false, true}
  const h: float16[4] = {0.33325195, inf, nan, -6.1035156e-05}
  const bf: bfloat16[2] = {1.0, 3.0040553e+38}
  const u: uint64[1] = {18446744073709551615}
  const n: int4[3] = {-8, 7, -1}
  const none: float64[0,4] = {}
  conv1: y: float32[batch(1..64),64,112,112] = Conv(x, w, _) {strides = [2, 2], auto_pad = "VALID"}
  p, _, "indices 2": int64[?] = MaxPool(y) from MAX_POOL_2D in model.stem
  print: () = com.microsoft::Print(p)
  lost: _ = Drop()
  /l/s/Split_output_0: seq(float32[?]) = SplitToSequence(y, b) {axis = -1, keepdims = 0}
  z = Op(b) {f = 1.0, g = -1e-05, i = inf, j = nan, fs = [0.1, 2.0], e = [], ef = floats [], es = strings [], ss = ["a", "\xff"], t = float32[2] {1.0, -0.0}, big = float32[1000] omitted}
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
  output "indices 2"
  output x
}
)text";

TEST(GraphText, PrintsWhatItParses) {
  EXPECT_EQ(reprinted(kEverything), kEverything);
}

TEST(GraphText, MeansWhatItSays) {
  const Graph graph = parse_text(kEverything, "net.txt");
  EXPECT_EQ(graph.name(), "all of it");
  EXPECT_EQ(graph.opset("com.microsoft"), 1);
  EXPECT_EQ(graph.metadata()[0].second, "py\"torch\"\n");
  const Shape& shape = *graph[graph.inputs()[0]].type.shape;
  EXPECT_EQ(shape[0].upper(), 64);
  EXPECT_EQ(shape[3].lower(), -2);
  EXPECT_EQ(shape[3].upper(), Dim::kUnbounded);

  const Node& conv = graph.nodes()[0];
  EXPECT_EQ(conv.name, "conv1");
  EXPECT_EQ(conv.inputs[2], kNoTensor);
  EXPECT_EQ(conv.attributes.integers("strides"), (std::vector<std::int64_t>{2, 2}));
  const Node& pool = graph.nodes()[1];
  EXPECT_EQ(pool.name, "p");
  EXPECT_EQ(pool.outputs[1], kNoTensor);
  EXPECT_EQ(pool.source_op, "MAX_POOL_2D");
  EXPECT_EQ(pool.module_path, "model.stem");
  EXPECT_EQ(graph.nodes()[2].domain, "com.microsoft");

  const Node& kinds = graph.nodes()[5];
  EXPECT_EQ(kinds.attributes.real("i", 0), std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(kinds.attributes.real("j", 0)));
  EXPECT_EQ(kinds.attributes.reals("fs"), (std::vector<float>{0.1F, 2.0F}));
  EXPECT_TRUE(std::holds_alternative<std::vector<float>>(*kinds.attributes.find("ef")));
  EXPECT_EQ(std::get<std::vector<std::string>>(*kinds.attributes.find("ss"))[1], "\xff");

  const Node& branch = graph.nodes()[6];
  const Subgraph& yes = branch.subgraphs[0];
  EXPECT_EQ(yes.attribute, "then_branch");
  EXPECT_EQ(yes.body.name(), "yes");
  EXPECT_EQ(graph[yes.captures[1]].name, "y");
  EXPECT_EQ(yes.body[yes.body.captures()[1]].name, "inner");
  const TensorId indices = *graph.find_tensor("indices 2");
  EXPECT_EQ(graph[indices].producer, NodeId{1});
  EXPECT_TRUE(graph[*graph.find_tensor("/l/s/Split_output_0")].type.sequence);
  EXPECT_EQ(graph[*graph.find_tensor("shape")].constant->encoding, Encoding::derived);
}

TEST(GraphText, ReadsAnySpacing) {
  struct Case {
    const char* written;
    const char* printed;
  };
  const Case cases[] = {
      {"graph{input x y=Relu(x)output y}", "graph {\n  input x\n  y = Relu(x)\n  output y\n}\n"},
      {"# a comment\ngraph  g\t{ input x:float32[ 1 , n ],k # another\r\n output x,\nk}",
       "graph g {\n  input x: float32[1,n]\n  input k\n  output x\n  output k\n}\n"},
      // Words of statements are names where no name follows them.
      {"graph { input input  output = Relu(input) from = Abs(output) from in in = Neg(from) output output, "
       "in }",
       "graph {\n  input input\n  output = Relu(input)\n  from = Abs(output) from in\n"
       "  in = Neg(from)\n  output output\n  output in\n}\n"},
      {"graph { graph = Relu(const) input const output graph }",
       "graph {\n  input const\n  graph = Relu(const)\n  output graph\n}\n"},
      // A colon after a name: a type if a bracket follows the next word, else the name of the node.
      {"graph { input x  int8: float32 = Relu(x)  int8[1]: y = Abs(x) output y }", nullptr},
      {"graph { input x  float32: int8: int8[1] = Relu(x)  output int8 }",
       "graph {\n  input x\n  float32: int8: int8[1] = Relu(x)\n  output int8\n}\n"},
      {"graph { b = Relu(a) a = Abs(x) input x output b }",
       "graph {\n  input x\n  a = Abs(x)\n  b = Relu(a)\n  output b\n}\n"},
      {"graph { const w const v: float32[2] = {1, 1e-50} x = Add(w, v) {a = [1, 2.5], b=-3} output x }",
       "graph {\n  const w = omitted\n  const v: float32[2] = {1.0, 0.0}\n"
       "  x = Add(w, v) {a = [1.0, 2.5], b = -3}\n  output x\n}\n"},
      // Two nodes that take their name from the same output cannot be; a node named before is told apart.
      {"graph { input x  y: a = Relu(x)  y = Abs(a) output y }",
       "graph {\n  input x\n  y: a = Relu(x)\n  \"y#2\": y = Abs(a)\n  output y\n}\n"},
  };
  for (const Case& each : cases) {
    if (each.printed == nullptr) {
      EXPECT_NE(message_of(each.written), "no error") << each.written;
      continue;
    }
    EXPECT_EQ(reprinted(each.written), each.printed) << each.written;
  }
}

TEST(GraphText, SaysWhereWhatAndWhatElse) {
  struct Case {
    const char* text;
    const char* message;
  };
  const Case cases[] = {
      {"", "net.txt:1:1: unexpected end of the text (expected 'graph')"},
      {"graph {\n  output y,\n}", "net.txt:3:1: unexpected '}' (expected the name of a tensor)"},
      {"graph {\n  input image\n  y = Relu(imagee)\n  output y\n}",
       "net.txt:3:12: nothing produces 'imagee' (did you mean image?)"},
      {"graph { output gone }",
       "net.txt:1:16: nothing produces 'gone' (an input, a const, a capture or a node's result)"},
      {"graph { input x }", "net.txt:1:7: the graph has no outputs (at least one output is needed)"},
      {"graph { input x, x output x }",
       "net.txt:1:18: tensor 'x' is defined twice, the second time by a graph input"},
      {"graph {\n input x\n x = Relu(x)\n output x }", "net.txt:3:2: tensor 'x' is defined twice"},
      {"graph {\n input x\n n: a = Relu(x)\n n: b = Relu(x)\n output x }",
       "net.txt:4:2: two nodes are named 'n'"},
      {"graph g { a = Relu(b) b = Relu(a) output a }", "net.txt:1:7: the graph has a cycle through node 'a'"},
      {"graph { input x: flaot32[1] output x }",
       "net.txt:1:18: unknown type 'flaot32' (did you mean float32?)"},
      {"graph { input x: float32 output x }",
       "net.txt:1:26: unexpected 'output' (expected a shape: [] for a scalar, [?] if not known)"},
      {"graph { input x: float32[9223372036854775808] }",
       "net.txt:1:26: unexpected '9223372036854775808' (expected an integer of 64 bits)"},
      {"graph { input x: float32[n(3..2)] }",
       "net.txt:1:28: no number lies in these bounds (the lower one comes first)"},
      {"graph { const c: int8[2] = {1, 300} }", "net.txt:1:32: '300' is no int8 (an integer of that range)"},
      {"graph { const c: float16[1] = {1e6} }",
       "net.txt:1:32: '1e6' is no float16 (a number of that range, inf, -inf or nan)"},
      {"graph { const c: bool[1] = {2} }", "net.txt:1:29: '2' is no bool (true or false)"},
      {"graph { const c: int8[3] = {1, 2} }", "net.txt:1:28: 2 values for int8[3] (3 are needed)"},
      {"graph { const c: float32[n] = {1} }",
       "net.txt:1:31: a constant of type float32[n] cannot have values here "
       "(omitted, or a type like int64[2] or float32[3,4])"},
      {"graph { const c = 7 }",
       "net.txt:1:19: unexpected '7' (expected values in braces, omitted, or derived)"},
      {"graph { input x y = Relu(x) {a = 1, a = 2} }", "net.txt:1:37: attribute 'a' is given twice"},
      {"graph { input x y = Relu(x) {a = yes} }",
       "net.txt:1:34: unexpected 'yes' (expected a number, a string in quotes, a list, a tensor such as "
       "int64[2] {0, 1}, or a graph)"},
      {"graph { input x y = Relu(x) {a = [1, \"b\"]} }", "net.txt:1:38: \"b\" is no integer of 64 bits"},
      {"graph { input x y = Relu(x) {a = [\"b\", 1]} }", "net.txt:1:40: '1' is no string (it has no quotes)"},
      {"graph { input x y = Relu(x) {a = 1e99} }",
       "net.txt:1:34: unexpected '1e99' (expected a number, a string in quotes, a list, a tensor such as "
       "int64[2] {0, 1}, or a graph)"},
      {"graph { input x y = Relu x }", "net.txt:1:26: unexpected 'x' (expected '(')"},
      {"graph { input x y = Relu(x x) }", "net.txt:1:28: unexpected 'x' (expected ',' or ')')"},
      {"graph { input x output x } graph", "net.txt:1:28: unexpected 'graph' (expected the end of the text)"},
      {"graph { input \"\" }", "net.txt:1:15: a tensor has an empty name"},
      {"graph { input x \"\": y = Relu(x) }",
       "net.txt:1:17: a node has an empty name (leave name and colon out)"},
      {"graph { input x () = Relu(x) }", "net.txt:1:17: a node of type Relu has neither name nor outputs"},
      {"graph { capture x = y output x }",
       "net.txt:1:19: unexpected '=' (expected nothing: no graph lies around this one)"},
      {"graph { input @x }",
       "net.txt:1:15: this character means nothing here (names other than words are written in quotes)"},
      {"graph \"g\n {}",
       "net.txt:1:7: this string does not end on its line (a line end in a string is written \\n)"},
      {"graph \"a\\q\" {}",
       "net.txt:1:9: unknown escape in a string (known are \\n, \\t, \\r, \\\", \\\\ and \\x with two "
       "hexadecimal digits)"},
      {"graph g x", "net.txt:1:9: unexpected 'x' (expected '{')"},
  };
  for (const Case& each : cases) EXPECT_EQ(message_of(each.text), each.message) << each.text;
}

std::string repeated(const char* text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

std::string nested(int depth) {
  return "graph { input x " + repeated("a = If(x) {b = graph { capture x ", depth - 1) +
         repeated("output x }} ", depth - 1) + "output x }";
}

TEST(GraphText, BoundsNesting) {
  EXPECT_EQ(message_of(nested(64)), "no error");
  EXPECT_THAT(message_of(nested(65)), HasSubstr(": graphs nest too deep here (at most 64 deep)"));
  EXPECT_THAT(message_of(nested(100000)), HasSubstr("too deep"));
}

TEST(GraphText, TakesLinearTimeAndMemory) {
  // Each of these takes hours or more memory than there is where the work is not linear in the text.
  const int many = 50000;
  std::string attributes = "graph { input x y = Op(x) {";
  std::string cycle = "graph { a = Op(" + repeated("b, ", many) + "b) b = Op(a) output a ";
  for (int i = 0; i < many; ++i) {
    const std::string number = std::to_string(i);
    attributes += (i > 0 ? ", a" : "a") + number + " = 1";
    cycle += "c" + number + " = Op(a) ";
  }
  EXPECT_EQ(message_of(attributes + "} output y }"), "no error");
  EXPECT_THAT(message_of(cycle + "}"), HasSubstr("has a cycle through"));
  EXPECT_EQ(message_of("graph { const w: float32[99999999999,99999999999] = omitted output w }"), "no error");
  EXPECT_THAT(message_of("graph { const w: float32[99999999999,9] = {1} output w }"),
              HasSubstr("1 values for float32[99999999999,9] (899999999991 are needed)"));
  EXPECT_THAT(message_of("graph { input \"" + std::string(1000000, 'x') + "\" output y }"), HasSubstr("'y'"));
}

TEST(GraphText, OmitsWhatIsTooLongForPeople) {
  GraphBuilder builder("g");
  for (const int count : {64, 65}) {
    const std::vector<float> values(static_cast<std::size_t>(count), 0.5F);
    builder.add_constant("c" + std::to_string(count), {DataType::float32, Shape{count}},
                         ConstantData::of(values));
  }
  builder.add_output(builder.tensor("c65"));
  const std::string text = to_text(std::move(builder).build());
  EXPECT_THAT(text, HasSubstr("const c64: float32[64] = {0.5, 0.5, "));
  EXPECT_THAT(text, HasSubstr("const c65: float32[65] = omitted\n"));
}

}  // namespace
}  // namespace foretime
