#include "predictors/refinement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"

namespace foretime {
namespace {

Refinement parsed(const std::string& json) {
  const Json document = parse_json(json, "p");
  return read_refinement(JsonObject(document, "p", "/parallelism"));
}

Refinement dpu() {
  return parsed(R"({"conv": {"width": {"par": 8, "alpha": 0.5}, "channels": {"par": 16, "alpha": 1},
                             "filters": {"par": 16, "alpha": 0.25}}})");
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
    EXPECT_DOUBLE_EQ(efficiency(dpu(), kernel.config), row.efficiency) << row.width << " " << row.channels;
    kernel.config.kind = Kind::elementwise;
    EXPECT_EQ(efficiency(dpu(), kernel.config), 1);
  }
}

TEST(Refinement, IsReadAsWritten) {
  EXPECT_EQ(to_json(parsed(to_json(dpu()).dump())), to_json(dpu()));
  EXPECT_EQ(to_json(Refinement()).dump(), "{}");
}

TEST(Refinement, SaysWhatIsWrong) {
  const std::pair<const char*, const char*> table[] = {
      {R"({"convv": {}})", "no class of kernels 'convv'"},
      {R"({"conv": {"depth": {}}})", "depth"},
      {R"({"conv": {"height": {"par": 0.5, "alpha": 1}}})", "/parallelism/conv/height/par"},
      {R"({"conv": {"height": {"par": 2, "alpha": 2}}})", "/parallelism/conv/height/alpha"},
  };
  for (const auto& [json, message] : table) {
    try {
      parsed(json);
      ADD_FAILURE() << json;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr(message));
    }
  }
}

}  // namespace
}  // namespace foretime
