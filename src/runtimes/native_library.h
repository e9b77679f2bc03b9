#pragma once

// Native libraries of runtimes are never linked: they are found and loaded when a session first needs one, so
// that the program starts without them.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace foretime {

/// Folders in which runtimes lie in folders of their own, best first: those of $FORETIME_RUNTIMES (separated
/// by ':'), then $XDG_CACHE_HOME/foretime/runtimes, else ~/.cache/foretime/runtimes, where
/// `tools/runtimes.sh` puts them.
std::vector<std::string> runtime_folders();

/// What to load and where it is looked for.
struct LibraryWanted {
  std::string_view folder;      // of the runtime, below each of runtime_folders(): "onnxruntime"
  std::string_view prefix;      // of the file's name there: "libonnxruntime.so"
  std::string_view system;      // name that the system's loader knows: "libonnxruntime.so.1"
  std::string_view how_to_get;  // for the message
};

/// A loaded library; unloaded never, since runtimes leave threads and exit handlers behind.
class NativeLibrary {
 public:
  /// `path` if it is not empty; else the library found in `runtime_folders()` (of several versions the last
  /// by name), else the system's. Error: nowhere; not loadable (with the loader's reason).
  NativeLibrary(const std::string& path, const LibraryWanted& wanted);

  const std::string& path() const { return path_; }

  /// A function of the library. Error: it has none of that name: it is another library, or another version.
  template <typename Function>
  Function* function(const char* name) const {
    return reinterpret_cast<Function*>(address(name));
  }

 private:
  void* address(const char* name) const;

  std::string path_;
  std::string how_to_get_;
  void* handle_ = nullptr;
};

}  // namespace foretime
