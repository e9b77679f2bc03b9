#include "runtimes/onnxruntime/profile.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "base/error.h"
#include "base/json.h"
#include "base/mapped_file.h"
#include "base/temporary_folder.h"
#include "runtimes/correlate.h"
#include "runtimes/onnxruntime/loaded.h"
#include "runtimes/onnxruntime/profiled_runs.h"

namespace foretime::ort {
namespace {

// The first runs allocate the arena and fault its pages in.
constexpr int kWarmUp = 2;

/// A node that is made anew when its layout changes gets "_token_", a number, behind its name.
std::string without_token(const std::string& name) {
  constexpr std::string_view kToken = "_token_";
  const std::size_t at = name.rfind(kToken);
  const bool number = at != std::string::npos && at + kToken.size() < name.size() &&
                      name.find_first_not_of("0123456789", at + kToken.size()) == std::string::npos;
  return number ? name.substr(0, at) : name;
}

/// What a node of the executed graph is called in `optimized`. Tensors keep their names, except in blocked
/// layouts: a node in such a layout is named by the tensor it wrote before, with "_nchwc" behind, or as ever,
/// and the tensor is written by who leaves the layout, which may be a transposition, too.
std::string name_in(const Graph& optimized, const Graph& executed, const Node& node) {
  for (const TensorId output : node.outputs) {
    if (output == kNoTensor) continue;
    const auto same = optimized.find_tensor(executed[output].name);
    if (!same || optimized[*same].producer == kNoNode) continue;
    const Node& writer = optimized[optimized[*same].producer];
    if (!node.op.starts_with("Reorder") || writer.op == "Transpose") return writer.name;
  }
  const bool same_name =
      std::any_of(optimized.nodes().begin(), optimized.nodes().end(),
                  [&](const Node& other) { return other.name == node.name && other.op == node.op; });
  return same_name ? node.name : without_token(node.name);
}

/// Members of every kernel by its name.
std::unordered_map<std::string, std::vector<std::string>> members_of(const std::string& model,
                                                                     const std::string& fused,
                                                                     const std::string& executed) {
  const Graph original = graph_of(model);
  const Graph optimized = graph_of(fused);
  const Graph executed_graph = graph_of(executed);
  std::vector<std::string> lowered;
  for (const Node& node : executed_graph.nodes()) lowered.push_back(name_in(optimized, executed_graph, node));
  const auto nodes = correlate(original, optimized);
  const auto merged = correlate_by_name(optimized, lowered, "_nchwc");
  std::unordered_map<std::string, std::vector<std::string>> members;
  for (std::size_t i = 0; i < merged.size(); ++i) {
    std::vector<std::string>& names = members[executed_graph.nodes()[i].name];
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
  std::vector<TimedRun> profiled;
  std::vector<TimedRun> without;
  std::vector<Beat> beats;
  {
    Loaded loaded(library, request, {folder.file("profile"), executed});
    RunTimer timer(request.threads);
    for (int i = 0; i < runs + kWarmUp; ++i) {
      profiled.push_back(timer.time([&] { loaded.run(); }));
      without.push_back(timer.time([&] { plain.run(); }));
    }
    beats = timer.beats();
    path = loaded.end_profile();
  }
  write_fused(library, request, fused);
  const auto members = members_of(request.model, fused, executed);

  std::vector<TimedRun> told = runs_of(parse_json(MappedFile::open(path)->text(), path), path).runs;
  if (told.size() != profiled.size()) throw Error(path, "the profile does not hold the runs there were");
  for (std::size_t i = 0; i < told.size(); ++i) profiled[i].kernels = std::move(told[i].kernels);
  for (auto* list : {&profiled, &without}) list->erase(list->begin(), list->begin() + kWarmUp);
  KernelProfile result = undisturbed_profile(profiled, without, beats, request.threads);
  for (ExecutedKernel& kernel : result.kernels) {
    if (const auto found = members.find(kernel.name); found != members.end()) kernel.members = found->second;
  }
  return result;
}

}  // namespace foretime::ort
