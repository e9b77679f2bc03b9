// fit and evaluate from end to end, on networks whose times follow a formula.

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "program.h"

namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using namespace foretime::testing;
using nlohmann::json;

/// With a few measured networks in the folder.
class FitCli : public Program {
 protected:
  void SetUp() override {
    Program::SetUp();
    write(folder_ / "empty.csv", "id,model,device,latency_ms\n");
    write(folder_ / "one.csv", "id,model,device,latency_ms\na,zoo:alexnet,board,10\n");
    write(folder_ / "no_latency.jsonl", R"({"id":"a","model":"zoo:alexnet","device":"board"})");
    write(folder_ / "twice.csv",
          "id,model,device,latency_ms\na,zoo:alexnet,board,10\na,zoo:alexnet,board,11\n");
    write(folder_ / "unknown.csv", "id,model,device,latency_ms\na,zoo:alexnet9,board,10\n");
    write(folder_ / "broken.rules", "fus conv + Relu\n");
    fs::create_directory(folder_ / "nothing");
  }

  /// 30 networks of the zoo: 20 MACs a microsecond and 20 µs a layer, 0.5 ms on top.
  void write_table() const {
    std::string table = "id,family,model,device,latency_ms,std_ms\n";
    for (const char* name :
         {"squeezenet1_0", "squeezenet1_1", "mobilenet_v2", "resnet18", "resnet34", "mobilenet_v3_small"}) {
      for (const int resolution : {96, 128, 160, 192, 224}) {
        const std::string model = "zoo:" + std::string(name) + "?resolution=" + std::to_string(resolution);
        const Outcome outcome = run({"inspect", model, "--format", "json"});
        ASSERT_EQ(outcome.code, 0) << outcome.err;
        const json totals = json::parse(outcome.out)["totals"];
        const double time = 0.5 + totals["macs"].get<double>() / 2e7 + totals["layers"].get<double>() * 0.02;
        table += std::string(name) + "_" + std::to_string(resolution) + "," + std::string(name, 6) + ",\"" +
                 model + "\",board," + std::to_string(time) + "," + std::to_string(time / 50) + "\n";
      }
    }
    write(folder_ / "measured.csv", table);
  }

  /// Fits the table; false: XGBoost is not here.
  bool fit_table() const {
    write_table();
    const Outcome fitted = run({"fit", "measured.csv", "--device", "board", "--name", "mine", "--profile-out",
                                "mine.json", "--format", "json"});
    if (fitted.err.find("XGBoost: is needed to fit") != std::string::npos) return false;
    EXPECT_EQ(fitted.code, 0) << fitted.err;
    write(folder_ / "fit.json", fitted.out);
    return true;
  }
};

TEST_F(FitCli, SaysWordForWord) {
  const std::vector<std::pair<const char*, std::vector<std::string>>> cases = {
      {"help_fit", {"fit", "--help"}},
      {"help_evaluate", {"evaluate", "--help"}},
      {"fit_without_device", {"fit", "one.csv"}},
      {"fit_two_devices", {"fit", "one.csv", "--device", "a", "--device", "b"}},
      {"fit_without_data", {"fit", "--device", "board"}},
      {"fit_missing_file", {"fit", "none.csv", "--device", "board"}},
      {"fit_folder_without_data", {"fit", "nothing", "--device", "board"}},
      {"fit_empty_table", {"fit", "empty.csv", "--device", "board"}},
      {"fit_no_latency", {"fit", "no_latency.jsonl", "--device", "board"}},
      {"fit_duplicate", {"fit", "twice.csv", "--device", "board"}},
      {"fit_unknown_network", {"fit", "unknown.csv", "--device", "board"}},
      {"fit_other_device", {"fit", "one.csv", "--device", "phone"}},
      {"fit_bad_name", {"fit", "one.csv", "--device", "board", "--name", "my board"}},
      {"fit_unknown_physics", {"fit", "one.csv", "--device", "board", "--physics", "tpu"}},
      {"fit_broken_rules", {"fit", "one.csv", "--device", "board", "--fusion-rules", "broken.rules"}},
      {"fit_unknown_like", {"fit", "one.csv", "--device", "board", "--like", "ncs3"}},
      {"help_adapt", {"adapt", "--help"}},
      {"adapt_without_data", {"adapt", "one.csv", "--device", "board"}},
      {"adapt_analytic_profile", {"adapt", "ncs2", "one.csv", "--device", "board"}},
      {"adapt_other_device", {"adapt", "adreno640gpu_tflite21", "one.csv", "--device", "phone"}},
      {"adapt_choose", {"adapt", "one.csv", "--choose", "2"}},
      {"adapt_choose_none", {"adapt", "one.csv", "--choose", "0"}},
      {"adapt_choose_known_of_models", {"adapt", "nothing", "--choose", "1", "--device", "board"}},
      {"adapt_choose_other_device", {"adapt", "one.csv", "--choose", "1", "--device", "phone"}},
      {"adapt_choose_empty_folder", {"adapt", "nothing", "--choose", "1"}},
      {"help_dataset_export", {"dataset", "export", "--help"}},
      {"dataset_export", {"dataset", "export", "one.csv", "one.npz"}},
      {"dataset_export_json", {"dataset", "export", "one.csv", "one.jsonl", "--format", "json"}},
      {"dataset_export_unknown_suffix", {"dataset", "export", "one.csv", "one.h5"}},
      {"dataset_export_nothing", {"dataset", "export", "nothing", "one.npz"}},
      {"dataset_export_unwritable", {"dataset", "export", "one.csv", "none/one.npz"}},
      {"evaluate_unknown_device", {"evaluate", "one.csv", "--device", "ncs3"}},
      {"evaluate_other_column", {"evaluate", "one.csv", "--device", "ncs2"}},
      {"evaluate_unknown_protocol", {"evaluate", "one.csv", "--device", "board", "--protocol", "lots"}},
      {"evaluate", {"evaluate", "one.csv", "--device", "ncs2", "--column", "board"}},
      {"evaluate_csv",
       {"evaluate", "one.csv", "--device", "ncs2", "--column", "board", "--rows", "--format", "csv"}},
  };
  for (const auto& [name, words] : cases) {
    SCOPED_TRACE(name);
    expect_golden(name, words);
  }
}

