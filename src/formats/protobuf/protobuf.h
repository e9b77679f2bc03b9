#pragma once

// protozero, made safe against files: include this instead of its headers. protozero asserts that a field is
// read as the wire type that it has, which here the file decides. So its assertions are exceptions, in every
// build.

#include <string_view>

namespace foretime {

/// Throws a protozero::exception.
[[noreturn]] void refuse_wire_type();

}  // namespace foretime

#ifdef protozero_assert
#error "include formats/protobuf/protobuf.h before protozero's headers"
#endif
#define protozero_assert(condition) ((condition) ? void() : ::foretime::refuse_wire_type())

#include <protozero/pbf_builder.hpp>
#include <protozero/pbf_message.hpp>
#include <protozero/pbf_reader.hpp>

namespace foretime {

inline std::string_view view(const protozero::data_view& data) {
  return {data.data(), data.size()};
}

template <typename Tag>
protozero::pbf_message<Tag> message_of(std::string_view bytes) {
  return protozero::pbf_message<Tag>(bytes.data(), bytes.size());
}

}  // namespace foretime
