#include "measure/energy/sysfs.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/error.h"

namespace foretime::sysfs {

namespace fs = std::filesystem;

std::optional<std::string> word(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  if (file >> text) return text;
  return std::nullopt;
}

std::optional<std::string> line(const std::string& path) {
  std::ifstream file(path);
  std::string text;
  if (std::getline(file, text) && !text.empty()) return text;
  return std::nullopt;
}

std::optional<double> number(const std::string& path) {
  std::ifstream file(path);
  double value = 0;
  if (file >> value && std::isfinite(value)) return value;
  return std::nullopt;
}

double number_or_error(const std::string& path) {
  errno = 0;
  if (const auto value = number(path)) return *value;
  throw Error(path, errno == 0 ? "holds no number" : std::string("cannot be read: ") + std::strerror(errno));
}

bool forbidden(const std::string& path) {
  // The file's own rights, for whoever this process acts as.
  return exists(path) && ::eaccess(path.c_str(), R_OK) != 0 && errno == EACCES;
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

std::vector<std::string> entries(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  return names;
}

}  // namespace foretime::sysfs
