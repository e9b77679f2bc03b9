#include "runtimes/onnxruntime/profile.h"

#include <algorithm>
#include <unordered_map>

#include "base/error.h"
#include "base/json.h"
#include "base/mapped_file.h"
#include "base/stopwatch.h"
#include "base/temporary_folder.h"
#include "runtimes/correlate.h"
#include "runtimes/onnxruntime/loaded.h"
#include "runtimes/onnxruntime/profiled_runs.h"

namespace foretime::ort {
namespace {

// The first runs allocate the arena and fault its pages in.
constexpr int kWarmUp = 2;
/// Members of every kernel by its name. Blocked layouts end the names of tensors, but a node in such a layout
/// is named by the tensor it wrote before, with "_nchwc" behind.
std::unordered_map<std::string, std::vector<std::string>> members_of(const std::string& model,
                                                                     const std::string& fused,
                                                                     const std::string& executed) {
  const Graph original = graph_of(model);
  const Graph optimized = graph_of(fused);
  const Graph executed_graph = graph_of(executed);
  std::vector<std::string> lowered;
  for (const Node& node : executed_graph.nodes()) lowered.push_back(node.name);
  const auto nodes = correlate(original, optimized);
  const auto merged = correlate_by_name(optimized, lowered, "_nchwc");
  std::unordered_map<std::string, std::vector<std::string>> members;
  for (std::size_t i = 0; i < merged.size(); ++i) {
    std::vector<std::string>& names = members[lowered[i]];
    for (const std::size_t part : merged[i])
      names.insert(names.end(), nodes[part].begin(), nodes[part].end());
  }
  return members;
}

/// The graph after fusing and before layouts are chosen, where tensors still have their names.
void write_fused(const std::shared_ptr<const Library>& library, SessionRequest request,
                 const std::string& path) {
  const std::string level = option_or(request, "optimization", "all");
  if (level == "all" || level == "layout") request.options["optimization"] = "extended";
  const Loaded unused(library, request, {"", path});
}

}  // namespace

KernelProfile profile(const std::shared_ptr<const Library>& library, const SessionRequest& request, int runs,
                      Loaded& plain) {
  const TemporaryFolder folder;
  const std::string executed = folder.file("executed.onnx");
  const std::string fused = folder.file("fused.onnx");
  std::string path;
  std::vector<double> plain_ms;
  {
    Loaded loaded(library, request, {folder.file("profile"), executed});
    for (int i = 0; i < runs + kWarmUp; ++i) {
      loaded.run();
      const Stopwatch watch;
      plain.run();
      if (i >= kWarmUp) plain_ms.push_back(watch.elapsed().value);
    }
    path = loaded.end_profile();
  }
  write_fused(library, request, fused);
  const auto members = members_of(request.model, fused, executed);

  const std::vector<ProfiledRun> all =
      calm(runs_of(parse_json(MappedFile::open(path)->text(), path), path), kWarmUp);
  if (all.empty()) throw Error(path, "the profile holds no run");

  KernelProfile result;
  result.runs = static_cast<int>(all.size());
  std::sort(plain_ms.begin(), plain_ms.end());
  for (std::size_t i = 0; i < all.size(); ++i) {
    result.plain.value += plain_ms[i] / result.runs;
    result.run.value += all[i].us / 1e3 / result.runs;
  }
  result.kernels = mean_kernels(all);
  for (ExecutedKernel& kernel : result.kernels) {
    if (const auto found = members.find(kernel.name); found != members.end()) kernel.members = found->second;
  }
  return result;
}

}  // namespace foretime::ort
