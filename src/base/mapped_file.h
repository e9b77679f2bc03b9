#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace foretime {

/// A file mapped read-only: its pages are read only when touched. Shared, so that views into it can keep it
/// alive.
class MappedFile {
 public:
  /// Error: the file does not exist, is a folder, or cannot be mapped.
  static std::shared_ptr<const MappedFile> open(const std::string& path) { return open(path, path); }

  /// The same under another name, which is its path() from then on: of the file that it is a version of.
  static std::shared_ptr<const MappedFile> open(const std::string& path, const std::string& name);

  /// The content of a file that is in memory already, under the name it goes by in messages.
  static std::shared_ptr<const MappedFile> of(std::string name, std::vector<std::byte> content);

  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data_), size_}; }
  const std::string& path() const { return path_; }

 private:
  MappedFile(std::string path, const std::byte* data, std::size_t size);

  std::string path_;
  const std::byte* data_;
  std::size_t size_;
  std::vector<std::byte> owned_;  // empty when the bytes are mapped
};

/// Writes `content` to `path` through a temporary file and a rename: the file is either whole or untouched.
/// Error: the folder does not exist or the disk is full.
void write_file(const std::string& path, std::string_view content);

}  // namespace foretime
