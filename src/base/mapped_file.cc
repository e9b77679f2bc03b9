#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/file_writer.h"

namespace foretime {
namespace {

/// Closes a descriptor when the scope ends.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

[[noreturn]] void fail(const std::string& path, const char* doing) {
  throw Error(path, std::string("cannot ") + doing + ": " + std::strerror(errno));
}

}  // namespace

std::shared_ptr<const MappedFile> MappedFile::open(const std::string& path, const std::string& name) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) {
    if (errno == ENOENT) throw Error(path, "no such file");
    fail(path, "open");
  }
  struct stat info {};
  if (::fstat(file.fd, &info) != 0) fail(path, "read");
  if (S_ISDIR(info.st_mode)) throw Error(path, "is a folder", "a file was expected");
  if (!S_ISREG(info.st_mode)) throw Error(path, "is not a regular file");
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size == 0) return std::shared_ptr<const MappedFile>(new MappedFile(name, nullptr, 0));
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (data == MAP_FAILED) fail(path, "map");
  return std::shared_ptr<const MappedFile>(new MappedFile(name, static_cast<const std::byte*>(data), size));
}

std::shared_ptr<const MappedFile> MappedFile::of(std::string name, std::vector<std::byte> content) {
  std::shared_ptr<MappedFile> file(new MappedFile(std::move(name), nullptr, 0));
  file->owned_ = std::move(content);
  file->data_ = file->owned_.data();
  file->size_ = file->owned_.size();
  return file;
}

MappedFile::MappedFile(std::string path, const std::byte* data, std::size_t size)
    : path_(std::move(path)), data_(data), size_(size) {}

MappedFile::~MappedFile() {
  if (data_ != nullptr && owned_.empty()) ::munmap(const_cast<std::byte*>(data_), size_);
}

void write_file(const std::string& path, std::string_view content) {
  FileWriter file(path);
  file.write(content);
  file.commit();
}

}  // namespace foretime
