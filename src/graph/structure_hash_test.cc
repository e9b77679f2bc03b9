#include "graph/structure_hash.h"

#include <gtest/gtest.h>

#include <set>

#include "graph/graph_text.h"

namespace foretime {
namespace {

std::uint64_t hash_of(const std::string& text) {
  return structure_hash(parse_text(text, "test"));
}

constexpr const char* kNetwork = R"(graph {
  opset "" 17
  input x: float32[1,3,8,8]
  const w: float32[4,3,3,3] = omitted
  y: float32[1,4,8,8] = Conv(x, w) {pads = [1, 1, 1, 1]}
  z: float32[1,4,8,8] = Relu(y)
  output z
})";

TEST(StructureHash, DoesNotSeeNames) {
  const std::string renamed = R"(graph other {
  opset "" 17
  input image: float32[1,3,8,8]
  const kernel: float32[4,3,3,3] = omitted
  conv: features: float32[1,4,8,8] = Conv(image, kernel) {pads = [1, 1, 1, 1]}
  act: out: float32[1,4,8,8] = Relu(features)
  output out
})";
  EXPECT_EQ(hash_of(kNetwork), hash_of(renamed));
}

/// Each differs from all others.
TEST(StructureHash, SeesOperatorsAttributesSizesAndConnections) {
  const std::vector<std::pair<std::string, std::string>> changes = {
      {"", ""},
      {"Relu(y)", "Sigmoid(y)"},
      {"[1, 1, 1, 1]", "[1, 1, 1, 2]"},
      {"{pads = [1, 1, 1, 1]}", "{auto_pad = \"SAME_UPPER\"}"},
      {"{pads = [1, 1, 1, 1]}", "{auto_pad = \"SAME_LOWER\"}"},
      {"{pads = [1, 1, 1, 1]}", ""},
      {"input x: float32[1,3,8,8]", "input x: float32[1,3,9,8]"},
      {"input x: float32[1,3,8,8]", "input x: float16[1,3,8,8]"},
      {"float32[4,3,3,3]", "float32[5,3,3,3]"},
      {"Relu(y)", "Add(y, y)"},
      {"Relu(y)", "Add(y, w)"},
      {"output z", "output z output y"},
  };
  std::set<std::uint64_t> hashes;
  for (const auto& [from, to] : changes) {
    std::string text = kNetwork;
    if (!from.empty()) {
      ASSERT_NE(text.find(from), std::string::npos) << from;
      text.replace(text.find(from), from.size(), to);
    }
    EXPECT_TRUE(hashes.insert(hash_of(text)).second) << from << " -> " << to;
  }
}

TEST(StructureHash, DoesNotSeeWeights) {
  const auto with = [](const char* values) {
    return hash_of(std::string("graph { input x: float32[2] const w: float32[2] = ") + values +
                   " y: float32[2] = Add(x, w) output y }");
  };
  EXPECT_EQ(with("{1.0, 2.0}"), with("{3.0, 4.0}"));
  EXPECT_EQ(with("{1.0, 2.0}"), with("omitted"));
}

}  // namespace
}  // namespace foretime
