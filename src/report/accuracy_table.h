#pragma once

#include <string>

#include "device/device_profile.h"
#include "report/document.h"
#include "report/json_writer.h"

namespace foretime::report {

/// The columns of a table of accuracy; the first one is called `what`.
std::vector<Column> accuracy_columns(const std::string& what);
Row accuracy_row(const std::string& name, const AccuracyFigures& figures);

/// The fields of the figures, into an object that is open.
void write_figures(JsonWriter& json, const AccuracyFigures& figures);

}  // namespace foretime::report
