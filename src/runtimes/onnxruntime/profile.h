#pragma once

#include <memory>

#include "runtimes/onnxruntime/loaded.h"
#include "runtimes/runtime.h"

namespace foretime::ort {

/// Runs the model `runs` times in a session of its own with ONNX Runtime's profiler on, and finds for every
/// kernel that ran the nodes of the model file it stands for. `plain`, a session of the same model without
/// it, runs in turns with it. Error: as a session; the profile cannot be written or read.
KernelProfile profile(const std::shared_ptr<const Library>& library, const SessionRequest& request, int runs,
                      Loaded& plain);

}  // namespace foretime::ort
