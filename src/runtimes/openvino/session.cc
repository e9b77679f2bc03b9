#include <array>

#include "runtimes/correlate.h"
#include "runtimes/openvino/compiled.h"
#include "runtimes/openvino/openvino.h"
#include "runtimes/openvino/profile.h"

namespace foretime::openvino {
namespace {

constexpr std::array<RuntimeOption, 4> kOptions = {{
    {"precision", "f32, bf16 or f16 (default f32): what to compute in, where the processor can"},
    {"hint", "latency or throughput (default latency)"},
    {"streams", "runs that may be under way at once, which share the threads (default 1)"},
    {"pinning", "on or off (default off): threads stay where they are put, at every run anew"},
}};

/// What it computes in: float32 of a quantised model is what is left of it.
std::string precision_of(const Compiled& compiled, const std::string& model) {
  const std::string told = compiled.property("INFERENCE_PRECISION_HINT");
  if (told == "f32") return model == "fp16" || model == "bf16" ? "fp32" : model;
  return told == "f16" ? "fp16" : told;
}

class OpenvinoSession final : public Session {
 public:
  explicit OpenvinoSession(const SessionRequest& request)
      : request_(request),
        library_(std::make_shared<Library>(request.library)),
        compiled_(library_, request, false) {
    description_ = {"openvino",         library_->version(),
                    compiled_.device(), precision_of(compiled_, request.precision),
                    library_->path(),   request.threads};
    if (compiled_.device() == "CPU")
      description_.threads = std::stoi("0" + compiled_.property("INFERENCE_NUM_THREADS"));
  }

  const RuntimeDescription& description() const override { return description_; }

  std::optional<Milliseconds> run() override {
    compiled_.run();
    return std::nullopt;
  }

  std::vector<TensorValue> outputs() override {
    std::vector<TensorValue> values = compiled_.outputs();
    const Graph graph = graph_of(request_.model);
    for (std::size_t i = 0; i < values.size() && i < graph.outputs().size(); ++i)
      values[i].name = graph[graph.outputs()[i]].name;
    return values;
  }

  KernelProfile profile(int runs) override { return openvino::profile(library_, request_, runs, compiled_); }

 private:
  SessionRequest request_;
  std::shared_ptr<const Library> library_;
  Compiled compiled_;
  RuntimeDescription description_;
};

}  // namespace

std::span<const RuntimeOption> options() {
  return kOptions;
}

std::unique_ptr<Session> open(const SessionRequest& request) {
  return std::make_unique<OpenvinoSession>(request);
}

}  // namespace foretime::openvino
