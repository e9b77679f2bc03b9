#include "measure/contention.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/mapped_file.h"
#include "base/temporary_folder.h"
#include "measure/block.h"
#include "measure/message.h"
#include "measure/pinning.h"

namespace foretime {
namespace {

TEST(Contention, TicksOfEachProcessor) {
  const auto ticks = parse_processor_ticks(
      "cpu  300 0 30 900 9 0 3 33 0 0\ncpu0 100 1 10 400 4 2 1 30 5 0\ncpu1 200 0 20 500 5 0 2 3 0 0\nintr "
      "5\n");
  ASSERT_EQ(ticks.size(), 2U);
  EXPECT_EQ(ticks[0].busy, 144);
  EXPECT_EQ(ticks[0].steal, 30);
  EXPECT_EQ(ticks[0].all, 548);
}

TEST(Contention, StateOfAMadeUpMachine) {
  const TemporaryFolder root;
  const std::string cpu = root.file("sys/devices/system/cpu/cpu3/cpufreq");
  std::filesystem::create_directories(cpu);
  std::filesystem::create_directories(root.file("sys/class/thermal/thermal_zone0"));
  std::filesystem::create_directories(root.file("proc"));
  write_file(cpu + "/scaling_cur_freq", "2400000\n");
  write_file(cpu + "/scaling_governor", "powersave\n");
  write_file(root.file("sys/class/thermal/thermal_zone0/temp"), "61500\n");
  write_file(root.file("proc/loadavg"), "1.25 0.5 0.1 1/90 4711\n");
  const MachineState state = read_machine_state(3, root.path());
  EXPECT_EQ(state.frequency_mhz, 2400);
  EXPECT_EQ(state.governor, "powersave");
  EXPECT_EQ(state.temperature_celsius, 61.5);
  EXPECT_EQ(state.load, 1.25);
  EXPECT_FALSE(read_machine_state(4, root.path()).frequency_mhz);
}

TEST(Contention, CountersGrow) {
  const ProcessCounters before = read_process_counters();
  volatile double x = 1;
  for (int i = 0; i < 20'000'000; ++i) x = x * 1.0000001;
  const ProcessCounters spent = read_process_counters() - before;
  EXPECT_GT(spent.cpu_ms, 1);
  EXPECT_GE(spent.waited_ms, 0);
}

TEST(Contention, BeatsThatWakeThreadsAreNobodysContention) {
  constexpr std::size_t kMoreThanSwitches = 1'000'000;
  const KeptProcessor kept(2);
  EXPECT_EQ(kept.taken_ms(5, kMoreThanSwitches), 0);
}

TEST(Pinning, ChoosesTheLeastBusy) {
  const std::vector<int> allowed = {0, 1, 2};
  const std::vector<ProcessorTicks> before(3);
  const std::vector<ProcessorTicks> after = {{5, 0, 10}, {2, 0, 10}, {2, 0, 10}};
  EXPECT_EQ(least_busy(allowed, 1, before, after), (std::vector<int>{2}));
  EXPECT_EQ(least_busy(allowed, 2, before, after), (std::vector<int>{1, 2}));
  EXPECT_EQ(least_busy(allowed, 9, before, after), allowed);
  EXPECT_FALSE(allowed_processors().empty());
}

TEST(Message, IsTimedWhereItIsKnownWhichProcessorsCompute) {
  const std::vector<int> allowed = allowed_processors();
  const int count = static_cast<int>(allowed.size());
  if (count < 2) GTEST_SKIP() << "one processor only";
  // Not known while another program has one of the processors, as other tests do.
  double us = 0;
  for (int tries = 0; us == 0 && tries < 200; ++tries) us = message_us(count);
  EXPECT_GT(us, 0.005);
  EXPECT_LT(us, 100);
  EXPECT_EQ(allowed_processors(), allowed);
  EXPECT_EQ(message_us(1), 0);
  EXPECT_EQ(message_us(count + 1), 0);
}

TEST(Block, TimesIterationsAndMarksThoseThatWaited) {
  BlockPlan plan;
  plan.time = {20};
  int runs = 0;
  const auto work = [&]() -> std::optional<Milliseconds> {
    ++runs;
    volatile double x = 1;
    for (int i = 0; i < 20'000; ++i) x = x * 1.0000001;
    return std::nullopt;
  };
  const SampleBlock block = run_block(work, plan);
  EXPECT_GE(runs, static_cast<int>(block.ms.size()));
  EXPECT_EQ(block.ms.size(), block.disturbed.size());
  for (const double ms : block.ms) EXPECT_GT(ms, 0);
  ASSERT_EQ(block.beats.size(), block.ms.size());
  for (const BeatTimes& beat : block.beats) EXPECT_GT(beat.core_us, 0);
  EXPECT_GT(block.fastest.memory_us, 0);
  const auto sleeps = [&]() -> std::optional<Milliseconds> {
    const timespec nap{0, 1'000'000};
    ::nanosleep(&nap, nullptr);
    return std::nullopt;
  };
  for (const std::uint8_t disturbed : run_block(sleeps, plan).disturbed) EXPECT_EQ(disturbed, 1);
  plan.self_timed = true;
  plan.at_most = 3;
  const SampleBlock told = run_block([] { return Milliseconds{7}; }, plan);
  EXPECT_EQ(told.ms, (std::vector<double>{7, 7, 7}));
  EXPECT_TRUE(told.beats.empty());
}

TEST(Block, HasPatienceWithNeighbours) {
  BlockPlan plan;
  plan.time = {5};
  plan.patience = {30};
  const auto with_neighbours = [&] {
    const auto work = []() -> std::optional<Milliseconds> {
      volatile double x = 1;
      for (int i = 0; i < 20'000; ++i) x = x * 1.0000001;
      return std::nullopt;
    };
    know_fastest_beat({1e-3, 1e-3, 0});  // in a process of its own: beats are never so short again
    std::exit(run_block(work, plan).wall_ms >= 35 ? 0 : 1);
  };
  EXPECT_EXIT(with_neighbours(), ::testing::ExitedWithCode(0), "");
}

TEST(Block, WarmsUpUntilNothingGetsFaster) {
  int runs = 0;
  const auto faster = [&]() -> std::optional<Milliseconds> { return Milliseconds{++runs < 20 ? 10.0 : 5.0}; };
  const WarmUp warm = warm_up(faster, {1e9});
  EXPECT_TRUE(warm.stable);
  EXPECT_EQ(warm.first.value, 10);
  EXPECT_GT(warm.iterations, 20);
  EXPECT_EQ(warm_up(faster, {0}).stable, false);
}

}  // namespace
}  // namespace foretime
