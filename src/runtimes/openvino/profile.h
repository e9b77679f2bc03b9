#pragma once

#include <memory>

#include "runtimes/openvino/compiled.h"

namespace foretime::openvino {

/// Runs the model `runs` times with OpenVINO's counters on, in a session of its own, and finds for every
/// kernel the nodes of the model file it stands for. `plain`, a session of the same model without them, runs
/// in turns with it. Error: as a session.
KernelProfile profile(const std::shared_ptr<const Library>& library, const SessionRequest& request, int runs,
                      Compiled& plain);

}  // namespace foretime::openvino
