#pragma once

#include <optional>
#include <string>
#include <vector>

#include "measure/contention.h"

namespace foretime {

/// The circumstances of a measurement. Measurements of different `cpu_signature` are never mixed.
struct Context {
  std::string cpu_signature;
  std::string kernel;  // of the system: "Linux 6.1.0 x86_64"
  std::string time;    // when it began, UTC: "2026-11-21T20:15:51Z"
  std::string tool_version;
  std::vector<int> processors;  // it was kept on, all launches together; empty: any
  MachineState before;
  MachineState after;
  double steal_percent = 0;  // of the processors' time, meanwhile
};

/// What is known before it begins.
Context begin_context(int processor);

/// "2026-11-21T20:15:51Z".
std::string utc_now();

}  // namespace foretime
