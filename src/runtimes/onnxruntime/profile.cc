#include "runtimes/onnxruntime/profile.h"

#include <simdjson.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <numeric>
#include <unordered_map>

#include "base/error.h"
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
  std::string_view name;
  std::string_view op;
  double start_us = 0;
  double us = 0;
};

/// Events of one run: what its kernels took, and the whole.
struct ProfiledRun {
  std::vector<Event> kernels;
  double us = 0;
};

std::string_view text_of(const simdjson::dom::element& event, const char* key) {
  std::string_view text;
  const auto error = event[key].get(text);
  return error ? std::string_view() : text;
}

double number_of(const simdjson::dom::element& event, const char* key) {
  double number = 0;
  const auto error = event[key].get(number);
  return error ? 0 : number;
}

/// Kernels inside the body of another one (If, Loop) are part of its time already.
bool inside_last(const ProfiledRun& run, const Event& event) {
  return !run.kernels.empty() && event.start_us < run.kernels.back().start_us;
}

void add(ProfiledRun& run, const Event& event) {
  // An event is written when its kernel ends, so those of a body come before the node that holds it.
  while (inside_last(run, event)) run.kernels.pop_back();
  run.kernels.push_back(event);
}

std::vector<ProfiledRun> runs_of(const simdjson::dom::element& document, const std::string& path) {
  constexpr std::string_view kKernel = "_kernel_time";
  simdjson::dom::array events;
  if (document.get(events)) throw Error(path, "is no profile of ONNX Runtime", "an array of events");
  std::vector<ProfiledRun> runs;
  ProfiledRun run;
  for (const simdjson::dom::element event : events) {
    std::string_view name = text_of(event, "name");
    if (text_of(event, "cat") == "Node" && name.ends_with(kKernel)) {
      name.remove_suffix(kKernel.size());
      simdjson::dom::element arguments;
      std::string_view op;
      if (!event["args"].get(arguments)) op = text_of(arguments, "op_name");
      add(run, {name, op, number_of(event, "ts"), number_of(event, "dur")});
    } else if (name == "model_run") {
      run.us = number_of(event, "dur");
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

  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (const auto error = parser.load(path).get(document)) throw Error(path, simdjson::error_message(error));
  const std::vector<ProfiledRun> all = calm(runs_of(document, path), path);

  KernelProfile result;
  result.runs = static_cast<int>(all.size());
  std::sort(plain_ms.begin(), plain_ms.end());
  for (std::size_t i = 0; i < all.size(); ++i) result.plain.value += plain_ms[i] / result.runs;
  std::unordered_map<std::string_view, std::size_t> place;
  for (const ProfiledRun& run : all) {
    result.run.value += run.us / 1e3 / result.runs;
    for (const Event& event : run.kernels) {
      const auto [at, fresh] = place.emplace(event.name, result.kernels.size());
      if (fresh) {
        const auto found = members.find(std::string(event.name));
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
