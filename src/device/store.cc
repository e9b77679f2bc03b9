#include "device/store.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "base/error.h"
#include "base/mapped_file.h"
#include "base/suggest.h"
#include "device/builtin.h"

namespace foretime {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".json";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

/// Where a profile of this id lies in the user's folder; empty without such a folder.
std::string user_path(const std::string& id) {
  const std::string folder = user_profile_folder();
  return folder.empty() ? folder : (fs::path(folder) / (id + std::string(kSuffix))).string();
}

bool is_file(const std::string& path) {
  std::error_code ignored;  // what cannot be looked at is no file for us
  return !path.empty() && fs::is_regular_file(path, ignored);
}

/// Profiles in the user's folder by their names: id → path.
std::map<std::string, std::string> user_files() {
  std::map<std::string, std::string> files;
  std::error_code error;
  for (fs::directory_iterator entry(user_profile_folder(), error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path& path = entry->path();
    if (path.extension() == kSuffix) files.emplace(path.stem().string(), path.string());
  }
  return files;
}

DeviceProfile read_file(const std::string& path) {
  return parse_profile(MappedFile::open(path)->text(), path);
}

/// A profile of the user's folder answers to its file's name, so the id in it has to be the same.
DeviceProfile read_user_file(const std::string& id, const std::string& path) {
  DeviceProfile profile = read_file(path);
  if (profile.id != id) {
    throw Error(path + ": /id", "is '" + profile.id + "', but the file is named '" + id + "'",
                "rename one of the two");
  }
  return profile;
}

DeviceProfile read_builtin(const EmbeddedFile& file) {
  return parse_profile(file.content, "built-in profile " + file.id);
}

template <typename Read>
void read_into(ProfileEntry& entry, const Read& read) {
  try {
    entry.profile = read();
  } catch (const Error& error) {
    entry.error = error.what();
  }
}

std::optional<EmbeddedFile> find_builtin(const std::string& id) {
  for (EmbeddedFile& file : embedded_profiles()) {
    if (file.id == id) return std::move(file);
  }
  return std::nullopt;
}

bool looks_like_path(const std::string& name) {
  return name.find('/') != std::string::npos || name.ends_with(kSuffix);
}

}  // namespace

std::string user_profile_folder() {
  if (const std::string home = variable("FORETIME_HOME"); !home.empty()) return home + "/devices";
  // The XDG specification: relative paths are invalid and to be ignored.
  if (const std::string data = variable("XDG_DATA_HOME"); data.starts_with('/')) {
    return data + "/foretime/devices";
  }
  if (const std::string home = variable("HOME"); !home.empty())
    return home + "/.local/share/foretime/devices";
  return {};
}

std::vector<std::string> profile_ids() {
  std::vector<std::string> ids;
  for (const EmbeddedFile& file : embedded_profiles()) ids.push_back(file.id);
  for (const auto& [id, path] : user_files()) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

std::vector<ProfileEntry> list_profiles() {
  std::map<std::string, ProfileEntry> entries;
  for (const auto& [id, path] : user_files()) {
    ProfileEntry entry{id, ProfilePlace::user, path, std::nullopt, {}};
    read_into(entry, [&] { return read_user_file(entry.id, entry.path); });
    entries.emplace(id, std::move(entry));
  }
  for (const EmbeddedFile& file : embedded_profiles()) {
    if (entries.contains(file.id)) continue;
    ProfileEntry entry{file.id, ProfilePlace::builtin, {}, std::nullopt, {}};
    read_into(entry, [&] { return read_builtin(file); });
    entries.emplace(file.id, std::move(entry));
  }
  std::vector<ProfileEntry> list;
  list.reserve(entries.size());
  for (auto& [id, entry] : entries) list.push_back(std::move(entry));
  return list;
}

DeviceProfile load_profile(const std::string& id_or_path) {
  if (looks_like_path(id_or_path)) return read_file(id_or_path);
  if (is_profile_id(id_or_path)) {
    if (const std::string path = user_path(id_or_path); is_file(path))
      return read_user_file(id_or_path, path);
    if (const auto builtin = find_builtin(id_or_path)) return read_builtin(*builtin);
  }
  if (is_file(id_or_path)) return read_file(id_or_path);
  throw Error("device '" + id_or_path + "'", "no such profile", suggestion(id_or_path, profile_ids()));
}

std::string save_profile(const DeviceProfile& profile) {
  const std::string content = to_json(profile);
  const std::string folder = user_profile_folder();
  if (folder.empty())
    throw Error("profile " + profile.id, "there is no user's folder", "set FORETIME_HOME or HOME");
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(folder, "cannot be made: " + error.message());
  std::string path = user_path(profile.id);
  write_file(path, content);
  return path;
}

}  // namespace foretime
