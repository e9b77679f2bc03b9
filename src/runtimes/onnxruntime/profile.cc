#include "runtimes/onnxruntime/profile.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

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
// Behind names of nodes in blocked layouts.
constexpr std::string_view kBlocked = "_nchwc";

/// A node that is made anew when its layout changes gets "_token_", a number, behind its name.
std::string without_token(const std::string& name) {
  constexpr std::string_view kToken = "_token_";
  const std::size_t at = name.rfind(kToken);
  const bool number = at != std::string::npos && at + kToken.size() < name.size() &&
                      name.find_first_not_of("0123456789", at + kToken.size()) == std::string::npos;
  return number ? name.substr(0, at) : name;
}

using NodesByName = std::unordered_map<std::string, NodeId>;

/// What a node of the executed graph is called in `optimized`. Tensors keep their names, except in blocked
/// layouts: a node in such a layout is named by the tensor it wrote before, with kBlocked behind, or as ever,
/// and the tensor is written by who leaves the layout, which may be a transposition, too.
std::string name_in(const Graph& optimized, const NodesByName& by_name, const Graph& executed,
                    const Node& node) {
  for (const TensorId output : node.outputs) {
    if (output == kNoTensor) continue;
    const auto same = optimized.find_tensor(executed[output].name);
    if (!same || optimized[*same].producer == kNoNode) continue;
    const Node& writer = optimized[optimized[*same].producer];
    if (!node.op.starts_with("Reorder") || writer.op == "Transpose") return writer.name;
  }
  const auto same = by_name.find(node.name);
  const bool is_same = same != by_name.end() && optimized[same->second].op == node.op;
  return is_same ? node.name : without_token(node.name);
}

/// An operator, and who makes what it reads: nodes of `optimized`, or kNoNode.
using Reader = std::pair<std::string, std::vector<NodeId>>;

/// What every node of the executed graph is called in `optimized`. What ONNX defines by other operators
/// (HardSwish) becomes nodes without names: they are known by what they read.
std::vector<std::string> names_in(const Graph& optimized, const Graph& executed) {
  NodesByName by_name;
  for (std::uint32_t i = 0; i < optimized.nodes().size(); ++i)
    by_name.emplace(optimized.nodes()[i].name, NodeId{i});
  const auto known = [&](const std::string& name) {
    if (const auto found = by_name.find(name); found != by_name.end()) return found->second;
    if (!name.ends_with(kBlocked)) return kNoNode;
    const auto tensor = optimized.find_tensor(name.substr(0, name.size() - kBlocked.size()));
    return tensor ? optimized[*tensor].producer : kNoNode;
  };
  std::vector<std::string> names;
  std::set<NodeId> claimed;
  for (const Node& node : executed.nodes()) {
    names.push_back(name_in(optimized, by_name, executed, node));
    claimed.insert(known(names.back()));
  }
  std::multimap<Reader, NodeId> missing;
  for (std::uint32_t i = 0; i < optimized.nodes().size(); ++i) {
    if (claimed.contains(NodeId{i})) continue;
    const Node& node = optimized.nodes()[i];
    Reader reader{node.op, {}};
    for (const TensorId input : node.inputs)
      reader.second.push_back(input == kNoTensor ? kNoNode : optimized[input].producer);
    missing.emplace(std::move(reader), NodeId{i});
  }
  std::vector<NodeId> stands_for;  // of nodes of `executed`
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Node& node = executed.nodes()[i];
    Reader reader{node.op, {}};
    for (const TensorId input : node.inputs) {
      const NodeId producer = input == kNoTensor ? kNoNode : executed[input].producer;
      reader.second.push_back(producer == kNoNode ? kNoNode : stands_for[index(producer)]);
    }
    NodeId same = known(names[i]);
    if (const auto found = missing.find(reader); same == kNoNode && found != missing.end()) {
      same = found->second;
      names[i] = optimized[same].name;
      missing.erase(found);
    }
    if (same == kNoNode && node.op.starts_with("Reorder") && !reader.second.empty()) same = reader.second[0];
    stands_for.push_back(same);
  }
  return names;
}

/// The number behind the operator in the name that the profiler gives a node without one, growing from one to
/// the next; nothing: it has a name.
std::optional<unsigned long> number_of(const ExecutedKernel& kernel) {
  if (!kernel.name.starts_with(kernel.kind + "_")) return std::nullopt;
  const std::string number = kernel.name.substr(kernel.kind.size() + 1);
  const bool is_number =
      !number.empty() && number.size() < 10 && number.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? std::optional(std::stoul(number)) : std::nullopt;
}

/// What the nodes of the executed graph are called by their kernels. Of nodes without names, of one operator,
/// only the order is the same.
std::vector<std::string> names_of(const Graph& executed, const std::vector<ExecutedKernel>& kernels) {
  std::unordered_set<std::string> ran;
  for (const ExecutedKernel& kernel : kernels) ran.insert(kernel.name);
  std::vector<std::string> names;
  std::unordered_set<std::string> there;
  std::map<std::string, std::vector<std::size_t>> nameless;
  for (const Node& node : executed.nodes()) {
    names.push_back(node.name);
    there.insert(node.name);
    if (!ran.contains(node.name)) nameless[node.op].push_back(names.size() - 1);
  }
  std::map<std::string, std::map<unsigned long, std::string>> numbered;  // by operator
  for (const ExecutedKernel& kernel : kernels) {
    const auto number = number_of(kernel);
    if (number && !there.contains(kernel.name)) numbered[kernel.kind].emplace(*number, kernel.name);
  }
  std::map<std::string, std::vector<std::string>> told;
  for (const auto& [op, list] : numbered) {
    for (const auto& [number, name] : list) told[op].push_back(name);
  }
  for (const auto& [op, list] : nameless) {
    const std::vector<std::string>& others = told[op];
    if (others.size() != list.size()) continue;
    for (std::size_t i = 0; i < list.size(); ++i) names[list[i]] = others[i];
  }
  return names;
}

/// Gives every kernel the nodes of the model's file it stands for.
void put_members(const std::string& model, const std::string& fused, const std::string& executed,
                 std::vector<ExecutedKernel>& kernels) {
  const Graph original = graph_of(model);
  const Graph optimized = graph_of(fused, model);
  const Graph lowered = graph_of(executed, model);
  const auto nodes = correlate(original, optimized);
  const auto merged = correlate_by_name(optimized, names_in(optimized, lowered), std::string(kBlocked));
  const std::vector<std::string> names = names_of(lowered, kernels);
  std::unordered_map<std::string, std::vector<std::string>> members;
  for (std::size_t i = 0; i < merged.size(); ++i) {
    for (const std::size_t part : merged[i])
      members[names[i]].insert(members[names[i]].end(), nodes[part].begin(), nodes[part].end());
  }
  for (ExecutedKernel& kernel : kernels) {
    if (const auto found = members.find(kernel.name); found != members.end()) kernel.members = found->second;
  }
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

  std::vector<TimedRun> told = runs_of(parse_json(MappedFile::open(path)->text(), path), path).runs;
  if (told.size() != profiled.size()) throw Error(path, "the profile does not hold the runs there were");
  for (std::size_t i = 0; i < told.size(); ++i) profiled[i].kernels = std::move(told[i].kernels);
  for (auto* list : {&profiled, &without}) list->erase(list->begin(), list->begin() + kWarmUp);
  KernelProfile result = undisturbed_profile(profiled, without, beats, request.threads);
  put_members(request.model, fused, executed, result.kernels);
  return result;
}

}  // namespace foretime::ort
