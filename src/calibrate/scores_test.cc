#include "calibrate/scores.h"

#include <gmock/gmock.h>

#include <cmath>

#include "calibrate/noise.h"

namespace foretime {
namespace {

using ::testing::DoubleNear;
using ::testing::Optional;

TEST(Scores, AreRelativeToWhatWasMeasured) {
  const std::vector<Scored> rows = {{10, 10.4, 10, 11}, {20, 22, 21, 25}, {30, 34, 29, 40}, {40, 60, 50, 70}};
  const AccuracyFigures figures = score(rows);
  EXPECT_EQ(figures.networks, 4);
  EXPECT_THAT(figures.mape_percent, Optional(DoubleNear((4 + 10 + 100 * 4 / 30.0 + 50) / 4, 1e-9)));
  const double squares = 16 + 100 + std::pow(100 * 4 / 30.0, 2) + 2500;
  EXPECT_THAT(figures.rmspe_percent, Optional(DoubleNear(std::sqrt(squares / 4), 1e-9)));
  EXPECT_THAT(figures.within_5_percent, Optional(25.0));
  EXPECT_THAT(figures.within_15_percent, Optional(75.0));
  EXPECT_THAT(figures.spearman, Optional(DoubleNear(1, 1e-12)));
  EXPECT_THAT(figures.interval90_coverage_percent, Optional(50.0));
}

TEST(Scores, RanksTiesInTheMiddleAndKnowsWhenThereIsNothingToRank) {
  // Ranks 0, 1.5, 1.5, 3 and 0, 1, 2, 3.
  const std::vector<Scored> ties = {{1, 1, 0, 0}, {2, 2, 0, 0}, {2, 3, 0, 0}, {3, 4, 0, 0}};
  EXPECT_THAT(score(ties).spearman, Optional(DoubleNear(4.5 / std::sqrt(4.5 * 5), 1e-12)));
  EXPECT_FALSE(score(ties).interval90_coverage_percent);
  EXPECT_FALSE(score(std::vector<Scored>{{1, 1, 0, 0}, {2, 1, 0, 0}}).spearman);
  EXPECT_FALSE(score(std::vector<Scored>{{1, 1, 0, 0}}).spearman);
  EXPECT_THAT(score(std::vector<Scored>{{1, 3, 0, 0}, {2, 2, 0, 0}}).spearman, Optional(-1.0));
}

TEST(Scores, OfNothingAreAbsent) {
  const AccuracyFigures figures = score({});
  EXPECT_EQ(figures.networks, 0);
  EXPECT_FALSE(figures.mape_percent);
  EXPECT_FALSE(figures.spearman);
}

Observation observation(std::uint64_t structure, double latency, double deviation) {
  return {"", "", structure, latency, deviation};
}

TEST(Noise, IsTheMedianOfDeviationsWhereThereAreAny) {
  EXPECT_THAT(noise_floor_percent({observation(1, 10, 0.1), observation(2, 20, 0.4), observation(3, 10, 0.5),
                                   observation(4, 10, 0)}),
              Optional(DoubleNear(2, 1e-12)));
}

TEST(Noise, ElseTheSpreadOfEqualNetworks) {
  // Mean 10, deviation √2 with n − 1 below.
  EXPECT_THAT(noise_floor_percent({observation(1, 9, 0), observation(2, 5, 0), observation(1, 11, 0)}),
              Optional(DoubleNear(100 * std::sqrt(2.0) / 10, 1e-12)));
  EXPECT_FALSE(noise_floor_percent({observation(1, 9, 0), observation(2, 5, 0)}));
  EXPECT_FALSE(noise_floor_percent({}));
}

}  // namespace
}  // namespace foretime
