#include "runtimes/openvino/executed_graph.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "graph/graph_text.h"
#include "runtimes/correlate.h"

namespace foretime::openvino {
namespace {

const Graph kOriginal = parse_text(R"(graph {
  input x: float32[4]
  conv: a = Conv(x, x)
  norm: b = BatchNormalization(a)
  act: c = Relu(b)
  same: d = Identity(c)
  e = Add(d, x)
  f = Sigmoid(e)
  output f
})",
                                   "original");

// A convolution that was renamed, an addition that is the rest of a normalisation, an activation whose tensor
// has two names (one with a comma), and a node with a body that computes the rest.
constexpr const char* kText = R"(<?xml version="1.0"?>
<net name="n" version="11"><layers>
  <layer id="0" name="x" type="Parameter"><output><port id="0" names="x"/></output></layer>
  <layer id="1" name="w" type="Const"><output><port id="0" names="a"/></output></layer>
  <layer id="2" name="Multiply_1" type="Convolution">
    <input><port id="0" names="b"/></input><output><port id="1" names="a"><dim>4</dim></port></output></layer>
  <layer id="3" name="norm" type="Add"><output><port id="0" names="b"/></output></layer>
  <layer id="4" name="act &amp; same" type="ReLU"><output><port id="0" names="o\,dd,d,c"/></output></layer>
  <layer id="5" name="rest" type="Subgraph">
    <port_map><input external_port_id="0" internal_layer_id="0"/>
      <output external_port_id="2" internal_layer_id="7"/></port_map>
    <output><port id="2"/></output>
    <body><layers><layer id="6" name="e" type="Add"><output><port id="0" names="e"/></output></layer>
      <layer id="7" name="r" type="Result" output_names="f"/></layers>
      <edges><edge from-layer="6" from-port="0" to-layer="7" to-port="0"/></edges></body></layer>
  <layer id="6" name="out" type="Result"/>
</layers><edges>
  <edge from-layer="0" from-port="0" to-layer="2" to-port="0"/>
  <edge from-layer="1" from-port="0" to-layer="2" to-port="1"/>
  <edge from-layer="2" from-port="1" to-layer="3" to-port="0"/>
  <edge from-layer="3" from-port="0" to-layer="4" to-port="0"/>
  <edge from-layer="4" from-port="0" to-layer="5" to-port="0"/>
  <edge from-layer="5" from-port="2" to-layer="6" to-port="0"/>
</edges></net>)";

TEST(ExecutedGraph, KeepsTheNamesThatTheFileKnows) {
  const Graph graph = executed_graph(kText, kOriginal);
  EXPECT_EQ(to_text(graph), R"(graph executed {
  input x
  Multiply_1: a = Convolution(x)
  norm: b = Add(a)
  "act & same": d = ReLU(b)
  rest: f = Subgraph(d)
  output f
}
)");
  using Members = std::vector<std::vector<std::string>>;
  EXPECT_EQ(correlate(kOriginal, graph), (Members{{"conv"}, {"norm"}, {"act", "same"}, {"e", "f"}}));
  // Of the four, two became kernels; the addition and the activation were made part of the convolution.
  using Places = std::vector<std::vector<std::size_t>>;
  EXPECT_EQ(correlate_by_name(graph, {"reorder", "Multiply_1", "rest"}, ""), (Places{{}, {0, 1, 2}, {3}}));
}

TEST(ExecutedGraph, RefusesOtherTexts) {
  const auto problem = [](const char* text) -> std::string {
    try {
      (void)executed_graph(text, kOriginal);
      return "read";
    } catch (const Error& error) {
      return error.what();
    }
  };
  EXPECT_EQ(problem(""), "OpenVINO's executed model: holds no layers");
  EXPECT_EQ(problem("<layer id=3>"), "OpenVINO's executed model: is no XML");
  EXPECT_EQ(problem("<layer id=\"3"), "OpenVINO's executed model: is no XML");
  EXPECT_EQ(problem("<layer"), "OpenVINO's executed model: is no XML");
}

}  // namespace
}  // namespace foretime::openvino
