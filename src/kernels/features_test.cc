#include "kernels/features.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <set>

#include "base/error.h"
#include "kernels/physics.h"
#include "kernels/quantities.h"

namespace foretime {
namespace {

/// A kernel of ordinary sizes.
KernelConfig ordinary(Kind kind) {
  KernelConfig config;
  config.kind = kind;
  config.in_channels = config.channels = 24;
  config.in_height = config.in_width = config.height = config.width = 14;
  config.kernel_height = config.kernel_width = 3;
  config.inputs = 2;
  config.matrix_rows = 196;
  return config;
}

/// Sizes that break formulas: nothing, one, and as much as fits.
std::vector<KernelConfig> extremes(Kind kind) {
  std::vector<KernelConfig> configs;
  for (const std::int32_t size : {0, 1, std::numeric_limits<std::int32_t>::max()}) {
    KernelConfig config = ordinary(kind);
    config.batch = config.in_channels = config.channels = config.in_height = config.in_width = config.height =
        config.width = config.kernel_height = config.kernel_width = size;
    config.stride = std::max(1, size);
    configs.push_back(config);
    config.groups = std::max(1, size);
    configs.push_back(config);
  }
  return configs;
}

TEST(Features, AreNamedOnceAndFound) {
  std::set<std::string_view> names;
  for (const Feature& feature : features()) {
    EXPECT_TRUE(names.insert(feature.name).second) << feature.name;
    const std::vector<std::string> one = {std::string(feature.name)};
    EXPECT_EQ(features_named(one, "test")[0], &feature);
  }
  for (const Physics& physics : all_physics()) {
    const std::vector<std::string> of = feature_names(physics.name);
    EXPECT_EQ(features_named(of, "test").size(), of.size());
    EXPECT_EQ(std::set<std::string>(of.begin(), of.end()).size(), of.size());
  }
  const std::vector<std::string> wrong = {"kind", "mac"};
  try {
    features_named(wrong, "here");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "here: there is no feature 'mac' (did you mean macs?)");
  }
}

TEST(Features, AreNeverNaN) {
  std::vector<const Feature*> all;
  for (const Feature& feature : features()) all.push_back(&feature);
  for (const KindInfo& kind : kinds()) {
    for (const KernelConfig& config : extremes(kind.kind)) {
      std::vector<float> row;
      append_features(all, config, row);
      ASSERT_EQ(row.size(), all.size());
      for (std::size_t i = 0; i < row.size(); ++i) {
        EXPECT_TRUE(std::isfinite(row[i])) << kind.name << " " << all[i]->name << " " << config.channels;
        EXPECT_GE(row[i], kMissing) << kind.name << " " << all[i]->name;
      }
    }
  }
}

TEST(Features, OfAConvolutionAreWhatOneCounts) {
  KernelConfig config = ordinary(Kind::conv);
  config.channels = 50;
  config.groups = 2;
  const std::vector<std::pair<std::string, float>> expected = {
      {"macs", 196 * 50 * 12 * 9},
      {"weights", 50 * 12 * 9},
      {"in_elements", 196 * 24},
      {"out_elements", 196 * 50},
      {"reduction", 12 * 9},
      {"channels_mod_8", 2},
      {"im2col", 196 * 24 * 9},
      {"positions_mod_8", 4},
      {"image_tiles", 49},
      {"out_slices", 13},
      {"out_slices_mod_2", 1},
      {"tiles", 49 * 7},
      {"in_slices", 6},
      {"channel_ratio", 0.48F},
      {"threads", 196 * 13},
  };
  for (const auto& [name, value] : expected) {
    std::vector<float> row;
    append_features(features_named(std::vector<std::string>{name}, "test"), config, row);
    EXPECT_FLOAT_EQ(row[0], value) << name;
  }
}

/// Kinds that no group of a physics applies to: they get the roofline.
const std::set<Kind> kUnknown = {Kind::none,           Kind::conv_transpose, Kind::matmul,
                                 Kind::softmax,        Kind::reduce,         Kind::recurrent,
                                 Kind::transcendental, Kind::data_movement,  Kind::other};

TEST(Physics, KnowsTheKindsThatNetworksAreMadeOf) {
  for (const Physics& physics : all_physics()) {
    for (const KindInfo& kind : kinds()) {
      std::vector<Amount> amounts;
      append_amounts(physics, ordinary(kind.kind), amounts);
      // A Myriad changes shapes for free.
      const bool free = physics.name == "myriad" && kind.kind == Kind::reshape;
      if (!kUnknown.contains(kind.kind) && !free) {
        EXPECT_FALSE(amounts.empty()) << physics.name << " " << kind.name;
      }
    }
  }
}

TEST(Physics, AmountsAreFiniteAndNotNegative) {
  for (const Physics& physics : all_physics()) {
    const std::vector<std::string> names = column_names(physics);
    for (const KindInfo& kind : kinds()) {
      std::vector<KernelConfig> configs = extremes(kind.kind);
      configs.push_back(ordinary(kind.kind));
      for (const KernelConfig& config : configs) {
        std::vector<Amount> amounts;
        append_amounts(physics, config, amounts);
        for (const Amount& amount : amounts) {
          ASSERT_LT(amount.column, names.size());
          EXPECT_TRUE(std::isfinite(amount.value)) << names[amount.column];
          EXPECT_GT(amount.value, 0) << names[amount.column] << " of " << config.channels;
        }
      }
    }
  }
}

TEST(Physics, TablesAgree) {
  for (const Physics& physics : all_physics()) {
    const std::vector<std::string> names = column_names(physics);
    EXPECT_EQ(column_resources(physics).size(), names.size());
    EXPECT_EQ(column_ratios(physics).size(), names.size());
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
    for (const std::uint32_t resource : column_resources(physics)) EXPECT_LE(resource, kStepResource);
    for (const double ratio : column_ratios(physics)) EXPECT_GT(ratio, 0);
    EXPECT_EQ(&physics_named(physics.name, "test"), &physics);
  }
}

/// More of a kernel never costs less: every amount grows, or stays, with channels and positions.
TEST(Physics, AmountsGrowWithTheKernel) {
  for (const Physics& physics : all_physics()) {
    for (const KindInfo& kind : kinds()) {
      const KernelConfig small = ordinary(kind.kind);
      KernelConfig large = small;
      large.in_channels = large.channels = 48;
      large.in_height = large.in_width = large.height = large.width = 28;
      large.matrix_rows = 784;
      std::vector<Amount> before;
      std::vector<Amount> after;
      append_amounts(physics, small, before);
      append_amounts(physics, large, after);
      for (const Amount& amount : before) {
        for (const Amount& other : after) {
          if (other.column == amount.column) {
            EXPECT_GE(other.value, amount.value) << kind.name;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace foretime
