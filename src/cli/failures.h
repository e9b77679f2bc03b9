#pragma once

#include <vector>

#include "api/model.h"

namespace foretime::cli {

/// Names each on stderr. The exit code: 3, or 0 when nothing failed.
int report_failures(const std::vector<api::Failure>& failures);

}  // namespace foretime::cli
