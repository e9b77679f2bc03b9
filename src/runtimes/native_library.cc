#include "runtimes/native_library.h"

#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/error.h"

namespace foretime {
namespace {

namespace fs = std::filesystem;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

/// The file below `folder` whose name begins with `prefix`, at most one folder down: ROOT/NAME/file or
/// ROOT/NAME/VERSION/file.
std::string find_in(const fs::path& folder, std::string_view prefix) {
  std::vector<std::string> found;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (const fs::recursive_directory_iterator end; !error && entry != end; entry.increment(error)) {
    if (entry.depth() > 0) entry.disable_recursion_pending();
    if (entry->path().filename().string().starts_with(prefix) && entry->is_regular_file()) {
      found.push_back(entry->path().string());
    }
  }
  return found.empty() ? std::string() : *std::max_element(found.begin(), found.end());
}

}  // namespace

std::vector<std::string> runtime_folders() {
  std::vector<std::string> folders;
  std::string listed = variable("FORETIME_RUNTIMES");
  while (!listed.empty()) {
    const std::size_t colon = std::min(listed.find(':'), listed.size());
    if (colon > 0) folders.push_back(listed.substr(0, colon));
    listed.erase(0, colon + 1);
  }
  std::string cache = variable("XDG_CACHE_HOME");
  if (cache.empty() && !variable("HOME").empty()) cache = variable("HOME") + "/.cache";
  if (!cache.empty()) folders.push_back(cache + "/foretime/runtimes");
  return folders;
}

NativeLibrary::NativeLibrary(const std::string& path, const LibraryWanted& wanted)
    : path_(path), how_to_get_(wanted.how_to_get) {
  const std::vector<std::string> folders = runtime_folders();
  for (const std::string& folder : folders) {
    if (path_.empty()) path_ = find_in(fs::path(folder) / wanted.folder, wanted.prefix);
  }
  const bool found = !path_.empty();
  if (!found) path_ = wanted.system;
  handle_ = ::dlopen(path_.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle_ != nullptr) return;
  const char* reason = ::dlerror();
  if (found) throw Error(path_, reason == nullptr ? "cannot be loaded" : reason, how_to_get_);
  std::string looked;
  for (const std::string& folder : folders) looked += folder + "/" + std::string(wanted.folder) + ", ";
  throw Error(std::string(wanted.folder),
              "its library " + std::string(wanted.prefix) + " is neither in " + looked + "nor in the system",
              how_to_get_);
}

void* NativeLibrary::address(const char* name) const {
  void* address = ::dlsym(handle_, name);
  if (address == nullptr) throw Error(path_, std::string("the library has no function ") + name, how_to_get_);
  return address;
}

}  // namespace foretime
