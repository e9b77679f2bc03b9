#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstring>

#include "base/error.h"
#include "base/suggest.h"
#include "runtimes/onnxruntime/loaded.h"
#include "runtimes/onnxruntime/onnxruntime.h"
#include "runtimes/onnxruntime/profile.h"

namespace foretime::ort {
namespace {

constexpr std::array<RuntimeOption, 5> kOptions = {{
    {"optimization", "none, basic, extended, layout or all (default all)"},
    {"arena", "on or off (default on): keep freed memory for the next run"},
    {"spinning", "on or off (default on): waiting threads burn time instead of sleeping"},
    {"mem-pattern", "on or off (default on): plan memory once for all runs"},
    {"inter-threads", "threads that run independent nodes side by side (default 1)"},
}};

class OrtSessionOfOurs final : public Session {
 public:
  explicit OrtSessionOfOurs(const SessionRequest& request)
      : request_(request),
        library_(std::make_shared<Library>(request.library)),
        loaded_(library_, request, {}) {
    description_ = {"onnxruntime",     library_->version(), loaded_.provider(),
                    request.precision, library_->path(),    request.threads};
  }

  const RuntimeDescription& description() const override { return description_; }

  std::optional<Milliseconds> run() override {
    loaded_.run();
    return std::nullopt;
  }

  std::vector<TensorValue> outputs() override { return loaded_.outputs(); }
  KernelProfile profile(int runs) override { return ort::profile(library_, request_, runs, loaded_); }
  std::optional<Bytes> arena() override { return loaded_.arena(); }

 private:
  SessionRequest request_;
  std::shared_ptr<const Library> library_;
  Loaded loaded_;
  RuntimeDescription description_;
};

}  // namespace

std::span<const RuntimeOption> options() {
  return kOptions;
}

std::unique_ptr<Session> open(const SessionRequest& request) {
  return std::make_unique<OrtSessionOfOurs>(request);
}

}  // namespace foretime::ort
