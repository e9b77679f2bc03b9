#include "base/line_reader.h"

#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/error.h"

namespace foretime {
namespace {

constexpr std::size_t kBuffer = std::size_t{1} << 18;

gzFile handle(void* file) {
  return static_cast<gzFile>(file);
}

}  // namespace

LineReader::LineReader(const std::string& path)
    : path_(path), file_(nullptr), buffer_(std::make_unique<char[]>(kBuffer)) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) throw Error(path, "is a folder", "a file");
  file_ = gzopen(path.c_str(), "rb");
  if (file_ == nullptr) throw Error(path, std::string("cannot be opened: ") + std::strerror(errno));
  gzbuffer(handle(file_), kBuffer);
}

LineReader::~LineReader() {
  gzclose(handle(file_));
}

bool LineReader::fill() {
  const int count = gzread(handle(file_), buffer_.get(), kBuffer);
  int code = Z_OK;
  const char* message = gzerror(handle(file_), &code);
  if (count < 0 || (code != Z_OK && code != Z_STREAM_END)) {
    throw Error(where(), std::string("broken compressed data: ") + message, "a whole gzip file");
  }
  begin_ = 0;
  end_ = static_cast<std::size_t>(count);
  return count > 0;
}

bool LineReader::next(std::string& line) {
  line.clear();
  if (begin_ == end_ && !fill()) return false;
  ++line_;
  while (true) {
    const char* start = buffer_.get() + begin_;
    const std::size_t left = end_ - begin_;
    const void* newline = std::memchr(start, '\n', left);
    const std::size_t taken =
        newline == nullptr ? left : static_cast<std::size_t>(static_cast<const char*>(newline) - start);
    if (line.size() + taken > kLongestLine) throw Error(where(), "the line is longer than 64 MiB");
    line.append(start, taken);
    begin_ += taken;
    if (newline != nullptr) {
      ++begin_;
      break;
    }
    if (!fill()) break;
  }
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return true;
}

std::string LineReader::where() const {
  return path_ + ":" + std::to_string(line_);
}

}  // namespace foretime
