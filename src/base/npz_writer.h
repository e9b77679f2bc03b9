#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_writer.h"

namespace foretime {

/// Arrays in NumPy's .npz: a zip file of .npy files (format 1.0), not compressed, little-endian, row by row.
/// It appears whole or not at all. The same arrays give the same bytes.
class NpzWriter {
 public:
  /// Error: the file cannot be written.
  explicit NpzWriter(const std::string& path) : path_(path), file_(path) {}

  // An array of this shape. REQUIRES: as many values as the shape has elements, names distinct.
  // Error: the file grows beyond 4 GiB.
  void add(const std::string& name, std::span<const std::int32_t> values, std::vector<std::size_t> shape);
  void add(const std::string& name, std::span<const std::int64_t> values, std::vector<std::size_t> shape);
  void add(const std::string& name, std::span<const std::uint64_t> values, std::vector<std::size_t> shape);
  void add(const std::string& name, std::span<const double> values, std::vector<std::size_t> shape);
  /// UTF-8 in fields as wide as the longest ("S" in NumPy: bytes).
  void add(const std::string& name, const std::vector<std::string>& texts);

  void commit();

 private:
  struct Entry {
    std::string name;
    std::uint32_t crc;
    std::uint32_t size;
    std::uint32_t offset;
  };
  void add_file(const std::string& name, const std::string& type, const std::vector<std::size_t>& shape,
                std::string_view data);
  std::string header_of(const Entry& entry, bool central) const;

  std::string path_;
  FileWriter file_;
  std::vector<Entry> entries_;
};

}  // namespace foretime
