#pragma once

#include <memory>
#include <optional>
#include <string>

#include "datasets/data_set.h"

namespace foretime {

/// Turns the lines of one file into networks. Several rows may name the same model: it is loaded once.
class RowReader {
 public:
  virtual ~RowReader() = default;
  /// The network of a line, or nothing for a line that holds none (a header). Error, with `where`: as
  /// read_data_set. `path` is the file's: models are named relative to it.
  virtual std::optional<MeasuredNetwork> read(const std::string& line, const std::string& path,
                                              const std::string& where) = 0;
};

bool is_csv(const std::string& path);
std::unique_ptr<RowReader> csv_rows(ModelLoader load);
std::unique_ptr<RowReader> json_rows(ModelLoader load);

/// The fields of a measurement table's row, as text where they are not numbers; empty ones are absent.
struct TableRow {
  std::string id;
  std::string family;
  std::string model;
  std::string device;
  std::optional<double> latency_ms;
  std::optional<double> std_ms;
  std::optional<double> repeats;
  std::optional<double> threads;
};

/// Checks a row and gives it its graph: `graph` if there is one, else what `load` makes of the model.
/// Error: no id, device or latency; neither model nor graph.
MeasuredNetwork network_of(TableRow row, std::optional<Graph> graph, const ModelLoader& load,
                           const std::string& path, const std::string& where);

/// Error: not a positive, finite number.
double checked_latency(double milliseconds, const std::string& where, const std::string& what);

}  // namespace foretime
