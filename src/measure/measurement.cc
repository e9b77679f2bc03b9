#include "measure/measurement.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>

namespace foretime {
namespace {

// A block whose reference kernel ran this much slower than in the fastest tenth of blocks ran at another
// clock: its samples are left out, if that leaves most of them. Where it does not, no state of the machine is
// the usual one. The kernel itself repeats within 0.5 % on a quiet machine.
constexpr double kOffClock = 1.05;

// Limits beyond which a number is called noisy; each reason names the flag that helps.
constexpr double kExcludedPercent = 30;  // of the samples: what is left may not be typical any more
constexpr double kWaitingPercent = 10;   // someone else computes on our processors much of the time
constexpr double kStealPercent = 5;
constexpr double kClockPercent = 10;    // corrected for, but caches and memory do not follow the clock
constexpr double kMemoryPercent = 50;   // neighbours at the shared cache; nothing can correct that
constexpr double kLaunchesPercent = 5;  // beyond the luck of where memory lies, which is 1 to 2 %
constexpr int kLaunches = 3;            // fewer say nothing about the spread between launches
constexpr std::size_t kSamples = 10;
// Beyond these nothing remains that deserves to be called a measurement.
constexpr double kRejectExcludedPercent = 90;
constexpr double kRejectHalfWidthPercent = 25;

constexpr double kConfidence = 0.95;
constexpr std::size_t kBars = 20;

std::string text(const char* format, double number) {
  std::array<char, 160> buffer{};
  std::snprintf(buffer.data(), buffer.size(), format, number);
  return buffer.data();
}

/// How far apart the slow and the fast end are, in percent; 0 without values.
double spread_percent(std::vector<double> values, double low, double high) {
  std::erase(values, 0.0);
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return (quantile(values, high) / quantile(values, low) - 1) * 100;
}

/// The samples that count; all where none would be left.
struct Kept {
  std::vector<double> all;
  std::map<int, std::vector<double>> launches;
};

Kept keep(const std::vector<BlockRecord>& records, bool only_calm) {
  const std::vector<std::uint8_t> drifted = off_clock(records);
  Kept kept;
  for (std::size_t r = 0; r < records.size(); ++r) {
    const SampleBlock& block = records[r].block;
    for (std::size_t i = 0; i < block.ms.size(); ++i) {
      if (only_calm && (drifted[r] != 0 || block.disturbed[i] != 0)) continue;
      kept.all.push_back(block.ms[i]);
      kept.launches[records[r].launch].push_back(block.ms[i]);
    }
  }
  return kept;
}

Disturbance disturbance_of(const std::vector<BlockRecord>& records) {
  Disturbance found;
  std::vector<double> compute;
  std::vector<double> memory;
  double wall = 0;
  double waited = 0;
  for (const BlockRecord& record : records) {
    compute.push_back(record.block.compute_us);
    memory.push_back(record.block.memory_us);
    wall += record.block.wall_ms;
    waited += record.block.counters.waited_ms;
    found.major_faults += record.block.counters.major_faults;
  }
  found.clock_percent = spread_percent(std::move(compute), 0.1, 0.9);
  found.memory_percent = spread_percent(std::move(memory), 0.1, 0.9);
  found.waiting_percent = wall > 0 ? waited / wall * 100 : 0;
  return found;
}

void find_reasons(const JudgeOptions& options, Measurement& m) {
  const Disturbance& d = m.disturbance;
  const auto noisy = [&](std::string reason) {
    m.verdict = std::max(m.verdict, Verdict::noisy);
    m.reasons.push_back(std::move(reason));
  };
  const auto rejected = [&](std::string reason) {
    m.verdict = Verdict::rejected;
    m.reasons.push_back(std::move(reason));
  };
  if (d.excluded_percent > kRejectExcludedPercent) {
    rejected(
        text("%.0f %% of the samples were disturbed by other programs: stop them, or --cpus with idle ones",
             d.excluded_percent));
  } else if (d.excluded_percent > kExcludedPercent) {
    noisy(
        text("%.0f %% of the samples were disturbed and left out: stop other programs, or --cpus with idle "
             "processors",
             d.excluded_percent));
  }
  if (m.launches < kLaunches) {
    noisy(text("only %.0f launches fitted in: they differ, so a larger --budget", m.launches));
  } else if (m.half_width_percent > kRejectHalfWidthPercent) {
    rejected(text("the launches differ so much that the median is known to ±%.0f %% only: a quieter machine",
                  m.half_width_percent));
  } else if (m.half_width_percent > options.target_percent) {
    noisy(text("the median is known to ±%.1f %% only: a larger --budget, or a wider --target",
               m.half_width_percent));
  }
  if (d.launches_percent > kLaunchesPercent && m.launches >= kLaunches) {
    noisy(text("launches differ by %.1f %%: each finds another place in memory or other neighbours",
               d.launches_percent));
  }
  if (m.iterations < kSamples) {
    noisy(text("only %.0f samples fitted in: a larger --budget", static_cast<double>(m.iterations)));
  }
  if (!options.warm) noisy("it was still getting faster when warming up ended: a larger --budget");
  if (options.self_timed) return;
  if (d.waiting_percent > kWaitingPercent) {
    noisy(text(
        "its threads waited for a processor %.0f %% of the time: stop other programs, or fewer --threads",
        d.waiting_percent));
  }
  if (d.steal_percent > kStealPercent) {
    noisy(text("the hypervisor took %.0f %% of the processors away: another time, or another host",
               d.steal_percent));
  }
  if (d.clock_percent > kClockPercent) {
    noisy(
        text("the clock moved by %.0f %%, or another thread shared the core: a fixed frequency (governor "
             "performance), "
             "--cooldown, or a machine of one's own",
             d.clock_percent));
  }
  if (d.memory_percent > kMemoryPercent) {
    noisy(text("reading memory took up to %.0f %% longer: neighbours use the same cache", d.memory_percent));
  }
  if (d.major_faults > 0) noisy("pages were read from disk while it ran: more free memory");
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  constexpr std::array<std::string_view, 3> kNames = {"trusted", "noisy", "rejected"};
  return kNames[static_cast<std::size_t>(verdict)];
}

std::vector<std::uint8_t> off_clock(const std::vector<BlockRecord>& records) {
  std::vector<double> compute;
  for (const BlockRecord& record : records) {
    if (record.block.compute_us > 0) compute.push_back(record.block.compute_us);
  }
  std::vector<std::uint8_t> off(records.size(), 0);
  if (compute.empty()) return off;
  std::sort(compute.begin(), compute.end());
  const double limit = quantile(compute, 0.1) * kOffClock;
  for (std::size_t i = 0; i < records.size(); ++i) off[i] = records[i].block.compute_us > limit ? 1 : 0;
  const auto left_out = std::count(off.begin(), off.end(), 1);
  if (2 * left_out > static_cast<std::ptrdiff_t>(off.size())) off.assign(off.size(), 0);
  return off;
}

Measurement judge(const std::vector<BlockRecord>& records, const JudgeOptions& options) {
  std::size_t samples = 0;
  int last_session = 0;
  for (const BlockRecord& record : records) {
    samples += record.block.ms.size();
    last_session = std::max(last_session, record.session);
  }
  Kept kept = keep(records, true);
  Measurement m;
  m.iterations = kept.all.size();
  m.excluded = samples - kept.all.size();
  if (kept.all.empty()) kept = keep(records, false);
  m.latency = summarise(kept.all);
  m.bars = histogram(kept.all, kBars);
  m.sessions = last_session + 1;
  m.launches = static_cast<int>(kept.launches.size());
  for (auto& [launch, times] : kept.launches) m.launch_medians.push_back(median(std::move(times)));

  double half = std::numeric_limits<double>::infinity();
  if (m.launches > 1) half = half_width(m.launch_medians, kConfidence);
  m.ci95 = {std::max(m.latency.median - half, 0.0), m.latency.median + half};
  m.half_width_percent = half / m.latency.median * 100;

  m.disturbance = disturbance_of(records);
  m.disturbance.excluded_percent = 100.0 * static_cast<double>(m.excluded) / static_cast<double>(samples);
  m.disturbance.steal_percent = options.steal_percent;
  m.disturbance.launches_percent = spread_percent(m.launch_medians, 0, 1);
  find_reasons(options, m);
  return m;
}

}  // namespace foretime
