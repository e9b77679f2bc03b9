#include "runtimes/onnxruntime/loaded.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include "base/error.h"
#include "base/suggest.h"

namespace foretime::ort {
namespace {

constexpr std::array<std::pair<std::string_view, int>, 5> kLevels = {
    {{"none", 0}, {"basic", 1}, {"extended", 2}, {"layout", 3}, {"all", 99}}};

[[noreturn]] void refuse(const std::string& option, const std::string& value, std::string accepted) {
  throw Error("--runtime-option " + option, "'" + value + "' is not one of its values", std::move(accepted));
}

bool is_on(const SessionRequest& request, const std::string& option) {
  const std::string value = option_or(request, option, "on");
  if (value != "on" && value != "off") refuse(option, value, "on or off");
  return value == "on";
}

int level(const SessionRequest& request) {
  const std::string value = option_or(request, "optimization", "all");
  for (const auto& [name, number] : kLevels) {
    if (name == value) return number;
  }
  refuse("optimization", value, "none, basic, extended, layout or all");
}

int inter_threads(const SessionRequest& request) {
  const std::string value = option_or(request, "inter-threads", "1");
  int threads = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), threads);
  if (error != std::errc{} || end != value.data() + value.size() || threads < 1) {
    refuse("inter-threads", value, "a whole number from 1");
  }
  return threads;
}

/// The library's own spelling of a provider, whatever the user's case. Error: it was built without.
std::string provider_named(const Library& library, const std::string& wanted) {
  if (wanted.empty()) return "CPU";
  const std::vector<std::string> names = library.providers();
  const auto same = [&](const std::string& name) {
    return std::equal(name.begin(), name.end(), wanted.begin(), wanted.end(),
                      [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
  };
  const auto found = std::find_if(names.begin(), names.end(), same);
  if (found != names.end()) return *found;
  throw Error("--provider " + wanted, library.path() + " was built without it", suggestion(wanted, names));
}

/// Options of a session, released at the end.
class Options {
 public:
  explicit Options(const Library& library) : library_(library) {
    library.check(CreateSessionOptions(library.api(), &options_), library.path());
  }
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;
  ~Options() { ReleaseSessionOptions(library_.api(), options_); }

  template <typename Function, typename... Arguments>
  void set(const Function& function, Arguments... arguments) {
    library_.check(function(library_.api(), options_, arguments...), "session options");
  }
  const OrtSessionOptions* get() const { return options_; }

 private:
  const Library& library_;
  OrtSessionOptions* options_ = nullptr;
};

void configure(Options& options, const SessionRequest& request, const std::string& provider,
               const Explain& explain) {
  options.set(SetIntraOpNumThreads, request.threads);
  options.set(SetInterOpNumThreads, inter_threads(request));
  options.set(SetSessionGraphOptimizationLevel, level(request));
  if (!is_on(request, "arena")) options.set(DisableCpuMemArena);
  if (!is_on(request, "mem-pattern")) options.set(DisableMemPattern);
  options.set(AddSessionConfigEntry, "session.intra_op.allow_spinning",
              is_on(request, "spinning") ? "1" : "0");
  if (provider != "CPU") {
    const Names none = nullptr;
    options.set(SessionOptionsAppendExecutionProvider, provider.c_str(), none, none, std::size_t{0});
  }
  if (!explain.profile_prefix.empty()) options.set(EnableProfiling, explain.profile_prefix.c_str());
  if (!explain.optimized_model.empty())
    options.set(SetOptimizedModelFilePath, explain.optimized_model.c_str());
}

}  // namespace

Loaded::Loaded(std::shared_ptr<const Library> library, const SessionRequest& request, const Explain& explain)
    : library_(std::move(library)), model_(request.model) {
  try {
    provider_ = provider_named(*library_, request.provider);
    create(request, explain);
    bind_inputs(request.inputs);
    find_outputs();
  } catch (...) {
    release();
    throw;
  }
}

Loaded::~Loaded() {
  release();
}

void Loaded::create(const SessionRequest& request, const Explain& explain) {
  Options options(*library_);
  configure(options, request, provider_, explain);
  const OrtApi* api = library_->api();
  library_->check(CreateSession(api, library_->env(), model_.c_str(), options.get(), &session_), model_);
  library_->check(CreateCpuMemoryInfo(api, kArenaAllocator, kDefaultMemory, &memory_), model_);
}

void Loaded::bind_inputs(const std::vector<TensorValue>& inputs) {
  contents_ = inputs;
  inputs_.assign(contents_.size(), nullptr);
  for (std::size_t i = 0; i < contents_.size(); ++i) {
    TensorValue& value = contents_[i];
    if (value.dtype == DataType::string) throw Error(model_, "input " + value.name + " is text", "numbers");
    input_names_.push_back(value.name.c_str());
    library_->check(CreateTensorWithDataAsOrtValue(library_->api(), memory_, value.bytes.data(),
                                                   value.bytes.size(), value.sizes.data(), value.sizes.size(),
                                                   static_cast<int>(value.dtype), &inputs_[i]),
                    model_ + ": input " + value.name);
  }
}

void Loaded::find_outputs() {
  const OrtApi* api = library_->api();
  std::size_t count = 0;
  library_->check(SessionGetOutputCount(api, session_, &count), model_);
  OrtAllocator* allocator = nullptr;
  library_->check(GetAllocatorWithDefaultOptions(api, &allocator), model_);
  output_texts_.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    char* name = nullptr;
    library_->check(SessionGetOutputName(api, session_, i, allocator, &name), model_);
    output_texts_[i] = name;
    library_->check(AllocatorFree(api, allocator, name), model_);
    output_names_.push_back(output_texts_[i].c_str());
  }
  outputs_.assign(count, nullptr);
}

