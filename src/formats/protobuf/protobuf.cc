#include "formats/protobuf/protobuf.h"

namespace foretime {
namespace {

struct WireTypeException : protozero::exception {
  const char* what() const noexcept override { return "a field is not of the wire type that belongs to it"; }
};

}  // namespace

void refuse_wire_type() {
  throw WireTypeException();
}

}  // namespace foretime
