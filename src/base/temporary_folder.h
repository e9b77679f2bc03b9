#pragma once

#include <string>

namespace foretime {

/// A folder of our own below the system's for temporary files; gone at the end, with all that is in it.
class TemporaryFolder {
 public:
  /// Error: it cannot be made.
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace foretime
