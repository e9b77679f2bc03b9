#include "runtimes/onnxruntime/profile.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/error.h"
#include "base/json.h"
#include "base/mapped_file.h"
#include "base/stopwatch.h"
#include "base/temporary_folder.h"
#include "formats/format.h"
#include "runtimes/correlate.h"
#include "runtimes/onnxruntime/loaded.h"

namespace foretime::ort {
namespace {

// The first runs allocate the arena and fault its pages in.
constexpr int kWarmUp = 2;
// The profiler keeps whole microseconds and cuts off the rest: on average half of one.
constexpr double kCutOffUs = 0.5;

struct Event {
  std::string name;
  std::string op;
  double start_us = 0;
  double us = 0;
};

/// Events of one run: what its kernels took, and the whole.
struct ProfiledRun {
  std::vector<Event> kernels;
  double us = 0;
};

void add(ProfiledRun& run, Event event) {
  // An event is written when its kernel ends, so those inside the body of another one (If, Loop), which are
  // part of its time already, come before it.
  while (!run.kernels.empty() && event.start_us < run.kernels.back().start_us) run.kernels.pop_back();
  run.kernels.push_back(std::move(event));
}

std::vector<ProfiledRun> runs_of(const Json& events, const std::string& path) {
  constexpr std::string_view kKernel = "_kernel_time";
  if (!events.is_array()) throw Error(path, "is no profile of ONNX Runtime", "an array of events");
  std::vector<ProfiledRun> runs;
  ProfiledRun run;
  for (const Json& event : events) {
    std::string name = event.value("name", "");
    if (event.value("cat", "") == "Node" && name.ends_with(kKernel)) {
      name.resize(name.size() - kKernel.size());
      const Json arguments = event.value("args", Json::object());
      add(run,
          {std::move(name), arguments.value("op_name", ""), event.value("ts", 0.0), event.value("dur", 0.0)});
    } else if (name == "model_run") {
      run.us = event.value("dur", 0.0);
      runs.push_back(std::exchange(run, {}));
    }
  }
  return runs;
}

/// Of the runs after warming up the calmer half, so that the sums stay sums of what happened together.
std::vector<ProfiledRun> calm(std::vector<ProfiledRun> runs, const std::string& path) {
  if (runs.size() <= kWarmUp) throw Error(path, "the profile holds no run");
  runs.erase(runs.begin(), runs.begin() + kWarmUp);
  std::sort(runs.begin(), runs.end(), [](const ProfiledRun& a, const ProfiledRun& b) { return a.us < b.us; });
  runs.resize((runs.size() + 1) / 2);
  return runs;
}

Graph read_graph(const std::string& path) {
  Diagnostics ignored;
  const auto file = MappedFile::open(path);
  return detect_format(*file).read(file, ignored);
}

/// Members of every kernel by its name. Blocked layouts end the names of tensors, but a node in such a layout
/// is named by the tensor it wrote before, with "_nchwc" behind.
std::unordered_map<std::string, std::vector<std::string>> members_of(const std::string& model,
                                                                     const std::string& fused,
                                                                     const std::string& executed) {
  const Graph original = read_graph(model);
  const Graph optimized = read_graph(fused);
  const Graph lowered = read_graph(executed);
  const auto nodes = correlate(original, optimized);
  const auto merged = correlate_by_name(optimized, lowered, "_nchwc");
  std::unordered_map<std::string, std::vector<std::string>> members;
  for (std::size_t i = 0; i < merged.size(); ++i) {
    std::vector<std::string>& names = members[lowered.nodes()[i].name];
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
      calm(runs_of(parse_json(MappedFile::open(path)->text(), path), path), path);

  KernelProfile result;
  result.runs = static_cast<int>(all.size());
  std::sort(plain_ms.begin(), plain_ms.end());
  for (std::size_t i = 0; i < all.size(); ++i) result.plain.value += plain_ms[i] / result.runs;
  std::unordered_map<std::string, std::size_t> place;
  for (const ProfiledRun& run : all) {
    result.run.value += run.us / 1e3 / result.runs;
    for (const Event& event : run.kernels) {
      const auto [at, fresh] = place.emplace(event.name, result.kernels.size());
      if (fresh) {
        const auto found = members.find(event.name);
        result.kernels.push_back({std::string(event.op),
                                  std::string(event.name),
                                  found == members.end() ? std::vector<std::string>() : found->second,
                                  {0}});
      }
      result.kernels[at->second].latency.value += (event.us + kCutOffUs) / 1e3 / result.runs;
    }
  }
  return result;
}

}  // namespace foretime::ort
