// Every call of a leaf module, in order, with name, class and shapes, against the tables that DNN analyzer's
// specification comes with. They are not part of the project: FORETIME_SHARED, or ../shared, names where they
// are.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "zoo/zoo.h"

namespace foretime::zoo {
namespace {

namespace fs = std::filesystem;

fs::path tables() {
  const char* shared = std::getenv("FORETIME_SHARED");
  const fs::path root =
      shared != nullptr ? fs::path(shared) : fs::path(FORETIME_SOURCE_DIR) / ".." / "shared";
  return root / "data" / "dnn_analyzer";
}

std::string text_of(const Shape& shape) {
  std::string text;
  for (const Dim& dim : shape) text += (text.empty() ? "" : "x") + to_string(dim);
  return text;
}

/// "name,class,in,out" of each run of nodes that belong to one module.
std::vector<std::string> rows_of(const Graph& graph) {
  std::vector<std::string> rows;
  const auto nodes = graph.nodes();
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const Node& first = nodes[i];
    if (first.module_path.empty()) continue;
    while (i + 1 < nodes.size() && nodes[i + 1].module_path == first.module_path) ++i;
    rows.push_back(first.module_path + "," + first.source_op + "," +
                   text_of(*graph[first.inputs[0]].type.shape) + "," +
                   text_of(*graph[nodes[i].outputs[0]].type.shape));
  }
  return rows;
}

/// Columns 2 to 5 of a table.
std::vector<std::string> rows_of(const fs::path& table) {
  std::vector<std::string> rows;
  std::ifstream file(table);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::size_t end = line.find(',');
    const std::size_t begin = end + 1;
    for (int column = 0; column < 4; ++column) end = line.find(',', end + 1);
    rows.push_back(line.substr(begin, end - begin));
  }
  return rows;
}

/// "mobilenet_v3_small__torchvision_0.9_layout" is mobilenet_v3_small@0.9.
std::string specification_of(std::string stem) {
  const std::string old = "__torchvision_0.9_layout";
  const bool is_old = stem.ends_with(old);
  return is_old ? stem.substr(0, stem.size() - old.size()) + "@0.9" : stem;
}

TEST(Zoo, HasEveryModuleRow) {
  if (!fs::exists(tables()))
    GTEST_SKIP() << "needs the tables of data/dnn_analyzer in FORETIME_SHARED or ../shared";
  int compared = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(tables())) {
    const std::string stem = entry.path().stem().string();
    if (entry.path().extension() != ".csv" || stem == "TOTALS") continue;
    EXPECT_EQ(rows_of(build(specification_of(stem))), rows_of(entry.path())) << stem;
    ++compared;
  }
  EXPECT_EQ(compared, 16);
}

}  // namespace
}  // namespace foretime::zoo
