#include "measure/energy/sensor.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/error.h"
#include "base/mapped_file.h"
#include "base/temporary_folder.h"
#include "measure/energy/monitor.h"

namespace foretime {
namespace {

namespace fs = std::filesystem;

/// A /sys of the test's own.
class FakeSys : public ::testing::Test {
 protected:
  void put(const std::string& path, const std::string& content) {
    const fs::path file = fs::path(folder_.path()) / "sys/class" / path;
    fs::create_directories(file.parent_path());
    write_file(file.string(), content + "\n");
  }
  void rapl(const std::string& domain, const std::string& name, const std::string& uj) {
    const std::string folder = "powercap/intel-rapl:" + domain + "/";
    put(folder + "name", name);
    put(folder + "energy_uj", uj);
    put(folder + "max_energy_range_uj", "262143328850");
  }
  SensorSearch search() const { return find_sensors(places()); }
  EnergySensor chosen(const std::string& name = "") const { return choose_sensor(search(), name); }
  std::string problem(const std::string& name = "") const {
    try {
      return "chose " + chosen(name).name;
    } catch (const Error& error) {
      return error.what();
    }
  }
  SensorPlaces places() const { return {folder_.path(), nvml_}; }
  bool says(const std::string& text, const std::string& part) const {
    return text.find(part) != std::string::npos;
  }

