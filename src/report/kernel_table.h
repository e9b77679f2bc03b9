#pragma once

#include <vector>

#include "api/predict.h"
#include "report/document.h"

namespace foretime::report {

/// Kernels of one network on one device, with their share of the time where there are times.
Table kernel_table(const std::vector<api::KernelRow>& kernels);

}  // namespace foretime::report
