#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runtimes/native_library.h"
#include "runtimes/onnxruntime/api.h"

namespace foretime::ort {

/// The loaded library with its one environment.
class Library {
 public:
  /// Error: it is nowhere, or older than 1.12.
  explicit Library(const std::string& path);
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
  ~Library();

  const OrtApi* api() const { return api_; }
  OrtEnv* env() const { return env_; }
  const std::string& path() const { return native_.path(); }
  const std::string& version() const { return version_; }
  bool has_stats() const { return has_stats_; }

  /// Error, with the runtime's own message, unless `status` is success.
  void check(OrtStatus* status, std::string_view where) const;
  /// "CPU", "CUDA", …: without the "ExecutionProvider" that the runtime puts behind each.
  std::vector<std::string> providers() const;

 private:
  NativeLibrary native_;
  const OrtApi* api_ = nullptr;
  OrtEnv* env_ = nullptr;
  std::string version_;
  bool has_stats_ = false;
};

}  // namespace foretime::ort
