#include "calibrate/blame.h"

#include <gtest/gtest.h>

#include "calibrate/toy_testing.h"

namespace foretime {
namespace {

using namespace testing;

/// Convolutions timed one by one, of which the last network's take twice as long as all others say.
TEST(Blame, NamesTheKernelsThatWereTimed) {
  Observations observations({kToyRules, "cpu", feature_names("cpu")});
  for (int width = 1; width <= 6; ++width) {
    MeasuredNetwork network = toy_network(8 * width, 2);
    MeasuredLatency& latency = network.latencies.at("cpu");
    if (width == 6) latency.latency.value *= 2;
    for (const char* layer : {"c0", "c1"}) latency.kernels.push_back({{layer}, {latency.latency.value / 2}});
    observations.add(observations.cut(network, latency));
  }
  const Chosen all = {0, 1, 2, 3, 4, 5};
  ASSERT_EQ(observations.parts().size(), 12U);

  Calibrated calibrated;
  calibrated.held_out_parts = observations.problem().part_latencies;
  for (const std::uint32_t network : all) {
    const double measured = observations.problem().latencies[network];
    calibrated.held_out.push_back({measured, network == 5 ? measured / 2 : measured});
  }
  calibrated.held_out_parts[11] /= 4;  // c1 of the last
  const std::vector<BlamedNetwork> worst = worst_networks(observations, all, calibrated, 2);
  ASSERT_EQ(worst.size(), 2U);
  EXPECT_EQ(worst[0].id, "48x2");
  ASSERT_EQ(worst[0].kernels.size(), 2U);
  EXPECT_EQ(worst[0].kernels[0].what.name, "c1");
  EXPECT_EQ(worst[0].kernels[0].what.kind, Kind::conv);
  EXPECT_NEAR(worst[0].kernels[0].measured / worst[0].kernels[0].predicted, 4, 1e-9);

  const std::vector<KindError> kinds = errors_by_kind(observations, {}, all, calibrated);
  ASSERT_EQ(kinds.size(), 1U);
  EXPECT_EQ(kinds[0].kind, Kind::conv);
  EXPECT_EQ(kinds[0].kernels, 12U);
  const std::vector<double>& times = observations.problem().part_latencies;
  const double missed = 100 * 0.75 * times[11] / std::accumulate(times.begin(), times.end(), 0.0);
  EXPECT_NEAR(kinds[0].mape_percent, missed, 1e-9);
  EXPECT_NEAR(kinds[0].bias_percent, -missed, 1e-9);
}

}  // namespace
}  // namespace foretime
