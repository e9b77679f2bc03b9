#pragma once

#include <string>

#include "api/measure.h"
#include "report/document.h"

namespace foretime::report {

/// `foretime.measure/1`, as docs/json.md describes it.
std::string measure_json(const api::MeasureResult& result);

/// A table of the models; of a single one its figures, a histogram and, where there are any, its kernels.
Document measure_document(const api::MeasureResult& result);

/// The values of a histogram as a table with bars.
Table histogram_table(const Histogram& bars);

}  // namespace foretime::report
