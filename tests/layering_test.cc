// Reads every #include line below src/ against the table src/rooms.txt: rooms include downwards only.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

const fs::path kSource = fs::path(FORETIME_SOURCE_DIR) / "src";

std::map<std::string, int> floors() {
  std::map<std::string, int> table;
  std::ifstream file(kSource / "rooms.txt");
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    int floor = 0;
    std::string room;
    words >> floor >> room;
    table[room] = floor;
  }
  return table;
}

/// Rooms named by lines like `#include "room/file.h"`.
std::vector<std::string> included_rooms(const fs::path& file) {
  std::vector<std::string> rooms;
  std::ifstream stream(file);
  const std::string start = "#include \"";
  for (std::string line; std::getline(stream, line);) {
    if (line.rfind(start, 0) != 0) continue;
    rooms.push_back(line.substr(start.size(), line.find('/') - start.size()));
  }
  return rooms;
}

bool may_include(const std::map<std::string, int>& floor, const std::string& from, const std::string& to) {
  if (from == to || to == "base") return true;
  if (floor.at(from) == 10) return to == "api" || to == "report";  // faces see nothing deeper
  return floor.at(to) < floor.at(from);
}

TEST(Layering, EveryFolderHasAFloor) {
  const auto floor = floors();
  for (const auto& entry : fs::directory_iterator(kSource)) {
    if (!entry.is_directory()) continue;
    EXPECT_TRUE(floor.contains(entry.path().filename())) << entry.path();
  }
}

TEST(Layering, IncludesGoDownOnly) {
  const auto floor = floors();
  ASSERT_GE(floor.size(), 10u);
  int lines = 0;
  for (const auto& entry : fs::recursive_directory_iterator(kSource)) {
    const fs::path& file = entry.path();
    if (file.extension() != ".h" && file.extension() != ".cc") continue;
    const std::string from = (*fs::relative(file, kSource).begin()).string();
    for (const std::string& to : included_rooms(file)) {
      ++lines;
      ASSERT_TRUE(floor.contains(to)) << file << " includes unknown room " << to;
      EXPECT_TRUE(may_include(floor, from, to)) << file << " may not include " << to;
    }
  }
  EXPECT_GT(lines, 20) << "the test found too few #include lines to mean anything";
}

}  // namespace
