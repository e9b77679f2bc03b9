#include <gmock/gmock.h>

#include <random>

#include "base/error.h"
#include "base/packed.h"
#include "regressors/nnls.h"
#include "regressors/tree_ensemble.h"

namespace foretime {
namespace {

/// One of few numbers, so that trees share splits and rows stand on them.
float random_number(std::mt19937& random) {
  return static_cast<float>(random() % 33) / 16 - 1;
}

/// A random tree over `features`, not balanced.
Tree random_tree(std::mt19937& random, std::size_t features) {
  Tree tree;
  tree.nodes.emplace_back();
  for (std::size_t at = 0; at < tree.nodes.size(); ++at) {
    if (tree.nodes.size() < 60 && random() % 4 != 0) {
      tree.nodes[at].feature = static_cast<std::int32_t>(random() % features);
      tree.nodes[at].threshold = random_number(random);
      tree.nodes[at].left = static_cast<std::uint32_t>(tree.nodes.size());
      tree.nodes[at].right = tree.nodes[at].left + 1;
      tree.nodes.resize(tree.nodes.size() + 2);
    } else {
      tree.nodes[at].value = std::uniform_real_distribution<float>(-1, 1)(random);
    }
  }
  return tree;
}

/// The slow, obvious twin.
double walk(const std::vector<Tree>& trees, const float* row) {
  double sum = 0;
  for (const Tree& tree : trees) {
    std::size_t at = 0;
    while (tree.nodes[at].feature >= 0) {
      const Tree::Node& node = tree.nodes[at];
      at = row[node.feature] < node.threshold ? node.left : node.right;
    }
    sum += static_cast<double>(tree.nodes[at].value);
  }
  return sum;
}

TEST(TreeEnsemble, AgreesWithWalkingTheTrees) {
  std::mt19937 random(7);
  constexpr std::size_t kFeatures = 5;
  std::vector<Tree> trees;
  for (int i = 0; i < 40; ++i) trees.push_back(random_tree(random, kFeatures));
  const TreeEnsemble ensemble(kFeatures, trees, "test");
  for (const std::size_t rows : {0, 1, 63, 64, 65, 200}) {
    std::vector<float> values(rows * kFeatures);
    for (float& value : values) value = random_number(random);
    std::vector<double> sums(rows);
    ensemble.predict(values, sums);
    for (std::size_t i = 0; i < rows; ++i) EXPECT_EQ(sums[i], walk(trees, &values[i * kFeatures])) << i;
  }
  EXPECT_EQ(TreeEnsemble::from_text(ensemble.to_text(), "test").to_text(), ensemble.to_text());
}

TEST(TreeEnsemble, AddsUp) {
  std::mt19937 random(11);
  constexpr std::size_t kFeatures = 3;
  const std::vector<Tree> one = {random_tree(random, kFeatures), random_tree(random, kFeatures)};
  const std::vector<Tree> two = {random_tree(random, kFeatures)};
  const TreeEnsemble first(kFeatures, one, "test");
  const TreeEnsemble second(kFeatures, two, "test");
  const TreeEnsemble nothing;
  const TreeEnsemble::Term terms[] = {{first, 0.25}, {nothing, 1}, {second, 2}};
  const TreeEnsemble sum(kFeatures, terms);
  EXPECT_EQ(sum.trees(), 3U);
  for (int i = 0; i < 100; ++i) {
    float row[kFeatures];
    for (float& value : row) value = random_number(random);
    double result = 0;
    sum.predict(row, {&result, 1});
    EXPECT_NEAR(result, 0.25 * walk(one, row) + 2 * walk(two, row), 1e-6);
  }
}

std::string error_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(TreeEnsemble, RefusesBrokenTrees) {
  const auto build = [](Tree::Node node) {
    return error_of([&] { TreeEnsemble(2, {{{node, {}}}}, "here"); });
  };
  EXPECT_EQ(build({0, 1, 0, 1}), "here: a child that does not stand behind its parent (a tree)");
  EXPECT_EQ(build({0, 1, 1, 2}), "here: a child that does not stand behind its parent (a tree)");
  EXPECT_EQ(build({2, 1, 1, 1}), "here: a split on feature 2 (one of 2, at a finite number)");
  EXPECT_EQ(build({0, NAN, 1, 1}), "here: a split on feature 0 (one of 2, at a finite number)");
  EXPECT_EQ(build({-1, 0, 0, 0, INFINITY}), "here: a leaf that is no finite number");
  EXPECT_EQ(error_of([] { TreeEnsemble(2, {Tree{}}, "here"); }),
            "here: a tree without nodes (at least a leaf)");

  const std::string text = TreeEnsemble(1, {{{{0, 1, 1, 2}, {-1, 0, 0, 0, 3}, {}}}}, "here").to_text();
  for (std::size_t size = 4; size < text.size(); size += 4) {
    EXPECT_NE(error_of([&] { TreeEnsemble::from_text(text.substr(0, size), "here"); }), "no error") << size;
  }
  EXPECT_EQ(error_of([&] { TreeEnsemble::from_text("????", "here"); }),
            "here: holds a character that is none of base64 (base64 text)");
}

TEST(Packed, RoundTrips) {
  for (std::uint8_t count = 0; count < 7; ++count) {
    Packer packer;
    for (std::uint8_t i = 0; i < count; ++i) packer.add(static_cast<std::uint8_t>(250 + i));
    Unpacker unpacker(packer.base64(), "here");
    for (std::uint8_t i = 0; i < count; ++i)
      EXPECT_EQ(unpacker.take<std::uint8_t>(), static_cast<std::uint8_t>(250 + i));
    unpacker.finish();
  }
}

/// Columns with their optimum inside and at the border, and one that never occurs and so has its prior.
TEST(NonNegativeLeastSquares, FindsTheConstrainedOptimum) {
  NormalEquations equations(4);
  std::mt19937 random(3);
  std::uniform_real_distribution<double> real(0, 1);
  for (int i = 0; i < 500; ++i) {
    const std::vector<double> row = {real(random) * 1e6, real(random) * 1e-3, real(random), 0};
    equations.add(row, 2e-6 * row[0] + 5e2 * row[1] - 0.3 * row[2], real(random));
  }
  const std::vector<double> prior = {1e-6, 1e3, 1, 7};
  const std::vector<double> x = equations.non_negative(prior, 1e-9);
  EXPECT_EQ(x[2], 0);
  EXPECT_NEAR(x[3], 7, 1e-6);
  NormalEquations two(2);
  two.add(std::vector<double>{1, 1}, 3);
  two.add(std::vector<double>{1, 2}, 5);
  EXPECT_THAT(two.non_negative(std::vector<double>{1, 1}, 1e-12),
              testing::ElementsAre(testing::DoubleNear(1, 1e-4), testing::DoubleNear(2, 1e-4)));
}

TEST(NonNegativeLeastSquares, PriorsShareAResource) {
  NormalEquations equations(3);
  std::mt19937 random(3);
  std::uniform_real_distribution<double> real(0, 1);
  for (int i = 0; i < 200; ++i) {
    const std::vector<double> row = {real(random), real(random), 0};
    equations.add(row, 3 * row[0] + 6 * row[1]);
  }
  const std::vector<double> prior =
      equations.prior_of(std::vector<double>{1, 2, 5}, std::vector<std::uint32_t>{0, 0, 0});
  EXPECT_THAT(prior, testing::ElementsAre(testing::DoubleNear(3, 1e-3), testing::DoubleNear(6, 2e-3),
                                          testing::DoubleNear(15, 5e-3)));
}

}  // namespace
}  // namespace foretime
