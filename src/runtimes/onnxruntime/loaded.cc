#include "runtimes/onnxruntime/loaded.h"

#include <charconv>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace foretime::ort {
namespace {

// Names of optimisation levels, and their numbers.
constexpr std::string_view kLevels[] = {"none", "basic", "extended", "layout", "all"};
constexpr int kLevelNumbers[] = {0, 1, 2, 3, 99};

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
  options.set(SetInterOpNumThreads, option_count(request, "inter-threads"));
  options.set(SetSessionGraphOptimizationLevel,
              kLevelNumbers[option_choice(request, "optimization", "all", kLevels)]);
  if (!option_on(request, "arena")) options.set(DisableCpuMemArena);
  if (!option_on(request, "mem-pattern")) options.set(DisableMemPattern);
  options.set(AddSessionConfigEntry, "session.intra_op.allow_spinning",
              option_on(request, "spinning") ? "1" : "0");
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
    provider_ = request.provider.empty()
                    ? "CPU"
                    : provider_named(request.provider, library_->providers(), library_->path());
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
