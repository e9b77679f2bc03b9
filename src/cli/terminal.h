#pragma once

// The only place that writes to stdout and stderr.

#include <string>
#include <string_view>

#include "api/model.h"
#include "base/diagnostics.h"
#include "cli/arguments.h"
#include "report/document.h"

namespace foretime::cli {

/// Prints a document as the arguments ask for (any format but JSON); notes go to stderr where the format has
/// no room for them. UsageError: a column that the document does not have.
void show_document(const Arguments& arguments, report::Document document);

/// Puts a result where it belongs: a file, whole or not at all, or stdout. Error: it cannot be written.
void write_result(const Arguments& arguments, std::string_view text);

/// Diagnostics on stderr, grouped, unless --quiet.
void write_notes(const Arguments& arguments, const Diagnostics& diagnostics);

/// A line on stderr: "foretime: …".
void write_error(std::string_view message);

/// With --stats: where our own time went.
void write_stats(const Arguments& arguments, const api::Stages& stages);

}  // namespace foretime::cli
