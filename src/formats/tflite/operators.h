#pragma once

// TFLite's operators in ONNX's words. What ONNX has no like of stays itself in the domain "tflite"
// (ops/tflite.cc).
//
// Axes stay where TFLite has them, channels last: convolutions and poolings say so in `channels_last` and
// `weight_layout` (ops/conv_layout.h). An activation that an operator applies to its result is the attribute
// `activation` ("Relu", "Clip" with `activation_params` [low, high], "Tanh", "Sign"), as ONNX Runtime writes
// it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/tflite/model_file.h"
#include "graph/graph_builder.h"

namespace foretime::tflite {

constexpr const char* kDomain = "tflite";
constexpr const char* kCustomDomain = "tflite.custom";

/// One operator on its way: `node` begins with the inputs and outputs that the file states.
struct Translation {
  const schema::Operator& source;
  GraphBuilder& builder;
  Node node;

  /// The options, or their defaults where the file has none of this kind.
  template <typename T>
  const T& options(schema::BuiltinOptions kind) const {
    const bool there = source.builtin_options_type() == kind && source.builtin_options() != nullptr;
    return *static_cast<const T*>(there ? source.builtin_options() : no_fields());
  }
  std::size_t inputs() const { return node.inputs.size(); }
  bool has(std::size_t input) const;
  /// The sizes the file states; none when the input is left out.
  Shape shape(std::size_t input) const;
  DataType dtype(TensorId id) const { return builder[id].type.dtype; }
  /// What a constant input of integers holds.
  std::optional<std::vector<std::int64_t>> numbers(std::size_t input) const;
  /// A new constant, named after the first output.
  TensorId constant(std::string_view what, const std::vector<std::int64_t>& values);
  TensorId constant(std::string_view what, TensorType type, ConstantData data);
  /// TFLite's own operator after all, inputs as the file states them.
  void keep(std::string_view name);

 private:
  static const void* no_fields();
};

/// One of TFLite's builtin operators. The table is operators.cc.
struct Builtin {
  std::string_view name;
  std::string_view op = {};  // ONNX's; empty: none
  void (*translate)(Translation&) = nullptr;
};

/// Null: newer than this table.
const Builtin* find_builtin(std::int64_t code);

/// The code of an operator of the format. Error: there is none of that name.
std::int32_t code_of(std::string_view name);

}  // namespace foretime::tflite
