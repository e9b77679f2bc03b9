#include "runtimes/tflite/compiled.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace foretime::litert {
namespace {

std::vector<std::int64_t> sizes_of(const RankedType& type) {
  return {type.layout.dimensions, type.layout.dimensions + type.layout.rank};
}

std::string described(const std::vector<std::int64_t>& sizes) {
  std::string text;
  for (const std::int64_t size : sizes) text += (text.empty() ? "" : ",") + std::to_string(size);
  return "[" + text + "]";
}

/// Text that LiteRT frees when it is done with it.
void* owned_copy(const std::string& text) {
  void* copy = std::malloc(text.size() + 1);
  if (copy != nullptr) std::memcpy(copy, text.c_str(), text.size() + 1);
  return copy;
}

}  // namespace

DataType data_type_of(int element) {
  switch (element) {
    case 1:
      return DataType::float32;
    case 2:
      return DataType::int32;
    case 3:
      return DataType::uint8;
    case 4:
      return DataType::int64;
    case 6:
      return DataType::boolean;
    case 7:
      return DataType::int16;
    case 9:
      return DataType::int8;
    case 10:
      return DataType::float16;
    case 11:
      return DataType::float64;
    default:
      return DataType::undefined;
  }
}

std::vector<std::byte> fitted(const TensorValue& value, const std::vector<std::int64_t>& sizes) {
  if (value.sizes == sizes) return value.bytes;
  std::vector<std::int64_t> last = value.sizes;
  if (last.size() > 2) std::rotate(last.begin() + 1, last.begin() + 2, last.end());
  if (last != sizes) {
    throw Error("input " + value.name, "has sizes " + described(value.sizes),
                described(sizes) + ", or that with the channels in front");
  }
  // Batches of channels × positions, to positions × channels.
  std::size_t positions = 1;
  for (std::size_t i = 2; i < value.sizes.size(); ++i) positions *= static_cast<std::size_t>(value.sizes[i]);
  const auto batches = static_cast<std::size_t>(value.sizes[0]);
  const auto channels = static_cast<std::size_t>(value.sizes[1]);
  const std::size_t count = batches * channels * positions;
  if (count == 0) return {};
  const std::size_t width = value.bytes.size() / count;
  std::vector<std::byte> out(value.bytes.size());
  for (std::size_t b = 0; b < batches; ++b) {
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t p = 0; p < positions; ++p) {
        std::memcpy(out.data() + ((b * positions + p) * channels + c) * width,
                    value.bytes.data() + ((b * channels + c) * positions + p) * width, width);
      }
    }
  }
  return out;
}

Compiled::Compiled(std::shared_ptr<const Library> library, const SessionRequest& request, bool profiling)
    : library_(std::move(library)), model_path_(request.model) {
  const Functions& api = library_->api();
  const EnvironmentOption settings[] = {{kCpuOnlyTag, {kAnyInteger, {1}}}, {kLogTag, {kAnyInteger, {3}}}};
  check(api.CreateEnvironment(std::size(settings), settings, &environment_), "start");
  check(api.CreateModelFromFile(environment_, model_path_.c_str(), &model_), "read the model");
  add_options(request, profiling);
  check(api.CreateCompiledModel(environment_, model_, options_, &compiled_), "run this model");
  check(api.GetModelSignature(model_, 0, &signature_), "find the model's inputs");
  add_ports(request);
  if (profiling) check(api.CompiledModelGetProfiler(compiled_, &profiler_), "profile");
}

Compiled::~Compiled() {
  const Functions& api = library_->api();
  for (const Port& port : inputs_) api.DestroyTensorBuffer(port.buffer);
  for (const Port& port : outputs_) api.DestroyTensorBuffer(port.buffer);
  if (compiled_ != nullptr) api.DestroyCompiledModel(compiled_);
  if (options_ != nullptr) api.DestroyOptions(options_);
  if (model_ != nullptr) api.DestroyModel(model_);
  if (environment_ != nullptr) api.DestroyEnvironment(environment_);
}

void Compiled::add_text(const char* id, const std::string& text) {
  const Functions& api = library_->api();
  Handle opaque = nullptr;
  check(api.CreateOpaqueOptions(id, owned_copy(text), std::free, &opaque), "take options");
  check(api.AddOpaqueOptions(options_, opaque), "take options");
}

void Compiled::add_options(const SessionRequest& request, bool profiling) {
  const Functions& api = library_->api();
  check(api.CreateOptions(&options_), "take options");
  check(api.SetOptionsHardwareAccelerators(options_, kCpu), "take options");
  const bool builtin = request.provider == "CPU";
  const std::string mode = builtin ? "kernel_mode = \"builtin\"\n" : "";
  add_text("xnnpack", "num_threads = " + std::to_string(request.threads) + "\n" + mode);
  if (builtin) add_text("cpu_delegate", mode);
  if (profiling) add_text("runtime_options_string", "enable_profiling = true\n");
}

