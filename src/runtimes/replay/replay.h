#pragma once

#include <memory>
#include <span>

#include "runtimes/runtime.h"

namespace foretime::replay {

/// See docs/measuring.md.
std::span<const RuntimeOption> options();

/// A session whose runs take the times that were recorded, one after the other and from the front again, on
/// whatever model: tests and demonstrations without a device. The recording is JSON, {"samples_ms": […]},
/// with "version" if known; `foretime measurements show ID --format json` prints such an object. Error: no
/// recording; one without times.
std::unique_ptr<Session> open(const SessionRequest& request);

}  // namespace foretime::replay
