#include "base/file_writer.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace foretime {
namespace {

/// A device or a pipe (/dev/null, /dev/stdout): renaming a file onto it would put the file in its place.
bool is_special(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

}  // namespace

FileWriter::FileWriter(std::string path)
    : path_(std::move(path)),
      temporary_(is_special(path_) ? path_ : path_ + ".part" + std::to_string(::getpid())) {
  file_ = std::fopen(temporary_.c_str(), "wb");
  if (file_ == nullptr) fail(errno);
}

FileWriter::~FileWriter() {
  discard();
}

void FileWriter::write(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), file_) != bytes.size()) fail(errno);
  size_ += bytes.size();
}

void FileWriter::commit() {
  const bool closed = std::fclose(std::exchange(file_, nullptr)) == 0;
  if (closed && (temporary_ == path_ || std::rename(temporary_.c_str(), path_.c_str()) == 0)) return;
  const int reason = errno;
  remove_temporary();
  fail(reason);
}

void FileWriter::fail(int reason) {
  discard();
  if (reason == ENOENT) throw Error(path_, "cannot write: the folder it is to stand in does not exist");
  if (reason == EISDIR) throw Error(path_, "cannot write: it is a folder", "the name of a file");
  throw Error(path_, std::string("cannot write: ") + std::strerror(reason));
}

void FileWriter::discard() {
  if (file_ == nullptr) return;
  std::fclose(std::exchange(file_, nullptr));
  remove_temporary();
}

void FileWriter::remove_temporary() {
  if (temporary_ != path_) std::remove(temporary_.c_str());
}

}  // namespace foretime
