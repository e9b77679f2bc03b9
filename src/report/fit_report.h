#pragma once

#include <string>

#include "api/adapt.h"
#include "api/choose.h"
#include "api/export_data_set.h"
#include "api/fit.h"
#include "report/document.h"
#include "report/json_writer.h"

namespace foretime::report {

/// The keys that fit, adapt and calibrate share.
void write_fit(JsonWriter& json, const api::FitResult& result);

/// "foretime.fit/1" (docs/json.md).
std::string fit_json(const api::FitResult& result);
Document fit_document(const api::FitResult& result);

/// "foretime.adapt/1": as fit, and what was tried.
std::string adapt_json(const api::AdaptResult& result);
Document adapt_document(const api::AdaptResult& result);

/// "foretime.adapt/1" of --choose: the networks to measure instead.
std::string choose_json(const api::ChooseResult& result);
Document choose_document(const api::ChooseResult& result);

/// "foretime.evaluate/1". With `rows`: every network, too.
std::string evaluate_json(const api::EvaluateResult& result, bool rows);
Document evaluate_document(const api::EvaluateResult& result, bool rows);

/// "foretime.evaluate/1" of a protocol: its rows instead of a device's.
std::string protocol_json(const api::ProtocolReport& report);
Document protocol_document(const api::ProtocolReport& report);

/// "foretime.dataset/1": what was exported.
std::string export_json(const api::ExportResult& result);
Document export_document(const api::ExportResult& result);

}  // namespace foretime::report
