#include "report/fit_report.h"

#include <gmock/gmock.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace foretime::report {
namespace {

using nlohmann::json;

AccuracyFigures figures(int networks) {
  return {.networks = networks,
          .mape_percent = 2,
          .rmspe_percent = 3,
          .within_5_percent = 90,
          .within_10_percent = 99,
          .within_15_percent = 100,
          .spearman = 0.99,
          .interval90_coverage_percent = 91};
}

api::EvaluateResult evaluated() {
  api::EvaluateResult result;
  result.device = "mine";
  result.figures = figures(2);
  result.families.emplace("resnet", figures(2));
  result.rows = {{"a", "resnet", {10, 11, 9, 12}}, {"b", "resnet", {10, 7, 6, 8}}};
  return result;
}

api::FitResult fitted() {
  api::FitResult result;
  result.profile = "mine.json";
  result.name = "mine";
  result.bytes = 100;
  result.time = {1500};
  result.networks = 2;
  result.cross_validation = {"folds", figures(2), {{"resnet", figures(2)}}};
  return result;
}

void collect(const json& value, std::set<std::string>& keys) {
  if (value.is_array()) {
    for (const json& item : value) collect(item, keys);
  } else if (value.is_object()) {
    for (const auto& [key, item] : value.items()) {
      keys.insert(key);
      collect(item, keys);
    }
  }
}

TEST(FitReport, ChooseSaysWhatItIsNotSureOf) {
  api::ChooseResult result;
  result.basis = "physics cpu";
  result.networks = 3;
  result.chosen = {{"a", "resnet", {}, 100, 40, 60}};
  result.failures = {{"b.onnx", "b.onnx: is no model"}};
  const json document = json::parse(choose_json(result));
  EXPECT_EQ(document["schema"], "foretime.adapt/1");
  EXPECT_EQ(document["networks"], 3);
  EXPECT_TRUE(document["chosen"][0]["predicted_ms"].is_null());
  EXPECT_EQ(document["chosen"][0]["uncertainty_percent"], 60);
  EXPECT_EQ(document["failures"][0]["model"], "b.onnx");
  const Document shown = choose_document(result);
  ASSERT_EQ(shown.tables.size(), 1U);
  EXPECT_EQ(shown.tables[0].rows.size(), 1U);
  EXPECT_EQ(shown.tables[0].columns.size(), shown.tables[0].rows[0].size());
}

TEST(FitReport, EvaluateSaysWhatTheContractSays) {
  const json without = json::parse(evaluate_json(evaluated(), false));
  EXPECT_EQ(without["schema"], "foretime.evaluate/1");
  EXPECT_FALSE(without.contains("rows"));
  EXPECT_TRUE(without["noise_floor_percent"].is_null());
  const json result = json::parse(evaluate_json(evaluated(), true));
  EXPECT_EQ(result["worst"][0]["id"], "b");
  EXPECT_NEAR(result["worst"][0]["error_percent"].get<double>(), -30, 1e-9);
  EXPECT_EQ(result["rows"][1]["interval90_ms"], json({6.0, 8.0}));
  EXPECT_EQ(result["families"][0]["family"], "resnet");
}

TEST(FitReport, FitSaysWhatTheContractSays) {
  const json result = json::parse(fit_json(fitted()));
  EXPECT_EQ(result["schema"], "foretime.fit/1");
  EXPECT_EQ(result["seconds"], 1.5);
  EXPECT_EQ(result["networks"], 2);
  EXPECT_EQ(result["cross_validation"]["mape_percent"], 2.0);
  EXPECT_EQ(result["cross_validation"]["families"][0]["within_10_percent"], 99.0);
}

TEST(FitReport, DocsNameEveryKey) {
  std::ifstream stream(FORETIME_SOURCE_DIR "/docs/json.md", std::ios::binary);
  const std::string docs(std::istreambuf_iterator<char>(stream), {});
  std::set<std::string> keys;
  api::ProtocolReport protocol;
  for (const Protocol each : {Protocol::networks, Protocol::families, Protocol::few}) {
    protocol.protocol = each;
    protocol.result.rows = {{"resnet", figures(2), 98, 99, 1}};
    collect(json::parse(protocol_json(protocol)), keys);
  }
  collect(json::parse(export_json({"o", 1, 0, 2, 1, {"Input"}, {"cpu"}})), keys);
  collect(json::parse(fit_json(fitted())), keys);
  collect(json::parse(evaluate_json(evaluated(), true)), keys);
  for (const std::string& key : keys) {
    const bool named =
        docs.find("`" + key + "`") != std::string::npos || docs.find("\"" + key + "\"") != std::string::npos;
    EXPECT_TRUE(named) << key;
  }
}

TEST(FitReport, TablesHoldEveryFamily) {
  const Document document = fit_document(fitted());
  ASSERT_EQ(document.tables.size(), 1U);
  EXPECT_EQ(document.tables[0].rows.size(), 1U);
  const Document evaluation = evaluate_document(evaluated(), true);
  ASSERT_EQ(evaluation.tables.size(), 3U);
  EXPECT_EQ(evaluation.tables[2].rows.size(), 2U);
}

}  // namespace
}  // namespace foretime::report
