#include <algorithm>
#include <cctype>
#include <charconv>
#include <iterator>

#include "base/error.h"
#include "base/suggest.h"
#include "runtimes/command/command.h"
#include "runtimes/onnxruntime/onnxruntime.h"
#include "runtimes/openvino/openvino.h"
#include "runtimes/replay/replay.h"
#include "runtimes/runtime.h"
#include "runtimes/tflite/tflite.h"

namespace foretime {
namespace {

const Runtime kRuntimes[] = {
    {.name = "onnxruntime",
     .format = "onnx",
     .what = "ONNX Runtime: CPU, and whatever else the installed library has",
     .how_to_get = "tools/runtimes.sh, or --library FILE",
     .options = ort::options(),
     .open = ort::open},
    {.name = "tflite",
     .format = "tflite",
     .what = "LiteRT (TensorFlow Lite): XNNPACK or the kernels that are built in",
     .how_to_get = "tools/runtimes.sh, or --library FILE",
     .options = litert::options(),
     .open = litert::open},
    {.name = "openvino",
     .format = "onnx",
     .what = "OpenVINO: CPU, and whatever else the installed library has",
     .how_to_get = "tools/runtimes.sh, or --library FILE",
     .options = openvino::options(),
     .open = openvino::open},
    {.name = "command",
     .format = "onnx",
     .what = "a command of yours that times a model anywhere (--command)",
     .how_to_get = "",
     .options = command::options(),
     .self_timed = true,
     .open = command::open},
    {.name = "replay",
     .format = "onnx",
     .what = "times that were recorded",
     .how_to_get = "",
     .options = replay::options(),
     .self_timed = true,
     .open = replay::open},
};

[[noreturn]] void refuse(const std::string& option, const std::string& value, const std::string& accepted) {
  throw Error("--runtime-option " + option, "'" + value + "' is not one of its values", accepted);
}

}  // namespace

std::span<const Runtime> runtimes() {
  return kRuntimes;
}

const Runtime& runtime_named(std::string_view name) {
  const auto found = std::find_if(std::begin(kRuntimes), std::end(kRuntimes),
                                  [&](const Runtime& runtime) { return runtime.name == name; });
  if (found != std::end(kRuntimes)) return *found;
  std::vector<std::string> names;
  for (const Runtime& runtime : kRuntimes) names.emplace_back(runtime.name);
  throw Error("--runtime " + std::string(name), "no such runtime", suggestion(std::string(name), names));
}

std::string option_or(const SessionRequest& request, const std::string& name, std::string_view otherwise) {
  const auto found = request.options.find(name);
  return found == request.options.end() ? std::string(otherwise) : found->second;
}

std::size_t option_choice(const SessionRequest& request, const std::string& name, std::string_view otherwise,
                          std::span<const std::string_view> values) {
  const std::string value = option_or(request, name, otherwise);
  std::string accepted;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] == value) return i;
    accepted += (i == 0 ? "" : i + 1 == values.size() ? " or " : ", ") + std::string(values[i]);
  }
  refuse(name, value, accepted);
}

bool option_on(const SessionRequest& request, const std::string& name, std::string_view otherwise) {
  constexpr std::string_view kOnOff[] = {"on", "off"};
  return option_choice(request, name, otherwise, kOnOff) == 0;
}

int option_count(const SessionRequest& request, const std::string& name) {
  const std::string value = option_or(request, name, "1");
  int count = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), count);
  if (error == std::errc{} && end == value.data() + value.size() && count >= 1) return count;
  refuse(name, value, "a whole number from 1");
}

std::string provider_named(const std::string& wanted, const std::vector<std::string>& provided,
                           const std::string& library) {
  const auto same = [&](const std::string& name) {
    return std::equal(name.begin(), name.end(), wanted.begin(), wanted.end(),
                      [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
  };
  const auto found = std::find_if(provided.begin(), provided.end(), same);
  if (found != provided.end()) return *found;
  throw Error("--provider " + wanted, library + " was built without it", suggestion(wanted, provided));
}

std::unique_ptr<Session> open_session(const Runtime& runtime, const SessionRequest& request) {
  for (const auto& [name, value] : request.options) {
    const auto known = std::any_of(runtime.options.begin(), runtime.options.end(),
                                   [&](const RuntimeOption& option) { return option.name == name; });
    if (known) continue;
    std::string accepted;
    for (const RuntimeOption& option : runtime.options) {
      accepted +=
          (accepted.empty() ? "" : "; ") + std::string(option.name) + ": " + std::string(option.accepted);
    }
    throw Error("--runtime-option " + name, "is no option of " + std::string(runtime.name), accepted);
  }
  return runtime.open(request);
}

}  // namespace foretime
