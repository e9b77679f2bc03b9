#include "formats/tflite/tflite_writer.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/error.h"
#include "base/mapped_file.h"
#include "formats/tflite/lowering.h"
#include "formats/tflite/operators.h"
#include "formats/tflite/quantize.h"

namespace foretime::tflite {
namespace {

constexpr std::uint32_t kVersion = 3;
// Offsets of FlatBuffers are signed and of 32 bits; tables and names need room, too.
constexpr std::uint64_t kMostBytes = 2'000'000'000;

template <typename T>
using Offset = flatbuffers::Offset<T>;

class Writer {
 public:
  explicit Writer(const OutModel& model) : model_(model) {}

  std::string bytes();

 private:
  Offset<schema::Tensor> tensor(const OutTensor& tensor);
  Offset<schema::Operator> operation(const OutOperator& operation);
  std::vector<Offset<schema::OperatorCode>> codes();
  std::uint32_t buffer(const OutTensor& tensor);

  const OutModel& model_;
  flatbuffers::FlatBufferBuilder builder_{1 << 16};
  std::vector<Offset<schema::Buffer>> buffers_;
  std::map<std::string_view, std::uint32_t> codes_;
  std::vector<std::string_view> code_names_;
};

/// Buffer 0 is the empty one.
std::uint32_t Writer::buffer(const OutTensor& tensor) {
  if (!tensor.values && !tensor.no_values) return 0;
  Offset<flatbuffers::Vector<std::uint8_t>> data;
  if (!tensor.no_values) {
    const std::string bytes = tensor.values();
    if (builder_.GetSize() + bytes.size() > kMostBytes) {
      throw Error(model_.name, "the weights take 2 GB or more", "a smaller model: TFLite files end there");
    }
    builder_.ForceVectorAlignment(bytes.size(), 1, 16);
    data = builder_.CreateVector(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  }
  buffers_.push_back(schema::CreateBuffer(builder_, data));
  return static_cast<std::uint32_t>(buffers_.size()) - 1;
}

Offset<schema::Tensor> Writer::tensor(const OutTensor& tensor) {
  const std::uint32_t place = buffer(tensor);
  const std::vector<std::int32_t> shape(tensor.shape.begin(), tensor.shape.end());
  Offset<schema::QuantizationParameters> quantization;
  if (tensor.quantization) {
    std::vector<std::int64_t> zeros = tensor.quantization->zero_points;
    zeros.resize(tensor.quantization->scales.size(), 0);
    const auto scales = builder_.CreateVector(tensor.quantization->scales);
    const auto points = builder_.CreateVector(zeros);
    quantization = schema::CreateQuantizationParameters(builder_, 0, 0, scales, points, 0, 0,
                                                        static_cast<std::int32_t>(tensor.quantization->axis));
  }
  const auto sizes = builder_.CreateVector(shape);
  const auto name = builder_.CreateString(tensor.name);
  return schema::CreateTensor(builder_, sizes, tensor_type_of(tensor.dtype), place, name, quantization, false,
                              0, 0, true);
}

Offset<schema::Operator> Writer::operation(const OutOperator& operation) {
  const auto [found, fresh] = codes_.emplace(operation.op, static_cast<std::uint32_t>(codes_.size()));
  if (fresh) code_names_.push_back(operation.op);
  Offset<void> options;
  if (operation.options.kind != schema::BuiltinOptions::NONE) {
    options =
        operation.options.make ? operation.options.make(builder_) : schema::CreateNothing(builder_).Union();
  }
  const auto inputs = builder_.CreateVector(operation.inputs);
  const auto outputs = builder_.CreateVector(operation.outputs);
  return schema::CreateOperator(builder_, found->second, inputs, outputs, operation.options.kind, options);
}

/// Codes that do not fit into the byte of older files stand in the newer field, with 127 in the byte.
std::vector<Offset<schema::OperatorCode>> Writer::codes() {
  std::vector<Offset<schema::OperatorCode>> codes;
  for (const std::string_view name : code_names_) {
    const std::int32_t code = code_of(name);
    // LiteRT knows each of them by its first version, but this one by its second.
    const int version = name == "BROADCAST_TO" ? 2 : 1;
    codes.push_back(
        schema::CreateOperatorCode(builder_, static_cast<std::int8_t>(std::min(code, 127)), 0, version, code));
  }
  return codes;
}

std::string Writer::bytes() {
  buffers_.push_back(schema::CreateBuffer(builder_));
  std::vector<Offset<schema::Tensor>> tensors;
  for (const OutTensor& each : model_.tensors) tensors.push_back(tensor(each));
  std::vector<Offset<schema::Operator>> operators;
  for (const OutOperator& each : model_.operators) operators.push_back(operation(each));

  const auto name = builder_.CreateString(model_.name);
  const auto all_tensors = builder_.CreateVector(tensors);
  const auto inputs = builder_.CreateVector(model_.inputs);
  const auto outputs = builder_.CreateVector(model_.outputs);
  const auto all_operators = builder_.CreateVector(operators);
  const auto subgraph = schema::CreateSubGraph(builder_, all_tensors, inputs, outputs, all_operators, name);
  const auto all_codes = builder_.CreateVector(codes());
  const auto subgraphs = builder_.CreateVector(std::vector{subgraph});
  const auto description = builder_.CreateString("foretime");
  const auto buffers = builder_.CreateVector(buffers_);
  schema::FinishModelBuffer(
      builder_, schema::CreateModel(builder_, kVersion, all_codes, subgraphs, description, buffers));
  return {reinterpret_cast<const char*>(builder_.GetBufferPointer()), builder_.GetSize()};
}

}  // namespace

std::string to_tflite(const Graph& graph, const WriteOptions& options) {
  Lowering lowering(graph, {options.weights, options.seed});
  const OutModel model = without_unused(options.int8 ? quantized(lowering.run()) : lowering.run());
  return Writer(model).bytes();
}

void write_tflite(const Graph& graph, const std::string& path, const WriteOptions& options) {
  write_file(path, to_tflite(graph, options));
}

}  // namespace foretime::tflite
