#pragma once

#include <string>

#include "api/sweep.h"
#include "report/document.h"

namespace foretime::report {

std::string sweep_json(const api::SweepResult& result);
std::string fusion_json(const api::FusionResult& result);
/// The rules as remarks of a document.
void add_rules(const std::string& rules, Document& document);
Document fusion_document(const api::FusionResult& result);

}  // namespace foretime::report
