#include <algorithm>
#include <cctype>
#include <map>
#include <utility>

#include "base/error.h"
#include "formats/tflite/tflite_reader.h"
#include "runtimes/tflite/compiled.h"
#include "runtimes/tflite/tflite.h"
#include "runtimes/timed_runs.h"

namespace foretime::litert {
namespace {

constexpr std::string_view kVersion = "2.3";  // of the interface; the library does not tell its own

TimedRun profiled_run(Compiled& compiled, RunTimer& timer) {
  const Library& library = compiled.library();
  const Functions& api = library.api();
  const auto check = [&](Status status) { library.check(status, "profile", "profile"); };
  check(api.ResetProfiler(compiled.profiler()));
  check(api.StartProfiler(compiled.profiler()));
  TimedRun out = timer.time([&] { compiled.run(); });
  check(api.StopProfiler(compiled.profiler()));
  int count = 0;
  check(api.GetNumProfilerEvents(compiled.profiler(), &count));
  std::vector<Event> events(static_cast<std::size_t>(std::max(count, 0)));
  if (!events.empty()) check(api.GetProfilerEvents(compiled.profiler(), count, events.data()));
  const bool delegated = std::any_of(events.begin(), events.end(),
                                     [](const Event& event) { return event.type == kDelegatedEvent; });
  std::map<std::string, int> seen;
  for (const Event& event : events) {
    const std::string tag = event.tag == nullptr ? "" : event.tag;
    // The operator that stands for all of XNNPACK's holds their time once more.
    const bool whole = event.type == kOperatorEvent && delegated && tag.find("elegate") != std::string::npos;
    if ((event.type != kOperatorEvent && event.type != kDelegatedEvent) || whole) continue;
    const int number = ++seen[tag];
    out.kernels.push_back({tag, number == 1 ? tag : tag + "#" + std::to_string(number),
                           static_cast<double>(event.elapsed_us) / 1000});
  }
  return out;
}

struct FileOperator {
  std::string name;
  bool reshapes = false;
  bool convolves = false;
};

/// "Convolution (NHWC, F32) IGEMM", "DEPTHWISE_CONV_2D"; not "Convert".
bool is_convolution(std::string kind) {
  for (char& letter : kind) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return kind.find("conv") != std::string::npos && kind.find("convert") == std::string::npos;
}

/// The operators of the file that run, in order: those of constants (halves that are widened) do not.
std::vector<FileOperator> operators_of(const std::string& path) {
  Diagnostics ignored;
  const Graph graph = tflite::read_tflite(MappedFile::open(path), ignored);
  std::vector<FileOperator> operators;
  for (const Node& node : graph.nodes()) {
    const bool constant = std::all_of(node.inputs.begin(), node.inputs.end(), [&](TensorId id) {
      return id != kNoTensor && graph[id].constant != nullptr;
    });
    const bool reshapes = node.op == "Reshape" || node.op == "Squeeze" || node.op == "Unsqueeze";
    if (!constant || node.inputs.empty()) operators.push_back({node.name, reshapes, is_convolution(node.op)});
  }
  return operators;
}

/// LiteRT names kernels by what they are. Where each operator of the file is one of them, they come in its
/// order; XNNPACK adds reshapes of its own, so these are left out of the count where there are more. Where a
/// convolution stands in one order and not in the other they are as many by accident: nobody is named.
void name_members(const std::vector<FileOperator>& operators, KernelProfile& profile) {
  for (const bool with_reshapes : {true, false}) {
    std::vector<ExecutedKernel*> kernels;
    for (ExecutedKernel& kernel : profile.kernels) {
      if (with_reshapes || kernel.kind.find("Reshape") == std::string::npos) kernels.push_back(&kernel);
    }
    std::vector<const FileOperator*> places;
    for (const FileOperator& each : operators) {
      if (with_reshapes || !each.reshapes) places.push_back(&each);
    }
    const bool alike = std::equal(kernels.begin(), kernels.end(), places.begin(), places.end(),
                                  [](const ExecutedKernel* kernel, const FileOperator* place) {
                                    return is_convolution(kernel->kind) == place->convolves;
                                  });
    if (!alike) continue;
    for (std::size_t i = 0; i < places.size(); ++i) kernels[i]->members = {places[i]->name};
    return;
  }
}

std::string provider_of(const std::string& wanted) {
  std::string upper = wanted.empty() ? "XNNPACK" : wanted;
  for (char& letter : upper) letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  if (upper == "XNNPACK" || upper == "CPU") return upper;
  throw Error("--provider " + wanted, "LiteRT has no such provider", "XNNPACK, CPU");
}

class TfliteSession final : public Session {
 public:
  explicit TfliteSession(const SessionRequest& request)
      : request_(request), library_(std::make_shared<Library>(request.library)) {
    request_.provider = provider_of(request.provider);
    compiled_ = std::make_unique<Compiled>(library_, request_, false);
    description_ = {"tflite",          std::string(kVersion), request_.provider,
                    request.precision, library_->path(),      request.threads};
  }

  const RuntimeDescription& description() const override { return description_; }

  std::optional<Milliseconds> run() override {
    compiled_->run();
    return std::nullopt;
  }

  std::vector<TensorValue> outputs() override { return compiled_->outputs(); }

  KernelProfile profile(int runs) override {
    Compiled watched(library_, request_, true);
    watched.run();  // the first one packs weights
    RunTimer timer(request_.threads);
    std::vector<TimedRun> profiled;
    std::vector<TimedRun> plain;
    for (int i = 0; i < std::max(runs, 1); ++i) {
      profiled.push_back(profiled_run(watched, timer));
      plain.push_back(timer.time([&] { compiled_->run(); }));
    }
    KernelProfile profile = undisturbed_profile(profiled, plain, timer.beats(), request_.threads);
    name_members(operators_of(request_.model), profile);
    return profile;
  }

 private:
  SessionRequest request_;
  std::shared_ptr<const Library> library_;
  std::unique_ptr<Compiled> compiled_;
  RuntimeDescription description_;
};

}  // namespace

std::span<const RuntimeOption> options() {
  return {};
}

std::unique_ptr<Session> open(const SessionRequest& request) {
  return std::make_unique<TfliteSession>(request);
}

}  // namespace foretime::litert
