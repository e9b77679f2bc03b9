#include "graph/graph_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace foretime {
namespace {

using ::testing::ElementsAre;

const TensorType kImage{DataType::float32, Shape{1, 3, 8, 8}};

/// Adds `out = op(inputs…)`.
void add(GraphBuilder& builder, const char* op, const char* out, std::initializer_list<const char*> inputs) {
  Node node;
  node.op = op;
  for (const char* name : inputs) node.inputs.push_back(builder.tensor(name));
  node.outputs.push_back(builder.tensor(out));
  builder.add_node(std::move(node));
}

std::string message_of(GraphBuilder builder) {
  try {
    (void)std::move(builder).build();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(GraphBuilder, KeepsOrderAndKnowsConsumers) {
  GraphBuilder builder("net");
  builder.add_input("x", kImage);
  add(builder, "Relu", "a", {"x"});
  add(builder, "Add", "b", {"a", "a"});
  add(builder, "Add", "c", {"a", "b"});
  builder.add_output(builder.tensor("c"));
  const Graph graph = std::move(builder).build();
  ASSERT_EQ(graph.nodes().size(), 3u);
  EXPECT_EQ(graph.nodes()[1].name, "b");
  EXPECT_THAT(graph.consumers(*graph.find_tensor("a")), ElementsAre(NodeId{1}, NodeId{2}));
  EXPECT_EQ(graph[*graph.find_tensor("c")].producer, NodeId{2});
}

TEST(GraphBuilder, SortsNodesThatComeTooEarly) {
  GraphBuilder builder("net");
  builder.add_input("x", kImage);
  add(builder, "Relu", "c", {"b"});
  add(builder, "Relu", "a", {"x"});
  add(builder, "Relu", "b", {"a"});
  builder.add_output(builder.tensor("c"));
  const Graph graph = std::move(builder).build();
  EXPECT_EQ(graph.nodes()[0].name, "a");
  EXPECT_EQ(graph.nodes()[2].name, "c");
  EXPECT_EQ(graph[*graph.find_tensor("c")].producer, NodeId{2});
  EXPECT_THAT(graph.consumers(*graph.find_tensor("a")), ElementsAre(NodeId{1}));
}

TEST(GraphBuilder, NamesTheOffender) {
  GraphBuilder cycle("net", "net.onnx");
  cycle.add_input("x", kImage);
  add(cycle, "Add", "a", {"x", "c"});
  add(cycle, "Relu", "b", {"a"});
  add(cycle, "Relu", "c", {"b"});
  add(cycle, "Relu", "after", {"c"});
  cycle.add_output(cycle.tensor("after"));
  EXPECT_EQ(message_of(std::move(cycle)), "net.onnx: the graph has a cycle through node 'c'");

  GraphBuilder missing("net");
  add(missing, "Relu", "a", {"x"});
  missing.add_output(missing.tensor("a"));
  EXPECT_EQ(message_of(std::move(missing)), "graph net: node 'a' reads 'x', which nothing produces");

  GraphBuilder silent("net");
  silent.add_input("x", kImage);
  EXPECT_EQ(message_of(std::move(silent)),
            "graph net: the graph has no outputs (at least one output is needed)");
}

TEST(GraphBuilder, RefusesTwoSourcesOfOneTensor) {
  GraphBuilder builder("net");
  builder.add_input("x", kImage);
  add(builder, "Relu", "a", {"x"});
  Node again;
  again.op = "Relu";
  again.name = "again";
  again.inputs = {builder.tensor("x")};
  again.outputs = {builder.tensor("a")};
  try {
    builder.add_node(again);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "graph net: tensor 'a' is defined twice, the second time by node 'again'");
  }
}

TEST(Constants, DecodeRawAndVarint) {
  const std::vector<std::int64_t> values = {-1, 7, 1 << 20};
  const TensorType type{DataType::int64, Shape{3}};
  EXPECT_EQ(integers(ConstantData::of(values), type, 10), values);
  EXPECT_FALSE(integers(ConstantData::of(values), type, 2));

  const auto varint = [](std::vector<unsigned> bytes) {
    std::vector<std::byte> raw;
    for (const unsigned byte : bytes) raw.push_back(std::byte(byte));
    ConstantData data = ConstantData::owning(raw);
    data.encoding = Encoding::varint;
    return data;
  };
  const TensorType two{DataType::int32, Shape{2}};
  EXPECT_EQ(integers(varint({0x96, 0x01, 0x03}), two, 10), (std::vector<std::int64_t>{150, 3}));
  EXPECT_FALSE(integers(varint({0x96, 0x01}), two, 10)) << "too few elements";
  // float16 1.5 = 0x3e00, stored as a varint bit pattern
  EXPECT_EQ(reals(varint({0x80, 0x7c}), {DataType::float16, Shape{1}}, 10), (std::vector<double>{1.5}));
}

TEST(Dims, ArithmeticKeepsBounds) {
  const Dim n = Dim::named("n", 0, 100);
  EXPECT_EQ(to_string(n + 1), "(n + 1)");
  EXPECT_EQ((n + 1).upper(), 101);
  EXPECT_EQ(n - n, Dim(0));
  EXPECT_EQ((n * 4).upper(), 400);
  EXPECT_EQ(min(n, 10).upper(), 10);
  EXPECT_EQ(min(n, 100), n);
  EXPECT_EQ(floor_div(n, Dim::named("m", 0, 9)).upper(), 100);
  EXPECT_EQ(floor_div(n, 0), Dim(0));
  Dim grown = n;
  for (int i = 0; i < 200; ++i) grown = grown + n;
  EXPECT_LT(grown.name().size(), 64u);
  EXPECT_EQ(floor_div(Dim(-7), 2), Dim(-4));
  EXPECT_EQ(modulo(Dim(-7), 2), Dim(1));
  EXPECT_EQ(elements_of({Dim(kSaturated), 2, 3}), kSaturated);
}

}  // namespace
}  // namespace foretime
