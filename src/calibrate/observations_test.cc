#include "calibrate/observations.h"

#include <gmock/gmock.h>

#include "calibrate/toy_testing.h"

namespace foretime {
namespace {

Observations toy_observations() {
  return Observations({testing::kToyRules, "cpu", feature_names("cpu")});
}

TEST(Observations, TimedLayersBecomeThePartsTheyShareWithKernels) {
  // Two convolutions with their ReLUs: two kernels of ours. The runtime ran the first ReLU alone, converted
  // something by itself, and ran the rest as one.
  MeasuredNetwork network = testing::toy_network(8, 2);
  MeasuredLatency& latency = network.latencies.at("cpu");
  latency.kernels = {{{"c0"}, {1}}, {{"x1"}, {0.25}}, {{}, {0.5}}, {{"c1", "x2"}, {2}}, {{}, {0.125}}};
  const Observations::Cut cut = toy_observations().cut(network, latency);
  ASSERT_EQ(cut.kernels.size(), 2U);
  ASSERT_EQ(cut.parts.size(), 2U);
  EXPECT_THAT(cut.parts[0].kernels, ::testing::ElementsAre(0));
  EXPECT_EQ(cut.parts[0].latency, 1.25);
  EXPECT_THAT(cut.parts[1].kernels, ::testing::ElementsAre(1));
  EXPECT_EQ(cut.parts[1].latency, 2.625);

  latency.kernels = {{{"c0", "c1"}, {3}}, {{"x1"}, {1}}};
  const Observations::Cut joined = toy_observations().cut(network, latency);
  ASSERT_EQ(joined.parts.size(), 1U);
  EXPECT_THAT(joined.parts[0].kernels, ::testing::ElementsAre(0, 1));
  EXPECT_EQ(joined.parts[0].latency, 4);
}

TEST(Observations, WhatMultipliesRanWithItsReaderWhereNobodyNamesIt) {
  MeasuredNetwork network = testing::toy_network(8, 3);
  MeasuredLatency& latency = network.latencies.at("cpu");
  latency.kernels = {{{"c0", "x1"}, {1}}, {{}, {2}}, {{"c2", "x3"}, {0.5}}};
  const Observations::Cut cut = toy_observations().cut(network, latency);
  ASSERT_EQ(cut.parts.size(), 2U);
  EXPECT_THAT(cut.parts[0].kernels, ::testing::ElementsAre(0));
  EXPECT_EQ(cut.parts[0].latency, 1);
  EXPECT_THAT(cut.parts[1].kernels, ::testing::ElementsAre(1, 2));
  EXPECT_EQ(cut.parts[1].latency, 2.5);
}

}  // namespace
}  // namespace foretime
