#include "predictors/refinement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace foretime {
namespace {

Refinement dpu() {
  return parse_refinement(R"({"parallelism": {"conv": {"width": {"par": 8, "alpha": 0.5},
                                                       "channels": {"par": 16, "alpha": 1},
                                                       "filters": {"par": 16, "alpha": 0.25}}}})",
                          "dpu");
}

struct Row {
  std::int32_t width, channels, groups, filters;
  double efficiency;
};

TEST(Refinement, LosesWhatTheLastStepLeavesEmpty) {
  const Row table[] = {
      {8, 16, 1, 16, 1},
      {7, 3, 1, 15, 1},                           // small sizes are computed side by side
      {8, 24, 1, 16, 0.75},                       // 24 of 32
      {8, 16, 1, 24, 1 / (0.75 + 0.25 * 4 / 3)},  // a quarter of the loss shows
      {12, 48, 2, 16, 0.75 / (0.5 + 0.5 * 4 / 3)},
  };
  for (const Row& row : table) {
    Kernel kernel;
    kernel.config.kind = Kind::conv;
    kernel.config.width = row.width;
    kernel.config.in_channels = row.channels;
    kernel.config.groups = row.groups;
    kernel.config.channels = row.filters;
    EXPECT_DOUBLE_EQ(efficiency(dpu(), kernel), row.efficiency) << row.width << " " << row.channels;
    kernel.config.kind = Kind::elementwise;
    EXPECT_EQ(efficiency(dpu(), kernel), 1);
  }
}

TEST(Refinement, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> table[] = {
      {R"({})", "parallelism"},
      {R"({"parallelism": {"convv": {}}})", "no class of kernels 'convv'"},
      {R"({"parallelism": {"conv": {"depth": {}}}})", "depth"},
      {R"({"parallelism": {"conv": {"height": {"par": 0.5, "alpha": 1}}}})", "/parallelism/conv/height/par"},
      {R"({"parallelism": {"conv": {"height": {"par": 2, "alpha": 2}}}})", "/parallelism/conv/height/alpha"},
  };
  for (const auto& [json, message] : table) {
    try {
      parse_refinement(json, "p");
      ADD_FAILURE() << json;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr(message));
    }
  }
}

}  // namespace
}  // namespace foretime
