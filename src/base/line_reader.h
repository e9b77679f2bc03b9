#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace foretime {

/// The lines of a text file, one by one and without their ends; gzip-compressed files are unpacked on the
/// way.
class LineReader {
 public:
  /// A longer line is an error: nothing that Foretime reads line by line comes near it.
  constexpr static std::size_t kLongestLine = std::size_t{64} << 20;

  /// Error: the file does not exist or cannot be read.
  explicit LineReader(const std::string& path);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  /// The next line, or false at the end. Error: the compressed data is broken or cut off; a line is too long.
  bool next(std::string& line);
  /// "path:line" of the line last read.
  std::string where() const;

 private:
  bool fill();

  std::string path_;
  void* file_;  // zlib's
  std::unique_ptr<char[]> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t line_ = 0;
};

}  // namespace foretime
