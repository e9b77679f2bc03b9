#pragma once

#include <memory>
#include <span>

#include "runtimes/runtime.h"

namespace foretime::ort {

/// See docs/measuring.md.
std::span<const RuntimeOption> options();

/// A session of ONNX Runtime 1.12 or newer. Error: its library is missing or too old; it refuses the model;
/// the library was built without the provider.
std::unique_ptr<Session> open(const SessionRequest& request);

}  // namespace foretime::ort