Port Compiled::port(std::size_t i, bool input) {
  const Functions& api = library_->api();
  Handle tensor = nullptr;
  check(input ? api.GetSignatureInputTensorByIndex(signature_, i, &tensor)
              : api.GetSignatureOutputTensorByIndex(signature_, i, &tensor),
        "describe its tensors");
  const char* name = nullptr;
  Port out;
  check(api.GetTensorName(tensor, &name), "describe its tensors");
  check(api.GetRankedTensorType(tensor, &out.type), "describe its tensors");
  if (name != nullptr) out.name = name;
  return out;
}

void Compiled::allocate(Port& port, std::size_t i, bool input) {
  const Functions& api = library_->api();
  Handle requirements = nullptr;
  check(input ? api.GetCompiledModelInputBufferRequirements(compiled_, 0, i, &requirements)
              : api.GetCompiledModelOutputBufferRequirements(compiled_, 0, i, &requirements),
        "say what memory it needs");
  check(api.GetTensorBufferRequirementsBufferSize(requirements, &port.bytes), "say what memory it needs");
  check(api.CreateManagedTensorBuffer(environment_, kHostMemory, &port.type, port.bytes, &port.buffer),
        "allocate memory");
}

void Compiled::fill(const Port& port, const TensorValue& value) {
  const Functions& api = library_->api();
  if (value.dtype != data_type_of(port.type.element)) {
    throw Error("input " + value.name, "is " + std::string(name_of(value.dtype)),
                std::string(name_of(data_type_of(port.type.element))));
  }
  const std::vector<std::byte> bytes = fitted(value, sizes_of(port.type));
  if (bytes.size() > port.bytes) {
    throw Error("input " + value.name, "has " + std::to_string(bytes.size()) + " bytes",
                std::to_string(port.bytes));
  }
  void* memory = nullptr;
  check(api.LockTensorBuffer(port.buffer, &memory, kWrite), "be given inputs");
  if (!bytes.empty()) std::memcpy(memory, bytes.data(), bytes.size());
  check(api.UnlockTensorBuffer(port.buffer), "be given inputs");
}

void Compiled::add_ports(const SessionRequest& request) {
  const Functions& api = library_->api();
  std::size_t count = 0;
  check(api.GetNumSignatureInputs(signature_, &count), "describe its tensors");
  if (count != request.inputs.size()) {
    throw Error(model_path_, "has " + std::to_string(count) + " inputs",
                std::to_string(request.inputs.size()) + " are given");
  }
  std::vector<const TensorValue*> values;
  for (std::size_t i = 0; i < count; ++i) {
    inputs_.push_back(port(i, true));
    Port& made = inputs_.back();
    const auto named = std::find_if(request.inputs.begin(), request.inputs.end(),
                                    [&](const TensorValue& value) { return value.name == made.name; });
    // Names that a file left out are made up in different ways; then the order tells.
    values.push_back(named == request.inputs.end() ? &request.inputs[i] : &*named);
    const std::vector<std::int64_t> sizes = sizes_of(made.type);
    const bool open = std::any_of(sizes.begin(), sizes.end(), [](std::int64_t size) { return size < 0; });
    if (open && values.back()->sizes.size() == sizes.size()) {
      const std::vector<int> wanted(values.back()->sizes.begin(), values.back()->sizes.end());
      check(api.CompiledModelResizeInputTensor(compiled_, 0, i, wanted.data(), wanted.size()),
            "take inputs of these sizes");
      std::copy(wanted.begin(), wanted.end(), made.type.layout.dimensions);
    }
  }
  check(api.GetNumSignatureOutputs(signature_, &count), "describe its tensors");
  std::vector<Layout> layouts(count);
  check(api.GetCompiledModelOutputTensorLayouts(compiled_, 0, count, layouts.data(), true),
        "say what it gives");
  for (std::size_t i = 0; i < count; ++i) {
    outputs_.push_back(port(i, false));
    outputs_.back().type.layout = layouts[i];
  }
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    allocate(inputs_[i], i, true);
    fill(inputs_[i], *values[i]);
    input_buffers_.push_back(inputs_[i].buffer);
  }
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    allocate(outputs_[i], i, false);
    output_buffers_.push_back(outputs_[i].buffer);
  }
}

void Compiled::run() {
  check(library_->api().RunCompiledModel(compiled_, 0, input_buffers_.size(), input_buffers_.data(),
                                         output_buffers_.size(), output_buffers_.data()),
        "run this model");
}

std::vector<TensorValue> Compiled::outputs() {
  const Functions& api = library_->api();
  std::vector<TensorValue> values;
  for (const Port& port : outputs_) {
    TensorValue value{port.name, data_type_of(port.type.element), sizes_of(port.type), {}};
    std::int64_t count = 1;
    for (const std::int64_t size : value.sizes) count *= size;
    const auto wanted = static_cast<std::size_t>(bytes_of(value.dtype, count));
    value.bytes.resize(std::min(wanted, port.bytes));
    void* memory = nullptr;
    check(api.LockTensorBuffer(port.buffer, &memory, kRead), "hand out what it computed");
    if (!value.bytes.empty()) std::memcpy(value.bytes.data(), memory, value.bytes.size());
    check(api.UnlockTensorBuffer(port.buffer), "hand out what it computed");
    values.push_back(std::move(value));
  }
  return values;
}

}  // namespace foretime::litert
