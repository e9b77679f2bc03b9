#pragma once

#include <string>

#include "api/compare.h"
#include "report/document.h"

namespace foretime::report {

/// `foretime.compare/1`, as docs/json.md describes it.
std::string compare_json(const api::CompareResult& result);
Document compare_document(const api::CompareResult& result);

}  // namespace foretime::report
