#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "datasets/compact_graph.h"
#include "datasets/inline_graph.h"
#include "datasets/rows.h"

namespace foretime {
namespace {

/// The value of a key; null when it is absent or null.
const Json* find(const Json& row, std::string_view key) {
  const auto found = row.find(key);
  return found == row.end() || found->is_null() ? nullptr : &*found;
}

std::string text(const Json& row, std::string_view key, const std::string& where) {
  const Json* value = find(row, key);
  if (value == nullptr) return {};
  if (!value->is_string()) throw Error(where, std::string(key) + " is no string", "\"…\"");
  return value->get<std::string>();
}

double number(const Json& value, const std::string& where, const std::string& what) {
  if (!value.is_number()) throw Error(where, what + " is no number", "milliseconds");
  return value.get<double>();
}

std::optional<double> optional_number(const Json& row, std::string_view key, const std::string& where) {
  const Json* value = find(row, key);
  if (value == nullptr) return std::nullopt;
  return number(*value, where, std::string(key));
}

/// The elements of a list that must be one.
const Json::array_t& list(const Json& value, const std::string& where, const std::string& what) {
  if (!value.is_array()) throw Error(where, what + " is no list", "[…]");
  return value.get_ref<const Json::array_t&>();
}

std::vector<std::int64_t> integers(const Json& value, const std::string& where, const std::string& what) {
  std::vector<std::int64_t> numbers;
  for (const Json& item : list(value, where, what)) {
    if (!item.is_number_integer()) throw Error(where, what + " holds no integer", "[1, 2, …]");
    numbers.push_back(item.get<std::int64_t>());
  }
  return numbers;
}

/// [op, [producers…], [N,H,W,C], [kernel, stride, same]]; the last for windows only.
CompactNode compact_node(const Json& value, const std::string& where) {
  const Json::array_t& fields = list(value, where, "a node");
  if (fields.size() < 3 || fields.size() > 4) {
    throw Error(where, "a node of " + std::to_string(fields.size()) + " fields",
                "[op, [producers], [sizes], [kernel, stride, same]]");
  }
  CompactNode node;
  if (!fields[0].is_string()) throw Error(where, "a node without operator", "\"conv\"");
  node.op = fields[0].get_ref<const std::string&>();
  for (const std::int64_t producer : integers(fields[1], where, "producers")) {
    node.producers.push_back(static_cast<std::size_t>(producer));
  }
  node.shape = integers(fields[2], where, "sizes");
  if (fields.size() == 4) {
    const std::vector<std::int64_t> window = integers(fields[3], where, "a window");
    if (window.size() != 3) throw Error(where, "a window of other than 3 numbers", "[kernel, stride, same]");
    node.window = {window[0], window[1], window[2] != 0};
  }
  return node;
}

/// Error, with `where`: no JSON.
Json parse_row(const std::string& line, const std::string& where) {
  try {
    return parse_json(line, where);
  } catch (const Error& error) {
    throw Error(where, error.problem(), "one JSON object a line");
  }
}

class JsonRows : public RowReader {
 public:
  explicit JsonRows(ModelLoader load) : load_(std::move(load)) {}

  std::optional<MeasuredNetwork> read(const std::string& line, const std::string& path,
                                      const std::string& where) override {
    const Json row = parse_row(line, where);
    if (!row.is_object()) throw Error(where, "is no JSON object", "{\"id\": …}");
    const auto has = [&](std::string_view key) { return find(row, key) != nullptr; };
    if (has("nodes")) return compact(row, where);
    const bool table = has("device") || has("latency_ms") || has("model");
    if (!table && has("graph")) return official(row, where);
    return measurement(row, path, where);
  }

 private:
  static MeasuredNetwork compact(const Json& row, const std::string& where);
  static std::optional<MeasuredNetwork> official(const Json& row, const std::string& where);
  std::optional<MeasuredNetwork> measurement(const Json& row, const std::string& path,
                                             const std::string& where) const;

