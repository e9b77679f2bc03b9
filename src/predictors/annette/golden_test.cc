// Estimates against ANNETTE's own. Its files are not part of the project: FORETIME_SHARED, or ../shared,
// names where they are.

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <sstream>

#include "base/error.h"
#include "base/mapped_file.h"
#include "kernels/annette/mappings.h"
#include "predictors/annette/corrections.h"
#include "predictors/annette/estimate.h"

namespace foretime::annette {
namespace {

namespace fs = std::filesystem;

fs::path shared() {
  const char* home = std::getenv("FORETIME_SHARED");
  return fs::path(home != nullptr ? home : FORETIME_SOURCE_DIR "/../shared") / "data/annette";
}

std::vector<std::vector<std::string>> rows_of(const fs::path& path) {
  const auto file = MappedFile::open(path.string());
  std::istringstream lines{std::string(file->text())};
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(lines, line);) {
    std::erase(line, '\r');
    std::istringstream cells(line + ",");
    std::vector<std::string>& row = rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(cell);
  }
  return rows;
}

RawGraph graph_named(const std::string& name) {
  const auto file = MappedFile::open((shared() / "graphs" / (name + ".json")).string());
  return parse_raw_graph(file->text(), file->path());
}

LayerModel model_named(const std::string& name) {
  const auto file = MappedFile::open((shared() / "models/layer" / (name + ".json")).string());
  return layer_model_of_json(file->text(), file->path());
}

double number(const std::string& cell) {
  return std::strtod(cell.c_str(), nullptr);
}

/// idx, name, type, time_ms, num_ops, num_inputs, num_outputs, num_weights, data_bytes, op_roof_s,
/// data_roof_s, h_eff, w_eff, c_eff, f_eff, eff
bool equal(const std::vector<std::string>& row, const LayerEstimate& layer) {
  bool same = row[1] == layer.layer->name && row[2] == layer.layer->type && number(row[3]) == layer.time_ms &&
              row[4] == std::to_string(layer.counts.num_ops) &&
              row[5] == std::to_string(layer.counts.num_inputs) &&
              row[6] == std::to_string(layer.counts.num_outputs) &&
              row[7] == std::to_string(layer.counts.num_weights) && number(row[8]) == layer.data_bytes &&
              number(row[9]) == layer.op_roof_s && number(row[10]) == layer.data_roof_s &&
              row[11].empty() == !layer.efficiencies;
  for (std::size_t i = 0; same && layer.efficiencies && i < kDimensions; ++i) {
    same = number(row[11 + i]) == (*layer.efficiencies)[i];
  }
  return same && (!layer.efficiencies || number(row[15]) == layer.efficiency);
}

TEST(AnnetteEstimate, EqualsTheGoldenLayersToTheLastBit) {
  if (!fs::exists(shared())) GTEST_SKIP() << shared() << " is not there: set FORETIME_SHARED";
  int files = 0;
  for (const std::string mapping : {"none", "ov", "dnndk"}) {
    const RuleSet rules = mapping_for(mapping);
    for (const std::string name : {"ncs2-roofline", "dnndk-ref_roofline"}) {
      const fs::path folder = shared() / "golden/layers" / mapping / name;
      const LayerModel model = model_named(name);
      for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.path().extension() != ".csv") continue;
        const std::string graph = fs::relative(entry.path(), folder).replace_extension().string();
        const RawGraph raw = graph_named(graph);
        Network network = load(raw);
        apply(rules, network);
        const NetworkEstimate result = estimate(network, model);
        const auto rows = rows_of(entry.path());
        ASSERT_EQ(rows.size(), result.layers.size() + 1) << entry.path();
        for (std::size_t i = 0; i < result.layers.size(); ++i) {
          ASSERT_TRUE(equal(rows[i + 1], result.layers[i])) << entry.path() << " row " << i;
        }
        ++files;
      }
    }
  }
  EXPECT_EQ(files, 255);
}

