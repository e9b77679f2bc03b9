// `inspect --rules dnn-analyzer` on built-in networks: the totals that were published, and every row of the
// tables that DNN analyzer's specification comes with. The tables are not part of the project:
// FORETIME_SHARED, or ../shared, names where they are.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "api/inspect.h"

namespace foretime::api {
namespace {

namespace fs = std::filesystem;

InspectResult count(const std::string& network) {
  InspectRequest request;
  request.model = "zoo:" + network;
  request.rules = Rules::dnn_analyzer;
  return inspect(request);
}

struct Published {
  std::string network;
  std::string parameters;  // 10^6
  std::string storage;     // MB of 2^20 bytes, and so are the next two
  std::string inference;
  std::string read_and_write;
  std::string macs;  // 10^9
};

// The benchmark table of DNN analyzer's own documentation: batch 1, images of 3x224x224.
const std::array<Published, 14> kPublished = {{
    {"alexnet", "61.1", "233", "4.19", "241.86", "0.649"},
    {"densenet121", "7.98", "30.4", "147.1", "359.71", "2.79"},
    {"densenet201", "20", "76.35", "219.59", "581.5", "4.28"},
    {"resnet18", "11.69", "44.59", "28.53", "102.88", "1.59"},
    {"resnet50", "25.56", "97.49", "122.2", "342.89", "3.54"},
    {"mobilenet_v2", "3.5", "13.37", "74.25", "162.19", "0.31"},
    {"mobilenet_v3_small@0.9", "2.54", "9.7", "16.2", "35.46", "0.054"},
    {"mobilenet_v3_large@0.9", "5.48", "20.92", "50.4", "106.34", "0.22"},
    {"vgg11", "132.9", "506.83", "62.69", "632.59", "7.62"},
    {"vgg11_bn", "132.9", "506.85", "91.02", "689.27", "7.64"},
    {"vgg16", "138.4", "527.79", "109.39", "746.95", "15.49"},
    {"vgg16_bn", "138.4", "527.82", "161.07", "850.35", "15.52"},
    {"vgg19", "143.7", "548.05", "119.34", "787.12", "19.65"},
    {"vgg19_bn", "143.7", "548.09", "176", "900.47", "19.68"},
}};

/// `value` with as many decimals as `like` shows.
std::string rounded(double value, const std::string& like) {
  const std::size_t point = like.find('.');
  const int decimals = point == std::string::npos ? 0 : static_cast<int>(like.size() - point - 1);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.*f", decimals, value);
  return text.data();
}

double megabytes(Bytes bytes) {
  return static_cast<double>(bytes.value) / (1 << 20);
}

TEST(DnnAnalyzer, GivesThePublishedFigures) {
  for (const Published& row : kPublished) {
    const InspectTotals totals = count(row.network).totals;
    ASSERT_TRUE(totals.analyzer) << row.network;
    const AnalyzerColumns& sums = *totals.analyzer;
    const Bytes moved = sums.mem_read_bytes + sums.mem_write_bytes;
    EXPECT_EQ(rounded(static_cast<double>(totals.parameters) / 1e6, row.parameters), row.parameters)
        << row.network;
    EXPECT_EQ(rounded(megabytes(sums.storage_bytes), row.storage), row.storage) << row.network;
    EXPECT_EQ(rounded(megabytes(sums.inference_bytes), row.inference), row.inference) << row.network;
    EXPECT_EQ(rounded(megabytes(moved), row.read_and_write), row.read_and_write) << row.network;
    EXPECT_EQ(rounded(sums.macs / 1e9, row.macs), row.macs) << row.network;
  }
}

TEST(DnnAnalyzer, ScalesTrafficAndMacsByTheBatchButNotInferenceMemory) {
  const InspectTotals one = count("mobilenet_v2").totals;
  const InspectTotals two = count("mobilenet_v2?batch=2").totals;
  ASSERT_TRUE(one.analyzer && two.analyzer);
  EXPECT_EQ(two.parameters, one.parameters);
  EXPECT_EQ(two.analyzer->macs, 2 * one.analyzer->macs);
  EXPECT_EQ(two.analyzer->mem_write_bytes, one.analyzer->mem_write_bytes * 2);
  // Linear alone takes the 1,000 outputs of the second sample for an input, and reads it twice.
  EXPECT_EQ(two.analyzer->mem_read_bytes.value, 2 * one.analyzer->mem_read_bytes.value + 2 * 1000 * 4);
  EXPECT_EQ(two.analyzer->inference_bytes, one.analyzer->inference_bytes);
  EXPECT_EQ(two.analyzer->storage_bytes, one.analyzer->storage_bytes);
}

TEST(DnnAnalyzer, CountsALayerWhereTheStandardRulesCountIt) {
  const InspectResult result = count("resnet18");
  ASSERT_EQ(result.layers.size(), 60U);
  const LayerRow& conv = result.layers[0];
  EXPECT_EQ(conv.name, "conv1");
  EXPECT_EQ(conv.module_path, "conv1");
  EXPECT_EQ(conv.op, "Conv2d");
  ASSERT_TRUE(conv.macs && conv.analyzer);
  EXPECT_EQ(static_cast<double>(conv.macs->value), 4 * conv.analyzer->macs);  // strides of 2 by 2
  EXPECT_EQ(result.totals.layers, 60);
  EXPECT_EQ(result.totals.layers_without_cost, 0);
  EXPECT_TRUE(result.diagnostics.empty());
}

fs::path tables() {
  const char* shared = std::getenv("FORETIME_SHARED");
  const fs::path root =
      shared != nullptr ? fs::path(shared) : fs::path(FORETIME_SOURCE_DIR) / ".." / "shared";
  return root / "data" / "dnn_analyzer";
}

/// Lines of a file below its header, cut at commas.
std::vector<std::vector<std::string>> cells_of(const fs::path& path) {
  std::vector<std::vector<std::string>> lines;
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  while (std::getline(file, line)) {
    std::istringstream rest(line);
    std::vector<std::string>& cells = lines.emplace_back();
    for (std::string cell; std::getline(rest, cell, ',');) cells.push_back(cell);
  }
  return lines;
}

std::string joined(const std::vector<std::string>& cells, std::size_t begin, std::size_t end) {
  std::string text;
  for (std::size_t i = begin; i < end; ++i) text += (i > begin ? "," : "") + cells.at(i);
  return text;
}

std::string text_of(const std::vector<TensorInfo>& tensors) {
  std::string text;
  for (const Dim& dim : tensors.at(0).type.shape.value()) text += (text.empty() ? "" : "x") + to_string(dim);
  return text;
}

std::string text_of(double number) {
  std::ostringstream text;
  text.precision(17);
  text << number;
  return text.str();
}

/// name, type, shapes, parameters, reads, writes, storage, inference, MACs by both rules.
std::string text_of(const LayerRow& row) {
  const AnalyzerColumns& columns = row.analyzer.value();
  std::ostringstream text;
  text << row.name << ',' << row.op << ',' << text_of(row.inputs) << ',' << text_of(row.outputs) << ','
       << row.parameters << ',' << columns.mem_read_bytes.value << ',' << columns.mem_write_bytes.value << ','
       << columns.storage_bytes.value << ',' << columns.inference_bytes.value << ',' << text_of(columns.macs)
       << ',' << row.macs.value().value;
  return text.str();
}

/// rows, parameters, storage, inference, reads, writes.
std::string text_of(const InspectTotals& totals) {
  const AnalyzerColumns& sums = totals.analyzer.value();
  std::ostringstream text;
  text << totals.layers << ',' << totals.parameters << ',' << sums.storage_bytes.value << ','
       << sums.inference_bytes.value << ',' << sums.mem_read_bytes.value << ',' << sums.mem_write_bytes.value;
  return text.str();
}

/// "mobilenet_v3_small__torchvision_0.9_layout" and "mobilenet_v3_small (tv0.9 layout)" are
/// mobilenet_v3_small@0.9.
std::string network_of(const std::string& name) {
  const std::size_t end = std::min(name.find("__torchvision_0.9_layout"), name.find(" (tv0.9 layout)"));
  return end == std::string::npos ? name : name.substr(0, end) + "@0.9";
}

TEST(DnnAnalyzer, GivesEveryRowOfTheTables) {
  if (!fs::exists(tables()))
    GTEST_SKIP() << "needs the tables of data/dnn_analyzer in FORETIME_SHARED or ../shared";
  std::size_t compared = 0;
  for (const fs::directory_entry& entry : fs::directory_iterator(tables())) {
    const std::string stem = entry.path().stem().string();
    if (entry.path().extension() != ".csv" || stem == "TOTALS") continue;
    std::vector<std::string> expected;
    for (const auto& cells : cells_of(entry.path())) expected.push_back(joined(cells, 1, 12));
    std::vector<std::string> rows;
    for (const LayerRow& row : count(network_of(stem)).layers) rows.push_back(text_of(row));
    EXPECT_EQ(rows, expected) << stem;
    compared += rows.size();
  }
  EXPECT_EQ(compared, 2225U);
}

TEST(DnnAnalyzer, GivesTheTotalsOfTheTables) {
  if (!fs::exists(tables() / "TOTALS.csv"))
    GTEST_SKIP() << "needs the tables of data/dnn_analyzer in FORETIME_SHARED or ../shared";
  const auto lines = cells_of(tables() / "TOTALS.csv");
  EXPECT_EQ(lines.size(), 16U);
  for (const std::vector<std::string>& cells : lines) {
    const InspectTotals totals = count(network_of(cells.at(0))).totals;
    EXPECT_EQ(text_of(totals), joined(cells, 1, 7)) << cells[0];
    EXPECT_EQ(totals.analyzer->macs, std::stod(cells.at(8))) << cells[0];
    EXPECT_EQ(totals.macs.value, std::stoll(cells.at(9))) << cells[0];
  }
}

}  // namespace
}  // namespace foretime::api
