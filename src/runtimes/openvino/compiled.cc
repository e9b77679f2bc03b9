#include "runtimes/openvino/compiled.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace foretime::openvino {
namespace {

constexpr std::string_view kPrecisions[] = {"f32", "bf16", "f16"};
constexpr std::string_view kHints[] = {"latency", "throughput"};
constexpr const char* kHintValues[] = {"LATENCY", "THROUGHPUT"};

// OpenVINO's numbers of element types, which are in the order of its header.
constexpr std::pair<DataType, int> kTypes[] = {
    {DataType::boolean, 1},    {DataType::bfloat16, 2}, {DataType::float16, 3}, {DataType::float32, 4},
    {DataType::float64, 5},    {DataType::int4, 6},     {DataType::int8, 7},    {DataType::int16, 8},
    {DataType::int32, 9},      {DataType::int64, 10},   {DataType::uint4, 14},  {DataType::uint8, 16},
    {DataType::uint16, 17},    {DataType::uint32, 18},  {DataType::uint64, 19}, {DataType::float8e4m3fn, 21},
    {DataType::float8e5m2, 22}};

int element_of(const TensorValue& value, const std::string& model) {
  for (const auto& [type, element] : kTypes) {
    if (type == value.dtype) return element;
  }
  throw Error(model + ": input " + value.name,
              "OpenVINO has no tensors of " + std::string(name_of(value.dtype)), "numbers");
}

DataType type_of(int element) {
  for (const auto& [type, number] : kTypes) {
    if (number == element) return type;
  }
  return DataType::undefined;
}

std::string device_named(const Library& library, Handle core, const std::string& wanted) {
  if (wanted.empty()) return "CPU";
  Devices devices{};
  library.check(library.api().core_get_available_devices(core, &devices), library.path());
  const std::vector<std::string> names(devices.names, devices.names + devices.count);
  library.api().available_devices_free(&devices);
  return provider_named(wanted, names, library.path());
}

// An exported model's text goes through this, and nowhere else is it to be had: the interface offers no way
// to walk a model. It hands over nothing but the text, so the place to put it is the thread's.
thread_local std::string* exported_text = nullptr;

void copy_out(const char* from, std::size_t size, char* to, std::size_t* result) {
  if (to != nullptr) std::memcpy(to, from, size);
  *result = size;
  if (exported_text != nullptr) exported_text->assign(from, size);
}

const EncryptionCallbacks kCopyOut = {copy_out, copy_out};

}  // namespace

Compiled::Compiled(std::shared_ptr<const Library> library, const SessionRequest& request, bool profiling)
    : library_(std::move(library)), model_path_(request.model), contents_(request.inputs) {
  const Functions& api = library_->api();
  try {
    check(api.core_create(&core_));
    device_ = device_named(*library_, core_, request.provider);
    configure(request, profiling);
    check(api.core_read_model(core_, model_path_.c_str(), nullptr, &model_));
    bind_sizes(contents_);
    check(api.core_compile_model(core_, model_, device_.c_str(), 0, &compiled_));
    check(api.compiled_model_create_infer_request(compiled_, &request_));
    bind_inputs();
  } catch (...) {
    release();
    throw;
  }
}

Compiled::~Compiled() {
  release();
}

void Compiled::configure(const SessionRequest& request, bool profiling) {
  set("INFERENCE_PRECISION_HINT",
      kPrecisions[option_choice(request, "precision", "f32", kPrecisions)].data());
  set("PERFORMANCE_HINT", kHintValues[option_choice(request, "hint", "latency", kHints)]);
  set("NUM_STREAMS", std::to_string(option_count(request, "streams")).c_str());
  const bool pinning = option_on(request, "pinning", "off");
  if (device_ == "CPU") {
    set("INFERENCE_NUM_THREADS", std::to_string(request.threads).c_str());
    set("ENABLE_CPU_PINNING", pinning ? "YES" : "NO");
  }
  if (!profiling) return;
  set("PERF_COUNT", "YES");
  set("CACHE_ENCRYPTION_CALLBACKS", &kCopyOut);
}

