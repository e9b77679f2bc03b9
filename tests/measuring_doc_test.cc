// docs/measuring.md has a row for every runtime, with its options, and for every tool whose reports are read.

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "runtimes/import/report.h"

namespace foretime {
namespace {

/// The row of a table in the file that begins so; empty: there is none.
std::string row(const std::string& begin) {
  std::ifstream file(std::string(FORETIME_SOURCE_DIR) + "/docs/measuring.md");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("| " + begin + " |")) return line;
  }
  return "";
}

TEST(MeasuringDoc, NamesEveryRuntimeAndItsOptions) {
  for (const Runtime& runtime : runtimes()) {
    const std::string line = row("`" + std::string(runtime.name) + "`");
    EXPECT_FALSE(line.empty()) << runtime.name;
    for (const RuntimeOption& option : runtime.options)
      EXPECT_NE(line.find(option.name), std::string::npos) << runtime.name << ": " << option.name;
  }
}

TEST(MeasuringDoc, NamesEveryToolWhoseReportsAreRead) {
  for (const import::ReportFormat& format : import::report_formats())
    EXPECT_FALSE(row(std::string(format.tool)).empty()) << format.tool;
}

}  // namespace
}  // namespace foretime
