#pragma once

// Runs the built program in a folder of its own.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace foretime::testing {

namespace fs = std::filesystem;

inline std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline void write(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

/// What came of a run.
struct Outcome {
  int code = -1;
  std::string out;
  std::string err;
};

/// A folder, gone at the end, where the program runs; $FORETIME_HOME is its subfolder home/.
class Program : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "foretime-cli-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
  }

  void TearDown() override { fs::remove_all(folder_); }

  Outcome run(const std::vector<std::string>& words) const {
    const pid_t child = ::fork();
    if (child == 0) become(words);
    int status = 0;
    ::waitpid(child, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read(folder_ / "stdout.txt"),
            read(folder_ / "stderr.txt")};
  }

  void expect_golden(const std::string& name, const std::vector<std::string>& words) const {
    const Outcome outcome = run(words);
    std::string transcript = "$ foretime";
    for (const std::string& word : words) transcript += " " + word;
    transcript += "\n[exit " + std::to_string(outcome.code) + "]\n";
    transcript += outcome.out;
    if (!outcome.err.empty()) transcript += "[stderr]\n" + outcome.err;
    const fs::path golden = fs::path(FORETIME_SOURCE_DIR) / "tests/golden" / (name + ".txt");
    const char* update = std::getenv("FORETIME_UPDATE_GOLDEN");
    if (update != nullptr && *update == '1') return write(golden, transcript);
    EXPECT_EQ(transcript, read(golden)) << golden;
  }

  fs::path folder_;

 private:
  [[noreturn]] void become(const std::vector<std::string>& words) const {
    if (::chdir(folder_.c_str()) != 0) std::_Exit(126);
    ::setenv("FORETIME_HOME", (folder_ / "home").c_str(), 1);
    ::dup2(::open("stdout.txt", O_CREAT | O_TRUNC | O_WRONLY, 0600), STDOUT_FILENO);
    ::dup2(::open("stderr.txt", O_CREAT | O_TRUNC | O_WRONLY, 0600), STDERR_FILENO);
    std::vector<char*> arguments = {const_cast<char*>("foretime")};
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    ::execv(FORETIME_PROGRAM, arguments.data());
    std::_Exit(127);
  }
};

}  // namespace foretime::testing
