#include "measure/energy/power_trace.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>

#include "base/error.h"
#include "base/temporary_folder.h"

namespace foretime {
namespace {

PowerTrace csv(const std::string& text) {
  CsvTrace trace;
  std::size_t begin = 0;
  for (int number = 1; begin < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    trace.line(text.substr(begin, end - begin), "t.csv:" + std::to_string(number));
    begin = end + 1;
  }
  return trace.finish("t.csv");
}

std::string problem(const std::string& text) {
  try {
    (void)csv(text);
    return "read";
  } catch (const Error& error) {
    return error.what();
  }
}

double joules(const PowerTrace& trace) {
  return trace.curve.energy(trace.curve.whole());
}

struct Columns {
  const char* header;
  const char* row;  // 2 W at second 1
};

TEST(CsvTraceTest, ColumnsByNameAndUnit) {
  for (const Columns& one :
       {Columns{"time,power", "1,2"}, Columns{"Time (ms),Main Power (mW)", "1000,2000"},
        Columns{"power_uw;time_us", "2000000;1000000"}, Columns{"t\tcurrent_ma\tvoltage_v", "1\t500\t4"},
        Columns{"timestamp_ns,volts,amps", "1000000000,4,0.5"},
        Columns{"n,\"time_s\",current,voltage,power_w", "7,1,9,9,+2"}}) {
    CsvTrace trace;
    trace.line(one.header, "t");
    trace.line(one.row, "t:2");
    std::string later(one.row);
    const std::size_t one_at = later.find('1');
    later[one_at] = '3';  // second 3
    trace.line("# a remark", "t:3");
    trace.line("", "t:4");
    trace.line(later, "t:5");
    EXPECT_NEAR(joules(trace.finish("t")), 4, 1e-9) << one.header;
  }
}

TEST(CsvTraceTest, ASquareWaveHasTheIntegralItShould) {
  std::string text = "time,power\n";
  for (int i = 0; i <= 40'000; ++i) {  // 4 s at 10 kHz, 1 W and 3 W in turns of half a second
    text += std::to_string(i) + "e-4," + (i / 5000 % 2 == 0 ? "1" : "3") + "\n";
  }
  const PowerTrace trace = csv(text);
  EXPECT_NEAR(joules(trace), 8, 2e-4);
  EXPECT_NEAR(trace.curve.energy({0.5, 1.0}), 1.5, 2e-4);
  EXPECT_NEAR(trace.curve.energy({0.25, 0.75}), 1.0, 2e-4);
  EXPECT_NEAR(trace.curve.usual_step(), 1e-4, 1e-12);
  EXPECT_FALSE(trace.of_day);
}

TEST(CsvTraceTest, BatchesWithOneStampAreSpread) {
  std::string text = "Time(ms),Main(mA),Main Voltage(V)\n";  // the time is in seconds, whatever it says
  for (int batch = 0; batch < 10; ++batch) {
    for (int i = 0; i < 5; ++i) text += std::to_string(1.6e9 + batch * 0.001) + ",500,4\n";
  }
  const PowerTrace trace = csv(text);
  EXPECT_EQ(trace.format, "Monsoon CSV");
  EXPECT_TRUE(trace.of_day);
  EXPECT_EQ(trace.curve.size(), 50U);
  EXPECT_NEAR(trace.curve.whole().length(), 0.0098, 1e-5);
  EXPECT_NEAR(joules(trace), 2 * 0.0098, 1e-5);
}

TEST(CsvTraceTest, TheLastLineMayBeCutOffOthersNot) {
  EXPECT_EQ(csv("time,power\n0,1\n1,1\n2,").curve.size(), 2U);
  EXPECT_EQ(problem("time,power\n0,1\n1,\n2,1\n"),
            "t.csv:3: the line holds no numbers where the first line says (numbers, one row a sample)");
  EXPECT_EQ(problem("time,power\n1,1\n0,1\n"), "t.csv:3: the time goes back (times that grow)");
  EXPECT_EQ(problem("time,power\n1,1\n").substr(0, 41), "t.csv: holds fewer than two samples (a fi");
  EXPECT_EQ(
      problem("time,latency\n0,1\n"),
      "t.csv:1: is no power trace: the line names no time and power (a first line that names a time and "
      "a power, or a current and a voltage: time_s,power_mw or time_ms,current_ma,voltage_v)");
  EXPECT_NE(problem("0.1,2\n0.2,3\n").find("is no power trace"), std::string::npos);
  EXPECT_NE(problem("time,power\n0,nan\n1,1\n2,2\n").find("t.csv:2: the line holds no numbers"),
            std::string::npos);
}

/// A .pt4 of main (and USB) with these raw pairs.
std::string pt4(const std::vector<std::pair<std::uint16_t, std::uint16_t>>& words,
                std::uint16_t mask = 0x1000) {
  std::string bytes(1024, '\0');
  const auto put = [&](std::size_t at, auto number) {
    std::memcpy(bytes.data() + at, &number, sizeof number);
  };
  bytes[4] = 0x13;
  std::memcpy(bytes.data() + 5, "Power Tool", 10);
  put(68, std::uint32_t{5000});
  put(148, std::uint16_t{1024});
  put(150, static_cast<std::uint16_t>(mask == 0x3000 ? 8 : 4));
  put(158, mask);
  for (const auto& [current, voltage] : words) {
    for (const std::uint16_t word : {current, voltage}) {
      bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
    }
  }
  return bytes;
}

TEST(Pt4, RangesMarkersChannelsAndLostSamples) {
  // 4 V is 32,000 steps; the lowest two bits are a marker. 1,001 (odd: coarse) is 250 mA; 1,000 (fine) 1 mA.
  EXPECT_NEAR(joules(parse_pt4(pt4({{1001, 32000}, {1001, 32003}}), "p")), 1.0 / 5000, 1e-12);
  EXPECT_NEAR(joules(parse_pt4(pt4({{1000, 32000}, {1000, 32001}}), "p")), 0.004 / 5000, 1e-12);
  const PowerTrace lost = parse_pt4(pt4({{1001, 32000}, {0x7001, 32000}, {5, 0xFFFF}, {1001, 32000}}), "p");
  EXPECT_NEAR(joules(lost), 3.0 / 5000, 1e-12);
  EXPECT_EQ(lost.doubts, (std::vector<std::string>{"2 samples are marked as lost"}));
  const PowerTrace two = parse_pt4(pt4({{1001, 32000}, {9, 9}, {1001, 32000}, {9, 9}}, 0x3000), "p");
  EXPECT_EQ(two.curve.size(), 2U);
  EXPECT_NEAR(joules(two), 1.0 / 5000, 1e-12);
  const PowerTrace negative =
      parse_pt4(pt4({{static_cast<std::uint16_t>(-1000 | 1), 32000}, {1001, 32000}}), "p");
  EXPECT_NEAR(joules(negative), 0, 1e-6);
}

TEST(Pt4, HeadersThatContradictThemselvesAreRefused) {
  const auto why = [](std::string bytes) {
    try {
      (void)parse_pt4(bytes, "p");
      return std::string("read");
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  const std::string good = pt4({{1001, 32000}, {1001, 32000}});
  EXPECT_EQ(why(good.substr(0, 100)), "p: ends within the header of a .pt4");
  EXPECT_EQ(why(pt4({{1, 1}, {1, 1}}, 0)), "p: its header names no channel (a capture of main, USB or aux)");
  EXPECT_EQ(why(pt4({{1, 1}, {1, 1}}, 0x7000)), "p: its header says that a sample of 3 channels has 4 bytes");
  EXPECT_EQ(why(good.substr(0, 1026)), "p: holds fewer than two samples");
  EXPECT_EQ(why(good.substr(0, 1000)), "p: its samples would begin at byte 1024 of 1000");
}

TEST(MonsoonSample, IntegratesToWhatThePowerToolShowed) {
  const std::string folder = std::string(FORETIME_SOURCE_DIR) + "/../shared/data/power/";
  if (!std::filesystem::exists(folder))
    GTEST_SKIP() << "needs " << folder << ", which is not part of the project";
  const PowerTrace pt4 = read_power_trace(folder + "monsoon_sample.pt4");
  EXPECT_EQ(pt4.curve.size(), 63'665U);
  EXPECT_NEAR(pt4.curve.whole().length(), 12.7328, 1e-9);
  EXPECT_NEAR(joules(pt4) * 1e3, 20'381.019, 0.02);
  EXPECT_EQ(pt4.doubts.size(), 1U);  // 716 lost
  const PowerTrace csv = read_power_trace(folder + "monsoon_sample.csv.gz");
  EXPECT_EQ(csv.format, "Monsoon CSV");
  EXPECT_EQ(csv.curve.size(), 63'665U);
  EXPECT_NEAR(csv.curve.whole().length(), 12.7328, 1e-9);
  EXPECT_NEAR(joules(csv), joules(pt4), 1e-4);
}

}  // namespace
}  // namespace foretime
