#include "api/export_data_set.h"

#include <algorithm>

#include "api/model.h"
#include "base/error.h"
#include "datasets/data_set.h"
#include "datasets/graph_table.h"

namespace foretime::api {

ExportResult export_data_set(const ExportRequest& request) {
  const bool npz = request.output.ends_with(".npz");
  if (!npz && !request.output.ends_with(".jsonl")) {
    throw Error(request.output, "has no known suffix", ".npz or .jsonl");
  }
  GraphTable table;
  const ModelLoader load = [](const std::string& model) { return load_model(model, {}).graph; };
  const std::vector<std::string> files = data_set_files(request.data_set);
  for (std::size_t i = 0; i < files.size(); ++i) {
    read_data_set(files[i], load, [&](MeasuredNetwork&& network) { table.add(network); });
    if (request.progress) {
      request.progress(static_cast<int>(i) + 1, static_cast<int>(files.size()), "reading " + files[i]);
    }
  }
  if (npz) {
    table.write_npz(request.output);
  } else {
    table.write_json_lines(request.output);
  }
  ExportResult result;
  result.output = request.output;
  result.networks = table.networks().size();
  result.test = static_cast<std::size_t>(std::count_if(table.networks().begin(), table.networks().end(),
                                                       [](const auto& network) { return network.test; }));
  result.nodes = table.nodes();
  result.edges = table.edges();
  result.operators = table.operators();
  result.devices = table.devices();
  return result;
}

}  // namespace foretime::api