  TemporaryFolder folder_;
  std::string nvml_ = "/no/libnvidia-ml.so";
};

TEST_F(FakeSys, AnEmptyOneSaysWhatWasLookedForAndWhatHelps) {
  const std::string text = problem();
  EXPECT_TRUE(says(text, "--energy: no sensor can be read here: RAPL: nothing in " + folder_.path() +
                             "/sys/class/powercap"))
      << text;
  for (const char* part : {"sudo modprobe", "hwmon: no chip in", "battery: none in",
                           "NVML: /no/libnvidia-ml.so: cannot be loaded (NVIDIA's driver brings it)",
                           "or --energy-trace FILE of a power meter"}) {
    EXPECT_TRUE(says(text, part)) << part << " in " << text;
  }
}

TEST_F(FakeSys, RaplSumsPackagesAndMemoryAndSurvivesTheEndOfItsRange) {
  rapl("0", "package-0", "1000000");
  rapl("0:0", "core", "500000");
  rapl("0:1", "dram", "262143328000");
  rapl("1", "package-1", "7");
  rapl("1:0", "dram", "0");
  put("powercap/intel-rapl-mmio:0/name", "package-0");
  put("powercap/intel-rapl-mmio:0/energy_uj", "5");
  const EnergySensor sensor = chosen();
  EXPECT_EQ(sensor.name, "rapl");
  EXPECT_TRUE(sensor.counts);
  EXPECT_EQ(sensor.read(), 0);
  rapl("0", "package-0", "3500000");  // 2.5 J more
  rapl("0:1", "dram", "1499150");     // 1.5 J more, over the end of the range
  rapl("0:0", "core", "90000000");    // is in the package already
  EXPECT_NEAR(sensor.read(), 4.0, 1e-9);
  std::vector<std::string> names;
  for (const EnergySensor& one : search().found) names.push_back(one.name);
  EXPECT_EQ(names, (std::vector<std::string>{"rapl", "rapl:package-0", "rapl:package-1", "rapl:core",
                                             "rapl:dram@0:1", "rapl:dram@1:0"}));
  EXPECT_EQ(problem("rapl:package0"),
            "--energy-sensor rapl:package0: there is no such sensor; hwmon: no chip in " + folder_.path() +
                "/sys/class/hwmon tells power (a board with an INA "
                "monitor and its driver); battery: none in " +
                folder_.path() +
                "/sys/class/power_supply tells its power; NVML: "
                "/no/libnvidia-ml.so: cannot be loaded (NVIDIA's driver brings it) "
                "(did you mean rapl:package-0?)");
}

TEST_F(FakeSys, RaplWithoutPermissionNamesTheCommandThatGrantsIt) {
  rapl("0", "package-0", "1000000");
  const std::string file = folder_.path() + "/sys/class/powercap/intel-rapl:0/energy_uj";
  fs::permissions(file, fs::perms::none);
  const uid_t root = ::geteuid();
  if (root == 0) {  // who may read anything
    fs::permissions(folder_.path(), fs::perms::all);
    ASSERT_EQ(::seteuid(65534), 0);
  }
  const std::string text = problem();
  ASSERT_EQ(::seteuid(root), 0);
  EXPECT_TRUE(says(text, "RAPL: no permission to read " + file + " (until the next start: sudo chmod a+r " +
                             folder_.path() + "/sys/class/powercap/intel-rapl:*/energy_uj)"))
      << text;
}

TEST_F(FakeSys, RailsGoByTheirLabels) {
  put("hwmon/hwmon3/name", "ina3221");
  for (const char* i : {"1", "2", "3"}) {
    put("hwmon/hwmon3/in" + std::string(i) + "_input", "5000");
    put("hwmon/hwmon3/curr" + std::string(i) + "_input", std::string(i) + "00");
  }
  put("hwmon/hwmon3/in1_label", "VDD_CPU");
  put("hwmon/hwmon3/in2_label", "VDD_IN");
  put("hwmon/hwmon3/in3_label", "VDD_SOC");
  put("hwmon/hwmon3/in4_input", "7");  // a shunt, not a rail
  put("hwmon/hwmon3/curr4_input", "600");
  put("hwmon/hwmon0/name", "coretemp");
  put("hwmon/hwmon0/temp1_input", "50000");
  const EnergySensor whole = chosen();
  EXPECT_EQ(whole.name, "hwmon:VDD_IN");
  EXPECT_FALSE(whole.counts);
  EXPECT_NEAR(whole.read(), 1.0, 1e-9);  // 5 V, 0.2 A
  EXPECT_NEAR(chosen("hwmon:VDD_SOC").read(), 1.5, 1e-9);
  EXPECT_EQ(search().found.size(), 3U);
}

TEST_F(FakeSys, APowerInputIsBetterThanAProduct) {
  put("hwmon/hwmon1/name", "ina226");
  put("hwmon/hwmon1/power1_input", "2500000");
  put("hwmon/hwmon1/in1_input", "12000");
  put("hwmon/hwmon1/curr1_input", "1");
  put("hwmon/hwmon1/update_interval", "35");
  const EnergySensor sensor = chosen();
  EXPECT_EQ(sensor.name, "hwmon:ina226");
  EXPECT_NEAR(sensor.read(), 2.5, 1e-9);
  EXPECT_EQ(sensor.refresh.value, 35);
  fs::remove(folder_.path() + "/sys/class/hwmon/hwmon1/power1_input");
  EXPECT_THROW((void)sensor.read(), Error);
}

TEST_F(FakeSys, SeveralRailsOfWhichNoneIsTheWholeMustBeNamed) {
  put("hwmon/hwmon1/name", "ina226");
  put("hwmon/hwmon1/power1_input", "1");
  put("hwmon/hwmon2/name", "ina226");
  put("hwmon/hwmon2/power1_input", "2");
  EXPECT_EQ(problem(),
            "--energy: there are several rails, and none is known to feed all: hwmon:ina226, "
            "hwmon:ina226@2 (--energy-sensor with one of them)");
  EXPECT_EQ(problem("hwmon:ina226@2"), "chose hwmon:ina226@2");
}

struct BatteryCase {
  const char* current;
  const char* status;
  const char* usb;  // online
  std::size_t doubts;
};

TEST_F(FakeSys, BatteriesOfEitherSign) {
  for (const BatteryCase& one :
       {BatteryCase{"-500000", "Discharging", "0", 0}, BatteryCase{"500000", "Discharging", "0", 0},
        BatteryCase{"500000", "Charging", "1", 1}, BatteryCase{"500000", "Full", "0", 1}}) {
    put("power_supply/battery/type", "Battery");
    put("power_supply/battery/current_now", one.current);
    put("power_supply/battery/voltage_now", "4000000");
    put("power_supply/battery/status", one.status);
    put("power_supply/usb/type", "USB");
    put("power_supply/usb/online", one.usb);
    put("power_supply/mouse/type", "Battery");
    put("power_supply/mouse/scope", "Device");
    put("power_supply/mouse/power_now", "1");
    const EnergySensor sensor = chosen();
    EXPECT_EQ(sensor.name, "battery:battery");
    EXPECT_NEAR(sensor.read(), 2.0, 1e-9);
    EXPECT_EQ(sensor.doubts.size(), one.doubts) << one.status << " " << one.usb;
    if (*one.usb == '1') {
      EXPECT_EQ(sensor.doubts[0], "the machine is fed by usb (USB), not by its battery alone: unplug it");
    }
  }
}

TEST_F(FakeSys, CardsOverALibraryThatIsLoaded) {
  nvml_ = FORETIME_FAKE_NVML;
  const SensorSearch found = search();
  ASSERT_EQ(found.found.size(), 2U);
  EXPECT_EQ(found.found[0].name, "nvml:0");
  EXPECT_EQ(found.found[0].what, "Counting Card, the whole card (NVML)");
  ASSERT_TRUE(found.found[0].counts);
  const double before = found.found[0].read();
  EXPECT_NEAR(found.found[0].read() - before, 0.4, 1e-9);
  EXPECT_FALSE(found.found[1].counts);
  EXPECT_EQ(found.found[1].read(), 25.5);
  nvml_ = FORETIME_WRONG_LIBRARY;
  const std::string text = problem();
  EXPECT_TRUE(says(text, "the library has no function nvmlInit_v2")) << text;
}

TEST_F(FakeSys, TheProcessorIsPreferredUnlessACardComputes) {
  rapl("0", "package-0", "1000000");
  nvml_ = FORETIME_FAKE_NVML;
  EXPECT_EQ(chosen().name, "rapl");
  EXPECT_EQ(choose_sensor(search(), "", "nvml").name, "nvml:0");
}

TEST_F(FakeSys, AMonitorReadsAlongAndTellsWhenTheSensorGoes) {
  put("hwmon/hwmon1/name", "ina226");
  put("hwmon/hwmon1/power1_input", "2500000");
  put("hwmon/hwmon1/update_interval", "10");
  {
    EnergyMonitor monitor(chosen());
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    const EnergyCurve curve = monitor.stop();
    ASSERT_GE(curve.size(), 3U);
    EXPECT_NEAR(curve.power(curve.whole()), 2.5, 1e-9);
  }
  const EnergySensor sensor = chosen();
  fs::remove_all(folder_.path() + "/sys/class/hwmon/hwmon1");
  EnergyMonitor monitor(sensor);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_THROW((void)monitor.stop(), Error);
}

}  // namespace
}  // namespace foretime