/// The status of the golden totals: at which stage ANNETTE fails, if it does.
std::string status_of(const RawGraph& raw, const std::string& mapping, const std::string& name,
                      double& total) {
  std::string stage = "error:mapping";
  try {
    const RuleSet rules = mapping_for(mapping);
    stage = "error:layer_model_load";
    const LayerModel model = model_named(name);
    stage = "error:estimate";
    Network network = load(raw);
    apply(rules, network);
    total = estimate(network, model).total_ms;
    return "ok";
  } catch (const Error&) {
    return stage;
  }
}

TEST(AnnetteEstimate, EqualsTheGoldenTotals) {
  if (!fs::exists(shared())) GTEST_SKIP() << shared() << " is not there: set FORETIME_SHARED";
  std::map<std::string, RawGraph> graphs;
  std::map<std::string, int> statuses;
  const auto rows = rows_of(shared() / "golden/totals.csv");
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const std::vector<std::string>& row = rows[i];
    if (!graphs.contains(row[0])) graphs[row[0]] = graph_named(row[0]);
    double total = 0;
    const std::string status = status_of(graphs[row[0]], row[1], row[2], total);
    ASSERT_EQ(status, row[6]) << row[0] << " " << row[1] << " " << row[2];
    if (status == "ok") {
      ASSERT_EQ(total, number(row[3])) << row[0] << " " << row[1] << " " << row[2];
    }
    ++statuses[status];
  }
  EXPECT_EQ(rows.size(), 1825U);
  EXPECT_EQ(statuses["ok"], 510);
  EXPECT_EQ(statuses["error:layer_model_load"], 684);
  EXPECT_EQ(statuses["error:mapping"], 456);
  EXPECT_EQ(statuses["error:estimate"], 174);
}

/// Code and where of the corrections of a golden estimate, with the sign of the effect.
std::string corrected(const std::string& graph, const std::string& mapping, const std::string& model) {
  const RawGraph raw = graph_named(graph);
  Network network = load(raw);
  apply(mapping_for(mapping), network);
  const LayerModel layers = layer_model_for(model);
  std::string text;
  for (const Correction& each : corrections(network, estimate(network, layers), layers)) {
    text += each.code + (each.effect_ms > 0 ? " + " : " - ") + each.where + "\n";
  }
  return text;
}

TEST(AnnetteCorrections, NameWhatIsWrong) {
  if (!fs::exists(shared())) GTEST_SKIP() << shared() << " is not there: set FORETIME_SHARED";
  EXPECT_EQ(corrected("vgg16-7", "none", "ncs2-roofline"), "");
  EXPECT_NE(corrected("vgg16-7", "ov", "ncs2-roofline").find("annette-unmodelled + "), std::string::npos);
  EXPECT_NE(corrected("resnet18-v1-7", "none", "ncs2-roofline").find("annette-dropped + "),
            std::string::npos);
  EXPECT_EQ(corrected("pt_mnasnet0_5", "none", "ncs2-roofline"), "annette-counted-twice - node315\n");
  EXPECT_NE(corrected("squeezenet", "none", "ncs2-roofline").find("annette-concat + "), std::string::npos);
}

TEST(AnnetteLayerModel, ThatIsBuiltInEqualsTheFile) {
  if (!fs::exists(shared())) GTEST_SKIP() << shared() << " is not there: set FORETIME_SHARED";
  for (const std::string& name : layer_models()) {
    const LayerModel ours = layer_model_for(name);
    const LayerModel theirs = model_named(name);
    for (const std::string graph :
         {"cf_resnet50", "pt_densenet121", "dk_yolov4", "tf_deeplabv3", "vgg16-7"}) {
      const RawGraph raw = graph_named(graph);
      Network network = load(raw);
      apply(mapping_for("ov"), network);
      EXPECT_EQ(estimate(network, ours).total_ms, estimate(network, theirs).total_ms) << name << " " << graph;
    }
  }
}

}  // namespace
}  // namespace foretime::annette
