#pragma once

#include <vector>

#include "api/predict.h"
#include "report/document.h"
#include "report/json_writer.h"

namespace foretime::report {

/// Kernels that a predecessor's rules found, with what it says of each.
Table foreign_kernel_table(const std::vector<api::KernelRow>& kernels);

/// The members of a kernel's `config` object.
void write_config(JsonWriter& json, const api::Config& config);

}  // namespace foretime::report
