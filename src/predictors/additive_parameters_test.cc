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
  parameters.stretch = {2.5, 0.25};
  parameters.known = {7, 42, 4'000'000'000};
  return parameters;
}

Predictor stored(const AdditiveParameters& parameters) {
  Predictor predictor;
  store(parameters, predictor);
  return predictor;
}

TEST(AdditiveParameters, RoundTrip) {
  const AdditiveParameters written = sample();
  const AdditiveParameters read = parse_additive_parameters(stored(written), "test");
  EXPECT_EQ(read.physics, written.physics);
  EXPECT_EQ(read.coefficients, written.coefficients);
  EXPECT_EQ(read.features, written.features);
  EXPECT_EQ(read.corrections, written.corrections);
  EXPECT_EQ(read.overhead_ms, written.overhead_ms);
  EXPECT_EQ(read.floor_ms, written.floor_ms);
  ASSERT_EQ(read.intervals.size(), 2U);
  EXPECT_EQ(read.intervals[1].log_error, 0.5);
  EXPECT_EQ(read.stretch, written.stretch);
  EXPECT_EQ(read.known, written.known);
  EXPECT_EQ(stored(read), stored(written));
}

std::string error_of(const Predictor& predictor) {
  try {
    parse_additive_parameters(predictor, "p");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

/// The sample with one key, or one table, changed, or without it.
Predictor with(const std::string& key, const std::string& value) {
  Predictor predictor = stored(sample());
  if (predictor.tables.contains(key)) {
    predictor.tables.erase(key);
    if (!value.empty()) predictor.tables[key] = Json::parse(value).get<std::string>();
    return predictor;
  }
  Json json = Json::parse(predictor.parameters);
  if (value.empty()) {
    json.erase(key);
  } else {
    json[key] = Json::parse(value);
  }
  predictor.parameters = json.dump();
  return predictor;
}

struct Case {
  std::string key;
  std::string value;  // JSON; empty: the key is missing
  std::string error;
};

TEST(AdditiveParameters, EveryBrokenKeyIsNamed) {
  const std::vector<Case> cases = {
      {"physics", "", "p: /parameters/physics: is missing"},
      {"physics", R"("tpu")", "p/parameters/physics: there is no physics 'tpu' (cpu, simd, simd512, gpu, myriad)"},
      {"columns", "", "p: /parameters/columns: is missing"},
      {"columns", "[]", "p: /parameters/columns: is an array (an object)"},
      {"columns", R"({"conv:mac": 1})",
       "p: /parameters/columns: physics 'cpu' has no column 'conv:mac' (did you mean conv:macs?)"},
      {"columns", R"({"conv:macs": -1})",
       "p: /parameters/columns/conv:macs: is -1 (milliseconds per unit, 0 to 1e6)"},
      {"columns", R"({"conv:macs": null})",
       "p: /parameters/columns/conv:macs: is null (milliseconds per unit, 0 to 1e6)"},
      {"columns", R"({"conv:macs": 1e9})",
       "p: /parameters/columns/conv:macs: is 1000000000.0 (milliseconds per unit, 0 to 1e6)"},
      {"overhead_ms", "", "p: /parameters/overhead_ms: is missing"},
      {"overhead_ms", "-1", "p: /parameters/overhead_ms: is -1 (a number from 0 to 1000000)"},
      {"overhead_ms", "\"1\"", R"(p: /parameters/overhead_ms: is "1" (a number from 0 to 1000000))"},
      {"floor_ms", "1e7", "p: /parameters/floor_ms: is 10000000.0 (a number from 0 to 1000000)"},
      {"features", "{}", "p: /parameters/features: is an object (a list of names)"},
      {"features", "[1]", "p: /parameters/features: holds 1 (names)"},
      {"features", R"(["kind", "mac", "positions"])",
       "p/parameters/features: there is no feature 'mac' (did you mean macs?)"},
      {"features", R"(["kind"])", "p: /parameters/features: are 1 (3, as the trees were grown on)"},
      {"intervals", "", "p: /parameters/intervals: is missing"},
      {"intervals", "[]", "p: /parameters/intervals: is an array (a list that is not empty)"},
      {"intervals", R"([{"novelty": 0.5}])", "p: /parameters/intervals/0/log_error: is missing"},
      {"intervals", R"([{"novelty": 2, "log_error": 1}])",
       "p: /parameters/intervals/0/novelty: is 2 (a number from 0 to 1)"},
      {"intervals", R"([{"novelty": 0.5, "log_error": 8}])",
       "p: /parameters/intervals/0/log_error: is 8 (a number from 0 to 7)"},
      {"intervals", R"([{"novelty": 0.5, "log_error": 1}, {"novelty": 0.5, "log_error": 1}])",
       "p: /parameters/intervals: is not ascending (novelty from 0 to 1)"},
      {"intervals", R"([{"novelty": 0.5, "log_error": 1, "n": 3}])",
       "p: /parameters/intervals/0: has the unknown key 'n' (one of novelty, log_error)"},
      {"interval_stretch", R"({"milliseconds": 1})", "p: /parameters/interval_stretch/exponent: is missing"},
      {"interval_stretch", R"({"milliseconds": 0, "exponent": 0.5})",
       "p: /parameters/interval_stretch/milliseconds: is 0 (a number from 1e-06 to 1000000)"},
      {"known", "", "p/tables/known: is missing"},
      {"known", R"("AQAAAA==")", "p/tables/known: is cut off"},
      {"known", R"("AAAAAAAA")", "p/tables/known: goes on behind its end"},
      {"known", R"("!!!!")", "p/tables/known: holds a character that is none of base64 (base64 text)"},
      {"trees", "", "p/tables/trees: is missing"},
      {"trees", R"("AgAAAAEAAAAA")", "p/tables/trees: is cut off"},
      {"trees", R"("AgAAAAEAAAABAADAfw==")", "p/tables/trees: a leaf that is no finite number"},
      {"trees", R"("AwAAAP////8=")", "p/tables/trees: says it has 4294967295 trees (at most 2^20)"},
      {"depth", "6",
       "p: /parameters: has the unknown key 'depth' (one of physics, columns, overhead_ms, floor_ms, "
       "features, intervals, interval_stretch)"},
  };
  for (const Case& each : cases)
    EXPECT_EQ(error_of(with(each.key, each.value)), each.error) << each.key << each.value;
}

TEST(AdditiveParameters, AnyCutIsAnError) {
  const Predictor whole = stored(sample());
  const auto cut = [&](std::string Predictor::*text, std::size_t size) {
    Predictor predictor = whole;
    (predictor.*text).resize(size);
    return error_of(predictor);
  };
  for (std::size_t size = 0; size < whole.parameters.size(); ++size) {
    EXPECT_NE(cut(&Predictor::parameters, size), "no error") << size;
  }
  for (const char* table : {"known", "trees"}) {
    Predictor predictor = whole;
    for (std::string& text = predictor.tables[table]; !text.empty();) {
      text.pop_back();
      EXPECT_NE(error_of(predictor), "no error") << table << " " << text.size();
    }
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
