#pragma once

#include <chrono>

#include "base/units.h"

namespace foretime {

/// Wall time since construction, on the steady clock.
class Stopwatch {
 public:
  Milliseconds elapsed() const {
    return {std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count()};
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace foretime
