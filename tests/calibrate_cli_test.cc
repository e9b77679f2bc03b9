// foretime calibrate as users run it: on a device that is reached by a command, and whose time is simulated
// by the size of the model's file.

#include <algorithm>
#include <nlohmann/json.hpp>

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
  ASSERT_EQ(run(calibrate("3s")).code, 0);
  EXPECT_EQ(rows(), before);
  EXPECT_TRUE(fs::exists(folder_ / "home/devices/board.json"));
  // Other circumstances are not mixed with these.
  const Outcome other = run(calibrate("3s", {"--continue", "--threads", "2"}));
  EXPECT_NE(other.err.find("was measured with another threads: 1 (2, another --name"), std::string::npos)
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

}  // namespace
}  // namespace foretime::testing
