#include "base/npz_writer.h"

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>

#include "base/error.h"

namespace foretime {
namespace {

namespace fs = std::filesystem;

template <typename T>
T number(const std::string& bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

/// The files of a stored zip, found through its directory; checksums are checked.
std::map<std::string, std::string> files_of(const std::string& zip) {
  std::map<std::string, std::string> files;
  const std::size_t end = zip.size() - 22;
  EXPECT_EQ(number<std::uint32_t>(zip, end), 0x06054b50U);
  std::size_t at = number<std::uint32_t>(zip, end + 16);
  for (int i = 0; i < number<std::uint16_t>(zip, end + 10); ++i) {
    EXPECT_EQ(number<std::uint32_t>(zip, at), 0x02014b50U);
    const auto size = number<std::uint32_t>(zip, at + 24);
    const auto length = number<std::uint16_t>(zip, at + 28);
    const std::string name = zip.substr(at + 46, length);
    const auto local = number<std::uint32_t>(zip, at + 42);
    EXPECT_EQ(number<std::uint32_t>(zip, local), 0x04034b50U);
    EXPECT_EQ(zip.substr(local + 30, length), name);
    files[name] = zip.substr(local + 30 + length, size);
    EXPECT_EQ(crc32(0, reinterpret_cast<const Bytef*>(files[name].data()), size),
              number<std::uint32_t>(zip, at + 16));
    at += 46U + length;
  }
  EXPECT_EQ(at, end);
  return files;
}

std::string read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(NpzWriter, WritesArraysThatNumpyReads) {
  const fs::path path = fs::path(testing::TempDir()) / ("npz_" + std::to_string(::getpid()) + ".npz");
  NpzWriter out(path.string());
  out.add("a", std::vector<std::int32_t>{1, -2, 3, 4, 5, 6}, {2, 3});
  out.add("b", std::vector<double>{0.5}, {1});
  out.add("texts", {"x", "long", ""});
  out.add("none", std::vector<std::int64_t>{}, {0, 4});
  EXPECT_FALSE(fs::exists(path)) << "not before it is whole";
  out.commit();
  const std::map<std::string, std::string> files = files_of(read(path));
  fs::remove(path);
  ASSERT_EQ(files.size(), 4U);
  const std::string& a = files.at("a.npy");
  EXPECT_EQ(a.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  const std::size_t head = 10U + number<std::uint16_t>(a, 8);
  EXPECT_EQ(head % 64, 0U);
  EXPECT_EQ(a.substr(10, 60), "{'descr': '<i4', 'fortran_order': False, 'shape': (2,3,), } ");
  EXPECT_EQ(a[head - 1], '\n');
  EXPECT_EQ(a.size(), head + 24);
  EXPECT_EQ(number<std::int32_t>(a, head + 4), -2);
  EXPECT_EQ(files.at("texts.npy").substr(10, 28), "{'descr': '|S4', 'fortran_or");
  EXPECT_TRUE(files.at("texts.npy").ends_with(std::string("x\0\0\0long\0\0\0\0", 12)));
  EXPECT_NE(files.at("none.npy").find("(0,4,)"), std::string::npos);
}

}  // namespace
}  // namespace foretime
