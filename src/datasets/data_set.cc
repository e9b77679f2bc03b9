#include "datasets/data_set.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/line_reader.h"
#include "datasets/rows.h"

namespace foretime {
namespace {

namespace fs = std::filesystem;

bool is_table(const std::string& path) {
  return is_csv(path) || path.ends_with(".jsonl") || path.ends_with(".jsonl.gz");
}

/// What a family is called when the rows do not say: the file's name up to its first dot.
std::string stem(const std::string& path) {
  const std::string name = fs::path(path).filename().string();
  return name.substr(0, name.find('.'));
}

/// Refuses a second measurement of the same network on the same device.
class SeenIds {
 public:
  void add(const MeasuredNetwork& network) {
    for (const auto& [device, latency] : network.latencies) {
      if (!seen_.insert(network.id + '\n' + device).second) {
        throw Error(network.where, "a second row for '" + network.id + "' on " + device, "one row each");
      }
    }
  }

 private:
  std::set<std::string> seen_;
};

}  // namespace

bool is_data_set(const std::string& path) {
  std::error_code code;
  if (!fs::is_directory(path, code)) return is_table(path);
  return std::any_of(fs::directory_iterator(path), fs::directory_iterator(),
                     [](const fs::directory_entry& entry) { return is_table(entry.path().string()); });
}

std::vector<std::string> data_set_files(const std::string& path) {
  std::error_code code;
  if (!fs::is_directory(path, code)) return {path};
  std::vector<std::string> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
    if (entry.is_regular_file() && is_table(entry.path().string())) files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) throw Error(path, "holds no data set", "*.jsonl, *.jsonl.gz, *.csv");
  return files;
}

void read_data_set(const std::string& path, const ModelLoader& load, const NetworkSink& each) {
  LineReader lines(path);
  SeenIds seen;
  const std::unique_ptr<RowReader> rows = is_csv(path) ? csv_rows(load) : json_rows(load);
  std::string line;
  std::size_t networks = 0;
  while (lines.next(line)) {
    if (line.find_first_not_of(" \t") == std::string::npos) continue;
    std::optional<MeasuredNetwork> network = rows->read(line, path, lines.where());
    if (!network) continue;
    if (network->family.empty()) network->family = stem(path);
    seen.add(*network);
    ++networks;
    each(std::move(*network));
  }
  if (networks == 0) throw Error(path, "holds no measured network", "rows of a measurement table");
}

}  // namespace foretime
