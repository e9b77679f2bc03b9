#pragma once

// Where profiles are found: compiled into the program, in the user's folder as ID.json, or at a path. Names
// are looked up without opening any other profile than the one asked for; a user's profile hides a built-in
// one of the same id.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "device/device_profile.h"

namespace foretime {

enum class ProfilePlace { builtin, user };

/// One profile there is: read, or the reason why it cannot be.
struct ProfileEntry {
  std::string id;
  ProfilePlace place = ProfilePlace::builtin;
  std::string path;                      // of a user's file; empty for a built-in one
  std::optional<DeviceProfile> profile;  // empty when the file is broken
  std::string error;                     // why it is empty
};

/// $FORETIME_HOME/devices, else $XDG_DATA_HOME/foretime/devices, else ~/.local/share/foretime/devices; empty
/// when none of the three variables says anything. The folder need not exist.
std::string user_profile_folder();

/// Ids of all profiles, sorted, unread.
std::vector<std::string> profile_ids();

/// All profiles, read, sorted by id. A broken file of the user's is an entry with its error.
std::vector<ProfileEntry> list_profiles();

/// The profile of that id, in the user's folder or built in; else the file of that name.
/// Error: there is none, or it cannot be read.
DeviceProfile load_profile(const std::string& id_or_path);

/// Writes the profile into the user's folder, which is made if need be, and returns its path.
/// Error: the profile is not valid, or the folder cannot be written.
std::string save_profile(const DeviceProfile& profile);

}  // namespace foretime
