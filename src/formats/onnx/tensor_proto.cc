#include "formats/onnx/tensor_proto.h"

#include <charconv>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/error.h"
#include "formats/onnx/onnx_fields.h"

namespace foretime::onnx {
namespace {

std::span<const std::byte> bytes_in(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

/// The fields of a TensorProto, not yet put together.
struct Fields {
  std::string name;
  std::vector<std::int64_t> dims;
  std::int64_t data_type = 0;
  std::string_view raw;
  bool has_raw = false;
  std::string_view packed;         // of whichever typed field is there, when it stands in one piece
  std::vector<std::byte> loose;    // of a typed field written element by element
  bool varint = false;             // the typed field holds varints (int32_data, int64_data, uint64_data)
  std::vector<std::byte> strings;  // as Encoding::strings
  std::map<std::string, std::string, std::less<>> external;
  bool external_location = false;
};

void append_varint(std::vector<std::byte>& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::byte>((value & 0x7f) | 0x80));
  out.push_back(static_cast<std::byte>(value));
}

template <typename T>
void append_fixed(std::vector<std::byte>& out, T value) {
  const auto* begin = reinterpret_cast<const std::byte*>(&value);
  out.insert(out.end(), begin, begin + sizeof(T));
}

/// A typed data field: packed in one piece (the rule), which is located, or in several pieces or elements
/// (old writers), which are put together.
void read_typed(protozero::pbf_message<TensorField>& message, Fields& fields, bool varint) {
  fields.varint = varint;
  const bool packed = message.wire_type() == protozero::pbf_wire_type::length_delimited;
  if (packed && fields.packed.empty() && fields.loose.empty()) {
    fields.packed = view(message.get_view());
    return;
  }
  if (!fields.packed.empty()) {
    const auto first = bytes_in(std::exchange(fields.packed, {}));
    fields.loose.assign(first.begin(), first.end());
  }
  switch (message.wire_type()) {
    case protozero::pbf_wire_type::length_delimited: {
      const auto more = bytes_in(view(message.get_view()));
      fields.loose.insert(fields.loose.end(), more.begin(), more.end());
      return;
    }
    case protozero::pbf_wire_type::varint:
      return append_varint(fields.loose, message.get_uint64());
    case protozero::pbf_wire_type::fixed32:
      return append_fixed(fields.loose, message.get_fixed32());
    case protozero::pbf_wire_type::fixed64:
      return append_fixed(fields.loose, message.get_fixed64());
    default:
      message.skip();
  }
}

void read_external(std::string_view bytes, Fields& fields) {
  std::string key;
  std::string value;
  protozero::pbf_message<Entry> entry(bytes.data(), bytes.size());
  while (entry.next()) {
    switch (entry.tag()) {
      case Entry::key:
        key = entry.get_string();
        break;
      case Entry::value:
        value = entry.get_string();
        break;
      default:
        entry.skip();
    }
  }
  fields.external.insert_or_assign(std::move(key), std::move(value));
}

template <typename Message, typename Add>
void read_ints(Message& message, Add add) {
  if (message.wire_type() == protozero::pbf_wire_type::length_delimited) {
    for (const std::int64_t value : message.get_packed_int64()) add(value);
  } else {
    add(message.get_int64());
  }
}

Fields read_fields(std::string_view bytes) {
  Fields fields;
  protozero::pbf_message<TensorField> message(bytes.data(), bytes.size());
  while (message.next()) {
    switch (message.tag()) {
      case TensorField::name:
        fields.name = message.get_string();
        break;
      case TensorField::dims:
        read_ints(message, [&](std::int64_t dim) { fields.dims.push_back(dim); });
        break;
      case TensorField::data_type:
        fields.data_type = message.get_int32();
        break;
      case TensorField::raw_data:
        fields.raw = view(message.get_view());
        fields.has_raw = true;
        break;
      case TensorField::float_data:
      case TensorField::double_data:
        read_typed(message, fields, false);
        break;
      case TensorField::int32_data:
      case TensorField::int64_data:
      case TensorField::uint64_data:
        read_typed(message, fields, true);
        break;
      case TensorField::string_data: {
        const std::string_view text = view(message.get_view());
        append_varint(fields.strings, text.size());
        const auto characters = bytes_in(text);
        fields.strings.insert(fields.strings.end(), characters.begin(), characters.end());
        break;
      }
      case TensorField::external_data:
        read_external(view(message.get_view()), fields);
        break;
      case TensorField::data_location:
        fields.external_location = message.get_int32() == 1;
        break;
      default:
        message.skip();
    }
  }
  return fields;
}

TensorType type_of(const Fields& fields, const std::string& where) {
  if (fields.data_type <= 0 || fields.data_type >= kDataTypes) {
    throw Error(where, "has data type " + std::to_string(fields.data_type),
                "1 to " + std::to_string(kDataTypes - 1));
  }
  Shape shape;
  for (const std::int64_t dim : fields.dims) {
    if (dim < 0) throw Error(where, "has the size " + std::to_string(dim), "0 or more");
    shape.emplace_back(dim);
  }
  if (shape.size() > 64) throw Error(where, "has rank " + std::to_string(shape.size()), "at most 64");
  return {static_cast<DataType>(fields.data_type), std::move(shape), false};
}

std::size_t number_in(const Fields& fields, std::string_view key, std::size_t otherwise,
                      const std::string& where) {
  const auto found = fields.external.find(key);
  if (found == fields.external.end()) return otherwise;
  const std::string& text = found->second;
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw Error(where, "its external data have the " + std::string(key) + " '" + text + "'",
                "a number of bytes");
  }
  return value;
}

ConstantData external_data(const Fields& fields, std::int64_t bytes, ExternalFiles& external,
                           const std::string& where) {
  const auto location = fields.external.find("location");
  if (location == fields.external.end()) throw Error(where, "names no file for its external data");
  const auto file = external.open(location->second, where);
  const std::size_t offset = number_in(fields, "offset", 0, where);
  const std::size_t length = number_in(fields, "length", static_cast<std::size_t>(bytes), where);
  const std::size_t size = file->bytes().size();
  if (offset > size || length > size - offset) {
    throw Error(where,
                "its external data are " + std::to_string(length) + " bytes at offset " +
                    std::to_string(offset) + " of '" + file->path() + "'",
                "the file has " + std::to_string(size) + " bytes");
  }
  ConstantData data;
  data.encoding = Encoding::raw;
  data.bytes = file->bytes().subspan(offset, length);
  data.keeper = file;
  return data;
}

ConstantData data_of(Fields& fields, const TensorType& type, const std::shared_ptr<const MappedFile>& file,
                     ExternalFiles& external, const std::string& where) {
  const std::int64_t elements = elements_of(*type.shape);
  const std::int64_t bytes = bytes_of(type.dtype, elements);
  ConstantData data;
  data.keeper = file;
  if (fields.external_location) {
    data = external_data(fields, bytes, external, where);
  } else if (fields.has_raw && !fields.raw.empty()) {
    data.encoding = Encoding::raw;
    data.bytes = bytes_in(fields.raw);
  } else if (!fields.strings.empty()) {
    data = ConstantData::owning(std::move(fields.strings));
    data.encoding = Encoding::strings;
  } else if (!fields.loose.empty()) {
    data = ConstantData::owning(std::move(fields.loose));
    data.encoding = fields.varint ? Encoding::varint : Encoding::raw;
  } else if (!fields.packed.empty()) {
    data.encoding = fields.varint ? Encoding::varint : Encoding::raw;
    data.bytes = bytes_in(fields.packed);
  } else {
    data.encoding = elements == 0 ? Encoding::raw : Encoding::omitted;
  }
  if (data.encoding == Encoding::raw && std::cmp_less(data.bytes.size(), bytes)) {
    throw Error(where, "holds " + std::to_string(data.bytes.size()) + " bytes",
                to_string(type) + " takes " + std::to_string(bytes));
  }
  return data;
}

}  // namespace

