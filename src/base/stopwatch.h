#pragma once

#include <chrono>

#include "base/units.h"

namespace foretime {

/// Time on the steady clock, which all processes of a machine share: since it started.
inline Milliseconds steady_now() {
  return {
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count()};
}

/// Wall time since construction, on the steady clock.
class Stopwatch {
 public:
  Milliseconds elapsed() const { return {steady_now().value - start_.value}; }

 private:
  Milliseconds start_ = steady_now();
};

}  // namespace foretime
