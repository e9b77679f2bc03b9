#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "graph/graph_text.h"
#include "kernels/common_rules.h"
#include "kernels/detector.h"
#include "kernels/features.h"
#include "kernels/physics.h"

namespace foretime {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

std::string device_rules() {
  std::ifstream file(FORETIME_SOURCE_DIR "/devices/myriadvpu_openvino2019r2/fusion.rules");
  return {std::istreambuf_iterator<char>(file), {}};
}

KernelGraph kernels_of(const std::string& text) {
  const Graph graph = parse_text(text, "test");
  const Detector detector(parse_rules(device_rules() + std::string(common_rules()), "rules"));
  KernelGraph kernels = detector.detect(analysis::layers(graph));
  kMyriadPhysics.arrange(kernels, 1);
  return kernels;
}

constexpr const char* kBranches = R"(graph {
  input x: float32[1,8,16,16]
  const w: float32[8,8,3,3]
  a: float32[1,8,16,16] = Conv(x, w) {kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1]}
  b: float32[1,8,16,16] = Conv(a, w) {kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1]}
  r: float32[1,8,16,16] = Relu(a)
  s: float32[1,8,16,16] = Add(b, r)
  t: float32[1,8,16,16] = Relu(s)
  c: float32[1,8,16,16] = Conv(t, w) {kernel_shape = [3, 3], strides = [1, 1], pads = [1, 1, 1, 1]}
  p: float32[1,8,8,8] = MaxPool(c) {kernel_shape = [2, 2], strides = [2, 2]}
  y: float32[1,512] = Flatten(p)
  output y
})";

TEST(MyriadPhysics, CutsByTheDevicesRules) {
  const KernelGraph graph = kernels_of(kBranches);
  std::vector<Kind> kinds;
  for (const Kernel& kernel : graph.kernels) kinds.push_back(kernel.kind());
  EXPECT_THAT(kinds, ElementsAre(Kind::conv, Kind::conv, Kind::elementwise, Kind::elementwise, Kind::conv,
                                 Kind::none));
  EXPECT_TRUE(graph.kernels[4].config.fused_pool);
}

TEST(MyriadPhysics, KnowsWhoReadsWhom) {
  EXPECT_THAT(kernels_of(kBranches).flows,
              ElementsAre(Flow{0, 1}, Flow{0, 2}, Flow{1, 3}, Flow{2, 3}, Flow{3, 4}));
}

TEST(MyriadPhysics, HidesSoftwareBesideTheEngine) {
  const KernelGraph graph = kernels_of(kBranches);
  EXPECT_TRUE(graph.kernels[2].config.hosted);
  EXPECT_FALSE(graph.kernels[3].config.hosted);
  EXPECT_EQ(graph.kernels[1].config.hosted_kind, Kind::elementwise);
}

TEST(MyriadPhysics, PricesEveryKernelThatItCuts) {
  for (const Kernel& kernel : kernels_of(kBranches).kernels) {
    std::vector<Amount> amounts;
    append_amounts(kMyriadPhysics, kernel.config, amounts);
    EXPECT_EQ(amounts.empty(), kernel.kind() == Kind::none);
    for (const Amount& amount : amounts) EXPECT_GT(amount.value, 0);
  }
}

TEST(MyriadPhysics, HasFeaturesOfItsOwn) {
  EXPECT_THAT(feature_names("myriad"), Contains("engine_cycles"));
  EXPECT_THAT(feature_names("myriad"), Not(Contains("im2col")));
  EXPECT_THAT(feature_names("cpu"), Not(Contains("engine_cycles")));
  const std::vector<std::string> names = feature_names("myriad");
  EXPECT_EQ(features_named(names, "test").size(), names.size());
}

}  // namespace
}  // namespace foretime
