#include "api/sweep.h"

#include <filesystem>
#include <map>
#include <set>

#include "api/convert.h"
#include "api/model.h"
#include "base/error.h"
#include "base/json.h"
#include "base/mapped_file.h"
#include "ops/infer.h"
#include "passes/fold_constants.h"
#include "zoo/sweep.h"

namespace foretime::api {
namespace {

namespace fs = std::filesystem;

Graph graph_of(const zoo::SweepNetwork& network, const fs::path& folder, std::set<std::string>& used) {
  if (network.file.empty()) return zoo::build(network);
  Bindings bindings;
  bindings.dims = network.columns;
  Model model = load_model((folder / network.file).string(), bindings);
  used.merge(model.used_bindings);
  return std::move(model.graph);
}

/// As the format wants it: some take a graph as it runs.
Graph ready_for(const Format& format, Graph graph) {
  if (!format.needs_sizes) return graph;
  Diagnostics ignored;  // the zoo's networks give none
  const ops::Facts facts = ops::infer(graph, {}, ignored);
  return passes::fold_constants(graph, facts, folding(format));
}

/// A row whose time is still to be measured. What the reader of tables does not know, it ignores.
std::string row_of(const zoo::SweepNetwork& network, const std::string& file, const std::string& device) {
  Json row = Json::object();
  row["id"] = network.id;
  row["family"] = network.family;
  row["model"] = file;
  row["device"] = device;
  row["latency_ms"] = nullptr;
  if (!network.pair.empty()) {
    row["pair"] = network.pair;
    row["part"] = std::string(zoo::name_of(network.part));
  }
  if (!network.layers.empty()) {
    const bool pair = network.part == zoo::SweepPart::first || network.part == zoo::SweepPart::second ||
                      network.part == zoo::SweepPart::both;
    Json& layers = row["layers"] = Json::array();
    const std::size_t end = pair ? network.begin + 2 : network.layers.size();
    for (std::size_t i = network.begin; i < end; ++i) layers.push_back(network.layers[i]);
  }
  Json& columns = row["columns"] = Json::object();
  for (const auto& [name, value] : network.columns) columns[name] = value;
  return row.dump() + "\n";
}

}  // namespace

SweepResult write_sweep(const SweepRequest& request) {
  const zoo::Sweep sweep =
      zoo::parse_sweep(MappedFile::open(request.specification)->text(), request.specification);
  const fs::path folder(request.folder);
  const fs::path beside = fs::path(request.specification).parent_path();
  std::error_code failure;
  fs::create_directories(folder / "networks", failure);
  if (failure) throw Error(request.folder, "cannot be made: " + failure.message());
  std::string table;
  std::map<std::string, std::set<std::string>> used;  // columns, by template
  const Format& format = output_format("networks", request.to.empty() ? "onnx" : request.to);
  for (const zoo::SweepNetwork& network : sweep.networks) {
    const std::string file = "networks/" + network.id + std::string(format.suffix);
    const Graph graph = ready_for(format, graph_of(network, beside, used[network.file]));
    format.write(graph, (folder / file).string(), request.options);
    table += row_of(network, file, sweep.device);
  }
  for (const zoo::SweepNetwork& network : sweep.networks) {
    for (const auto& [column, value] : network.columns) {
      if (!network.file.empty() && !used[network.file].contains(column))
        throw Error(request.specification, network.file + " has no column '" + column + "'");
    }
  }
  SweepResult result;
  result.table = (folder / "measurements.jsonl").string();
  result.networks = sweep.networks.size();
  write_file(result.table, table);
  return result;
}

}  // namespace foretime::api
