#include "formats/tflite/model_file.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/error.h"

namespace foretime::tflite {
namespace {

// Real models nest tables seven deep; the largest have some 200,000 (a tensor takes two or three).
constexpr int kDeepestTable = 16;
constexpr int kMostTables = 4'000'000;

struct TypeRow {
  schema::TensorType theirs;
  DataType ours;
};
constexpr std::array<TypeRow, 21> kTypes = {{
    {schema::TensorType::FLOAT32, DataType::float32},
    {schema::TensorType::FLOAT16, DataType::float16},
    {schema::TensorType::INT32, DataType::int32},
    {schema::TensorType::UINT8, DataType::uint8},
    {schema::TensorType::INT64, DataType::int64},
    {schema::TensorType::STRING, DataType::string},
    {schema::TensorType::BOOL, DataType::boolean},
    {schema::TensorType::INT16, DataType::int16},
    {schema::TensorType::COMPLEX64, DataType::complex64},
    {schema::TensorType::INT8, DataType::int8},
    {schema::TensorType::FLOAT64, DataType::float64},
    {schema::TensorType::COMPLEX128, DataType::complex128},
    {schema::TensorType::UINT64, DataType::uint64},
    {schema::TensorType::UINT32, DataType::uint32},
    {schema::TensorType::UINT16, DataType::uint16},
    {schema::TensorType::INT4, DataType::int4},
    {schema::TensorType::BFLOAT16, DataType::bfloat16},
    {schema::TensorType::INT2, DataType::int2},
    {schema::TensorType::UINT4, DataType::uint4},
    {schema::TensorType::FLOAT8_E4M3FN, DataType::float8e4m3fn},
    {schema::TensorType::FLOAT8_E5M2, DataType::float8e5m2},
}};

}  // namespace

const schema::Model& verified_model(const MappedFile& file) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(file.bytes().data());
  // Weights may lie behind the tables, beyond what their offsets reach.
  const std::size_t tables = std::min<std::size_t>(file.bytes().size(), FLATBUFFERS_MAX_BUFFER_SIZE - 1);
  flatbuffers::Verifier verifier(bytes, tables, kDeepestTable, kMostTables);
  if (!schema::VerifyModelBuffer(verifier)) {
    throw Error(file.path(), "the file is truncated or broken: an offset leads out of it",
                "a TFLite model of version 3");
  }
  return *schema::GetModel(bytes);
}

DataType data_type_of(schema::TensorType type) {
  for (const TypeRow& row : kTypes) {
    if (row.theirs == type) return row.ours;
  }
  return DataType::undefined;
}

schema::TensorType tensor_type_of(DataType type) {
  for (const TypeRow& row : kTypes) {
    if (row.ours == type) return row.theirs;
  }
  throw Error("data type " + std::string(name_of(type)), "TFLite has no such type");
}

std::span<const std::byte> bytes_of(const schema::Buffer& buffer, const MappedFile& file) {
  if (buffer.offset() > 1) {  // 1 stands for "will be filled in"
    const std::uint64_t size = file.bytes().size();
    if (buffer.offset() > size || buffer.size() > size - buffer.offset()) {
      throw Error(file.path(), "the file is truncated: a buffer of " + std::to_string(buffer.size()) +
                                   " bytes at " + std::to_string(buffer.offset()) + " ends behind it");
    }
    return file.bytes().subspan(buffer.offset(), buffer.size());
  }
  return std::as_bytes(elements(buffer.data()));
}

}  // namespace foretime::tflite
