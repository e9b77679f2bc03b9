#pragma once

// Options of operators, by their fields.

#include "formats/tflite/outgoing.h"

namespace foretime::tflite {

/// Of an operator whose options have no fields that matter.
inline Options plain(schema::BuiltinOptions kind) {
  return {kind, {}};
}

/// `create` is the schema's CreateX; `fields` its arguments.
template <typename Create, typename... Fields>
Options options_of(schema::BuiltinOptions kind, Create create, Fields... fields) {
  return {kind, [=](flatbuffers::FlatBufferBuilder& builder) { return create(builder, fields...).Union(); }};
}

inline Options fused_options(schema::BuiltinOptions kind, schema::Activation activation) {
  return options_of(kind, schema::CreateFusedOptions, activation);
}

}  // namespace foretime::tflite
