#pragma once

#include <memory>
#include <span>
#include <string>

#include "runtimes/runtime.h"

namespace foretime::command {

/// See docs/measuring.md.
std::span<const RuntimeOption> options();

/// A session whose runs are runs of a command of the user's, which times the model and prints how long it
/// took: anywhere that a command reaches. Error: no command; a pattern that is none.
std::unique_ptr<Session> open(const SessionRequest& request);

/// The first group of the regular expression where it matches `output` last, or, without a pattern, the
/// number at the dotted path in the JSON value that `output` ends with. Error: there is none.
double find_number(const std::string& output, const std::string& pattern, const std::string& path);

/// `text` as one word for a shell.
std::string quoted(const std::string& text);

}  // namespace foretime::command
