#include "api/measured_energy.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/error.h"
#include "base/mapped_file.h"
#include "base/stopwatch.h"
#include "base/temporary_folder.h"

namespace foretime::api {
namespace {

namespace fs = std::filesystem;

constexpr double kIdleWatts = 2;
constexpr double kRunWatts = 7;

/// A model that takes 10 ms on the clock of the real world, and draws power.
class Sleeper final : public Subject {
 public:
  explicit Sleeper(std::function<void(double watts)> draw) : draw_(std::move(draw)) { draw_(kIdleWatts); }
  void launch() override {}
  void open() override {}
  WarmUp warm_up(Milliseconds) override { return {}; }
  SampleBlock block(const BlockPlan& plan) override {
    SampleBlock block;
    draw_(kRunWatts);
    block.begin_ms = steady_now().value;
    while (block.wall_ms < plan.time.value) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      block.ms.push_back(10);
      block.wall_ms = steady_now().value - block.begin_ms;
    }
    draw_(kIdleWatts);
    return block;
  }

 private:
  std::function<void(double)> draw_;
};

class EnergyOfAModel : public ::testing::Test {
 protected:
  EnergyRequest request() {
    EnergyRequest request;
    request.wanted = true;
    request.least_window = {250};
    request.places = {folder_.path(), "/no/libnvidia-ml.so"};
    return request;
  }
  std::optional<Energy> measured(const EnergyRequest& request, std::function<void(double)> draw,
                                 const std::string& runtime = "onnxruntime") {
    RunRequest run;
    run.runtime = runtime;
    Sleeper sleeper(std::move(draw));
    const EnergyMeter meter(request, run, 1, diagnostics_);
    Measurement measurement;
    measurement.latency.median = 10;
    return meter.measure(sleeper, measurement, "m", diagnostics_, {});
  }
  std::string problem(const EnergyRequest& request) {
    try {
      (void)measured(request, [](double) {});
      return "measured";
    } catch (const Error& error) {
      return error.what();
    }
  }
  static void expect_right(const Energy& energy) {
    const double run_ms = energy.seconds / energy.runs * 1e3;
    EXPECT_NEAR(energy.mj, (kRunWatts - kIdleWatts) * run_ms, 0.15 * energy.mj);
    EXPECT_NEAR(energy.gross_mj, kRunWatts * run_ms, 0.15 * energy.gross_mj);
    ASSERT_TRUE(energy.idle_mw);
    EXPECT_NEAR(*energy.idle_mw, kIdleWatts * 1e3, 400);
    EXPECT_LE(energy.ci95.low, energy.mj);
    EXPECT_GE(energy.ci95.high, energy.mj);
  }

