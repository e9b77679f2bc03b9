#include "measure/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace foretime {
namespace {

TEST(Statistics, Quantiles) {
  const std::vector<double> values = {1, 2, 3, 4, 10};
  EXPECT_DOUBLE_EQ(quantile(values, 0), 1);
  EXPECT_DOUBLE_EQ(quantile(values, 0.5), 3);
  EXPECT_DOUBLE_EQ(quantile(values, 0.9), 7.6);
  EXPECT_DOUBLE_EQ(quantile(values, 1), 10);
  EXPECT_DOUBLE_EQ(quantile(std::vector<double>{7}, 0.3), 7);
  EXPECT_DOUBLE_EQ(median({4, 1, 3, 2}), 2.5);
}

TEST(Statistics, StudentsTAsTablesHaveIt) {
  EXPECT_NEAR(student_t(0.95, 1), 12.706, 0.002);
  EXPECT_NEAR(student_t(0.95, 2), 4.303, 0.001);
  EXPECT_NEAR(student_t(0.95, 4), 2.776, 0.001);
  EXPECT_NEAR(student_t(0.99, 9), 3.250, 0.001);
  EXPECT_NEAR(student_t(0.995, 4), 5.598, 0.002);
  EXPECT_NEAR(student_t(0.95, 1000), 1.962, 0.001);
}

TEST(Statistics, IntervalsHoldTheTruthAsOftenAsTheySay) {
  std::mt19937 random(1);
  std::normal_distribution<double> noise(100, 5);
  int held = 0;
  constexpr int kTimes = 4000;
  for (int i = 0; i < kTimes; ++i) {
    std::vector<double> values(5);
    for (double& value : values) value = noise(random);
    if (std::abs(mean(values) - 100) <= half_width(values, 0.95)) ++held;
  }
  EXPECT_NEAR(held / static_cast<double>(kTimes), 0.95, 0.012);
}

TEST(Statistics, Summary) {
  const Summary summary = summarise({3, 1, 2});
  EXPECT_DOUBLE_EQ(summary.min, 1);
  EXPECT_DOUBLE_EQ(summary.median, 2);
  EXPECT_DOUBLE_EQ(summary.mean, 2);
  EXPECT_DOUBLE_EQ(summary.max, 3);
  EXPECT_DOUBLE_EQ(summary.stddev, 1);
  EXPECT_EQ(stddev(std::vector<double>{5}), 0);
}

TEST(Statistics, HistogramCountsEverySampleOnce) {
  std::vector<double> values;
  for (int i = 0; i < 1000; ++i) values.push_back(i % 10);
  values.push_back(1e6);
  const Histogram bars = histogram(values, 9);
  std::size_t sum = bars.above;
  for (const std::size_t count : bars.counts) sum += count;
  EXPECT_EQ(sum, values.size());
  EXPECT_EQ(bars.above, 1U);
  EXPECT_EQ(bars.counts.back(), 200U);  // 8 and 9
  EXPECT_EQ(histogram({2, 2, 2}, 4).counts, (std::vector<std::size_t>{3, 0, 0, 0}));
}

}  // namespace
}  // namespace foretime