  ModelLoader load_;
};

/// {device: milliseconds} of the row.
std::map<std::string, double> by_device(const Json& row, std::string_view key, const std::string& where) {
  std::map<std::string, double> numbers;
  const Json* devices = find(row, key);
  if (devices == nullptr) return numbers;
  if (!devices->is_object()) throw Error(where, std::string(key) + " is no object", "{device: milliseconds}");
  for (const auto& [device, latency] : devices->items()) {
    numbers[device] = number(latency, where, std::string(key));
  }
  return numbers;
}

MeasuredNetwork JsonRows::compact(const Json& row, const std::string& where) {
  MeasuredNetwork network;
  network.where = where;
  network.id = text(row, "id", where);
  network.family = text(row, "family", where);
  if (network.id.empty()) throw Error(where, "no id", "\"id\"");
  const std::map<std::string, double> deviations = by_device(row, "std_ms", where);
  for (const auto& [device, latency] : by_device(row, "latency_ms", where)) {
    MeasuredLatency& measured = network.latencies[device];
    measured.latency = {checked_latency(latency, where, device)};
    // nn-Meter writes 0 where deviations were not measured.
    const auto deviation = deviations.find(device);
    if (deviation != deviations.end() && deviation->second > 0) measured.deviation = {deviation->second};
  }
  if (network.latencies.empty()) throw Error(where, "no latency_ms", "{device: milliseconds}");
  std::vector<CompactNode> nodes;
  for (const Json& node : list(*find(row, "nodes"), where, "nodes"))
    nodes.push_back(compact_node(node, where));
  network.graph = compact_graph(nodes, where);
  return network;
}

/// nn-Meter's own form: the row's other keys are devices, null where the network did not run.
std::optional<MeasuredNetwork> JsonRows::official(const Json& row, const std::string& where) {
  MeasuredNetwork network;
  network.where = where;
  network.id = text(row, "id", where);
  network.family = text(row, "family", where);
  if (network.id.empty()) throw Error(where, "no id", "\"id\"");
  bool devices = false;
  for (const auto& [key, value] : row.items()) {
    if (key == "id" || key == "family" || key == "config" || key == "graph") continue;
    devices = true;
    if (value.is_null()) continue;
    network.latencies[key].latency = {checked_latency(number(value, where, key), where, key)};
  }
  if (!devices) throw Error(where, "no latency", "\"DEVICE\": milliseconds, for each device");
  if (network.latencies.empty()) return std::nullopt;
  network.graph = inline_graph(find(row, "graph")->dump(), where);
  return network;
}

/// [[[layers…], milliseconds], …]: what ran as one kernel, and how long.
std::vector<TimedLayers> timed_layers(const Json& row, const std::string& where) {
  std::vector<TimedLayers> kernels;
  const Json* value = find(row, "kernel_ms");
  if (value == nullptr) return kernels;
  for (const Json& item : list(*value, where, "kernel_ms")) {
    const Json::array_t& pair = list(item, where, "a kernel of kernel_ms");
    if (pair.size() != 2)
      throw Error(where, "a kernel of kernel_ms is no pair", "[[\"layer\", …], milliseconds]");
    TimedLayers& kernel = kernels.emplace_back();
    for (const Json& layer : list(pair[0], where, "a kernel's layers")) {
      if (!layer.is_string()) throw Error(where, "a layer of kernel_ms is no string", "\"layer\"");
      kernel.layers.push_back(layer.get<std::string>());
    }
    kernel.latency = {number(pair[1], where, "a kernel's time")};
    if (!std::isfinite(kernel.latency.value) || kernel.latency.value < 0)
      throw Error(where, "a kernel's time is " + std::to_string(kernel.latency.value), "milliseconds from 0");
  }
  return kernels;
}

/// A latency of null is still to be measured.
std::optional<MeasuredNetwork> JsonRows::measurement(const Json& row, const std::string& path,
                                                     const std::string& where) const {
  const auto latency = row.find("latency_ms");
  if (latency != row.end() && latency->is_null()) return std::nullopt;
  TableRow fields;
  fields.id = text(row, "id", where);
  fields.family = text(row, "family", where);
  fields.model = text(row, "model", where);
  fields.device = text(row, "device", where);
  fields.latency_ms = optional_number(row, "latency_ms", where);
  fields.std_ms = optional_number(row, "std_ms", where);
  fields.repeats = optional_number(row, "repeats", where);
  fields.threads = optional_number(row, "threads", where);
  std::optional<Graph> graph;
  if (const Json* inlined = find(row, "graph")) graph = inline_graph(inlined->dump(), where);
  MeasuredNetwork network = network_of(std::move(fields), std::move(graph), load_, path, where);
  MeasuredLatency& measured = network.latencies.begin()->second;
  measured.kernels = timed_layers(row, where);
  return network;
}

}  // namespace

std::unique_ptr<RowReader> json_rows(ModelLoader load) {
  return std::make_unique<JsonRows>(std::move(load));
}

}  // namespace foretime
