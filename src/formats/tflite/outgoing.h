#pragma once

// A model on its way into a TFLite file: tensors and operators in the file's own terms.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "formats/tflite/model_file.h"
#include "graph/graph.h"

namespace foretime::tflite {

using Sizes = std::vector<std::int64_t>;

/// Where a tensor that is stored otherwise has its axes: stored axis i is axis perm[i] of the graph's tensor.
using Perm = std::vector<std::size_t>;

struct OutTensor {
  std::string name;
  Sizes shape;
  DataType dtype = DataType::float32;
  std::function<std::string()> values;  // the bytes of a constant; null: computed while running
  bool no_values = false;               // a constant that is written without them
  std::shared_ptr<const Quantization> quantization;
};

using OptionsMaker = std::function<flatbuffers::Offset<void>(flatbuffers::FlatBufferBuilder&)>;

struct Options {
  schema::BuiltinOptions kind = schema::BuiltinOptions::NONE;
  OptionsMaker make;  // null: no fields
};

struct OutOperator {
  std::string_view op;      // TFLite's name
  std::vector<int> inputs;  // -1: left out
  std::vector<int> outputs;
  Options options;
};

struct OutModel {
  std::string name;
  std::vector<OutTensor> tensors;
  std::vector<OutOperator> operators;  // in execution order
  std::vector<int> inputs;
  std::vector<int> outputs;
};

/// Without the tensors that no operator reads or makes.
OutModel without_unused(OutModel model);

/// The bytes of a tensor of these sizes, its axes permuted.
std::string permuted(std::string_view bytes, std::size_t element, const Sizes& sizes, const Perm& perm);

Perm identity(std::size_t rank);
/// Batch, space, channels.
Perm channels_last(std::size_t rank);
Sizes permuted(const Sizes& sizes, const Perm& perm);
std::int64_t count(const Sizes& sizes);

}  // namespace foretime::tflite
