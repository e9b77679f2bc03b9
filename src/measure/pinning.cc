#include "measure/pinning.h"

#include <sched.h>

#include <algorithm>

namespace foretime {

std::vector<int> allowed_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> processors;
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return processors;
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(static_cast<std::size_t>(i), &set)) processors.push_back(i);
  }
  return processors;
}

bool pin_to(std::span<const int> processors) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int processor : processors) {
    if (processor < 0 || processor >= CPU_SETSIZE) return false;
    CPU_SET(static_cast<std::size_t>(processor), &set);
  }
  return ::sched_setaffinity(0, sizeof set, &set) == 0;
}

std::vector<int> least_busy(std::span<const int> allowed, std::size_t count,
                            std::span<const ProcessorTicks> before, std::span<const ProcessorTicks> after) {
  std::vector<int> chosen(allowed.begin(), allowed.end());
  const auto busy = [&](int processor) {
    const auto at = static_cast<std::size_t>(processor);
    return at < before.size() && at < after.size() ? after[at].busy - before[at].busy : 0;
  };
  std::sort(chosen.begin(), chosen.end(),
            [&](int a, int b) { return busy(a) != busy(b) ? busy(a) < busy(b) : a > b; });
  chosen.resize(std::min(count, chosen.size()));
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace foretime
