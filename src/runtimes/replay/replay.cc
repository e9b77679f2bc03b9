#include "runtimes/replay/replay.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/json.h"
#include "base/mapped_file.h"

namespace foretime::replay {
namespace {

constexpr std::array<RuntimeOption, 1> kOptions = {
    {{"recording", "a JSON file with \"samples_ms\": [numbers]"}}};

class ReplaySession final : public Session {
 public:
  explicit ReplaySession(const SessionRequest& request) {
    const std::string path = option_or(request, "recording", "");
    if (path.empty())
      throw Error("--runtime-option recording", "is missing", std::string(kOptions[0].accepted));
    const Json json = parse_json(MappedFile::open(path)->text(), path);
    const Json samples = json.is_object() ? json.value("samples_ms", Json()) : Json();
    const bool numbers = samples.is_array() && !samples.empty() &&
                         std::all_of(samples.begin(), samples.end(), [](const Json& value) {
                           return value.is_number() && value.get<double>() > 0;
                         });
    if (!numbers)
      throw Error(path, "holds no recorded times", std::string(kOptions[0].accepted) + " above 0");
    samples_ = samples.get<std::vector<double>>();
    const Json version = json.value("version", Json());
    description_ = {"replay",    version.is_string() ? version.get<std::string>() : "",
                    "recording", request.precision,
                    "",          request.threads};
  }

  const RuntimeDescription& description() const override { return description_; }
  std::optional<Milliseconds> run() override { return Milliseconds{samples_[next_++ % samples_.size()]}; }
  std::vector<TensorValue> outputs() override { return {}; }
  KernelProfile profile(int) override {
    throw Error("--kernels", "a recording holds only whole times", "another --runtime");
  }

 private:
  std::vector<double> samples_;
  std::size_t next_ = 0;
  RuntimeDescription description_;
};

}  // namespace

std::span<const RuntimeOption> options() {
  return kOptions;
}

std::unique_ptr<Session> open(const SessionRequest& request) {
  return std::make_unique<ReplaySession>(request);
}

}  // namespace foretime::replay
