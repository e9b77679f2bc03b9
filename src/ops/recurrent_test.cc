#include <gtest/gtest.h>

#include "ops/recurrent_view.h"
#include "ops/testing.h"

namespace foretime::ops::testing {
namespace {

const Input kX = f32({5, 2, 8});

TEST(Recurrent, TypesAndCosts) {
  const Attributes both{{"direction", "bidirectional"}, {"hidden_size", std::int64_t{4}}};
  const Attributes by_batch{{"layout", std::int64_t{1}}};
  const std::int64_t lstm = 5 * 2 * 4 * 4 * 12;
  const std::vector<Case> cases = {
      {"LSTM",
       {kX, f32({1, 16, 8}), f32({1, 16, 4})},
       {},
       {"float32[5,1,2,4]", "float32[1,2,4]", "float32[1,2,4]"},
       lstm,
       2 * lstm + 40 * 18},
      {"LSTM",
       {kX, f32({2, 16, 8}), f32({2, 16, 4}), f32({2, 32})},
       both,
       {"float32[5,2,2,4]", "", "float32[2,2,4]"},
       2 * lstm,
       4 * lstm + 80 * 22},
      {"GRU",
       {kX, f32({1, 12, 8}), f32({1, 12, 4})},
       by_batch,
       {"float32[5,2,1,4]", "float32[5,1,4]"},
       40 * 3 * 12,
       80 * 3 * 12 + 40 * 14,
       "",
       14},
      {"RNN", {kX, f32({1, 4, 8}), f32({1, 4, 4})}, {}, {"", "float32[1,2,4]"}, 40 * 12, 80 * 12 + 40},
      {"DynamicQuantizeLSTM",
       {kX, typed(DataType::uint8, {1, 8, 16}), typed(DataType::uint8, {1, 4, 16})},
       {},
       {"float32[5,1,2,4]", "float32[1,2,4]", "float32[1,2,4]"},
       lstm,
       2 * lstm + 40 * 18,
       "com.microsoft"},
  };
  for (const Case& test : cases) EXPECT_EQ(mismatch(test), "");
}

TEST(Recurrent, NamedStepsGoThrough) {
  EXPECT_EQ(mismatch({"GRU",
                      {f32({Dim::named("t", 1, 10), 1, 8}), f32({1, 12, 8}), f32({1, 12, 4})},
                      {},
                      {"float32[t,1,1,4]"},
                      40 * 3 * 12}),
            "");
}

}  // namespace
}  // namespace foretime::ops::testing
