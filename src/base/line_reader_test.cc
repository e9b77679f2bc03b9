#include "base/line_reader.h"

#include <gmock/gmock.h>
#include <unistd.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "base/error.h"

namespace foretime {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

class TextFile {
 public:
  explicit TextFile(const std::string& bytes) : path_(fs::path(testing::TempDir()) / name()) {
    std::ofstream(path_, std::ios::binary) << bytes;
  }
  ~TextFile() { fs::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  static std::string name() { return "line_reader_" + std::to_string(::getpid()); }
  fs::path path_;
};

std::string compressed(const std::string& text) {
  const TextFile file("");
  gzFile out = gzopen(file.path().c_str(), "wb");
  gzwrite(out, text.data(), static_cast<unsigned>(text.size()));
  gzclose(out);
  std::ifstream in(file.path(), std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> lines_of(const std::string& bytes) {
  const TextFile file(bytes);
  LineReader reader(file.path());
  std::vector<std::string> lines;
  for (std::string line; reader.next(line);) lines.push_back(line);
  return lines;
}

/// The message, without the folder.
std::string error_of(const std::string& bytes) {
  try {
    lines_of(bytes);
  } catch (const Error& error) {
    const std::string text = error.what();
    return text.substr(text.find(':'));
  }
  return "no error";
}

TEST(LineReader, GivesLinesWithoutTheirEnds) {
  EXPECT_THAT(lines_of(""), ElementsAre());
  EXPECT_THAT(lines_of("a"), ElementsAre("a"));
  EXPECT_THAT(lines_of("a\n"), ElementsAre("a"));
  EXPECT_THAT(lines_of("a\n\nb"), ElementsAre("a", "", "b"));
  EXPECT_THAT(lines_of("a\r\nb\r\n"), ElementsAre("a", "b"));
  EXPECT_THAT(lines_of("a\rb\n"), ElementsAre("a\rb"));
}

TEST(LineReader, UnpacksOnTheWay) {
  EXPECT_THAT(lines_of(compressed("a\nb\n")), ElementsAre("a", "b"));
  EXPECT_THAT(lines_of(compressed("a\n") + compressed("b\n")), ElementsAre("a", "b"));
}

TEST(LineReader, LinesMayBeLongerThanTheBuffer) {
  const std::string line(1'000'003, 'x');
  EXPECT_THAT(lines_of(line + "\n" + line + "\r\nend"), ElementsAre(line, line, "end"));
  EXPECT_THAT(lines_of(compressed(line + "\nend")), ElementsAre(line, "end"));
}

TEST(LineReader, SaysWhenDataIsCutOff) {
  std::string random;
  for (unsigned i = 0; i < 100'000; ++i) random += static_cast<char>('a' + (i * i * 2654435761U >> 13) % 26);
  const std::string whole = compressed("first\n" + random);
  for (const std::size_t size : {whole.size() / 2, whole.size() - 1, std::size_t{15}}) {
    EXPECT_THAT(error_of(whole.substr(0, size)), ::testing::HasSubstr("broken compressed data: ")) << size;
  }
  std::string changed = whole;
  changed[whole.size() / 2] = static_cast<char>(changed[whole.size() / 2] ^ 0x55);
  EXPECT_THAT(error_of(changed), ::testing::HasSubstr("broken compressed data: "));
}

TEST(LineReader, RefusesEndlessLines) {
  EXPECT_EQ(error_of(compressed(std::string(LineReader::kLongestLine + 1, 'x'))),
            ":1: the line is longer than 64 MiB");
}

TEST(LineReader, SaysWhichLineItIsAt) {
  const TextFile file("a\nb\n");
  LineReader reader(file.path());
  std::string line;
  reader.next(line);
  reader.next(line);
  EXPECT_EQ(reader.where(), file.path() + ":2");
}

TEST(LineReader, RefusesWhatIsNoFile) {
  const auto message = [](const std::string& path) -> std::string {
    try {
      LineReader reader(path);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_EQ(message("/nowhere/t.jsonl"), "/nowhere/t.jsonl: cannot be opened: No such file or directory");
  EXPECT_EQ(message("/"), "/: is a folder (a file)");
}

}  // namespace
}  // namespace foretime
