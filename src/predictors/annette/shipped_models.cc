#include <array>
#include <span>
#include <utility>

#include "base/error.h"
#include "base/suggest.h"
#include "predictors/annette/layer_model.h"

// Source of the numbers: ANNETTE (Embedded Machine Learning, TU Wien), Apache-2.0: its layer models
// ncs2-roofline, ncs2-ref_roofline, dnndk-roofline and dnndk-ref_roofline. Those that ask estimators
// (mixed, statistical) cannot be had: the estimators were never published.

namespace foretime::annette {
namespace {

constexpr double kAbsent = -1;  // no such key in ANNETTE's model

struct Row {
  std::string_view type;
  double ops_per_s;
  double bytes_per_s;
};

/// Where a device is refined, all refined types are alike: par and alpha by h, w, c, f.
struct Refinement {
  std::array<double, kDimensions> par;
  std::array<double, kDimensions> alpha;
};

constexpr Row kNcs2Roofline[] = {
    {"Base", 319543476297.0, 5679437699.0},          {"Exp", 319543476297.0, 2679437699.0},
    {"Log", 319543476297.0, 3279437699.0},           {"Add", 319543476297.0, 5679437699.0},
    {"Tanh", 319543476297.0, 1279437699.0},          {"Pool", 5954347629.0, 579437699.0},
    {"DepthwiseConv", 319543476297.0, 5679437699.0}, {"FullyConnected", 319543476297.0, 5679437699.0},
    {"Conv", 319543476297.0, 5679437699.0},          {"ConvTranspose", 100543476297.0, 5679437699.0},
};

constexpr Row kNcs2RefRoofline[] = {
    {"Base", 319543476297.0, 5679437699.0},
    {"Exp", 319543476297.0, 2679437699.0},
    {"Log", 319543476297.0, 3279437699.0},
    {"Add", 319543476297.0, 5679437699.0},
    {"Tanh", 319543476297.0, 1279437699.0},
    {"Pool", 5954347629.0, 579437699.0},
    {"DepthwiseConv", 319543476297.0, 5679437699.0},
    {"FullyConnected", 319543476297.0, 5679437699.0},
    {"Conv", 319543476297.96844, 5679437699.6805105},
    {"ConvTranspose", 100543476297.0, 5679437699.0},
};

constexpr Row kDnndkRoofline[] = {
    {"Conv", 1173488332240.4373, 15109525179.712227},
    {"ConvTranspose", 2173488332240.4373, 4109525179.712227},
    {"Pool", 27348833224.4373, 15109525179.51176},
    {"ConvPool", 1173488332240.4373, 15109525179.712227},
    {"Base", 1173488332240.4373, 15109525179.712227},
    {"FullyConnected", 1173488332240.4373, 5109525179.51176},
};

constexpr Row kDnndkRefRoofline[] = {
    {"Conv", 1173488332240.4373, 15109525179.712227},
    {"ConvTranspose", 2173488332240.4373, 4109525179.712227},
    {"Pool", 27348833224.4373, 15109525179.51176},
    {"ConvPool", 1173488332240.4373, 15109525179.712227},
    {"Base", 1173488332240.4373, 15109525179.712227},
    {"FullyConnected", 173488332240.4373, 5109525179.51176},
};

constexpr Refinement kNcs2Refinement = {{64.0, 32.0, 32.0, 32.0},
                                        {0.0, 0.0, 0.14579841511696096, 0.7046765447791339}};
constexpr Refinement kDnndkRefinement = {{8.0, kAbsent, 16.0, 16.0}, {0.485896, kAbsent, 1.0, 0.881308}};

struct Shipped {
  std::string_view name;
  double bits;
  std::span<const Row> rows;
  const Refinement* refinement;  // of Conv and ConvPool; null: none
};
constexpr Shipped kShipped[] = {
    {"ncs2-roofline", 16, kNcs2Roofline, nullptr},
    {"ncs2-ref_roofline", 16, kNcs2RefRoofline, &kNcs2Refinement},
    {"dnndk-roofline", 8, kDnndkRoofline, nullptr},
    {"dnndk-ref_roofline", 8, kDnndkRefRoofline, &kDnndkRefinement},
};
constexpr std::array<std::string_view, 4> kUnpublished = {"ncs2-mixed", "ncs2-statistical", "dnndk-mixed",
                                                          "dnndk-statistical"};

LayerEntry entry_of(const Row& row, const Shipped& shipped) {
  LayerEntry entry{
      std::string(row.type), row.ops_per_s, row.bytes_per_s, shipped.bits, shipped.bits, false, {}};
  if (shipped.refinement == nullptr || (row.type != "Conv" && row.type != "ConvPool")) return entry;
  entry.refined = true;
  for (std::size_t i = 0; i < kDimensions; ++i) {
    const double par = shipped.refinement->par[i];
    const double alpha = shipped.refinement->alpha[i];
    if (par != kAbsent) entry.parallelism[i].par = par;
    if (alpha != kAbsent) entry.parallelism[i].alpha = alpha;
  }
  return entry;
}

}  // namespace

std::vector<std::string> layer_models() {
  std::vector<std::string> names;
  for (const Shipped& each : kShipped) names.emplace_back(each.name);
  return names;
}

LayerModel layer_model_for(std::string_view name) {
  for (const Shipped& each : kShipped) {
    if (each.name != name) continue;
    std::vector<LayerEntry> entries;
    for (const Row& row : each.rows) entries.push_back(entry_of(row, each));
    return LayerModel(std::string(name), std::move(entries));
  }
  const std::vector<std::string> names = layer_models();
  for (const std::string_view each : kUnpublished) {
    if (each == name) {
      throw Error(std::string(name), "asks estimators that were never published",
                  "one of ncs2-roofline, ncs2-ref_roofline, "
                  "dnndk-roofline, dnndk-ref_roofline");
    }
  }
  throw Error(std::string(name), "ANNETTE has no layer model of this name", suggestion(name, names));
}

}  // namespace foretime::annette
