#include "runtimes/correlate.h"

#include <gtest/gtest.h>

#include "graph/graph_text.h"

namespace foretime {
namespace {

using Members = std::vector<std::vector<std::string>>;

const Graph kOriginal = parse_text(R"(graph {
  input x: float32[4]
  const w: float32[4] = {1.0, 2.0, 3.0, 4.0}
  k = Mul(w, w)
  a = Add(x, k)
  b = Relu(a)
  c = Sigmoid(a)
  d = Mul(b, c)
  output d
})",
                                   "original");

TEST(Correlate, FollowsTensorsBackToTheBorders) {
  const Graph fused = parse_text(R"(graph {
  input x: float32[4]
  const k: float32[4] = omitted
  a = Add(x, k)
  t = Convert(a)
  fused: d = Fused(t)
  output d
})",
                                 "fused");
  // `k` was folded; `t` is the runtime's own; `fused` wrote d, and met a and no other border.
  EXPECT_EQ(correlate(kOriginal, fused), (Members{{"a"}, {}, {"b", "c", "d"}}));
}

TEST(Correlate, KnowsANodeByItsNameWhereItsTensorWasRenamed) {
  const Graph renamed = parse_text(R"(graph {
  input x: float32[4]
  a: a_moved = Add(x, x)
  rest: d = Fused(a_moved)
  output d
})",
                                   "renamed");
  EXPECT_EQ(correlate(kOriginal, renamed), (Members{{"k", "a"}, {"b", "c", "d"}}));
}

TEST(Correlate, KnowsANodeThatIsCalledAfterTheOneItWasMadeOf) {
  const Graph rewritten = parse_text(R"(graph {
  input x: float32[4]
  "a/Fusion": inner = Gemm(x)
  back: d = Reshape(inner)
  output d
})",
                                     "rewritten");
  EXPECT_EQ(correlate(kOriginal, rewritten), (Members{{"k", "a"}, {"b", "c", "d"}}));
}

TEST(CorrelateByName, MergesWhatIsGoneIntoItsLatestProducer) {
  const std::vector<std::string> lowered = {"in", "a_nchwc", "b_nchwc", "d"};
  // c is gone: its only producer is a.
  using Places = std::vector<std::vector<std::size_t>>;
  EXPECT_EQ(correlate_by_name(kOriginal, lowered, "_nchwc"), (Places{{}, {1, 3}, {2}, {4}}));
}

TEST(CorrelateByName, KnowsANormalisationThatBecameAConvolution) {
  const Graph normal = parse_text(R"(graph {
  input x: float32[4]
  a = Concat(x, x)
  b = BatchNormalization(a)
  c = Relu(b)
  output c
})",
                                  "normal");
  const std::vector<std::string> lowered = {"a", "b_bn_nchwc"};
  using Places = std::vector<std::vector<std::size_t>>;
  EXPECT_EQ(correlate_by_name(normal, lowered, "_nchwc"), (Places{{0}, {1, 2}}));
}

}  // namespace
}  // namespace foretime
