#include "passes/annotate_types.h"

#include <gtest/gtest.h>

#include "graph/graph_text.h"

namespace foretime::passes {
namespace {

Graph annotated(const Graph& graph) {
  Diagnostics diagnostics;
  return annotate_types(graph, ops::infer(graph, {}, diagnostics));
}

constexpr const char* kText = R"(graph net {
  opset "" 21
  metadata producer_name "me"
  input x: float32[2,3]
  input c: bool[]
  const w: float32[3,4] = omitted
  const four: int64[] = {4}
  y = MatMul(x, w) from FullyConnected in model.head
  v = If(c) {then_branch = graph {
    capture y
    a = Relu(y)
    output a
  }, else_branch = graph {
    capture y
    b = Tanh(y)
    output b
  }}
  out, _ = Dropout(v)
  output out, y
})";

TEST(AnnotateTypes, EveryTensorGetsItsType) {
  const Graph graph = annotated(parse_text(kText, "test"));
  for (const char* name : {"y", "v", "out"}) {
    EXPECT_EQ(to_string(graph[graph.find_tensor(name).value()].type), "float32[2,4]") << name;
  }
  const Graph& body = graph.nodes()[1].subgraphs[0].body;
  EXPECT_EQ(to_string(body[body.find_tensor("a").value()].type), "float32[2,4]");
  EXPECT_EQ(to_string(body[body.find_tensor("y").value()].type), "float32[2,4]");
}

TEST(AnnotateTypes, NothingElseChanges) {
  const Graph before = parse_text(kText, "test");
  const Graph after = annotated(before);
  ASSERT_EQ(after.tensors().size(), before.tensors().size());
  for (std::size_t i = 0; i < before.tensors().size(); ++i) {
    EXPECT_EQ(after.tensors()[i].name, before.tensors()[i].name);
    EXPECT_EQ(after.tensors()[i].constant == nullptr, before.tensors()[i].constant == nullptr);
  }
  EXPECT_EQ(to_text(annotated(after)), to_text(after));
  EXPECT_EQ(to_text(annotated(parse_text(to_text(after), "again"))), to_text(after));
  EXPECT_EQ(to_text(after), R"(graph net {
  opset "" 21
  metadata producer_name "me"
  input x: float32[2,3]
  input c: bool[]
  const w: float32[3,4] = omitted
  const four: int64[] = {4}
  y: float32[2,4] = MatMul(x, w) from FullyConnected in model.head
  v: float32[2,4] = If(c) {then_branch = graph {
    capture y: float32[2,4]
    a: float32[2,4] = Relu(y)
    output a
  }, else_branch = graph {
    capture y: float32[2,4]
    b: float32[2,4] = Tanh(y)
    output b
  }}
  out: float32[2,4], _ = Dropout(v)
  output out
  output y
}
)");
}

// The branch that never runs stays as the file has it.
TEST(AnnotateTypes, ADecidedIfKeepsItsBranches) {
  const Graph graph = annotated(parse_text(R"(graph {
    input x: float32[2]
    const yes: bool[] = {true}
    v = If(yes) {then_branch = graph { capture x  a = Relu(x)  output a },
                 else_branch = graph { capture x  b = Tanh(x)  output b }}
    output v
  })",
                                           "test"));
  EXPECT_EQ(to_string(graph[graph.find_tensor("v").value()].type), "float32[2]");
  ASSERT_EQ(graph.nodes()[0].subgraphs.size(), 2u);
  const Graph& body = graph.nodes()[0].subgraphs[1].body;
  EXPECT_EQ(to_string(body[body.find_tensor("b").value()].type), "undefined[?]");
}

}  // namespace
}  // namespace foretime::passes
