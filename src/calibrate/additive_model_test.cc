#include "calibrate/additive_model.h"

#include <gmock/gmock.h>

#include <cmath>
#include <numeric>
#include <random>

namespace foretime {
namespace {

/// Kernels whose true time is known: 2·work + 0.1, slower by half where `odd`.
struct Toy {
  AdditiveProblem problem;
  std::vector<double> truth;
  double overhead = 0.5;

  Toy() {
    std::mt19937 random(5);
    problem.features = 2;
    problem.columns = 2;
    problem.ratios = {1, 1};
    problem.resources = {0, 1};
    for (int k = 0; k < 400; ++k) {
      const double work = 0.01 * (1 + k % 97);
      const bool odd = k % 3 == 0;
      problem.rows.push_back(static_cast<float>(work));
      problem.rows.push_back(odd ? 1 : 0);
      problem.physics.entries.push_back({0, work});
      problem.physics.entries.push_back({1, 1});
      problem.physics.close();
      truth.push_back((2 * work + 0.1) * (odd ? 1.5 : 1));
    }
    for (int n = 0; n < 600; ++n) {
      double total = overhead;
      for (int i = 0; i < 12; ++i) {
        const auto kernel = static_cast<std::uint32_t>(random() % 400);
        problem.networks.entries.push_back({kernel, 1});
        total += truth[kernel];
      }
      problem.networks.close();
      problem.latencies.push_back(total);
    }
  }
};

double mean_error(const Toy& toy, const AdditiveModel& model, std::size_t from) {
  const std::vector<double> times = kernel_times(model, toy.problem);
  double sum = 0;
  for (std::size_t n = from; n < toy.problem.latencies.size(); ++n) {
    sum += std::abs(network_time(model, toy.problem, times, n) / toy.problem.latencies[n] - 1);
  }
  return sum / static_cast<double>(toy.problem.latencies.size() - from);
}

TEST(AdditiveModel, LearnsKernelsFromSumsOnly) {
  const Toy toy;
  std::vector<std::uint32_t> chosen(500);
  std::iota(chosen.begin(), chosen.end(), 0U);
  const std::vector<double> weights(chosen.size(), 1);
  AdditiveOptions options;
  options.overhead = true;
  options.rounds = 0;
  const double physics_alone = mean_error(toy, fit_additive(toy.problem, chosen, weights, options), 500);
  options.rounds = 100;
  options.boost.rate = 0.3;
  options.boost.min_child_weight = 0.1;
  int rounds = 0;
  const AdditiveModel model =
      fit_additive(toy.problem, chosen, weights, options, [&](int done) { rounds = done; });
  EXPECT_EQ(rounds, 100);
  EXPECT_EQ(model.corrections.trees(), 100U);
  EXPECT_GT(physics_alone, 0.03);
  EXPECT_LT(mean_error(toy, model, 500), 0.01);
}

TEST(AdditiveModel, LearnsFromPartsWhatSumsCannotTell) {
  // Two kernels that always come together, with the same physics: only their parts tell them apart.
  AdditiveProblem problem;
  problem.features = 1;
  problem.columns = 1;
  problem.ratios = {1};
  problem.resources = {0};
  for (const float feature : {0.0F, 1.0F}) {
    problem.rows.push_back(feature);
    problem.physics.entries.push_back({0, 1});
    problem.physics.close();
  }
  for (std::uint32_t network = 0; network < 20; ++network) {
    problem.networks.entries.insert(problem.networks.entries.end(), {{0, 1}, {1, 1}});
    problem.networks.close();
    problem.latencies.push_back(4);
    for (const std::uint32_t kernel : {0U, 1U}) {
      problem.parts.entries.push_back({kernel, 1});
      problem.parts.close();
      problem.part_latencies.push_back(kernel == 0 ? 1 : 3);
      problem.network_of.push_back(network);
    }
  }
  std::vector<std::uint32_t> chosen(20);
  std::iota(chosen.begin(), chosen.end(), 0U);
  AdditiveOptions options;
  options.rounds = 100;
  options.boost.min_child_weight = 0.1;
  options.boost.ridge = 0.1;
  const AdditiveModel model = fit_additive(problem, chosen, std::vector<double>(chosen.size(), 1), options);
  EXPECT_THAT(kernel_times(model, problem),
              ::testing::ElementsAre(::testing::DoubleNear(1, 0.05), ::testing::DoubleNear(3, 0.1)));
}

}  // namespace
}  // namespace foretime
