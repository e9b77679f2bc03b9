// ncnn's benchmark networks against a table of their layers. They are not part of the project:
// FORETIME_SHARED, or
// ../shared, names where they are.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "api/inspect.h"
#include "base/csv.h"
#include "base/error.h"

namespace foretime::api {
namespace {

namespace fs = std::filesystem;

fs::path networks() {
  const char* shared = std::getenv("FORETIME_SHARED");
  const fs::path root =
      shared != nullptr ? fs::path(shared) : fs::path(FORETIME_SOURCE_DIR) / ".." / "shared";
  return root / "data" / "ncnn";
}

/// Rows by the names of their columns.
std::vector<std::map<std::string, std::string>> table_of(const fs::path& path) {
  std::vector<std::map<std::string, std::string>> rows;
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> header = split_csv(line, path.string());
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = split_csv(line, path.string());
    auto& row = rows.emplace_back();
    for (std::size_t i = 0; i < header.size(); ++i) row[header[i]] = cells.at(i);
  }
  return rows;
}

InspectResult inspected(const fs::path& path, const std::map<std::string, std::string>& row) {
  InspectRequest request;
  request.model = path.string();
  try {
    return inspect(request);
  } catch (const Error&) {
    // The file leaves its sizes open; the table knows what was measured.
    for (const char* size : {"c", "h", "w"})
      request.bindings.dims[size] = std::stoll(row.at(std::string("input_") + size));
    return inspect(request);
  }
}

TEST(Ncnn, CountsItsBenchmarkNetworksAsTheTableDoes) {
  const fs::path folder = networks();
  if (!fs::exists(folder)) GTEST_SKIP() << folder << " is not there: ncnn's networks are not compared";
  const auto rows = table_of(folder / "models.csv");
  EXPECT_EQ(rows.size(), 35U);
  for (const auto& row : rows) {
    SCOPED_TRACE(row.at("model"));
    const InspectResult result = inspected(folder / row.at("file"), row);
    EXPECT_EQ(result.totals.macs.value, std::stoll(row.at("macs")));
    // The table leaves normalisations and positions out, a thousandth at most.
    const double parameters = std::stod(row.at("params"));
    EXPECT_GE(static_cast<double>(result.totals.parameters), parameters);
    EXPECT_LE(static_cast<double>(result.totals.parameters), 1.001 * parameters);
  }
}

}  // namespace
}  // namespace foretime::api