void Loaded::run() {
  release_outputs();
  OrtStatus* status = Run(library_->api(), session_, nullptr, input_names_.data(), inputs_.data(),
                          inputs_.size(), output_names_.data(), output_names_.size(), outputs_.data());
  if (status != nullptr) library_->check(status, model_);
}

std::vector<TensorValue> Loaded::outputs() const {
  const OrtApi* api = library_->api();
  std::vector<TensorValue> values;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    int kind = 0;
    if (outputs_[i] == nullptr) continue;
    library_->check(GetValueType(api, outputs_[i], &kind), model_);
    if (kind != kTensorValue) continue;
    OrtTensorTypeAndShapeInfo* info = nullptr;
    library_->check(GetTensorTypeAndShape(api, outputs_[i], &info), model_);
    TensorValue value;
    value.name = output_texts_[i];
    int type = 0;
    std::size_t rank = 0;
    library_->check(GetTensorElementType(api, info, &type), model_);
    library_->check(GetDimensionsCount(api, info, &rank), model_);
    value.sizes.resize(rank);
    library_->check(GetDimensions(api, info, value.sizes.data(), rank), model_);
    ReleaseTensorTypeAndShapeInfo(api, info);
    value.dtype = static_cast<DataType>(type);
    std::int64_t elements = 1;
    for (const std::int64_t size : value.sizes) elements *= size;
    const std::int64_t bytes = value.dtype == DataType::string ? 0 : bytes_of(value.dtype, elements);
    void* data = nullptr;
    library_->check(GetTensorMutableData(api, outputs_[i], &data), model_);
    value.bytes.resize(static_cast<std::size_t>(bytes));
    if (bytes > 0) std::memcpy(value.bytes.data(), data, value.bytes.size());
    values.push_back(std::move(value));
  }
  return values;
}

std::optional<Bytes> Loaded::arena() const {
  if (!library_->has_stats()) return std::nullopt;
  const OrtApi* api = library_->api();
  OrtAllocator* allocator = nullptr;
  library_->check(CreateAllocator(api, session_, memory_, &allocator), model_);
  OrtKeyValuePairs* stats = nullptr;
  OrtStatus* status = AllocatorGetStats(api, allocator, &stats);
  std::optional<Bytes> found;
  if (status != nullptr) {
    ReleaseStatus(api, status);  // without an arena there are no statistics
  } else {
    Names keys = nullptr;
    Names values = nullptr;
    std::size_t count = 0;
    GetKeyValuePairs(api, stats, &keys, &values, &count);
    for (std::size_t i = 0; i < count; ++i) {
      if (std::string_view(keys[i]) != "MaxInUse") continue;
      const std::string_view text = values[i];
      std::int64_t bytes = 0;
      std::from_chars(text.data(), text.data() + text.size(), bytes);
      found = Bytes{bytes};
    }
    ReleaseKeyValuePairs(api, stats);
  }
  ReleaseAllocator(api, allocator);
  return found;
}

std::string Loaded::end_profile() {
  const OrtApi* api = library_->api();
  OrtAllocator* allocator = nullptr;
  library_->check(GetAllocatorWithDefaultOptions(api, &allocator), model_);
  char* path = nullptr;
  library_->check(SessionEndProfiling(api, session_, allocator, &path), model_);
  std::string text = path;
  library_->check(AllocatorFree(api, allocator, path), model_);
  return text;
}

void Loaded::release_outputs() {
  for (OrtValue*& value : outputs_) {
    if (value != nullptr) ReleaseValue(library_->api(), value);
    value = nullptr;
  }
}

void Loaded::release() {
  const OrtApi* api = library_->api();
  release_outputs();
  for (OrtValue* value : inputs_) {
    if (value != nullptr) ReleaseValue(api, value);
  }
  if (memory_ != nullptr) ReleaseMemoryInfo(api, memory_);
  if (session_ != nullptr) ReleaseSession(api, session_);
}

}  // namespace foretime::ort
