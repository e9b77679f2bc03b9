#pragma once

// One file per family of operators; each lists its specs. registry.cc joins them.

#include <span>

#include "ops/op_spec.h"

namespace foretime::ops {

std::span<const OpSpec> elementwise_specs();
std::span<const OpSpec> convolution_specs();
std::span<const OpSpec> pooling_specs();
std::span<const OpSpec> matmul_specs();
std::span<const OpSpec> normalization_specs();
std::span<const OpSpec> reduction_specs();
std::span<const OpSpec> layout_specs();
std::span<const OpSpec> indexing_specs();
std::span<const OpSpec> generator_specs();
std::span<const OpSpec> resize_specs();
std::span<const OpSpec> control_flow_specs();
std::span<const OpSpec> detection_specs();
std::span<const OpSpec> quantization_specs();
std::span<const OpSpec> attention_specs();
std::span<const OpSpec> recurrent_specs();
std::span<const OpSpec> sequence_specs();
std::span<const OpSpec> signal_specs();
std::span<const OpSpec> ml_specs();
std::span<const OpSpec> text_specs();
std::span<const OpSpec> tflite_specs();

}  // namespace foretime::ops
