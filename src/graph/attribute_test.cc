#include "graph/attribute.h"

#include <gtest/gtest.h>

namespace foretime {
namespace {

TEST(Attributes, ACopyIsItsOwnOnceOneOfTheTwoChanges) {
  Attributes original = {{"axis", std::int64_t{1}}, {"mode", std::string("linear")}};
  Attributes copy = original;
  EXPECT_EQ(copy.find("axis"), original.find("axis")) << "shared";
  copy.set("axis", std::int64_t{2});
  original.erase("mode");
  EXPECT_EQ(original.integer("axis", 0), 1);
  EXPECT_FALSE(original.has("mode"));
  EXPECT_EQ(copy.integer("axis", 0), 2);
  EXPECT_EQ(copy.text("mode", ""), "linear");
}

TEST(Attributes, NoneIsEmpty) {
  Attributes none;
  none.erase("axis");
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.begin(), none.end());
  EXPECT_EQ(none.integer("axis", 7), 7);
}

}  // namespace
}  // namespace foretime
