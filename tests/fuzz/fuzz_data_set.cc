// Rows of a data set (JSON Lines; CSV if the first byte is none of '{', space or newline) become networks
// that are measured, and that are cut into kernels without a crash.

#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/error.h"
#include "calibrate/observations.h"
#include "datasets/data_set.h"
#include "fuzz_target.h"
#include "graph/graph_text.h"

namespace foretime {
namespace {

const std::string kFolder =
    (std::filesystem::temp_directory_path() / ("fuzz_data_set_" + std::to_string(::getpid()))).string();

std::string write(const std::uint8_t* data, std::size_t size) {
  static const bool made = [] {
    std::filesystem::create_directories(kFolder);
    std::atexit([] { std::filesystem::remove_all(kFolder); });
    return true;
  }();
  (void)made;
  const bool json = size > 0 && (data[0] == '{' || data[0] == ' ' || data[0] == '\n');
  std::string path = kFolder + (json ? "/rows.jsonl" : "/rows.csv");
  std::ofstream(path, std::ios::binary) << as_text(data, size);
  return path;
}

Graph load(const std::string& model) {
  if (model.find("bad") != std::string::npos) throw Error(model, "cannot be read");
  return parse_text("graph { input x: float32[1,3] y: float32[1,3] = Relu(x) output y }", "fuzz");
}

void require(bool holds, const char* what) {
  require_same(holds ? "" : what, "");
}

void look_at(const Observations& observations, const MeasuredNetwork& network) {
  require(!network.id.empty() && !network.latencies.empty(), "a network without id or latency");
  for (const auto& [device, latency] : network.latencies) {
    require(std::isfinite(latency.latency.value) && latency.latency.value > 0, "a latency that is none");
    try {
      require(!observations.cut(network, latency).kernels.empty(), "a network without kernels");
    } catch (const Error&) {
      return;
    }
  }
}

}  // namespace
}  // namespace foretime

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace foretime;
  static const Observations observations(
      {"remove Identity Dropout\nfuse conv + Relu\n", "cpu", feature_names("cpu")});
  try {
    read_data_set(write(data, size), load, [](MeasuredNetwork&& network) { look_at(observations, network); });
  } catch (const Error&) {
    return 0;
  }
  return 0;
}
