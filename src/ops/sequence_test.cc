#include <gtest/gtest.h>

#include "ops/testing.h"

namespace foretime::ops::testing {
namespace {

using Ints = std::vector<std::int64_t>;

TEST(Sequence, OneNode) {
  const Input x = f32({2, 3});
  const Input sequence = sequence_of(DataType::float32, Shape{2, 3});
  const Input at = ints({}, {0});
  const Input somewhere = typed(DataType::int64, {});
  const std::vector<Case> cases = {
      {"SequenceConstruct", {x, f32({2, 3})}, {}, {"seq(float32[2,3])"}, 0, 0},
      {"SequenceConstruct", {x, f32({2, 5})}, {}, {"seq(float32[2,n.1])"}},
      {"SequenceConstruct", {x, f32({2})}, {}, {"seq(float32[?])"}},
      {"SequenceEmpty", {}, {{"dtype", std::int64_t{7}}}, {"seq(int64[?])"}},
      {"SequenceInsert", {sequence, x}, {}, {"seq(float32[2,3])"}},
      {"SequenceErase", {sequence}, {}, {"seq(float32[2,3])"}},
      {"SequenceAt", {sequence, somewhere}, {}, {"float32[2,3]"}},
      {"SequenceLength", {sequence}, {}, {"int64[]"}},
      {"SplitToSequence", {f32({2, 6})}, {{"axis", std::int64_t{1}}}, {"seq(float32[2,1])"}},
      {"SplitToSequence",
       {f32({2, 6})},
       {{"axis", std::int64_t{1}}, {"keepdims", std::int64_t{0}}},
       {"seq(float32[2])"}},
      {"SplitToSequence", {f32({6}), ints({}, {4})}, {}, {"seq(float32[n.0])"}},
      {"SplitToSequence", {f32({6}), ints({3, 3})}, {}, {"seq(float32[3])"}},
      {"SplitToSequence", {f32({6}), somewhere}, {}, {"seq(float32[n])"}},
      {"ConcatFromSequence", {sequence}, {{"axis", std::int64_t{0}}}, {"float32[n,3]"}},
      {"ConcatFromSequence",
       {sequence},
       {{"axis", std::int64_t{-1}}, {"new_axis", std::int64_t{1}}},
       {"float32[2,3,n]"}},
      {"Optional", {x}, {}, {"float32[2,3]"}},
      {"OptionalHasElement", {x}, {}, {"bool[]"}},
      {"OptionalGetElement", {sequence}, {}, {"seq(float32[2,3])"}},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

/// Adds `out = op(inputs…)`.
void add(GraphBuilder& builder, const char* op, const char* out, std::initializer_list<const char*> inputs,
         Attributes attributes = {}) {
  Node node;
  node.op = op;
  node.attributes = std::move(attributes);
  for (const char* name : inputs) node.inputs.push_back(builder.tensor(name));
  node.outputs.push_back(builder.tensor(out));
  builder.add_node(std::move(node));
}

void add_numbers(GraphBuilder& builder, const char* name, const Ints& values, Shape shape) {
  builder.add_constant(name, {DataType::int64, std::move(shape)}, ConstantData::of(values));
}

std::string type_of(GraphBuilder builder, const char* name) {
  builder.add_output(builder.tensor(name));
  const Graph graph = std::move(builder).build();
  Diagnostics diagnostics;
  return to_string(infer(graph, {}, diagnostics).types[index(*graph.find_tensor(name))]);
}

GraphBuilder split_in_unequal_parts() {
  GraphBuilder builder("test");
  builder.add_input("x", {DataType::float32, Shape{2, 7}});
  add_numbers(builder, "sizes", {3, 4}, {2});
  add_numbers(builder, "last", {-1}, {});
  add(builder, "SplitToSequence", "parts", {"x", "sizes"}, {{"axis", std::int64_t{1}}});
  return builder;
}

TEST(Sequence, MembersAreFollowed) {
  GraphBuilder taken = split_in_unequal_parts();
  add(taken, "SequenceAt", "y", {"parts", "last"});
  EXPECT_EQ(type_of(std::move(taken), "y"), "float32[2,4]");

  GraphBuilder joined = split_in_unequal_parts();
  add(joined, "SequenceInsert", "more", {"parts", "x"});
  add(joined, "ConcatFromSequence", "y", {"more"}, {{"axis", std::int64_t{1}}});
  EXPECT_EQ(type_of(std::move(joined), "y"), "float32[2,14]");

  GraphBuilder stacked("test");
  stacked.add_input("x", {DataType::float32, Shape{2, 7}});
  add(stacked, "SequenceEmpty", "none", {});
  add(stacked, "SequenceInsert", "one", {"none", "x"});
  add(stacked, "SequenceInsert", "two", {"one", "x"});
  add(stacked, "SequenceErase", "left", {"two"});
  add(stacked, "ConcatFromSequence", "y", {"left"},
      {{"axis", std::int64_t{0}}, {"new_axis", std::int64_t{1}}});
  EXPECT_EQ(type_of(std::move(stacked), "y"), "float32[1,2,7]");
}

TEST(Sequence, MemberMustExist) {
  GraphBuilder builder = split_in_unequal_parts();
  add_numbers(builder, "third", {2}, {});
  add(builder, "SequenceAt", "y", {"parts", "third"});
  try {
    type_of(std::move(builder), "y");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "node 'y' (SequenceAt): takes member 2 of a sequence of 2 (from -2 to 1)");
  }
}

TEST(Sequence, TheBodyOfAMapIsInferred) {
  GraphBuilder body("body");
  body.add_input("a", {});
  add(body, "Relu", "b", {"a"});
  body.add_output(body.tensor("b"));

  GraphBuilder builder("test");
  builder.add_input("s", {DataType::float32, Shape{2, 3}, true});
  Node node;
  node.op = "SequenceMap";
  node.inputs = {builder.tensor("s")};
  node.outputs = {builder.tensor("y")};
  node.subgraphs.push_back({"body", std::move(body).build(), {}});
  builder.add_node(std::move(node));
  EXPECT_EQ(type_of(std::move(builder), "y"), "seq(float32[2,3])");
}

}  // namespace
}  // namespace foretime::ops::testing
