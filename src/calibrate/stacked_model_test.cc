#include "calibrate/stacked_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <random>

#include "calibrate/boosted_trees.h"

namespace foretime {
namespace {

/// A device that computes 16 filters of a convolution at a time, at 10 Gop/s and 2 GB/s, and launches in 0.01
/// ms.
double truth(const RooflineKernel& kernel, bool parallel) {
  const double filters = kernel.config.channels;
  const double steps =
      parallel && kernel.config.kind == Kind::conv ? std::ceil(filters / 16) * 16 / filters : 1;
  return std::max(kernel.amounts.operations * steps / 1e7, kernel.amounts.bytes / 2e6) + 0.01;
}

struct Data {
  AdditiveProblem problem;
  std::vector<RooflineKernel> kernels;
  std::vector<std::uint32_t> all;

  explicit Data(bool parallel) {
    std::mt19937 random(1);
    for (int i = 0; i < 400; ++i) {
      for (int k = 0; k < 4; ++k) add(random, i % 2 == 0 ? 3 : 1);
      add_network(parallel);
      all.push_back(static_cast<std::uint32_t>(i));
    }
  }

  void add(std::mt19937& random, int window) {
    RooflineKernel kernel;
    kernel.config.kind = random() % 3 == 0 ? Kind::elementwise : Kind::conv;
    kernel.config.channels = static_cast<std::int32_t>(16 + random() % 100);
    kernel.config.in_channels = static_cast<std::int32_t>(16 + random() % 100);
    kernel.config.height = kernel.config.width = 14;
    const double out = 196.0 * kernel.config.channels;
    const bool multiplies = kernel.config.kind == Kind::conv;
    kernel.amounts.operations = multiplies ? 2 * out * kernel.config.in_channels * window * window : out;
    kernel.amounts.bytes = 4 * (out + 196.0 * kernel.config.in_channels);
    kernels.push_back(kernel);
  }

  void add_network(bool parallel) {
    double sum = 0;
    for (std::size_t k = kernels.size() - 4; k < kernels.size(); ++k) {
      problem.networks.entries.push_back({static_cast<std::uint32_t>(k), 1});
      sum += truth(kernels[k], parallel);
    }
    problem.networks.close();
    problem.latencies.push_back(sum);
  }

  /// Mean relative error of the base on its own networks.
  double error_of(const StackedBase& base) const {
    const std::vector<double> times = base_times(base, kernels);
    double sum = 0;
    for (const std::uint32_t n : all) {
      double time = 0;
      for (const auto& [kernel, count] : problem.networks[n])
        time += times[kernel] * static_cast<double>(count);
      sum += std::abs(time / problem.latencies[n] - 1);
    }
    return sum / static_cast<double>(all.size());
  }
};

TEST(StackedModel, FindsRatesAndWhatBoundsAKernel) {
  const Data data(false);
  const StackedBase base = fit_base(ModelKind::roofline, data.problem, data.kernels, data.all);
  EXPECT_LT(data.error_of(base), 0.01);
  EXPECT_NEAR(*base.roofline.classes.at("conv").ops_per_s / 1e10, 1, 0.03);
  EXPECT_NEAR(*base.roofline.classes.at("elementwise").bytes_per_s / 2e9, 1, 0.1);
  EXPECT_TRUE(base.refinement.classes.empty());
}

TEST(StackedModel, FindsSteps) {
  const Data data(true);
  const StackedBase plain = fit_base(ModelKind::roofline, data.problem, data.kernels, data.all);
  const StackedBase refined = fit_base(ModelKind::refined, data.problem, data.kernels, data.all);
  EXPECT_LT(data.error_of(refined), 0.2 * data.error_of(plain));
  const ParallelSteps& filters =
      refined.refinement.classes.at("conv")[static_cast<std::size_t>(KernelDimension::filters)];
  EXPECT_EQ(filters.par, 16);
  EXPECT_NEAR(filters.alpha, 1, 0.11);
}

TEST(StackedModel, TakesStepsThatAreKnown) {
  const Data data(true);
  Refinement known;
  known.classes["conv"][static_cast<std::size_t>(KernelDimension::filters)] = {16, 1};
  const StackedBase base = fit_base(ModelKind::mixed, data.problem, data.kernels, data.all, &known);
  EXPECT_EQ(base.refinement.classes, known.classes);
  EXPECT_LT(data.error_of(base), 0.01);
}

TEST(StackedModel, StatisticalKnowsOneRateByClass) {
  const Data data(false);
  const StackedBase base = fit_base(ModelKind::statistical, data.problem, data.kernels, data.all);
  EXPECT_GT(*base.roofline.classes.at("conv").bytes_per_s, 1e20);
  EXPECT_GT(*base.roofline.classes.at("data_movement").ops_per_s, 1e20);
  EXPECT_LT(*base.roofline.classes.at("conv").ops_per_s, 1e11);
}

TEST(StackedModel, ScalesEveryTime) {
  const Data data(false);
  StackedBase base = fit_base(ModelKind::roofline, data.problem, data.kernels, data.all);
  const std::vector<double> before = base_times(base, data.kernels);
  scale(base, 2);
  const std::vector<double> after = base_times(base, data.kernels);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NEAR(after[i], 2 * before[i], 1e-9);
}

}  // namespace
}  // namespace foretime
