// foretime calibrate as users run it: on a device that is reached by a command, and whose time is simulated
// by the size of the model's file.

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "program.h"

namespace foretime::testing {
namespace {

using Json = nlohmann::json;

class Calibrating : public Program {
 protected:
  std::vector<std::string> calibrate(const std::string& budget, std::vector<std::string> more = {}) const {
    std::vector<std::string> words = {"calibrate",
                                      "--command",
                                      "wc -c < {model}",
                                      "--runtime-option",
                                      "pattern=([0-9]+)",
                                      "--name",
                                      "board",
                                      "--budget",
                                      budget,
                                      "--format",
                                      "json"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  std::size_t rows() const {
    const std::string text = read(folder_ / "home/campaigns/board.jsonl");
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  }
};

TEST_F(Calibrating, MeasuresLearnsAndPredicts) {
  const Outcome outcome = run(calibrate("4s"));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  EXPECT_EQ(json.at("schema"), "foretime.calibrate/1");
  EXPECT_EQ(json.at("name"), "board");
  EXPECT_GT(json.at("networks"), 2);
  EXPECT_EQ(json.at("measurements"), json.at("networks"));
  EXPECT_GT(json.at("measured_seconds"), 1);
  for (const char* key : {"profile", "bytes", "seconds", "cross_validation", "held_out", "learning_curve"})
    EXPECT_TRUE(json.contains(key)) << key;
  const Outcome predicted = run({"predict", "zoo:resnet18", "--device", "board", "--format", "json"});
  EXPECT_EQ(predicted.code, 0) << predicted.err;
}

TEST_F(Calibrating, GoesOnWhereItWasAndLosesNothing) {
  ASSERT_EQ(run(calibrate("3s")).code, 0);
  const std::size_t before = rows();
  const Outcome again = run(calibrate("3s"));
  EXPECT_EQ(again.code, 1);
  EXPECT_NE(again.err.find("board: is calibrated already"), std::string::npos) << again.err;
  // Killed before the profile was written: nothing is measured again.
  fs::remove(folder_ / "home/devices/board.json");
  ASSERT_EQ(run(calibrate("2s")).code, 0);
  EXPECT_EQ(rows(), before);
  EXPECT_TRUE(fs::exists(folder_ / "home/devices/board.json"));
  // Other circumstances are not mixed with these.
  const Outcome other = run(calibrate("3s", {"--continue", "--threads", "2"}));
  EXPECT_NE(other.err.find("was measured with another number of threads: 1 ([2], another --name"),
            std::string::npos)
      << other.err;
  // The runtime refused a network, and then: killed in the middle of a line.
  const fs::path table = folder_ / "home/campaigns/board.jsonl";
  Json refused = Json::parse(read(table).substr(0, read(table).find('\n')));
  refused["latency_ms"] = nullptr;
  refused["seed"] = 1'000'000;
  const std::string text = read(table) + refused.dump() + "\n";
  write(table, text + R"({"id":"random_blo)");
  ASSERT_EQ(run(calibrate("3s", {"--continue"})).code, 0);
  EXPECT_GT(rows(), before);
  EXPECT_EQ(read(table).substr(0, text.size()), text);
  EXPECT_EQ(read(table).find("random_blo{"), std::string::npos);
}

TEST_F(Calibrating, GoesOnWithoutItsDatabase) {
  const std::string database = (folder_ / "broken.db").string();
  std::vector<std::string> words = calibrate("2s", {"--db", database});
  // Somebody overwrites it in the middle.
  words[2] = "yes nothing | head -n 1000 > " + database + "; wc -c < {model}";
  const Outcome outcome = run(words);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  EXPECT_NE(json.at("database_error").get<std::string>().find("broken.db"), std::string::npos);
  EXPECT_GT(rows(), 0);
}

TEST_F(Calibrating, LearnsNumbersOfThreadsTogether) {
  const Outcome outcome = run(calibrate("5s", {"--threads", "1,2"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  ASSERT_EQ(json.at("profiles").size(), 2);
  for (const int threads : {1, 2}) {
    const Json& profile = json.at("profiles").at(static_cast<std::size_t>(threads - 1));
    EXPECT_EQ(profile.at("threads"), threads);
    const std::string id = "board-" + std::to_string(threads);
    EXPECT_EQ(Json::parse(read(folder_ / "home/devices" / (id + ".json"))).at("threads"), threads);
    EXPECT_EQ(run({"predict", "zoo:resnet18", "--device", id}).code, 0);
  }
  // Each network once with each of them; a profile counts its own, and says how well these are predicted.
  const std::string table = read(folder_ / "home/campaigns/board.jsonl");
  const Json first = Json::parse(table.substr(0, table.find('\n')));
  EXPECT_EQ(first.at("threads"), 1);
  EXPECT_TRUE(first.at("id").get<std::string>().ends_with("&threads=1")) << first.at("id");
  EXPECT_EQ(rows() % 2, 0);
  for (const char* id : {"board-1", "board-2"}) {
    const Json accuracy =
        Json::parse(read(folder_ / "home/devices" / (std::string(id) + ".json"))).at("accuracy");
    EXPECT_EQ(accuracy.at("networks"), rows() / 2) << id;
  }

  const Outcome one = run({"measure", "zoo:resnet18", "--threads", "1,2"});
  EXPECT_EQ(one.code, 2);
  EXPECT_NE(one.err.find("--threads: is given 2 numbers (one number; several only for calibrate)"),
            std::string::npos)
      << one.err;
}

TEST_F(Calibrating, SamplesAsNamed) {
  const auto families_after = [&](const std::string& sampling, const std::string& budget) {
    fs::remove_all(folder_ / "home");
    const Outcome outcome = run(calibrate(budget, {"--sampling", sampling}));
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    std::set<std::string> kinds;
    std::istringstream lines(read(folder_ / "home/campaigns/board.jsonl"));
    for (std::string line; std::getline(lines, line);) {
      const Json row = Json::parse(line);
      const std::string options = row.value("options_of_network", "");
      kinds.insert(row.at("family").get<std::string>() +
                   (options.starts_with("&around=") ? "&around=" : options));
    }
    return kinds;
  };
  EXPECT_EQ(families_after("random", "3s"), (std::set<std::string>{"random_blocks", "random_network"}));
  EXPECT_EQ(families_after("kernels", "3s"), (std::set<std::string>{"random_kernel"}));
  EXPECT_EQ(families_after("pairs", "3s"),
            (std::set<std::string>{"random_kernel&part=1", "random_kernel&part=2"}));
  EXPECT_EQ(families_after("fine-grained", "6s"),
            (std::set<std::string>{"random_kernel", "random_kernel&around="}));
  const Outcome unknown = run(calibrate("3s", {"--sampling", "fine"}));
  EXPECT_EQ(unknown.code, 2);
  EXPECT_NE(unknown.err.find("one of active, random, kernels, pairs, fine-grained"), std::string::npos)
      << unknown.err;
}

TEST_F(Calibrating, SaysWhatIsPredictedBadly) {
  const Outcome outcome = run(calibrate("4s"));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json json = Json::parse(outcome.out);
  ASSERT_FALSE(json.at("kinds").empty());
  double shares = 0;
  for (const Json& kind : json.at("kinds")) shares += kind.at("share_percent").get<double>();
  EXPECT_NEAR(shares, 100, 1e-6);
  ASSERT_FALSE(json.at("worst").empty());
  const auto error = [&](std::size_t i) {
    const Json& row = json.at("worst").at(i);
    return std::abs(std::log(row.at("predicted_ms").get<double>() / row.at("measured_ms").get<double>()));
  };
  for (std::size_t i = 1; i < json.at("worst").size(); ++i) EXPECT_GE(error(i - 1), error(i));
  // Measurements are where all others are.
  const Outcome list = run({"measurements", "list", "--format", "json"});
  EXPECT_EQ(Json::parse(list.out).at("measurements").size(), rows()) << list.err;
}

TEST_F(Calibrating, RefusesATableOfAnotherDevice) {
  fs::create_directories(folder_ / "home/campaigns");
  write(folder_ / "home/campaigns/board.jsonl", R"({"device":"board","runtime":"tflite"})"
                                                "\n");
  const Outcome outcome = run(calibrate("3s"));
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.err.find("was measured with another runtime: \"tflite\" (\"command\", another --name"),
            std::string::npos)
      << outcome.err;
}

TEST_F(Calibrating, MeasuresQuantisedNetworks) {
  const Outcome outcome = run(calibrate("4s", {"--precision", "int8"}));
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Json profile = Json::parse(read(folder_ / "home/devices/board.json"));
  EXPECT_EQ(profile.at("precision").at("name"), "int8");
  const Json row = Json::parse(read(folder_ / "home/campaigns/board.jsonl")
                                   .substr(0, read(folder_ / "home/campaigns/board.jsonl").find('\n')));
  EXPECT_EQ(row.at("precision"), "int8");
  EXPECT_TRUE(row.at("model").get<std::string>().ends_with("&precision=int8")) << row.at("model");

  // A network of floats is priced in its quantised form.
  const auto prediction = [&](const std::string& model) {
    return Json::parse(run({"predict", model, "--device", "board", "--format", "json"}).out)
        .at("predictions")
        .at(0);
  };
  const Json floats = prediction("zoo:resnet18");
  const Json integers = prediction("zoo:resnet18?precision=int8");
  EXPECT_NEAR(floats.at("latency_ms").get<double>(), integers.at("latency_ms").get<double>(), 1e-9);
  const auto has = [](const Json& predicted, const std::string& code) {
    return std::any_of(predicted.at("diagnostics").begin(), predicted.at("diagnostics").end(),
                       [&](const Json& diagnostic) { return diagnostic.at("code") == code; });
  };
  EXPECT_TRUE(has(floats, "quantised"));
  EXPECT_FALSE(has(integers, "quantised"));
  EXPECT_FALSE(has(integers, "precision-mismatch"));

  const Outcome mixed = run(calibrate("3s", {"--continue"}));
  EXPECT_EQ(mixed.code, 1);
  EXPECT_NE(mixed.err.find("was measured with another precision: \"int8\" (\"fp32\""), std::string::npos)
      << mixed.err;
}

TEST_F(Calibrating, RefusesPrecisionsItCannotMake) {
  const Outcome outcome = run(calibrate("3s", {"--precision", "fp16"}));
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.err.find("--precision fp16: random networks are not made in it (fp32, int8)"),
            std::string::npos)
      << outcome.err;
}

}  // namespace
}  // namespace foretime::testing
