#include "datasets/rows.h"

#include <cmath>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

#include "base/csv.h"
#include "base/error.h"

namespace foretime {
namespace {

constexpr const char* kColumns = "id, family, model, device, runtime, latency_ms, std_ms, repeats";

/// A model's name as the loader understands it: paths are relative to the table.
std::string resolved(const std::string& model, const std::string& path) {
  if (model.starts_with("zoo:") || std::filesystem::path(model).is_absolute()) return model;
  return (std::filesystem::path(path).parent_path() / model).string();
}

std::optional<double> number(const std::string& text, const std::string& where, const std::string& column) {
  if (text.empty()) return std::nullopt;
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (end != text.c_str() + text.size()) throw Error(where, column + " is '" + text + "'", "a number");
  return value;
}

double checked_deviation(double milliseconds, const std::string& where) {
  if (std::isfinite(milliseconds) && milliseconds >= 0) return milliseconds;
  throw Error(where, "std_ms is " + std::to_string(milliseconds), "milliseconds from 0");
}

int checked_count(double count, const char* column, const std::string& where) {
  constexpr double kMost = 1e9;
  if (count >= 1 && count <= kMost && count == std::floor(count)) return static_cast<int>(count);
  throw Error(where, std::string(column) + " is " + std::to_string(count), "a whole number from 1");
}

/// The network that a row names. Error, with `where`: it cannot be loaded.
Graph loaded(const ModelLoader& load, const std::string& model, const std::string& where) {
  try {
    return load(model);
  } catch (const Error& error) {
    throw Error(where, error.what());
  }
}

class CsvRows : public RowReader {
 public:
  explicit CsvRows(ModelLoader load) : load_(std::move(load)) {}

  std::optional<MeasuredNetwork> read(const std::string& line, const std::string& path,
                                      const std::string& where) override {
    const std::vector<std::string> fields = split_csv(line, where);
    if (columns_.empty()) {
      read_header(fields, where);
      return std::nullopt;
    }
    if (fields.size() != width_) {
      throw Error(where, "has " + std::to_string(fields.size()) + " fields", std::to_string(width_));
    }
    const auto field = [&](const char* column) {
      const auto found = columns_.find(column);
      return found == columns_.end() ? std::string() : fields[found->second];
    };
    TableRow row;
    row.id = field("id");
    row.family = field("family");
    row.model = field("model");
    row.device = field("device");
    row.latency_ms = number(field("latency_ms"), where, "latency_ms");
    row.std_ms = number(field("std_ms"), where, "std_ms");
    row.repeats = number(field("repeats"), where, "repeats");
    row.threads = number(field("threads"), where, "threads");
    return network_of(std::move(row), std::nullopt, load_, path, where);
  }

 private:
  void read_header(const std::vector<std::string>& fields, const std::string& where) {
    width_ = fields.size();
    for (std::size_t i = 0; i < width_; ++i) columns_[fields[i]] = i;
    for (const char* needed : {"id", "model", "device", "latency_ms"}) {
      if (!columns_.contains(needed)) throw Error(where, std::string("no column ") + needed, kColumns);
    }
  }

  ModelLoader load_;
  std::size_t width_ = 0;
  std::map<std::string, std::size_t> columns_;
};

}  // namespace

bool is_csv(const std::string& path) {
  return path.ends_with(".csv") || path.ends_with(".csv.gz");
}

std::unique_ptr<RowReader> csv_rows(ModelLoader load) {
  return std::make_unique<CsvRows>(std::move(load));
}

double checked_latency(double milliseconds, const std::string& where, const std::string& what) {
  if (!std::isfinite(milliseconds) || milliseconds <= 0) {
    throw Error(where, what + " is " + std::to_string(milliseconds), "milliseconds above 0");
  }
  return milliseconds;
}

MeasuredNetwork network_of(TableRow row, std::optional<Graph> graph, const ModelLoader& load,
                           const std::string& path, const std::string& where) {
  if (row.id.empty()) throw Error(where, "no id", kColumns);
  if (row.device.empty()) throw Error(where, "no device", kColumns);
  if (!row.latency_ms) throw Error(where, "no latency_ms", kColumns);
  MeasuredNetwork network;
  network.where = where;
  MeasuredLatency& latency = network.latencies[row.device];
  latency.latency = {checked_latency(*row.latency_ms, where, "latency_ms")};
  if (row.std_ms) latency.deviation = Milliseconds{checked_deviation(*row.std_ms, where)};
  if (row.repeats) latency.repeats = checked_count(*row.repeats, "repeats", where);
  if (row.threads) latency.threads = checked_count(*row.threads, "threads", where);
  if (!graph && row.model.empty()) throw Error(where, "neither model nor graph", kColumns);
  network.graph = graph ? std::move(*graph) : loaded(load, resolved(row.model, path), where);
  network.id = std::move(row.id);
  network.family = std::move(row.family);
  return network;
}

}  // namespace foretime
