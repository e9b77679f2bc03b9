#include "measure/contention.h"

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace foretime {
namespace {

namespace fs = std::filesystem;

/// Time that all threads of this process waited on a run queue, in ms.
double waited_ms() {
  double sum = 0;
  std::error_code error;
  for (fs::directory_iterator task("/proc/self/task", error), end; !error && task != end;
       task.increment(error)) {
    std::ifstream file(task->path() / "schedstat");
    double ran = 0;
    double waited = 0;
    if (file >> ran >> waited) sum += waited / 1e6;
  }
  return sum;
}

std::optional<double> number_in(const fs::path& path) {
  std::ifstream file(path);
  double number = 0;
  if (file >> number) return number;
  return std::nullopt;
}

std::optional<double> hottest(const fs::path& zones) {
  std::optional<double> most;
  std::error_code error;
  for (fs::directory_iterator zone(zones, error), end; !error && zone != end; zone.increment(error)) {
    const auto milli = number_in(zone->path() / "temp");
    if (milli && (!most || *milli / 1e3 > *most)) most = *milli / 1e3;
  }
  return most;
}

double process_cpu_ms() {
  timespec cpu{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
  return static_cast<double>(cpu.tv_sec) * 1e3 + static_cast<double>(cpu.tv_nsec) / 1e6;
}

std::int64_t involuntary_switches() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_nivcsw;
}

}  // namespace

KeptProcessor::KeptProcessor(int threads) : threads_(threads) {
  if (threads > 1) {
    involuntary_ = involuntary_switches();
  } else {
    cpu_ms_ = process_cpu_ms();
  }
}

double KeptProcessor::taken_ms(double wall_ms, std::size_t beats) const {
  if (threads_ > 1) {
    return involuntary_switches() - involuntary_ > static_cast<std::int64_t>(beats) ? wall_ms : 0;
  }
  return std::max(wall_ms - (process_cpu_ms() - cpu_ms_), 0.0);
}

ProcessCounters read_process_counters() {
  ProcessCounters counters;
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  counters.involuntary = usage.ru_nivcsw;
  counters.voluntary = usage.ru_nvcsw;
  counters.minor_faults = usage.ru_minflt;
  counters.major_faults = usage.ru_majflt;
  counters.cpu_ms = process_cpu_ms();
  counters.waited_ms = waited_ms();
  return counters;
}

ProcessCounters operator-(const ProcessCounters& after, const ProcessCounters& before) {
  return {after.cpu_ms - before.cpu_ms,
          after.waited_ms - before.waited_ms,
          after.involuntary - before.involuntary,
          after.voluntary - before.voluntary,
          after.minor_faults - before.minor_faults,
          after.major_faults - before.major_faults};
}

ProcessCounters& operator+=(ProcessCounters& sum, const ProcessCounters& more) {
  sum.cpu_ms += more.cpu_ms;
  sum.waited_ms += more.waited_ms;
  sum.involuntary += more.involuntary;
  sum.voluntary += more.voluntary;
  sum.minor_faults += more.minor_faults;
  sum.major_faults += more.major_faults;
  return sum;
}

std::vector<ProcessorTicks> parse_processor_ticks(const std::string& text) {
  std::vector<ProcessorTicks> processors;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("cpu") || line.size() < 4 || line[3] == ' ') continue;
    std::istringstream fields(line);
    std::string name;
    // In this order; guest time is part of user time.
    std::int64_t user = 0, nice = 0, system = 0, idle = 0, disk = 0, hard = 0, soft = 0, steal = 0;
    fields >> name >> user >> nice >> system >> idle >> disk >> hard >> soft >> steal;
    const std::int64_t busy = user + nice + system + hard + soft + steal;
    processors.push_back({busy, steal, busy + idle + disk});
  }
  return processors;
}

std::vector<ProcessorTicks> read_processor_ticks() {
  std::ostringstream text;
  text << std::ifstream("/proc/stat").rdbuf();
  return parse_processor_ticks(text.str());
}

MachineState read_machine_state(int processor, const std::string& root) {
  MachineState state;
  const fs::path base(root);
  state.load = number_in(base / "proc/loadavg");
  const fs::path frequency =
      base / "sys/devices/system/cpu" / ("cpu" + std::to_string(processor)) / "cpufreq";
  if (const auto khz = number_in(frequency / "scaling_cur_freq")) state.frequency_mhz = *khz / 1e3;
  std::string governor;
  if (std::ifstream(frequency / "scaling_governor") >> governor) state.governor = governor;
  state.temperature_celsius = hottest(base / "sys/class/thermal");
  return state;
}

}  // namespace foretime
