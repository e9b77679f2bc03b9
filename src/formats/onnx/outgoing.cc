#include "formats/onnx/outgoing.h"

#include <algorithm>
#include <utility>

namespace foretime::onnx {
namespace {

/// The values as they lie in the graph's memory, without what may lie behind them.
std::string_view kept_bytes(const Outgoing& constant) {
  const std::string_view bytes(reinterpret_cast<const char*>(constant.data->bytes.data()),
                               constant.data->bytes.size());
  if (constant.data->encoding != Encoding::raw) return bytes;
  const std::int64_t needed = bytes_of(constant.type->dtype, elements_of(*constant.type->shape));
  return bytes.substr(0, static_cast<std::size_t>(needed));
}

void add_strings(const Outgoing& constant, Message<TensorField>& tensor) {
  std::string_view rest = kept_bytes(constant);
  while (!rest.empty()) {
    const char* at = rest.data();
    const auto length = static_cast<std::size_t>(protozero::decode_varint(&at, rest.data() + rest.size()));
    rest.remove_prefix(static_cast<std::size_t>(at - rest.data()));
    tensor.add_bytes(TensorField::string_data, rest.data(), std::min(length, rest.size()));
    rest.remove_prefix(std::min(length, rest.size()));
  }
}

}  // namespace

TensorField values_field(const Outgoing& constant) {
  if (constant.content != Content::kept || constant.data->encoding == Encoding::raw)
    return TensorField::raw_data;
  switch (constant.type->dtype) {
    case DataType::int64:
      return TensorField::int64_data;
    case DataType::uint32:
    case DataType::uint64:
      return TensorField::uint64_data;
    default:
      return TensorField::int32_data;
  }
}

void append_key(std::string& bytes, protozero::pbf_tag_type field, std::uint64_t length) {
  constexpr std::uint64_t kLengthDelimited = 2;
  protozero::add_varint_to_buffer(&bytes, (std::uint64_t{field} << 3) | kLengthDelimited);
  protozero::add_varint_to_buffer(&bytes, length);
}

void make_fields(Outgoing& constant, std::string_view data_file) {
  constant.fields.clear();
  Message<TensorField> tensor(constant.fields);
  for (const Dim& dim : *constant.type->shape) tensor.add_int64(TensorField::dims, dim.number());
  tensor.add_int32(TensorField::data_type, static_cast<std::int32_t>(constant.type->dtype));
  if (!constant.name.empty()) tensor.add_string(TensorField::name, constant.name);
  if (constant.keeps_strings()) add_strings(constant, tensor);
  if (constant.offset) {
    add_entry(tensor, TensorField::external_data, "location", data_file);
    add_entry(tensor, TensorField::external_data, "offset", std::to_string(*constant.offset));
    add_entry(tensor, TensorField::external_data, "length", std::to_string(constant.size));
    tensor.add_enum(TensorField::data_location, 1);
  } else if (constant.size > 0) {
    append_key(constant.fields, static_cast<protozero::pbf_tag_type>(values_field(constant)), constant.size);
  }
}

void write_values(const Outgoing& constant, const WriteOptions& options, const Sink& sink) {
  if (constant.size == 0) return;
  if (constant.content == Content::kept) return sink(kept_bytes(constant));
  make_values(constant.stream, *constant.type, constant.purpose, options.weights, options.seed, sink);
}

Outgoing outgoing(std::string name, std::string stream, const TensorType& type, const ConstantData& data,
                  const Purpose& purpose, const WriteOptions& options) {
  Outgoing constant;
  constant.name = std::move(name);
  constant.stream = std::move(stream);
  constant.type = &type;
  constant.data = &data;
  constant.purpose = purpose;
  constant.content = content_of(constant.stream, type, data, purpose, options.weights);
  if (constant.content == Content::made) {
    constant.size = static_cast<std::uint64_t>(bytes_of(type.dtype, elements_of(*type.shape)));
  } else if (constant.content == Content::kept && !constant.keeps_strings()) {
    constant.size = kept_bytes(constant).size();
  }
  make_fields(constant, {});
  return constant;
}

std::string whole_tensor(const Outgoing& constant, const WriteOptions& options) {
  std::string bytes = constant.fields;
  write_values(constant, options, [&](std::string_view piece) { bytes += piece; });
  return bytes;
}

}  // namespace foretime::onnx
