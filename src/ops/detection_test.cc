#include <gtest/gtest.h>

#include "ops/testing.h"

namespace foretime::ops::testing {
namespace {

const Input kX = f32({2, 3, 4});
const Input kFlags = typed(DataType::boolean, {3});
const Input kOneNumber = typed(DataType::int64, {1});

TEST(Detection, Types) {
  const Attributes along{{"axis", std::int64_t{1}}};
  const std::vector<Case> cases = {
      {"NonMaxSuppression", {f32({2, 6, 4}), f32({2, 3, 6}), ints({5})}, {}, {"int64[n,3]"}, 0, 36},
      {"NonMaxSuppression", {f32({2, 6, 4}), f32({2, 3, 6})}, {}, {"int64[0,3]"}, 0, 36},
      {"NonZero", {kX}, {}, {"int64[3,n]"}, 0, 24},
      {"NonZero", {ints({2, 2}, {1, 0, 1, 1})}, {}, {"int64[2,3]"}},
      {"Unique", {kX}, {}, {"float32[n]", "int64[n]", "int64[24]", "int64[n]"}},
      {"Unique", {kX}, along, {"float32[2,n,4]", "int64[n]", "int64[3]", "int64[n]"}},
      {"Compress", {kX, kFlags}, along, {"float32[2,n,4]"}, 0, 0},
      {"Compress", {kX, kFlags}, {}, {"float32[n]"}, 0, 0},
      {"Compress", {kX, ints({1, 0, 1})}, along, {"float32[2,2,4]"}, 0, 0},
      {"TopK", {kX, ints({2})}, {}, {"float32[2,3,2]", "int64[2,3,2]"}, 0, 24},
      {"TopK", {kX}, {{"k", std::int64_t{2}}, {"axis", std::int64_t{1}}}, {"float32[2,2,4]", "int64[2,2,4]"}},
      {"TopK", {kX, kOneNumber}, {}, {"float32[2,3,n]", "int64[2,3,n]"}},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

std::int64_t upper_of(const Case& test, std::size_t axis) {
  return (*infer_one(test).types[0].shape)[axis].upper();
}

TEST(Detection, DataDependentSizesAreBounded) {
  const Dim boxes = Dim::named("boxes", 1, 100);
  EXPECT_EQ(upper_of({"NonMaxSuppression", {f32({2, 6, 4}), f32({2, 3, 6}), ints({5})}, {}, {"?"}}, 0), 30);
  EXPECT_EQ(
      upper_of({"NonMaxSuppression", {f32({2, 6, 4}), f32({2, 3, 6}), ints({INT64_MAX})}, {}, {"?"}}, 0), 36);
  EXPECT_EQ(
      upper_of({"NonMaxSuppression", {f32({1, boxes, 4}), f32({1, 3, boxes}), kOneNumber}, {}, {"?"}}, 0),
      300);
  EXPECT_EQ(upper_of({"NonZero", {f32({2, boxes})}, {}, {"?"}}, 1), 200);
  EXPECT_EQ(upper_of({"Compress", {f32({boxes, 50}), typed(DataType::boolean, {7})}, {}, {"?"}}, 0), 7);
  EXPECT_EQ(upper_of({"TopK", {f32({boxes}), kOneNumber}, {}, {"?", "?"}}, 0), 100);
}

TEST(Detection, ADataDependentSizeIsNoted) {
  const Found found = infer_one({"NonZero", {kX}, {}, {"?"}});
  ASSERT_EQ(found.diagnostics.size(), 1u);
  EXPECT_EQ(found.diagnostics[0].code, "data-dependent");
}

TEST(Detection, KnownContentsAreFollowed) {
  EXPECT_EQ(contents({"NonZero", {ints({2, 2}, {1, 0, 1, 1})}, {}, {"?"}}), "0 1 1 0 0 1");
  EXPECT_EQ(contents({"NonZero", {ints({}, {7})}, {}, {"?"}}), "0");
}

TEST(Detection, TooManyToTake) {
  EXPECT_EQ(error_of({"TopK", {kX, ints({9})}, {}, {"?", "?"}}),
            "node 'n' (TopK): takes 9 of 4 elements (0 to 4)");
}

}  // namespace
}  // namespace foretime::ops::testing
