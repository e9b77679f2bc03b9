#include "device/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/error.h"
#include "base/mapped_file.h"
#include "device/builtin.h"

namespace foretime {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::StartsWith;

/// Each test has a user's folder of its own.
class Store : public ::testing::Test {
 protected:
  void SetUp() override {
    home_ =
        ::testing::TempDir() + "foretime_" + ::testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(home_);
    ::setenv("FORETIME_HOME", home_.c_str(), 1);
  }
  void TearDown() override {
    fs::remove_all(home_);
    ::unsetenv("FORETIME_HOME");
  }

  /// Puts a file into the user's folder.
  std::string put(const std::string& name, std::string_view content) const {
    fs::create_directories(home_ + "/devices");
    write_file(home_ + "/devices/" + name, content);
    return home_ + "/devices/" + name;
  }

  std::string home_;
};

ProfileEntry find(const std::vector<ProfileEntry>& list, const std::string& id) {
  for (const ProfileEntry& entry : list) {
    if (entry.id == id) return entry;
  }
  ADD_FAILURE() << id << " is not listed";
  return {};
}

std::string message_of(const std::string& id_or_path) {
  try {
    (void)load_profile(id_or_path);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST_F(Store, EveryBuiltInProfileIsSoundAndNamedLikeItsFolder) {
  ASSERT_GE(embedded_profiles().size(), 2u);
  for (const EmbeddedFile& file : embedded_profiles()) {
    const DeviceProfile profile = load_profile(file.id);
    EXPECT_EQ(profile.id, file.id);
    EXPECT_EQ(parse_profile(to_json(profile), "again"), profile);
    EXPECT_EQ(
        MappedFile::open(std::string(FORETIME_SOURCE_DIR) + "/devices/" + file.id + "/profile.json")->text(),
        file.content);
  }
}

TEST_F(Store, SavesLoadsAndLists) {
  DeviceProfile mine = load_profile("ncs2");
  mine.id = "mine";
  EXPECT_EQ(save_profile(mine), home_ + "/devices/mine.json");
  EXPECT_EQ(load_profile("mine"), mine);
  EXPECT_EQ(load_profile(home_ + "/devices/mine.json"), mine);
  EXPECT_THAT(profile_ids(), Contains("mine"));
  EXPECT_EQ(profile_ids().size(), embedded_profiles().size() + 1);
}

TEST_F(Store, AUsersProfileHidesTheBuiltInOne) {
  DeviceProfile mine = load_profile("ncs2");
  mine.device = "mine";
  save_profile(mine);
  EXPECT_EQ(load_profile("ncs2").device, "mine");
  EXPECT_EQ(profile_ids().size(), embedded_profiles().size());
  EXPECT_EQ(find(list_profiles(), "ncs2").place, ProfilePlace::user);
}

TEST_F(Store, ABrokenFileIsAnEntryWithItsError) {
  const std::string broken = put("broken.json", "{");
  const std::string unnameable = put("my phone.json", to_json(load_profile("ncs2")));
  put("notes.txt", "not looked at");
  const std::vector<ProfileEntry> list = list_profiles();
  EXPECT_EQ(list.size(), embedded_profiles().size() + 2);
  EXPECT_EQ(find(list, "broken").path, broken);
  EXPECT_FALSE(find(list, "broken").profile);
  EXPECT_THAT(find(list, "broken").error, testing::StartsWith(broken + ":1:2: syntax error"));
  EXPECT_EQ(find(list, "my phone").error,
            unnameable + ": /id: is 'ncs2', but the file is named 'my phone' (rename one of the two)");
  EXPECT_TRUE(find(list, "ncs2").profile);
  EXPECT_EQ(find(list, "ncs2").place, ProfilePlace::builtin);
}

TEST_F(Store, MessagesNameWhatIsThere) {
  EXPECT_EQ(message_of("ncs3"), "device 'ncs3': no such profile (did you mean ncs2?)");
  EXPECT_THAT(message_of("toaster"), StartsWith("device 'toaster': no such profile (one of "));
  EXPECT_EQ(message_of("../etc"), "../etc: no such file");
  EXPECT_THAT(message_of(""), StartsWith("device '': no such profile (one of "));
  const std::string path = put("other.json", to_json(load_profile("ncs2")));
  EXPECT_EQ(message_of("other"),
            path + ": /id: is 'ncs2', but the file is named 'other' (rename one of the two)");
}

TEST_F(Store, TheFolderFollowsTheEnvironment) {
  EXPECT_EQ(user_profile_folder(), home_ + "/devices");
  ::unsetenv("FORETIME_HOME");
  ::setenv("XDG_DATA_HOME", "/data", 1);
  EXPECT_EQ(user_profile_folder(), "/data/foretime/devices");
  ::setenv("XDG_DATA_HOME", "relative", 1);
  ::setenv("HOME", "/home/me", 1);
  EXPECT_EQ(user_profile_folder(), "/home/me/.local/share/foretime/devices");
  ::unsetenv("XDG_DATA_HOME");
  ::unsetenv("HOME");
  EXPECT_EQ(user_profile_folder(), "");
  EXPECT_THAT(profile_ids(), Contains("ncs2"));
}

TEST_F(Store, AFolderThatCannotBeMadeIsAnError) {
  const std::string file = put("file", "");
  ::setenv("FORETIME_HOME", file.c_str(), 1);
  EXPECT_THROW(save_profile(load_profile("ncs2")), Error);
}

}  // namespace
}  // namespace foretime
