#include "formats/onnx/type_proto.h"

#include <optional>
#include <utility>

#include "base/error.h"
#include "formats/onnx/onnx_fields.h"

namespace foretime::onnx {
namespace {

constexpr std::size_t kHighestRank = 64;

Shape parse_shape(std::string_view bytes, const ValueName& value) {
  Shape shape;
  auto message = message_of<ShapeField>(bytes);
  while (message.next(ShapeField::dim)) {
    std::optional<Dim> dim;
    auto fields = message_of<DimField>(view(message.get_view()));
    while (fields.next()) {
      switch (fields.tag()) {
        case DimField::dim_value:
          dim = Dim(fields.get_int64());
          if (*dim == Dim(-1)) dim.reset();  // how PaddlePaddle writes a size that is not known
          break;
        case DimField::dim_param: {
          std::string size = fields.get_string();
          if (!size.empty()) dim = Dim::named(std::move(size));
          break;
        }
        default:
          fields.skip();
      }
    }
    if (dim && dim->is_number() && dim->number() < -1) {
      throw Error(value.path, "'" + std::string(value.name) + "' has the size " + to_string(*dim),
                  "0 or more, a name, or -1 if not known");
    }
    const bool known = dim && *dim != Dim(-1);
    shape.push_back(known ? *dim : Dim::named("?"));
  }
  if (shape.size() > kHighestRank) {
    throw Error(value.path, "'" + std::string(value.name) + "' has rank " + std::to_string(shape.size()),
                "at most " + std::to_string(kHighestRank));
  }
  return shape;
}

TensorType type_at(std::string_view bytes, const ValueName& value, int depth) {
  TensorType type;
  if (depth > 4) return type;
  auto message = message_of<TypeField>(bytes);
  while (message.next()) {
    switch (message.tag()) {
      case TypeField::tensor:
      case TypeField::sparse_tensor: {
        auto tensor = message.get_message();
        protozero::pbf_message<TensorTypeField> fields(tensor);
        while (fields.next()) {
          switch (fields.tag()) {
            case TensorTypeField::elem_type: {
              const std::int32_t dtype = fields.get_int32();
              if (dtype > 0 && dtype < kDataTypes) type.dtype = static_cast<DataType>(dtype);
              break;
            }
            case TensorTypeField::shape:
              type.shape = parse_shape(view(fields.get_view()), value);
              break;
            default:
              fields.skip();
          }
        }
        break;
      }
      case TypeField::sequence:
      case TypeField::optional: {
        const bool sequence = message.tag() == TypeField::sequence;
        auto element = message_of<TensorTypeField>(view(message.get_view()));
        while (element.next(TensorTypeField::elem_type))
          type = type_at(view(element.get_view()), value, depth + 1);
        type.sequence = sequence || type.sequence;
        break;
      }
      default:
        message.skip();
    }
  }
  return type;
}

}  // namespace

TensorType parse_type(std::string_view bytes, const ValueName& value) {
  return type_at(bytes, value, 0);
}

}  // namespace foretime::onnx
