#pragma once

// Parts that several verbs' JSON documents have in common.

#include <string_view>
#include <vector>

#include "api/model.h"
#include "api/predict.h"
#include "report/json_writer.h"

namespace foretime::report {

/// Opens a verb's document: schema and version of the program.
JsonWriter begin_document(std::string_view verb);

void write_tensors(JsonWriter& json, std::string_view key, const std::vector<api::TensorInfo>& tensors);
void write_kernels(JsonWriter& json, const std::vector<api::KernelRow>& kernels);
void write_diagnostics(JsonWriter& json, const Diagnostics& diagnostics);
void write_failures(JsonWriter& json, const std::vector<api::Failure>& failures);

}  // namespace foretime::report