ExternalFiles::ExternalFiles(const std::string& model_path)
    : folder_(std::filesystem::path(model_path).parent_path().string()) {}

std::shared_ptr<const MappedFile> ExternalFiles::open(std::string_view location, const std::string& where) {
  if (const auto found = files_.find(location); found != files_.end()) return found->second;
  const std::filesystem::path relative(location);
  const bool leaves =
      relative.is_absolute() || (!relative.empty() && *relative.lexically_normal().begin() == "..");
  if (leaves || relative.empty()) {
    throw Error(where, "its external data are in '" + std::string(location) + "'",
                "a file in the model's folder");
  }
  const std::filesystem::path path = std::filesystem::path(folder_) / relative;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    throw Error(where, "its external data are in '" + path.string() + "', which does not exist");
  }
  auto file = MappedFile::open(path.string());
  files_.emplace(location, file);
  return file;
}

ParsedTensor parse_tensor(std::string_view bytes, const std::shared_ptr<const MappedFile>& file,
                          ExternalFiles& external) {
  Fields fields = read_fields(bytes);
  const std::string where = file->path() + ": tensor '" + fields.name + "'";
  TensorType type = type_of(fields, where);
  ConstantData data = data_of(fields, type, file, external, where);
  return {std::move(fields.name), std::move(type), std::move(data)};
}

ParsedTensor parse_sparse_tensor(std::string_view bytes, const std::shared_ptr<const MappedFile>& file,
                                 ExternalFiles& external) {
  ParsedTensor tensor;
  Shape shape;
  protozero::pbf_message<SparseField> message(bytes.data(), bytes.size());
  while (message.next()) {
    switch (message.tag()) {
      case SparseField::values:
        tensor = parse_tensor(view(message.get_view()), file, external);
        break;
      case SparseField::dims:
        read_ints(message, [&](std::int64_t dim) { shape.emplace_back(dim); });
        break;
      default:
        message.skip();
    }
  }
  for (const Dim& dim : shape) {
    if (dim.number() < 0)
      throw Error(file->path() + ": tensor '" + tensor.name + "'", "has the size " + to_string(dim),
                  "0 or more");
  }
  tensor.type.shape = std::move(shape);
  tensor.data = {};  // the dense values are nowhere in the file
  return tensor;
}

}  // namespace foretime::onnx
