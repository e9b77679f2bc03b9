// nn-Meter's own kernel lists of twelve networks on three rule sets. They are not part of the project:
// FORETIME_SHARED, or ../shared, names where they are. Neighbours are compared as sets: nn-Meter lists
// consumers in the order of a hash table.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/json.h"
#include "base/mapped_file.h"
#include "kernels/nn_meter/detector.h"
#include "kernels/nn_meter/features.h"
#include "kernels/nn_meter/rule_sets.h"

namespace foretime::nn_meter {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAreArray;
using ::testing::UnorderedElementsAreArray;

constexpr const char* kMissing = "needs data/nnmeter in FORETIME_SHARED or ../shared";

fs::path data() {
  const char* shared = std::getenv("FORETIME_SHARED");
  const fs::path root =
      shared != nullptr ? fs::path(shared) : fs::path(FORETIME_SOURCE_DIR) / ".." / "shared";
  return root / "data" / "nnmeter";
}

std::string content(const fs::path& path) {
  return std::string(MappedFile::open(path.string())->text());
}

nnmeter::RawGraph network(const std::string& name) {
  const fs::path path = data() / "ir" / (name + ".json");
  Diagnostics diagnostics;
  const std::string text = content(path);
  EXPECT_TRUE(nnmeter::is_raw_graph(text)) << path;
  nnmeter::RawGraph graph = nnmeter::parse_raw_graph(text, path.string(), diagnostics);
  EXPECT_TRUE(diagnostics.empty()) << path;
  return graph;
}

Json json(const Attribute& attribute) {
  return std::get<std::vector<std::int64_t>>(attribute);
}

/// The members of the list, but the neighbours.
Json config_json(const KernelConfig& config) {
  Json out = {{"name", config.name}, {"input_tensors", config.input_tensors}};
  if (config.ks) out["ks"] = json(*config.ks);
  if (config.strides) out["strides"] = json(*config.strides);
  if (config.inputh) out["inputh"] = *config.inputh;
  if (config.inputw) out["inputw"] = *config.inputw;
  if (config.cin) out["cin"] = *config.cin;
  if (config.cout) out["cout"] = *config.cout;
  if (config.output_tensors) out["output_tensors"] = *config.output_tensors;
  return out;
}

std::vector<std::string> taken(Json& config, const char* key) {
  const auto names = config.at(key).get<std::vector<std::string>>();
  config.erase(key);
  return names;
}

void expect_same(const Kernel& kernel, const Json& golden) {
  EXPECT_EQ(kernel.kind, golden.at("kernel_type"));
  Json config = golden.at("config");
  EXPECT_THAT(kernel.config.inbounds, UnorderedElementsAreArray(taken(config, "inbounds")));
  EXPECT_THAT(kernel.config.outbounds, UnorderedElementsAreArray(taken(config, "outbounds")));
  EXPECT_EQ(config_json(kernel.config).dump(), config.dump());
}

std::vector<Kernel> kernels_of(const std::string& name, const std::string& device) {
  return detect_kernels(network(name), rules_for(device));
}

TEST(NnMeterGolden, KernelListsAreEqual) {
  if (!fs::exists(data())) GTEST_SKIP() << kMissing;
  int lists = 0;
  for (const auto& entry : fs::directory_iterator(data() / "kernels")) {
    const std::string name = entry.path().stem().stem().string();
    const std::string device = entry.path().stem().extension().string().substr(1);
    SCOPED_TRACE(entry.path().filename());
    const Json golden = parse_json(content(entry.path()), entry.path().string());
    const std::vector<Kernel> kernels = kernels_of(name, device);
    ASSERT_EQ(kernels.size(), golden.size());
    for (std::size_t i = 0; i < kernels.size(); ++i) {
      SCOPED_TRACE(kernels[i].config.name);
      expect_same(kernels[i], golden[i]);
    }
    ++lists;
  }
  EXPECT_EQ(lists, 36);
}

TEST(NnMeterGolden, TheReleasedRuleFilesSayWhatOursSay) {
  if (!fs::exists(data())) GTEST_SKIP() << kMissing;
  for (const std::string& device : devices()) {
    const fs::path path = data() / "rules" / (device + ".fusion_rules.json");
    RuleSet released = rules_of_json(content(path), path.string());
    std::erase_if(released.rules, [](const Rule& rule) {
      const auto* fuse = std::get_if<Fuse>(&rule);
      const auto never = [](const std::string& word) { return word == "pooling" || word == "dense"; };
      return fuse != nullptr && (never(fuse->producer) || never(fuse->consumer));
    });
    RuleSet ours = rules_for(device);
    const auto patterns = [](const RuleSet& rules) {
      std::vector<std::size_t> nodes;
      for (const Block* block : all<Block>(rules)) nodes.push_back(block->pattern.nodes().size());
      return nodes;
    };
    EXPECT_EQ(patterns(released), patterns(ours)) << device;
    const auto others = [](RuleSet rules) {
      std::erase_if(rules.rules, [](const Rule& rule) { return std::holds_alternative<Block>(rule); });
      return to_text(rules);
    };
    EXPECT_EQ(others(released), others(ours)) << device;
  }
}

TEST(NnMeterGolden, FeaturesAreThoseItPredictsFrom) {
  if (!fs::exists(data())) GTEST_SKIP() << kMissing;
  struct Example {
    const char* network;
    const char* kernel;
    std::vector<double> features;
  };
  const Example examples[] = {
      {"resnet18", "conv-relu#0", {224, 3, 64, 7, 2, 118.816768, 0.009472}},
      {"resnet18", "maxpool#1", {112, 64, 64, 3, 2}},
      {"resnet18", "add-relu#4", {56, 64, 64}},
      {"resnet18", "gap#29", {1, 512}},
      {"resnet18", "fc#30", {512, 1000, 0.5125, 1.025}},
      {"densenet121", "concat#14", {56, 4, 64, 32, 32, 32}},
      {"densenet121", "concat#18", {56, 6, 64, 32, 32, 32}},
      {"mobilenetv3small_0", "dwconv-bn#58", {112, 16, 16, 3, 2, 0.50176, 0.00016}},
      {"mobilenetv3small_0", "se-relu#59", {56, 16}},
      {"mobilenetv3small_0", "hswish#56", {112, 16}},
  };
  for (const Example& example : examples) {
    SCOPED_TRACE(example.kernel);
    const std::vector<Kernel> kernels = kernels_of(example.network, "cortexA76cpu_tflite21");
    const auto kernel = std::find_if(kernels.begin(), kernels.end(),
                                     [&](const Kernel& each) { return each.config.name == example.kernel; });
    ASSERT_NE(kernel, kernels.end());
    const auto values = features(*kernel);
    ASSERT_TRUE(values);
    EXPECT_THAT(*values, ElementsAreArray(example.features));
  }
}

TEST(NnMeterGolden, AsManyKernelsHaveFeaturesAndPredictors) {
  if (!fs::exists(data())) GTEST_SKIP() << kMissing;
  struct Row {
    const char* network;
    const char* cpu;  // kernels / with features / with a released predictor
    const char* gpu;
    const char* vpu;
  };
  const Row rows[] = {
      {"alexnet", "15/14/14", "15/14/11", "15/14/14"},
      {"densenet121", "253/250/250", "253/250/248", "315/312/249"},
      {"googlenet", "81/81/81", "81/81/79", "81/81/71"},
      {"mnasnet1_0", "64/64/64", "54/54/52", "64/64/53"},
      {"mobilenet_v2", "64/64/64", "54/54/52", "64/64/53"},
      {"mobilenet_v3_small", "90/52/52", "84/46/43", "90/52/45"},
      {"mobilenetv3small_0", "70/70/70", "64/64/62", "60/60/53"},
      {"resnet18", "31/31/31", "23/23/21", "31/31/30"},
      {"resnet50", "72/72/72", "56/56/54", "72/72/71"},
      {"resnext50_32x4d", "72/72/72", "56/56/54", "72/72/71"},
      {"squeezenet1_0", "38/38/38", "38/38/37", "38/38/29"},
      {"vgg16", "25/24/24", "25/24/21", "25/24/24"},
  };
  const auto coverage = [](const char* network, const char* device) {
    int with_features = 0;
    int with_predictor = 0;
    const std::vector<Kernel> kernels = kernels_of(network, device);
    for (const Kernel& kernel : kernels) {
      if (!features(kernel)) continue;
      ++with_features;
      if (has_released_predictor(device, predictor_for(kernel.kind))) ++with_predictor;
    }
    return std::to_string(kernels.size()) + "/" + std::to_string(with_features) + "/" +
           std::to_string(with_predictor);
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.network);
    EXPECT_EQ(coverage(row.network, "cortexA76cpu_tflite21"), row.cpu);
    EXPECT_EQ(coverage(row.network, "adreno640gpu_tflite21"), row.gpu);
    EXPECT_EQ(coverage(row.network, "adreno630gpu_tflite21"), row.gpu);
    EXPECT_EQ(coverage(row.network, "myriadvpu_openvino2019r2"), row.vpu);
  }
}

}  // namespace
}  // namespace foretime::nn_meter
