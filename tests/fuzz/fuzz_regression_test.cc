// Runs every seed and every input that once was a finding through a fuzz target, in an ordinary build.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "fuzz_target.h"

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> inputs_in(const char* kind) {
  std::vector<fs::path> files;
  const fs::path folder = fs::path(FORETIME_FUZZ_DIR) / kind / FORETIME_FUZZ_TARGET;
  if (!fs::exists(folder)) return files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

void run(const fs::path& file) {
  std::printf("%s\n", file.c_str());  // a finding ends the process: the last name printed is the culprit
  std::fflush(stdout);
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()), 0);
}

TEST(FuzzRegression, Seeds) {
  const std::vector<fs::path> files = inputs_in("seeds");
  EXPECT_FALSE(files.empty()) << "a target without seeds tests nothing here";
  for (const fs::path& file : files) run(file);
}

TEST(FuzzRegression, Crashes) {
  for (const fs::path& file : inputs_in("crashes")) run(file);
}

}  // namespace
