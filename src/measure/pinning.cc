#include "measure/pinning.h"

#include <sched.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>

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

namespace {

std::optional<cpu_set_t> set_of(std::span<const int> processors) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int processor : processors) {
    if (processor < 0 || processor >= CPU_SETSIZE) return std::nullopt;
    CPU_SET(static_cast<std::size_t>(processor), &set);
  }
  return set;
}

}  // namespace

bool pin_to(std::span<const int> processors) {
  const auto set = set_of(processors);
  return set && ::sched_setaffinity(0, sizeof *set, &*set) == 0;
}

bool move_process(int id, std::span<const int> processors) {
  const auto set = set_of(processors);
  if (!set) return false;
  bool moved = true;
  std::error_code error;
  for (std::filesystem::directory_iterator task("/proc/" + std::to_string(id) + "/task", error), end;
       !error && task != end; task.increment(error)) {
    const int thread = std::stoi(task->path().filename().string());
    moved = ::sched_setaffinity(thread, sizeof *set, &*set) == 0 && moved;
  }
  return moved && !error;
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
