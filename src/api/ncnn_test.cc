// ncnn's benchmark networks against a table of their layers. They are not part of the project:
// FORETIME_SHARED, or
// ../shared, names where they are.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>

#include "api/inspect.h"
#include "base/csv.h"
#include "base/error.h"
#include "base/line_reader.h"

namespace foretime::api {
namespace {

namespace fs = std::filesystem;

fs::path networks() {
  const char* shared = std::getenv("FORETIME_SHARED");
  const fs::path root =
      shared != nullptr ? fs::path(shared) : fs::path(FORETIME_SOURCE_DIR) / ".." / "shared";
  return root / "data" / "ncnn";
}

/// Rows by the names of their columns.
std::vector<std::map<std::string, std::string>> table_of(const fs::path& path) {
  std::vector<std::map<std::string, std::string>> rows;
  LineReader file(path.string());
  std::string line;
  file.next(line);
  const std::vector<std::string> header = split_csv(line, path.string());
  while (file.next(line)) {
    const std::vector<std::string> cells = split_csv(line, path.string());
    auto& row = rows.emplace_back();
    for (std::size_t i = 0; i < header.size(); ++i) row[header[i]] = cells.at(i);
  }
  return rows;
}

InspectResult inspected(const fs::path& path, const std::map<std::string, std::string>& row) {
  InspectRequest request;
  request.model = path.string();
  try {
    return inspect(request);
  } catch (const Error&) {
    // The file leaves its sizes open; the table knows what was measured.
    for (const char* size : {"c", "h", "w"})
      request.bindings.dims[size] = std::stoll(row.at(std::string("input_") + size));
    return inspect(request);
  }
}

/// "96x55x55", batch and all: as the table writes shapes, the batch left out.
std::string text_of(const Shape& shape) {
  std::string text;
  for (std::size_t i = 1; i < shape.size(); ++i) text += (i > 1 ? "x" : "") + to_string(shape[i]);
  return text;
}

/// Of all blobs that a network's nodes read or make.
std::map<std::string, std::string> shapes_of(const InspectResult& result) {
  std::map<std::string, std::string> shapes;
  for (const LayerRow& layer : result.layers) {
    for (const auto* tensors : {&layer.inputs, &layer.outputs}) {
      for (const TensorInfo& tensor : *tensors) {
        if (tensor.type.shape) shapes[tensor.name] = text_of(*tensor.type.shape);
      }
    }
  }
  return shapes;
}

TEST(Ncnn, InfersTheShapesOfItsBenchmarkNetworksAsTheTableDoes) {
  const fs::path folder = networks();
  if (!fs::exists(folder)) GTEST_SKIP() << folder << " is not there: ncnn's networks are not compared";
  std::map<std::string, std::map<std::string, std::string>> inferred;
  for (const auto& row : table_of(folder / "models.csv"))
    inferred[row.at("model")] = shapes_of(inspected(folder / row.at("file"), row));
  int compared = 0;
  for (const auto& row : table_of(folder / "model_layers.csv.gz")) {
    const auto blobs = split_csv(row.at("outputs"), "outputs", ' ');
    const auto shapes = split_csv(row.at("out_shapes"), "out_shapes", '|');
    const auto& found = inferred.at(row.at("model"));
    for (std::size_t i = 0; i < blobs.size() && i < shapes.size(); ++i) {
      const auto blob = found.find(blobs[i]);  // copies go by the name of what they are copies of
      if (shapes[i] == "?" || blob == found.end()) continue;
      EXPECT_EQ(blob->second, shapes[i]) << row.at("model") << ": " << blobs[i];
      ++compared;
    }
  }
  EXPECT_EQ(compared, 2972);
}

TEST(Ncnn, CountsItsBenchmarkNetworksAsTheTableDoes) {
  const fs::path folder = networks();
  if (!fs::exists(folder)) GTEST_SKIP() << folder << " is not there: ncnn's networks are not compared";
  const auto rows = table_of(folder / "models.csv");
  EXPECT_EQ(rows.size(), 35U);
  for (const auto& row : rows) {
    SCOPED_TRACE(row.at("model"));
    const InspectResult result = inspected(folder / row.at("file"), row);
    EXPECT_EQ(result.totals.macs.value, std::stoll(row.at("macs")));
    // The table leaves normalisations and positions out, a thousandth at most.
    const double parameters = std::stod(row.at("params"));
    EXPECT_GE(static_cast<double>(result.totals.parameters), parameters);
    EXPECT_LE(static_cast<double>(result.totals.parameters), 1.001 * parameters);
  }
}

}  // namespace
}  // namespace foretime::api
