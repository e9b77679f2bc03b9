#include "predictors/additive_parameters.h"

#include <gmock/gmock.h>

#include <cmath>

#include "base/error.h"
#include "base/json.h"
#include "kernels/features.h"
#include "kernels/physics.h"

namespace foretime {
namespace {

using ::testing::StartsWith;

AdditiveParameters sample() {
  AdditiveParameters parameters;
  parameters.physics = "cpu";
  parameters.coefficients.assign(column_names(kCpuPhysics).size(), 0);
  parameters.coefficients[0] = 0.1;
  parameters.coefficients[3] = 1.0 / 3;
  parameters.features = {"kind", "macs", "positions"};
  parameters.corrections =
      TreeEnsemble(3, {{{{1, 1.5F, 1, 2}, {-1, 0, 0, 0, 0.25F}, {-1, 0, 0, 0, -3}}}}, "test");
  parameters.overhead_ms = 0.5;
  parameters.floor_ms = 1e-7;
  parameters.intervals = {{0.1, 0.02}, {1, 0.5}};
  parameters.known = {7, 42, 4'000'000'000};
  return parameters;
}

TEST(AdditiveParameters, RoundTrip) {
  const AdditiveParameters written = sample();
  const AdditiveParameters read = parse_additive_parameters(to_json(written), "test");
  EXPECT_EQ(read.physics, written.physics);
  EXPECT_EQ(read.coefficients, written.coefficients);
  EXPECT_EQ(read.features, written.features);
  EXPECT_EQ(read.corrections, written.corrections);
  EXPECT_EQ(read.overhead_ms, written.overhead_ms);
  EXPECT_EQ(read.floor_ms, written.floor_ms);
  ASSERT_EQ(read.intervals.size(), 2U);
  EXPECT_EQ(read.intervals[1].log_error, 0.5);
  EXPECT_EQ(read.known, written.known);
  EXPECT_EQ(to_json(read), to_json(written));
}

std::string error_of(const std::string& text) {
  try {
    parse_additive_parameters(text, "p");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

/// The sample with one key changed, or without it.
std::string with(const std::string& key, const std::string& value) {
  Json json = Json::parse(to_json(sample()));
  if (value.empty()) {
    json.erase(key);
  } else {
    json[key] = Json::parse(value);
  }
  return json.dump();
}

struct Case {
  std::string key;
  std::string value;  // JSON; empty: the key is missing
  std::string error;
};

TEST(AdditiveParameters, EveryBrokenKeyIsNamed) {
  const std::vector<Case> cases = {
      {"physics", "", "p: /physics: is missing"},
      {"physics", R"("tpu")", "p/physics: there is no physics 'tpu' (cpu, gpu)"},
      {"columns", "", "p: /columns: is missing"},
      {"columns", "[]", "p: /columns: is an array (an object)"},
      {"columns", R"({"conv:mac": 1})",
       "p: /columns: physics 'cpu' has no column 'conv:mac' (did you mean conv:macs?)"},
      {"columns", R"({"conv:macs": -1})", "p: /columns/conv:macs: is -1 (milliseconds per unit, 0 to 1e6)"},
      {"columns", R"({"conv:macs": null})",
       "p: /columns/conv:macs: is null (milliseconds per unit, 0 to 1e6)"},
      {"columns", R"({"conv:macs": 1e9})",
       "p: /columns/conv:macs: is 1000000000.0 (milliseconds per unit, 0 to 1e6)"},
      {"overhead_ms", "", "p: /overhead_ms: is missing"},
      {"overhead_ms", "-1", "p: /overhead_ms: is -1 (a number from 0 to 1000000)"},
      {"overhead_ms", "\"1\"", R"(p: /overhead_ms: is "1" (a number from 0 to 1000000))"},
      {"floor_ms", "1e7", "p: /floor_ms: is 10000000.0 (a number from 0 to 1000000)"},
      {"features", "{}", "p: /features: is an object (a list of names)"},
      {"features", "[1]", "p: /features: holds 1 (names)"},
      {"features", R"(["kind", "mac", "positions"])",
       "p/features: there is no feature 'mac' (did you mean macs?)"},
      {"features", R"(["kind"])", "p: /trees: are of 3 features (1)"},
      {"intervals", "", "p: /intervals: is missing"},
      {"intervals", "[]", "p: /intervals: is an array (a list that is not empty)"},
      {"intervals", R"([{"novelty": 0.5}])", "p: /intervals/0/log_error: is missing"},
      {"intervals", R"([{"novelty": 2, "log_error": 1}])",
       "p: /intervals/0/novelty: is 2 (a number from 0 to 1)"},
      {"intervals", R"([{"novelty": 0.5, "log_error": 8}])",
       "p: /intervals/0/log_error: is 8 (a number from 0 to 7)"},
      {"intervals", R"([{"novelty": 0.5, "log_error": 1}, {"novelty": 0.5, "log_error": 1}])",
       "p: /intervals: is not ascending (novelty from 0 to 1)"},
      {"intervals", R"([{"novelty": 0.5, "log_error": 1, "n": 3}])",
       "p: /intervals/0: has the unknown key 'n' (one of novelty, log_error)"},
      {"known", "", "p: /known: is missing"},
      {"known", R"("AQAAAA==")", "p/known: is cut off"},
      {"known", R"("AAAAAAAA")", "p/known: goes on behind its end"},
      {"known", R"("!!!!")", "p/known: holds a character that is none of base64 (base64 text)"},
      {"trees", "3", "p: /trees: is 3 (a text that is not empty)"},
      {"trees", R"("AgAAAAEAAAAA")", "p/trees: is cut off"},
      {"trees", R"("AgAAAAEAAAABAADAfw==")", "p/trees: a leaf that is no finite number"},
      {"trees", R"("AwAAAP////8=")", "p/trees: says it has 4294967295 trees (at most 2^20)"},
      {"depth", "6",
       "p: /: has the unknown key 'depth' (one of physics, columns, overhead_ms, floor_ms, features, "
       "intervals, known, trees)"},
  };
  for (const Case& each : cases)
    EXPECT_EQ(error_of(with(each.key, each.value)), each.error) << each.key << each.value;
}

TEST(AdditiveParameters, AnyCutIsAnError) {
  const std::string whole = to_json(sample());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(error_of(whole.substr(0, size)), "no error") << size;
  }
}

TEST(AdditiveParameters, CellsHoldKernelsAlike) {
  KernelConfig config;
  config.kind = Kind::conv;
  config.in_channels = config.channels = 64;
  config.in_height = config.in_width = config.height = config.width = 28;
  config.kernel_height = config.kernel_width = 3;
  const std::uint32_t cell = cell_of(config);
  const auto changed = [&](auto member, auto value) {
    KernelConfig other = config;
    other.*member = value;
    return cell_of(other);
  };
  EXPECT_EQ(changed(&KernelConfig::activations, std::uint8_t{kRelu}), cell);
  EXPECT_EQ(changed(&KernelConfig::in_channels, 70), cell);
  EXPECT_NE(changed(&KernelConfig::in_channels, 200), cell);
  EXPECT_NE(changed(&KernelConfig::channels, 200), cell);
  EXPECT_NE(changed(&KernelConfig::kernel_height, 5), cell);
  EXPECT_NE(changed(&KernelConfig::stride, 2), cell);
  EXPECT_NE(changed(&KernelConfig::groups, 2), cell);
  EXPECT_NE(changed(&KernelConfig::dilation, 2), cell);
  EXPECT_NE(changed(&KernelConfig::batch, 2), cell);
  EXPECT_NE(changed(&KernelConfig::kind, Kind::max_pool), cell);
}

}  // namespace
}  // namespace foretime
