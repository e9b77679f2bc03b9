#pragma once

#include <memory>
#include <span>

#include "runtimes/runtime.h"

namespace foretime::openvino {

/// See docs/measuring.md.
std::span<const RuntimeOption> options();

/// A session of OpenVINO. Provider: a device that the library has a plugin for; CPU by default. It computes
/// in float32 unless asked otherwise, since its own default differs between processors; what it says it
/// computes in is what the description says. Error: the library is missing or lacks a function; it refuses
/// the model or a setting; it has no such device.
std::unique_ptr<Session> open(const SessionRequest& request);

}  // namespace foretime::openvino
