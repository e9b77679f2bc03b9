#include "runtimes/onnxruntime/library.h"

#include "base/error.h"

namespace foretime::ort {
namespace {

constexpr LibraryWanted kWanted = {"onnxruntime", "libonnxruntime.so", "libonnxruntime.so.1",
                                   "tools/runtimes.sh, or --library FILE"};
constexpr std::string_view kSuffix = "ExecutionProvider";

}  // namespace

Library::Library(const std::string& path) : native_(path, kWanted) {
  const OrtApiBase* base = native_.function<const OrtApiBase*()>("OrtGetApiBase")();
  version_ = base->GetVersionString();
  api_ = base->GetApi(kApiVersion);
  if (api_ == nullptr) throw Error(native_.path(), "is ONNX Runtime " + version_, "1.12 or newer");
  has_stats_ =
      std::stoi("0" + version_.substr(version_.find('.') + 1)) >= static_cast<int>(kStatsApiVersion) &&
      base->GetApi(kStatsApiVersion) != nullptr;
  check(CreateEnv(api_, kLogErrors, "foretime", &env_), native_.path());
}

Library::~Library() {
  ReleaseEnv(api_, env_);
}

void Library::check(OrtStatus* status, std::string_view where) const {
  if (status == nullptr) return;
  const std::string message = GetErrorMessage(api_, status);
  ReleaseStatus(api_, status);
  throw Error(std::string(where), "ONNX Runtime says: " + message);
}

std::vector<std::string> Library::providers() const {
  char** names = nullptr;
  int count = 0;
  check(GetAvailableProviders(api_, &names, &count), path());
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) {
    std::string name = names[i];
    if (name.ends_with(kSuffix)) name.resize(name.size() - kSuffix.size());
    out.push_back(std::move(name));
  }
  check(ReleaseAvailableProviders(api_, names, count), path());
  return out;
}

}  // namespace foretime::ort
