#include "device/device_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/error.h"
#include "base/mapped_file.h"

namespace foretime {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Every key there is.
constexpr std::string_view kWhole = R"({
  "foretime.device": 1,
  "id": "board-2",
  "device": "A board",
  "soc": "A chip",
  "processor": "npu",
  "runtime": "runner",
  "runtime_version": "2.1",
  "cpu_signature": "AMD EPYC/2",
  "precision": {"name": "int8", "activation_bits": 8, "weight_bits": 4},
  "threads": 2,
  "fusion_rules": ["first", "", "third"],
  "predictor": {
    "kind": "trees",
    "roofline": {
      "peak_ops_per_s": 2e12,
      "peak_bytes_per_s": 3e9,
      "kernel_overhead_ms": 0.5,
      "network_overhead_ms": 0,
      "interval_low": 0.25,
      "interval_high": 4,
      "classes": {"conv": {"ops_per_s": 1e12, "overhead_ms": 0.125}, "pool": {"bytes_per_s": 1e9}}
    },
    "parameters": {"names": ["a", "b"], "trees": [[1, 2.5, -3]]}
  },
  "accuracy": {
    "method": "families held out",
    "networks": 20,
    "mape_percent": 4.5,
    "spearman": 0.99,
    "families": {"resnet": {"networks": 7, "within_10_percent": 100}}
  },
  "noise_floor_percent": 0.75,
  "provenance": {
    "source": "measured",
    "licence": "CC0-1.0",
    "date": "2025-02-01",
    "tool_version": "0.1.0",
    "notes": "none"
  }
})";

constexpr std::string_view kSmall = R"({
  "foretime.device": 1,
  "id": "small",
  "device": "A board",
  "precision": {"name": "fp32", "activation_bits": 32, "weight_bits": 32},
  "predictor": {
    "kind": "roofline",
    "roofline": {"peak_ops_per_s": 1e9, "peak_bytes_per_s": 1e9, "kernel_overhead_ms": 0,
                 "network_overhead_ms": 0, "interval_low": 1, "interval_high": 1}
  },
  "provenance": {"source": "s", "licence": "l", "date": "2025-02-01", "tool_version": "t"}
})";

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string result(text);
  const std::size_t at = result.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return result.replace(at, from.size(), to);
}