TEST_F(FitCli, LearnsAFormulaFromWholeNetworks) {
  if (!fit_table()) GTEST_SKIP() << "XGBoost's library cannot be loaded";
  const json fitted = json::parse(read(folder_ / "fit.json"));
  EXPECT_EQ(fitted["schema"], "foretime.fit/1");
  EXPECT_EQ(fitted["networks"], 30);
  EXPECT_EQ(fitted["profile"], "mine.json");
  EXPECT_EQ(fitted["bytes"], fs::file_size(folder_ / "mine.json"));
  EXPECT_LT(fitted["cross_validation"]["mape_percent"], 10);
  EXPECT_NEAR(fitted["cross_validation"]["noise_floor_percent"].get<double>(), 2, 1e-3);

  const Outcome evaluated = run({"evaluate", "measured.csv", "--device", "mine.json", "--column", "board",
                                 "--rows", "--format", "json"});
  ASSERT_EQ(evaluated.code, 0) << evaluated.err;
  const json result = json::parse(evaluated.out);
  EXPECT_EQ(result["device"], "mine");
  EXPECT_LT(result["mape_percent"], 5);
  EXPECT_GT(result["spearman"], 0.98);
  EXPECT_EQ(result["rows"].size(), 30U);
  EXPECT_EQ(result["worst"].size(), 10U);

  const Outcome predicted =
      run({"predict", "zoo:squeezenet1_0?resolution=200", "--device", "mine.json", "--format", "json"});
  ASSERT_EQ(predicted.code, 0) << predicted.err;
  const json prediction = json::parse(predicted.out)["predictions"][0];
  EXPECT_GT(prediction["coverage"]["time_percent"], 80);
  EXPECT_LT(prediction["interval90_ms"][0], prediction["latency_ms"]);
  EXPECT_GT(prediction["interval90_ms"][1], prediction["latency_ms"]);
}

TEST_F(FitCli, AdaptsAnotherDevice) {
  write_table();
  const Outcome adapted = run({"adapt", "cortexA76cpu_tflite21", "measured.csv", "--device", "board",
                               "--profile-out", "moved.json", "--format", "json"});
  if (adapted.err.find("XGBoost: is needed to fit") != std::string::npos)
    GTEST_SKIP() << "XGBoost's library cannot be loaded";
  ASSERT_EQ(adapted.code, 0) << adapted.err;
  const json result = json::parse(adapted.out);
  EXPECT_EQ(result["schema"], "foretime.adapt/1");
  EXPECT_EQ(result["name"], "board");
  EXPECT_EQ(result["networks"], 30);
  // Moved from the profile, and from scratch like each sort of built-in device.
  EXPECT_EQ(result["tried"].size(), 4U);
  EXPECT_LT(result["cross_validation"]["mape_percent"], 10);
  const Outcome predicted = run({"predict", "zoo:resnet18", "--device", "moved.json", "--format", "json"});
  ASSERT_EQ(predicted.code, 0) << predicted.err;
  EXPECT_EQ(json::parse(predicted.out)["predictions"][0]["device"], "board");
}

