#include "base/npz_writer.h"

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "base/error.h"

namespace foretime {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are written as they lie in memory");

// PKWARE's APPNOTE.TXT 4.3: headers of a zip file.
constexpr std::uint32_t kLocal = 0x04034b50;
constexpr std::uint32_t kCentral = 0x02014b50;
constexpr std::uint32_t kEnd = 0x06054b50;
constexpr unsigned kVersion = 20;
constexpr unsigned kFirstOfJanuary1980 = 0x21;  // the least date there is: files depend on their content only

class Bytes {
 public:
  void u16(std::size_t value) { put(value, 2); }
  void u32(std::size_t value) { put(value, 4); }
  std::string text;

 private:
  void put(std::size_t value, int count) {
    for (int i = 0; i < count; ++i) text += static_cast<char>(value >> (8 * i) & 0xff);
  }
};

/// The head of a .npy file, a multiple of 64 bytes long.
std::string npy_head(const std::string& type, const std::vector<std::size_t>& shape) {
  std::string sizes;
  for (const std::size_t size : shape) sizes += std::to_string(size) + ",";
  std::string text = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + sizes + "), }";
  constexpr std::size_t kBefore = 10;
  text.resize((kBefore + text.size() + 64) / 64 * 64 - kBefore - 1, ' ');
  text += '\n';
  Bytes head;
  head.text = std::string("\x93NUMPY\x01\x00", 8);
  head.u16(text.size());
  return head.text + text;
}

template <typename T>
std::string_view bytes_of(std::span<const T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

}  // namespace

std::string NpzWriter::header_of(const Entry& entry, bool central) const {
  Bytes header;
  header.u32(central ? kCentral : kLocal);
  if (central) header.u16(kVersion);
  header.u16(kVersion);
  header.u16(0);  // flags
  header.u16(0);  // stored
  header.u16(0);  // time
  header.u16(kFirstOfJanuary1980);
  header.u32(entry.crc);
  header.u32(entry.size);
  header.u32(entry.size);
  header.u16(entry.name.size());
  header.u16(0);  // extra
  if (central) {
    header.u16(0);  // comment
    header.u16(0);  // disk
    header.u16(0);  // internal attributes
    header.u32(0);  // external attributes
    header.u32(entry.offset);
  }
  return header.text + entry.name;
}

void NpzWriter::add_file(const std::string& name, const std::string& type,
                         const std::vector<std::size_t>& shape, std::string_view data) {
  const std::string head = npy_head(type, shape);
  constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max() - (1U << 20);
  if (data.size() > kMost || file_.size() + data.size() > kMost)
    throw Error(path_, "would be larger than 4 GiB");
  uLong crc = crc32_z(0, reinterpret_cast<const Bytef*>(head.data()), head.size());
  // zlib takes a null pointer, which empty data has, as a request for the first checksum.
  if (!data.empty()) crc = crc32_z(crc, reinterpret_cast<const Bytef*>(data.data()), data.size());
  entries_.push_back({name + ".npy", static_cast<std::uint32_t>(crc),
                      static_cast<std::uint32_t>(head.size() + data.size()),
                      static_cast<std::uint32_t>(file_.size())});
  file_.write(header_of(entries_.back(), false));
  file_.write(head);
  file_.write(data);
}

void NpzWriter::add(const std::string& name, std::span<const std::int32_t> values,
                    std::vector<std::size_t> shape) {
  add_file(name, "<i4", shape, bytes_of(values));
}
void NpzWriter::add(const std::string& name, std::span<const std::int64_t> values,
                    std::vector<std::size_t> shape) {
  add_file(name, "<i8", shape, bytes_of(values));
}
void NpzWriter::add(const std::string& name, std::span<const std::uint64_t> values,
                    std::vector<std::size_t> shape) {
  add_file(name, "<u8", shape, bytes_of(values));
}
void NpzWriter::add(const std::string& name, std::span<const double> values, std::vector<std::size_t> shape) {
  add_file(name, "<f8", shape, bytes_of(values));
}

void NpzWriter::add(const std::string& name, const std::vector<std::string>& texts) {
  std::size_t width = 1;
  for (const std::string& text : texts) width = std::max(width, text.size());
  std::string data;
  data.reserve(width * texts.size());
  for (const std::string& text : texts) {
    data += text;
    data.append(width - text.size(), '\0');
  }
  add_file(name, "|S" + std::to_string(width), {texts.size()}, data);
}

void NpzWriter::commit() {
  const std::size_t start = file_.size();
  for (const Entry& entry : entries_) file_.write(header_of(entry, true));
  Bytes end;
  end.u32(kEnd);
  end.u16(0);
  end.u16(0);
  end.u16(entries_.size());
  end.u16(entries_.size());
  end.u32(file_.size() - start);
  end.u32(start);
  end.u16(0);
  file_.write(end.text);
  file_.commit();
}

}  // namespace foretime
