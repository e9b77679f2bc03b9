#include "calibrate/host.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "base/mapped_file.h"
#include "device/store.h"

namespace foretime {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// An invented machine whose probes are counted, and a user's folder of its own.
class HostProfile : public ::testing::Test {
 protected:
  void SetUp() override {
    home_ =
        ::testing::TempDir() + "foretime_" + ::testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(home_);
    ::setenv("FORETIME_HOME", home_.c_str(), 1);
    host_.cpu = CpuDescription{"Abacus", "vendor_id=Beads", 4, {"avx2"}, 1 << 20};
    host_.date = "2025-02-01";
    host_.probe = [this] {
      ++probes_;
      return HostPeaks{"avx2", 100e9, 25e9, 20e9, Milliseconds{25e-6}};
    };
  }
  void TearDown() override {
    fs::remove_all(home_);
    ::unsetenv("FORETIME_HOME");
  }

  /// Puts a profile of that kind of origin into the user's folder.
  void keep_own() {
    DeviceProfile own = profile_of_peaks(host_.probe(), host_);
    own.provenance.source = "my own measurements";
    save_profile(own);
    probes_ = 0;
  }

  std::string home_;
  Host host_;
  int probes_ = 0;
};

TEST_F(HostProfile, StatesPeaksAndTheShareOfThemThatIsReached) {
  const DeviceProfile profile = profile_of_peaks(host_.probe(), host_);
  EXPECT_EQ(profile.id, "host");
  EXPECT_EQ(profile.threads, 1);
  EXPECT_EQ(profile.precision, (Precision{"fp32", 32, 32}));
  EXPECT_EQ(profile.cpu_signature, cpu_signature(host_.cpu));
  const Roofline& roofline = profile.predictor.roofline;
  EXPECT_EQ(roofline.peak_ops_per_s, 100e9);
  EXPECT_EQ(roofline.peak_bytes_per_s, 20e9);
  EXPECT_DOUBLE_EQ(roofline.kernel_overhead_ms, 0.005);
  EXPECT_DOUBLE_EQ(rates_of(roofline, "conv").ops_per_s, 70e9);
  EXPECT_DOUBLE_EQ(rates_of(roofline, "elementwise").bytes_per_s, 16e9);
  for (const KernelClass& known : kernel_classes())
    EXPECT_TRUE(roofline.classes.contains(known.name)) << known.name;
  EXPECT_THAT(profile.provenance.notes,
              HasSubstr("Peaks: 100.0 GFLOP/s (avx2), reading 25.0 GB/s, triad 20.0 GB/s, a call 25 ns."));
  EXPECT_EQ(parse_profile(to_json(profile), "again"), profile);
}

TEST_F(HostProfile, IsProbedOnceAndKept) {
  EXPECT_EQ(probed_host_profile(host_.cpu), std::nullopt);
  const DeviceProfile first = host_profile(false, nullptr, host_);
  EXPECT_EQ(host_profile(false, nullptr, host_), first);
  EXPECT_EQ(probed_host_profile(host_.cpu), first);
  EXPECT_EQ(load_profile("host"), first);
  EXPECT_EQ(probes_, 1);
}

TEST_F(HostProfile, IsProbedAgainOnRequestAndOnAnotherProcessor) {
  host_profile(false, nullptr, host_);
  host_profile(true, nullptr, host_);
  EXPECT_EQ(probes_, 2);
  host_.cpu.cores = 8;
  EXPECT_EQ(probed_host_profile(host_.cpu), std::nullopt);
  EXPECT_EQ(host_profile(false, nullptr, host_).cpu_signature, cpu_signature(host_.cpu));
  EXPECT_EQ(probes_, 3);
}

TEST_F(HostProfile, NeverOverwritesTheUsersOwn) {
  keep_own();
  EXPECT_EQ(host_profile(false, nullptr, host_).provenance.source, "my own measurements");
  EXPECT_EQ(probed_host_profile(host_.cpu)->provenance.source, "my own measurements");
  try {
    host_profile(true, nullptr, host_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()),
              home_ +
                  "/devices/host.json: is a profile of your own, which a probe would "
                  "overwrite (rename it)");
  }
  EXPECT_EQ(probes_, 0);
}

TEST_F(HostProfile, IsGivenEvenWhenItCannotBeKept) {
  write_file(home_, "a file where the folder should be");
  Diagnostics diagnostics;
  EXPECT_EQ(host_profile(false, &diagnostics, host_).id, "host");
  ASSERT_EQ(diagnostics.size(), 1u);
  EXPECT_EQ(diagnostics[0].code, "host-profile-not-kept");
  EXPECT_THAT(diagnostics[0].message, HasSubstr("the host will be probed again next time: " + home_));
}

}  // namespace
}  // namespace foretime