  TemporaryFolder folder_;
  Diagnostics diagnostics_;
};

TEST_F(EnergyOfAModel, WithARailThatIsWatchedMeanwhile) {
  const std::string chip = folder_.path() + "/sys/class/hwmon/hwmon0";
  fs::create_directories(chip);
  write_file(chip + "/name", "ina226\n");
  write_file(chip + "/in1_label", "VDD_IN\n");
  write_file(chip + "/update_interval", "10\n");
  const auto draw = [&](double watts) { write_file(chip + "/power1_input", std::to_string(watts * 1e6)); };
  draw(kIdleWatts);
  const std::optional<Energy> energy = measured(request(), draw);
  ASSERT_TRUE(energy) << (diagnostics_.empty() ? "" : diagnostics_[0].message);
  expect_right(*energy);
  EXPECT_EQ(energy->sensor, "hwmon:VDD_IN");
  EXPECT_EQ(to_json(*energy).at("windows"), 5);
}

TEST_F(EnergyOfAModel, WithAMeterThatRunsAlong) {
  EnergyRequest asked = request();
  asked.trace = folder_.file("live.csv");
  std::ofstream file(asked.trace);
  file << "time_s,power_w\n";
  std::atomic<double> watts = kIdleWatts;
  std::atomic<bool> ends = false;
  std::thread meter([&] {
    while (!ends) {
      const auto day = std::chrono::system_clock::now().time_since_epoch();
      file << std::to_string(std::chrono::duration<double>(day).count()) << ',' << watts << std::endl;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  const std::optional<Energy> energy = measured(asked, [&](double now) { watts = now; });
  ends = true;
  meter.join();
  ASSERT_TRUE(energy) << (diagnostics_.empty() ? "" : diagnostics_[0].message);
  expect_right(*energy);
  EXPECT_EQ(energy->what, "CSV, which ran along");
}

TEST_F(EnergyOfAModel, WithAWindowOfATrace) {
  EnergyRequest asked = request();
  asked.trace = folder_.file("square.csv");
  std::string text = "time_ms,power_mw\n";
  for (int ms = 0; ms <= 6000; ++ms) {
    text += std::to_string(ms) + (ms >= 2000 && ms < 4000 ? ",7000\n" : ",2000\n");
  }
  write_file(asked.trace, text);
  EXPECT_EQ(problem(asked), asked.trace +
                                ": its times are not those of the day, so it is not known where the runs are "
                                "(--energy-window BEGIN:END, or times in seconds since 1970)");
  asked.window = TimeSpan{2, 4};
  asked.runs = 100;
  const std::optional<Energy> energy = measured(
      asked, [](double) {}, "replay");
  ASSERT_TRUE(energy);
  EXPECT_NEAR(energy->mj, 100, 0.2);
  EXPECT_NEAR(energy->gross_mj, 140, 0.2);
  EXPECT_TRUE(energy->reasons.empty());
  asked.runs.reset();  // 200 of 10 ms
  const std::optional<Energy> counted = measured(asked, [](double) {});
  EXPECT_NEAR(counted->mj, 50, 0.1);
  EXPECT_EQ(counted->reasons.size(), 1U);
  asked.window = TimeSpan{2, 9};
  EXPECT_NE(
      problem(asked).find("energy: the readings go from 0.000 to 6.000 s, the runs from 2.000 to 9.000 s"),
      std::string::npos);
  asked.trace.clear();
  EXPECT_EQ(problem(asked),
            "--energy-window: says where in a trace the runs are (--energy-trace FILE with it)");
}

TEST_F(EnergyOfAModel, WithoutASensorTheLatencyIsStillMeasured) {
  EXPECT_FALSE(measured(request(), [](double) {}));
  ASSERT_EQ(diagnostics_.size(), 1U);
  EXPECT_EQ(diagnostics_[0].code, "energy-not-measured");
  EXPECT_EQ(diagnostics_[0].message.substr(0, 47), "--energy: no sensor can be read here: RAPL: not");
  EnergyRequest named = request();
  named.sensor = "rapl";
  EXPECT_NE(problem(named).find("no sensor can be read here"), std::string::npos);
  diagnostics_.clear();
  EXPECT_FALSE(measured(
      request(), [](double) {}, "command"));
  ASSERT_EQ(diagnostics_.size(), 1U);
  EXPECT_NE(diagnostics_[0].message.find("what runtime command runs may run anywhere"), std::string::npos);
}

TEST_F(EnergyOfAModel, ASensorThatGoesMeanwhileIsNoted) {
  const std::string chip = folder_.path() + "/sys/class/hwmon/hwmon0";
  fs::create_directories(chip);
  write_file(chip + "/name", "ina226\n");
  write_file(chip + "/update_interval", "10\n");
  write_file(chip + "/power1_input", "1000000\n");
  int draws = 0;
  EXPECT_FALSE(measured(request(), [&](double) {
    if (++draws == 4) fs::remove(chip + "/power1_input");
  }));
  ASSERT_EQ(diagnostics_.size(), 1U);
  EXPECT_EQ(diagnostics_[0].message, chip + "/power1_input: cannot be read: No such file or directory");
}

}  // namespace
}  // namespace foretime::api