void Compiled::set(const char* key, const void* value) {
  library_->check(library_->api().core_set_property(core_, device_.c_str(), key, value),
                  device_ + ": " + key);
}

/// Sizes that the model leaves open become those of the inputs.
void Compiled::bind_sizes(const std::vector<TensorValue>& inputs) {
  if (!library_->api().model_is_dynamic(model_)) return;
  std::vector<std::vector<Dimension>> dimensions(inputs.size());
  std::vector<PartialShape> shapes;
  std::vector<const char*> names;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    for (const std::int64_t size : inputs[i].sizes) dimensions[i].push_back({size, size});
    const auto rank = static_cast<std::int64_t>(dimensions[i].size());
    shapes.push_back({{rank, rank}, dimensions[i].data()});
    names.push_back(inputs[i].name.c_str());
  }
  check(library_->api().model_reshape(model_, names.data(), shapes.data(), names.size()));
}

void Compiled::bind_inputs() {
  const Functions& api = library_->api();
  for (TensorValue& value : contents_) {
    const int element = element_of(value, model_path_);
    const std::string where = model_path_ + ": input " + value.name;
    Handle tensor = nullptr;
    library_->check(api.tensor_create_from_host_ptr(
                        element, {static_cast<std::int64_t>(value.sizes.size()), value.sizes.data()},
                        value.bytes.data(), &tensor),
                    where);
    const Status status = api.infer_request_set_tensor(request_, value.name.c_str(), tensor);
    api.tensor_free(tensor);  // the request holds it on
    library_->check(status, where);
  }
}

void Compiled::run() {
  if (const Status status = library_->api().infer_request_infer(request_); status != 0) check(status);
}

std::vector<TensorValue> Compiled::outputs() const {
  const Functions& api = library_->api();
  std::size_t count = 0;
  check(api.compiled_model_outputs_size(compiled_, &count));
  std::vector<TensorValue> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    Handle tensor = nullptr;
    check(api.infer_request_get_output_tensor_by_index(request_, i, &tensor));
    int element = 0;
    Shape shape{};
    std::size_t bytes = 0;
    void* data = nullptr;
    check(api.tensor_get_element_type(tensor, &element));
    check(api.tensor_get_shape(tensor, &shape));
    check(api.tensor_get_byte_size(tensor, &bytes));
    check(api.tensor_data(tensor, &data));
    values[i].dtype = type_of(element);
    values[i].sizes.assign(shape.sizes, shape.sizes + shape.rank);
    values[i].bytes.resize(bytes);
    if (bytes > 0) std::memcpy(values[i].bytes.data(), data, bytes);
    (void)api.shape_free(&shape);
    api.tensor_free(tensor);
  }
  return values;
}

std::string Compiled::property(const char* key) const {
  char* value = nullptr;
  check(library_->api().compiled_model_get_property(compiled_, key, &value));
  return library_->take(value);
}

std::vector<Counter> Compiled::counters() const {
  ProfilingInfos list{};
  check(library_->api().infer_request_get_profiling_info(request_, &list));
  std::vector<Counter> counters;
  for (std::size_t i = 0; i < list.count; ++i) {
    const ProfilingInfo& info = list.infos[i];
    counters.push_back(
        {info.name, info.type, info.primitive, info.status == kExecuted, static_cast<double>(info.real_us)});
  }
  library_->api().profiling_info_list_free(&list);
  return counters;
}

std::string Compiled::executed_model() const {
  std::string text;
  exported_text = &text;
  const Status status = library_->api().compiled_model_export_model(compiled_, "/dev/null");
  exported_text = nullptr;
  check(status);
  return text;
}

void Compiled::release() {
  const Functions& api = library_->api();
  if (request_ != nullptr) api.infer_request_free(request_);
  if (compiled_ != nullptr) api.compiled_model_free(compiled_);
  if (model_ != nullptr) api.model_free(model_);
  if (core_ != nullptr) api.core_free(core_);
}

}  // namespace foretime::openvino
