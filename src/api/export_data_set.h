#pragma once

#include <string>

#include "api/data_set.h"

namespace foretime::api {

struct ExportRequest {
  std::string data_set;  // a file or a folder
  std::string output;    // *.npz or *.jsonl
  Progress progress;
};

struct ExportResult {
  std::string output;
  std::size_t networks = 0;
  std::size_t test = 0;  // networks of the test part
  std::size_t nodes = 0;
  std::size_t edges = 0;
  std::vector<std::string> operators;
  std::vector<std::string> devices;
};

/// Measured networks as graphs for learning (docs/data-sets.md). Error: as read_data_set; an output of
/// another kind, or one that cannot be written.
ExportResult export_data_set(const ExportRequest& request);

}  // namespace foretime::api
