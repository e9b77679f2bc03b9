#include "base/temporary_folder.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "base/error.h"

namespace foretime {

TemporaryFolder::TemporaryFolder() {
  std::error_code error;
  const std::filesystem::path root = std::filesystem::temp_directory_path(error);
  path_ = ((error ? "/tmp" : root) / "foretime-XXXXXX").string();
  if (::mkdtemp(path_.data()) == nullptr) {
    throw Error(path_, std::string("no temporary folder: ") + std::strerror(errno), "TMPDIR=FOLDER");
  }
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace foretime
