#include "base/file_writer.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace foretime {

FileWriter::FileWriter(std::string path)
    : path_(std::move(path)), temporary_(path_ + ".part" + std::to_string(::getpid())) {
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
  if (closed && std::rename(temporary_.c_str(), path_.c_str()) == 0) return;
  const int reason = errno;
  std::remove(temporary_.c_str());
  fail(reason);
}

void FileWriter::fail(int reason) {
  discard();
  throw Error(path_, std::string("cannot write: ") + std::strerror(reason));
}

void FileWriter::discard() {
  if (file_ == nullptr) return;
  std::fclose(std::exchange(file_, nullptr));
  std::remove(temporary_.c_str());
}

}  // namespace foretime