std::string message_of(std::string_view json) {
  try {
    (void)parse_profile(json, "x.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(DeviceProfile, ReadsEveryKey) {
  const DeviceProfile p = parse_profile(kWhole, "x.json");
  EXPECT_EQ(p.id, "board-2");
  EXPECT_EQ(p.runtime_version, "2.1");
  EXPECT_EQ(p.precision, (Precision{"int8", 8, 4}));
  EXPECT_EQ(p.threads, 2);
  EXPECT_EQ(p.fusion_rules, "first\n\nthird");
  EXPECT_EQ(p.predictor.kind, "trees");
  EXPECT_EQ(p.predictor.parameters, R"({"names":["a","b"],"trees":[[1,2.5,-3]]})");
  EXPECT_EQ(p.predictor.roofline.interval_high, 4);
  EXPECT_EQ(p.accuracy->figures.mape_percent, 4.5);
  EXPECT_EQ(p.accuracy->figures.rmspe_percent, std::nullopt);
  EXPECT_EQ(p.accuracy->families.at("resnet").within_10_percent, 100);
  EXPECT_EQ(p.noise_floor_percent, 0.75);
  EXPECT_EQ(p.provenance.notes, "none");
}

TEST(DeviceProfile, OptionalKeysStayEmpty) {
  const DeviceProfile p = parse_profile(kSmall, "x.json");
  EXPECT_EQ(p.soc, "");
  EXPECT_EQ(p.threads, std::nullopt);
  EXPECT_EQ(p.accuracy, std::nullopt);
  EXPECT_EQ(p.noise_floor_percent, std::nullopt);
  EXPECT_EQ(p.predictor.parameters, "");
}

TEST(DeviceProfile, ClassesInheritTheDefaults) {
  const Roofline roofline = parse_profile(kWhole, "x.json").predictor.roofline;
  const KernelRates conv = rates_of(roofline, "conv");
  EXPECT_EQ(conv.ops_per_s, 1e12);
  EXPECT_EQ(conv.bytes_per_s, 3e9);
  EXPECT_EQ(conv.overhead_ms, 0.125);
  EXPECT_EQ(rates_of(roofline, "gemm").overhead_ms, 0.5);
}

TEST(DeviceProfile, SurvivesWritingAndReading) {
  for (const std::string_view text : {kWhole, kSmall}) {
    const DeviceProfile p = parse_profile(text, "x.json");
    EXPECT_EQ(parse_profile(to_json(p), "y.json"), p);
  }
  EXPECT_THAT(to_json(parse_profile(kSmall, "x.json")),
              HasSubstr("{\n  \"foretime.device\": 1,\n  \"id\": \"small\""));
}

TEST(DeviceProfile, MessagesSayWhereAndWhatWouldDo) {
  struct Case {
    std::string_view from, to, message;
  };
  const Case cases[] = {
      {"device\": 1", "device\": 2", "/foretime.device: is 2 (this program reads version 1)"},
      {"device\": 1", "device\": \"1\"", "/foretime.device: is \"1\" (this program reads version 1)"},
      {"\"foretime.device\": 1,", "", "/foretime.device: is missing"},
      {"2e12", "-1", "/predictor/roofline/peak_ops_per_s: is -1 (a number from 1 to 1e+21)"},
      {"2e12", "null", "/predictor/roofline/peak_ops_per_s: is null (a number from 1 to 1e+21)"},
      {"2e12", "0", "/predictor/roofline/peak_ops_per_s: is 0 (a number from 1 to 1e+21)"},
      {"\"peak_ops_per_s\": 2e12,", "", "/predictor/roofline/peak_ops_per_s: is missing"},
      {"0.25", "1.5", "/predictor/roofline/interval_low: is 1.5 (a number from 0.001 to 1)"},
      {"0.125", "-2", "/predictor/roofline/classes/conv/overhead_ms: is -2 (a number from 0 to 1000000)"},
      {"\"conv\"", "\"convv\"",
       "/predictor/roofline/classes: has the unknown kernel class 'convv' (did you mean conv?)"},
      {"\"soc\"", "\"sox\"", "/: has the unknown key 'sox' (did you mean soc?)"},
      {"\"parameters\": {", "\"parameters\": 7, \"x\": {", "/predictor/parameters: is 7 (an object)"},
      {"\"kind\": \"trees\"", "\"kind\": \"roofline\"",
       "/predictor: has the unknown key 'parameters' (one of kind, roofline)"},
      {"\"board-2\"", "\"../board\"",
       "/id: is not an id (at most 64 letters, digits, '.', '_', '-', a letter or digit first)"},
      {"\"A board\"", "\"\"", "/device: is \"\" (a text that is not empty)"},
      {"\"A chip\"", "[1]", "/soc: is an array (a text that is not empty)"},
      {"\"threads\": 2", "\"threads\": 1.5", "/threads: is 1.5 (a whole number from 1 to 65536)"},
      {"\"threads\": 2", "\"threads\": 0", "/threads: is 0 (a whole number from 1 to 65536)"},
      {"\"weight_bits\": 4", "\"weight_bits\": -4",
       "/precision/weight_bits: is -4 (a whole number from 1 to 64)"},
      {"\"third\"", "3", "/fusion_rules/2: is 3 (one line of text)"},
      {"\"spearman\": 0.99", "\"spearman\": 99", "/accuracy/spearman: is 99 (a number from -1 to 1)"},
      {"\"networks\": 7", "\"networks\": 0",
       "/accuracy/families/resnet/networks: is 0 (a whole number from 1 to 1000000000)"},
      {"2025-02-01", "1.2.2025", "/provenance/date: is '1.2.2025' (YYYY-MM-DD)"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(message_of(replaced(kWhole, c.from, c.to)), "x.json: " + std::string(c.message)) << c.to;
  }
}

TEST(DeviceProfile, MessagesForWhatIsNoProfileAtAll) {
  EXPECT_EQ(message_of("{\n  \"id\": NaN}"),
            "x.json:2:9: syntax error while parsing value - invalid literal; last read: '\"id\": N'");
  EXPECT_EQ(message_of("[1]"), "x.json: /: is an array (an object)");
  EXPECT_EQ(message_of("{\"a\": 1e999}"), "x.json:1:11: number overflow parsing '1e999'");
  EXPECT_EQ(message_of("{\"a\": 1, \"a\": 2}"), "x.json: the key 'a' occurs twice in one object");
  EXPECT_EQ(message_of(std::string(100000, '[')), "x.json: is nested more than 512 deep");
  EXPECT_EQ(message_of(std::string(kLargestProfile + 1, ' ')),
            "x.json: is too large for a device profile: 2097153 bytes (at most 2097152)");
}

TEST(DeviceProfile, ReadsManySiblingsInLinearTime) {
  // Quadratic reading took minutes here; the test's own limit would end it.
  std::string families;
  for (int i = 0; i < 20000; ++i) families += "\"f" + std::to_string(i) + "\": {\"networks\": 7}, ";
  const DeviceProfile p = parse_profile(replaced(kWhole, "\"resnet\"", families + "\"resnet\""), "x.json");
  EXPECT_EQ(p.accuracy->families.size(), 20001u);
  EXPECT_EQ(parse_profile(to_json(p), "y.json"), p);
}

TEST(DeviceProfile, MessagesStayShort) {
  const std::string dash = "\u2013";  // three bytes: 20 of them make 60
  std::string longest;
  for (int i = 0; i < 10000; ++i) longest += dash;
  EXPECT_THAT(message_of(replaced(kWhole, "\"soc\"", "\"" + longest + "\"")),
              StartsWith("x.json: /: has the unknown key '" + longest.substr(0, 60) + "…' (one of "));
  EXPECT_THAT(message_of(replaced(kWhole, "\"soc\"", "\"a" + longest + "\"")),
              StartsWith("x.json: /: has the unknown key 'a" + longest.substr(0, 57) + "…' (one of "));
}

TEST(DeviceProfile, TheDocumentationKnowsEveryClass) {
  const auto documentation = MappedFile::open(std::string(FORETIME_SOURCE_DIR) + "/docs/device-profile.md");
  for (const KernelClass& known : kernel_classes()) {
    const std::string row = "| `" + std::string(known.name) + "` | " + std::string(known.what);
    EXPECT_THAT(std::string(documentation->text()), HasSubstr(row));
  }
}

TEST(DeviceProfile, WritesNothingItWouldNotRead) {
  const DeviceProfile good = parse_profile(kSmall, "x.json");
  const auto message = [&](auto spoil) -> std::string {
    DeviceProfile bad = good;
    spoil(bad);
    try {
      (void)to_json(bad);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message([](DeviceProfile& p) {
              p.predictor.roofline.peak_ops_per_s = std::numeric_limits<double>::quiet_NaN();
            }),
            "profile small: /predictor/roofline/peak_ops_per_s: is null (a number from 1 to 1e+21)");
  EXPECT_EQ(
      message([](DeviceProfile& p) { p.device = "\xff"; }),
      "profile small: cannot be written: a text is not UTF-8, or the predictor's parameters are not JSON");
  EXPECT_EQ(message([](DeviceProfile& p) { p.predictor.kind = "trees"; }),
            "profile small: /predictor/parameters: is missing");
}

}  // namespace
}  // namespace foretime
