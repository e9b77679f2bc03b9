// Networks exported by torchvision, timm, transformers and ultralytics (tests/oracle/), without their
// weights: every shape must be what ONNX Runtime computed, and the MACs what torch counted.

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "api/inspect.h"

namespace foretime {
namespace {

namespace fs = std::filesystem;

struct Expected {
  std::optional<double> macs;
  api::Bindings bindings;
  std::map<std::string, std::pair<std::string, std::vector<std::int64_t>>> tensors;
};

std::vector<std::int64_t> parse_sizes(const std::string& text) {
  std::vector<std::int64_t> sizes;
  if (text == "scalar") return sizes;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, 'x');) sizes.push_back(std::stoll(part));
  return sizes;
}

Expected read_expected(const fs::path& path) {
  Expected expected;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string name, dtype, sizes;
    words >> name >> dtype >> sizes;
    if (name == "macs" && sizes.empty()) {
      expected.macs = std::stod(dtype);
    } else if (name == "bind") {
      expected.bindings.shapes[dtype] = parse_sizes(sizes);
    } else {
      expected.tensors[name] = {dtype, parse_sizes(sizes)};
    }
  }
  return expected;
}

/// A named size agrees when the run's number is within its bound.
bool agrees(const std::optional<Shape>& ours, const std::vector<std::int64_t>& theirs, bool& named) {
  if (!ours || ours->size() != theirs.size()) return false;
  for (std::size_t i = 0; i < theirs.size(); ++i) {
    const Dim& dim = (*ours)[i];
    named = named || !dim.is_number();
    if (dim.is_number() ? dim.number() != theirs[i] : theirs[i] > dim.upper()) return false;
  }
  return true;
}

class Corpus : public testing::TestWithParam<fs::path> {};

TEST_P(Corpus, ShapesAndMacsAgree) {
  fs::path table = GetParam();
  const Expected expected = read_expected(table.replace_extension(".txt"));
  api::InspectRequest request;
  request.model = GetParam().string();
  request.bindings = expected.bindings;
  const api::InspectResult result = api::inspect(request);

  std::size_t compared = 0;
  bool named = false;
  for (const api::LayerRow& layer : result.layers) {
    EXPECT_TRUE(layer.flops.has_value()) << layer.name << " (" << layer.op << ") has no cost";
    for (const api::TensorInfo& output : layer.outputs) {
      const auto truth = expected.tensors.find(output.name);
      if (truth == expected.tensors.end()) continue;
      ++compared;
      EXPECT_EQ(name_of(output.type.dtype), truth->second.first) << output.name;
      EXPECT_TRUE(agrees(output.type.shape, truth->second.second, named))
          << output.name << " is " << (output.type.shape ? to_string(*output.type.shape) : "unknown");
    }
  }
  EXPECT_GT(compared, result.layers.size() / 2);
  if (expected.macs && !named) {
    EXPECT_NEAR(static_cast<double>(result.totals.macs.value), *expected.macs, 0.005 * *expected.macs);
  }
}

std::vector<fs::path> models() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(fs::path(FORETIME_SOURCE_DIR) / "tests/corpus")) {
    if (entry.path().extension() == ".onnx") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string test_name(const testing::TestParamInfo<fs::path>& info) {
  std::string name = info.param.stem().string();
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Exported, Corpus, testing::ValuesIn(models()), test_name);

}  // namespace
}  // namespace foretime
