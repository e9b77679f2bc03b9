#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"

namespace foretime::cli {

/// What a value may be: for completion, and for messages about a wrong one.
enum class Values {
  none,
  anything,
  file,
  model,
  network,
  device,
  format,
  model_format,
  color,
  rules,
  compat,
  mapping,
  layers,
  weights,
  protocol,
  runtime,
  inputs,
  kind,
  sampling,
  shell
};

/// One flag. Verbs share them, so that a name means the same everywhere.
struct Flag {
  std::string_view name;   // "--format"
  std::string_view value;  // what help calls its value; empty: a switch
  Values values = Values::none;
  std::string_view what;                              // "{}" in it stands for the words it takes
  void (*set)(Arguments&, const std::string& value);  // UsageError: not a value of this flag
};

std::span<const Flag> flags();

/// REQUIRES: there is one of that name.
const Flag& flag_named(std::string_view name);

/// The values that are a short list of words; empty for others.
std::vector<std::string> choices(Values values);

}  // namespace foretime::cli
