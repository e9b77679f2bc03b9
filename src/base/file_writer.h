#pragma once

#include <cstddef>
#include <cstdio>
#include <string>
#include <string_view>

namespace foretime {

/// A file in the making, piece by piece, under a temporary name beside `path`. Until `commit` renames it,
/// whatever was at `path` is untouched; without `commit`, nothing remains. A device or a pipe is written as
/// it is.
class FileWriter {
 public:
  /// Error: the folder does not exist, or may not be written.
  explicit FileWriter(std::string path);
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;
  ~FileWriter();

  /// Error: the disk is full.
  void write(std::string_view bytes);
  /// Bytes written so far.
  std::size_t size() const { return size_; }
  /// Error: the disk is full, or a folder is in the way.
  void commit();

 private:
  [[noreturn]] void fail(int reason);
  void discard();
  void remove_temporary();

  std::string path_;
  std::string temporary_;  // `path_` itself for a device or a pipe
  std::FILE* file_;
  std::size_t size_ = 0;
};

}  // namespace foretime
