#include <simdjson.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "datasets/compact_graph.h"
#include "datasets/inline_graph.h"
#include "datasets/rows.h"

namespace foretime {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

std::optional<element> find(const object& row, std::string_view key) {
  element value;
  if (row[key].get(value) != simdjson::SUCCESS || value.is_null()) return std::nullopt;
  return value;
}

std::string text(const object& row, std::string_view key, const std::string& where) {
  const auto value = find(row, key);
  if (!value) return {};
  std::string_view view;
  if (value->get(view) != simdjson::SUCCESS) throw Error(where, std::string(key) + " is no string", "\"…\"");
  return std::string(view);
}

double number(const element& value, const std::string& where, const std::string& what) {
  double result = 0;
  if (value.get(result) != simdjson::SUCCESS) throw Error(where, what + " is no number", "milliseconds");
  return result;
}

std::optional<double> optional_number(const object& row, std::string_view key, const std::string& where) {
  const auto value = find(row, key);
  if (!value) return std::nullopt;
  return number(*value, where, std::string(key));
}

/// The elements of a list that must be one.
array list(const element& value, const std::string& where, const std::string& what) {
  array result;
  if (value.get(result) != simdjson::SUCCESS) throw Error(where, what + " is no list", "[…]");
  return result;
}

std::vector<std::int64_t> integers(const element& value, const std::string& where, const std::string& what) {
  std::vector<std::int64_t> numbers;
  for (const element item : list(value, where, what)) {
    std::int64_t number = 0;
    if (item.get(number) != simdjson::SUCCESS) throw Error(where, what + " holds no integer", "[1, 2, …]");
    numbers.push_back(number);
  }
  return numbers;
}

/// [op, [producers…], [N,H,W,C], [kernel, stride, same]]; the last for windows only.
CompactNode compact_node(const element& value, const std::string& where) {
  const array fields = list(value, where, "a node");
  if (fields.size() < 3 || fields.size() > 4) {
    throw Error(where, "a node of " + std::to_string(fields.size()) + " fields",
                "[op, [producers], [sizes], [kernel, stride, same]]");
  }
  CompactNode node;
  if (fields.at(0).get(node.op) != simdjson::SUCCESS)
    throw Error(where, "a node without operator", "\"conv\"");
  for (const std::int64_t producer : integers(fields.at(1).value(), where, "producers")) {
    node.producers.push_back(static_cast<std::size_t>(producer));
  }
  node.shape = integers(fields.at(2).value(), where, "sizes");
  if (fields.size() == 4) {
    const std::vector<std::int64_t> window = integers(fields.at(3).value(), where, "a window");
    if (window.size() != 3) throw Error(where, "a window of other than 3 numbers", "[kernel, stride, same]");
    node.window = {window[0], window[1], window[2] != 0};
  }
  return node;
}

class JsonRows : public RowReader {
 public:
  explicit JsonRows(ModelLoader load) : load_(std::move(load)) {}

  std::optional<MeasuredNetwork> read(const std::string& line, const std::string& path,
                                      const std::string& where) override {
    element document;
    const simdjson::error_code code = parser_.parse(line).get(document);
    if (code != simdjson::SUCCESS)
      throw Error(where, simdjson::error_message(code), "one JSON object a line");
    object row;
    if (document.get(row) != simdjson::SUCCESS) throw Error(where, "is no JSON object", "{\"id\": …}");
    if (find(row, "nodes")) return compact(row, where);
    const bool table = find(row, "device") || find(row, "latency_ms") || find(row, "model");
    if (!table && find(row, "graph")) return official(row, where);
    return measurement(row, path, where);
  }

 private:
  static MeasuredNetwork compact(const object& row, const std::string& where);
  static std::optional<MeasuredNetwork> official(const object& row, const std::string& where);
  MeasuredNetwork measurement(const object& row, const std::string& path, const std::string& where) const;

  ModelLoader load_;
  simdjson::dom::parser parser_;
};

/// {device: milliseconds} of the row.
std::map<std::string, double> by_device(const object& row, std::string_view key, const std::string& where) {
  std::map<std::string, double> numbers;
  const auto value = find(row, key);
  if (!value) return numbers;
  object devices;
  if (value->get(devices) != simdjson::SUCCESS) {
    throw Error(where, std::string(key) + " is no object", "{device: milliseconds}");
  }
  for (const auto& [device, latency] : devices) {
    numbers[std::string(device)] = number(latency, where, std::string(key));
  }
  return numbers;
}

MeasuredNetwork JsonRows::compact(const object& row, const std::string& where) {
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
  for (const element node : list(*find(row, "nodes"), where, "nodes"))
    nodes.push_back(compact_node(node, where));
  network.graph = compact_graph(nodes, where);
  return network;
}

/// nn-Meter's own form: the row's other keys are devices, null where the network did not run.
std::optional<MeasuredNetwork> JsonRows::official(const object& row, const std::string& where) {
  MeasuredNetwork network;
  network.where = where;
  network.id = text(row, "id", where);
  network.family = text(row, "family", where);
  if (network.id.empty()) throw Error(where, "no id", "\"id\"");
  bool devices = false;
  for (const auto& [key, value] : row) {
    if (key == "id" || key == "family" || key == "config" || key == "graph") continue;
    devices = true;
    const std::string device(key);
    if (value.is_null()) continue;
    network.latencies[device].latency = {checked_latency(number(value, where, device), where, device)};
  }
  if (!devices) throw Error(where, "no latency", "\"DEVICE\": milliseconds, for each device");
  if (network.latencies.empty()) return std::nullopt;
  network.graph = inline_graph(simdjson::minify(*find(row, "graph")), where);
  return network;
}

MeasuredNetwork JsonRows::measurement(const object& row, const std::string& path,
                                      const std::string& where) const {
  TableRow fields;
  fields.id = text(row, "id", where);
  fields.family = text(row, "family", where);
  fields.model = text(row, "model", where);
  fields.device = text(row, "device", where);
  fields.latency_ms = optional_number(row, "latency_ms", where);
  fields.std_ms = optional_number(row, "std_ms", where);
  fields.repeats = optional_number(row, "repeats", where);
  std::optional<Graph> graph;
  if (const auto inlined = find(row, "graph")) graph = inline_graph(simdjson::minify(*inlined), where);
  return network_of(std::move(fields), std::move(graph), load_, path, where);
}

}  // namespace

std::unique_ptr<RowReader> json_rows(ModelLoader load) {
  return std::make_unique<JsonRows>(std::move(load));
}

}  // namespace foretime
