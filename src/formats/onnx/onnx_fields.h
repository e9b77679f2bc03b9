#pragma once

// Field numbers of onnx.proto, the ones that are read or written here (https://github.com/onnx/onnx,
// onnx.proto3).

#include "formats/protobuf/protobuf.h"

namespace foretime::onnx {

enum class Model : protozero::pbf_tag_type {
  ir_version = 1,
  producer_name = 2,
  producer_version = 3,
  domain = 4,
  model_version = 5,
  doc_string = 6,
  graph = 7,
  opset_import = 8,
  metadata_props = 14,
  training_info = 20,
  functions = 25,
  configuration = 26,
};

enum class OperatorSet : protozero::pbf_tag_type { domain = 1, version = 2 };
enum class Entry : protozero::pbf_tag_type { key = 1, value = 2 };

enum class GraphField : protozero::pbf_tag_type {
  node = 1,
  name = 2,
  initializer = 5,
  input = 11,
  output = 12,
  value_info = 13,
  sparse_initializer = 15,
};

enum class NodeField : protozero::pbf_tag_type {
  input = 1,
  output = 2,
  name = 3,
  op_type = 4,
  attribute = 5,
  domain = 7,
  overload = 8,
  metadata_props = 9,
};

enum class AttributeField : protozero::pbf_tag_type {
  name = 1,
  f = 2,
  i = 3,
  s = 4,
  t = 5,
  g = 6,
  floats = 7,
  ints = 8,
  strings = 9,
  type = 20,
  ref_attr_name = 21,
};
/// AttributeProto.AttributeType.
enum class AttributeType {
  undefined = 0,
  f = 1,
  i = 2,
  s = 3,
  t = 4,
  g = 5,
  floats = 6,
  ints = 7,
  strings = 8
};

enum class TensorField : protozero::pbf_tag_type {
  dims = 1,
  data_type = 2,
  float_data = 4,
  int32_data = 5,
  string_data = 6,
  int64_data = 7,
  name = 8,
  raw_data = 9,
  double_data = 10,
  uint64_data = 11,
  external_data = 13,
  data_location = 14,
};

enum class SparseField : protozero::pbf_tag_type { values = 1, indices = 2, dims = 3 };

enum class ValueInfo : protozero::pbf_tag_type { name = 1, type = 2 };
enum class TypeField : protozero::pbf_tag_type {
  tensor = 1,
  sequence = 4,
  map = 5,
  sparse_tensor = 8,
  optional = 9
};
enum class TensorTypeField : protozero::pbf_tag_type { elem_type = 1, shape = 2 };
enum class ShapeField : protozero::pbf_tag_type { dim = 1 };
enum class DimField : protozero::pbf_tag_type { dim_value = 1, dim_param = 2 };

enum class FunctionField : protozero::pbf_tag_type {
  name = 1,
  input = 4,
  output = 5,
  attribute = 6,
  node = 7,
  opset_import = 9,
  domain = 10,
  attribute_proto = 11,
  overload = 13,
};

}  // namespace foretime::onnx