TEST_F(FitCli, ChoosesWhatToMeasure) {
  write_table();
  const auto chosen = [&](const std::vector<std::string>& words) {
    std::vector<std::string> all = {"adapt"};
    all.insert(all.end(), words.begin(), words.end());
    for (const char* word : {"--format", "json", "--quiet"}) all.push_back(word);
    const Outcome outcome = run(all);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return json::parse(outcome.out);
  };
  const json six = chosen({"measured.csv", "--choose", "6"});
  EXPECT_EQ(six["schema"], "foretime.adapt/1");
  EXPECT_EQ(six["networks"], 30);
  ASSERT_EQ(six["chosen"].size(), 6U);
  std::set<std::string> families;
  for (const json& row : six["chosen"]) families.insert(row["family"].get<std::string>());
  EXPECT_GE(families.size(), 3U);
  EXPECT_TRUE(six["chosen"][0]["predicted_ms"].is_null());
  EXPECT_EQ(six, chosen({"measured.csv", "--choose", "6"}));

  const json moved =
      chosen({"cortexA76cpu_tflite21", "adreno640gpu_tflite21", "measured.csv", "--choose", "1"});
  EXPECT_EQ(moved["basis"], "cortexA76cpu_tflite21, adreno640gpu_tflite21");
  EXPECT_GT(moved["chosen"][0]["predicted_ms"], 0);
  // What was measured on the device is known.
  const json known = chosen({"measured.csv", "--choose", "6", "--device", "board"});
  EXPECT_EQ(known["known"], 30);
  EXPECT_EQ(known["chosen"].size(), 0U);
  EXPECT_EQ(known["diagnostics"][0]["code"], "pool-small");
}

TEST_F(FitCli, ChoosesAmongModelsOfAFolder) {
  fs::create_directory(folder_ / "models");
  for (const std::string name : {"squeezenet1_1", "mobilenet_v2"}) {
    const Outcome built = run({"zoo", "build", name, "models/" + name + ".onnx", "--weights", "none"});
    ASSERT_EQ(built.code, 0) << built.err;
  }
  write(folder_ / "models/broken.onnx", "no model");
  const Outcome outcome = run({"adapt", "models", "--choose", "1", "--format", "json", "--quiet"});
  EXPECT_EQ(outcome.code, 3) << outcome.err;
  const json result = json::parse(outcome.out);
  EXPECT_EQ(result["networks"], 2);
  EXPECT_THAT(result["chosen"][0]["id"].get<std::string>(), HasSubstr("models/"));
  EXPECT_EQ(result["failures"][0]["model"], "models/broken.onnx");
}

TEST_F(FitCli, TheSameDataGiveTheSameProfile) {
  if (!fit_table()) GTEST_SKIP() << "XGBoost's library cannot be loaded";
  const std::string first = read(folder_ / "mine.json");
  ASSERT_TRUE(fit_table());
  EXPECT_EQ(first, read(folder_ / "mine.json"));
}

TEST_F(FitCli, KeepsTheProfileInTheUsersFolder) {
  write_table();
  const Outcome fitted = run({"fit", "measured.csv", "--device", "board"});
  if (fitted.err.find("XGBoost: is needed to fit") != std::string::npos)
    GTEST_SKIP() << "XGBoost's library cannot be loaded";
  ASSERT_EQ(fitted.code, 0) << fitted.err;
  EXPECT_TRUE(fs::exists(folder_ / "home/devices/board.json"));
  EXPECT_THAT(run({"devices", "list"}).out, HasSubstr("board"));
}

TEST_F(FitCli, RefusesABrokenProfile) {
  if (!fit_table()) GTEST_SKIP() << "XGBoost's library cannot be loaded";
  const json whole = json::parse(read(folder_ / "mine.json"));
  const auto error_of = [&](const std::string& pointer, const json& value) {
    json changed = whole;
    changed[json::json_pointer(pointer)] = value;
    write(folder_ / "broken.json", changed.dump());
    const Outcome outcome = run({"predict", "zoo:alexnet", "--device", "broken.json"});
    EXPECT_EQ(outcome.code, 1) << pointer;
    EXPECT_EQ(outcome.out, "") << pointer;
    return outcome.err;
  };
  EXPECT_THAT(error_of("/foretime.device", 2), HasSubstr("/foretime.device"));
  EXPECT_THAT(error_of("/predictor/parameters/features/0", "kin"), HasSubstr("there is no feature 'kin'"));
  EXPECT_THAT(error_of("/predictor/parameters/physics", "tpu"), HasSubstr("there is no physics 'tpu'"));
  EXPECT_THAT(error_of("/predictor/parameters/floor_ms", nullptr), HasSubstr("/floor_ms: is null"));
  const std::string trees = whole["predictor"]["tables"]["trees"];
  EXPECT_THAT(error_of("/predictor/tables/trees", trees.substr(0, trees.size() / 8 * 4)),
              HasSubstr("/trees: is cut off"));
  EXPECT_THAT(error_of("/predictor/kind", "forest"), HasSubstr("has a predictor of kind 'forest'"));
}

}  // namespace
