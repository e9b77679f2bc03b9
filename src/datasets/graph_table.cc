#include "datasets/graph_table.h"

#include <algorithm>
#include <limits>
#include <set>

#include "base/file_writer.h"
#include "base/json.h"
#include "base/npz_writer.h"
#include "graph/structure_hash.h"
#include "ops/views.h"

namespace foretime {
namespace {

constexpr std::uint64_t kFolds = 5;
constexpr std::size_t kSizes = 5;  // further ones are multiplied into the last

/// Sizes of a tensor, the ones that are not known 0.
void set_sizes(NodeNumbers& numbers, const TensorType& type) {
  if (!type.shape) return;
  numbers[1] = static_cast<std::int64_t>(type.shape->size());
  for (std::size_t i = 0; i < type.shape->size(); ++i) {
    const Dim& dim = (*type.shape)[i];
    const std::int64_t size = dim.upper() == Dim::kUnbounded ? 0 : dim.upper();
    if (i < kSizes) {
      numbers[2 + i] = size;
    } else {
      numbers[1 + kSizes] = saturating_mul(numbers[1 + kSizes], size);
    }
  }
}

std::int64_t at(const std::vector<std::int64_t>& sizes, std::size_t axis) {
  return axis < sizes.size() ? sizes[axis] : 1;
}

void set_window(NodeNumbers& numbers, const std::vector<std::int64_t>& kernel,
                const std::vector<std::int64_t>& strides, std::int64_t groups) {
  const std::size_t first = 2 + kSizes;
  numbers[first] = at(kernel, 0);
  numbers[first + 1] = at(kernel, 1);
  numbers[first + 2] = at(strides, 0);
  numbers[first + 3] = at(strides, 1);
  numbers[first + 4] = groups;
}

NodeNumbers numbers_of(const Graph& graph, const Node& node, std::int64_t op) {
  NodeNumbers numbers{};
  numbers[0] = op;
  if (!node.outputs.empty() && node.outputs[0] != kNoTensor) set_sizes(numbers, graph[node.outputs[0]].type);
  if (const auto conv = ops::conv_view(graph, node)) {
    set_window(numbers, conv->kernel, conv->strides, conv->groups);
    numbers.back() = conv->macs().value;
  } else if (const auto pool = ops::pool_view(graph, node); pool && node.attributes.has("kernel_shape")) {
    set_window(numbers, pool->kernel, pool->strides, 0);
  } else if (const auto gemm = ops::gemm_view(graph, node)) {
    numbers.back() = gemm->macs().value;
  }
  return numbers;
}

}  // namespace

std::int64_t GraphTable::number_of(const std::string& op) {
  const auto [found, fresh] = numbers_.try_emplace(op, static_cast<std::int64_t>(operators_.size()));
  if (fresh) operators_.push_back(op);
  return found->second;
}

void GraphTable::add(const MeasuredNetwork& measured) {
  constexpr std::int32_t kNone = -1;
  const Graph& graph = measured.graph;
  Network& network = networks_.emplace_back();
  network.id = measured.id;
  network.family = measured.family;
  network.structure = structure_hash(graph);
  network.test = network.structure % kFolds == 0;
  for (const auto& [device, latency] : measured.latencies) network.latencies[device] = latency.latency.value;
  std::vector<std::int32_t> made_by(graph.tensors().size(), kNone);
  for (const TensorId input : graph.inputs()) {
    made_by[index(input)] = static_cast<std::int32_t>(network.nodes.size());
    set_sizes(network.nodes.emplace_back(), graph[input].type);
  }
  for (const Node& node : graph.nodes()) {
    const auto place = static_cast<std::int32_t>(network.nodes.size());
    network.nodes.push_back(numbers_of(graph, node, number_of(node.op)));
    for (const TensorId input : node.inputs) {
      if (input != kNoTensor && made_by[index(input)] != kNone) {
        network.edges.push_back({made_by[index(input)], place});
      }
    }
    for (const TensorId output : node.outputs) {
      if (output != kNoTensor) made_by[index(output)] = place;
    }
  }
}

std::vector<std::string> GraphTable::devices() const {
  std::set<std::string> names;
  for (const Network& network : networks_) {
    for (const auto& [device, latency] : network.latencies) names.insert(device);
  }
  return {names.begin(), names.end()};
}

std::size_t GraphTable::nodes() const {
  std::size_t count = 0;
  for (const Network& network : networks_) count += network.nodes.size();
  return count;
}

std::size_t GraphTable::edges() const {
  std::size_t count = 0;
  for (const Network& network : networks_) count += network.edges.size();
  return count;
}

void GraphTable::write_npz(const std::string& path) const {
  const std::vector<std::string> names = devices();
  std::vector<std::int64_t> node_begin = {0};
  std::vector<std::int64_t> edge_begin = {0};
  std::vector<std::int64_t> nodes;
  std::vector<std::int32_t> edges;
  std::vector<std::int32_t> test;
  std::vector<std::uint64_t> structures;
  std::vector<double> latencies;
  std::vector<std::string> ids;
  std::vector<std::string> families;
  for (const Network& network : networks_) {
    for (const NodeNumbers& node : network.nodes) nodes.insert(nodes.end(), node.begin(), node.end());
    for (const auto& [from, to] : network.edges) edges.insert(edges.end(), {from, to});
    node_begin.push_back(node_begin.back() + std::ssize(network.nodes));
    edge_begin.push_back(edge_begin.back() + std::ssize(network.edges));
    test.push_back(network.test);
    structures.push_back(network.structure);
    ids.push_back(network.id);
    families.push_back(network.family);
    for (const std::string& device : names) {
      const auto found = network.latencies.find(device);
      latencies.push_back(found == network.latencies.end() ? std::numeric_limits<double>::quiet_NaN()
                                                           : found->second);
    }
  }
  NpzWriter out(path);
  const std::size_t count = networks_.size();
  out.add("id", ids);
  out.add("family", families);
  out.add("structure", structures, {count});
  out.add("test", test, {count});
  out.add("device", names);
  out.add("latency_ms", latencies, {count, names.size()});
  out.add("operator", operators_);
  out.add("node_column", std::vector<std::string>(kNodeColumns.begin(), kNodeColumns.end()));
  out.add("node", nodes, {nodes.size() / kNodeColumns.size(), kNodeColumns.size()});
  out.add("node_begin", node_begin, {count + 1});
  out.add("edge", edges, {edges.size() / 2, 2});
  out.add("edge_begin", edge_begin, {count + 1});
  out.commit();
}

void GraphTable::write_json_lines(const std::string& path) const {
  FileWriter out(path);
  Json head = Json::object();
  head["schema"] = "foretime.graphs/1";
  head["operators"] = operators_;
  head["devices"] = devices();
  head["node_columns"] = kNodeColumns;
  out.write(head.dump() + "\n");
  for (const Network& network : networks_) {
    Json row = Json::object();
    row["id"] = network.id;
    row["family"] = network.family;
    row["structure"] = std::to_string(network.structure);
    row["split"] = network.test ? "test" : "train";
    row["latency_ms"] = network.latencies;
    row["nodes"] = network.nodes;
    Json& edges = row["edges"] = Json::array();
    for (const auto& [from, to] : network.edges) edges.push_back({from, to});
    out.write(row.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  }
  out.commit();
}

}  // namespace foretime
