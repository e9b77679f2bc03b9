#include "formats/dot/dot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graph/graph_text.h"

namespace foretime {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string dot_of(const char* text) {
  return to_dot(parse_text(text, "net.txt"));
}

TEST(Dot, DrawsNodesConstantsAndTypes) {
  EXPECT_EQ(dot_of(R"(graph g {
    input x: float32[1,3,8,8]
    const w: float32[4,3,1,1]
    conv1: y: float32[1,4,8,8] = Conv(x, w, _)
    r, _ = Relu(y)
    output r
  })"),
            R"(digraph "g" {
  rankdir=TB;
  node [shape=box, style=rounded, fontname="Helvetica"];
  edge [fontname="Helvetica", fontsize=10];
  g0_in0 [shape=ellipse, label="x", tooltip="x"];
  g0_n0 [label="Conv\nconv1\nw float32[4,3,1,1]", tooltip="conv1"];
  g0_in0 -> g0_n0 [label="float32[1,3,8,8]"];
  g0_n1 [label="Relu\nr", tooltip="r"];
  g0_n0 -> g0_n1 [label="float32[1,4,8,8]"];
  g0_out0 [shape=ellipse, label="r", tooltip="r"];
  g0_n1 -> g0_out0;
}
)");
}

TEST(Dot, DrawsBodiesAsClusters) {
  const std::string dot = dot_of(R"(graph {
    input c, x
    v = If(c) {then_branch = graph { capture inner = x  q = Neg(inner)  output q }}
    output v
  })");
  EXPECT_THAT(dot, HasSubstr("  subgraph \"cluster_g0_n0_then_branch\" {\n    label=\"then_branch of v\";\n"
                             "    g1_n0 [label=\"Neg\\nq\", tooltip=\"q\"];\n    g0_in1 -> g1_n0;\n"));
}

TEST(Dot, CutsLongNamesAndEscapesTheRest) {
  const std::string dot = dot_of(
      R"(graph "a\"b" {
    input x
    "/model/encoder/layers.11/self_attn/out_proj/MatMul": y = Op(x)
    "a\\\n\xff\"": z = Op(y, a, b, c, d, e, f, g)
    const a const b const c const d const e const f const g
    output z
  })");
  EXPECT_THAT(dot, HasSubstr("digraph \"a\\\"b\" {"));
  EXPECT_THAT(dot, HasSubstr("label=\"Op\\n/model/encoder/layer…attn/out_proj/MatMul\""));
  EXPECT_THAT(dot, HasSubstr("tooltip=\"/model/encoder/layers.11/self_attn/out_proj/MatMul\""));
  EXPECT_THAT(dot, HasSubstr("tooltip=\"a\\\\ \uFFFD\\\"\""));
  EXPECT_THAT(dot, HasSubstr("\\nf\\n… and 1 more\""));
  EXPECT_THAT(dot, Not(HasSubstr("\xff\"")));
}

}  // namespace
}  // namespace foretime
